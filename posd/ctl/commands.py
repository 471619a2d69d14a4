"""What each command does: ask posd, then show the answer. Each gives its exit code; PosdError and UsageError are
`run`'s to tell.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from posd import client
from posd.ctl import casework, completion, counter, explain, pin, shifts, signatures, tables
from posd.ctl.codes import DONE, FAULT, REFUSED
from posd.ctl.context import Context, as_json, waited
from posd.ctl.files import UsageError, read_transaction, write_whole
from posd.domain import views
from posd.domain.signature import SignatureFormat

_EVENTS_SHOWN = 20
_EVENTS_IDLE_S = 2.0
_ENDED = {"printed": DONE, "unknown": FAULT, "cancelled": REFUSED}
"""States of a slip in which nothing more is to be waited for -> exit code."""
_SUFFIXES = {
    ".txt": "text",
    ".png": "png",
    ".svg": "svg",
    ".pdf": "pdf",
    ".jbg": "jbig",
    ".jbig": "jbig",
    ".sdi": "iso19794-7",
    ".strokes": "strokes",
}


def status(context: Context) -> int:
    """The one look at everything; with --check its exit code says whether all is ready."""
    with context.connect() as posd:
        result = posd.status()
    context.answer(result, lambda: context.shown.status(result))
    return FAULT if context.args.check and result.state != "ready" else DONE


def devices(context: Context) -> int:
    """Printer, pad, keypad."""
    with context.connect() as posd:
        result = posd.devices()
    return context.answer(
        result,
        lambda: "\n\n".join(
            filter(None, [context.shown.devices(result.devices), context.shown.statistics(result.devices)])
        ),
    )


def selftest(context: Context) -> int:
    """The printer's self-test slip."""
    args, say = context.args, context.say

    def ask() -> views.Selftested:
        return posd.selftest(key=args.key)

    def text(answer: views.Selftested) -> str:
        return say(
            f"The self-test is {answer.state}, job {answer.job}.",
            f"自检：{say.word(answer.state)}，作业 {answer.job}。",
        )

    with context.connect() as posd:
        return waited(
            context, posd, ask, ("job", lambda answer: answer.job), text, lambda answer: _ENDED.get(answer.state)
        )


def confirm_clock(context: Context) -> int:
    """A supervisor says that the box's clock is right."""
    with context.connect() as posd:
        result = posd.confirm_clock()
    shown = tables.local(result.time)
    return context.answer(result, lambda: context.say(f"The clock is trusted: {shown}.", f"时钟已确认：{shown}。"))


def journal(context: Context) -> int:
    """The journal and its files."""
    from posd.ctl import journals

    return journals.command(context)


def exceptions(context: Context) -> int:
    """What did not end as it should."""
    args = context.args
    with context.connect() as posd:
        result = posd.exceptions(args.state, args.limit, args.after)
    more = f"\n--after {result.next}" if result.next else ""
    return context.answer(result, lambda: context.shown.exceptions(result.exceptions) + more)


def events(context: Context) -> int:
    """Events of the past, and live ones with --follow."""
    args = context.args
    with context.connect() as posd:
        newest = posd.hello().seq
        start = args.from_ if args.from_ is not None else max(newest - _EVENTS_SHOWN + 1, 0)
        if start > newest and not args.follow:
            return DONE
        for event in posd.events(start, idle_s=None if args.follow else _EVENTS_IDLE_S):
            line = msgspec.json.encode(event).decode() if args.json else context.shown.event(event)
            print(line, file=context.out, flush=args.follow)
            if not args.follow and event.seq >= newest:
                break
    return DONE


def submit(context: Context) -> int:
    """Hand over a transaction."""
    transaction = read_transaction(context.args.file)
    with context.connect() as posd:
        result = posd.submit(transaction)
    return context.answer(result, lambda: context.shown.submitted(result))


def show(context: Context) -> int:
    """One transaction; with --copies its slips side by side."""
    args = context.args
    if not args.copies and (args.format is not None or args.output is not None or args.copy is not None):
        raise UsageError(
            context.say(
                "--copy, -o and the options for formats go with --copies.", "--copy、-o 和格式选项须与 --copies 同用。"
            )
        )
    with context.connect() as posd:
        result = posd.get(args.id)
        if not args.copies:
            return context.answer(result, lambda: context.shown.found(result))
        from posd.ctl import copies

        format = _format(context, "text", ("text", "png", "svg", "pdf"))
        shown = copies.gathered(context, posd, result.state, format)
    if args.json and args.output is None:
        return context.answer({"id": result.id, "copies": shown}, str)
    return _give(context, shown, copies.together(shown, format, context.say), binary=format in {"png", "pdf"})


def search(context: Context) -> int:
    """Find transactions."""
    args = context.args
    with context.connect() as posd:
        result = posd.search(
            since=args.since,
            until=args.until,
            type=args.type,
            amount=args.amount,
            last_four=args.last_four,
            receipt=args.receipt,
            open=args.open,
            limit=args.limit,
            after=args.after,
        )
    return context.answer(result, lambda: context.shown.search(result))


def reprint(context: Context) -> int:
    """A copy again."""
    args, say = context.args, context.say

    def ask() -> views.Reprinted:
        return posd.reprint(
            args.id,
            copy=args.copy,
            reason=args.reason,
            note=args.note,
            key=args.key,
            amount=args.amount,
            type=args.type,
            last_four=args.last_four,
            receipt=args.receipt,
            date=args.date,
            wait_for_supervisor=args.ask_supervisor,
        )

    def text(answer: views.Reprinted) -> str:
        if answer.state == "waiting-approval":
            return say(
                f"It waits for a supervisor: posctl approve {answer.job}", f"等待主管授权：posctl approve {answer.job}"
            )
        if not answer.number:
            return say(
                f"The original had not come out; it is {answer.state}, job {answer.job}.",
                f"原件尚未打出；{say.word(answer.state)}，作业 {answer.job}。",
            )
        return say(
            f"Copy {answer.number} is {answer.state}, job {answer.job}.",
            f"第 {answer.number} 次重打印：{say.word(answer.state)}，作业 {answer.job}。",
        )

    with context.connect() as posd:
        return waited(
            context, posd, ask, ("job", lambda answer: answer.job), text, lambda answer: _ENDED.get(answer.state)
        )


def settle(context: Context) -> int:
    """Say whether a copy came out."""
    args, say = context.args, context.say
    with context.connect() as posd:
        copy, number = args.copy, args.number
        if copy is None or number is None:
            copy, number = _the_unknown_one(context, posd)
        result = posd.settle(args.id, copy, number, args.printed)
    said = say("came out", "已打印出来") if args.printed else say("did not come out", "没有打印出来")
    head = say(
        f"Recorded: copy {copy} {number} of {result.id} {said}.",
        f"已记录：{result.id} 的{say.word(copy)} {number} {said}。",
    )
    return context.answer(result, lambda: f"{head}\n\n{context.shown.state(result.state)}")


def _the_unknown_one(context: Context, posd: client.Client) -> tuple[Any, int]:
    """The copy that is meant where the command line leaves it open: the only unknown one. PosdError `conflict` if there
    is none, UsageError if there are several.
    """
    args = context.args
    copies = [
        (copy.copy, copy.number)
        for copy in posd.get(args.id).state.copies
        if copy.state == "unknown" and args.copy in {None, copy.copy} and args.number in {None, copy.number}
    ]
    if not copies:
        words = context.say(
            "no copy of it is unknown. Nothing was settled; posctl show says how each copy stands.",
            "没有哪一联结果不确定。未作更改；posctl show 显示各联状态。",
        )
        raise client.PosdError("conflict", words)
    if len(copies) > 1:
        found = ", ".join(f"--copy {copy} --number {number}" for copy, number in copies)
        raise UsageError(
            context.say(
                f"several copies are unknown ({found}). Nothing was settled; name the one that is meant.",
                f"有多联结果不确定（{found}）。未作更改；请指明是哪一联。",
            )
        )
    return copies[0]


def preview(context: Context) -> int:
    """A copy without paper, or a sample of a template."""
    args, say = context.args, context.say
    format = _format(context, "text", ("text", "png", "svg", "pdf"))
    samples = [name for name in ("type", "locale", "width", "config") if getattr(args, name) is not None]
    if (args.id is None) == (args.template is None):
        raise UsageError(
            say("name a transaction's ID, or --template FILE.", "请给出交易号，或用 --template 指定模板。")
        )
    if args.template is not None:
        from posd.ctl import sample

        result = sample.previewed(args, format)
    elif samples:
        raise UsageError(say(f"--{samples[0]} goes with --template.", f"--{samples[0]} 须与 --template 同用。"))
    else:
        with context.connect() as posd:
            result = posd.preview(args.id, args.copy, format)
    return _give(context, result, result.data, binary=format in {"png", "pdf"})


def signature(context: Context) -> int:
    """A signature's facts or picture."""
    args = context.args
    format = _format(context, "svg", get_args(SignatureFormat))
    with context.connect() as posd:
        result = posd.signature(args.id, format, args.number)
    if args.output is None and (args.json or args.format is None):
        return context.answer(result, lambda: context.shown.signature(result))
    return _give(context, result, result.data, binary=format != "svg")


def _format(context: Context, default: str, formats: tuple[str, ...]) -> Any:
    """The format that was asked for: by its option, by the ending of the file, or the default. UsageError for an ending
    that no format has: the file would hold something else than its name says.
    """
    args = context.args
    ending = Path(args.output).suffix.lower() if args.output else ""
    if args.format or not ending:
        return args.format or default
    endings = {suffix: format for suffix, format in _SUFFIXES.items() if format in formats}
    if ending not in endings:
        known = ", ".join(endings)
        raise UsageError(
            context.say(
                f"no format ends in {ending}: write one of {known}, or name it (--{default}). Nothing was written.",
                f"没有以 {ending} 结尾的格式：请用 {known}，或指明格式（--{default}）。未写入任何内容。",
            )
        )
    return endings[ending]


def _give(context: Context, result: object, data: str, *, binary: bool) -> int:
    """Write what was asked for to the file, or to standard output where that can take it."""
    args, say = context.args, context.say
    body = base64.b64decode(data) if binary else data.encode()
    if args.output is not None:
        write_whole(Path(args.output), body)
        context.tell(
            as_json({"file": args.output, "bytes": len(body)})
            if args.json
            else say(f"{args.output}: {len(body)} bytes", f"{args.output}：{len(body)} 字节")
        )
        return DONE
    if args.json:
        return context.answer(result, str)
    if not binary:
        print(data, file=context.out, end="" if data.endswith("\n") else "\n")
        return DONE
    if context.out.isatty():
        raise UsageError(
            say(
                "a picture is no text for a terminal; name a file with -o FILE.",
                "图片不能显示在终端上；请用 -o FILE 指定文件。",
            )
        )
    context.out.flush()
    context.out.buffer.write(body)
    return DONE


def terms(context: Context) -> int:
    """Until when and how often."""
    with context.connect() as posd:
        result = posd.terms(context.args.id, context.args.copy)
    return context.answer(result, lambda: context.shown.terms(result))


def evidence(context: Context) -> int:
    """A bundle of evidence."""
    from posd.ctl import evidence as bundles

    return bundles.evidence(context)


def doctor(context: Context) -> int:
    """Look at the box itself."""
    from posd.ctl import doctor as examination

    return examination.command(context)


def complete(context: Context) -> int:
    """A shell's completion."""
    from posd.ctl.arguments import parser

    context.tell(completion.script(context.args.shell, parser(context.say)))
    return DONE


COMMANDS: dict[str, Callable[[Context], int]] = {
    "status": status,
    "devices": devices,
    "selftest": selftest,
    "confirm-clock": confirm_clock,
    "journal": journal,
    "exceptions": exceptions,
    "exception": casework.exception,
    "shift": shifts.shift,
    "pin": pin.pin,
    "approve": counter.approve,
    "withdraw": counter.withdraw,
    "request": counter.request,
    "evidence": evidence,
    "events": events,
    "submit": submit,
    "show": show,
    "search": search,
    "reprint": reprint,
    "settle": settle,
    "preview": preview,
    "terms": terms,
    "resign": signatures.resign,
    "void": signatures.void,
    "skip": signatures.skip,
    "attest": signatures.attest,
    "signature": signature,
    "explain": explain.explain,
    "doctor": doctor,
    "completion": complete,
}
