"""The numbers of posd for a metrics file. Nothing of a transaction stands in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from posd.domain import views

Kind = Literal["gauge", "counter"]
Samples = list[tuple[dict[str, str], float]]
Figure = tuple[str, Kind, str, Samples]
"""Metric name (unit last), its kind, a sentence of help, and its samples by labels."""

_DEVICE_STATES = ("absent", "opening", "ready", "attention", "faulted")
_KINDS = ("unprinted", "unknown", "unsigned", "wrong-signature")


def figures(status: views.Status, owed: int) -> list[Figure]:
    """`owed`: copies that wait to print."""
    journal, by_kind = status.journal, status.exceptions.by_kind
    devices = [
        ({"device": device.name, "state": state}, float(device.state == state))
        for device in status.devices
        for state in _DEVICE_STATES
    ]
    reasons: list[tuple[dict[str, str], float]] = [
        ({"device": d.name, "reason": reason}, 1.0) for d in status.devices for reason in d.reasons
    ]
    return [
        ("posd_ready", "gauge", "1 while nothing needs a person.", [({}, float(status.state == "ready"))]),
        ("posd_uptime_seconds", "gauge", "Seconds since the start.", [({}, float(status.uptime_s))]),
        ("posd_device_state", "gauge", "1 for the state that the device is in.", devices),
        ("posd_device_reason", "gauge", "1 for each reason why the device needs a person.", reasons),
        ("posd_copies_waiting", "gauge", "Copies that are owed and not on the printer.", [({}, float(owed))]),
        (
            "posd_exceptions_open",
            "gauge",
            "Open exceptions by kind.",
            [({"kind": kind}, float(by_kind.get(kind, 0))) for kind in _KINDS],
        ),
        ("posd_journal_fill_ratio", "gauge", "Share of the ring that is still owed.", [({}, journal.fill)]),
        ("posd_journal_used_bytes", "gauge", "Bytes of the ring in use.", [({}, float(journal.used))]),
        ("posd_journal_durable_sequence", "gauge", "Newest synced sequence number.", [({}, float(journal.durable))]),
        (
            "posd_clock_trusted",
            "gauge",
            "1 while the wall clock is believed.",
            [({}, float(status.clock == "trusted"))],
        ),
        *_counted(status),
    ]


def _counted(status: views.Status) -> list[Figure]:
    """What devices have done and met, by unit."""
    units = [
        (device.name, {"device": device.name, "unit": s.unit}, s)
        for device in status.devices
        if (s := device.statistics)
    ]
    printers = [(labels, s) for name, labels, s in units if name == "printer"]
    faults = [({**labels, "reason": reason}, float(n)) for _, labels, s in units for reason, n in s.faults.items()]

    def of(value: Callable[[views.Statistics], float]) -> Samples:
        return [(labels, value(s)) for labels, s in printers]

    return [
        ("posd_printer_slips_total", "counter", "Slips that came out, or may have.", of(lambda s: s.slips)),
        ("posd_printer_lines_total", "counter", "Lines printed.", of(lambda s: s.lines)),
        ("posd_printer_cuts_total", "counter", "Cuts of the cutter.", of(lambda s: s.cuts)),
        ("posd_printer_paper_meters_total", "counter", "Paper used.", of(lambda s: s.paper_mm / 1000)),
        ("posd_printer_head_seconds_total", "counter", "Time that the head worked.", of(lambda s: s.head_ms / 1000)),
        ("posd_device_faults_total", "counter", "How often each fault came up.", faults),
    ]
