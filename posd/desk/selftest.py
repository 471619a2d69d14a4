"""Slips that are no sale's, the printer's self-test and a handover: behind everything that somebody waits for.

Rules
- One self-test at a time, and only while the printer is usable: a person stands there and is told at once why not.
- It waits behind live sales and reprints, for as long as `slip.stale_after`; then it is `failed(stale)`.
- It is never sent twice: whatever ends it, its outcome is told (`selftest.changed`), and the person asks anew.
- After a restart nobody stands there any more: one that waited is `failed(restart)`, one that was on the printer
  `unknown(restart)`.
- A handover waits for as long as it takes, over a restart too, until it has been taken over (`failed(stale)` then): the
  next operator wants it. A self-test that is asked for meanwhile prints behind it.
- The same key gives the same test, as it stands now. The newest few are known; a key that is older is free again.
"""

from __future__ import annotations

from typing import Any, Literal

from posd.desk import handover, reprints
from posd.desk.messages import Print
from posd.desk.state import Selftest, Totals
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.device import PrintJob, PrintOutcome
from posd.domain.errors import Refusal
from posd.domain.moment import iso_local
from posd.domain.requests import SelftestAsk
from posd.domain.views import Selftested


def ask(turn: Turn, request: SelftestAsk) -> Selftested:
    """`device.selftest`: queued, or as the one stands that has this key already; Refusal."""
    test = _test(turn, request)
    return Selftested(test.job, test.state, test.proof, test.cause)


def _test(turn: Turn, request: SelftestAsk) -> Selftest:
    content, tests = reprints.digest_of(request), turn.state.tests
    known = next((test for test in tests.values() if test.key == request.key), None)
    if known is not None:
        if known.content != content:
            raise reprints.key_conflict(request.key)
        return known
    reprints.check_printer(turn)
    if any(test.what == "selftest" and test.state in ("queued", "printing") for test in tests.values()):
        raise Refusal("busy", "A self-test is under way already. Nothing was printed; ask again when it is out.")
    turn.need_room("plenty")
    return turn.state.tests[_queue(turn, key=request.key, content=content)]


def queue(turn: Turn, what: Literal["handover"], shift: str) -> None:
    """Have the handover of this shift printed, whenever the printer can."""
    _queue(turn, what=what, shift=shift)


def _queue(turn: Turn, **more: Any) -> str:
    job = f"t{turn.state.seq + 1}"
    _record(turn, job, "queued", **more)
    return job


def drop_handover(turn: Turn) -> None:
    """The next operator has taken over: nobody waits for that slip any more."""
    for test in list(turn.state.tests.values()):
        if test.what == "handover" and test.state == "queued":
            _record(turn, test.job, "failed", cause="stale")


def schedule(turn: Turn) -> None:
    """Begin the test that waits; the printer is free and ready, and nothing else waits for it."""
    test = _waiting(turn)
    if test is not None and test.what == "handover":
        shift = turn.state.shift
        assert shift is not None, test
        assert shift.id == test.shift, test
        title, parts = handover.parts(turn, shift)
        _record(turn, test.job, "printing")
        turn.effect(Print(PrintJob(test.job, turn.tools.handover(title, parts))))
    elif test is not None:
        device = turn.state.devices["printer"]
        totals = turn.state.totals.get(device.unit, Totals())
        facts = {**device.report.info, "slips": str(totals.slips), "paper": f"{totals.paper_mm / 1000:.1f} m"}
        at = iso_local(turn.now.ms, turn.now.offset_min)
        data = turn.tools.selftest(turn.rules.terminal.terminal(), at, facts)
        _record(turn, test.job, "printing")
        turn.effect(Print(PrintJob(test.job, data)))


def hold_stale(turn: Turn) -> None:
    """End a test that waited for too long."""
    for test in list(turn.state.tests.values()):
        late = turn.trusted_ms() - test.owed_ms > turn.rules.stale_ms
        if test.state == "queued" and test.what == "selftest" and late:
            _record(turn, test.job, "failed", cause="stale")


def outcome(turn: Turn, message: PrintOutcome) -> None:
    """The printer's word on the test that was on it."""
    _record(turn, message.job, message.state, proof=message.proof, cause=message.cause)


def boot(turn: Turn) -> None:
    """End what the last run left."""
    for test in list(turn.state.tests.values()):
        if test.state == "printing":
            _record(turn, test.job, "unknown", cause="restart")
        elif test.state == "queued" and (test.what == "selftest" or _taken_over(turn, test)):
            _record(turn, test.job, "failed", cause="restart")


def _taken_over(turn: Turn, test: Selftest) -> bool:
    """Whether the shift of this handover is not the newest any more, as in a journal of an early posd."""
    return turn.state.shift is None or turn.state.shift.id != test.shift


def _waiting(turn: Turn) -> Selftest | None:
    return next((test for test in turn.state.tests.values() if test.state == "queued"), None)


def _record(turn: Turn, job: str, state: Any, **more: Any) -> None:
    turn.record(ev.SelftestChanged(time=turn.now.ms, doer=turn.doer, job=job, state=state, **more))
