"""Which time can be believed: the wall clock, held against the monotonic one and the journal.

A terminal's wall clock jumps: its battery is flat, a time server is wrong, somebody sets the wrong year. Windows that
are counted in days (policy.py) and the age of what waits (printing.py) go by trusted time: the wall clock less the
`skew` that it is taken to be wrong by. Only a person's word (@F) sets trusted time back, and what was wrong for a while
closes nothing for good. What people read and what the records carry is the wall clock.

`expected` is what time it must be: trusted time went on by the monotonic clock since the last look; at a start it is
the newest trusted time of the journal, or the build date. A time fits from `BEHIND_MS` before it up to

    AHEAD_MS   once the clock was found right in this run; at a start, when it was ahead at the end of the last run
    AWAY_MS    else: nobody knows how long the box was off

Cases
@A  trusted, and it fits: trusted time is the wall clock's
@B  trusted, and it does not, ahead or behind: `clock.suspect` with its skew; trusted time goes on from `expected`
@C  suspect, and it is as wrong as it was: trusted time is the wall clock's less the skew
@D  suspect, something changed it, and now it fits: `clock.trusted`
@E  suspect, something changed it, and it does not fit: `clock.suspect` with the new skew
@F  suspect, and a supervisor says that it is right (`clock.confirm`): `clock.trusted`
@G  the record of a skew is about to leave the ring: it is recorded anew
At a start @D is tried before @C: nobody saw whether something changed it.

Both clocks are looked at in each decision, and once a second while nothing is decided (`news`).

In a journal that is empty nothing is expected but the build date. When trusted time leaps while posd runs (@A, @C, @F:
the time server was reached an hour after the start), what waits has not become older for that: its age leaps along.
"""

from __future__ import annotations

from typing import Literal

from posd.desk.ports import Now
from posd.desk.state import Anchor, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import views
from posd.domain.moment import iso_utc
from posd.domain.requests import ClockConfirm

BEHIND_MS = 60_000
AHEAD_MS = 86_400_000
AWAY_MS = 31 * AHEAD_MS


def watch(turn: Turn, built_ms: int = 0) -> None:
    """Look at both clocks. First thing in each decision; `built_ms` at the start of a run."""
    state, last = turn.state, turn.state.clock
    found, expected = _found(state, turn.now, built_ms)
    if found == "right":
        if state.skew_ms:
            turn.record(ev.ClockTrusted(time=turn.now.ms, doer=turn.doer))
    elif found == "wrong":
        _suspect(turn, expected)
    elif state.skew_due:
        _suspect(turn, turn.now.ms - state.skew_ms)
    _go_on(turn, solid=found == "right" or (last is not None and last.solid))


def news(state: State, now: Now) -> bool:
    """Whether a look would find something that is not known yet: people are told of a leap although nothing else
    happens.
    """
    if state.clock is None or state.read_only:
        return False
    found, _ = _found(state, now, 0)
    return found == "wrong" or (found == "right" and state.skew_ms != 0)


def _found(state: State, now: Now, built_ms: int) -> tuple[Literal["right", "same", "wrong"], int]:
    """What the wall clock is, and what time it must be. `same`: as wrong as it is known to be."""
    wall, last = now.ms, state.clock
    if last is None:
        expected = max(state.newest_ms, built_ms)
        away = AWAY_MS if state.newest_ms else max(wall - expected, 0)
        right = _fits(wall, expected, AHEAD_MS if state.skew_ms > 0 else away)
        same = state.skew_ms != 0 and _fits(wall - state.skew_ms, expected, AWAY_MS)
    else:
        expected = last.trusted_ms + now.mono_ms - last.mono_ms
        same = state.skew_ms != 0 and abs(wall - state.skew_ms - expected) <= BEHIND_MS
        right = not same and _fits(wall, expected, AHEAD_MS if last.solid else AWAY_MS)
    return "right" if right else "same" if same else "wrong", expected


def _fits(ms: int, expected: int, within: int) -> bool:
    return expected - BEHIND_MS <= ms <= expected + within


def _suspect(turn: Turn, trusted_ms: int) -> None:
    wall, newest = turn.now.ms, max(trusted_ms, turn.state.newest_ms)
    turn.record(ev.ClockSuspect(time=wall, doer=turn.doer, newest=newest, skew=wall - newest))


def _go_on(turn: Turn, *, solid: bool) -> None:
    state, last, mono = turn.state, turn.state.clock, turn.now.mono_ms
    trusted = turn.now.ms - state.skew_ms
    if last is not None:
        leap = trusted - last.trusted_ms - (mono - last.mono_ms)
        if leap > BEHIND_MS:
            for _, copy in state.waiting():
                copy.owed_ms += leap
            for test in state.tests.values():
                test.owed_ms += leap
    state.clock = Anchor(trusted, mono, solid)


def confirm(turn: Turn, _: ClockConfirm) -> views.ClockView:
    """A person says that the wall clock is right; nothing where nobody doubts it."""
    if turn.state.skew_ms:
        turn.record(ev.ClockTrusted(time=turn.now.ms, doer=turn.doer))
        _go_on(turn, solid=True)
    wall, trusted = turn.now.ms, turn.trusted_ms()
    return views.ClockView("suspect" if turn.state.skew_ms else "trusted", iso_utc(wall), iso_utc(trusted))
