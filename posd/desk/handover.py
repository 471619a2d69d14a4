"""What stands on the slip of a handover: who, when, what was taken, what was printed, what is open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from posd.desk.shift_state import Shift
from posd.desk.state import State
from posd.desk.turn import Turn
from posd.domain import money
from posd.domain.moment import iso_local
from posd.domain.people_events import Taking

OPEN_SHOWN = 20
"""So many open exceptions stand on the slip; the answer has all."""
_WORDS = {
    "title": ("交接班单", "HANDOVER"),
    "terminal": ("终端号", "Terminal"),
    "operator": ("操作员", "Operator"),
    "opened": ("开班", "Opened"),
    "closed": ("交班", "Closed"),
    "total": ("合计", "total"),
    "open": ("未结异常", "Open exceptions"),
    "signing": ("正在签名", "Being signed"),
    "cash": ("现金", "cash"),
    "card": ("银行卡", "card"),
    "wallet": ("电子钱包", "wallet"),
    "voucher": ("代金券", "voucher"),
    "other": ("其他", "other"),
    "more": ("另有", "and more"),
    "confirm": ("接班请确认", "To be confirmed as"),
    "originals": ("原件", "Originals"),
    "copies": ("重打印", "Copies"),
    "refused": ("拒绝重打印", "Copies refused"),
    "signed": ("已签名", "Signed"),
    "unsigned": ("未签名", "Unsigned"),
    "without-shift": ("无班次交易", "Sales without a shift"),
    "unprinted": ("未打印", "unprinted"),
    "unknown": ("打印结果不确定", "unknown"),
    "wrong-signature": ("签名有误", "wrong signature"),
    "sale": ("消费", "Sale"),
    "refund": ("退货", "Refund"),
    "void": ("撤销", "Void"),
}


class Say:
    """Words in the terminal's language."""

    def __init__(self, chinese: bool) -> None:
        self._place = 0 if chinese else 1

    def __call__(self, word: str) -> str:
        """As it is where it is none of ours: a method of payment of the shop's own, a count of another posd."""
        return _WORDS[word][self._place] if word in _WORDS else word


def parts(turn: Turn, shift: Shift) -> tuple[str, list[list[tuple[str, str]]]]:
    """Title and lines of the handover slip, in the terminal's language: whose shift, what was taken, what was done,
    what is open, what to confirm. None of the parts is empty.
    """
    say = Say(turn.rules.terminal.locale == "zh_CN")
    at = turn.now.offset_min
    whose = [
        (say("terminal"), turn.rules.terminal.id),
        (say("operator"), shift.operator),
        (say("opened"), iso_local(shift.opened_ms, at)[:19].replace("T", " ")),
        (say("closed"), iso_local(shift.closed_ms or turn.now.ms, at)[:19].replace("T", " ")),
    ]
    done = [(say(name), str(count)) for name, count in shift.counts.items()]
    left = [*((say("signing"), sale_id) for sale_id in shift.signing), (say("open"), str(shift.open_count))]
    shown = _open_rows(turn.state, shift.open[:OPEN_SHOWN], say)
    left += shown
    if shift.open_count > len(shown):
        left.append((f"  {say('more')}", str(shift.open_count - len(shown))))
    told = [whose, _taken(shift.takings(), say), done, left, [(say("confirm"), shift.id)]]
    return say("title"), [part for part in told if part]


def _taken(takings: Sequence[Taking], say: Say) -> list[tuple[str, str]]:
    """A line for each method of payment, and their total where there are several."""
    rows: list[tuple[str, str]] = []
    for (currency, kind), group in groupby(takings, key=lambda taking: (taking.currency, taking.type)):
        lines = list(group)
        if len(lines) > 1:
            lines.append(Taking(currency, kind, "total", sum(t.count for t in lines), sum(t.amount for t in lines)))
        rows += [
            (f"{say(kind)} {say(t.method)} x{t.count}", f"{money.text_of(t.amount, currency)} {currency}")
            for t in lines
        ]
    return rows


def _open_rows(state: State, ids: Iterable[str], say: Say) -> list[tuple[str, str]]:
    known = [state.exceptions[xid] for xid in ids if xid in state.exceptions]
    return [(f"  {item.id} {say(item.kind).lower()}", item.transaction) for item in known]
