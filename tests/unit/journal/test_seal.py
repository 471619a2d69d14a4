"""Seals: what fits the key is believed, and whatever else was written is seen."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from pathlib import Path

import pytest

from posd.journal.ring import BLOCK, Geometry
from posd.journal.seal import Sealer, root_key
from posd.journal.verify import Verified, verify
from tests.crash.disk import Image
from tests.unit.journal.golden import from_text, load, make, to_text
from tests.unit.journal.rings import Ring, sale

PLAIN = Geometry(64, mirror=False)
KEY = bytes(range(32))
CRC_FROM = 8


def sealed(image: bytes | None = None, *, key: bytes | None = KEY, count: int = 5, seed: str = "posd") -> Ring:
    """An epoch with a mark behind every record."""
    ring = Ring(PLAIN, Image(image), seed)
    now, log = ring.opened.superblock, ring.opened.log
    assert log is not None
    if key is not None:
        log.sealer = Sealer(key, now.uuid, now.epoch, now.salt)
    first = ring.journal.info().last_id + 1
    for number in range(first, first + count):
        ring.journal.release(number - 5)
        ring.write([sale(number, 100)])
        ring.writer.mark()
    return ring


def checked(image: bytes | bytearray, folder: Path, key: bytes | None = KEY) -> Verified:
    (folder / "ring").write_bytes(image)
    return verify(folder / "ring", key=key)


def marks(image: bytes) -> list[int]:
    """Offsets of the marks in ring A."""
    end = PLAIN.offset_a + PLAIN.ring_blocks * BLOCK
    flags = {at: struct.unpack_from("<H", image, at + 42)[0] for at in range(PLAIN.offset_a, end, BLOCK)}
    return [at for at, flag in flags.items() if flag & 1]


def right(image: bytearray, at: int) -> None:
    """Make the block's checksum right again."""
    struct.pack_into("<I", image, at + 4, zlib.crc32(image[at + CRC_FROM : at + BLOCK]))


class TestVerify:
    def test_what_was_sealed_fits(self, tmp_path: Path) -> None:
        found = checked(sealed().image(), tmp_path)
        assert found.verdict == "sound"
        assert (found.seals.sealed, found.seals.unsealed, found.seals.through) == (5, 0, 5)

    def test_over_epochs_and_laps(self, tmp_path: Path) -> None:
        """The marks that opened the oldest epochs have left the ring."""
        ring = sealed(count=20)
        for epoch in range(3):
            ring = sealed(ring.image(), count=20, seed=f"epoch {epoch}")
            found = checked(ring.image(), tmp_path)
            assert (found.verdict, found.seals.wrong) == ("sound", "")
        assert found.seals.through == 80

    def test_without_the_key_they_are_counted_and_not_believed(self, tmp_path: Path) -> None:
        found = checked(sealed().image(), tmp_path, None)
        assert (found.verdict, found.seals.sealed, found.seals.checked) == ("sound", 5, False)

    def test_another_key(self, tmp_path: Path) -> None:
        assert checked(sealed().image(), tmp_path, bytes(32)).verdict == "altered"

    def test_a_journal_written_anew_by_who_has_no_key(self, tmp_path: Path) -> None:
        """Everything is right in it, checksums and chain; only the key is not theirs."""
        found = checked(sealed(key=b"somebody else's key of 32 bytes!").image(), tmp_path)
        assert found.verdict == "altered"
        assert "was not made with this key" in found.seals.wrong
        assert checked(sealed(key=b"somebody else's key of 32 bytes!").image(), tmp_path, None).verdict == "sound"

    @pytest.mark.parametrize("byte", [104, 111, 112, 127])
    def test_a_changed_seal(self, byte: int, tmp_path: Path) -> None:
        image = bytearray(sealed().image())
        at = marks(image)[2]
        image[at + byte] ^= 1
        right(image, at)
        assert checked(image, tmp_path).verdict == "altered"

    def test_an_unsealed_epoch_behind_a_sealed_one(self, tmp_path: Path) -> None:
        ring = sealed(sealed().image(), key=None, seed="again")
        found = checked(ring.image(), tmp_path)
        assert found.verdict == "altered"
        assert "has no seal" in found.seals.wrong

    def test_sealing_may_begin_late(self, tmp_path: Path) -> None:
        ring = sealed(sealed(key=None).image(), seed="again")
        found = checked(ring.image(), tmp_path)
        assert (found.verdict, found.seals.sealed, found.seals.unsealed) == ("sound", 5, 5)

    def test_a_seal_from_another_place(self, tmp_path: Path) -> None:
        image = bytearray(sealed().image())
        first, second = marks(image)[1:3]
        image[second + 104 : second + 128] = image[first + 104 : first + 128]
        right(image, second)
        assert checked(image, tmp_path).verdict == "altered"

    def test_a_missing_number(self, tmp_path: Path) -> None:
        ring = sealed()
        assert ring.opened.log is not None
        assert ring.opened.log.sealer is not None
        ring.opened.log.sealer.seal(0, 0, bytes(32))
        ring.write([sale(6)])
        ring.writer.mark()
        found = checked(ring.image(), tmp_path)
        assert "5 seals should stand before" in found.seals.wrong


def test_the_bytes_are_those_of_the_format() -> None:
    """Computed anew from docs/journal-format.md."""
    uuid, chain = b"u" * 16, b"c" * 32
    sealer = Sealer(KEY, uuid, 7, 9)
    key = hmac.digest(KEY, b"posd seal 1" + uuid + struct.pack("<IQ", 7, 9), "sha256")
    for number in range(3):
        mac = hmac.digest(key, struct.pack("<QQQ", number, 40 + number, 50) + chain, "sha256")[:16]
        assert sealer.seal(40 + number, 50, chain) == struct.pack("<Q", number) + mac
        key = hashlib.sha256(b"posd seal next" + key).digest()


def test_the_key_that_sealed_is_gone() -> None:
    sealer = Sealer(KEY, b"u" * 16, 1, 1)
    before = bytes(sealer._key)
    held = sealer._key
    sealer.seal(1, 1, bytes(32))
    assert bytes(held) != before, "in its own place, not beside it"
    assert held is sealer._key
    assert bytes(held) == hashlib.sha256(b"posd seal next" + before).digest()
    assert not hasattr(sealer, "root")
    assert all(value != KEY for value in vars(sealer).values()), "the root is forgotten"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (bytes(range(32)), bytes(range(32))),
        (b"ab" * 32 + b"\n", b"\xab" * 32),
        (b"AB" * 40, b"\xab" * 40),
        (b"words that are long enough, 32 b", b"words that are long enough, 32 b"),
    ],
)
def test_root_keys(data: bytes, key: bytes) -> None:
    assert root_key(data) == key


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 31, b"ab" * 15])
def test_what_is_too_short_for_one(data: bytes) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        root_key(data)


def test_golden() -> None:
    """A sealed journal of long ago still fits its key, and today's code writes the same bytes."""
    assert make("plain-sealed") == load("plain-sealed")
    assert from_text(to_text(load("plain-sealed"))) == load("plain-sealed")
