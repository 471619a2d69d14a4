"""Which copy prints next, and what its outcome means.

Rules
- One copy at a time is on the printer; `copy.started` is durable before its first byte leaves.
- Live sales go before reprints, both before a self-test; within each the one that became owed first. One that failed
  keeps its place.
- The copies of a sale whose signature is being taken wait for it: the merchant copy shows it.
- `failed` means that provably nothing came out: the copy waits and goes again, with the same mark.
- `unknown` is never retried by itself (law 2). It waits for a person or for a reprint.
- A copy that has been owed for longer than `slip.stale_after` does not print by itself: it is held and stands on the
  exception list.
- While the printer is not ready, each copy that waits stands on the exception list with the printer's reason (law 3).

What becomes of what waits when a fault clears (each case has its test in test_printing_cases.py)
@A  queued, or failed with nothing on paper   prints by itself, with the same mark, and leaves the list
@B  failed, a torn piece of it is on paper     the same, and the slip says that the piece is void
@C  owed for longer than `slip.stale_after`    failed(stale), on the list; prints when a person asks for it
@D  its signature is being taken               waits for that, and does not age meanwhile
@E  a reprint                                  as @A to @C, behind every live sale, also those that come later
@F  unknown                                    stays so, on the list, until a person or a reprint settles it
@G  posd was started anew meanwhile            as it would have been; what was on the printer is @F
@H  a self-test                                behind all else; failed(stale) when it waited too long
@I  it fails again                             as @A, a second later, before all that became owed after it
@J  posd is about to stop                      waits for the next start
@K  its record has left the journal            failed(stale), on the list
@L  another kind of printer was connected      an original of which nothing came out is made anew for it; else
                                               failed(stale), on the list
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from posd.desk import policy, selftest, slips, statistics
from posd.desk.messages import Print
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.device import PrintJob, PrintOutcome
from posd.domain.errors import Refusal
from posd.domain.signature import Cause

RETRY_MS = 1000
"""After a `failed` with the printer still `ready`, wait this long: its next report is then on its way."""


def schedule(turn: Turn) -> None:
    """List what cannot print; start the next copy when the printer is free and ready."""
    if turn.state.leaving:
        return
    if not turn.ready("printer"):
        _list_waiting(turn)
        return
    state = turn.state
    while state.printing is None and turn.now.mono_ms >= state.hold_until_mono_ms:
        found = _next(turn)
        if found is None:
            selftest.schedule(turn)
            return
        if found[1].owed_ms < _oldest(turn):
            _hold(turn, *found, "it waited too long to print by itself")
        else:
            _start(turn, *found)


def may_hang(state: State) -> bool:
    """Whether a slip that was broken off may still hang in the printer: none is known to have been cut since."""
    return state.printing is not None or state.broken_off


def _next(turn: Turn) -> tuple[Sale, Copy] | None:
    reprint: tuple[Sale, Copy] | None = None
    for sale, copy in turn.state.waiting():
        assert copy.waiting, copy
        if copy.number == 0 and sale.signature.state != "awaiting":
            return sale, copy
        if copy.number and reprint is None:
            reprint = (sale, copy)
    return reprint


def _start(turn: Turn, sale: Sale, copy: Copy) -> None:
    try:
        order = slips.printable(turn, sale, copy, policy.on_slip(turn, sale, copy))
    except Refusal as refusal:
        if refusal.kind == "unsupported":
            _hold(turn, sale, copy, "it was made for another kind of printer")
        else:  # it became owed again after the journal had been told that it was not
            _hold(turn, sale, copy, "its record has left the journal")
        return
    slip = turn.tools.compose(order)
    assert order.body is None or slip.body == order.body, f"{copy.job}: the composer changed the body"
    body = None
    if order.body is None:
        assert copy.number == 0, "a reprint has an original's body"
        body = zlib.compress(slip.body, 6)
    turn.record(
        ev.CopyStarted(
            time=turn.now.ms,
            doer=copy.doer or turn.doer,
            id=sale.id,
            copy=copy.name,
            number=copy.number,
            job=copy.job,
            mark=copy.mark,
            body_digest=hashlib.sha256(slip.body).hexdigest(),
            body=body,
            signature_version=sale.signature.version,
            torn=copy.torn,
            made_for=turn.tools.made_for if body is not None else "",
        )
    )
    turn.effect(Print(PrintJob(copy.job, slip.data, slip.torn_within)))


def hold_stale(turn: Turn) -> None:
    """Put the copies that have been owed for too long on the exception list instead."""
    since_ms = _oldest(turn)
    for sale, copy in list(turn.state.waiting()):
        if copy.owed_ms < since_ms and sale.signature.state != "awaiting":
            _hold(turn, sale, copy, "it waited too long to print by itself")


def _oldest(turn: Turn) -> int:
    """What became owed before this is too old to print by itself."""
    return turn.trusted_ms() - turn.rules.stale_ms


def _hold(turn: Turn, sale: Sale, copy: Copy, detail: str) -> None:
    """From now on it prints only when a person asks for it."""
    turn.record(ev.CopyFailed(**_named(turn, sale, copy), cause="stale"))
    turn.open_item(sale, "unprinted", "device", detail, copy.name, copy.number)


def _list_waiting(turn: Turn) -> None:
    report = turn.state.devices["printer"].report
    if report.state == "opening":
        return  # it is about to say what it is
    words = ", ".join(report.reasons) or report.state
    for job, (sale_id, name, number) in list(turn.state.unlisted.items()):
        sale = turn.state.sales[sale_id]
        if sale.signature.state != "awaiting" or number:
            del turn.state.unlisted[job]
            turn.open_item(sale, "unprinted", "device", f"printer: {words}", name, number)


def _named(turn: Turn, sale: Sale, copy: Copy) -> dict[str, Any]:
    """The fields that every event about this copy has."""
    return {
        "time": turn.now.ms,
        "doer": turn.doer,
        "id": sale.id,
        "copy": copy.name,
        "number": copy.number,
        "job": copy.job,
    }


def outcome(turn: Turn, message: PrintOutcome) -> None:
    """The printer's word on the job that was on it."""
    printing = turn.state.printing
    assert printing is not None, message
    assert printing.job == message.job, f"{message} while {printing}"
    statistics.outcome(turn, message)
    if message.state == "failed":
        turn.state.hold_until_mono_ms = turn.now.mono_ms + RETRY_MS
    if printing.sale is None:
        selftest.outcome(turn, message)
        return
    sale = turn.state.sales[printing.sale]
    copy = sale.copy(printing.copy, printing.number)
    assert copy is not None
    if message.state == "printed":
        _printed(turn, sale, copy, message)
    elif message.state == "failed":
        cause = message.cause or "no-answer"
        turn.record(ev.CopyFailed(**_named(turn, sale, copy), cause=cause, torn=message.torn))
        piece = ", a torn piece came out" if message.torn else ""
        turn.open_item(sale, "unprinted", "device", f"printer: {cause}{piece}", copy.name, copy.number)
    else:
        unknown(turn, sale, copy, message.cause or "no-answer", "device")


def _printed(turn: Turn, sale: Sale, copy: Copy, message: PrintOutcome) -> None:
    assert message.proof is not None
    turn.record(ev.CopyPrinted(**_named(turn, sale, copy), proof=message.proof, why=message.why))
    turn.close_item(sale, "unprinted", "printed", copy.name, copy.number)
    for earlier in sale.of(copy.name):
        if earlier.number < copy.number and earlier.state == "unknown":
            turn.close_item(sale, "unknown", f"settled by copy {copy.number}", copy.name, earlier.number)


def unknown(turn: Turn, sale: Sale, copy: Copy, cause: str, blame: Cause) -> None:
    """It may have come out: only a person or a reprint settles it."""
    turn.record(ev.CopyUnknown(**_named(turn, sale, copy), cause=cause))
    turn.close_item(sale, "unprinted", "it may have printed", copy.name, copy.number)
    turn.open_item(sale, "unknown", blame, cause, copy.name, copy.number)


def settle(turn: Turn, sale: Sale, copy: Copy, printed: bool) -> None:
    """A person said whether an unknown copy came out; if not, it is owed again, as a possible duplicate."""
    turn.record(
        ev.CopySettled(
            time=turn.now.ms, doer=turn.doer, id=sale.id, copy=copy.name, number=copy.number, printed=printed
        )
    )
    turn.close_item(sale, "unknown", "it came out" if printed else "it did not come out", copy.name, copy.number)
