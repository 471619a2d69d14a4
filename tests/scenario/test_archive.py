"""Ring life: a small ring goes round and round under a real desk on real files, and nothing is lost or held up.

`POSD_LAPS` is how many laps the long life takes (10; a release takes 100).
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from posd.desk import ports, room, runner
from posd.domain import requests as rq
from posd.domain import views
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand, PrintJob, PrintOutcome, SignOutcome, SignRequest
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent
from posd.domain.slip import SlipOrder
from posd.domain.transaction import Transaction
from posd.journal import DiskShelf, Journal, JournalFailed
from posd.journal import journal as journal_module
from posd.journal.archive_reader import Entry
from posd.journal.backups import back_up, bring_back
from posd.journal.copies import Page
from posd.journal.entries import Entry as JournalEntry
from posd.journal.verify import verify
from posd.journal.writer import Writer
from posd.ledger import JournalLedger, archive_in
from tests.unit.desk.shop import INK, NOON_MS, TILL, compose, compose_selftest, rules
from tests.unit.domain.samples import cash, sale

LAPS = int(os.environ.get("POSD_LAPS", "10"))
RING = 1 << 20
DEADLINE_S = 30.0


class Pictures:
    def slip(self, order: SlipOrder, format: str) -> str:
        return compose(order).data.decode()

    def signature(self, drawing: Any, format: str, watermark: str | None) -> str:
        return str(drawing.data.decode())


class Life:
    """One run of a shop: the real journal, archive and desk; a printer that prints at once, a pad on which nobody signs
    but when told to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs: list[str] = []
        self.signs = True
        self.failures: list[str] = []
        self.clock = itertools.count(NOON_MS, 7)

    def open(self) -> None:
        archive = archive_in(str(self.folder / "archive"), 86_400.0)
        self.journal = Journal.open(self.folder / "journal", size=RING, mirror=False, archive=archive)
        self.ledger = JournalLedger(self.journal)
        self.desk = runner.Desk(
            self.ledger,
            rules(),
            ports.Tools(compose, self.ledger.read, compose_selftest),
            lambda: ports.Now(next(self.clock), next(self.clock), 480),
            Pictures(),  # type: ignore[arg-type]
            lambda seq, event: None,
            self.failures.append,
        )
        self.desk.recover()
        self.desk.printer = self.desk.pad = self  # type: ignore[assignment]

    def start(self) -> None:
        self.ledger.start(self.desk.durable, lambda failure: self.desk.failed(str(failure)))
        self.desk.boot(0)
        for device in ("printer", "pad"):
            self.desk.tell(DeviceReport(device, "ready"))  # type: ignore[arg-type]

    def submit(self, job: PrintJob) -> None:
        self.jobs.append(job.job)
        if self.silent:
            return
        outcome = PrintOutcome(job.job, "printed", "confirmed")
        asyncio.get_running_loop().call_soon(self.desk.tell, outcome)

    def begin(self, request: SignRequest) -> None:
        if self.signs:
            outcome = SignOutcome(request.session, "captured", INK)
        else:
            outcome = SignOutcome(request.session, "timeout")
        asyncio.get_running_loop().call_soon(self.desk.tell, outcome)

    def cancel(self, session: str) -> None:
        raise AssertionError(session)

    async def ask(self, request: rq.AnyRequest) -> Any:
        return await asyncio.wait_for(self.desk.ask(request, TILL), DEADLINE_S)

    async def sell(self, sale_id: str, make: Callable[..., dict[str, Any]] = cash) -> None:
        """Submitted as a till does it: again a moment later when there is no room at the moment."""
        ends, waited = asyncio.get_running_loop().time() + DEADLINE_S, False
        while True:
            try:
                await self.ask(rq.Submit(msgspec.convert(make(id=sale_id), Transaction)))
                break
            except Refusal as refusal:
                if refusal.kind != "journal-full":
                    raise
                assert asyncio.get_running_loop().time() < ends, "the journal takes no sales any more"
                waited = True
                await asyncio.sleep(0.005)
        self.refused += waited
        self.desk.tick()

    refused = 0
    """Sales that had to wait for room."""
    silent = False

    async def rest(self) -> None:
        """Until nothing is printed any more and all is durable."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while self.desk.state.owed or self.desk.state.printing or self.ledger.durable_seq() < self.desk.state.seq:
            assert asyncio.get_running_loop().time() < deadline, self.desk.state.owed
            await asyncio.sleep(0.001)

    async def sell_until(self, condition: Callable[[], bool], name: str = "t", first: int = 0) -> None:
        """Sell `name` and a number that counts on, until the condition holds."""
        for number in itertools.count(first):
            await self.sell(f"{name}{number}")
            await self.rest()
            if condition():
                break

    @property
    def laps(self) -> int:
        return self.journal.info().laps


def live(life: Life, scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """One life of the process, from its start to a clean stop."""

    async def whole() -> None:
        life.start()
        await scene()
        await life.rest()

    life.open()
    asyncio.run(whole())
    assert life.failures == []
    life.journal.close()


def found(answer: Any) -> views.Found:
    assert isinstance(answer, views.Found)
    return answer


def test_a_ring_of_one_mebibyte_lives_through_many_laps_with_one_transaction_stuck(tmp_path: Path) -> None:
    life = Life(tmp_path)
    sold: list[str] = []

    async def first() -> None:
        life.signs = False
        await life.sell("stuck", sale)
        await life.rest()
        life.signs = True

    async def lap() -> None:
        goal = life.laps + max(1, LAPS // 4)
        while life.laps < goal:
            sold.append(f"t{len(sold)}")
            await life.sell(sold[-1], sale if len(sold) % 10 == 0 else cash)
            await life.rest()

    live(life, first)
    for _ in range(4):
        live(life, lap)

    async def last() -> None:
        assert life.laps >= max(4, LAPS - LAPS % 4)
        assert life.journal.info().fill < 0.7, "it holds nothing up"
        stuck = found(await life.ask(rq.Get("stuck")))
        assert stuck.seq == stuck_seq
        assert stuck.state.signature.state == "missing"
        assert [copy.state for copy in stuck.state.copies] == ["printed", "printed"]
        assert stuck.transaction == msgspec.convert(sale(id="stuck"), Transaction)
        for sale_id in [*sold[:: max(1, len(sold) // 40)], sold[0], sold[-1]]:
            answer = found(await life.ask(rq.Get(sale_id)))
            assert [copy.state for copy in answer.state.copies[:2]] == ["printed", "printed"], sale_id
            assert answer.transaction.id == sale_id
        life.desk.tick()
        await life.ask(rq.Resign("stuck", key="k", reason="months later"))
        await life.rest()
        assert found(await life.ask(rq.Get("stuck"))).state.signature.state == "captured"

    life.open()
    stuck_seq = life.desk.state.sales["stuck"].seq
    assert life.journal.info().first_id > stuck_seq, "its first place has left the ring"
    life.journal.close()
    live(life, last)
    assert len(set(life.jobs)) == len(life.jobs), "each copy printed once"
    assert life.refused < len(sold) // 10


class TestVeryManyRecords:
    """One transaction that has more records than can be carried forward in one go; a go is a small one here."""

    GO = 12

    @pytest.fixture(autouse=True)
    def small_goes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(room, "CARRY_MAX", self.GO)

    @staticmethod
    async def trouble(life: Life, records: int) -> int:
        """A sale whose signature was tried again and again; how many records it has."""
        life.signs = False
        await life.sell("stuck", sale)
        await life.rest()
        while len(life.desk.state.sales["stuck"].records) <= records:
            await life.ask(rq.Resign("stuck", key=f"k{len(life.desk.state.keys)}", reason="again"))
            await life.rest()
        life.signs = True
        return len(life.desk.state.sales["stuck"].records)

    @staticmethod
    async def lap(life: Life, laps: int) -> None:
        goal = life.laps + laps
        while life.laps < goal:
            await life.sell(f"t{life.desk.state.receipt_next}")
            await life.rest()

    def test_is_carried_through_many_laps(self, tmp_path: Path) -> None:
        life = Life(tmp_path)
        counts: list[int] = []

        async def first() -> None:
            counts.append(await self.trouble(life, 4 * self.GO))
            await self.lap(life, 2)

        async def on() -> None:
            await self.lap(life, 2)
            assert life.journal.info().fill < 0.7, "it holds nothing up"
            stuck = life.desk.state.sales["stuck"]
            assert len(stuck.records) == counts[0]
            assert stuck.seq < life.journal.info().first_id
            assert stuck.signature.state == "missing"

        live(life, first)
        live(life, on)

    def test_half_carried_it_is_not_let_go_even_when_it_is_settled(self, tmp_path: Path) -> None:
        """Its older records would outlive the newer ones, and tell after a restart that a signature is missing."""
        life = Life(tmp_path)

        async def broken_off() -> None:
            await self.trouble(life, 4 * self.GO)
            carry, goes = JournalLedger.carry, []

            def stopping(self: JournalLedger, seqs: Sequence[int], first_owed: int) -> bool:
                goes.append(len(seqs))
                return len(goes) == 1 and carry(self, seqs, first_owed)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(JournalLedger, "carry", stopping)
                while not goes:
                    await life.sell(f"t{life.desk.state.receipt_next}")
                    await life.rest()
            assert goes[0] == self.GO
            await life.ask(rq.Resign("stuck", key="done", reason="months later"))
            await life.rest()
            assert not life.desk.state.sales["stuck"].owed

        async def on() -> None:
            state = life.desk.state.sales.get("stuck")
            assert state is None or state.signature.state == "captured"
            await self.lap(life, 1)
            assert found(await life.ask(rq.Get("stuck"))).state.signature.state == "captured"

        live(life, broken_off)
        life.open()
        assert life.desk.state.sales["stuck"].half
        life.journal.close()
        for _ in range(4):
            live(life, on)
        assert len(set(life.jobs)) == len(life.jobs)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A shop with transactions that have left ring and state: `t0` (signed), `t1` (cash). Lived once, then copied."""
    life = Life(tmp_path_factory.mktemp("grown"))

    async def scene() -> None:
        await life.sell("t0", sale)
        await life.sell("t1", cash)
        await life.sell_until(lambda: life.laps >= 2, first=2)

    live(life, scene)
    life.open()
    assert "t0" not in life.desk.state.sales
    life.journal.close()
    return life


@pytest.fixture
def old(grown: Life, tmp_path: Path) -> Life:
    life = Life(tmp_path / "shop")
    shutil.copytree(grown.folder, life.folder)
    life.jobs = list(grown.jobs)
    life.clock = itertools.count(next(grown.clock), 7)
    return life


def test_questions_are_answered_from_the_archive_as_from_the_ring(old: Life) -> None:
    async def scene() -> None:
        answer = found(await old.ask(rq.Get("t0")))
        assert answer.transaction == msgspec.convert(sale(id="t0"), Transaction)
        assert answer.receipt == "000001"
        assert answer.state.signature.state == "captured"
        assert [(copy.copy, copy.state) for copy in answer.state.copies] == [
            ("merchant", "printed"),
            ("customer", "printed"),
        ]
        preview = await old.ask(rq.Preview("t0", "merchant", "text"))
        assert "t0" in preview.data
        signature = await old.ask(rq.SignatureGet("t0"))
        assert signature.version == 1
        terms = await old.ask(rq.Terms("t0", "customer"))
        assert terms.allowed
        assert "t0" not in old.desk.state.sales, "a question takes nothing in"
        with pytest.raises(Refusal) as refusal:
            await old.ask(rq.Get("nobody"))
        assert refusal.value.kind == "not-found"

    live(old, scene)


def test_a_search_goes_on_into_the_archive(old: Life) -> None:
    async def scene() -> None:
        page = await old.ask(rq.Search(receipt="000001"))
        assert [one.id for one in page.transactions] == ["t0"]
        seen: list[int] = []
        after = None
        while True:
            page = await old.ask(rq.Search(limit=50, after=after))
            seen += [one.seq for one in page.transactions]
            after = page.next
            if after is None:
                break
        assert seen == sorted(seen, reverse=True)
        ids = old.desk.state.receipt_next - 1
        assert len(seen) == len(set(seen)) == ids, "each of them once"
        assert (await old.ask(rq.Search(open=True))).transactions == []

    live(old, scene)


def test_a_reprint_of_an_archived_transaction_works_and_is_known_after_a_restart(old: Life) -> None:
    async def reprint() -> None:
        answer = await old.ask(rq.ReprintAsk("t1", key="k1", reason="lost"))
        assert (answer.job, answer.number) == ("000002-c1", 1)
        await old.rest()
        assert old.jobs[-1] == "000002-c1"

    async def again() -> None:
        before = len(old.jobs)
        answer = await old.ask(rq.ReprintAsk("t1", key="k1", reason="lost"))
        assert (answer.job, answer.number) == ("000002-c1", 1), "the same request, the same copy"
        answer = await old.ask(rq.ReprintAsk("t1", key="k2", reason="lost again"))
        assert answer.number == 2
        await old.rest()
        assert len(old.jobs) == before + 1

    async def more_laps() -> None:
        goal = old.laps + 2
        await old.sell_until(lambda: old.laps >= goal, "more")
        assert "t1" not in old.desk.state.sales
        answer = found(await old.ask(rq.Get("t1")))
        assert [(copy.number, copy.state) for copy in answer.state.copies if copy.copy == "customer"] == [
            (0, "printed"),
            (1, "printed"),
            (2, "printed"),
        ]

    live(old, reprint)
    live(old, again)
    live(old, more_laps)


def test_a_reprint_that_was_under_way_at_a_power_cut_is_not_forgotten(old: Life) -> None:
    """Its older records were carried forward first: the ring alone tells of it, also without the archive."""

    async def cut_off() -> None:
        old.silent = True
        answer = await old.ask(rq.ReprintAsk("t1", key="k1", reason="lost"))
        assert answer.number == 1

    async def whole() -> None:
        old.start()
        await cut_off()

    old.open()
    asyncio.run(whole())
    old.journal.close()
    old.silent = False
    (old.folder / "archive").rename(old.folder / "away")

    async def after() -> None:
        answer = found(await old.ask(rq.Get("t1")))
        assert [(copy.number, copy.state) for copy in answer.state.copies if copy.copy == "customer"] == [
            (0, "printed"),
            (1, "unknown"),
        ]
        assert [item.kind for item in answer.state.exceptions] == ["unknown"]

    live(old, after)


@pytest.mark.parametrize("batches", [1, 2])
def test_a_power_cut_while_a_transaction_is_taken_in_brings_no_half_of_it_back(
    batches: int, old: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its newest records it would look as if its slips were still owed."""
    entries = journal_module.carried_entries
    monkeypatch.setattr(journal_module, "carried_entries", lambda records, _, release: entries(records, 1000, release))
    written: list[int] = []
    commit = Writer.commit

    def cut(self: Writer, batch: list[JournalEntry]) -> None:
        if not batch[0].carried:
            commit(self, batch)
            return
        for entry in batch:
            if len(written) == batches:
                raise JournalFailed("the power went")
            written.append(len(entry.carried))
            commit(self, [entry])

    async def asked() -> None:
        old.start()
        with pytest.raises(Refusal) as refusal:
            await old.ask(rq.ReprintAsk("t0", key="k1", reason="lost"))
        assert refusal.value.kind == "journal-failed"

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "commit", cut)
        old.open()
        asyncio.run(asked())
        old.journal._opened.file.close()
    assert len(written) == batches
    old.failures.clear()
    before = list(old.jobs)

    async def after() -> None:
        assert "t0" not in old.desk.state.sales
        await old.rest()
        assert old.jobs == before
        answer = found(await old.ask(rq.Get("t0")))
        assert [(copy.number, copy.state) for copy in answer.state.copies] == [(0, "printed"), (0, "printed")]

    live(old, after)


def test_a_damaged_archive_refuses_and_takes_nothing_with_it(old: Life) -> None:
    folder = old.folder / "archive"
    name = min(path for path in folder.iterdir() if path.suffix == ".pja")
    data = bytearray(name.read_bytes())
    data[600] ^= 255
    name.write_bytes(bytes(data))

    async def scene() -> None:
        with pytest.raises(Refusal) as refusal:
            await old.ask(rq.Get("t0"))
        assert refusal.value.kind == "not-found"
        assert "cannot be read from the archive" in refusal.value.message
        await old.sell("after")

    live(old, scene)


def test_trouble_of_the_archive_is_said(old: Life) -> None:
    async def scene() -> None:
        await old.sell("first")
        folder = old.folder / "archive"
        folder.rename(old.folder / "away")
        folder.write_text("in the way")
        old.journal._writer._archive._fresh = True  # type: ignore[union-attr]
        await old.sell_until(lambda: bool(old.ledger.view().advice), "x")
        assert "the archive cannot go on" in old.ledger.view().advice
        assert "make room or mend the disk" in old.ledger.view().advice
        folder.unlink()

    live(old, scene)


@pytest.mark.parametrize("time", ["2026-11-20T09:00:00+08:00", "2031-01-01T00:00:00+08:00", "1970-01-01T00:00:00Z"])
def test_a_till_that_sends_a_long_archived_sale_again_gets_the_stored_answer(time: str, tmp_path: Path) -> None:
    """Law 2: a second acceptance would print a second unmarked original. Whatever time the till believes it is."""
    life = Life(tmp_path)
    first: list[views.Submitted] = []
    count = itertools.count()

    def submit(**changes: Any) -> rq.Submit:
        return rq.Submit(msgspec.convert(cash(id="old", time=time) | changes, Transaction))

    async def sold() -> None:
        first.append(await life.ask(submit()))

    async def forgotten() -> None:
        while "old" in life.desk.state.sales:
            await life.sell(f"t{next(count)}")
            await life.rest()

    async def again() -> None:
        jobs = len(life.jobs)
        answer = await life.ask(submit())
        assert (answer.id, answer.seq, answer.receipt) == ("old", first[0].seq, first[0].receipt)
        assert [c.state for c in answer.state.copies] == ["printed", "printed"]
        with pytest.raises(Refusal) as caught:
            await life.ask(submit(remarks="other"))
        assert caught.value.kind == "conflict"
        await life.rest()
        assert len(life.jobs) == jobs, "nothing is printed again"

    async def both() -> None:
        await sold()
        await forgotten()
        await again()

    live(life, both)
    live(life, again)
    for index in (tmp_path / "archive").glob("*.idx"):
        index.unlink()
    live(life, again)


def test_a_new_sale_waits_for_no_look_into_the_archive(old: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        await old.sell("first", cash)  # until the names are known each waits for them
        looks: list[str] = []
        past = JournalLedger.past

        def counted(self: JournalLedger, sale_id: str, parts: Sequence[int]) -> list[tuple[int, AnyEvent]]:
            looks.append(sale_id)
            return past(self, sale_id, parts)

        monkeypatch.setattr(JournalLedger, "past", counted)
        for number in range(50):
            await old.sell(f"new{number}")
        await old.sell("t0", sale)
        assert looks == ["t0"]

    live(old, scene)


def test_every_sale_of_all_time_is_known_again(old: Life) -> None:
    """Of the archive, of the ring, and of what has left the state and is not archived yet."""

    async def scene() -> None:
        seen = old.desk.state.receipt_next - 1
        for number in range(2, seen, 7):
            await old.sell(f"t{number}")
        await old.rest()
        assert old.desk.state.receipt_next - 1 == seen
        assert old.jobs == before

    before = list(old.jobs)
    live(old, scene)


def test_a_sale_that_left_the_state_before_it_was_archived_is_known_again(tmp_path: Path) -> None:
    life = Life(tmp_path)
    (tmp_path / "archive").write_text("in the way")

    async def scene() -> None:
        sold = itertools.count()
        while "t0" not in life.desk.state.parts:
            await life.sell(f"t{next(sold)}")
            await life.rest()
        assert life.ledger.archived() == 0
        jobs = len(life.jobs)
        answer = await life.ask(rq.Submit(msgspec.convert(cash(id="t0"), Transaction)))
        assert answer.receipt == "000001"
        assert await TestReceiptNumber.typed(life, "1")
        await life.rest()
        assert life.jobs[jobs:] == ["000001-c1"]

    live(life, scene)


def test_a_sale_whose_archived_record_is_damaged_is_not_taken_as_new(old: Life) -> None:
    async def learn() -> None:
        await old.sell("x")

    live(old, learn)
    name = min(path for path in (old.folder / "archive").iterdir() if path.suffix == ".pja")
    data = bytearray(name.read_bytes())
    data[600] ^= 255

    async def scene() -> None:
        await old.sell("y")  # the names are known
        await old.rest()
        name.write_bytes(data)
        old.journal.past.archived._chunks.clear()  # type: ignore[union-attr]
        before = len(old.jobs)
        with pytest.raises(Refusal) as refusal:
            await old.ask(rq.Submit(msgspec.convert(sale(id="t0"), Transaction)))
        assert refusal.value.kind == "journal-damaged"
        assert "use a new id" in refusal.value.message
        await old.sell("z")
        await old.rest()
        assert len(old.jobs) == before + 2

    live(old, scene)


class Socket:
    """The archive as `journal.archive` gives it, a thread beside the loop."""

    def __init__(self, ledger: JournalLedger) -> None:
        self.ledger = ledger

    def entries(self) -> list[Entry]:
        files = self.ledger.archive_page(rq.ArchiveRead()).files
        return [Entry(file.name, file.batch, file.turn, file.size) for file in files]

    def piece(self, entry: Entry, offset: int) -> bytes:
        return base64.b64decode(self.ledger.archive_page(rq.ArchiveRead(entry.batch, entry.turn, offset)).data)

    def pages(self) -> Iterator[Page]:
        first = 0
        while True:
            page = self.ledger.page(first)
            blocks = base64.b64decode(page.blocks)
            yield Page(base64.b64decode(page.superblock), page.first, blocks)
            first = page.first + len(blocks) // 4096


def test_a_box_that_was_brought_back_from_a_backup_answers_for_all_its_sales(old: Life, tmp_path: Path) -> None:
    back = Life(tmp_path / "back")

    async def scene() -> None:
        socket = Socket(old.ledger)
        copying = asyncio.create_task(
            asyncio.to_thread(back_up, socket.pages(), socket, tmp_path / "monday", None)
        )  # fmt: skip
        sold = itertools.count()
        while not copying.done():
            await old.sell(f"meanwhile{next(sold)}")
            await old.rest()
        await copying

    live(old, scene)
    back.folder.mkdir()
    bring_back(tmp_path / "monday", back.folder / "journal", back.folder / "archive")

    async def again() -> None:
        assert back.journal.past.trouble() == ""
        answer = found(await back.ask(rq.Get("t0")))
        assert answer.transaction == msgspec.convert(sale(id="t0"), Transaction)
        assert (await back.ask(rq.SignatureGet("t0"))).version == 1
        submitted = await back.ask(rq.Submit(msgspec.convert(cash(id="t1"), Transaction)))
        assert submitted.receipt == "000002"
        reprint = await back.ask(rq.ReprintAsk("t1", key="k", reason="lost"))
        assert reprint.number == 1
        await back.rest()
        assert back.jobs == ["000002-c1"]
        goal = back.laps + 1
        while back.laps < goal:
            await back.sell(f"new{back.desk.state.receipt_next}")
            await back.rest()

    live(back, again)
    checked = verify(back.folder / "journal", archive=DiskShelf(back.folder / "archive"))
    assert (checked.verdict, checked.first) == ("sound", 1)


class TestReceiptNumber:
    """Typed on the keypad."""

    @staticmethod
    async def typed(life: Life, number: str) -> bool:
        """Whether it did what was asked, as the keypad tells."""
        told: asyncio.Queue[bool] = asyncio.Queue()
        life.desk.keypad = Beeper(told)
        life.desk.tell(KeyCommand("reprint-number", "KEY_F2", number))
        return await asyncio.wait_for(told.get(), DEADLINE_S)

    def test_of_an_archived_transaction_prints_it_again(self, old: Life) -> None:
        async def scene() -> None:
            for number in ("2", "000002"):
                assert await self.typed(old, number)
                await old.rest()
            assert old.jobs[-2:] == ["000002-c1", "000002-c2"]
            newest = f"{old.desk.state.receipt_next - 1}"
            assert await self.typed(old, newest)
            await old.rest()
            assert old.jobs[-1].startswith(newest.zfill(6))

        live(old, scene)

        async def known() -> None:
            answer = found(await old.ask(rq.Get("t1")))
            assert [copy.number for copy in answer.state.copies if copy.copy == "customer"] == [0, 1, 2]

        live(old, known)

    def test_that_nobody_has_does_nothing(self, old: Life) -> None:
        async def scene() -> None:
            before = list(old.jobs)
            assert not await self.typed(old, "999999")
            assert not await self.typed(old, "0")
            assert old.jobs == before

        live(old, scene)

    def test_of_a_damaged_file_does_nothing(self, old: Life) -> None:
        async def learn() -> None:
            await old.sell("x")

        live(old, learn)
        for path in (old.folder / "archive").iterdir():
            if path.suffix == ".pja":
                data = path.read_bytes()
                path.write_bytes(data[:500] + b"\xff" * 40 + data[540:])

        async def scene() -> None:
            assert not await self.typed(old, "2")
            await old.sell("y")

        live(old, scene)


def test_a_clock_that_leaps_ahead_dates_no_file_ahead(old: Life) -> None:
    """What the desk takes the clock to be wrong by, the archive takes off."""

    async def scene() -> None:
        await old.sell("now")
        walls, runs = itertools.count(NOON_MS + 730 * 86_400_000, 7), old.clock
        old.desk._clock = lambda: ports.Now(next(walls), next(runs), 480)
        await old.sell("ahead")
        await old.sell("again")
        archive = old.journal._writer._archive  # type: ignore[union-attr]
        assert archive is not None
        assert old.desk.state.skew_ms > 700 * 86_400_000
        assert archive.skew_ms == old.desk.state.skew_ms

    live(old, scene)


class Beeper:
    """A keypad that hands on what it is told."""

    def __init__(self, told: asyncio.Queue[bool]) -> None:
        self._told = told

    def answer(self, answer: KeyAnswer) -> None:
        self._told.put_nowait(answer.answer == "done")


def test_an_archive_that_cannot_be_read_stops_no_sale(tmp_path: Path) -> None:
    life = Life(tmp_path)

    async def fill() -> None:
        for number in range(700):
            await life.sell(f"t{number}")
            await life.rest()
        assert "t0" not in life.desk.state.sales

    async def sale_goes_on() -> None:
        for file in (tmp_path / "archive").iterdir():
            file.write_bytes(b"no archive any more")
        await life.sell("after")
        await life.rest()
        assert life.desk.state.sales["after"].copies[0].state == "printed"

    live(life, fill)
    live(life, sale_goes_on)
