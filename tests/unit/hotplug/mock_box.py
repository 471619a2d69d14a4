"""A box with a fake sysfs and fake udev events, run under umockdev-wrapper: plugs and unplugs, prints what HotplugWatch
reported as JSON.

Run by test_watch.py in a process of its own, since umockdev works by being preloaded.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import logging
import sys
from collections.abc import Callable

import pyudev

from posd.hotplug import watch
from posd.hotplug.nodes import NodeChange

LIB = ctypes.CDLL("libumockdev.so.0")
LIB.umockdev_testbed_new.restype = ctypes.c_void_p
LIB.umockdev_testbed_add_from_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
LIB.umockdev_testbed_uevent.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
LIB.umockdev_testbed_remove_device.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

USB = "/devices/pci0000:00/usb1/1-{port}/1-{port}:1.0"


class Box:
    """A terminal box whose devices come and go."""

    def __init__(self) -> None:
        self._testbed = LIB.umockdev_testbed_new()

    def add(self, path: str, node: str, subsystem: str, link: str = "") -> str:
        """Put a device there without an event; returns its sysfs path."""
        lines = [f"P: {path}", f"N: {node}", f"E: DEVNAME=/dev/{node}", f"E: SUBSYSTEM={subsystem}"]
        lines += ["E: MAJOR=188", "E: MINOR=0"]
        lines += [f"S: {link}", f"E: DEVLINKS=/dev/{link}"] if link else []
        assert LIB.umockdev_testbed_add_from_string(self._testbed, ("\n".join(lines) + "\n").encode(), None)
        return f"/sys{path}"

    def event(self, sys_path: str, action: str) -> None:
        """Send a udev event of a device that is there."""
        LIB.umockdev_testbed_uevent(self._testbed, sys_path.encode(), action.encode())

    def remove(self, sys_path: str) -> None:
        """Take a device away without an event."""
        LIB.umockdev_testbed_remove_device(self._testbed, sys_path.encode())


class Overrun:
    """A monitor whose next read says ENOBUFS, as when the kernel's queue for it ran over."""

    def __init__(self, real: pyudev.Monitor) -> None:
        self._real = real

    def fileno(self) -> int:
        """The real monitor's."""
        return self._real.fileno()

    def poll(self, _timeout: float) -> None:
        """Fail."""
        raise OSError(errno.ENOBUFS, "No buffer space available")


async def until(condition: Callable[[], object], what: str) -> None:
    """Let the loop run until the condition holds."""
    try:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise SystemExit(f"still not: {what}") from None


async def main(scene: str) -> list[list[object]]:
    """Play one scene; the changes reported."""
    box = Box()
    seen: list[NodeChange] = []
    # umockdev does not fake the socket of udevd; any file that is there stands in for it.
    watching = watch.HotplugWatch(seen.append, udev_control=sys.executable)
    printer = box.add(USB.format(port=1) + "/ttyUSB0/tty/ttyUSB0", "ttyUSB0", "tty")
    box.add("/devices/virtual/tty/tty7", "tty7", "tty")
    lp = box.add(USB.format(port=2) + "/usbmisc/lp0", "usb/lp0", "usbmisc") if scene == "overrun" else ""
    assert watching.start()
    if scene == "comes-and-goes":
        lp = box.add(USB.format(port=2) + "/usbmisc/lp0", "usb/lp0", "usbmisc", link="posd/printer")
        box.event(lp, "add")
        box.event(printer, "add")  # the double: it was listed already
        await until(lambda: len(seen) >= 2, "the USB printer was reported")
        box.event(printer, "remove")
        await until(lambda: len(seen) >= 3, "the removal was reported")
        box.event(printer, "remove")  # nobody knows it any more
        box.event(printer, "bind")  # not an act that posd cares about
        box.event(printer, "add")
        await until(lambda: len(seen) >= 4, "the return was reported")
    if scene == "overrun":
        # Events were dropped: the USB printer went and a pad came.
        box.remove(lp)
        box.add(USB.format(port=4) + "/input/event5", "input/event5", "input")
        watching._monitor = Overrun(watching._monitor)
        box.event("/sys/devices/virtual/tty/tty7", "change")  # makes the monitor readable
        await until(lambda: len(seen) >= 4, "the list was taken again")
        box.event(printer, "remove")
        await until(lambda: len(seen) >= 5, "the new monitor reports")
    if scene == "stopped":
        watching.stop()
        watching.stop()
        box.event(printer, "remove")
        for _ in range(20):
            await asyncio.sleep(0)
    watching.stop()
    return [[change.action, change.devnode, change.subsystem, list(change.links)] for change in seen]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
