"""Tries at a supervisor's PIN: counted, and locked out.

Rules
- A try is on record before the PIN is looked at, and counts as wrong until it was found to be right: neither a power
  cut nor an unplugged keypad wins a free one.
- After `keypad.pin_tries` wrong ones no more are taken for `keypad.pin_lock`, and for twice as long after each that
  follows, a day at most. While posd runs that is measured by the monotonic clock too, after a restart by trusted time
  (clock.py): setting the clock back or ahead shortens nothing.
- Each supervisor's number is counted by itself, so that one's right PIN wins no try at another's; all numbers that no
  supervisor has are counted as one.
- The counts are a fold over the journal; their records are made anew before they leave the ring.
"""

from __future__ import annotations

from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.duration import DAY_MIN, milliseconds
from posd.domain.errors import Refusal
from posd.domain.moment import iso_local

LOCK_MS_MAX = DAY_MIN * 60_000


def tried(turn: Turn, operator: str, request: str) -> None:
    """Record that a PIN was typed. Refusal `too-soon` while the number is locked."""
    known = turn.state.tries.get(operator)
    now = turn.trusted_ms()
    if known is not None and (now < known.until_ms or turn.now.mono_ms < known.until_mono_ms):
        when = iso_local(known.until_ms, turn.now.offset_min)
        words = f"After too many wrong PINs none is looked at until {when}. Nothing was approved."
        raise Refusal("too-soon", words, until=when)
    turn.need_room("reserve")
    tries = 1 + (known.tries if known is not None else 0)
    lock_ms = _lock_ms(turn, tries)
    turn.record(
        ev.PinTried(
            time=turn.now.ms,
            doer=turn.doer,
            operator=operator,
            request=request,
            tries=tries,
            until=now + lock_ms if lock_ms else 0,
        )
    )
    turn.state.tries[operator].until_mono_ms = turn.now.mono_ms + lock_ms if lock_ms else 0


def checked(turn: Turn, operator: str, right: bool) -> None:
    """Record what the PIN was found to be."""
    if operator in turn.state.tries:
        turn.record(ev.PinChecked(time=turn.now.ms, doer=turn.doer, operator=operator, right=right))


def save(turn: Turn) -> None:
    """Make the records anew that are about to leave the ring."""
    for operator, known in list(turn.state.tries.items()):
        if known.due:
            turn.record(
                ev.PinCarried(
                    time=turn.now.ms, doer=turn.doer, operator=operator, tries=known.tries, until=known.until_ms
                )
            )


def _lock_ms(turn: Turn, tries: int) -> int:
    over = tries - turn.rules.keypad.pin_tries
    return min(milliseconds(turn.rules.keypad.pin_lock) << min(over, 32), LOCK_MS_MAX) if over >= 0 else 0
