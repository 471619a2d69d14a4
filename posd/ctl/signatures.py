"""The commands about signatures: taken again, declared wrong, given on paper."""

from __future__ import annotations

from posd.ctl.codes import DONE
from posd.ctl.context import Context, waited
from posd.domain import views


def resign(context: Context) -> int:
    """Take a signature again."""
    args, say = context.args, context.say

    def ask() -> views.Resigned:
        return posd.resign(args.id, reason=args.reason, key=args.key)

    def text(answer: views.Resigned) -> str:
        return say(
            f"The pad asks for the signature now: session {answer.session}, version {answer.version}, {answer.state}.",
            f"签名板正在请求签名：会话 {answer.session}，第 {answer.version} 版，{say.word(answer.state)}。",
        )

    with context.connect() as posd:
        signed = {"captured": DONE}
        return waited(
            context,
            posd,
            ask,
            ("session", lambda answer: answer.session),
            text,
            lambda answer: signed.get(answer.state),
        )


def skip(context: Context) -> int:
    """Wait for a signature no longer."""
    args, say = context.args, context.say
    with context.connect() as posd:
        result = posd.skip(args.id, args.reason)
    if result.state.signature.state == "awaiting":
        head = say(
            f"The pad is told to give {result.id} up; what the customer had confirmed by then counts.",
            f"已让签名板放弃 {result.id}；客户若已确认，签名仍然有效。",
        )
    else:
        head = say(
            f"{result.id} waits for no signature any more; its slip has a line to sign on.",
            f"{result.id} 不再等待签名；小票上有签名线。",
        )
    return context.answer(result, lambda: f"{head}\n\n{context.shown.state(result.state)}")


def void(context: Context) -> int:
    """Say that the newest signature is wrong."""
    args, say = context.args, context.say
    with context.connect() as posd:
        result = posd.void(args.id, args.reason, cause=args.cause, key=args.key)
    which = say(f"version {result.voided}", f"第 {result.voided} 版") if result.voided else say("on paper", "纸面签名")
    head = say(f"The signature of {result.id} ({which}) counts no more.", f"{result.id} 的签名（{which}）已作废。")
    if result.session is not None:
        then = say(" The pad asks for another now.", "签名板正在请求重签。")
    else:
        then = say(
            " Take another with posctl resign, or record one on paper with posctl attest.",
            "请用 posctl resign 重签，或用 posctl attest 登记纸面签名。",
        )
    return context.answer(result, lambda: f"{head}{then}\n\n{context.shown.state(result.state)}")


def attest(context: Context) -> int:
    """Say that the slip was signed by hand."""
    args, say = context.args, context.say
    with context.connect() as posd:
        result = posd.attest(args.id, args.signed_by, signed=args.signed, key=args.key)
    head = say(
        f"Recorded: {result.id} was signed by hand by {args.signed_by}.",
        f"已登记：{result.id} 由 {args.signed_by} 手写签名。",
    )
    return context.answer(result, lambda: f"{head}\n\n{context.shown.state(result.state)}")
