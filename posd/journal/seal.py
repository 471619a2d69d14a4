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
    """What the seals of a file say. `through`: the id up to which its records are sealed, 0 if none. `checked`: a key
    was given. `wrong`: why a seal does not fit, empty if all do.
    """

    sealed: int
    unsealed: int
    through: int
    checked: bool
    wrong: str


class SealCheck:
    """Collects the marks of a walk and judges them."""

    def __init__(self, key: bytes | None) -> None:
        self._root = key
        self._uuid = b""
        self._steps: list[Step] = []

    def of(self, uuid: bytes) -> None:
        """The journal that they belong to."""
        self._uuid = uuid

    def step(self, step: Step) -> None:
        """One batch of the walk."""
        if step.header.flags & MARK:
            self._steps.append(step)

    def result(self) -> Seals:
        """The judgement. Without a key seals are counted and not believed."""
        sealed = [step for step in self._steps if step.header.flags & SEALED]
        wrong = self._wrong() if self._root is not None else ""
        return Seals(
            sealed=len(sealed),
            unsealed=len(self._steps) - len(sealed),
            through=sealed[-1].header.first_id - 1 if sealed else 0,
            checked=self._root is not None,
            wrong=wrong,
        )

    def _wrong(self) -> str:
        assert self._root is not None
        now, number, key = (-1, -1), 0, bytearray()
        seen = False
        for step in self._steps:
            header = step.header
            where = f"the mark behind record {header.first_id - 1}"
            if not header.flags & SEALED:
                if seen:
                    return f"{where} has no seal, although there are seals before it"
                continue
            (claimed,) = _number.unpack_from(step.seal)
            if (header.epoch, header.salt) != now:
                now, number = (header.epoch, header.salt), 0 if seen else -1
                key = _first_key(self._root, self._uuid, header.epoch, header.salt)
            if number < 0:  # the epoch's first marks have left the ring
                if claimed > header.sequence:
                    return f"the seal of {where} is no seal"
                for _ in range(claimed):
                    _move(key)
                number = claimed
            if claimed != number:
                return f"{number} seals should stand before {where}, it says {claimed}"
            mac = _mac(key, number, header.sequence, header.first_id, header.chain)
            if not hmac.compare_digest(mac, step.seal[_number.size :]):
                return f"the seal of {where} was not made with this key for what stands before it"
            _move(key)
            number += 1
            seen = True
        return ""
