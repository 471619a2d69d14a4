"""What stands around a transaction's records in a page of evidence: devices and clock, and how far it was looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from posd import evidence
from posd.domain import codec, views
from posd.domain import events as ev
from posd.domain.doer import POSD
from posd.journal import Record
from posd.journal.errors import RecordGone
from posd.journal.link import Link

MINUTE_MS = 60_000
AT_MS = 1_795_233_600_000


class Ledger:
    """Records by number; each is a batch of its own."""

    def __init__(self, *events: ev.AnyEvent) -> None:
        self.events = dict(enumerate(events, 1))
        self.unreadable: set[int] = set()
        self.read = 0

    def first_seq(self) -> int:
        return min(self.events)

    def durable_seq(self) -> int:
        return max(self.events)

    def stored(self, seq: int) -> Record:
        return Record(seq, *codec.encode(self.events[seq]))

    def batch_of(self, seq: int) -> Link:
        return Link(seq, seq, 0, 1, bytes(32), bytes(100))

    def records(self, start: int) -> Iterator[Record]:
        for seq in sorted(seq for seq in self.events if seq >= start):
            if seq in self.unreadable:
                raise RecordGone("gone")
            self.read += 1
            yield self.stored(seq)


def device(minutes: float, name: Any = "printer", state: Any = "ready") -> ev.AnyEvent:
    return ev.DeviceChanged(time=AT_MS + round(minutes * MINUTE_MS), doer=POSD, device=name, state=state)


def own(minutes: float) -> ev.AnyEvent:
    return ev.SignatureVoided(time=AT_MS + round(minutes * MINUTE_MS), doer=POSD, id="t1", version=1, reason="wrong")


def other(minutes: float = 0) -> ev.AnyEvent:
    return ev.ExceptionsSwept(time=AT_MS + round(minutes * MINUTE_MS), doer=POSD, why="daily", seen=1)


def page(ledger: Ledger, *seqs: int, start: int = 0, personal: bool = True) -> views.EvidencePage:
    return evidence.page(cast("Any", ledger), "t1", seqs, start, personal=personal)


def told(ledger: Ledger, *seqs: int) -> list[int]:
    return [record.seq for record in page(ledger, *seqs).records]


def test_how_each_device_stood_before_it_whenever_that_was() -> None:
    ledger = Ledger(device(-900), device(-800), device(-700, "pad"), other(), own(0), device(60))
    assert told(ledger, 5) == [2, 3, 5]
    assert page(ledger, 5).looked == [views.Span(1, 6)]


@pytest.mark.parametrize(("minutes", "near"), [(-10, True), (-10.01, False), (10, True), (10.01, False)])
def test_what_changed_within_ten_minutes_of_it_on_either_side(minutes: float, near: bool) -> None:
    last = device(-0.1, state="faulted")
    events = [device(minutes), last, own(0)] if minutes < 0 else [last, own(0), device(minutes)]
    changed = events.index(own(0))
    seq = 1 if minutes < 0 else 3
    assert (seq in told(Ledger(*events), changed + 1)) == near


def test_it_goes_by_each_of_its_records() -> None:
    ledger = Ledger(own(0), device(30), device(31, state="faulted"), own(60), device(65), device(90), own(200))
    assert told(ledger, 1, 4, 7) == [1, 3, 4, 5, 6, 7]


def test_what_was_found_about_the_clock_is_told_as_of_a_device() -> None:
    suspect = ev.ClockSuspect(time=AT_MS - 90 * MINUTE_MS, doer=POSD, newest=AT_MS, skew=-90 * MINUTE_MS)
    trusted = ev.ClockTrusted(time=AT_MS + MINUTE_MS, doer=POSD)
    assert told(Ledger(suspect, own(0), trusted), 2) == [1, 2, 3]


def test_how_far_it_looks_is_bounded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "LOOK_MAX", 3)
    ledger = Ledger(device(-1), *[other()] * 3, own(0), *[other()] * 3, device(1), *[other()] * 20, own(2), other())
    assert told(ledger, 5, 30) == [5, 30]
    assert page(ledger, 5, 30).looked == [views.Span(2, 8), views.Span(27, 31)]
    monkeypatch.setattr(evidence, "LOOK_MAX", 4)
    assert told(ledger, 5, 30) == [1, 5, 9, 30]


def test_of_very_many_records_fewer_are_looked_through_around_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "LOOKED_MAX", 100)
    ledger = Ledger(*[other()] * 2000)
    seqs = range(50, 2000, 100)
    for seq in seqs:
        ledger.events[seq] = own(0)
    page(ledger, *seqs)
    assert ledger.read <= 100 + 2 * len(seqs)


def test_spans_that_meet_are_one() -> None:
    ledger = Ledger(own(0), other(), own(0))
    assert page(ledger, 1, 3).looked == [views.Span(1, 3)]


def test_records_of_the_transaction_are_told_where_those_around_cannot_be_read() -> None:
    ledger = Ledger(device(0), own(0), other(), device(1), own(2))
    ledger.unreadable = {3}
    answer = page(ledger, 2, 5)
    assert [record.seq for record in answer.records] == [1, 2, 5]
    assert answer.looked == [views.Span(1, 2)]
    ledger.unreadable = {1}
    assert page(ledger, 2, 5).looked == []


def test_records_that_were_carried_forward_are_told_although_nothing_is_left_around_them() -> None:
    ledger = Ledger(*[other()] * 9, own(0))
    kept = {**ledger.events, 3: own(0)}
    ledger.events = {seq: kept[seq] for seq in (3, 7, 8, 9, 10)}
    ledger.first_seq = lambda: 7  # type: ignore[method-assign]
    assert told(ledger, 3, 10) == [3, 10]


def test_pages_together_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(*(make(n) for n in range(8) for make in cast("list[Callable[[float], Any]]", [device, own])))
    seqs = tuple(range(2, 17, 2))
    whole = [record.seq for record in page(ledger, *seqs).records]
    monkeypatch.setattr(evidence, "PAGE_BYTES", 250)
    seen: list[int] = []
    start: int | None = 0
    while start is not None:
        answer = page(ledger, *seqs, start=start)
        assert 0 < len(answer.batches) <= 2
        seen += [record.seq for record in answer.records]
        start = answer.next
    assert seen == whole


def test_where_the_shop_gives_no_content_the_anchors_are_there() -> None:
    answer = page(Ledger(own(0)), 1, personal=False)
    assert [(batch.body, batch.anchor != "") for batch in answer.batches] == [("", True)]
    assert [record.type for record in answer.records] == ["signature.voided"]
