"""A printer of the USB printer class without the kernel's driver, through libusb. The only module that imports usb
(pyusb), and only when such a device is configured.

- libusb's calls wait. Reading and writing have a thread each; every call has a time-out, so that a thread sees within
  `TURN_S` that it is to end. What came in is handed to the event loop; what goes out waits in a queue of at most
  `AHEAD_BYTES`.
- Its interface is the one of class 7, or the first that has bulk endpoints (some clones call themselves vendor
  specific). The kernel's driver is detached from it and attached again when the port is let go of.
- A time-out of writing is a printer that is busy or out of paper: its bytes stay in the queue. Any other error is the
  end: it was unplugged, or somebody else took it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import threading
from collections.abc import Callable
from typing import Any

import usb.core
import usb.util

from posd.line.port import PortAbsent, PortGone, PortRefused
from posd.printer.ports import Address

AHEAD_BYTES = 8192
TURN_S = 1.0
PIECE_BYTES = 4096
EMPTY_PAUSE_S = 0.05
_PRINTER_CLASS = 7


def open_usb(address: Address, backend: Any = None) -> UsbPort:
    """The port of the printer at `address`. PortAbsent, PortRefused. `backend` is pyusb's; None: libusb, as found."""
    name = address.text
    device = _find(address, backend)
    try:
        number, out, into = _endpoints(device)
        detached = _detach(device, number)
        usb.util.claim_interface(device, number)
    except usb.core.USBError as error:
        usb.util.dispose_resources(device)
        raise _why(name, error) from error
    return UsbPort(name, device, number, out, into, detached)


def _find(address: Address, backend: Any) -> Any:
    try:
        found = list(
            usb.core.find(find_all=True, idVendor=address.vendor, idProduct=address.product, backend=backend) or ()
        )
        if address.serial:
            found = [device for device in found if _serial(device) == address.serial]
    except usb.core.NoBackendError:
        raise PortRefused(
            f"{address.text} needs the library libusb: apt-get install libusb-1.0-0. Until then nothing prints."
        ) from None
    except usb.core.USBError as error:
        raise _why(address.text, error) from error
    if not found:
        raise PortAbsent(f"{address.text} is not plugged in. Check the printer's cable and power; lsusb shows what is.")
    if len(found) > 1:
        raise PortRefused(
            f"{len(found)} printers are {address.text}: add the serial number of the right one to printer.device,"
            f" as in {address.text}:SERIAL."
        )
    return found[0]


def _serial(device: Any) -> str:
    with contextlib.suppress(ValueError, usb.core.USBError):
        return str(device.serial_number or "")
    return ""


def _why(name: str, error: Any) -> PortAbsent | PortRefused:
    if error.errno in (errno.ENODEV, errno.ENOENT):
        return PortAbsent(f"{name} went away while it was opened. Check the printer's cable and power.")
    if error.errno == errno.EBUSY:
        return PortRefused(f"{name} is held by another program, often CUPS. posctl doctor names it; stop it.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortRefused(f"{name} may not be opened by posd's user: install posd's udev rules, or add one for it.")
    return PortRefused(f"{name} does not open: {error}")


def _endpoints(device: Any) -> tuple[int, Any, Any]:
    """Number of the printer's interface and its bulk endpoints, out and in (None where it never talks)."""
    try:
        settings = device.get_active_configuration()
    except usb.core.USBError:  # it has none yet
        device.set_configuration()
        settings = device.get_active_configuration()
    by_rank = sorted(settings, key=lambda interface: interface.bInterfaceClass != _PRINTER_CLASS)
    for interface in by_rank:
        bulk = [end for end in interface if usb.util.endpoint_type(end.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK]
        ends = {usb.util.endpoint_direction(end.bEndpointAddress): end for end in reversed(bulk)}
        if usb.util.ENDPOINT_OUT in ends:
            return interface.bInterfaceNumber, ends[usb.util.ENDPOINT_OUT], ends.get(usb.util.ENDPOINT_IN)
    raise usb.core.USBError("it has no interface that takes print data", errno=errno.EINVAL)


def _detach(device: Any, number: int) -> bool:
    active = bool(device.is_kernel_driver_active(number))
    if active:
        device.detach_kernel_driver(number)
    return active


class UsbPort:
    """An open printer; made by `open_usb`."""

    def __init__(self, path: str, device: Any, number: int, out: Any, into: Any, detached: bool) -> None:
        self.path = path
        self._device, self._number, self._out, self._in, self._detached = device, number, out, into, detached
        self._gone = self._ends = False
        self._queue = bytearray()
        self._piece = b""
        self._void = False
        self._lock = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_data: Callable[[bytes], None] = lambda _data: None
        self._on_event: Callable[[], None] = lambda: None

    @property
    def gone(self) -> bool:
        return self._gone

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        self._on_data, self._on_event = on_data, on_event
        self._loop = asyncio.get_running_loop()
        works = [self._write_all, self._read_all] if self._in is not None else [self._write_all]
        self._threads = [threading.Thread(target=work, name="posd-usb", daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def write(self, data: bytes | memoryview) -> int:
        if self._gone:
            raise PortGone
        with self._lock:
            count = min(len(data), max(AHEAD_BYTES - len(self._queue) - len(self._piece), 0))
            self._queue += data[:count]
            self._lock.notify()
        return count

    def unsent(self) -> int:
        with self._lock:
            return len(self._queue) + len(self._piece)

    def discard(self) -> int:
        """Of a transfer that is under way nobody knows how much came over; it is not tried again."""
        with self._lock:
            kept = len(self._queue)
            self._queue.clear()
            self._void = True
        return kept

    def stop(self) -> None:
        with self._lock:
            self._ends = True
            self._lock.notify()

    def release(self) -> None:
        for thread in self._threads:
            thread.join()
        # An error means that the device is gone: there is nothing left to let go of.
        with contextlib.suppress(usb.core.USBError):
            usb.util.release_interface(self._device, self._number)
            if self._detached:
                self._device.attach_kernel_driver(self._number)
        with contextlib.suppress(usb.core.USBError):
            usb.util.dispose_resources(self._device)

    def _write_all(self) -> None:
        """The writing thread."""
        while True:
            with self._lock:
                while not self._queue and not self._ends:
                    self._lock.wait()
                if self._ends:
                    return
                self._piece, self._void = bytes(self._queue[:PIECE_BYTES]), False
                del self._queue[:PIECE_BYTES]
            try:
                taken = self._out.write(self._piece, int(TURN_S * 1000))
            except usb.core.USBTimeoutError:
                taken = 0
            except usb.core.USBError:
                self._tell(self._hang_up)
                return
            with self._lock:
                if not self._void:
                    self._queue[:0] = self._piece[taken:]
                self._piece = b""
            if taken:
                self._tell(self._on_event)

    def _read_all(self) -> None:
        """The reading thread."""
        while not self._ends:
            try:
                data = bytes(self._in.read(PIECE_BYTES, int(TURN_S * 1000)))
            except usb.core.USBTimeoutError:
                continue
            except usb.core.USBError:
                self._tell(self._hang_up)
                return
            if data:
                self._tell(functools.partial(self._came, data))
            else:
                with self._lock:
                    self._lock.wait_for(lambda: self._ends, EMPTY_PAUSE_S)

    def _tell(self, act: Callable[[], None]) -> None:
        """Hand something over to the event loop; after it has closed nobody is left to hear it."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    def _came(self, data: bytes) -> None:
        if not self._ends:
            self._on_data(data)

    def _hang_up(self) -> None:
        if not self._gone:
            self._gone = True
            if not self._ends:
                self._on_event()
