"""ESC/POS, byte by byte, into calls on the typesetter and the device.

Rules: a command is read as a device reads it, one byte at a time, in a generator that asks for its next byte; so a
fault can fall between any two bytes, and a picture larger than the receive buffer still prints. What commands mean is
in tables (`Vocabulary`, filled in `text_commands`, `device_commands` and `graphics_commands`); a command that is
known but has no effect here is counted as ignored, one with bad arguments as refused, one that nobody knows as
unknown, and none of them stops the printer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Protocol

from hwsim.printer.codepages import chinese, is_four_byte, single_byte, starts_chinese
from hwsim.printer.realtime import DC4, DLE, ENQ, EOT, command_length
from hwsim.printer.typesetter import Typesetter

Reading = Generator[None, int, None]
"""A command that is being read: receives bytes."""


class Device(Protocol):
    """What a command can do besides setting type."""

    def reply(self, data: bytes) -> None: ...
    def fence(self, process_id: bytes) -> None: ...
    def cut(self, *, partial: bool, feed: int) -> None: ...
    def watch_status(self, wanted: int) -> None: ...
    def kick_drawer(self) -> None: ...
    def reset(self) -> None: ...
    def status_reply(self, n: int) -> bytes: ...
    def identity(self, n: int) -> bytes: ...
    def forget(self, count: int) -> None: ...


Fixed = Callable[["Interpreter", bytes], None]
"""Carries out a command whose arguments are a fixed number of bytes."""
Special = Callable[["Interpreter"], Reading]
"""Reads and carries out a command that knows the number of its bytes only while reading."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The commands that a printer knows, by their first bytes (two, or three for those with a parenthesis)."""

    fixed: dict[bytes, tuple[int, Fixed]] = field(default_factory=dict)
    """Number of argument bytes, and what is done with them."""
    special: dict[bytes, Special] = field(default_factory=dict)
    blocks: dict[bytes, Fixed] = field(default_factory=dict)
    """Commands with a parenthesis, called with the data that their length announced."""
    ignored: dict[bytes, int] = field(default_factory=dict)
    """Known, without effect here: number of argument bytes (for blocks: 0, they announce it)."""

    def __or__(self, other: Vocabulary) -> Vocabulary:
        return Vocabulary(
            self.fixed | other.fixed,
            self.special | other.special,
            self.blocks | other.blocks,
            self.ignored | other.ignored,
        )


class Interpreter:
    """One printer's command parser. Feed it every byte once."""

    def __init__(self, vocabulary: Vocabulary, setter: Typesetter, device: Device) -> None:
        self._vocabulary = vocabulary
        self.setter = setter
        self.device = device
        self.graphics: tuple[int, tuple[bytes, ...]] | None = None
        """Width and rows of the picture that GS ( L fn 112 stored and fn 50 prints."""
        self.unknown: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._reading = self._read()
        next(self._reading)

    def feed(self, byte: int) -> None:
        """Execute one byte."""
        self._reading.send(byte)

    def restart(self) -> None:
        """Forget a half-read command, as when the buffers are cleared."""
        self._reading.close()
        self._reading = self._read()
        next(self._reading)
        self.graphics = None

    def _read(self) -> Reading:
        while True:
            byte = yield
            if byte in (0x1B, 0x1C, 0x1D):
                yield from self._command(byte)
            elif byte == DLE:
                yield from self._drop_real_time()
            elif byte < 0x20:
                self._control(byte)
            elif self.setter.modes.kanji and starts_chinese(byte):
                yield from self._chinese(byte)
            else:
                modes = self.setter.modes
                self.setter.put_char(single_byte(byte, modes.page, modes.country), kanji=False)

    def _control(self, byte: int) -> None:
        if byte == 0x0A:
            self.setter.end_line()
        elif byte == 0x09:
            self.setter.tab()
        elif byte in (0x00, 0x0D, 0x18):
            pass  # padding; carriage return with automatic line feed off; cancel, which is for page mode
        elif byte == 0x0C:
            self.setter.flush()
        else:
            self.unknown[f"{byte:02X}"] += 1

    def _chinese(self, first: int) -> Reading:
        second = yield
        code = bytes([first, second])
        if is_four_byte(second):
            code += yield from take(2)
        self.setter.put_char(chinese(code), kanji=True)

    def _drop_real_time(self) -> Reading:
        """A real-time command was served when it arrived; here its bytes only go by."""
        held = bytearray([DLE])
        while (length := command_length(held)) > len(held):
            held.append((yield))
        if length:
            self.device.forget(len(held))
        elif len(held) > 1 and held[1] in (EOT, ENQ, DC4):
            self.unknown[f"DLE {held[1]:02X}"] += 1
        else:
            self.unknown["DLE"] += 1

    def _command(self, lead: int) -> Reading:
        words = self._vocabulary
        second = yield
        key = bytes([lead, second])
        if key in words.fixed:
            count, act = words.fixed[key]
            act(self, (yield from take(count)))
        elif key in words.special:
            yield from words.special[key](self)
        elif key in words.ignored:
            yield from take(words.ignored[key])
            self.ignored[command_name(key)] += 1
        elif second == 0x28:
            yield from self._block(lead)
        else:
            self.unknown[command_name(key)] += 1

    def _block(self, lead: int) -> Reading:
        """Commands with a parenthesis tell their own length, so that a printer can skip those it lacks."""
        key = bytes([lead, 0x28, (yield)])
        low, high = yield from take(2)
        data = yield from take(low + 256 * high)
        if key in self._vocabulary.blocks:
            self._vocabulary.blocks[key](self, data)
        elif key in self._vocabulary.ignored:
            self.ignored[command_name(key)] += 1
        else:
            self.unknown[command_name(key)] += 1


def take(count: int) -> Generator[None, int, bytes]:
    """Read so many bytes of a command."""
    data = bytearray()
    for _ in range(count):
        data.append((yield))
    return bytes(data)


def command_name(key: bytes) -> str:
    """A command as manuals write it: `ESC @`, `GS ( L`, `ESC 01`."""
    leads = {0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}
    rest = [chr(byte) if 0x20 < byte < 0x7F else f"{byte:02X}" for byte in key[1:]]
    return " ".join([leads[key[0]], *rest])
