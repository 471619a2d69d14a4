"""ESC/POS, byte by byte, into calls on the typesetter and the device.

Rules: a command is read as a device reads it, one byte at a time, in a generator that asks for its next byte (or, with
`take`, for a number of them); so a fault can fall between any two bytes, and a picture larger than the receive buffer
still prints. What commands mean is in tables (`Vocabulary`, filled in `text_commands`, `device_commands` and
`graphics_commands`); a command that is known but has no effect here is counted as ignored, one with bad arguments as
refused, one that nobody knows as unknown, one whose print would be wrong here as not drawn, and none of them stops the
printer. All but the ignored ones are noted on the slip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from hwsim.printer.codepages import chinese, is_four_byte, single_byte, starts_chinese
from hwsim.printer.realtime import DC4, DLE, ENQ, EOT, command_length
from hwsim.printer.typesetter import Typesetter

Reading = Generator[Any, Any, None]
"""A command that is being read: yields None for one byte (an int), or how many it would take at once (as bytes)."""

NOTES_MAX = 32
"""Of so many troubles between two movements of the paper a note is kept; garbage makes thousands."""

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
    """One printer's command parser. `read` is the grammar; `forget` takes the last executed bytes out of the slip's."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        setter: Typesetter,
        read: Callable[[Interpreter], Reading],
        forget: Callable[[int], None],
    ) -> None:
        self.vocabulary = vocabulary
        self.setter = setter
        self.forget = forget
        self._read = read
        self.graphics: tuple[int, tuple[bytes, ...]] | None = None
        """Width and rows of the picture that GS ( L fn 112 stored and fn 50 prints."""
        self.unknown: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.not_drawn: Counter[str] = Counter()
        self._notes: list[str] = []
        self.idle = True
        """True where a command may begin: nothing of one has been read."""
        self._begin()

    def _begin(self) -> None:
        self._reading = self._read(self)
        self._wanted: int | None = next(self._reading)

    @property
    def wanted(self) -> int:
        """Bytes that may be fed at once."""
        return self._wanted or 1

    def feed(self, data: bytes) -> None:
        """Execute bytes, at least one and at most `wanted`."""
        self._wanted = self._reading.send(data[0] if self._wanted is None else data)

    def feed_text(self, data: bytes) -> None:
        """Execute a run of ASCII text that fits on the line, or of NUL; only where a command may begin (`idle`)."""
        if data[0]:
            self.setter.put_text(data.decode("ascii"))

    def restart(self) -> None:
        """Forget a half-read command, as when the buffers are cleared."""
        self._reading.close()
        self._begin()
        self.graphics = None

    def know_not(self, command: str) -> None:
        """Count a command that this printer does not have."""
        self.unknown[command] += 1
        self._note(f"unknown: {command}")

    def refuse(self, command: str) -> None:
        """Count a command with arguments that the printer cannot use."""
        self.refused[command] += 1
        self._note(f"refused: {command}")

    def omit(self, name: str) -> None:
        """Count something that a printer would print and this one does not."""
        self.not_drawn[name] += 1
        self._note(f"not drawn: {name}")

    def _note(self, note: str) -> None:
        if len(self._notes) < NOTES_MAX:
            self._notes.append(note)

    def take_notes(self) -> tuple[str, ...]:
        """The troubles since the last call."""
        notes = tuple(self._notes)
        self._notes.clear()
        return notes


def read_escpos(it: Interpreter) -> Reading:
    """The grammar of ESC/POS."""
    modes = it.setter.modes
    while True:
        it.idle = True
        byte = yield
        it.idle = False
        if byte in (0x1B, 0x1C, 0x1D):
            yield from _command(it, byte)
            modes = it.setter.modes
        elif byte == DLE:
            yield from _drop_real_time(it)
        elif byte < 0x20:
            _control(it, byte)
        elif modes.kanji and starts_chinese(byte):
            yield from read_chinese(it, byte)
        else:
            it.setter.put_char(single_byte(byte, modes.page, modes.country), kanji=False)


def _control(it: Interpreter, byte: int) -> None:
    if byte == 0x0A:
        it.setter.end_line()
    elif byte == 0x09:
        it.setter.tab()
    elif byte in (0x00, 0x0D, 0x18):
        pass  # padding; carriage return with automatic line feed off; cancel, which is for page mode
    elif byte == 0x0C:
        it.setter.flush()
    else:
        it.know_not(f"{byte:02X}")


def read_chinese(it: Interpreter, first: int) -> Reading:
    """The rest of a GB18030 character."""
    code = bytes([first, (yield)])
    if is_four_byte(code[1]):
        code += yield from take(2)
    it.setter.put_char(chinese(code), kanji=True)


def _drop_real_time(it: Interpreter) -> Reading:
    """A real-time command was served when it arrived; here its bytes only go by."""
    held = bytearray([DLE])
    while (length := command_length(held)) > len(held):
        held.append((yield))
    if length:
        it.forget(len(held))
    elif len(held) > 1 and held[1] in (EOT, ENQ, DC4):
        it.know_not(f"DLE {held[1]:02X}")
    else:
        it.know_not("DLE")


def _command(it: Interpreter, lead: int) -> Reading:
    words = it.vocabulary
    second = yield
    key = bytes([lead, second])
    if key in words.fixed:
        count, act = words.fixed[key]
        act(it, (yield from take(count)))
    elif key in words.special:
        yield from words.special[key](it)
    elif key in words.ignored:
        yield from take(words.ignored[key])
        it.ignored[command_name(key)] += 1
    elif second == 0x28:
        yield from _block(it, lead)
    else:
        it.know_not(command_name(key))


def _block(it: Interpreter, lead: int) -> Reading:
    """Commands with a parenthesis tell their own length, so that a printer can skip those it lacks."""
    key = bytes([lead, 0x28, (yield)])
    low, high = yield from take(2)
    data = yield from take(low + 256 * high)
    if key in it.vocabulary.blocks:
        it.vocabulary.blocks[key](it, data)
    elif key in it.vocabulary.ignored:
        it.ignored[command_name(key)] += 1
    else:
        it.know_not(command_name(key))


def take(count: int) -> Generator[Any, Any, bytes]:
    """Read so many bytes of a command."""
    data = b""
    while len(data) < count:
        data += yield count - len(data)
    return data


def command_name(key: bytes) -> str:
    """A command as manuals write it: `ESC @`, `GS ( L`, `ESC 01`."""
    leads = {0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}
    rest = [chr(byte) if 0x20 < byte < 0x7F else f"{byte:02X}" for byte in key[1:]]
    return " ".join([leads[key[0]], *rest])
