"""What the keys of the keypad do, and what the desk asks back.

    key               asks back                              then
    reprint-last,     confirm: above the sum that one press  confirm: the copy
    reprint-number    may print
                      approve: a supervisor is needed, and   pin: the try is recorded, check; pin-right: the request
                      the shop has some with a PIN           is approved; pin-wrong: refused
    settle            settle: the newest slip of which       yes, no: it is settled
                      nobody knows whether it came out
    approve           approve: the oldest request of the     as above
                      keypad that waits, else of all
    shift             close-shift: a shift is open           confirm: closed, its handover prints; take-over
                      take-over: none is                     take-over: the operator's number opens the next
    resign-last       -
    cancel            -                                      withdraws a signature, a copy or a request of the keypad

Rules
- One question is open, for QUESTION_MS; any other command drops it. What answers another question, or comes too late,
  does nothing: nothing is printed, settled, approved or handed over but by the whole sequence.
- What a question was about is what the answer acts on, even if something newer came meanwhile.
- Refusals are recorded where they belong to a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from posd.desk import amending, asking, policy, queries, reprints, shifts, signing
from posd.desk.state import AskedBack, Sale
from posd.desk.turn import Turn
from posd.domain.device import KeyAnswer, KeyCommand, Question
from posd.domain.errors import Refusal
from posd.domain.requests import ReprintAsk, Settle, ShiftClose, ShiftOpen

QUESTION_MS = 120_000
"""So long a question stays open here; the keypad's own time-out is for each key."""
DONE = KeyAnswer("done")


def press(turn: Turn, command: KeyCommand) -> KeyAnswer:
    """What came of a key."""
    open_question, turn.state.asked_back = turn.state.asked_back, None
    try:
        if command.action in _REPLIES:
            wanted, reply = _REPLIES[command.action]
            answer = reply(turn, command, _answered(turn, command, open_question, wanted))
        else:
            answer = _BEGINS[command.action](turn, command)
    except Refusal as refusal:
        answer = KeyAnswer("refused", why=refusal.kind, until=refusal.until or "")
    answer = replace(answer, press=command.press)
    if answer.answer not in ("done", "refused"):
        turn.state.asked_back = AskedBack(answer, turn.now.mono_ms)
    return answer


def _answered(
    turn: Turn, command: KeyCommand, open_question: AskedBack | None, wanted: tuple[Question, ...]
) -> KeyAnswer:
    """The question that the command answers; Refusal `conflict` where that is not open."""
    if (
        open_question is None
        or open_question.answer.answer not in wanted
        or open_question.answer.press != command.answers
        or turn.now.mono_ms - open_question.mono_ms > QUESTION_MS
    ):
        raise Refusal("conflict", "This question is not open any more. Nothing was changed; begin again.")
    return open_question.answer


def _reprint(turn: Turn, command: KeyCommand) -> KeyAnswer:
    sale = (
        queries.numbered(turn.state, command.number or "")
        if command.action == "reprint-number"
        else queries.find(turn.state, "last")
    )
    if sale is None:
        raise Refusal("not-found", "There is no such receipt. Nothing was printed.")
    terms = policy.terms(turn, sale, "customer", turn.doer)
    if not terms.one_press and terms.refusal is None:
        return _about(sale, "confirm")
    _copy(turn, sale, command.key)
    return DONE


def _copy(turn: Turn, sale: Sale, key: str) -> None:
    reprints.reprint(turn, sale, ReprintAsk(id=sale.id, key=key, reason="key press"), content=None)


def _about(sale: Sale, question: Question) -> KeyAnswer:
    return KeyAnswer(question, id=sale.id, receipt=sale.receipt, copy="customer")


def _resign(turn: Turn, _: KeyCommand) -> KeyAnswer:
    signing.resign(turn, amending.newest_unsigned(turn.state), "key press", None, None)
    return DONE


def _settle(turn: Turn, _: KeyCommand) -> KeyAnswer:
    for xid in reversed(turn.state.open):
        item = turn.state.exceptions[xid]
        sale = turn.state.sales.get(item.transaction)
        if item.kind == "unknown" and sale is not None and item.copy is not None and item.number is not None:
            return replace(_about(sale, "settle"), copy=item.copy, number=item.number)
    raise Refusal("not-found", "Of every slip it is known whether it came out. Nothing was changed.")


def _settled(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    assert about.copy
    amending.settle(turn, Settle(about.id, about.copy, about.number, command.action == "yes"))
    return DONE


def _shift(turn: Turn, _: KeyCommand) -> KeyAnswer:
    shift = turn.state.shift
    if shift is None or shift.state != "open":
        return KeyAnswer("take-over", request=shift.id if shift is not None else "")
    return KeyAnswer("close-shift", operator=shift.operator, request=shift.id)


def _confirmed(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    if about.answer == "confirm":
        _copy(turn, queries.find(turn.state, about.id), command.key)
        return DONE
    if turn.state.shift is None or turn.state.shift.id != about.request:
        raise Refusal("conflict", "This shift was closed already. Nothing was changed.")
    shifts.close_shift(turn, ShiftClose(key=_own_key(turn)))
    return KeyAnswer("take-over", request=about.request)


def _taken_over(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    assert command.number
    shifts.open_shift(turn, ShiftOpen(operator=command.number, key=_own_key(turn), confirms=about.request or None))
    return DONE


def _own_key(turn: Turn) -> str:
    """A key press has no idempotency key; the records of shifts want one that nobody else uses."""
    return f"keypad-{turn.state.seq + 1}"


def _cancel(turn: Turn, _: KeyCommand) -> KeyAnswer:
    if not (signing.cancel(turn) or reprints.cancel_newest(turn) or _withdraw_newest(turn)):
        raise Refusal("not-found", "Nothing of the keypad waits that could be withdrawn.")
    return DONE


def _withdraw_newest(turn: Turn) -> bool:
    """Withdraw the newest request of the keypad that waits for a supervisor; False when there is none."""
    own = [request for request, asked in turn.state.asking.items() if asked.doer.kind == "key"]
    if own:
        asking.decide(turn, own[-1], "cancelled")
    return bool(own)


_BEGINS: Mapping[str, Callable[[Turn, KeyCommand], KeyAnswer]] = {
    "reprint-last": _reprint,
    "reprint-number": _reprint,
    "resign-last": _resign,
    "settle": _settle,
    "shift": _shift,
    "cancel": _cancel,
}
_REPLIES: Mapping[str, tuple[tuple[Question, ...], Callable[[Turn, KeyCommand, KeyAnswer], KeyAnswer]]] = {
    "confirm": (("confirm", "close-shift"), _confirmed),
    "yes": (("settle",), _settled),
    "no": (("settle",), _settled),
    "take-over": (("take-over",), _taken_over),
}
