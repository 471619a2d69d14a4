"""The libusb port over a printer at pyusb's backend interface: this machine needs no USB for it."""

from __future__ import annotations

import asyncio
import errno
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import usb.backend
import usb.core

from posd.line.port import PortAbsent, PortGone, PortRefused
from posd.printer import port_usb
from posd.printer.port_usb import AHEAD_BYTES, open_usb
from posd.printer.ports import address
from tests.unit.printer.test_ports import Host, close, until

OUT, IN = 0x01, 0x82


class Backend(usb.backend.IBackend):  # type: ignore[misc]
    """Printers on a bus. A transfer waits as libusb's does; `say` is what the printer tells next."""

    def __init__(self, serials: tuple[str, ...] = ("J1",), interface_class: int = 7) -> None:
        self.serials, self.interface_class = serials, interface_class
        self.paper = bytearray()
        self.said: list[bytes] = []
        self.changed = threading.Condition()
        self.busy = self.unplugged = self.driver = False
        self.claimed: set[int] = set()
        self.held_by_another = self.forbidden = False
        self.writes = 0

    def say(self, data: bytes) -> None:
        with self.changed:
            self.said.append(data)
            self.changed.notify_all()

    def change(self, **now: bool) -> None:
        with self.changed:
            for name, value in now.items():
                setattr(self, name, value)
            self.changed.notify_all()

    # What pyusb asks.

    def enumerate_devices(self) -> Any:
        return iter(range(len(self.serials)))

    def get_device_descriptor(self, dev: int) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0E15, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=3 + dev, bNumConfigurations=1, address=dev + 1, bus=1, port_number=1,
            port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: int, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=self.interface_class, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: int, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: int) -> Any:
        if self.forbidden:
            raise usb.core.USBError("Access denied", errno=errno.EACCES)
        return SimpleNamespace(dev=dev)

    def close_device(self, dev_handle: Any) -> None:
        """Nothing to close."""

    def get_configuration(self, dev_handle: Any) -> int:
        return 1

    def ctrl_transfer(
        self, dev_handle: Any, bmRequestType: int, bRequest: int, wValue: int, wIndex: int, data: Any, timeout: int
    ) -> int:
        """String descriptors: languages, and the serial number."""
        text = "\u0409" if wValue & 0xFF == 0 else self.serials[(wValue & 0xFF) - 3]
        raw = text.encode("utf-16-le")
        answer = bytes((len(raw) + 2, 3)) + raw
        count = min(len(data), len(answer))
        data[:count] = type(data)("B", answer[:count])
        return count

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return self.driver

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.driver = False

    def attach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.driver = True

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        if self.held_by_another:
            raise usb.core.USBError("Resource busy", errno=errno.EBUSY)
        self.claimed.add(intf)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self.claimed.discard(intf)

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        with self.changed:
            self.writes += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.unplugged or not self.busy, timeout / 1000)
            if self.unplugged:
                raise usb.core.USBError("No such device", errno=errno.ENODEV)
            if self.busy:
                raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
            self.paper += bytes(data)
            return len(data)

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self.unplugged or self.said, timeout / 1000)
            if self.unplugged:
                raise usb.core.USBError("No such device", errno=errno.ENODEV)
            if not self.said:
                raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
            data = self.said.pop(0)
            buff[: len(data)] = type(buff)("B", data)
            return len(data)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_usb, "TURN_S", 0.05)


WHERE = address("usb:04b8:0e15")


def test_bytes_go_both_ways_and_the_kernels_driver_gets_the_printer_back() -> None:
    bus = Backend()
    bus.driver = True

    async def run() -> None:
        host = Host(open_usb(WHERE, bus))
        assert not bus.driver
        assert bus.claimed == {0}
        slip = bytes(range(256)) * 100
        await host.send(slip)
        await until(lambda: host.port.unsent() == 0)
        assert bytes(bus.paper) == slip
        bus.say(b"")
        bus.say(b"\x12\x16")
        await until(lambda: host.came == b"\x12\x16")
        close(host.port)

    asyncio.run(run())
    assert bus.driver
    assert not bus.claimed
    assert not [thread for thread in threading.enumerate() if thread.name == "posd-usb"]


def test_a_busy_printer_takes_only_what_the_queue_holds_and_a_discard_drops_the_rest() -> None:
    bus = Backend()
    bus.busy = True

    async def run() -> None:
        host = Host(open_usb(WHERE, bus))
        assert host.port.write(b"q" * 20_000) == AHEAD_BYTES
        await until(lambda: bus.writes >= 2)  # a time-out is tried again
        assert host.port.write(b"more") == 0
        assert not host.port.gone
        kept = host.port.discard()
        assert AHEAD_BYTES - 4096 <= kept <= AHEAD_BYTES
        await until(lambda: host.port.unsent() == 0)  # the transfer that was under way ended, and is not tried again
        bus.change(busy=False)
        await host.send(b"next")
        await until(lambda: host.port.unsent() == 0)
        assert bytes(bus.paper) == b"next"
        close(host.port)

    asyncio.run(run())


def test_unplugged() -> None:
    bus = Backend()

    async def run() -> None:
        host = Host(open_usb(WHERE, bus))
        bus.change(unplugged=True)
        await until(lambda: host.port.gone)
        with pytest.raises(PortGone):
            host.port.write(b"x")
        close(host.port)

    asyncio.run(run())


def test_the_right_one_of_two_printers() -> None:
    bus = Backend(("J1", "J2"))
    with pytest.raises(PortRefused, match=r"2 printers are usb:04b8:0e15: add the serial number"):
        open_usb(WHERE, bus)
    port = open_usb(address("usb:04b8:0e15:J2"), bus)
    assert port._device.serial_number == "J2"
    port.release()
    with pytest.raises(PortAbsent):
        open_usb(address("usb:04b8:0e15:J3"), bus)


def test_a_clone_that_calls_itself_vendor_specific() -> None:
    open_usb(WHERE, Backend(interface_class=255)).release()


def test_what_keeps_it_from_opening_is_said() -> None:
    bus = Backend()
    with pytest.raises(PortAbsent, match="not plugged in"):
        open_usb(address("usb:0519:0001"), bus)
    bus.held_by_another = True
    with pytest.raises(PortRefused, match="held by another program, often CUPS"):
        open_usb(WHERE, bus)
    bus.held_by_another, bus.forbidden = False, True
    with pytest.raises(PortRefused, match="udev rules"):
        open_usb(WHERE, bus)


def test_without_libusb_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(**_how: object) -> None:
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", none)
    with pytest.raises(PortRefused, match=r"apt-get install libusb-1\.0-0"):
        open_usb(WHERE)
