"""The slip as picture and text, and the tray it falls into."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from hwsim.paper.picture import EDGE, MARGIN, TOP, draw_dots, slip_png
from hwsim.paper.tray import Tray
from hwsim.printer.strips import Slip
from tests.unit.hwsim.rig import CUT, Rig


def slip(data: bytes, model: str = "tm-80", paper_mm: int | None = None) -> Slip:
    rig = Rig(model, paper_mm=paper_mm)
    rig.send(data + b"\n" + CUT)
    return rig.slips[0]


def burnt(image: Image.Image) -> tuple[int, int, int, int]:
    box = image.getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(("paper_mm", "dots"), [(80, 576), (58, 384)])
def test_the_picture_is_as_wide_as_the_head_and_its_margins(paper_mm: int, dots: int) -> None:
    made = slip(b"\x1ba\x02edge", paper_mm=paper_mm)
    picture = Image.open(io.BytesIO(slip_png(made)))
    assert picture.format == "PNG"
    height = sum(strip.height for strip in made.strips) + TOP + 2 * EDGE
    assert picture.size == (dots + 2 * MARGIN, height)
    assert len(picture.convert("RGB").getcolors() or []) == 3
    right = burnt(draw_dots(made))[2]
    assert dots - 12 < right <= dots


def test_characters_stay_in_their_cells() -> None:
    for at, char in enumerate("AgjpqyQ@|_"):
        box = burnt(draw_dots(slip(b" " * at + char.encode())))
        assert at * 12 <= box[0] < box[2] <= (at + 1) * 12
        assert box[3] <= 24
    box = burnt(draw_dots(slip(b"\x1c&" + "  龍".encode("gb18030"))))
    assert 24 <= box[0] < box[2] <= 48


def test_enlarged_characters_are_the_same_dots_scaled() -> None:
    small = draw_dots(slip(b"R")).crop((0, 0, 12, 24))
    large = draw_dots(slip(b"\x1d!\x12R")).crop((0, 0, 24, 72))
    assert large.tobytes() == small.resize((24, 72), Image.Resampling.NEAREST).tobytes()


def test_styles_change_the_dots() -> None:
    def ink(data: bytes) -> int:
        return draw_dots(slip(data)).crop((0, 0, 12, 24)).convert("L").histogram()[255]

    plain = ink(b"R")
    assert ink(b"\x1bE\x01R") > plain
    assert ink(b"\x1b-\x02R") == plain + 24
    assert ink(b"\x1dB\x01R") == 12 * 24 - plain


def test_letters_of_different_height_stand_on_one_base_line() -> None:
    area = draw_dots(slip(b"\x1d!\x11H\x1d!\x00H"))
    assert burnt(area.crop((0, 0, 24, 48)))[3] - burnt(area.crop((24, 0, 36, 48)))[3] <= 4


def test_a_raster_is_in_the_picture_dot_for_dot() -> None:
    rows = bytes(range(1, 73)) * 30
    area = draw_dots(slip(b"\x1dv0\x00\x48\x00\x1e\x00" + rows))
    assert area.crop((0, 0, 576, 30)).tobytes() == rows


def test_a_torn_slip_looks_and_reads_torn() -> None:
    rig = Rig()
    rig.send(b"half\n")
    rig.printer.power_off(rig.now)
    rig.send(b"")
    assert rig.texts == ["half\n~~~ torn ~~~\n"]
    whole = Slip(576, rig.slips[0].strips, b"", "full")
    assert slip_png(rig.slips[0]) != slip_png(whole)


def test_an_empty_slip_is_blank_paper() -> None:
    rig = Rig()
    rig.send(b"\x1bd\x05" + CUT)
    assert rig.texts == [""]
    assert draw_dots(rig.slips[0]).getbbox() is None
    assert slip_png(rig.slips[0])


def test_no_line_of_text_ends_with_a_space() -> None:
    rig = Rig()
    assert rig.print_text(b"a   \n  \nb ") == "a\n\nb\n"


def test_the_tray_numbers_on_and_shows_the_text_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    replace = Path.replace

    def note(self: Path, target: Path) -> Path:
        order.append(Path(target).name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", note)
    tray = Tray(tmp_path / "paper")
    tray.put(slip(b"one"))
    path, text = Tray(tmp_path / "paper").put(slip(b"two"))
    assert order == [f"{n:04}.{kind}" for n in (1, 2) for kind in ("bin", "png", "json", "txt")]
    assert (path.name, path.read_text()) == ("0002.txt", text)
    assert text == "two\n"
    assert sorted(p.name for p in tray.directory.iterdir()) == sorted(order)
    assert (tray.directory / "0002.bin").read_bytes() == b"two\n" + CUT
