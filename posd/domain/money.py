"""Money: decimal text outside, integers of the minor unit inside.

Text is strict: an optional minus sign, digits, and at most as many decimals as the currency has (ISO 4217). No
exponent, no grouping, no rounding: an amount that cannot be kept exactly is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_EXPONENTS = {
    **dict.fromkeys(
        (
            "JPY",
            "KRW",
            "VND",
            "CLP",
            "ISK",
            "UGX",
            "XAF",
            "XOF",
            "XPF",
            "PYG",
            "RWF",
            "GNF",
            "KMF",
            "DJF",
            "VUV",
            "BIF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_TEXT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
SYMBOLS = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}


class BadAmount(ValueError):
    """Text that is not an amount of this currency; the message says why."""


def exponent(currency: str) -> int:
    """Number of decimals of an ISO 4217 currency code; 2 where the code is not in the table of exceptions."""
    return _EXPONENTS.get(currency, 2)


def is_decimal(text: str) -> bool:
    """Whether `text` is plain decimal text."""
    return _TEXT.fullmatch(text) is not None


def decimal_of(text: str) -> Decimal:
    """The exact number that `text` names; BadAmount unless it is plain decimal text."""
    if not _TEXT.fullmatch(text):
        raise _not_decimal(text)
    return Decimal(text)


@lru_cache(maxsize=256)
def minor_units(text: str, currency: str) -> int:
    """`"36.00", "CNY"` -> 3600. BadAmount when the text has more decimals than the currency."""
    places = exponent(currency)
    digits, decimals = _digits_of(text)
    if decimals <= places:
        return digits * int(10 ** (places - decimals))
    units, rest = divmod(digits, 10 ** (decimals - places))
    if rest:
        raise BadAmount(f"{text} has more decimals than {currency} ({places})")
    return int(units)


@lru_cache(maxsize=256)
def product(quantity: str, price: str, currency: str) -> int:
    """`quantity` times `price` in minor units, half a unit rounded away from zero."""
    number, decimals = _digits_of(quantity)
    each, more = _digits_of(price)
    shift = decimals + more - exponent(currency)
    exact = number * each
    if shift <= 0:
        return exact * int(10**-shift)
    units = (2 * abs(exact) + 10**shift) // (2 * 10**shift)
    return int(units if exact >= 0 else -units)


def _digits_of(text: str) -> tuple[int, int]:
    """`"-0.050"` -> -50 and 3: all digits as one integer, and how many of them are decimals. BadAmount."""
    if not _TEXT.fullmatch(text):
        raise _not_decimal(text)
    whole, _, decimals = text.partition(".")
    return int(whole + decimals), len(decimals)


def _not_decimal(text: str) -> BadAmount:
    return BadAmount(f"{text[:40]!r} is not a decimal number such as 36.00")


def text_of(units: int, currency: str) -> str:
    """3600, "CNY" -> `"36.00"`."""
    places = exponent(currency)
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
