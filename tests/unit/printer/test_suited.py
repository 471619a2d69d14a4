"""Which kept bodies suit which printers: a body of another kind never comes out as garbage."""

from __future__ import annotations

import msgspec
import pytest

from posd.config import Chinese
from posd.printer.compose import Composer
from posd.printer.suited import MadeFor, made_for, suits
from tests.unit.printer.samples import EN, ZH, everything, order, transaction

HERE = MadeFor("escpos", "default", 80, "gb18030")
STAR = MadeFor("star", "default", 80, "gb18030")


def flourish(*_: object) -> None:
    raise AssertionError("nothing is signed here")


def composer(kind: MadeFor) -> Composer:
    chinese = msgspec.convert(kind.chinese, Chinese)
    language = "star" if kind.language == "star" else "escpos"
    return Composer(kind.profile, kind.width, flourish, chinese=chinese, language=language)  # type: ignore[arg-type]


def body(kind: MadeFor, *, plain: bool = False) -> bytes:
    return composer(kind)(order(terminal=EN, sale=transaction()) if plain else order("merchant", ZH, everything())).body


def test_a_kind_is_read_back_from_what_it_says() -> None:
    assert made_for(str(STAR)) == STAR
    assert str(composer(STAR).made_for) == "star, default, 80 mm, gb18030"


@pytest.mark.parametrize("kind", [HERE, STAR, HERE._replace(width=58)])
def test_a_body_suits_the_printer_that_it_was_made_for(kind: MadeFor) -> None:
    assert composer(kind).suits(body(kind), str(kind))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        pytest.param(HERE, STAR, id="A"),
        pytest.param(STAR, HERE, id="A the other way"),
        pytest.param(HERE, HERE._replace(width=58), id="B"),
        pytest.param(HERE, HERE._replace(chinese="none"), id="D"),
        pytest.param(STAR, STAR._replace(chinese="none"), id="D star"),
    ],
)
def test_it_does_not_suit_another_kind(then: MadeFor, now: MadeFor) -> None:
    assert not suits(body(then), str(then), now)


def test_what_has_no_chinese_needs_no_chinese_font() -> None:
    assert suits(b"tea\n", str(HERE), HERE._replace(chinese="none"))


@pytest.mark.parametrize(("then", "now"), [(HERE._replace(width=58), HERE), (HERE._replace(chinese="gbk"), HERE)])
def test_it_suits_a_printer_that_can_do_more(then: MadeFor, now: MadeFor) -> None:
    assert suits(body(then), str(then), now)


def test_another_profile_suits_where_it_selects_the_same_characters() -> None:
    """C: ESC t 16 is Windows-1252 on most printers, where F0 is a Scandinavian letter; on some it is a Turkish one."""
    accents = b"\x1bt\x10\xf0\n"
    known = HERE._replace(profile="TM-T88V")
    assert suits(accents, str(HERE), known)
    other = HERE._replace(profile="TH230")
    assert not suits(accents, str(HERE), other)
    assert suits(b"plain\n", str(HERE), other)
    assert not suits(b"plain\n", str(HERE._replace(profile="gone")), HERE)


@pytest.mark.parametrize("kind", [HERE, STAR])
@pytest.mark.parametrize("plain", [False, True])
def test_a_body_of_an_early_posd_tells_its_language_itself(kind: MadeFor, plain: bool) -> None:
    kept = body(kind, plain=plain)
    assert [suits(kept, "", now) for now in (HERE, STAR)] == [kind == HERE, kind == STAR]
