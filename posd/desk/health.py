"""The one look at everything, in words that tell a person what to do."""

from __future__ import annotations

from posd.desk.state import Device, State, Totals
from posd.domain import views
from posd.domain.device import REMEDIES, DeviceName
from posd.domain.moment import iso_utc

_FULL = "new sales are refused; settle what `posctl exceptions` lists"
_CLOCK = "clock: {} {} what can be believed (set it; if it is right, a supervisor says so: posctl confirm-clock)"


def device_view(name: DeviceName, device: Device, totals: Totals | None) -> views.DeviceView:
    """One device as clients see it."""
    report, t = device.report, totals or Totals()
    return views.DeviceView(
        name=name,
        state=report.state,
        reasons=list(report.reasons),
        detail=report.detail,
        since=iso_utc(device.since_ms),
        info=report.info,
        statistics=views.Statistics(
            device.unit, t.slips, t.lines, t.cuts, t.paper_mm, t.head_ms, dict(sorted(t.faults.items()))
        ),
    )


def devices(state: State, configured: frozenset[DeviceName]) -> views.DeviceList:
    """The devices that the configuration names."""
    known = [(name, device) for name, device in state.devices.items() if name in configured]
    return views.DeviceList([device_view(name, device, state.totals.get(device.unit)) for name, device in known])


def counts(state: State) -> views.Counts:
    """Open exceptions by kind."""
    by_kind: dict[str, int] = {kind: count for kind, count in state.listed.items() if count}
    return views.Counts(len(state.open), by_kind, state.overdue)


def sentence(state: State, configured: frozenset[DeviceName], journal: views.JournalView) -> tuple[bool, str]:
    """Whether all is well, and the sentence for the status line."""
    faults = []
    for name, device in state.devices.items():
        report = device.report
        if name in configured and report.state != "ready":
            advice = "; ".join(REMEDIES[reason] for reason in report.reasons)
            why = ", ".join(report.reasons) or report.state
            faults.append(f"{name}: {why}" + (f" ({advice})" if advice else ""))
    if journal.state != "ok" or journal.advice:
        advice = journal.advice or (_FULL if journal.state == "full" else "")
        faults.append(f"journal: {journal.state}" + (f" ({advice})" if advice else ""))
    if state.skew_ms:
        faults.append(_CLOCK.format(_span(abs(state.skew_ms)), "ahead of" if state.skew_ms > 0 else "behind"))
    n = len(state.open)
    owed = f"{n} open exception{'s' if n != 1 else ''}" if n else "nothing open"
    if state.overdue:
        owed += f", {state.overdue} past the deadline"
    if faults:
        return False, f"{'; '.join(faults)}; {owed}"
    return True, f"all devices ready; {owed}"


def _span(ms: int) -> str:
    """A length of time in whole days, hours or minutes, to the nearest minute: a day less a millisecond is a day."""
    minutes = (ms + 30_000) // 60_000
    count, word = next((minutes // u, w) for u, w in ((1440, "day"), (60, "hour"), (1, "minute")) if minutes >= u)
    return f"{count} {word}{'s' if count > 1 else ''}"
