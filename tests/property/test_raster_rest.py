"""A printer was without power inside a picture and reads the rest of it as text: that does nothing to the world."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.printer.machine import Printer
from hwsim.printer.models import model_for
from posd.domain.device import Bitmap
from posd.domain.slip import Signing
from posd.printer import raster, star
from posd.printer.compose import Composer
from tests.unit.printer.samples import DRAWING, ZH, everything, order

ACTS = {
    "escpos": (
        b"\x1bp\x00\x19\x19",
        b"\x10\x14\x01\x00\x01",
        b"\x10\x05\x02",
        b"\x10\x04\x01",
        b"\x1bi",
        b"\x1dV\x00",
        b"\x1dr\x01",
    ),
    "star": (b"\x07", b"\x1c", b"\x1a", b"\x19", b"\x17", b"\x1bd\x03", b"\x1b\x06\x01", b"\x1b\x1eE\x00"),
}
"""The drawer opens, a buffer is cleared, something is answered, cut or counted."""
BEGIN = {
    "escpos": (b"\x1b", b"\x1c", b"\x1d", b"\x10\x04", b"\x10\x05", b"\x10\x14"),
    "star": (b"\x07", b"\x17", b"\x19", b"\x1a", b"\x1b", b"\x1c"),
}
MODELS = {"escpos": "tm-80", "star": "star-80"}
Name = Literal["escpos", "star"]
names = st.sampled_from(("escpos", "star"))
acting = st.lists(st.sampled_from([*ACTS["escpos"], *ACTS["star"], b"\x00", b"x"]), min_size=48, max_size=48)
dots = st.one_of(st.binary(min_size=48, max_size=48), acting.map(lambda pieces: b"".join(pieces)[:48]))


def of(name: Name, data: bytes) -> list[bytes]:
    """The same dots as a picture of 16 x 24, and as letters on the line."""
    module = raster if name == "escpos" else star
    return [module.raster(Bitmap(16, 24, data)), module.dots_on_line(Bitmap(16, 24, data))]


def heads(name: Name) -> tuple[int, int]:
    """Bytes of the commands before the dots."""
    return (8, 5) if name == "escpos" else (9, 4)


@given(names, dots)
def test_no_byte_among_the_dots_begins_a_command_and_none_is_lost(name: Name, data: bytes) -> None:
    for sent, head in zip(of(name, data), heads(name), strict=True):
        assert not any(begin in sent[head:] for begin in BEGIN[name])
    inked = of(name, data)[0][heads(name)[0] :]
    assert all(after & before == before for after, before in zip(inked, data, strict=True))
    more = [after ^ before for after, before in zip(inked, data, strict=True)]
    assert set(more) <= {0, 0x20, 0x08}


def done_by(name: Name, data: bytes) -> tuple[int, int, bytes]:
    """How often the drawer opened and the cutter cut, and what was answered, by a printer that was just switched on."""
    printer = Printer(model_for(MODELS[name]), None)
    cuts, said = 0, b""
    while data:
        room = printer.room
        turn = printer.step(data[:room], 0.0)
        cuts, said, data = cuts + len(turn.slips), said + turn.reply, data[room:]
    return printer.drawer_kicks, cuts, said


@given(names, dots, st.integers(0, 60))
def test_whatever_is_left_of_a_picture_is_text(name: Name, data: bytes, at: int) -> None:
    for sent in of(name, data):
        assert done_by(name, sent[at:] + b"\n") == (0, 0, b"")


@pytest.mark.parametrize("name", ["escpos", "star"])
def test_from_any_byte_of_a_slip_on_it_is_cut_once_and_nothing_else_happens(name: Name) -> None:
    noise = b"".join(ACTS[name]) * 999

    def noisy(_drawing: object, width: int, height: int) -> Bitmap:
        return Bitmap(width, height, noise[: width * height // 8])

    composer = Composer("default", 80, noisy, language=name)
    slip = composer(order("merchant", ZH, everything(), signing=Signing("image", drawing=DRAWING, version=1))).data
    for at in [*range(40), *range(40, len(slip) - 40, len(slip) // 60), *range(len(slip) - 40, len(slip) - 4)]:
        assert done_by(name, slip[at:]) == (0, 1, b""), at
