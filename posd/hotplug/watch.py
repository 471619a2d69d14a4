"""Watches udev for the nodes that printers, pads and keypads have, and reports each change once.

How it works: a netlink monitor is started, then what is there is listed, then the event loop reads the monitor whenever
it is readable. Reading never waits: the monitor is polled with no time-out until it is empty, a bounded number of
events at a time.

Faults: an overrun (ENOBUFS: the kernel dropped events) or a dead monitor (ENODEV and others) makes a new monitor, with
back-off, and a new list; the table in nodes.py tells what was missed. Where there is no udev, as in a container, that
is said once and nothing is reported: ports find their devices by their own back-off.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator

import pyudev

from posd.domain.backoff import Backoff
from posd.hotplug.nodes import Action, Node, NodeChange, NodeTable

LOG = logging.getLogger(__name__)

SUBSYSTEMS = ("tty", "usb", "usbmisc", "input")
UDEV_CONTROL = "/run/udev/control"
EVENTS_A_TURN_MAX = 64
_ACTIONS: dict[str, Action] = {"add": "add", "remove": "remove", "change": "change"}
# Consoles and pseudo-terminals: never a printer that udev could name.
_VIRTUAL_TTYS = "/sys/devices/virtual/tty/"


class HotplugWatch:
    """Reports changes of device nodes to `on_change`, on the loop that called `start`. Use from that loop's thread
    only.
    """

    def __init__(self, on_change: Callable[[NodeChange], None], udev_control: str = UDEV_CONTROL) -> None:
        self._on_change = on_change
        self._udev_control = udev_control
        self._nodes = NodeTable()
        self._backoff = Backoff(first_s=0.5, last_s=30.0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: pyudev.Context | None = None
        self._monitor: pyudev.Monitor | None = None
        self._retry: asyncio.TimerHandle | None = None

    def start(self) -> bool:
        """Begin to watch; what is there already is reported as added before this returns. False, and one log line,
        where there is no udev.
        """
        self._loop = asyncio.get_running_loop()
        if not os.path.exists(self._udev_control):
            LOG.info(
                "no udev runs here (%s is missing): unplugged devices are found again by trying", self._udev_control
            )
            return False
        try:
            self._context = pyudev.Context()
        except (ImportError, OSError) as error:
            LOG.warning("udev cannot be asked (%s): unplugged devices are found again by trying", error)
            return False
        self._make_monitor()
        return True

    def stop(self) -> None:
        """End the watch; nothing is reported afterwards. Harmless if it never began."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._drop_monitor()
        self._loop = self._context = None

    def _make_monitor(self) -> None:
        self._retry = None
        assert self._loop is not None
        assert self._context is not None
        try:
            monitor = pyudev.Monitor.from_netlink(self._context, source="udev")
            for subsystem in SUBSYSTEMS:
                monitor.filter_by(subsystem)
            monitor.start()
            listed = list(self._list())
        except OSError as error:
            self._remake_later(error)
            return
        self._monitor = monitor
        self._loop.add_reader(monitor.fileno(), self._drain)
        self._report(self._nodes.listed(listed))

    def _drain(self) -> None:
        """Take what the monitor has, at most EVENTS_A_TURN_MAX; the rest keeps it readable and comes with the next turn
        of the loop.
        """
        for _ in range(EVENTS_A_TURN_MAX):
            if self._monitor is None:
                return
            try:
                device = self._monitor.poll(0)
            except OSError as error:
                self._drop_monitor()
                self._remake_later(error)
                return
            if device is None:
                self._backoff.reset()
                return
            action = _ACTIONS.get(device.action)
            if action and (node := _node(device)):
                self._report(self._nodes.event(action, node))

    def _list(self) -> Iterator[Node]:
        assert self._context is not None
        for subsystem in SUBSYSTEMS:
            for device in self._context.list_devices(subsystem=subsystem):
                if node := _node(device):
                    yield node

    def _report(self, changes: list[NodeChange]) -> None:
        for change in changes:
            self._on_change(change)

    def _drop_monitor(self) -> None:
        if self._monitor is not None and self._loop is not None:
            self._loop.remove_reader(self._monitor.fileno())
        self._monitor = None

    def _remake_later(self, error: OSError) -> None:
        assert self._loop is not None
        delay_s = self._backoff.next_s()
        LOG.warning(
            "the udev monitor failed (%s); a new one is made in %.1f s and the devices are listed again", error, delay_s
        )
        self._retry = self._loop.call_later(delay_s, self._make_monitor)


def _node(device: pyudev.Device) -> Node | None:
    """The node of a device; None for a device without one and for terminals that are no devices."""
    devnode = device.device_node
    if not devnode or device.sys_path.startswith(_VIRTUAL_TTYS):
        return None
    identity = (device.sys_path, device.device_number, device.properties.get("USEC_INITIALIZED", ""))
    return Node(devnode, device.subsystem, tuple(sorted(device.device_links)), identity)
