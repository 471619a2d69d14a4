"""The golden journals: how they are made, and their sparse text form.

A line is `offset: hex`, 32 bytes each; lines of zeros are left out, and the first line tells the size. `python -m
tests.unit.journal.golden` writes them; that is right only when the version of the format goes up.
"""

from __future__ import annotations

from pathlib import Path

from posd.journal import NewRecord
from posd.journal.ring import Geometry
from posd.journal.seal import Sealer
from tests.crash.disk import Image
from tests.unit.journal.rings import Ring, entropy, sale

FOLDER = Path(__file__).parent / "golden"
NAMES = ("plain-crashed", "mirrored-clean", "plain-laps", "plain-sealed")


def make(name: str) -> bytes:
    """The journal of that name, made by the code under test."""
    geometry = Geometry(16, mirror=name.startswith("mirrored"))
    ring = Ring(geometry)
    if name == "plain-laps":
        for number in range(1, 40):
            ring.journal.release(number - 3)
            ring.write([sale(number, 200)])
        return ring.image()
    if name == "plain-sealed":
        now, log = ring.opened.superblock, ring.opened.log
        assert log is not None
        log.sealer = Sealer(bytes(range(32)), now.uuid, now.epoch, now.salt)
        for number in range(1, 6):
            ring.write([sale(number, 100)])
            ring.writer.mark()
        return ring.image()
    ring.write([NewRecord(1, 0, b"", b"")])
    ring.write([NewRecord(65535, 255, b"r" * 64, "收银机 till".encode()), sale(3, 40)])
    ring.write([sale(4, 5000)])
    ring.writer.mark()
    ring = Ring(geometry, Image(ring.image()), "second")
    ring.write([sale(5, 10)])
    if name.endswith("clean"):
        ring.journal.close()
    return ring.image()


def to_text(image: bytes) -> str:
    """The sparse text form."""
    lines = [f"size: {len(image)}"]
    for at in range(0, len(image), 32):
        row = image[at : at + 32]
        if any(row):
            lines.append(f"{at}: {row.hex()}")
    return "\n".join(lines) + "\n"


def from_text(text: str) -> bytes:
    """The image that the sparse text form stands for."""
    head, *lines = text.splitlines()
    image = bytearray(int(head.partition(": ")[2]))
    for line in lines:
        at, _, row = line.partition(": ")
        image[int(at) : int(at) + 32] = bytes.fromhex(row)
    return bytes(image)


def load(name: str) -> bytes:
    """The golden journal as it stands in the repository."""
    return from_text((FOLDER / f"{name}.hex").read_text())


if __name__ == "__main__":
    assert entropy("posd")(4) == entropy("posd")(4)
    for golden in NAMES:
        (FOLDER / f"{golden}.hex").write_text(to_text(make(golden)))
