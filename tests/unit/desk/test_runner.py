"""The runner: nobody acts on, or is told of, what a power cut could still take back (law 1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from posd.desk import drawing, ports, runner
from posd.domain import codec, views
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import (
    DeviceReport,
    Drawing,
    KeyAnswer,
    KeyCommand,
    PrintJob,
    PrintOutcome,
    SignOutcome,
    SignRequest,
)
from posd.domain.errors import Refusal
from posd.domain.slip import SlipOrder
from posd.domain.transaction import Transaction
from tests.unit.desk.bare import NoArchive
from tests.unit.desk.shop import INK, NOON_MS, TILL, compose, compose_selftest, folded, lasting, rules
from tests.unit.domain.samples import cash, sale


class Ledger(NoArchive):
    """A journal in memory that becomes durable when the test says so."""

    def __init__(self) -> None:
        self.records: list[tuple[int, int, bytes, bytes]] = []
        self.appends: list[int] = []
        self.durable = 0
        self.sales = self.outcomes = True
        self.first = 1
        self.released: list[int] = []
        self.carried: list[tuple[list[int], int]] = []
        self.is_crowded = False
        self.has_room = True
        self.fault: Exception | None = None

    def append(self, records: Sequence[tuple[int, int, bytes, bytes]]) -> range:
        if self.fault is not None:
            raise self.fault
        start = len(self.records) + 1
        self.records += records
        self.appends.append(len(records))
        return range(start, len(self.records) + 1)

    def takes_sales(self, promised: int) -> bool:
        return self.sales

    def takes_outcomes(self, promised: int) -> bool:
        return self.outcomes

    def read(self, seq: int) -> ev.AnyEvent:
        if not self.first <= seq <= len(self.records):
            raise LookupError(seq)
        number, version, _, payload = self.records[seq - 1]
        event = codec.decode(number, version, payload)
        assert event is not None
        return event

    def replay(self, start: int) -> Iterator[tuple[int, ev.AnyEvent]]:
        for seq in range(max(start, self.first), self.durable + 1):
            yield seq, self.read(seq)

    def kept(self) -> Iterator[tuple[int, ev.AnyEvent]]:
        return self.replay(self.first)

    def first_kept(self) -> int:
        return self.first

    def first_owed(self) -> int:
        return max(self.released, default=1)

    def place(self, seq: int) -> int:
        return seq

    def carry(self, seqs: Sequence[int], first_owed: int) -> bool:
        if not self.has_room:
            return False
        self.carried.append((list(seqs), first_owed))
        self.released.append(first_owed)
        return True

    def durable_seq(self) -> int:
        return self.durable

    def crowded(self) -> bool:
        return self.is_crowded

    def release(self, first_owed: int) -> None:
        self.released.append(first_owed)

    def events(self) -> list[ev.AnyEvent]:
        return [self.read(seq) for seq in range(1, len(self.records) + 1)]


class Pictures:
    def __init__(self) -> None:
        self.fault: Exception | None = None

    def slip(self, order: SlipOrder, format: str) -> str:
        if self.fault is not None:
            raise self.fault
        return f"{format}:{compose(order).data.decode()}"

    def signature(self, drawing: Drawing, format: str, watermark: str | None) -> str:
        return f"{format}:{drawing.data.decode()}:{watermark}"


class House:
    """A runner with everything around it; `acts` is what left for the world, in order."""

    def __init__(self, toml: str = "", ledger: Ledger | None = None) -> None:
        self.ledger = ledger or Ledger()
        self.acts: list[Any] = []
        self.failures: list[str] = []
        self.ms = NOON_MS
        self.pictures = Pictures()
        self.desk = runner.Desk(
            self.ledger,
            rules(toml),
            ports.Tools(compose, self.ledger.read, compose_selftest),
            lambda: ports.Now(self.ms, self.ms - NOON_MS, 480),
            self.pictures,
            lambda seq, event: self.acts.append((seq, event)),
            self.failures.append,
        )
        self.desk.recover()
        self.desk.printer = self.desk.pad = self.desk.keypad = self  # type: ignore[assignment]

    # The devices: they write down what is asked of them.

    def submit(self, job: PrintJob) -> None:
        self.acts.append(job)

    def begin(self, request: SignRequest) -> None:
        self.acts.append(request)

    def cancel(self, session: str) -> None:
        self.acts.append(("cancel", session))

    def answer(self, answer: KeyAnswer) -> None:
        self.acts.append(("feedback", answer.answer == "done"))

    # The test.

    def ready(self) -> House:
        """Booted, both devices ready, everything durable."""
        self.desk.boot(0)
        for device in ("printer", "pad"):
            self.desk.tell(DeviceReport(device, "ready"))  # type: ignore[arg-type]
        self.sync()
        self.acts.clear()
        return self

    def sync(self, seq: int | None = None) -> None:
        """Everything up to `seq`, or all, is on the disk."""
        self.ledger.durable = len(self.ledger.records) if seq is None else seq
        self.desk.durable(self.ledger.durable)

    def asks(self, request: rq.AnyRequest) -> asyncio.Task[views.AnyResult]:
        return asyncio.get_running_loop().create_task(self.desk.ask(request, TILL))

    def sells(self, document: dict[str, Any]) -> asyncio.Task[views.AnyResult]:
        return self.asks(rq.Submit(msgspec.convert(document, Transaction)))

    def session(self) -> str:
        """The session that is on the pad."""
        return [act for act in self.acts if isinstance(act, SignRequest)][-1].session

    def kinds(self) -> list[str]:
        return [
            codec.tag_of(a[1]) if isinstance(a, tuple) and isinstance(a[0], int) else type(a).__name__
            for a in self.acts
        ]


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(scene(), 30))


def test_no_answer_and_no_byte_leave_before_their_record_is_durable() -> None:
    async def scene() -> None:
        house = House().ready()
        answer = house.sells(cash(id="t1"))
        await settle()
        assert len(house.ledger.records) > house.ledger.durable, "decided, and waiting for the disk"
        assert not answer.done()
        assert house.acts == []
        house.sync(len(house.ledger.records) - 1)
        await settle()
        assert not answer.done(), "not even with all but the last record durable"
        assert house.acts == []
        house.sync()
        await settle()
        result = answer.result()
        assert isinstance(result, views.Submitted)
        assert house.ledger.read(result.seq).transaction.id == "t1"  # type: ignore[union-attr]
        assert house.kinds() == ["transaction.accepted", "copy.started", "PrintJob"]

    run(scene)


@pytest.mark.parametrize(
    ("message", "effect"),
    [
        (KeyCommand("reprint-last", "KEY_F1"), "PrintJob"),
        (KeyCommand("resign-last", "KEY_F3"), "SignRequest"),
    ],
)
def test_no_device_moves_before_its_order_is_durable(message: KeyCommand, effect: str) -> None:
    async def scene() -> None:
        house = House()
        house.desk.boot(0)
        house.desk.tell(DeviceReport("printer", "ready"))
        house.desk.tell(DeviceReport("pad", "absent"))
        house.sells(sale(id="t1"))
        await settle()
        house.sync()
        for _ in range(2):
            assert house.desk.state.printing is not None
            house.desk.tell(PrintOutcome(house.desk.state.printing.job, "printed", "confirmed"))
            house.sync()
        house.desk.tell(DeviceReport("pad", "ready"))
        house.sync()
        house.acts.clear()
        house.desk.tell(message)
        assert house.acts == []
        house.sync()
        assert effect in house.kinds()

    run(scene)


def test_even_a_mere_question_waits_for_what_was_decided_before_it() -> None:
    """Else a client could act on a sale that a power cut takes back."""

    async def scene() -> None:
        house = House().ready()
        house.sells(cash(id="t1"))
        await settle()
        question = house.asks(rq.Get("t1"))
        refusal = house.asks(rq.Get("nobody"))
        await settle()
        assert not question.done()
        assert not refusal.done()
        house.sync()
        await settle()
        assert isinstance(question.result(), views.Found)
        assert isinstance(refusal.exception(), Refusal)

    run(scene)


def test_a_question_with_nothing_before_it_is_answered_at_once() -> None:
    async def scene() -> None:
        house = House().ready()
        answer = house.asks(rq.Search())
        await settle()
        assert answer.result() == views.SearchResult([], None)

    run(scene)


def test_effects_leave_in_the_order_of_their_decisions_and_each_event_is_published_once_in_order() -> None:
    async def scene() -> None:
        house = House().ready()
        first = len(house.ledger.records) + 1
        answers = [house.sells(cash(id=f"t{i}")) for i in range(5)]
        await settle()
        order: list[int] = []
        for i, answer in enumerate(answers):
            answer.add_done_callback(lambda _, i=i: order.append(i))
        for seq in range(first, len(house.ledger.records) + 1):
            house.sync(seq)
            house.sync(seq)
            await settle()
        house.sync()
        await settle()
        assert order == [0, 1, 2, 3, 4]
        published = [a[0] for a in house.acts if isinstance(a, tuple) and isinstance(a[0], int)]
        assert published == list(range(first, len(house.ledger.records) + 1))
        events = house.ledger.events()
        assert [a[1] for a in house.acts if isinstance(a, tuple)] == events[first - 1 :]
        assert next(a for a in house.acts if isinstance(a, PrintJob)).job == "000001-m0"
        assert house.acts.index(next(a for a in house.acts if isinstance(a, PrintJob))) == 2

    run(scene)


def test_all_events_of_a_decision_are_one_append() -> None:
    """The journal keeps an append whole or not at all: no outcome stands there without its exception."""

    async def scene() -> None:
        house = House().ready()
        house.sells(cash(id="t1"))
        await settle()
        before = len(house.ledger.appends)
        house.sync()
        house.desk.tell(PrintOutcome("000001-m0", "unknown", None, "no-answer"))
        assert house.ledger.appends[before:] == [3]
        tags = [codec.tag_of(e) for e in house.ledger.events()[-3:]]
        assert tags == ["copy.unknown", "exception.opened", "copy.started"]

    run(scene)


def test_when_the_journal_fails_nobody_is_left_waiting_and_nothing_leaves() -> None:
    async def scene() -> None:
        house = House().ready()
        waiting = [house.sells(cash(id="t1")), house.asks(rq.Search())]
        await settle()
        house.desk.failed("the disk is gone")
        house.sync()
        await settle()
        for answer in waiting:
            error = answer.exception()
            assert isinstance(error, Refusal)
            assert (error.kind, error.message) == ("journal-failed", "the disk is gone")
        assert house.acts == []
        assert house.failures == ["the disk is gone"]
        house.desk.tell(DeviceReport("printer", "absent"))
        records = len(house.ledger.records)
        with pytest.raises(Refusal, match="the disk is gone"):
            await house.desk.ask(rq.Search(), TILL)
        assert len(house.ledger.records) == records

    run(scene)


def test_a_journal_that_takes_no_record_is_a_journal_that_failed() -> None:
    """The fold has moved without its events: it must not live on, and the caller must not be told that all is well."""

    async def scene() -> None:
        house = House().ready()
        house.ledger.fault = RuntimeError("no room was left")
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Submit(msgspec.convert(cash(id="t1"), Transaction)), TILL)
        assert caught.value.kind == "journal-failed"
        assert len(house.failures) == 1
        assert house.acts == []

    run(scene)


def test_a_device_message_that_the_journal_does_not_take_ends_the_process_in_good_order() -> None:
    async def scene() -> None:
        house = House().ready()
        house.ledger.fault = RuntimeError("no room was left")
        house.desk.tell(DeviceReport("printer", "attention", ("paper-end",)))
        assert len(house.failures) == 1

    run(scene)


def test_a_fault_in_a_decision_ends_the_process_once() -> None:
    async def scene() -> None:
        house = House().ready()
        house.desk.tell(PrintOutcome("no such job", "printed", "confirmed"))
        house.desk.tell(PrintOutcome("no such job", "printed", "confirmed"))
        assert len(house.failures) == 1
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Search(), TILL)
        assert caught.value.kind == "journal-failed"

    run(scene)


def test_so_many_decisions_wait_for_the_disk_and_no_more() -> None:
    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        taken = [house.sells(cash(id=f"t{i}")) for i in range(runner.IN_FLIGHT_MAX)]
        await settle()
        records = len(house.ledger.records)
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Submit(msgspec.convert(cash(id="one more"[:3]), Transaction)), TILL)
        assert caught.value.kind == "busy"
        assert len(house.ledger.records) == records
        house.desk.tell(DeviceReport("printer", "ready", ("paper-near-end",)))
        assert len(house.ledger.records) == records + 1, "a device's word is always taken"
        house.sync()
        await settle()
        assert all(answer.done() and not answer.exception() for answer in taken)
        again = house.sells(cash(id="again"))
        await settle()
        house.sync()
        await settle()
        assert again.exception() is None

    run(scene)


def test_so_many_bytes_wait_for_the_disk_and_no_more() -> None:
    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        item = {"name": "茶" * 66, "quantity": "1", "price": "1", "amount": "1"}
        big = cash(id="t") | {"items": [item] * 500, "total": "500", "payments": [{"method": "cash", "amount": "500"}]}
        tasks = [house.sells(big | {"id": f"t{i}"}) for i in range(60)]
        await settle()
        refused = [t for t in tasks if t.done()]
        assert refused
        assert {t.exception().kind for t in refused} == {"busy"}  # type: ignore[union-attr]
        waiting = sum(len(record[3]) for record in house.ledger.records)
        assert waiting < runner.IN_FLIGHT_BYTES_MAX + 200_000
        house.sync()
        await settle()
        more = house.sells(cash(id="more"))
        await settle()
        house.sync()
        await settle()
        assert more.exception() is None

    run(scene)


def test_a_full_journal_refuses_new_sales_and_takes_everything_else() -> None:
    async def scene() -> None:
        house = House().ready()
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        house.ledger.sales = False
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Submit(msgspec.convert(cash(id="t2"), Transaction)), TILL)
        assert caught.value.kind == "journal-full"
        house.desk.tell(PrintOutcome("000001-m0", "printed", "confirmed"))
        assert codec.tag_of(house.ledger.events()[-2]) == "copy.printed"

    run(scene)


def test_a_client_that_has_gone_changes_nothing_of_what_was_decided() -> None:
    async def scene() -> None:
        house = House().ready()
        answer = house.sells(cash(id="t1"))
        await settle()
        answer.cancel()
        await settle()
        house.sync()
        assert "PrintJob" in house.kinds()
        assert "t1" in house.desk.state.sales

    run(scene)


def test_a_device_that_answers_at_once_does_not_overtake_what_came_before() -> None:
    """An actor may report from within the very call that gives it a job."""

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()

        def at_once(job: PrintJob) -> None:
            house.acts.append(job)
            house.desk.tell(PrintOutcome(job.job, "failed", None, "unplugged"))
            house.desk.tell(DeviceReport("printer", "absent", ("unplugged",)))

        house.submit = at_once  # type: ignore[method-assign]
        answers = [house.sells(cash(id=f"t{i}")) for i in range(2)]
        await settle()
        house.sync()
        house.sync()
        await settle()
        assert [a.exception() for a in answers] == [None, None]
        published = [a[0] for a in house.acts if isinstance(a, tuple)]
        assert published == sorted(published)
        assert house.desk.state.printing is None

    run(scene)


def test_the_fold_after_a_restart_is_the_state_of_before() -> None:
    async def scene() -> None:
        house = House().ready()
        for i in range(3):
            house.sells(sale(id=f"t{i}"))
        await settle()
        house.sync()
        house.desk.tell(SignOutcome(house.session(), "captured", INK))
        house.sync()
        again = House(ledger=house.ledger)
        assert lasting(again.desk.state) == lasting(house.desk.state) == lasting(folded(house.ledger.events()))

    run(scene)


def test_what_was_not_durable_is_not_folded() -> None:
    async def scene() -> None:
        house = House().ready()
        house.sells(cash(id="t1"))
        await settle()
        del house.ledger.records[house.ledger.durable :]
        again = House(ledger=house.ledger).ready()
        assert again.desk.state.sales == {}
        answer = again.sells(cash(id="t1"))
        await settle()
        again.sync()
        await settle()
        assert answer.exception() is None

    run(scene)


def test_a_preview_and_a_signature_are_drawn_off_the_loop_and_a_fault_there_is_an_answer() -> None:
    async def scene() -> None:
        house = House().ready()
        house.sells(sale(id="t1"))
        await settle()
        house.sync()
        house.desk.tell(SignOutcome(house.session(), "captured", INK))
        house.sync()
        shown = await house.desk.ask(rq.Preview("t1", "merchant", "svg"), TILL)
        assert isinstance(shown, views.Previewed)
        assert shown.data.startswith("svg:posd merchant t1")
        for form, data in (("png", "png:ink:507D8226"), ("strokes", "strokes:ink:507D8226")):
            signed = await house.desk.ask(rq.SignatureGet("t1", form), TILL)  # type: ignore[arg-type]
            assert isinstance(signed, views.SignatureData)
            assert (signed.data, signed.version) == (data, 1)
        for fault, kind in ((Refusal("unsupported", "no font"), "unsupported"), (ValueError("x"), "unsupported")):
            house.pictures.fault = fault
            with pytest.raises(Refusal) as caught:
                await house.desk.ask(rq.Preview("t1"), TILL)
            assert caught.value.kind == kind
        assert house.failures == []

    run(scene)


def test_time_passes_while_a_copy_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "TICK_S", 0.001)

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        ticking = asyncio.get_running_loop().create_task(house.desk.tick_forever())
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        house.desk.tell(DeviceReport("printer", "absent"))
        house.desk.tell(PrintOutcome("000001-c0", "failed", None, "unplugged"))
        house.ms += 700_000
        while not house.desk.state.sales["t1"].copies[0].held:
            await asyncio.sleep(0.001)
        ticking.cancel()

    run(scene)


async def sold(house: House, *ids: str) -> None:
    """Cash sales with one copy each, printed."""
    for name in ids:
        house.sells(cash(id=name))
        await settle()
        house.sync()
        if house.desk.state.printing is not None:
            house.desk.tell(PrintOutcome(house.desk.state.printing.job, "printed", "confirmed"))
            house.sync()


def test_what_the_journal_may_drop_is_forgotten_in_the_same_moment() -> None:
    """Else a reprint could make owed again what is about to leave the ring."""

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        await sold(house, *(f"t{i}" for i in range(9)))
        house.desk.tick()
        assert house.ledger.released == [], "nothing is given up before it is crowded"
        house.ledger.is_crowded = True
        for _ in range(5):
            before = len(house.desk.state.sales)
            house.desk.tick()
            assert 0 < len(house.desk.state.sales) <= before
            assert all(sale.seq >= house.ledger.released[-1] for sale in house.desk.state.sales.values())
        assert house.ledger.released == sorted(house.ledger.released)
        assert 0 < len(house.desk.state.sales) < 9

    run(scene)


def test_what_is_owed_is_never_given_up() -> None:
    """Law 6."""

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        await sold(house, "t0")
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        house.desk.tell(PrintOutcome("000002-c0", "unknown", None, "no-answer"))
        house.sync()
        await sold(house, *(f"t{i}" for i in range(2, 9)))
        house.ledger.is_crowded = True
        house.ledger.has_room = False
        for _ in range(20):
            house.desk.tick()
        assert house.ledger.released[-1] == house.desk.state.sales["t1"].seq
        house.ledger.has_room = True
        for _ in range(20):
            house.desk.tick()
        stuck = house.desk.state.sales["t1"].records
        assert house.ledger.released[-1] > stuck[-1]
        assert all(set(stuck) <= set(seqs) for seqs, _ in house.ledger.carried)

    run(scene)


def test_a_start_first_carries_forward_what_stands_in_the_way() -> None:
    """Starts that end early, one after the other, would else use up the room for that."""

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        house.sells(cash(id="t0"))
        await settle()
        house.sync()
        house.desk.tell(PrintOutcome("000001-c0", "unknown", None, "no-answer"))
        house.sync()
        await sold(house, *(f"t{i}" for i in range(1, 9)))
        again = House(ledger=house.ledger)
        again.ledger.is_crowded = True
        again.desk.boot(0)
        assert [seqs for seqs, _ in again.ledger.carried] == [list(again.desk.state.sales["t0"].records)]

    run(scene)


def test_the_last_sale_can_be_reprinted_however_crowded_it_gets() -> None:
    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        await sold(house, *(f"t{i}" for i in range(6)))
        house.ledger.is_crowded = True
        for _ in range(50):
            house.desk.tick()
        assert list(house.desk.state.sales) == ["t5"]
        assert house.desk.state.last == "t5"

    run(scene)


def test_before_a_sale_is_refused_for_want_of_room_what_can_go_goes() -> None:
    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        await sold(house, *(f"t{i}" for i in range(6)))

        def room(promised: int) -> bool:
            return bool(house.ledger.released)

        house.ledger.takes_sales = room  # type: ignore[method-assign]
        answer = house.sells(cash(id="more"))
        await settle()
        house.sync()
        await settle()
        assert answer.exception() is None

    run(scene)


def test_pictures_that_are_asked_for_faster_than_they_are_drawn_are_bounded() -> None:
    async def scene() -> None:
        house = House().ready()
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        asked = [asyncio.ensure_future(house.desk.ask(rq.Preview("t1"), TILL)) for _ in range(drawing.WAITING_MAX + 3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        busy = [a for a in answers if isinstance(a, Refusal) and a.kind == "busy"]
        assert len(busy) == 3
        assert sum(isinstance(a, views.Previewed) for a in answers) == drawing.WAITING_MAX

    run(scene)


def test_an_effect_that_cannot_be_performed_ends_the_process() -> None:
    """Else the state would say that a slip is printing which no printer has."""

    async def scene() -> None:
        house = House().ready()

        def broken(job: PrintJob) -> None:
            raise RuntimeError("no such printer")

        house.submit = broken  # type: ignore[method-assign]
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Get("t1"), TILL)
        assert caught.value.kind == "journal-failed"
        assert "starts again" in caught.value.message

    run(scene)


def test_a_stop_waits_for_the_slip_that_is_printing_but_not_for_paper() -> None:
    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        house.sells(cash(id="t1"))
        await settle()
        house.sync()
        waiting = asyncio.ensure_future(house.desk.idle(60.0))
        await settle()
        assert not waiting.done()
        house.desk.tell(PrintOutcome("000001-c0", "printed", "confirmed"))
        await asyncio.wait_for(waiting, 20.0)
        house.sells(cash(id="t2"))
        await settle()
        house.sync()
        house.sync()
        assert house.desk.state.printing is not None
        house.desk.tell(DeviceReport("printer", "attention", ("paper-end",)))
        await asyncio.wait_for(house.desk.idle(60.0), 20.0)
        assert house.desk.state.printing is not None

    run(scene)


def test_a_full_journal_takes_no_copy_and_no_key_but_the_signature_that_is_missing() -> None:
    """Law 6: what is new must not eat the room of what is still to come."""

    async def scene() -> None:
        house = House('[slip]\ncopies = ["customer"]').ready()
        await sold(house, "t1")
        before = len(house.ledger.records)
        house.ledger.sales = False
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.ReprintAsk("t1", "k1"), TILL)
        assert caught.value.kind == "journal-full"
        house.desk.tell(KeyCommand("reprint-last", "KEY_F1"))
        assert len(house.ledger.records) == before, "nothing was written, not even the refusal"
        house.desk.tell(KeyCommand("resign-last", "KEY_F3"))
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.Resign("t1", "k2"), TILL)
        assert caught.value.kind == "conflict", "it may use the reserve, but nothing is missing"
        house.ledger.sales = house.ledger.outcomes = True
        house.desk.tell(KeyCommand("reprint-last", "KEY_F1"))
        assert len(house.ledger.records) > before

    run(scene)
