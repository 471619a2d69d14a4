"""The composer: deterministic, the body sacred, nothing from the data reaches the printer as a command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from posd.config import ConfigError
from posd.domain.device import Bitmap, Drawing
from posd.domain.slip import Signing, SlipOrder
from posd.domain.transaction import Transaction
from posd.printer import layout
from posd.printer.compose import INKS_MAX, ITEMS_ASIDE, SIGNATURE_ROWS, TABLES_MAX, Composer
from posd.printer.preview import render_text
from tests.unit.printer.samples import DRAWING, EN, ZH, cases, everything, flourish, order, reprint, transaction


@pytest.fixture(scope="module")
def compose() -> Composer:
    return Composer("default", 80, flourish)


@pytest.mark.parametrize("name", cases())
def test_the_same_order_gives_the_same_bytes(compose: Composer, name: str) -> None:
    assert compose(cases()[name]) == Composer("default", 80, flourish)(cases()[name])


@pytest.mark.parametrize("copy", ["merchant", "customer"])
def test_a_reprint_has_the_originals_body_whatever_is_around_it(compose: Composer, copy: str) -> None:
    original = compose(order(copy, signing=Signing("none")))
    signed = Signing("image", drawing=DRAWING, version=1)
    for changes in (
        {"reprint": reprint(4)},
        {"possible_duplicate": True},
        {"reprint": reprint(1), "possible_duplicate": True, "signing": signed},
        {"signing": signed},
        {"signing": Signing("text", rule="contactless-limit", limit="1000.00")},
    ):
        again = compose(order(copy, **changes))
        assert again.body == original.body
        assert original.body in again.data


def test_a_body_that_comes_with_the_order_is_used_byte_for_byte(compose: Composer) -> None:
    kept = b"kept \xff bytes\n"
    slip = compose(order(body=kept, reprint=reprint(1)))
    assert slip.body == kept
    assert slip.data == slip.top + kept + slip.signing + slip.bottom


def test_the_body_says_nothing_of_marks_or_signatures(compose: Composer) -> None:
    body = compose(order(reprint=reprint(1), possible_duplicate=True)).body
    for word in (b"DUPLICATE", b"SIGNATURE", b"KEY_F1"):
        assert word not in body


def test_signing_by_kind(compose: Composer) -> None:
    def text(signing: Signing, copy: str = "merchant") -> str:
        return render_text(compose(order(copy, signing=signing)).signing, 80)

    image = Signing("image", drawing=DRAWING, version=1)
    assert text(Signing("none")) == ""
    assert "X____" in text(Signing("line"))
    assert f"[image 576x{SIGNATURE_ROWS}]" in text(image)
    assert "SIGNATURE VERSION" not in text(image)
    assert "SIGNATURE VERSION" in text(Signing("image", drawing=DRAWING, version=2))
    assert f"[image 576x{SIGNATURE_ROWS}]" in text(image, "customer"), "the desk orders it where the shop wants it"
    for other in (Signing("line"), Signing("text", rule="no-card")):
        assert text(other, "customer") == ""
    limit = text(Signing("text", rule="contactless-limit", limit="1000.00"))
    assert "交易金额未超过 CNY 1000.00，无需输密，无需签名。" in limit
    assert "No PIN or\nsignature needed." in limit
    below = text(Signing("text", rule="below-threshold", limit="50.00"))
    assert "PIN" not in below
    assert "CNY 50.00" in below
    assert "本交易无需签名。" in text(Signing("text", rule="no-card"))
    own = text(Signing("text", rule="small", limit="50.00", text="不足 {limit} 免签 {x}"))
    assert "不足 CNY 50.00 免签 {x}" in own


def test_the_renderer_is_asked_for_the_paper_s_width() -> None:
    asked = []

    def render(drawing: Drawing, width: int, height: int) -> Bitmap:
        asked.append((drawing, width, height))
        return flourish(drawing, width, height)

    Composer("default", 58, render)(order(signing=Signing("image", drawing=DRAWING)))
    assert asked == [(DRAWING, 384, SIGNATURE_ROWS)]


def test_control_bytes_in_the_data_never_reach_the_printer(compose: Composer) -> None:
    evil = "tea\x10\x14\x01\x00\x01\x1bp\x00\x19\xfa\x1b@\r\nx"
    sale = transaction(
        items=[{"name": "tea", "quantity": "1", "price": "58.50", "amount": "58.50"}],
        remarks="r",
        operator="07",
        qr="q",
    )
    sale = msgspec.structs.replace(
        sale, items=[msgspec.structs.replace(sale.items[0], name=evil, unit=evil)], remarks=evil, qr=evil, operator=evil
    )
    terminal = msgspec.structs.replace(EN, merchant=evil, id=evil)
    clean = render_text(compose(order(sale=sale, terminal=terminal, receipt=evil)).data, 80)
    assert "teap" in clean
    raw = compose(order(sale=sale, terminal=terminal, receipt=evil)).data
    assert b"\x10" not in raw
    assert b"\x1bp" not in raw
    assert b"\r" not in raw


def test_a_logo_stands_above_the_body_and_not_in_it(tmp_path: Path) -> None:
    from PIL import Image

    logo = tmp_path / "logo.png"
    Image.new("RGBA", (900, 90), (0, 0, 0, 255)).save(logo)
    with_logo, without = Composer("default", 80, flourish, logo), Composer("default", 80, flourish)
    assert with_logo(order()).body == without(order()).body
    assert "[image 576x58]" in render_text(with_logo(order()).top, 80)
    assert "[image" not in render_text(without(order()).top, 80)


def test_a_logo_that_cannot_be_read_is_told_at_start_and_not_at_the_first_slip(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"slip\.logo .*none\.png' cannot be read"):
        Composer("default", 80, flourish, tmp_path / "none.png")


def test_a_profile_that_is_not_known_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="profile"):
        Composer("no-such", 80, flourish)


def test_a_five_hundred_item_slip_and_every_profile_compose() -> None:
    from posd.printer.library import names

    items = [{"name": f"茶 {n}", "quantity": "1", "price": "1.00", "amount": "1.00"} for n in range(500)]
    sale = transaction(items=items, total="500.00", payments=[{"method": "cash", "amount": "500.00"}])
    assert compose_text("default", order(sale=sale)).count("1 x 1.00") == 500
    for profile in names():
        assert "1551.54" in compose_text(profile, order("merchant", ZH, everything()))


def compose_text(profile: str, wanted: SlipOrder) -> str:
    return render_text(Composer(profile, 80, flourish)(wanted).data, 80, profile)


def test_importing_the_room_loads_neither_escpos_nor_pillow_and_warming_leaves_no_trace(
    root: Path, tmp_path: Path
) -> None:
    code = """
import json, logging, sys, tempfile
import posd.printer.actor, posd.printer.compose, posd.printer.preview
early = sorted(m for m in ("escpos", "PIL", "segno", "yaml", "qrcode", "barcode") if m in sys.modules)
from posd.printer.compose import Composer
composer = Composer("default", 80, lambda *a: None)
still = "escpos" in sys.modules
mkdtemp = tempfile.mkdtemp
composer.warm()
print(json.dumps({"early": early, "still": still, "late": "escpos" in sys.modules, "handlers":
len(logging.getLogger().handlers),
                  "mkdtemp": tempfile.mkdtemp is mkdtemp}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"early": [], "still": False, "late": True, "handlers": 0, "mkdtemp": True}
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def many(count: int, name: str = "茶 é {n}") -> Transaction:
    items = [{"name": name.format(n=n), "quantity": "1", "price": "1.00", "amount": "1.00"} for n in range(count)]
    return transaction(items=items, total=f"{count}.00", payments=[{"method": "cash", "amount": f"{count}.00"}])


def test_a_long_table_is_made_ahead_and_comes_out_the_same() -> None:
    sale = many(ITEMS_ASIDE)
    for terminal in (ZH, EN):
        ahead, plain = Composer("default", 80, flourish), Composer("default", 80, flourish)
        assert not ahead.slow(sale)
        ahead.warm()
        assert ahead.slow(sale)
        ahead.prepare(sale, terminal)
        for copy in ("merchant", "customer"):
            wanted = order(copy, terminal, sale)
            assert ahead(wanted) == plain(wanted)


def test_what_was_made_ahead_is_used_and_not_for_another_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    compose, sale = Composer("default", 80, flourish), many(ITEMS_ASIDE)
    compose.prepare(sale, ZH)
    made = compose(order(sale=sale))
    made_for_others = [compose(order(sale=many(ITEMS_ASIDE, "other {n}"))), compose(order("merchant", EN, sale))]
    assert all(slip.body != made.body for slip in made_for_others)
    assert made_for_others[1] == Composer("default", 80, flourish)(order("merchant", EN, sale))
    asked: list[str] = []
    placed = layout.placed
    monkeypatch.setattr(
        layout,
        "placed",
        lambda entries, job, logo=None: asked.extend(e.part or "" for e in entries) or placed(entries, job),
    )
    assert compose(order("customer", ZH, sale)).body.count(b"1 x 1.00") == ITEMS_ASIDE
    assert "items" not in asked
    assert "totals" in asked


def test_tables_that_are_kept_have_a_bound() -> None:
    compose = Composer("default", 80, flourish)
    for number in range(TABLES_MAX + 3):
        compose(order(sale=many(ITEMS_ASIDE, f"{number} {{n}}")))
    assert len(compose._tables) == TABLES_MAX


def test_only_what_is_long_or_has_new_characters_is_made_ahead() -> None:
    compose = Composer("default", 80, flourish)
    compose.warm()
    short = many(1, "茶 tea")
    assert not compose.slow(short)
    vietnamese = many(1, "Tiếng {n}")
    assert compose.slow(vietnamese)
    compose.prepare(vietnamese, ZH)
    assert not compose.slow(vietnamese)


def test_a_signature_that_was_drawn_ahead_is_not_drawn_again() -> None:
    asked: list[Drawing] = []

    def render(drawing: Drawing, width: int, height: int) -> Bitmap:
        asked.append(drawing)
        return flourish(drawing, width, height)

    compose, plain = Composer("default", 80, render), Composer("default", 80, flourish)
    signed = order(signing=Signing("image", drawing=DRAWING, version=1))
    compose.draw(DRAWING)
    assert compose(signed) == plain(signed)
    assert asked == [DRAWING]
    for number in range(INKS_MAX):
        compose.draw(Drawing("strokes", bytes((number,)) * 2))
    assert len(compose._inks) == INKS_MAX
    assert compose(signed) == plain(signed)
    assert asked.count(DRAWING) == 2


def test_a_signature_that_cannot_be_drawn_leaves_a_line_to_sign_on(caplog: pytest.LogCaptureFixture) -> None:
    def render(drawing: Drawing, width: int, height: int) -> Bitmap:
        raise ValueError("not ink")

    slip = Composer("default", 80, render)(order(signing=Signing("image", drawing=DRAWING, version=1)))
    assert "X____" in render_text(slip.signing, 80)
    assert "20261121-0042 cannot be drawn; it is kept as it is" in caplog.text
