"""One case, played from the first byte to the last paper.

1. posd starts at a printer on which nothing is wrong. A till submits the sale (and, where that prints one copy only, a
   small one), and sends again what was not answered, as tills do.
2. The fault happens at its byte. posd is killed at the same moment, a while later, or not.
3. People put the world right again, soon or late, before posd's new start or after it.
4. posd works on until nothing moves any more.
5. A person settles what is unknown, rightly or not, and asks for a copy of what met the fault.

What the seed decides (how long, in which order, how well people look) is drawn from the case's own name, so a case
repeats alone as it came in the whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from hwsim.paper.report import Report
from posd.desk.state import State
from posd.domain import events as ev
from posd.domain.device import PrintJob, PrintOutcome
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.requests import AnyRequest, ReprintAsk, Settle, Submit
from posd.domain.transaction import Transaction
from tests.faults import slips
from tests.faults.case import Case
from tests.faults.clock import BenchLoop
from tests.faults.faults import FAULTS
from tests.faults.life import Journal, Life, Seen
from tests.faults.port import BenchOpener
from tests.faults.reading import handed, read

T = TypeVar("T")
LINE_BYTES_S = 11_520.0
READY_S = 60.0
QUIET_S = 400.0
"""Once everything is right again, nothing is under way after so long, whatever the case."""
FEED_S = 60.0
LOOK_S = 0.5
"""How often somebody looks whether something has happened."""
TILL = Doer(kind="peer", uid=1000, gid=1000, pid=1, roles=("till", "supervisor"))
MUTE = frozenset({"mute-58", "bare-58"})
"""Models that answer no question for their status: posd never believes that they are there, and nothing is printed."""


@dataclass
class Played:
    """What is left of a case: evidence for the judge. `rested` is the journal's state before a person did anything,
    `state` at the end; `accepted` the sales for which the till got a positive answer; `hit` the jobs (by number) that
    were in hand when the fault came, when posd was killed or when the world was put right, or in between without being
    printed; `killed` those in hand at a kill.
    """

    case: Case
    struck: bool
    papers: list[Report]
    papers_at_rest: list[Report]
    rested: State
    state: State
    events: list[ev.AnyEvent]
    jobs: list[PrintJob]
    outcomes: list[PrintOutcome | None]
    accepted: list[str]
    wrong: list[str]
    span: int
    seconds: float
    settled_wrongly: set[str]
    hit: set[int]
    killed: set[int]


class World:
    """The world of one case; `play` plays it."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.fault = case, FAULTS[case.fault]
        self.rng = Random(f"{seed} {case}")
        self.bench = slips.bench_of(case.kind, case.printer, 0.0 if case.usb else LINE_BYTES_S)
        self.opener = BenchOpener(self.bench)
        self.journal = Journal()
        self.seen = Seen()
        self.setting = slips.setting(case.kind, case.printer)
        self.life: Life
        self.struck = False
        self.accepted: list[str] = []
        self.settled_wrongly: set[str] = set()
        self.hit: set[int] = set()
        self.killed: set[int] = set()
        self._before = 0
        self._sales = [slips.sale_of(case.kind)]
        if len(self.setting.config.slip.copies) == 1:
            self._sales.append(slips.small_sale())

    def play(self) -> Played:
        return self._run(self._play())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        loop = BenchLoop(self.bench, lambda: self.opener.port is not None and self.opener.port.news())
        try:
            return loop.run_until_complete(work)
        finally:
            loop.close()

    async def _play(self) -> Played:
        self._start()
        await self._until(self._ready, READY_S)
        self._arm()
        till = asyncio.get_running_loop().create_task(self._till())
        await self._until(lambda: self.struck or (till.done() and self._quiet()), QUIET_S)
        if self.struck:
            await self._trouble()
        if not await self._until(till.done, QUIET_S):
            self.seen.wrong.append("hangs: the till gets no answer")
        till.cancel()
        await self._comes_to_rest()
        await self._last_paper()
        papers_at_rest, rested = self._papers(), self.journal.fold()
        await self._people(rested)
        self._kill()
        await self.life.end()
        return Played(
            self.case,
            self.struck,
            self._papers(),
            papers_at_rest,
            rested,
            self.journal.fold(),
            list(self.journal.events),
            self.seen.jobs,
            self.seen.outcomes,
            self.accepted,
            self.seen.wrong,
            self.seen.span,
            self.bench.now,
            self.settled_wrongly,
            self.hit,
            self.killed,
        )

    def measure(self) -> int:
        """The length of the first slip with the questions in it and its fence."""
        return self._run(self._first_job())

    async def _first_job(self) -> int:
        self._start()
        await self._until(self._ready, READY_S)
        self.life.desk.begin(Submit(self._sales[0]), TILL)
        await self._until(lambda: self.seen.span or not self._ready(), READY_S)
        self.life.kill()
        await self.life.end()
        return self.seen.span

    # posd and its end

    def _start(self) -> None:
        self.life = Life(
            self.setting.config, self.opener, self.journal, self.setting.compose, self.seen, self.rng.randrange(1 << 20)
        )

    def _kill(self) -> None:
        self.killed |= self._in_hand()
        self.hit |= self._in_hand()
        self.life.kill()

    def _in_hand(self) -> set[int]:
        """The job that is on the printer, by its number."""
        outcomes = self.seen.outcomes
        return {len(outcomes) - 1} if outcomes and outcomes[-1] is None else set()

    def _printed(self, place: int) -> bool:
        outcome = self.seen.outcomes[place]
        return outcome is not None and outcome.state == "printed"

    async def _again(self) -> None:
        """posd is dead, and is started again."""
        await self.life.end()
        await asyncio.sleep(self.rng.choice((0.1, 3.0)))
        self._start()

    # the fault

    def _arm(self) -> None:
        case, count = self.case, self.fault.counted
        if case.record:
            self.journal.dies_at, self.journal.dies_synced = case.at, case.record == "kept"
            self.journal.on_death = self._strike
        elif count == "taken":
            port = self.opener.port
            assert port is not None
            if case.at:
                port.budget, port.on_spent = case.at, self._strike
            else:
                self._strike()
        else:
            self.bench.call(f"{count}+{case.at}", self._strike)

    def _strike(self) -> None:
        """The fault happens, in the middle of whatever is going on."""
        self.struck = True
        self.hit |= self._in_hand()
        self._before = len(self.seen.jobs)
        if self.fault.kills or self.case.restart == "same":
            self._kill()
        for word in self.fault.happens:
            self._do(word)
        if self.fault.cuts_line:
            self.bench.drop()

    def _do(self, words: str) -> None:
        if words == "reboot":
            self._do("power-off")
            self._do("power-on")
            return
        if words == "power-on":
            asyncio.get_running_loop().call_later(self.bench.printer.model.boot_seconds, self._started)
            return
        self.bench.do(*words.split())
        if self.case.usb and words == "power-off":
            self._do("unplug")
        elif words == "unplug" and self.opener.port is not None:
            self.opener.port.hang_up()
        elif words == "plug" and not self.life.dead:
            self.life.poke()

    def _started(self) -> None:
        """The printer was switched on, and its start is over."""
        self.bench.do("power-on")
        if self.case.usb:
            self._do("plug")

    async def _trouble(self) -> None:
        """From the fault until everything is right again and posd runs."""
        rng = self.rng
        mend_s = rng.choice((0.5, 4.0, 25.0))
        if self.life.dead and rng.random() < 0.5:
            await self._again()
            await asyncio.sleep(mend_s)
            self._mend()
        elif self.life.dead:
            await asyncio.sleep(mend_s / 4)
            self._mend()
            await self._again()
        elif self.case.restart == "later":
            await asyncio.sleep(rng.choice((0.05, 0.4, 2.5, 9.0)))
            self._kill()
            await self._again()
            await asyncio.sleep(mend_s)
            self._mend()
        else:
            await asyncio.sleep(mend_s)
            self._mend()

    def _mend(self) -> None:
        if not self.life.dead:
            self.hit |= self._in_hand()
        self.hit |= {place for place in range(self._before, len(self.seen.jobs)) if not self._printed(place)}
        for word in self.fault.mended:
            self._do(word)

    # the people

    async def _till(self) -> None:
        """Each sale is sent until it is answered."""
        for sale in self._sales:
            while not await self._sells(sale):
                await asyncio.sleep(0.5)

    async def _sells(self, sale: Transaction) -> bool:
        if self.life.dead:
            return False
        answer = await self._ask(Submit(sale))
        if answer:
            self.accepted.append(sale.id)
        return answer

    async def _ask(self, request: AnyRequest) -> bool:
        """Whether posd gave a positive answer before it died."""
        life = self.life
        try:
            answer = life.desk.begin(request, TILL)
        except Refusal as refusal:
            self.seen.wrong.append(f"{type(request).__name__} was refused: {refusal.message}")
            return False
        while not answer.done():
            if life.dead:
                return False
            await asyncio.sleep(0.002)
        if answer.exception() is not None:
            self.seen.wrong.append(f"{type(request).__name__} was refused: {answer.exception()}")
            return False
        return not life.dead

    async def _people(self, rested: State) -> None:
        """Settle what is unknown, by what is on paper or wrongly, and ask for a copy of what met the fault."""
        if self.case.printer not in MUTE and not await self._until(self._ready, FEED_S):
            self.bench.do("feed")
            if not await self._until(self._ready, QUIET_S):
                self.seen.wrong.append("the printer is in order and does not become ready")
        well = self.rng.random() < 0.5
        for sale in rested.sales.values():
            for copy in sale.copies:
                if copy.state == "unknown":
                    there = any(self._shows(paper, copy.job) for paper in self._papers())
                    if not well:
                        self.settled_wrongly.add(copy.job)
                    await self._insists(Settle(sale.id, copy.name, copy.number, there == well))
        await self._comes_to_rest()
        if "first" in rested.sales and self.case.kind not in ("long", "roll") and self.case.printer not in MUTE:
            await self._insists(ReprintAsk("first", "again", "merchant"))
            await self._comes_to_rest()
        await self._last_paper()

    async def _insists(self, request: AnyRequest) -> None:
        """Ask, and ask again if posd is killed before it answers."""
        if not await self._ask(request) and self.life.dead:
            await self._trouble()
            await self._until(self._ready, READY_S)
            await self._ask(request)

    async def _comes_to_rest(self) -> None:
        """Until nothing is under way. Some printers wait for a press of the feed button, which posd cannot reach while
        their buffer is full: somebody sees the light.
        """
        await self._until(lambda: self.life.dead or self._quiet(), FEED_S)
        if self.life.dead:
            await self._trouble()
        if not await self._until(self._quiet, FEED_S):
            self.bench.do("feed")
        if not await self._until(self._quiet, QUIET_S):
            report = self.life.desk.state.devices["printer"].report
            self.seen.wrong.append(f"hangs: {self._under_way()}; the printer is {report.state} {report.reasons}")

    def _shows(self, paper: Report, job: str) -> bool:
        sheet = read(paper, handed(self.case.printer, self.seen.jobs))
        return any(found.job == job for found in (*sheet.whole, *sheet.marred))

    # what can be waited for

    def _ready(self) -> bool:
        return self.life.desk.state.devices["printer"].report.state == "ready"

    def _under_way(self) -> str:
        state = self.life.desk.state
        return f"printing {state.printing}, owed {list(state.owed)}, awaiting {list(state.awaiting)}"

    def _quiet(self) -> bool:
        """Nothing is on the printer and nothing waits, or all that waits does so for a printer that is none."""
        state = self.life.desk.state
        waits = state.owed and self.case.printer not in MUTE
        return not (self.life.dead or state.printing or waits or state.awaiting or state.signing)

    async def _until(self, met: Callable[[], object], seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + seconds
        while not met():
            if loop.time() >= deadline_s:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    async def _last_paper(self) -> None:
        """What the printer still has comes out."""
        await self._until(lambda: not (self.bench.unsent or self.bench.printer.buffered), 30.0)
        await asyncio.sleep(1.0)

    def _papers(self) -> list[Report]:
        hanging = self.bench.hanging
        return [*self.bench.papers, *([] if hanging is None else [hanging])]


def measure(kind: str, model: str) -> int:
    """The length of the slip of this kind on that model, with the questions in it and behind it; 0 where it is never
    printed.
    """
    return World(Case(kind, model, "cover", 0), 0).measure()


def play(case: Case, seed: int = 0) -> Played:
    """One case from beginning to end."""
    return World(case, seed).play()
