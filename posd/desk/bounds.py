"""What can repeat without end, and is told in few records: refused copies, and a device that flaps.

The first `WHOLE_MAX` of a device or of one asker (of all askers `WHOLE_ALL_MAX`) in a window of `WINDOW_MS` are
recorded one by one. What comes beyond is counted, and one record at the end of the window tells how many more there
were (`requests.refused`, `device.changed` with `more`), so that nothing is silent and a key that is stuck for a month
cannot fill a journal. A stop ends the window. A power cut loses the counts of one window.

Copies that are refused while the journal is short of room are only counted, and told when there is room again.
"""

from __future__ import annotations

from posd.desk.state import State, Window
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.errors import Kind

WHOLE_MAX = 20
WHOLE_ALL_MAX = 100
WINDOW_MS = 3_600_000
ASKERS_MAX = 32
"""Different askers and kinds that are told apart in one window; what comes beyond is `others`."""


def refused(turn: Turn, kind: Kind) -> bool:
    """Whether this refusal is recorded by itself; if not, it is counted here."""
    window = turn.state.refusals = _window(turn, turn.state.refusals)
    who = turn.doer.counted()
    own = window.each.get(who, 0)
    if turn.state.room == "plenty" and own < WHOLE_MAX and sum(window.each.values()) < WHOLE_ALL_MAX:
        window.each[who] = own + 1
        return True
    asker = f"{who}: {kind}"
    if asker not in window.more and len(window.more) >= ASKERS_MAX:
        asker = "others"
    window.more[asker] = window.more.get(asker, 0) + 1
    return False


def changed(turn: Turn, event: ev.DeviceChanged) -> None:
    """Record a device's change, or count it."""
    device = turn.state.devices[event.device]
    window = device.changes = _window(turn, device.changes)
    if _whole(window):
        turn.record(event)
    else:
        device.recorded = (event.state, event.reasons)
        window.more["changes"] = window.more.get("changes", 0) + 1


def pending(state: State) -> bool:
    """Whether something is counted that no record tells of yet."""
    windows = [state.refusals, *(device.changes for device in state.devices.values())]
    return any(window is not None and window.more for window in windows)


def tell(turn: Turn) -> None:
    """Record the counts of windows that are over. In each decision."""
    state = turn.state
    window = state.refusals
    if window is not None and _is_over(turn, window) and (not window.more or state.room == "plenty"):
        if window.more:
            turn.record(
                ev.RequestsRefused(
                    time=turn.now.ms, doer=turn.doer, since=window.since_ms, counts=dict(sorted(window.more.items()))
                )
            )
        state.refusals = None
    for name, device in state.devices.items():
        window = device.changes
        if window is None or not _is_over(turn, window) or device.report.state == "opening":
            continue
        device.changes = None
        if window.more:
            turn.record(
                ev.DeviceChanged(
                    time=turn.now.ms,
                    doer=turn.doer,
                    device=name,
                    state=device.report.state,
                    reasons=device.report.reasons,
                    detail=device.report.detail,
                    more=window.more["changes"],
                    since=window.since_ms,
                )
            )


def _window(turn: Turn, window: Window | None) -> Window:
    return window or Window(turn.now.mono_ms, turn.now.ms)


def _whole(window: Window) -> bool:
    if window.recorded >= WHOLE_MAX:
        return False
    window.recorded += 1
    return True


def _is_over(turn: Turn, window: Window) -> bool:
    return turn.state.leaving or turn.now.mono_ms - window.began_mono_ms >= WINDOW_MS
