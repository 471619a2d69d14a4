"""Law 7: no card number, track, CVV or PIN gets past the guard, wherever and however it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.domain.card_guard import guard, masked
from posd.domain.errors import Refusal
from tests.unit.domain.samples import PAN, sale


def luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B), counted in another way than the guard's."""
    twice = [2 * int(ch) if place % 2 else int(ch) for place, ch in enumerate(reversed(digits))]
    return sum(sum(map(int, str(n))) for n in twice) % 10 == 0


NUMBERS = {
    13: "4222222222222",
    14: "30569309025904",
    15: "378282246310005",
    16: PAN,
    17: "62170012345678906",
    18: "621700123456789012",
    19: "6217001234567890128",
}
NUMBERS = {n: next(d for d in (text[:-1] + str(c) for c in range(10)) if luhn(d)) for n, text in NUMBERS.items()}
MASKED = "411111******1111"


def digits_of(text: str) -> str:
    """The digits in a row; a masked one stays a star, or what stands around it would look like the number again."""
    return "".join(ch for ch in text if ch.isdecimal() or ch == "*")


def shown_of(pan: str, text: str) -> int:
    """The longest run of the number's own digits that stands in `text`."""
    plain = digits_of(text)
    return max(
        (n for n in range(1, len(pan) + 1) for i in range(len(pan) - n + 1) if pan[i : i + n] in plain), default=0
    )


@pytest.mark.parametrize(("digits", "valid"), [(PAN, True), ("4111111111111112", False), ("0", True), ("18", True)])
def test_luhn(digits: str, valid: bool) -> None:
    assert luhn(digits) is valid


@pytest.mark.parametrize("length", NUMBERS)
def test_a_number_of_13_to_19_digits_is_masked_to_six_and_four(length: int) -> None:
    number = NUMBERS[length]
    assert masked(number) == number[:6] + "*" * (length - 10) + number[-4:]


@pytest.mark.parametrize("text", ["422222222222", "4111111111111112", "1234567890123", "no digits at all here", ""])
def test_what_is_no_card_number_stays(text: str) -> None:
    assert masked(text) is text or masked(text) == text


WRITTEN = [
    PAN,
    f"card {PAN} thanks",
    f"卡号{PAN}。",
    f"x{PAN}y",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111–1111–1111–1111",
    "4111\u30001111\u30001111\u30001111",
    "4111 1111-11111111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "4111111111111111",
    "٤١١١١١١١١١١١١١١١",
    f"{PAN} 123",
    f"{PAN}-123",
    f"{PAN} 12/27",
    f"{PAN} 1227 123",
    "4111 1111 1111 1111 123",
    f"99 {PAN}",
    f"2026-11-21 {PAN}",
    "5555555555 4111 1111 1111 1111",
    f"{PAN} {PAN}",
    f"{PAN},{PAN}",
    f"12345678901234567890 {PAN}",
    f"0000{PAN}",
    f"{PAN}0000",
    f"98765432101234567890{PAN}98765432101234567890",
    f"4111111111{PAN}",
    f"-{PAN}",
    f"{PAN}.00",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_no_spelling_shows_more_than_six_and_four(text: str) -> None:
    result = masked(text)
    assert "*" in result
    assert shown_of(PAN, result.replace("*", "")) < 16
    assert PAN not in digits_of(result)


def test_what_stands_around_a_number_stays() -> None:
    assert masked(f"Gift card {PAN}, 2 pieces, 36.00") == f"Gift card {MASKED}, 2 pieces, 36.00"
    assert masked(f"{PAN} 12/27") == f"{MASKED} 12/27"
    assert masked("a 4111 1111 1111 1111 b") == f"a {MASKED} b"
    assert masked("2026-11-21 10:15 tel 010-1234") == "2026-11-21 10:15 tel 010-1234"


PLACES: list[Any] = [
    lambda v: sale(items=[{"name": v, "quantity": "1", "price": "1", "amount": "1"}]),
    lambda v: sale(remarks=v),
    lambda v: sale(payments=[{"method": "card", "amount": "1", "card": {"masked": v}}]),
    lambda v: {"params": [[{"deep": [v]}]]},
    lambda v: {f"field {v}": 1},
    lambda v: {"a": {f"{v}": {"b": "c"}}},
    lambda v: [v],
    lambda v: v,
]


@pytest.mark.parametrize("text", [PAN, "4111-1111-1111-1111", f"{PAN} 1227"])
@pytest.mark.parametrize("place", range(len(PLACES)))
def test_no_place_lets_a_number_through(place: int, text: str) -> None:
    try:
        result = json.dumps(guard(PLACES[place](text)), ensure_ascii=False)
    except Refusal as refusal:
        result = f"{refusal.message} {refusal.field}"
    assert text not in result
    assert PAN not in digits_of(result)
    assert MASKED in result


@pytest.mark.parametrize("number", [int(PAN), float(PAN), -int(PAN), int(NUMBERS[19])])
def test_a_json_number_is_masked_too(number: float) -> None:
    result = guard({"items": [{"code": number}]})["items"][0]["code"]
    assert isinstance(result, str)
    assert "*" in result


@pytest.mark.parametrize("value", [0, 36, -1, 1.5, True, None, [], {}, 4111111111111112])
def test_other_values_stay_as_they_are(value: Any) -> None:
    assert guard({"v": value}) == {"v": value}
    assert type(guard({"v": value})["v"]) is type(value)


def test_a_sale_without_secrets_comes_through_unchanged() -> None:
    assert guard({"transaction": sale()}) == {"transaction": sale()}


@pytest.mark.parametrize("name", ["id", "key", "job", "receipt", "original", "session"])
@pytest.mark.parametrize("text", [PAN, int(PAN), f"till-{PAN}", "4111-1111-1111-1111", f"20261121-{PAN}", f"{PAN}-12"])
def test_a_card_number_as_an_identity_is_refused_not_masked(name: str, text: Any) -> None:
    """Two masked identities could be one."""
    with pytest.raises(Refusal) as caught:
        guard({"transaction": {name: text}})
    assert (caught.value.kind, caught.value.field) == ("card-data", f"transaction.{name}")
    assert PAN not in digits_of(caught.value.message)


@pytest.mark.parametrize("text", ["20261121-0042", "20261121101530004", "6001-20261121-0042", "6217-20261121101530-07"])
def test_identities_that_tills_use_stay_usable(text: str) -> None:
    for last in range(10):
        assert guard({"id": text[:-1] + str(last)}) == {"id": text[:-1] + str(last)}


SECRETS = [
    *["track1", "track2", "track3", "Track2", "TRACK_2", "track-2-data", "track 2", "trackData", "tracks", "magstripe"],
    *["magnetic_stripe", "cvv", "CVV2", "cvc", "cvc2", "Cvn", "cvv_code", "cardCvv", "cav2", "csc", "cid", "card_cvc"],
    *["security_code", "cardSecurityCode", "card_verification_value", "pin", "PIN", "pin_block", "pinData", "card_pin"],
    *[
        "encrypted_pin_block",
        "pan",
        "fullPan",
        "primary-account-number",
        "emv_track2",
        "track2_equivalent_data",
        "ＣＶＶ",
    ],
]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["1", "", 123, ["x"], {"y": 1}, False])
def test_a_field_for_secrets_refuses_the_request_whatever_is_in_it(name: str, value: Any) -> None:
    with pytest.raises(Refusal) as caught:
        guard({"transaction": {"payments": [{"card": {name: value}}]}})
    assert caught.value.kind == "card-data"
    assert caught.value.field == f"transaction.payments[0].card.{name}"


@pytest.mark.parametrize("name", ["pint", "spin", "tracking_number", "cvvs_sold", "panini", "pinot", "opinion", "id"])
def test_a_name_that_only_looks_alike_is_no_secret(name: str) -> None:
    assert guard({name: "1"}) == {name: "1"}


def test_an_empty_field_for_secrets_is_let_through() -> None:
    assert guard({"cvv": None}) == {"cvv": None}


TRACKS = [
    f";{PAN}=25121010000012345678?",
    f"{PAN}=2512101000",
    f"{PAN}D25121010000012345678F",
    f"{PAN}d2512101000",
    f"%B{PAN}^DOE/JANE^25121010000000000000?",
    f"abc {NUMBERS[19]}=2512101000 def",
]


@pytest.mark.parametrize("text", TRACKS)
@pytest.mark.parametrize("place", ["text", "name", "identity"])
def test_track_data_refuses_the_request_and_stands_nowhere_in_the_answer(text: str, place: str) -> None:
    document = {"text": {"a": {"b": text}}, "name": {"a": {text: 1}}, "identity": {"id": text}}[place]
    with pytest.raises(Refusal) as caught:
        guard(document)
    said = f"{caught.value.message} {caught.value.field} {caught.value!r}"
    assert caught.value.kind == "card-data"
    assert "2512" not in said
    assert PAN[:10] not in said
    assert NUMBERS[19][:10] not in said


def test_a_name_that_holds_a_number_is_masked_in_the_path_of_the_error() -> None:
    with pytest.raises(Refusal) as caught:
        guard({PAN: {"cvv": "123"}})
    assert caught.value.field == f"{MASKED}.cvv"
    assert "123." not in caught.value.message


def test_nesting_has_a_bound() -> None:
    value: Any = "x"
    for _ in range(40):
        value = [value]
    with pytest.raises(Refusal) as caught:
        guard({"v": value})
    assert caught.value.kind == "invalid"


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(Refusal):
        guard({"v": b"bytes"})


def test_a_run_of_thousands_of_digits_is_looked_through_to_its_end() -> None:
    assert PAN not in masked("1" * 20_000 + PAN)


@settings(max_examples=300)
@given(
    st.text("0123456789 -", max_size=24),
    st.sampled_from(sorted(NUMBERS.values())),
    st.text("0123456789 -", max_size=24),
    st.sampled_from([" ", "-", "/", "x"]),
)
def test_whatever_digits_stand_around_a_number_set_apart_it_is_never_whole(
    before: str, number: str, after: str, apart: str
) -> None:
    assert number not in digits_of(masked(f"{before}{apart}{number}{apart}{after}"))


@settings(max_examples=300)
@given(st.text("0123456789", min_size=4, max_size=30), st.sampled_from(sorted(NUMBERS.values())))
def test_no_number_hides_in_a_long_run(padding: str, number: str) -> None:
    if len(padding) + len(number) >= 20:
        half = len(padding) // 2
        assert number not in digits_of(masked(padding[:half] + number + padding[half:]))
