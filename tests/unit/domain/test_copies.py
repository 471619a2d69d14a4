"""The tables of copy and device: closed, and without a way back to where a law would break."""

from __future__ import annotations

from typing import get_args

import pytest

from posd.domain import copies, device, signature
from posd.domain.backoff import Backoff
from posd.domain.doer import POSD, Doer


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (copies.TRANSITIONS, get_args(copies.CopyState)),
        (signature.TRANSITIONS, get_args(signature.SignatureState)),
        (device.TRANSITIONS, get_args(device.DeviceState)),
    ],
    ids=["copy", "signature", "device"],
)
def test_every_state_stands_in_its_table_and_leads_only_to_states(
    table: dict[str, frozenset[str]], states: tuple[str, ...]
) -> None:
    assert set(table) == set(states)
    assert set().union(*table.values()) <= set(states)


def test_unknown_is_left_only_through_a_person() -> None:
    """Law 2: there is no way from unknown to printing that no person took."""
    assert copies.TRANSITIONS["unknown"] == {"printed", "queued"}
    assert "unknown" not in copies.WAITING
    assert copies.TRANSITIONS["printed"] == copies.TRANSITIONS["cancelled"] == frozenset()


def test_only_a_copy_on_the_printer_can_become_unknown_or_leave_it_printed() -> None:
    assert {s for s, to in copies.TRANSITIONS.items() if "unknown" in to} == {"printing"}
    assert {s for s, to in copies.TRANSITIONS.items() if "printed" in to} == {"printing", "unknown"}


def test_what_is_owed_is_open() -> None:
    assert copies.WAITING < copies.OPEN
    assert set(copies.TRANSITIONS) - {"printed", "cancelled"} == copies.OPEN


def test_a_signature_that_was_not_needed_stays_so_and_a_captured_one_is_only_voided() -> None:
    assert signature.TRANSITIONS["not-needed"] == frozenset()
    assert signature.TRANSITIONS["captured"] == {"voided"}
    assert {s for s, to in signature.TRANSITIONS.items() if "captured" in to} == {"awaiting"}


def test_a_device_that_is_gone_comes_back_only_through_opening() -> None:
    assert device.TRANSITIONS["absent"] == {"opening"}
    assert all("absent" in to for state, to in device.TRANSITIONS.items() if state != "absent")


def test_tries_come_soon_then_rarely_then_soon_again_after_success() -> None:
    backoff = Backoff(0.1, 2.0)
    assert [round(backoff.next_s(), 3) for _ in range(7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    backoff.reset()
    assert backoff.next_s() == 0.1


def test_a_backoff_that_would_never_wait_is_a_programming_error() -> None:
    for first, last in ((0, 1), (2, 1)):
        with pytest.raises(AssertionError):
            Backoff(first, last)


def test_a_doer_in_words() -> None:
    assert Doer(kind="peer", uid=1000, gid=5, pid=42).words() == "uid 1000 pid 42"
    assert Doer(kind="key", key="KEY_F1").words() == "key KEY_F1"
    assert POSD.words() == "posd"
