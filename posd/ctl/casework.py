"""The command about one exception: what was done about it, who has to act, let be, over."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from posd import client
from posd.ctl.context import Context
from posd.ctl.options import Commands, command, everywhere, exception_id, own_key
from posd.ctl.words import Say
from posd.domain import views
from posd.domain.doer import Role
from posd.domain.people_events import Channel, Outcome


def add(commands: Commands, say: Say) -> None:
    """`posctl exception note|assign|escalate|waive|close ID`."""
    made = command(
        commands,
        say,
        "exception",
        (
            "Follow up one exception: note, assign, escalate, waive, close.",
            "跟进异常：备注、指派、上报、免除、关闭。",
        ),
        "exception note x105 --channel phone --outcome promised",
        "exception assign x105 cashier",
        'exception waive x105 --reason "below what a chargeback costs"',
    )
    below = made.add_subparsers(
        dest="what",
        required=True,
        metavar="WHAT",
        title=say("what to do", "操作"),
        help=say("one of these", "其中之一"),
    )
    noted = _one(below, say, "note", ("Record what was done about it.", "记录已采取的措施。"))
    shown = say("in words; no personal data", "文字说明；勿含个人信息")
    noted.add_argument("note", nargs="?", default="", metavar="TEXT", help=shown)
    noted.add_argument(
        "--channel",
        choices=[word for word in get_args(Channel) if word],
        default="",
        help=say("how somebody was to be reached", "联系方式"),
    )
    noted.add_argument(
        "--outcome",
        choices=[word for word in get_args(Outcome) if word],
        default="",
        help=say("what came of it", "联系结果"),
    )
    own_key(noted, say)
    assigned = _one(below, say, "assign", ("Say which role has to act.", "指派负责的角色。"))
    assigned.add_argument("role", choices=get_args(Role), help=say("the role", "角色"))
    for name, words in (
        ("escalate", ("Hand it up to a supervisor.", "上报主管。")),
        ("waive", ("Let it be although it is not settled; for a supervisor.", "未结清也予以免除；须由主管执行。")),
    ):
        one = _one(below, say, name, words)
        one.add_argument("--reason", required=True, help=say("why", "原因"))
    _one(below, say, "close", ("Close it; refused unless the facts have settled it.", "关闭；事实未结清时被拒绝。"))
    everywhere(made, say, top=False)


def _one(below: Commands, say: Say, name: str, words: tuple[str, str]) -> Commands:
    made = command(below, say, name, words, f"exception {name} x105" + _EXAMPLES[name])
    shown = say("the exception's id; its x may be left out", "异常编号，x 可省略")
    made.add_argument("xid", type=exception_id, metavar="XID", help=shown)
    everywhere(made, say, top=False)
    return made


_EXAMPLES = {
    "note": " --channel phone --outcome not-reached",
    "assign": " supervisor",
    "escalate": ' --reason "the customer cannot be reached"',
    "waive": ' --reason "below what a chargeback costs"',
    "close": "",
}


def exception(context: Context) -> int:
    """Do one of them, then show the exception as it stands."""
    args = context.args
    acts: dict[str, Callable[[client.Client], views.ExceptionView]] = {
        "note": lambda posd: posd.note_exception(
            args.xid, args.note, channel=args.channel, outcome=args.outcome, key=args.key
        ),
        "assign": lambda posd: posd.assign_exception(args.xid, args.role),
        "escalate": lambda posd: posd.escalate_exception(args.xid, args.reason),
        "waive": lambda posd: posd.waive_exception(args.xid, args.reason),
        "close": lambda posd: posd.close_exception(args.xid),
    }
    with context.connect() as posd:
        result = acts[args.what](posd)
    return context.answer(result, lambda: context.shown.exception(result))
