"""The one look at everything, in words that tell a person what to do."""

from __future__ import annotations

from posd.desk.slips import iso_utc
from posd.desk.state import Device, State
from posd.domain import views
from posd.domain.device import DeviceName

_ADVICE = {
    "paper-end": "put in paper",
    "paper-near-end": "have paper at hand",
    "cover-open": "close the cover",
    "cutter": "clear the cutter",
    "head-hot": "let the print head cool",
    "offline": "press the printer's online key",
    "unrecoverable": "switch the device off and on; if that does not help, have it repaired",
    "no-answer": "check its cable and power",
    "unplugged": "plug it in",
}

_FULL = "new sales are refused; settle what `posctl exceptions` lists"


def device_view(name: DeviceName, device: Device) -> views.DeviceView:
    """One device as clients see it."""
    report = device.report
    return views.DeviceView(
        name=name,
        state=report.state,
        reasons=list(report.reasons),
        detail=report.detail,
        since=iso_utc(device.since_ms),
        info=report.info,
    )


def devices(state: State, configured: frozenset[DeviceName]) -> views.DeviceList:
    """The devices that the configuration names."""
    return views.DeviceList([device_view(name, d) for name, d in state.devices.items() if name in configured])


def counts(state: State) -> views.Counts:
    """Open exceptions by kind."""
    by_kind: dict[str, int] = {}
    for xid in state.open:
        kind = state.exceptions[xid].kind
        by_kind[kind] = by_kind.get(kind, 0) + 1
    return views.Counts(len(state.open), by_kind)


def sentence(state: State, configured: frozenset[DeviceName], journal: views.JournalView) -> tuple[bool, str]:
    """Whether all is well, and the sentence for the status line."""
    faults = []
    for name, device in state.devices.items():
        report = device.report
        if name in configured and report.state != "ready":
            advice = "; ".join(_ADVICE[r] for r in report.reasons)
            why = ", ".join(report.reasons) or report.state
            faults.append(f"{name}: {why}" + (f" ({advice})" if advice else ""))
    if journal.state != "ok" or journal.advice:
        advice = journal.advice or (_FULL if journal.state == "full" else "")
        faults.append(f"journal: {journal.state}" + (f" ({advice})" if advice else ""))
    n = len(state.open)
    owed = f"{n} open exception{'s' if n != 1 else ''}" if n else "nothing open"
    if faults:
        return False, f"{'; '.join(faults)}; {owed}"
    return True, f"all devices ready; {owed}"
