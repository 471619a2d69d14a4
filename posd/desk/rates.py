"""How often copies may be asked for: so many a minute by one asker, so many by all together.

It bounds what a mad client, or a key that is stuck, costs the box before any rule is looked at: what is asked beyond it
is refused as `too-soon`, with the moment from which it works. Every request counts, granted or not, but for those that
are answered from what is stored (the same key again) and those that release an original, which happens once for each.

The minute is that of the monotonic clock, and is forgotten at a restart.
"""

from __future__ import annotations

from posd.desk.policy import from_when
from posd.desk.ports import Now
from posd.desk.state import State
from posd.desk.turn import Rules, Turn
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.requests import AnyRequest, ReprintAsk

MINUTE_MS = 60_000


def admit(turn: Turn) -> None:
    """Count this request; Refusal `too-soon` where there were as many in the last minute as may be."""
    now = turn.now.mono_ms
    met = _met(turn.state, turn.rules, turn.doer, now)
    if met is not None:
        most, since_ms = met
        when = from_when(turn, turn.now.ms + since_ms + MINUTE_MS - now)
        raise Refusal(
            "too-soon",
            f"There were {most} requests for copies within a minute, as many as may be; the next can be made at "
            f"{when}. Nothing was printed.",
            until=when,
        )
    turn.state.requests.append((now, turn.doer.counted()))


def forgive(turn: Turn) -> None:
    """The request that was counted last counts no more."""
    turn.state.requests.pop()


def full(state: State, rules: Rules, request: AnyRequest, doer: Doer, now: Now) -> bool:
    """Whether `request` is one for a copy that `admit` refuses: nothing need be looked up for it."""
    return isinstance(request, ReprintAsk) and _met(state, rules, doer, now.mono_ms) is not None


def _met(state: State, rules: Rules, doer: Doer, now: int) -> tuple[int, int] | None:
    """The limit that is met, and the moment (monotonic) of the request that is the first to leave the minute."""
    asked = state.requests
    while asked and now - asked[0][0] >= MINUTE_MS:
        asked.popleft()
    own = [at for at, who in asked if who == doer.counted()]
    for times, most in (
        (own, rules.policy.requests_each),
        ([at for at, _ in asked], rules.policy.requests_all),
    ):
        if len(times) >= most:
            return most, times[-most]
    return None
