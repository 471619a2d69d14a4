"""The commands about requests for copies: how one stands, and those that wait for a supervisor or for the printer."""

from __future__ import annotations

from posd.ctl.context import Context
from posd.ctl.history import why
from posd.ctl.options import Commands, command, everywhere
from posd.ctl.tables import local, table
from posd.ctl.telling import told
from posd.ctl.words import Say
from posd.domain import views


def add(commands: Commands, say: Say) -> None:
    """`posctl approve`, `posctl withdraw`, `posctl request`."""
    made = command(
        commands,
        say,
        "approve",
        (
            "List the copies that wait for a supervisor, or approve or decline one.",
            "列出等待主管授权的重打印，或授权、拒绝其一。",
        ),
        "approve",
        "approve r105",
        "approve r105 --decline",
    )
    made.add_argument("job", nargs="?", metavar="REQUEST", help=say("as the list names it", "列表中的请求号"))
    made.add_argument("--decline", action="store_true", help=say("it is not to be printed", "不予打印"))
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "withdraw",
        ("Withdraw a copy that is not on the printer yet.", "撤销尚未开始打印的重打印。"),
        "withdraw 000042-c1",
    )
    made.add_argument(
        "job", metavar="JOB", help=say("of the copy, or of the request that waits", "重打印的作业号或请求号")
    )
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "request",
        ("Show how a request for a copy stands, a refused one too.", "显示一次重打印请求的状态，包括被拒绝的。"),
        "request r105",
        "request 000042-c1",
    )
    shown = say("its name, or the job of its copy", "请求号，或其作业号")
    made.add_argument("request", metavar="REQUEST", help=shown)
    everywhere(made, say, top=False)


def request(context: Context) -> int:
    """How one stands."""
    with context.connect() as posd:
        standing = posd.request(context.args.request)
    return context.answer(standing, lambda: _standing(standing, context.say))


def approve(context: Context) -> int:
    """A supervisor's word, or what waits for it."""
    args, say = context.args, context.say
    with context.connect() as posd:
        if args.job is None:
            waiting = posd.waiting_reprints()
            return context.answer(waiting, lambda: _listed(waiting, say))
        made = posd.approve(args.job, not args.decline)
    return context.answer(made, lambda: _stands(made, say))


def withdraw(context: Context) -> int:
    """Take it back."""
    with context.connect() as posd:
        made = posd.withdraw(context.args.job)
    return context.answer(made, lambda: _stands(made, context.say))


def _standing(one: views.RequestStanding, say: Say) -> str:
    rows = [
        [say("state", "状态"), say.word(one.state, "request")],
        [say("transaction", "交易"), one.id or "-"],
        [say("copy", "联"), say.word(one.copy) + (f" {one.number}" if one.number else "")],
        [say("reason", "原因"), why(one.reason, one.note, say)],
        [say("asked", "请求于"), local(one.asked)],
        [say("by", "请求人"), told(say, one.by)],
    ]
    if one.kind:
        words = say(f"{one.kind}: ", f"{say.word(one.kind)}：") + told(say, one.message)
        rows.append([say("refused as", "拒绝原因"), words])
    if one.until:
        rows.append([say("until", "时限"), local(one.until)])
    if one.job:
        rows.append([say("job", "作业"), one.job])
    if one.changed:
        rows.append([say("changed", "变更于"), local(one.changed)])
    if one.prints_at:
        rows.append([say("out about", "预计打出"), local(one.prints_at)])
    return table([say("REQUEST", "请求"), one.request], rows)


def _stands(made: views.Reprinted, say: Say) -> str:
    words = {
        "declined": say("declined; nothing prints", "已拒绝，不打印"),
        "cancelled": say("withdrawn; nothing prints", "已撤销，不打印"),
    }
    about = say(f", out about {local(made.prints_at)}", f"，约 {local(made.prints_at)} 打出") if made.prints_at else ""
    return f"{made.job}: {words.get(made.state) or say.word(made.state)}{about}"


def _listed(waiting: views.RequestList, say: Say) -> str:
    if not waiting.requests:
        return say("No copy waits for a supervisor.", "没有等待主管授权的重打印。")
    head = say(
        "REQUEST ASKED TRANSACTION RECEIPT COPY TOTAL REASON BY", "请求 申请于 交易 小票号 联 金额 原因 申请人"
    ).split()
    rows = [
        [
            one.job,
            local(one.asked),
            one.id,
            one.receipt,
            say.word(one.copy),
            f"{one.total} {one.currency}",
            why(one.reason, one.note, say),
            told(say, one.by),
        ]
        for one in waiting.requests
    ]
    return table(head, rows, right=[5])
