"""How often copies may be asked for: so many a minute by one asker, so many by all together.

It bounds what a mad client, or a key that is stuck, costs the box before any rule is looked at: what is asked beyond it
is refused as `too-soon`, with the moment from which it works. Every request counts, granted or not, but for those that
are answered from what is stored (the same key again) and those that release an original, which happens once for each.

The minute is that of the monotonic clock, and is forgotten at a restart.
"""

from __future__ import annotations

from posd.desk.policy import from_when
from posd.desk.turn import Turn
from posd.domain.errors import Refusal

MINUTE_MS = 60_000


def admit(turn: Turn) -> None:
    """Count this request; Refusal `too-soon` where there were as many in the last minute as may be."""
    asked, now, policy = turn.state.requests, turn.now.mono_ms, turn.rules.policy
    while asked and now - asked[0][0] >= MINUTE_MS:
        asked.popleft()
    who = turn.doer.counted()
    own = [at for at, other in asked if other == who]
    for times, most in ((own, policy.requests_each), ([at for at, _ in asked], policy.requests_all)):
        if len(times) >= most:
            when = from_when(turn, turn.now.ms + times[-most] + MINUTE_MS - now)
            raise Refusal(
                "too-soon",
                f"There were {most} requests for copies within a minute, as many as may be; the next can be made at "
                f"{when}. Nothing was printed.",
                until=when,
            )
    asked.append((now, who))


def forgive(turn: Turn) -> None:
    """The request that was counted last counts no more."""
    turn.state.requests.pop()
