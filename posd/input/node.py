"""Opens an input device by its path: a node of the kernel's input layer through evdev, or a FIFO by itself. The only
module that imports evdev.

Rules:
- What the path names decides how it is opened; anything else than a FIFO or a character device of the input layer is
  refused unopened, for to open a wrong tty already moves its lines.
- Read-only, unless lights are to be set. Nothing here blocks for longer than the kernel takes to open a node.
- A kernel node is grabbed, so that no console and no desktop also gets the keys, and its time stamps come from the
  monotonic clock.
- A FIFO: what lies in it at open is handed out apart (`backlog`), because it is older than we are. End of file at open
  means "nobody yet" (`waiting`); once somebody wrote it means that the writer has gone, as ENODEV does on a kernel
  node.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from posd.input.events import (
    ABS_PRESSURE,
    ABS_X,
    ABS_Y,
    EV_ABS,
    EV_KEY,
    EV_LED,
    FIFO_RECORD,
    NODE_RECORD,
    Axis,
    Snapshot,
)

READ_BYTES = 256 * 24
_INPUT_MAJOR = 13
_EVIOCSCLOCKID = 0x400445A0
_CLOCK_MONOTONIC = 1
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR})


class NodeAbsent(Exception):
    """There is no such device, or there is no longer; the text says so to a person."""


class NodeRefused(Exception):
    """The device is there and cannot be used; the text says why and what to do."""


class Node(Protocol):
    """An open input device. `keys` and `lights` are empty where the device cannot be asked (a FIFO may send any
    key).
    """

    path: str
    kind: str
    name: str
    fd: int
    record: struct.Struct
    axes: Mapping[int, Axis]
    keys: frozenset[int]
    lights: frozenset[int]
    backlog: bytes
    waiting: bool

    def read(self) -> bytes | None:
        """What has arrived, None if nothing has. NodeAbsent when the device has gone."""
        ...

    def state(self) -> Snapshot | None:
        """How axes and keys stand now, None where the device cannot be asked. NodeAbsent when it has gone."""
        ...

    def light(self, code: int, on: bool) -> None:
        """Set one of `lights`. NodeAbsent when the device has gone."""
        ...

    def close(self) -> None:
        """Give the device back; may be called again."""
        ...


def kernel_keys() -> dict[str, int]:
    """Every key and button that the kernel names, name -> code."""
    from evdev import ecodes

    return {
        name: code
        for name, code in ecodes.ecodes.items()
        if name.startswith(("KEY_", "BTN_")) and isinstance(code, int)
    }


def open_node(path: str, fifo_axes: Mapping[int, Axis], lights: bool = False) -> Node:
    """The input device at `path`; may take some ten milliseconds, so call it in a thread. NodeAbsent, NodeRefused.

    `fifo_axes`: the axes of a FIFO, which cannot be asked. `lights`: open a kernel node for writing too, where that is
    allowed.
    """
    with _faults(path):
        status = os.stat(path)
        if stat.S_ISFIFO(status.st_mode):
            return FifoNode(path, fifo_axes)
        if not stat.S_ISCHR(status.st_mode) or os.major(status.st_rdev) != _INPUT_MAJOR:
            raise NodeRefused(
                f"{path} is neither an input device nor a FIFO; name one such as /dev/input/by-id/...-event-kbd"
            )
        return EvdevNode(path, lights)


@contextmanager
def _faults(path: str) -> Iterator[None]:
    """Turns the kernel's refusals into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in _GONE:
            raise NodeAbsent(f"{path} is not there: {error.strerror}. It is opened as soon as it appears.") from error
        if error.errno == errno.EBUSY:
            raise NodeRefused(f"{path} is held by another process; stop that one (posctl doctor finds it).") from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise NodeRefused(
                f"{path} may not be opened by this user; install posd's udev rules or add the user to the group input."
            ) from error
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            raise NodeRefused(
                f"{path} does not answer as an event device does; name an event node, such as /dev/input/event0."
            ) from error
        raise NodeRefused(f"{path} cannot be opened: {error.strerror}.") from error


class FifoNode:
    """A FIFO of 64-bit `struct input_event` records: a recording or a simulation."""

    kind = "fifo"
    record = FIFO_RECORD
    keys: frozenset[int] = frozenset()
    lights: frozenset[int] = frozenset()

    def __init__(self, path: str, axes: Mapping[int, Axis]) -> None:
        self.path = self.name = path
        self.axes = axes
        self.waiting = False
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.backlog = self._left_over()
        except BaseException:
            self.close()
            raise

    def _left_over(self) -> bytes:
        """All that was written before now; `waiting` is set if nobody holds the other end."""
        found = b""
        size = fcntl.fcntl(self.fd, fcntl.F_GETPIPE_SZ)
        while len(found) < size:
            try:
                piece = os.read(self.fd, size - len(found))
            except BlockingIOError:
                return found
            if not piece:
                self.waiting = True
                return found
            found += piece
        return found

    def read(self) -> bytes | None:
        try:
            data = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            self.waiting = False
            return None
        except OSError as error:
            raise NodeAbsent(f"{self.path} broke: {error.strerror}.") from error
        if not data:
            raise NodeAbsent(f"{self.path} has no writer. It is heard again as soon as there is one.")
        self.waiting = False
        return data

    def state(self) -> Snapshot | None:
        return None

    def light(self, code: int, on: bool) -> None:
        raise AssertionError(f"a FIFO has no light {code} to set to {on}")

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class EvdevNode:
    """An event node of the kernel, grabbed."""

    kind = "evdev"
    record = NODE_RECORD
    backlog = b""
    waiting = False

    def __init__(self, path: str, lights: bool) -> None:
        import evdev

        self.path = path
        self._device: Any = evdev.InputDevice(path, readonly=not lights)
        try:
            self._device.grab()
            self._use_monotonic_clock()
            found: dict[int, Any] = self._device.capabilities(absinfo=True)
        except BaseException:
            self._device.close()
            raise
        self.fd: int = self._device.fd
        self.name = str(self._device.name)
        self.axes: Mapping[int, Axis] = {code: Axis(info.min, info.max) for code, info in found.get(EV_ABS, [])}
        self.keys: frozenset[int] = frozenset(found.get(EV_KEY, []))
        self.lights: frozenset[int] = frozenset(found.get(EV_LED, [])) if lights else frozenset()

    def _use_monotonic_clock(self) -> None:
        """A clock that is set in the middle of a signature must not bend its times.

        A kernel that refuses leaves them as they are; a device that has just gone shows at the next call.
        """
        with suppress(OSError):
            fcntl.ioctl(self._device.fd, _EVIOCSCLOCKID, struct.pack("i", _CLOCK_MONOTONIC))

    def read(self) -> bytes | None:
        with self._going():
            try:
                data = os.read(self.fd, READ_BYTES)
            except BlockingIOError:
                return None
            if not data:
                raise OSError(errno.ENODEV, "end of file")
            return data

    def state(self) -> Snapshot | None:
        with self._going():
            axes = {
                code: self._device.absinfo(code).value for code in (ABS_X, ABS_Y, ABS_PRESSURE) if code in self.axes
            }
            return Snapshot(axes, frozenset(self._device.active_keys()))

    def light(self, code: int, on: bool) -> None:
        with self._going():
            self._device.set_led(code, int(on))
            self._device.syn()

    @contextmanager
    def _going(self) -> Iterator[None]:
        """ENODEV, EIO and the like: after opening, any of them means that the device has gone."""
        try:
            yield
        except OSError as error:
            raise NodeAbsent(
                f"{self.path} has gone: {error.strerror}. It is opened again as soon as it returns."
            ) from error

    def close(self) -> None:
        self._device.close()
        self.fd = -1
