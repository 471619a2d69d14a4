"""The sweep: every sector of a journal is spoiled in every way. With the mirror all is repaired, without it all is
reported, none is silent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from posd.journal.ring import BLOCK, Geometry
from tests.unit.journal.rings import Ring, reopened, sale

SECTOR = 512


def lived(geometry: Geometry, *, close: bool) -> tuple[bytes, bytes]:
    """(a journal in its third lap that ends with a mark, the same a lap before)."""
    ring = Ring(geometry)
    former = b""
    for number in range(1, 34):
        ring.journal.release(number - 6)
        ring.write([sale(number, 4500 if number % 5 == 0 else 500)])
        if number == 22:
            former = ring.image()
    ring.writer.mark()
    if close:
        ring.journal.close()
    assert ring.journal.info().laps >= 2
    return ring.image(), former


def spoilt(image: bytes, former: bytes, geometry: Geometry) -> Iterator[tuple[str, int, bytearray]]:
    """(what was done, the sector's offset, the image) for each sector and each way."""
    rng = random.Random(5)
    for at in range(0, len(image), SECTOR):
        sector = image[at : at + SECTOR]
        flipped = bytearray(sector)
        flipped[rng.randrange(SECTOR)] ^= 1 << rng.randrange(8)
        elsewhere = (at + 7 * SECTOR) % len(image)
        ways = {
            "zero": bytes(SECTOR),
            "flip": bytes(flipped),
            "garbage": rng.randbytes(SECTOR),
            "misdirected": image[elsewhere : elsewhere + SECTOR],
            "former lap": former[at : at + SECTOR],
        }
        for way, content in ways.items():
            if content != sector:
                yield way, at, bytearray(image[:at] + content + image[at + SECTOR :])
        if at % BLOCK == 0:
            for way, content in (
                ("misdirected block", image[(at + 5 * BLOCK) % len(image) :][:BLOCK]),
                ("block of a former lap", former[at : at + BLOCK]),
            ):
                if len(content) == BLOCK and content != image[at : at + BLOCK]:
                    yield way, at, bytearray(image[:at] + content + image[at + BLOCK :])


@pytest.mark.parametrize("close", [False, True])
def test_every_sector_with_the_mirror_is_repaired(close: bool) -> None:
    geometry = Geometry(16, mirror=True)
    image, former = lived(geometry, close=close)
    right = reopened(image).all()
    live = set()
    for number in range(reopened(image).opened.superblock.head.block, reopened(image).opened.tail.block):
        live |= {geometry.offset(copy, number) for copy in (0, 1)}
    count = 0
    for way, at, mutant in spoilt(image, former, geometry):
        ring = reopened(mutant)
        assert not ring.journal.recovery.read_only, f"{way} at {at}: {ring.journal.recovery.sentence}"
        assert ring.all() == right, f"{way} at {at}"
        scrub = ring.journal._scrub
        while scrub is not None and not scrub.done:
            scrub.step()
        block = at // BLOCK * BLOCK
        if block in live:
            assert ring.image()[block : block + BLOCK] == image[block : block + BLOCK], f"{way} at {at} stays as it was"
        elif not geometry.offset_a <= at < geometry.file_size - 4 * BLOCK:
            assert ring.journal.recovery.bad_slots, f"{way} at {at} of a superblock goes unnoticed"
        count += 1
    assert count > 1000


def test_every_sector_without_the_mirror_is_reported() -> None:
    geometry = Geometry(16, mirror=False)
    for close in (False, True):
        image, former = lived(geometry, close=close)
        right = reopened(image).all()
        reported = 0
        for way, at, mutant in spoilt(image, former, geometry):
            ring = reopened(mutant)
            found = ring.all()
            wrong = {record_id for record_id, record in found.items() if right.get(record_id) != record}
            assert not wrong, f"{way} at {at}: records {wrong} are wrong"
            if ring.journal.recovery.read_only:
                reported += 1
                assert ring.image() == bytes(mutant), f"{way} at {at}: a damaged journal was written to"
                missing = right.keys() - found.keys()
                lost = ring.journal.recovery.lost
                assert all(
                    any(gap.first_id <= at and (gap.last_id is None or at <= gap.last_id) for gap in lost)
                    for at in missing
                ), f"{way} at {at}: {missing} are missing, {lost} is named"
            else:
                assert found == right, f"{way} at {at}: records {right.keys() - found.keys()} vanished without a word"
        assert reported > 100
