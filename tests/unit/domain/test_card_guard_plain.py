"""Law 7 on the short way: what `is_plain` lets by, the card guard itself would have left as it is."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posd.domain import card_guard
from posd.domain.card_guard import guard, is_plain, masked
from posd.domain.errors import Refusal
from tests.unit.domain.samples import PAN, sale

DIGITS_OF_THE_WORLD = [chr(code) for code in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Nd"]
SEPARATORS = ["-", " ", *"\u00a0\u2007\u2009\u2010\u2015\u202f\u2212\u3000\uff0d"]
VALID = "20261121000008"
"""Luhn-valid, and begins as no card does."""
PIECES = [
    "4",
    "11",
    "411111",
    PAN,
    "6217001234567890128",
    VALID,
    "=",
    "^",
    "D",
    "e",
    "E",
    "乌龙茶",
    "é",
    "한",
    "，",
    "٤",
    "１",
]
TEXTS = st.lists(st.sampled_from([*PIECES, *SEPARATORS, "", "x"]), max_size=12).map("".join)
VALUES = st.recursive(
    TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "amount"]), inner),
    max_leaves=6,
)


def line(value: Any, **how: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **how).encode()


@given(VALUES, st.booleans())
@example([1e15], False)
@example([4111111111111111], False)
@example({"id": "2026112100000042"}, False)
@settings(max_examples=1500)
def test_the_guard_leaves_what_is_plain_as_it_is(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    if is_plain(text):
        assert guard(json.loads(text)) == json.loads(text)


def test_a_sale_as_tills_send_it_is_plain() -> None:
    assert is_plain(line(sale()))
    assert all(is_plain(line(sale(id=f"20261121-{number:06}"))) for number in range(100))  # some are Luhn-valid
    assert is_plain(line({"remarks": "两杯茶 2 cups, 18.00 元 à 2026-11-21T10:15:30+08:00"}))


def test_a_number_that_passes_for_a_cards_is_plain_in_an_identity_alone() -> None:
    assert masked(VALID) != VALID
    for name in ("id", "key", "original"):
        assert is_plain(line({name: VALID}))
        assert is_plain(line({name: f"T{VALID}"}, separators=(",", ":")))
        assert not is_plain(line({name: PAN}))
        assert not is_plain(line({name: int(VALID)}))
        assert not is_plain(line({f"x{name}": VALID}))
        assert not is_plain(line({name: "7", "name": VALID}))
        assert not is_plain(line({name: ["7", VALID]}))
        assert not is_plain(line([name, VALID]))


@pytest.mark.parametrize("separator", ["", *SEPARATORS])
def test_a_card_number_is_never_plain_however_it_is_set_apart(separator: str) -> None:
    assert not is_plain(line({"name": f"paid with {separator.join(PAN)} today"}))
    assert not is_plain(line({"name": separator.join(PAN[at : at + 4] for at in range(0, 16, 4))}))


def test_digits_of_every_script_are_looked_at() -> None:
    hidden = [digit for digit in DIGITS_OF_THE_WORLD if is_plain(line(digit))]
    assert len(DIGITS_OF_THE_WORLD) > 500
    assert not hidden


@pytest.mark.parametrize(
    "text",
    [
        PAN.replace("1", "\\u0031"),
        "4111\\u00201111\\u20111111\\t1111",
        f"{PAN}=2512101123456789",
        "9999999999999=2512101123456789",
        "9999999999999d2512101123456789",
        "9999999999999^DOE/JOHN^2512101123456789",
    ],
)
def test_what_is_escaped_or_looks_like_a_track_is_not_plain(text: str) -> None:
    assert not is_plain(b'{"name": "' + text.encode() + b'"}')


@pytest.mark.parametrize("number", [b"1e15", b"4.111111111111111E15", b"4111111111111111e0"])
def test_a_number_that_grows_when_it_is_read_is_not_plain(number: bytes) -> None:
    assert not is_plain(b'{"quantity": ' + number + b"}")


def test_the_names_of_fields_are_left_to_who_reads_them() -> None:
    text = line({"cvv": "123"})
    assert is_plain(text)
    with pytest.raises(Refusal):
        guard(json.loads(text))


def test_bytes_that_are_no_utf_8_do_no_harm() -> None:
    for bad in (b"\xff", b"\xc3", b"\xe4\xb8", b"\xed\xa0\x80", PAN.encode() + b"\xff"):
        is_plain(b'{"name": "' + bad + b'"}')
    assert not is_plain(b'{"name": "\xe4' + PAN.encode() + b'\xe4"}')


def test_the_table_knows_where_digits_begin() -> None:
    first_bytes = {digit.encode()[0] for digit in DIGITS_OF_THE_WORLD}
    assert first_bytes <= card_guard._LEADS_TO_DIGITS
