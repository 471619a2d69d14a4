"""The original of a slip and its copies, side by side."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from PIL import Image
from wcwidth import wcswidth

from posd.ctl import copies
from posd.ctl.copies import Shown
from posd.ctl.words import Say
from posd.domain import views
from posd.printer import preview
from tests.unit.ctl.conftest import Said

Posctl = Callable[..., Said]
BODY = "乌龙茶 Oolong   36.00\n合计 TOTAL      36.00\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="80mm" viewBox="0 0 576 {high}">\n<rect/>\n</svg>\n'


def copy(number: int = 0, name: str = "customer") -> views.CopyView:
    of = views.CopyOf("000042-c0", 104, "r105", "lost", "海边", "uid 1000 pid 42") if number else None
    job = f"000042-{name[0]}{number}"
    return views.CopyView(
        name,  # type: ignore[arg-type]
        number,
        "duplicate" if number else "none",
        "printed",
        "confirmed",
        None,
        job,
        "2026-11-21T06:00:00.000Z",
        reprint=of,
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_both_say_stands_beside_one_another_and_what_a_copy_adds_alone(lang: str) -> None:
    mark = "*** 重打印 DUPLICATE 1 ***\n"
    text = copies.text([Shown(copy(), BODY), Shown(copy(1), mark + BODY + mark)], Say(lang))  # type: ignore[arg-type]
    lines = text.splitlines()
    place = {wcswidth(line[: line.index(bar)]) for line in lines for bar in "│┃" if bar in line}
    assert len(place) == 1, "one column between them, whatever the script"
    both = [line for line in lines if "│" in line and "乌龙茶" in line]
    assert both[0].count("乌龙茶 Oolong") == 2
    alone = [line for line in lines if "┃" in line]
    assert [line.strip() for line in alone] == ["┃ *** 重打印 DUPLICATE 1 ***"] * 2
    of = ("lost: 海边", "uid 1000 pid 42") if lang == "en" else ("遗失：海边", "用户 1000（进程 42）")
    for fact in ("000042-c0", "000042-c1", "r105", "104", *of):
        assert fact in text


def test_each_copy_has_its_original_beside_it_and_an_original_without_copies_stands_alone() -> None:
    shown = [Shown(copy(0, "merchant"), "M\n"), *(Shown(copy(n), f"C{n}\n") for n in (0, 1, 2))]
    text = copies.text(shown, Say("en"))
    assert [line.split() for line in text.splitlines() if "C0" in line] == [["C0", "┃", "C1"], ["C0", "┃", "C2"]]
    assert text.splitlines()[3] == "M"


def test_a_drawing_of_all_of_them_from_left_to_right() -> None:
    drawn = copies.svg([Shown(copy(), SVG.format(high=576)), Shown(copy(1), SVG.format(high=1152))])
    root = ElementTree.fromstring(drawn)
    assert (root.get("width"), root.get("height")) == ("178mm", "172.00mm")
    assert [(one.get("x"), one.get("y"), one.get("height")) for one in root][1:] == [
        ("6", "6", "80.00"),
        ("92", "6", "160.00"),
    ]


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_a_picture_of_all_of_them_has_each_dot_by_dot_on_a_counter(format: Literal["png", "pdf"]) -> None:
    slips = []
    for high, ink in ((600, 0), (900, 255)):
        out = io.BytesIO()
        Image.new("L", (640, high), ink).save(out, "PNG")
        slips.append(Shown(copy(), base64.b64encode(out.getvalue()).decode()))
    whole = base64.b64decode(copies.together(slips, format, Say("en")))
    if format == "pdf":
        assert whole.startswith(b"%PDF")
        assert whole.count(b"/MediaBox") == 1
        return
    seen = Image.open(io.BytesIO(whole))
    gap = 48  # 6 mm at 203 dpi
    assert seen.size == (2 * 640 + 3 * gap, 900 + 2 * gap)
    places = [(gap - 1, gap), (gap, gap), (gap, gap + 600), (2 * gap + 639, gap), (2 * gap + 640, gap + 899)]
    assert [seen.getpixel(place) for place in places] == [0xD8, 0, 0xD8, 0xD8, 255]


def test_slips_that_are_longer_than_a_page_may_be_go_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PAGE_INCHES_MAX", 2)
    out = io.BytesIO()
    Image.new("L", (64, 600), 255).save(out, "PNG")
    slip = Shown(copy(), base64.b64encode(out.getvalue()).decode())
    whole = base64.b64decode(copies.together([slip, slip], "pdf", Say("en")))
    assert whole.count(b"/MediaBox") > 1


def test_posctl_shows_them_and_says_what_goes_with_it(posctl: Posctl, tmp_path: Path) -> None:
    said = posctl("show", "last", "--copies")
    assert said.code == 0
    assert said.out.count("乌龙茶 Oolong") == 2, "merchant and customer, without copies"
    one = posctl("show", "last", "--copies", "--copy", "merchant", "--json")
    assert [row["copy"]["job"] for row in json.loads(one.out)["copies"]] == ["J1"]
    kept = posctl("show", "last", "--copies", "-o", str(tmp_path / "copies.txt"))
    assert kept.code == 0
    assert "Oolong" in (tmp_path / "copies.txt").read_text()
    assert posctl("show", "last", "--copies", "-o", str(tmp_path / "x.bmp")).code == 2
    assert posctl("show", "last", "--svg").code == 2
    assert posctl("show", "last", "--copy", "merchant").code == 2
