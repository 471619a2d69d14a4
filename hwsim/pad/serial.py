"""A serial signature pad without I/O: bytes, the customer's acts and the time in; bytes and the next moment out.

Rules: a frame is STX, length (two bytes, high first, with ETX), data, ETX, LRC over length to ETX; a frame that is
broken is not answered. One signing at a time, begun by A2 and ended by exactly one of B2 (picture), C2 (cancelled, time
over, too many tries) or the host's A3. While it goes on the pad says D1 every second. A confirmed signature stays in
the memory until the host has taken it (A1 status 0, A8); a reboot loses the signing and the settings and keeps the
memory. The feature code is not drawn into the picture. Source: the public terminal library Verifone-APPTools,
`eSignature.c`, which names codes and frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor

from hwsim.pad.bitmap import picture
from hwsim.pad.hand import Stroke

STX, ETX = 0x02, 0x03
HEARTBEAT_S = 1.0
BOOT_S = 2.0
CANCELLED, TIME_OVER, TRIES_USED = 1, 2, 3
KEEPS_NONE = 0xF1


@dataclass(slots=True)
class Settings:
    """What a host may set; sizes in dots, times in seconds."""

    patience_s: int = 60
    tries: int = 3
    pen: int = 2
    allow_blank: bool = False
    width: int = 240
    height: int = 80


@dataclass(slots=True)
class _Signing:
    until: float
    beat: float
    strokes: list[Stroke]
    tries: int = 0


class SerialPad:
    """One pad. `memory` False: it keeps no signatures."""

    def __init__(self, *, memory: bool = True) -> None:
        self._has_memory = memory
        self._kept: list[tuple[int, bytes]] = []
        self._sequence = 0
        self._bad_frames = 0
        self._boots: float | None = None
        self._say = bytearray()
        self.muted = False
        self.heartbeats = 0
        self._forget_session()
        self._answers: dict[int, Callable[[bytes, float], None]] = {
            0xA0: lambda _data, _now: self._tell(b"\xb0\x00"),
            0xA1: self._taken_over,
            0xA2: self._begin,
            0xA3: self._end,
            0xA4: lambda _data, _now: self._offer(),
            0xA5: lambda _data, _now: self._tell(b"\xb5"),
            0xA8: self._received,
            0xA9: lambda _data, _now: self._offer(),
            0xD0: self._set,
            0xE3: self._set,
            0xE5: self._set,
            0xF8: self._set,
            0xF9: self._set,
        }

    def _forget_session(self) -> None:
        self.settings = Settings()
        self._held = bytearray()
        self._signing: _Signing | None = None
        self._gestures: list[tuple[float, Callable[[float], None]]] = []

    @property
    def signing(self) -> bool:
        """True while a customer is asked to sign."""
        return self._signing is not None

    @property
    def kept(self) -> int:
        """Signatures in the memory."""
        return len(self._kept)

    @property
    def booting(self) -> bool:
        """True while it takes and says nothing after a reboot."""
        return self._boots is not None

    def step(self, data: bytes, now: float) -> tuple[bytes, float | None]:
        """Take bytes that arrived at `now`; returns what to send, and when to step again at the latest."""
        self._pass_time(now)
        if not self.booting:
            for message in self._frames(data):
                answer = self._answers.get(message[0])
                if answer is not None:
                    answer(message, now)
        said = b"" if self.muted else bytes(self._say)
        self._say.clear()
        return said, self._wake()

    def _wake(self) -> float | None:
        times = [when for when, _ in self._gestures]
        if self._boots is not None:
            times.append(self._boots)
        if self._signing is not None:
            times += [self._signing.until, self._signing.beat]
        return min(times, default=None)

    # the customer and the world

    def act(self, strokes: list[Stroke], button: str | None, now: float, seconds: float = 0.0) -> bool:
        """The customer draws and then presses `confirm`, `clear`, `cancel` or nothing, so much later; False if nobody
        was asked to sign.
        """
        self._pass_time(now)
        if self._signing is None:
            return False
        self._gestures.append((now + seconds, lambda at: self._gesture(strokes, button, at)))
        self._gestures.sort(key=lambda gesture: gesture[0])
        return True

    def spoil(self, frames: int) -> None:
        """Send so many frames with a wrong LRC."""
        self._bad_frames = frames

    def reboot(self, now: float) -> None:
        """The power fails for a moment."""
        self._pass_time(now)
        self._forget_session()
        self._say.clear()
        self._boots = now + BOOT_S

    def _gesture(self, strokes: list[Stroke], button: str | None, now: float) -> None:
        signing = self._signing
        if signing is None:
            return
        signing.strokes += strokes
        if button == "confirm" and (signing.strokes or self.settings.allow_blank):
            self._confirm(signing)
        elif button == "cancel":
            self._refuse(CANCELLED)
        elif button == "clear":
            signing.tries += 1
            signing.strokes.clear()
            if signing.tries >= self.settings.tries:
                self._refuse(TRIES_USED)
            else:
                signing.until = now + self.settings.patience_s

    def _confirm(self, signing: _Signing) -> None:
        self._sequence = (self._sequence + 1) % (1 << 24)
        drawn = picture(signing.strokes, self.settings.width, self.settings.height, self.settings.pen)
        if self._has_memory:
            self._kept.append((self._sequence, drawn))
        self._signing = None
        self._tell(b"\xb2" + self._sequence.to_bytes(3, "big") + drawn)

    def _refuse(self, reason: int) -> None:
        self._signing = None
        self._tell(bytes([0xC2, reason]))

    def _pass_time(self, now: float) -> None:
        """Let happen what is due, in the order of time."""
        while (due := self._wake()) is not None and due <= now:
            if self._boots is not None and self._boots <= due:
                self._boots = None
            elif self._gestures and self._gestures[0][0] <= due:
                when, gesture = self._gestures.pop(0)
                gesture(when)
            elif self._signing is not None and self._signing.until <= due:
                self._refuse(TIME_OVER)
            elif self._signing is not None:
                self._signing.beat += HEARTBEAT_S
                self.heartbeats += 1
                self._tell(b"\xd1")

    # the host

    def _begin(self, _data: bytes, now: float) -> None:
        """A2: asked again, it begins again."""
        self._gestures.clear()
        self.heartbeats = 0
        self._signing = _Signing(now + self.settings.patience_s, now + HEARTBEAT_S, [])

    def _end(self, _data: bytes, _now: float) -> None:
        self._signing = None
        self._gestures.clear()
        self._tell(b"\xb3")

    def _taken_over(self, data: bytes, _now: float) -> None:
        if len(data) >= 5 and data[4] == 0:
            self._drop(data[1:4])
        self._tell(b"\xb1\x00")

    def _received(self, data: bytes, _now: float) -> None:
        self._drop(data[1:4])
        if self._kept:
            self._offer()

    def _drop(self, sequence: bytes) -> None:
        self._kept = [kept for kept in self._kept if kept[0] != int.from_bytes(sequence, "big")]

    def _offer(self) -> None:
        if not self._has_memory:
            self._tell(bytes([0xB4, KEEPS_NONE]))
        elif not self._kept:
            self._tell(b"\xb4\x00")
        else:
            number, drawn = self._kept[0]
            self._tell(bytes([0xB4, len(self._kept)]) + number.to_bytes(3, "big") + drawn)

    def _set(self, data: bytes, _now: float) -> None:
        """A setting; status 1 for a value that the pad cannot take."""
        code, value, s = data[0], data[1] if len(data) > 1 else 0, self.settings
        taken = len(data) > 1
        if code == 0xE3:
            width, height = int.from_bytes(data[5:7], "big"), int.from_bytes(data[7:9], "big")
            taken = len(data) == 9 and 0 < width <= 1024 and 0 < height <= 512
            if taken:
                s.width, s.height = width, height
        elif code == 0xE5:
            s.allow_blank = bool(value)
        elif not value:
            taken = False
        elif code == 0xD0:
            s.patience_s = value
        elif code == 0xF8:
            s.tries = value
        else:
            s.pen = value
        self._tell(bytes([code, 0 if taken else 1]))

    # frames

    def _tell(self, data: bytes) -> None:
        checked = (len(data) + 1).to_bytes(2, "big") + data + bytes([ETX])
        lrc = reduce(xor, checked)
        if self._bad_frames:
            self._bad_frames -= 1
            lrc ^= 0x55
        self._say += bytes([STX]) + checked + bytes([lrc])

    def _frames(self, data: bytes) -> list[bytes]:
        """The data of whole frames; behind a broken one the search goes on right after its STX."""
        self._held += data
        found: list[bytes] = []
        while (start := self._held.find(STX)) >= 0:
            del self._held[:start]
            if len(self._held) < 3:
                return found
            length = int.from_bytes(self._held[1:3], "big")
            # No message of a host is long: what says so is a broken length, and would swallow what follows.
            if not 2 <= length <= 64:
                del self._held[0]
                continue
            if len(self._held) < 4 + length:
                return found
            checked, lrc = self._held[1 : 3 + length], self._held[3 + length]
            if checked[-1] == ETX and reduce(xor, checked) == lrc:
                found.append(bytes(checked[2:-1]))
                del self._held[: 4 + length]
            else:
                del self._held[0]
        self._held.clear()
        return found
