"""The life of a simulated shop: the process that runs the desk, its crashes, its calls, and how it comes to rest."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import msgspec

from posd.config import parse
from posd.desk.apply import apply
from posd.desk.ports import Now, Tools
from posd.desk.runner import Desk
from posd.desk.state import State
from posd.desk.turn import Rules
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.property.laws import Laws, Violation, check
from tests.property.shop_terms import TERMS
from tests.property.shop_world import SELFTEST, Composer, Disk, Pad, Printer, selftest_slip

START_MS = 1_795_233_600_000
Then = Callable[[Any], None]

SETTINGS = (
    """
[slip]
stale_after = "10min"
[policy]
contactless_unsigned_to = "20.00"
"""
    + TERMS
)


class Call:
    """A client's request on its way; `go_on` resumes it when its answer may be there."""

    __slots__ = ("_future", "_then", "_work")

    def __init__(self, work: Coroutine[Any, Any, Any], then: Then) -> None:
        self._work = work
        self._then = then
        self._future: Any = None

    def go_on(self) -> bool:
        """True when it is answered."""
        if self._future is not None and not self._future.done():
            return False
        try:
            self._future = self._work.send(None)
        except StopIteration as answered:
            self._then(answered.value)
            return True
        except Refusal as refusal:
            self._then(refusal)
            return True
        return False

    def drop(self) -> None:
        self._work.close()


class Shop:
    """The simulated shop. `do` lets one thing happen; `rest` lets everything come to its end and checks it."""

    def __init__(self, rng: Random, ring: int = 1500) -> None:
        self.rng = rng
        self.counts = dict.fromkeys(("crashes", "records lost", "printer silent", "reprints", "settled"), 0)
        self.disk = Disk(ring)
        self.ms = START_MS
        self.mono_ms = 0
        settings = parse(SETTINGS)
        self.rules = Rules.of(settings, pins=True)
        self.tools = Tools(Composer(), self.disk.read, selftest_slip, lambda *_: SELFTEST)
        self.printer = Printer(rng, self._tell, self._came_out, self._torn, self.counts)
        self.pad = Pad(rng, self._tell, self.counts)
        self.laws = Laws(self.disk, self.pad.drawn)
        self.asked: KeyAnswer | None = None
        self.presses = 0
        self.decided_at = (0, 0)
        self.calls: list[Call] = []
        self.recent: list[dict[str, Any]] = []
        self.recent_max = ring // 40
        self.unanswered: dict[str, dict[str, Any]] = {}
        self.sales = 0
        self.made = 0
        self.asked_for: list[str] = []
        self.wanted: tuple[str, Any] | None = None
        self._start()

    # The life of the process.

    def _start(self) -> None:
        self.desk = Desk(
            self.disk,
            self.rules,
            self.tools,
            lambda: Now(self.ms, self.mono_ms, 480),
            self,  # type: ignore[arg-type]  # nothing is rendered here
            self.laws.published,
            self._failed,
        )
        self.desk.recover()
        self.desk.printer = self
        self.desk.pad = self
        self.desk.keypad = self
        self.laws.after_restart(self.desk.state)
        self.desk.boot(0)
        self.desk.tell(DeviceReport("keypad", "ready"))

    def announce(self) -> None:
        self.printer.announce()
        self.pad.announce()

    def _failed(self, message: str) -> None:
        raise AssertionError(message)

    def crash(self) -> None:
        """Power is pulled: effects that had not left never will, records that were not synced may be gone."""
        self.count("crashes")
        for call in self.calls:
            call.drop()
        self.calls.clear()
        self.count("records lost", self.disk.crash(self.rng))
        self.printer.crash()
        self.pad.crash()
        self.mono_ms = 0
        self.asked = None
        self._start()
        if self.rng.random() < 0.1:
            return  # and again before the devices are there
        self.announce()

    # The devices, as the desk sees them.

    def submit(self, job: Any) -> None:
        self.laws.handed_to_printer(job)
        self.printer.submit(job)

    def begin(self, request: Any) -> None:
        self.laws.handed_to_pad(request)
        self.pad.begin(request)

    def cancel(self, session: str) -> None:
        self.pad.cancel(session)

    def press(self, command: KeyCommand) -> None:
        """A key is pressed at the keypad."""
        self.presses += 1
        self.desk.tell(msgspec.structs.replace(command, press=self.presses))
        self.decided_at = (self.presses, self.desk.state.seq)

    def answer(self, answer: KeyAnswer) -> None:
        """The desk's answer to a key; what it says is done is on the disk."""
        press, seq = self.decided_at
        if answer.press == press or answer.press == self.presses > press:
            at = seq if answer.press == press else self.desk.state.seq  # the key is being decided on at this moment
            check(1, at <= self.disk.durable, f"the light said {answer.answer} before it was durable")
        self.asked = answer
        self.count("keys refused" if answer.answer == "refused" else "keys")
        if answer.answer not in ("done", "refused"):
            self.count(f"keypad asks {answer.answer}")

    def _tell(self, message: Any) -> None:
        self.desk.tell(message)

    def _came_out(self, job: Any) -> None:
        self.laws.came_out(job)

    def _torn(self, job: Any) -> None:
        self.laws.torn(job)

    # What happens.

    def do(self, action: Callable[[Shop], None]) -> None:
        """Let this happen, and let clients see what they are answered."""
        action(self)
        self._answer()
        self.laws.at_any_time(self.desk.state)

    def _answer(self) -> None:
        if self.calls:
            self.calls = [call for call in self.calls if not call.go_on()]

    def ask(self, request: Any, then: Then, *, doer: Doer | None = None) -> None:
        call = Call(self.desk.ask(request, doer or self.client()), then)
        if not call.go_on():
            self.calls.append(call)

    def client(self, *, supervisor: bool = False) -> Doer:
        """One of three users; the pid tells every request from all others."""
        self.made += 1
        roles = ("till", "cashier", "supervisor") if supervisor or self.rng.random() < 0.3 else ("till",)
        uid = 1000 + self.rng.randrange(3)
        return Doer(kind="peer", uid=uid, gid=1000, pid=self.made, roles=roles)  # type: ignore[arg-type]

    def count(self, what: str, n: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + n

    # Time, the disk, and coming to rest.

    def told(self) -> None:
        """The desk hears how far the disk is."""
        self.disk.told = self.disk.durable
        self.desk.durable(self.disk.durable)

    def jumps(self, ms: int) -> None:
        """The wall clock leaps, and the desk looks at it. What the desk believes moves by a day at most."""
        before, sound = self.desk.state.trusted_ms(self.ms), self.desk.state.skew_ms == 0
        self.ms += ms
        self.desk.tell(DeviceReport("keypad", "ready"))
        moved = self.desk.state.trusted_ms(self.ms) - before
        check(3, moved >= -60_000, f"the desk's time went back by {-moved} ms")
        check(3, moved <= 86_400_000 or not sound, f"the desk's time went ahead by {moved} ms")
        self.count("clock leaps")

    def time_passes(self, ms: int) -> None:
        self.ms += ms
        self.mono_ms += ms
        self.desk.tick()

    def rest(self, *, printer: bool = True) -> None:
        """Nobody asks any more and devices do as they should, or the printer is away: everything comes to its end."""
        if printer:
            self.printer.set("ready")
        else:
            self.printer.set("absent", "unplugged")
        self.pad.set("ready")
        self.announce()
        for _ in range(100_000):
            if not self._unsettled(printer):
                break
            self.disk.sync(self.rng, whole=True)
            self.told()
            self._answer()
            self.printer.advance(well=printer)
            self.pad.advance(well=True)
            self.time_passes(1000)
        else:
            raise Violation(9, f"no rest: {self.desk.state.printing}, {self.desk.state.signing}")
        self.laws.observe()
        self.laws.at_rest(self.desk.state, printer=printer)
        self.count("rests")

    def _unsettled(self, printer: bool) -> bool:
        state = self.desk.state
        waits = state.owed or state.tests_wait
        busy = state.printing is not None or state.signing is not None or state.awaiting or (printer and waits)
        return bool(busy or self.calls or self.disk.durable < len(self.disk.payloads))

    def fold_is_the_state(self) -> None:
        """What the desk believes is what the journal folds to: else a restart would take something back (law 1)."""
        folded = State()
        for seq, event in self.disk.kept():
            apply(folded, seq, event)
        live = self.desk.state
        for name, sale in live.sales.items():
            kept = folded.sales.pop(name, None)
            for copy, live_copy in zip(kept.copies, sale.copies, strict=False) if kept is not None else ():
                copy.owed_ms = live_copy.owed_ms  # a leap of the clock moves it
                if self.disk.first > 1:
                    copy.trusted_ms = live_copy.trusted_ms  # the skew may have stood in a record that left the ring,
            if kept is not None:
                if self.disk.first > 1:
                    kept.trusted_ms = sale.trusted_ms  # and so may the newest time
                kept.floor = sale.floor  # it is not folded but asked of the ring
            check(1, kept == sale, f"the journal has {kept}, the desk {sale}")
        check(1, not any(sale.owed for sale in folded.sales.values()), "the desk forgot what is owed")
        for sale_id in folded.sales:  # let be, given up, and still in the ring
            folded.unsigned.pop(sale_id, None)
        if self.disk.first > 1:  # the skew may have left it
            for request in folded.asking.keys() & live.asking.keys():
                since = live.asking[request].since_ms
                folded.asking[request] = folded.asking[request]._replace(since_ms=since)
        for name in ("last", "open", "owed", "unsigned", "awaiting", "printing", "signing", "asking"):
            check(1, getattr(folded, name) == getattr(live, name), f"the journal folds to another {name}")
        for operator, known in live.tries.items():
            again = folded.tries.get(operator)
            same = again is not None and (again.tries, again.until_ms) == (known.tries, known.until_ms)
            check(1, same, f"the journal has {again} of the PINs of {operator}, the desk {known}")
        for key, use in live.keys.items():
            check(1, folded.keys.get(key) == use, f"the journal has the key {key} as {folded.keys.get(key)}, not {use}")
