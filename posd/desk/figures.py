"""The numbers of posd for a metrics file. Nothing of a transaction stands in them."""

from __future__ import annotations

from posd.domain import views

Figure = tuple[str, str, list[tuple[dict[str, str], float]]]
"""Metric name (unit last), a sentence of help, and its samples by labels. All are gauges."""

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
        ("posd_ready", "1 while nothing needs a person.", [({}, float(status.state == "ready"))]),
        ("posd_uptime_seconds", "Seconds since the start.", [({}, float(status.uptime_s))]),
        ("posd_device_state", "1 for the state that the device is in.", devices),
        ("posd_device_reason", "1 for each reason why the device needs a person.", reasons),
        ("posd_copies_waiting", "Copies that are owed and not on the printer.", [({}, float(owed))]),
        (
            "posd_exceptions_open",
            "Open exceptions by kind.",
            [({"kind": kind}, float(by_kind.get(kind, 0))) for kind in _KINDS],
        ),
        ("posd_journal_fill_ratio", "Share of the ring that is still owed.", [({}, journal.fill)]),
        ("posd_journal_used_bytes", "Bytes of the ring in use.", [({}, float(journal.used))]),
        ("posd_journal_durable_sequence", "Newest synced sequence number.", [({}, float(journal.durable))]),
    ]
