"""Signatures in every form that is asked for, and a refusal with what to do where a form cannot be had."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from posd.config import PrinterSection, SlipSection
from posd.domain.device import Drawing
from posd.domain.errors import Refusal
from posd.pad import jbig
from posd.pad.strokes import Extents, Ink, Point, encode
from posd.pictures import Pictures
from posd.printer import compose
from tests.unit.printer.samples import order

DEFAULT = Path(compose.__file__).with_name("default.toml")
INK = Drawing(
    "strokes", encode(Ink(Extents(4095, 2047, 1023), ((Point(0, 10, 20, 500), Point(900, 3000, 1800, 600)),)))
)
PICTURE = Drawing("bitmap", b"P4\n16 8\n" + bytes(range(16)))
PICTURES = Pictures(PrinterSection(), SlipSection())


def test_a_slip_is_shown_with_the_template_and_the_logo_that_it_prints_with(tmp_path: Path) -> None:
    from PIL import Image

    template, logo = tmp_path / "slip.toml", tmp_path / "logo.png"
    template.write_text(DEFAULT.read_text(encoding="utf-8") + '[[footer]]\ntext = "as it was"\n', encoding="utf-8")
    Image.new("L", (64, 8)).save(logo)
    pictures = Pictures(PrinterSection(), SlipSection(template=str(template), logo=str(logo)))
    template.write_text("changed, and wrong")
    logo.unlink()
    shown = pictures.slip(order(), "text")
    assert "as it was" in shown
    assert "[image 64x8]" in shown


def test_what_a_client_could_not_be_sent_is_refused_and_as_text_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = Pictures(PrinterSection(), SlipSection())
    most = len(pictures.slip(order(), "text").encode())
    monkeypatch.setattr("posd.pictures.PICTURE_MAX", most)
    assert pictures.slip(order(), "text")
    with pytest.raises(Refusal, match=r"too long to be shown as svg.*ask for it as text") as caught:
        pictures.slip(order(), "svg")
    assert caught.value.kind == "too-large"


@pytest.mark.parametrize("drawing", [INK, PICTURE], ids=["ink", "picture"])
def test_every_form_is_what_it_says(drawing: Drawing) -> None:
    assert base64.b64decode(PICTURES.signature(drawing, "strokes", None)) == drawing.data
    assert base64.b64decode(PICTURES.signature(drawing, "png", "507D8226")).startswith(b"\x89PNG")
    assert PICTURES.signature(drawing, "svg", None).startswith("<svg")
    assert base64.b64decode(PICTURES.signature(drawing, "jbig", None))[:8] == (
        b"\0\0\1\0" + (240 if drawing is INK else 16).to_bytes(4, "big")
    )


def test_ink_is_told_to_other_programs_and_a_picture_has_none() -> None:
    assert base64.b64decode(PICTURES.signature(INK, "iso19794-7", None)).startswith(b"SDI\0")
    with pytest.raises(Refusal, match="gave no ink") as caught:
        PICTURES.signature(PICTURE, "iso19794-7", None)
    assert caught.value.kind == "unsupported"


def test_without_the_library_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_picture: object) -> bytes:
        raise jbig.NoJbig("libjbig.so.0")

    monkeypatch.setattr(jbig, "encode", missing)
    with pytest.raises(Refusal, match="apt-get install libjbig0"):
        PICTURES.signature(INK, "jbig", None)
