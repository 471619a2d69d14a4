"""What each device has done and met: slips, lines, cuts, paper and head time of the printer, faults of all three.

Rules
- Counted by unit: model and serial number where the device tells them, else the device's name. A printer that comes
  back on another port goes on with its own figures.
- A slip counts when it came out or may have; a torn piece only with its paper. A fault counts each time when its reason
  comes up; near-end is none. A restart in the middle of a fault does not count it again.
- The figures are kept as running totals, in records that go along with others: no sync for them alone. So a power cut
  loses what was counted since the last one, at most `UNSAVED_MAX` slips and faults; an orderly stop loses nothing.
- A record that is about to leave the ring is made anew (`due`).
"""

from __future__ import annotations

from posd.desk.state import Totals
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.device import DeviceName, DeviceReport, PrintOutcome, Wear

UNSAVED_MAX = 25
UNSAVED_MS = 600_000
"""So long what was counted waits for company: then it goes with the next record."""
_NO_FAULT = frozenset({"paper-near-end"})
_TEXT_MAX = 40


def report(turn: Turn, told: DeviceReport) -> None:
    """A device's word: who it is, and which faults came up."""
    device = turn.state.devices[told.device]
    if told.state in ("ready", "attention"):
        device.unit = _unit(told)
    if told.state == "opening":
        return
    for reason in sorted(frozenset(told.reasons) - frozenset(device.recorded[1]) - _NO_FAULT):
        totals = _of(turn, told.device)
        totals.faults[reason] = totals.faults.get(reason, 0) + 1
        _counted(turn, totals)


def outcome(turn: Turn, message: PrintOutcome) -> None:
    """A job ended on the printer."""
    came_out = message.state in ("printed", "unknown")
    if not came_out and not message.torn:
        return
    wear, totals = message.wear or Wear(), _of(turn, "printer")
    totals.slips += came_out
    totals.lines += wear.lines
    totals.cuts += wear.cuts
    totals.paper_mm += wear.paper_mm
    totals.head_ms += wear.head_ms
    _counted(turn, totals)


def save(turn: Turn) -> None:
    """Record what was counted, where a record goes to the disk anyway. Last thing in each decision."""
    if not turn.events and not turn.state.leaving:
        return
    for unit, totals in list(turn.state.totals.items()):
        waited = totals.unsaved and turn.now.mono_ms - totals.unsaved_mono_ms >= UNSAVED_MS
        if totals.due or waited or totals.unsaved >= UNSAVED_MAX or (totals.unsaved and turn.state.leaving):
            turn.record(
                ev.DeviceCounted(
                    time=turn.now.ms,
                    doer=turn.doer,
                    unit=unit,
                    slips=totals.slips,
                    lines=totals.lines,
                    cuts=totals.cuts,
                    paper_mm=totals.paper_mm,
                    head_ms=totals.head_ms,
                    faults=dict(totals.faults),
                )
            )


def _unit(told: DeviceReport) -> str:
    model, serial = (told.info.get(name, "").strip()[:_TEXT_MAX] for name in ("model", "serial"))
    return f"{model} {serial}" if model and serial else told.device


def _of(turn: Turn, name: DeviceName) -> Totals:
    return turn.state.totals.setdefault(turn.state.devices[name].unit, Totals())


def _counted(turn: Turn, totals: Totals) -> None:
    if not totals.unsaved:
        totals.unsaved_mono_ms = turn.now.mono_ms
    totals.unsaved += 1
