"""Seals: proof that a mark, and with it all that stands before it, was written by who had the key at that time.

How it works
- A root key of at least 32 bytes is kept by the auditor and given to posd at its start. Each epoch has a key of its
  own, made from the root, the journal's uuid, the epoch and its salt; the root is forgotten at once.
- A sealed mark carries its number within the epoch and 16 bytes of HMAC-SHA256 over its place and the chain before it.
- With each seal the key moves on, one way: key n + 1 = SHA-256("posd seal next" + key n), and key n is wiped. Who
  reads the memory of a running posd can seal what comes, not what was.
- Behind a sealed mark there is no unsealed one, and none is missing in its epoch: a seal that was cut off is seen.

docs/journal-format.md has the bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from typing import NamedTuple

from posd.journal.archive_format import FrameSeal
from posd.journal.block import MARK, SEAL_SIZE, SEALED
from posd.journal.recover import Step

ROOT_MIN = 32
_MAC_SIZE = 16
_place = struct.Struct("<QQQ")
_epoch = struct.Struct("<IQ")
_number = struct.Struct("<Q")
assert _number.size + _MAC_SIZE == SEAL_SIZE


def root_key(data: bytes) -> bytes:
    """The root key in a file's content: 64 or more hexadecimal digits, or at least 32 bytes of any kind. ValueError."""
    stripped = data.strip()
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2}){32,}", stripped):
        return bytes.fromhex(stripped.decode())
    if len(data) < ROOT_MIN:
        raise ValueError(f"a key needs at least {ROOT_MIN} bytes, this has {len(data)}: openssl rand -hex 32")
    return data


def _first_key(root: bytes, uuid: bytes, epoch: int, salt: int) -> bytearray:
    return bytearray(hmac.digest(root, b"posd seal 1" + uuid + _epoch.pack(epoch, salt), "sha256"))


def _move(key: bytearray) -> None:
    """Put the next key in the place of this one."""
    key[:] = hashlib.sha256(b"posd seal next" + key).digest()


def _mac(key: bytearray, number: int, sequence: int, next_id: int, chain: bytes) -> bytes:
    return hmac.digest(key, _place.pack(number, sequence, next_id) + chain, "sha256")[:_MAC_SIZE]


class Sealer:
    """Seals the marks of one epoch, in order."""

    def __init__(self, root: bytes, uuid: bytes, epoch: int, salt: int) -> None:
        self._key = _first_key(root, uuid, epoch, salt)
        self._number = 0

    def seal(self, sequence: int, next_id: int, chain: bytes) -> bytes:
        """The seal of the mark with this sequence, behind `chain`; the key has moved on when it returns."""
        sealed = _number.pack(self._number) + _mac(self._key, self._number, sequence, next_id, chain)
        _move(self._key)
        self._number += 1
        return sealed


@dataclass(frozen=True, slots=True)
class Seals:
    """What a journal's seals say. `through`: the id up to which its records are sealed, 0 if none. `checked`: a key was
    given. `wrong`: why a seal does not fit, empty if all do.
    """

    sealed: int
    unsealed: int
    through: int
    checked: bool
    wrong: str


class Mark(NamedTuple):
    """A mark of the journal: its sequence, the next record's id, the chain before it. `sealed` says whether it was;
    `seal` is None where it was not, or where the seal was not kept.
    """

    sequence: int
    next_id: int
    chain: bytes
    sealed: bool
    seal: FrameSeal | None


def mark_of(step: Step) -> Mark | None:
    """The mark that a batch of the ring is, None if it is none."""
    header = step.header
    if not header.flags & MARK:
        return None
    sealed = bool(header.flags & SEALED)
    seal = FrameSeal(header.epoch, header.salt, step.seal) if sealed else None
    return Mark(header.sequence, header.first_id, header.chain, sealed, seal)


class SealCheck:
    """Judges the marks of a journal, which are given in their order."""

    def __init__(self, key: bytes | None, uuid: bytes) -> None:
        self._root = key
        self._uuid = uuid
        self._sealed = self._unsealed = self._through = 0
        self._wrong = ""
        self.restart()

    def restart(self) -> None:
        """What comes does not go on where the last mark stood: some are missing, or it is another course."""
        self._seen = False
        self._epoch = (-1, -1)
        self._number = -1
        self._key = bytearray()

    def take(self, mark: Mark) -> None:
        """The next mark. Without a key seals are counted and not believed."""
        if mark.seal is None:
            self._unsealed += 1
            if mark.sealed:
                self.restart()
            elif self._seen and not self._wrong and self._root is not None:
                self._wrong = f"{_where(mark)} has no seal, although there are seals before it"
            return
        self._sealed += 1
        self._through = mark.next_id - 1
        if self._root is not None and not self._wrong:
            self._wrong = self._judge(self._root, mark, mark.seal)
        self._seen = True

    def _judge(self, root: bytes, mark: Mark, seal: FrameSeal) -> str:
        (claimed,) = _number.unpack_from(seal.seal)
        if (seal.epoch, seal.salt) != self._epoch:
            self._epoch, self._number = (seal.epoch, seal.salt), 0 if self._seen else -1
            self._key = _first_key(root, self._uuid, seal.epoch, seal.salt)
        if self._number < 0:  # the epoch's first marks are not there any more
            if claimed > mark.sequence:
                return f"the seal of {_where(mark)} is no seal"
            for _ in range(claimed):
                _move(self._key)
            self._number = claimed
        if claimed != self._number:
            return f"{self._number} seals should stand before {_where(mark)}, it says {claimed}"
        mac = _mac(self._key, self._number, mark.sequence, mark.next_id, mark.chain)
        if not hmac.compare_digest(mac, seal.seal[_number.size :]):
            return f"the seal of {_where(mark)} was not made with this key for what stands before it"
        _move(self._key)
        self._number += 1
        return ""

    def result(self) -> Seals:
        """The judgement on all that were given."""
        return Seals(self._sealed, self._unsealed, self._through, self._root is not None, self._wrong)


def _where(mark: Mark) -> str:
    return f"the mark behind record {mark.next_id - 1}"
