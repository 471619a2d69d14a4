"""PINs as they are kept: found right and wrong, and no line that would do harm."""

from __future__ import annotations

import base64
import hashlib

import pytest

from posd.domain import pins
from posd.domain.pins import MEMORY_MAX, BadPin, line, parse, right

SALT = b"0123456789abcdef"
LINE = line("12", "9406", SALT)


def test_a_line_holds_number_costs_salt_and_the_hash_that_another_scrypt_makes() -> None:
    operator, kind, n, r, p, salt, kept = LINE.split(":")
    assert (operator, kind, n, r, p) == ("12", "scrypt", "8192", "8", "10")
    assert base64.b64decode(salt) == SALT
    assert base64.b64decode(kept) == hashlib.scrypt(b"9406", salt=SALT, n=8192, r=8, p=10, dklen=32, maxmem=1 << 25)
    assert "9406" not in LINE.replace(salt, "").replace(kept, "")


def test_a_right_pin_is_right_and_no_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for cost, least in {"N": 2, "R": 1, "P": 1}.items():
        monkeypatch.setattr(pins, cost, least)
    known = parse(f"# the counter\n\n{line('12', '9406', SALT)}\n{line('7', '2580', SALT)}\n")
    assert list(known) == ["12", "7"]
    assert right(known, "12", b"9406")
    assert right(known, "7", bytearray(b"2580"))
    for operator, pin in (
        ("12", b"2580"),
        ("7", b"9406"),
        ("12", b""),
        ("12", b"94060"),
        ("8", b"9406"),
        ("", b"9406"),
    ):
        assert not right(known, operator, pin)
    assert not right({}, "12", b"9406")


def test_a_number_that_nobody_has_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    true = hashlib.scrypt

    def counted(pin: bytes, **how: int) -> bytes:
        asked.append((how["n"], how["r"], how["p"]))
        return true(pin, **how)  # type: ignore[arg-type]

    monkeypatch.setattr("posd.domain.pins.hashlib.scrypt", counted)
    known = parse(LINE)
    right(known, "12", b"1")
    right(known, "99", b"1")
    assert asked == [(8192, 8, 10)] * 2


@pytest.mark.parametrize(
    "pin", ["", "123", "1" * 13, "12a4", "１２３４", "1111", "1234", "7890", "4321", "0987", "12 4"]
)
def test_a_pin_that_everybody_tries_or_nobody_can_type_is_refused_untold(pin: str) -> None:
    with pytest.raises(BadPin) as caught:
        line("12", pin, SALT)
    assert not pin or pin not in str(caught.value)


@pytest.mark.parametrize("operator", ["", "a", "123456789", "٣", "1 2"])
def test_a_number_that_cannot_be_typed_is_refused(operator: str) -> None:
    with pytest.raises(BadPin, match="1 to 8 digits"):
        line(operator, "9406", SALT)


def changed(place: int, text: str) -> str:
    parts = LINE.split(":")
    parts[place] = text
    return ":".join(parts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12:9406", "line 1: it is not OPERATOR:scrypt"),
        ("\n" + changed(1, "md5"), "line 2: it is not"),
        (changed(0, "x"), "1 to 8 digits"),
        (changed(2, "8191"), "a power of two"),
        (changed(2, "0"), "a power of two"),
        (changed(2, "-2"), "are numbers"),
        (changed(2, "32768"), f"at most {MEMORY_MAX >> 20} MiB"),
        (changed(3, "64"), "at most 16 MiB"),
        (changed(4, "17"), "P at most 16"),
        (changed(4, "0"), "P at most 16"),
        (changed(5, "!"), "not base64"),
        (changed(5, "AAAA"), "less than 16 bytes"),
        (changed(6, "AAAA"), "not of 32"),
        (f"{LINE}\n{LINE}", "line 2: operator 12 stands there twice"),
        ("\n".join(changed(0, str(n)) for n in range(65)), "more than 64"),
    ],
)
def test_a_line_that_would_do_harm_is_refused_by_its_number(text: str, says: str) -> None:
    with pytest.raises(BadPin, match=says) as caught:
        parse(text)
    assert LINE.split(":")[6] not in str(caught.value), "no hash in an error"
