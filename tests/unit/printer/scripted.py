"""A small scripted printer on a real pty, and an actor beside it on the same loop.

The printer serves DLE EOT as bytes arrive, ahead of its buffer, and executes everything else in order: GS ( H, GS
r, GS a and the flush of NULs it knows, all other bytes are `paper`. What it can do and what is wrong with it are
plain attributes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import time
import tty
from collections.abc import Callable
from pathlib import Path

import msgspec

from posd.config import Buzzer, PrinterSection
from posd.domain.device import TRANSITIONS, DeviceReport, PrintJob, PrintOutcome, PrintStarted
from posd.printer.actor import PrinterActor

Message = DeviceReport | PrintStarted | PrintOutcome
PATIENCE_S = 20.0
QUESTIONS = (b"\x1d(H\x06\x0000", b"\x1dr")
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


class Printer:
    """One printer behind the link `link`; `plug` makes the pty."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.knows = {"eot", "process-id", "paper-status", "asb"}  # and "name", "clear", "cutter-commands"
        self.paper = bytearray()
        self.asked: list[bytes] = []
        self.fault = False  # paper end: stops the buffer, shows in the status
        self.broken = False  # unrecoverable
        self.jammed = False  # the cutter: goes on by DLE ENQ alone
        self.open = False  # the cover
        self.waiting = False  # nothing is wrong any more: goes on when it is told to
        self.name = (b"TM-T88V", b"J5RK012345")
        self.recovered: list[int] = []
        self.nuls = 0
        self.loses_process_ids = 0
        self.stopped = False  # stops the buffer, shows nowhere
        self.deaf = False  # does not even read
        self.muted = False
        self.reads_raster = 0  # so many bytes are swallowed as the data of a command that was cut short
        self.stop_at: tuple[int, Callable[[], None]] | None = None
        self.answered = 0
        self.stop_when_answered: tuple[int, Callable[[], None]] | None = None
        self._asb = False
        self._buffer = bytearray()
        self._held = bytearray()
        self._master = -1

    def plug(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        name = os.ttyname(slave)
        os.close(slave)
        with contextlib.suppress(FileNotFoundError):
            self.link.unlink()
        self.link.symlink_to(name)
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def unplug(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.link.unlink()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        self._master = -1
        self.power_cycle()

    def power_cycle(self) -> None:
        """Buffer and settings are gone."""
        self._buffer.clear()
        self._held.clear()
        self._asb = False

    def change(self, **now: bool) -> None:
        """Set faults; automatic status tells."""
        for name, value in now.items():
            setattr(self, name, value)
        loop = asyncio.get_running_loop()
        if "deaf" in now and self._master >= 0:
            (loop.remove_reader(self._master) if self.deaf else loop.add_reader(self._master, self._readable))
        if self._asb:
            self.say(self._asb_bytes())
        self._execute()

    def say(self, data: bytes) -> None:
        if not self.muted and self._master >= 0:
            os.write(self._master, data)

    def _asb_bytes(self) -> bytes:
        stuck = self.fault or self.broken or self.jammed or self.open or self.waiting
        first = 0x10 | 0x08 * stuck | 0x20 * self.open
        return bytes((first, 0x20 * self.broken | 0x08 * self.jammed | self.waiting, 0x0C if self.fault else 0, 0))

    def _readable(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except OSError:  # nobody has the other side open
            asyncio.get_running_loop().remove_reader(self._master)
            asyncio.get_running_loop().call_later(0.01, self._listen_again, self._master)
            return
        self._held += data
        while (at := self._held.find(CLEAR)) >= 0:
            del self._held[: at + len(CLEAR)]
            if "clear" in self.knows:
                self._buffer.clear()
                self.reads_raster = 0
                self.say(b"\x37\x25\x00")
        while (at := self._held.find(b"\x10\x05")) >= 0 and len(self._held) > at + 2:
            self._recover(self._held[at + 2])
            del self._held[at : at + 3]
        while (at := self._held.find(b"\x10\x04")) >= 0 and len(self._held) > at + 2:
            number = self._held[at + 2]
            self._buffer += self._held[:at]
            del self._held[: at + 3]
            if "eot" in self.knows:
                self.asked.append(bytes((number,)))
                self.say(bytes((self._status(number),)))
        if not self._held.endswith((b"\x10", b"\x10\x04", b"\x10\x05")):
            self._buffer += self._held
            self._held.clear()
        self._execute()

    def _recover(self, how: int) -> None:
        """DLE ENQ: ends a cutter error, and waiting."""
        self.recovered.append(how)
        if (self.jammed or self.waiting) and not self.open and "cutter-commands" in self.knows:
            if how == 2:
                self._buffer.clear()
            self.change(jammed=False, waiting=False)

    def _listen_again(self, master: int) -> None:
        if master == self._master and not self.deaf:
            asyncio.get_running_loop().add_reader(master, self._readable)

    def _status(self, number: int) -> int:
        on = {
            1: 0x08 * (self.fault or self.broken or self.jammed or self.open or self.waiting) | 0x20 * self.waiting,
            2: 0x20 * self.fault | 0x04 * self.open,
            3: 0x20 * self.broken | 0x08 * self.jammed,
            4: 0x60 * self.fault,
        }
        return 0x12 | on[number]

    def _execute(self) -> None:
        while self._buffer and not (
            self.fault or self.broken or self.stopped or self.jammed or self.open or self.waiting
        ):
            if self.stop_at is not None and len(self.paper) >= self.stop_at[0]:
                act, self.stop_at = self.stop_at[1], None
                act()
                continue
            if self.reads_raster:
                self.reads_raster -= 1
                del self._buffer[0]
            elif len(self._buffer) < 7 and any(command.startswith(self._buffer) for command in QUESTIONS):
                return  # its end is still on the line
            elif self._buffer.startswith(b"\x1d(H\x06\x0000"):
                if len(self._buffer) < 11:
                    return
                process = bytes(self._buffer[7:11])
                del self._buffer[:11]
                if self.loses_process_ids:
                    self.loses_process_ids -= 1
                elif "process-id" in self.knows:
                    self.say(b"\x37\x22" + process + b"\x00")
            elif self._buffer.startswith(b"\x1dr\x01"):
                del self._buffer[:3]
                if "paper-status" in self.knows:
                    self.answered += 1
                    self.say(b"\x00")
                    if self.stop_when_answered is not None and self.answered == self.stop_when_answered[0]:
                        self.stop_when_answered[1]()
            elif self._buffer.startswith((b"\x1dIC", b"\x1dID")) and "name" in self.knows:
                self.say(b"\x5f" + self.name[self._buffer[2] == 0x44] + b"\x00")
                del self._buffer[:3]
            elif self._buffer.startswith(b"\x1da"):
                del self._buffer[:3]
                if "asb" in self.knows:
                    self._asb = True
                    self.say(self._asb_bytes())
            else:
                byte = self._buffer.pop(0)
                if byte or self.paper.endswith(b"\x1dVB"):
                    self.paper.append(byte)
                else:
                    self.nuls += 1


class LivedTime:
    """Seconds as the loop lives them: on a machine that does not let this process run, next to none go by, so that a
    printer which had no chance to answer in time is not late.
    """

    STEP_S = 0.1

    def __init__(self) -> None:
        self._now_s, self._last_s = 0.0, time.monotonic()

    def __call__(self) -> float:
        moment_s = time.monotonic()
        self._now_s += min(moment_s - self._last_s, self.STEP_S)
        self._last_s = moment_s
        return self._now_s

    async def run(self) -> None:
        """Go on while nobody asks."""
        while True:
            self()
            await asyncio.sleep(self.STEP_S / 5)


class Bench:
    """An actor and its printer; every report is checked against the table of device states."""

    def __init__(
        self,
        folder: Path,
        *,
        plugged: bool = True,
        answer_within: str = "1s",
        memory: Path | None = None,
        buzzer: Buzzer = "none",
    ) -> None:
        self.printer = Printer(folder / "printer")
        self.said: list[Message] = []
        self._changed = asyncio.Event()
        self._reports: list[DeviceReport] = []
        if plugged:
            self.printer.plug()
        section = PrinterSection(device=str(self.printer.link), answer_within=answer_within, buzzer=buzzer)
        self.time = LivedTime()
        self.actor = PrinterActor(section, self._hear, self.time, memory)
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Bench:
        self.task = asyncio.create_task(self.actor.run())
        self._going_on = asyncio.create_task(self.time.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.actor.close()
        self._going_on.cancel()
        if self.printer._master >= 0:
            self.printer.unplug()

    def _hear(self, message: Message) -> None:
        if isinstance(message, DeviceReport):
            if self._reports:
                last = self._reports[-1]
                assert (last.state, last.reasons) != (message.state, message.reasons), "the same report twice"
                assert message.state in TRANSITIONS[last.state], (last, message)
            self._reports.append(message)
        self.said.append(message)
        self._changed.set()

    async def until(self, what: Callable[[], object]) -> None:
        """Wait until `what` holds; AssertionError with all that was said when it never does."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not what():
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 0.02)
            assert asyncio.get_running_loop().time() < deadline, self.said

    @property
    def state(self) -> tuple[str, tuple[str, ...]]:
        last = self._reports[-1] if self._reports else DeviceReport("printer", "absent")
        return last.state, last.reasons

    @property
    def info(self) -> dict[str, str]:
        return self._reports[-1].info

    async def ready(self) -> None:
        await self.until(lambda: self.state == ("ready", ()))

    def outcomes(self, job: str) -> list[PrintOutcome]:
        return [m for m in self.said if isinstance(m, PrintOutcome) and m.job == job]

    def started(self, job: str) -> int:
        return self.said.count(PrintStarted(job))

    async def print(self, job: str, data: bytes) -> PrintOutcome:
        """Submit and wait for the outcome; there is exactly one."""
        self.actor.submit(PrintJob(job, data))
        return await self.outcome(job)

    async def outcome(self, job: str) -> PrintOutcome:
        """The outcome without what it rests on and what it used up."""
        await self.until(lambda: self.outcomes(job))
        await asyncio.sleep(0)
        assert len(self.outcomes(job)) == 1
        return msgspec.structs.replace(self.outcomes(job)[0], why="", wear=None)
