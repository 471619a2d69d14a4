"""The composition root: the only file that sees every room.

- Order of start: configuration, journal (recovered), fold, listening socket, READY, devices. Clients are served before
  any device is there.
- Order of stop: no new clients, the slip on the printer may finish within `STOP_S`, devices, journal last (marked as a
  clean stop).
- SIGTERM and SIGINT stop it, SIGHUP has it read the supervisors' PINs again.
- Exit codes: 0 asked to stop, 1 the journal failed or cannot be used, 2 the configuration or the socket cannot be used.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from posd import BUILT_MS, __version__, config
from posd.api import access, listener
from posd.api.server import Server
from posd.custody import CredentialError, Custody, take
from posd.desk import printing
from posd.desk.drawing import DrawnFirst
from posd.desk.figures import figures
from posd.desk.ports import Now, Tools
from posd.desk.runner import Desk
from posd.desk.turn import Rules
from posd.dispatch import Dispatcher
from posd.domain import reprint_rules
from posd.domain.device import DeviceName, DeviceReport
from posd.domain.events import AnyEvent
from posd.hotplug.nodes import NodeChange
from posd.hotplug.watch import HotplugWatch
from posd.journal import Journal, JournalError, JournalFailed
from posd.keypad.actor import KeypadActor
from posd.keypad.supervisors import Supervisors
from posd.ledger import JournalLedger, archive_in
from posd.pad import drivers, image
from posd.pages import Pages
from posd.pictures import Pictures
from posd.printer import ports
from posd.printer.actor import PrinterActor
from posd.printer.compose import Composer, font_fault
from posd.service import activation, command, journald, metrics
from posd.service.heartbeat import Heartbeat
from posd.service.notify import Notifier

STOP_S = 10.0
DEVICES: tuple[DeviceName, ...] = ("printer", "pad", "keypad")
log = logging.getLogger("posd")

Actor = PrinterActor | drivers.Pad | KeypadActor


def now() -> Now:
    """The clocks of a decision."""
    local = time.localtime()
    mono_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)  # it goes on while the box sleeps, as the wall clock does
    return Now(time.time_ns() // 1_000_000, mono_ns // 1_000_000, local.tm_gmtoff // 60)


class Daemon:
    """posd, put together. `run` serves until a signal and gives the exit code."""

    def __init__(self, settings: config.Config, custody: Custody, notifier: Notifier) -> None:
        self._settings = settings
        self._custody = custody
        self._journal = journal = custody.journal
        self._notifier = notifier
        self._ledger = JournalLedger(journal)
        self._supervisors = Supervisors(settings.keypad)
        self._composer = Composer.configured(settings.printer, settings.slip, image.bitmap)
        self._desk = Desk(
            self._ledger,
            Rules.of(settings, pins=bool(self._supervisors.known)),
            Tools(
                self._composer,
                self._ledger.read,
                self._composer.compose_selftest,
                self._composer.compose_handover,
                self._composer.names("terms"),
                str(self._composer.made_for),
                self._composer.suits,
            ),
            now,
            Pictures(settings.printer, settings.slip),
            self._publish,
            self._fail,
        )
        self._desk.recover()
        self._actors: dict[DeviceName, Actor] = {}
        self._keypad: KeypadActor | None = None
        self._answers = Dispatcher(
            self._desk,
            self._ledger,
            custody,
            Pages(self._ledger, self._desk, custody, settings.evidence),
            self._composer,
            settings.terminal,
            self._actors.keys(),
        )
        self._server = Server(
            self._answers,
            self._ledger,
            terminal=settings.terminal.id,
            rules=access.Rules.of(settings.api.roles),
            clients_max=settings.api.clients_max,
        )
        self._drawn_first = DrawnFirst(self._composer.draw, self._desk.tell)
        self._make_actors()
        self._hotplug = HotplugWatch(self._node_changed)
        self._heartbeat = Heartbeat(notifier, self._sentence, lambda: journal.busy_since, self._write_metrics)
        self._stop = asyncio.Event()
        self._code = 0
        self._tasks: list[asyncio.Task[None]] = []

    def _publish(self, seq: int, event: AnyEvent) -> None:
        """The server is made after the desk, which needs someone to publish to."""
        self._server.publish(seq, event)

    def _sentence(self) -> str:
        return self._answers.status().sentence

    # The life of the process.

    async def run(self, listening: socket.socket, *, activated: bool) -> int:
        """Serve until a signal or until the journal fails; the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._custody.read_only:
            self._desk.only_look()
        else:
            self._begin_to_write()
        await self._server.start(listening, activated=activated)
        self._notifier.ready(self._sentence())
        log.info("posd %s serves on %s: %s", __version__, self._settings.api.socket, self._sentence())
        gc.freeze()
        gc.enable()
        self._begin()
        await self._stop.wait()
        await self._end()
        return self._code

    def _begin_to_write(self) -> None:
        self._ledger.start(self._desk.durable, self._journal_failed)
        self._desk.boot(BUILT_MS)
        for name in DEVICES:
            if name not in self._actors:
                self._desk.tell(DeviceReport(name, "absent", (), "not in the configuration"))

    def _journal_failed(self, failure: JournalFailed) -> None:
        self._custody.failed(time.time_ns() // 1_000_000)
        self._desk.failed(str(failure))

    def _begin(self) -> None:
        self._hotplug.start()
        for name, actor in self._actors.items():
            self._heartbeat.watch(name, actor.alive)
            self._spawn(actor.run(), name)
        if self._custody.read_only:
            self._spawn(asyncio.to_thread(self._custody.put_aside), "copy", ends=True)
        else:
            self._spawn(self._desk.tick_forever(), "desk")
        self._spawn(self._heartbeat.run(), "watchdog")
        if self._keypad is not None and self._supervisors.path is not None:
            self._spawn(self._supervisors.watch(self._pins_changed), "pins")
        if "printer" in self._actors:
            self._spawn(asyncio.to_thread(self._composer.warm), "warm-up", ends=True)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str, *, ends: bool = False) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(lambda done: self._task_done(done, ends))
        self._tasks.append(task)

    def _task_done(self, task: asyncio.Task[None], ends: bool) -> None:
        """A part that ends by itself is a fault of ours: end the process, so that it starts afresh from the journal."""
        if task.cancelled() or (ends and task.exception() is None):
            return
        if not self._stop.is_set():
            log.critical("the %s part ended: posd stops and starts again", task.get_name(), exc_info=task.exception())
            self._code = 1
            self._stop.set()

    async def _end(self) -> None:
        self._notifier.stopping("stopping")
        self._desk.leave()
        self._hotplug.stop()
        await self._server.close()
        if not self._code and not self._custody.read_only:
            await self._desk.idle(STOP_S)
        for actor in self._actors.values():
            await actor.close()
        await self._drawn_first.done()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await asyncio.to_thread(self._journal.close)
        except JournalError as error:
            log.error("%s", error)
            self._code = 1
        self._notifier.close()

    def _fail(self, message: str) -> None:
        """The journal stopped. The restart recovers from the device."""
        log.critical("%s", message)
        for line in self._server.dump():
            log.critical("last requests of %s", line)
        self._code = 1
        self._stop.set()

    def _write_metrics(self) -> None:
        if not self._settings.api.metrics:
            return
        numbers = figures(self._answers.status(), len(self._desk.state.owed))
        try:
            metrics.write(Path(self._settings.api.metrics), numbers)
        except (OSError, ValueError) as error:
            log.warning("the metrics file cannot be written (%s); posd goes on without", error)

    # Devices.

    def _make_actors(self) -> None:
        s, tell, actors = self._settings, self._desk.tell, self._actors
        if self._custody.read_only:  # no outcome could be kept
            return
        printer = PrinterActor(s.printer, tell, memory=Path(s.printers_path)) if s.printer.device else None
        if printer is not None:
            self._desk.printer = actors["printer"] = printer
            if printing.may_hang(self._desk.state):
                printer.torn()
        if s.pad.driver != "none":
            make = drivers.DRIVERS[s.pad.driver]
            pad = make(s.pad, self._drawn_first, self._server.watched, self._server.show)
            self._desk.pad = actors["pad"] = pad
        if s.keypad.device:
            shown, pins, beep = self._server.show_keypad, self._supervisors.known, printer.beep if printer else None
            self._keypad = KeypadActor(s.keypad, tell, shown, pins, beep)
            self._desk.keypad = actors["keypad"] = self._keypad

    def _reload(self) -> None:
        """SIGHUP: read again what can be taken up while posd runs."""
        log.info("asked to reload: the supervisors' PINs, if there are any; posd.toml is read at the next start only")
        if self._supervisors.again(at_once=True):
            self._pins_changed()

    def _pins_changed(self) -> None:
        known, fault = self._supervisors.known, self._supervisors.fault
        self._desk.rules = replace(self._desk.rules, pins=bool(known))
        if self._keypad is not None:
            self._keypad.use(known, fault)

    def _node_changed(self, change: NodeChange) -> None:
        """Some device node came or went: whoever waits for one looks now instead of later."""
        log.info("%s %s", change.action, change.devnode)
        for actor in self._actors.values():
            actor.poke()


def _socket(path: str) -> tuple[socket.socket, bool]:
    """The listening socket and whether the service manager made it."""
    given = activation.take_sockets(os.environ, os.getpid())
    if given:
        for extra in given[1:]:
            extra.socket.close()
        return given[0].socket, True
    return listener.listen(path), False


def _serve(settings: config.Config) -> int:
    notifier = Notifier()
    notifier.extend_timeout(60.0)
    gc.disable()  # the fold makes no garbage in cycles; looking for some takes a tenth of the start
    try:
        archive = archive_in(settings.archive_path, config.seconds(settings.archive.keep))
        custody = take(Journal, settings.journal, now().ms, archive)
    except CredentialError as error:
        log.critical("%s", error)
        return 2
    except JournalError as error:
        path = settings.journal.path
        log.critical("%s", error if path in str(error) else f"{path}: {error}")
        return 1
    log.info("journal %s: %s", settings.journal.path, custody.journal.recovery.sentence)
    if custody.read_only:
        log.critical("the journal is read-only: %s", custody.advice)

    async def serve() -> int:
        daemon = Daemon(settings, custody, notifier)
        listening, activated = _socket(settings.api.socket)
        return await daemon.run(listening, activated=activated)

    try:
        return asyncio.run(serve())
    except (listener.ListenError, activation.ActivationError, access.UnknownGroup, config.ConfigError) as error:
        log.critical("%s", error)
        return 2


def main(argv: Sequence[str] | None = None) -> int:
    """The command `posd`."""
    options = command.options(argv, __version__)
    journald.install()
    sys.setswitchinterval(0.0005)  # a busy thread must not keep the journal's writer from its disk
    try:
        settings = config.parse(Path(options.config).read_text(encoding="utf-8"))
        drivers.check(settings.pad)
        if options.check:  # what a start finds when it makes these: device, profile, logo, font, template, keys, PINs
            ports.address(settings.printer.device)
            Composer.configured(settings.printer, settings.slip, image.bitmap)
            if fault := font_fault(settings.slip.font):
                raise config.ConfigError(fault)
            if settings.keypad.device:
                KeypadActor(settings.keypad, lambda _: None, supervisors=Supervisors(settings.keypad).known)
    except (OSError, UnicodeDecodeError, config.ConfigError) as error:
        log.critical("posd did not start; correct %s and start it again: %s", options.config, error)
        return 2
    policy = settings.policy
    for words in (*reprint_rules.overlaps(policy.rule), *reprint_rules.spent(policy.rule, policy.reprint_window)):
        log.warning("%s: %s", options.config, words)
    if options.check:
        sys.stdout.write(f"{options.config} is sound\n")
        return 0
    return _serve(settings)
