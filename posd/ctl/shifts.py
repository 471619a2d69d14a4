"""The command about the shift: who has it, open, hand over."""

from __future__ import annotations

from posd.ctl.context import Context
from posd.ctl.options import Commands, command, everywhere, own_key
from posd.ctl.tables import local, table
from posd.ctl.words import Say
from posd.domain import views


def add(commands: Commands, say: Say) -> None:
    """`posctl shift show|open|close`."""
    made = command(
        commands,
        say,
        "shift",
        ("Show the shift, open one, or hand over.", "显示班次、开班或交班。"),
        "shift",
        "shift open 07 --confirms h911",
        "shift close",
    )
    below = made.add_subparsers(
        dest="what",
        metavar="WHAT",
        title=say("what to do", "操作"),
        help=say("one of these", "其中之一"),
    )
    shown = command(below, say, "show", ("Show the newest shift.", "显示最近的班次。"), "shift show")
    opened = command(
        below,
        say,
        "open",
        ("Begin a shift, and confirm the handover of the one before.", "开班，并确认上一班的交接。"),
        "shift open 07 --confirms h911",
    )
    opened.add_argument("operator", metavar="OPERATOR", help=say("who begins", "操作员"))
    opened.add_argument("--confirms", metavar="HANDOVER", help=say("the id on the handover", "交接班单上的编号"))
    closed = command(
        below,
        say,
        "close",
        ("Hand over: prints the handover.", "交班：打印交接班单。"),
        "shift close",
        "shift close --no-slip",
    )
    closed.add_argument("--no-slip", dest="slip", action="store_false", help=say("do not print it", "不打印交接班单"))
    for one in (opened, closed):
        own_key(one, say)
    for one in (shown, opened, closed, made):
        everywhere(one, say, top=False)


def shift(context: Context) -> int:
    """Do it, then show the shift as it stands."""
    args = context.args
    with context.connect() as posd:
        if args.what == "open":
            result = posd.open_shift(args.operator, confirms=args.confirms, key=args.key)
        elif args.what == "close":
            result = posd.close_shift(slip=args.slip, key=args.key)
        else:
            result = posd.shift()
    return context.answer(result, lambda: _text(context, result))


SHOWN = 20


def _named(shift: views.ShiftView, say: Say) -> str:
    """The oldest open exceptions, and how to see the others."""
    if not shift.open:
        return ""
    more = say(" ... (all: posctl exceptions)", " ……（全部：posctl exceptions）") if shift.open_count > SHOWN else ""
    named = " ".join(shift.open[:SHOWN])
    return say(f" ({named})", f"（{named}）") + more


def _text(context: Context, shift: views.ShiftView) -> str:
    say = context.say
    if shift.state == "none":
        return say("No shift was ever opened.", "从未开班。")
    since, until = local(shift.opened), local(shift.closed) if shift.closed else ""
    head = say(
        f"shift {shift.id} of {shift.operator}: {shift.state}, "
        + (f"{since} to {until}" if until else f"since {since}"),
        f"班次 {shift.id}，操作员 {shift.operator}：{say.word(shift.state, 'shift')}，"
        + (f"{since} 至 {until}" if until else f"{since} 开班"),
    )
    parts = [head]
    if shift.state == "closed":
        parts.append(
            say(
                f"The next operator confirms it: posctl shift open OPERATOR --confirms {shift.id}",
                f"接班：posctl shift open 操作员 --confirms {shift.id}",
            )
        )
    if shift.lines:
        rows = [
            [say.word(line.type), say.word(line.method, "method"), str(line.count), f"{line.amount} {line.currency}"]
            for line in shift.lines
        ]
        taken = table(say("TYPE METHOD COUNT AMOUNT", "类型 支付方式 笔数 金额").split(), rows, right=[2, 3])
        parts += ["", taken, ""]
    if shift.counts:
        counts = (f"{say.word(name, 'shift')} {count}" for name, count in shift.counts.items())
        parts.append(say(", ", "，").join(counts))
    parts.append(say("open exceptions: ", "未结异常：") + str(shift.open_count) + _named(shift, say))
    if shift.signing:
        parts.append(say("being signed when it ended: ", "交班时正在签名：") + " ".join(shift.signing))
    return "\n".join(parts)
