"""`posctl preview --template`: a sample slip without a daemon, and what is said of a wrong template."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from posd.config import PrinterSection
from posd.domain.errors import Refusal
from posd.pictures import rendered
from tests.unit.ctl.conftest import Said

Posctl = Callable[..., Said]


@pytest.fixture
def template(tmp_path: Path, root: Path) -> Path:
    path = tmp_path / "slip.toml"
    own = (root / "posd/printer/default.toml").read_text(encoding="utf-8")
    path.write_text(own + '\n[[footer]]\ntext = "www.example.com"\n', encoding="utf-8")
    return path


def test_a_sample_sale_needs_no_daemon(posctl: Posctl, template: Path, tmp_path: Path) -> None:
    nobody = ("--socket", str(tmp_path / "nobody"))
    said = posctl(*nobody, "preview", "--template", str(template))
    assert said.code == 0
    assert "老茶馆 Old Teahouse" in said.out
    assert said.out.rstrip().endswith("www.example.com")
    assert max(map(len, said.out.splitlines())) <= 53
    english = ("--type", "refund", "--locale", "en", "--width", "58", "--copy", "merchant")
    said = posctl(*nobody, "preview", "--template", *english)
    assert "* REFUND *" in said.out
    assert "CARDHOLDER SIGNATURE" in said.out
    assert "example.com" not in said.out
    assert json.loads(posctl(*nobody, "--json", "preview", "--template").out)["format"] == "text"


def test_the_shop_s_own_configuration_gives_the_head(posctl: Posctl, template: Path, tmp_path: Path) -> None:
    shop = tmp_path / "posd.toml"
    shop.write_text('[terminal]\nmerchant = "Tea Shop"\nid = "T9"\nlocale = "en"\n[printer]\nwidth = 58\n')
    said = posctl("preview", "--template", str(template), "--config", str(shop))
    assert "Tea Shop" in said.out
    assert "TERMINAL                      T9" in said.out
    picture = tmp_path / "slip.png"
    assert posctl("preview", "--template", str(template), "--config", str(shop), "-o", str(picture)).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--template", "/no/such.toml"], "slip.template '/no/such.toml' cannot be read"),
        (["--template", "", "--config", "/no/posd.toml"], "/no/posd.toml cannot be read"),
        (["last", "--template"], "name a transaction's ID, or --template FILE"),
        ([], "name a transaction's ID, or --template FILE"),
        (["last", "--width", "58"], "--width goes with --template"),
    ],
)
def test_a_command_line_that_cannot_be(posctl: Posctl, words: list[str], told: str) -> None:
    said = posctl("preview", *words)
    assert said.code == 2
    assert told in said.err
    assert said.out == ""


def test_a_wrong_template_is_told_by_its_line(posctl: Posctl, template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    template.write_text(text + '[[footer]]\ntext = "{totl}"\n', encoding="utf-8")
    said = posctl("preview", "--template", str(template))
    assert said.code == 2
    line = text.count("\n") + 2
    assert f"slip.toml line {line}: there is no field 'totl'; did you mean 'total'?" in said.err


def test_bytes_that_are_no_slip_are_refused_in_words() -> None:
    with pytest.raises(Refusal, match="an unknown command at byte 1: 1b 70") as refused:
        rendered(b"a\x1bp\x00", "text", PrinterSection(), "")
    assert refused.value.kind == "unsupported"
