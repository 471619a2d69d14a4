"""Decoded parameters to typed requests: the card guard first, then the shape. Pure.

Nothing looks at a caller's parameters before the guard has (law 7). What the shape refuses is told in whole sentences
with the field's path, such as `transaction.items[0].name`; the path begins at the members of `params`.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from posd.domain import card_guard
from posd.domain.errors import Refusal
from posd.domain.transaction import Strict

_AT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?P<how>contains unknown field|missing required field) `(?P<name>.*)`", re.DOTALL)
_PATTERN = re.compile(r"Expected `str` matching regex '(?P<pattern>.*)'", re.DOTALL)
_LENGTH = re.compile(r"Expected `(?P<type>str|array)` of length (?P<bound><=|>=) (?P<count>[0-9]+)")
_RANGE = re.compile(r"Expected `int` (?P<bound><=|>=) (?P<count>-?[0-9]+)")
_KEEP = "Nothing was kept; correct it and send again."
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"\\x00-\\x1f", "holds a control character or a line break, which no printer should see"),
    (r"\\x21-\\x7e", "may hold printable ASCII characters only, and no spaces"),
    ("[A-Z]{3}", "must be three capital letters such as CNY (ISO 4217)"),
    ("[0-9]{4}-", "must be a day such as 2026-11-21"),
    ("[0-9]{4}", "must be four digits"),
)

T = TypeVar("T", bound=Strict)


def guarded(params: Any) -> dict[str, Any]:
    """`params` as decoded, with card numbers masked; absent params are an empty object. Refusal `card-data` or
    `invalid` with the field's path.
    """
    seen = card_guard.guard({} if params is None else params)
    if not isinstance(seen, dict):
        raise Refusal("invalid", f"`params` must be an object with named members. {_KEEP}", field="params")
    return seen


def typed(guarded: dict[str, Any], shape: type[T]) -> T:
    """Guarded params -> a request. Refusal `invalid` with the field's path."""
    try:
        return msgspec.convert(guarded, shape)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


def _refusal(text: str) -> Refusal:
    match = _AT.fullmatch(text)
    assert match is not None
    what, path = match["what"], match["path"] or ""
    named = _NAMED.fullmatch(what)
    if named is not None:
        field = f"{path}.{named['name']}" if path else named["name"]
        said = "is missing" if named["how"].startswith("missing") else "is not a field that posd knows here"
        return Refusal("invalid", f"{field} {said}. {_KEEP}", field=field)
    field = path or "params"
    return Refusal("invalid", f"{field} {_sentence(what)}. {_KEEP}", field=field)


def _sentence(what: str) -> str:
    pattern = _PATTERN.fullmatch(what)
    if pattern is not None:
        return next(
            (words for part, words in _PATTERNS if part in pattern["pattern"]),
            "does not have the form that is asked for",
        )
    length = _LENGTH.fullmatch(what)
    if length is not None:
        unit = "characters" if length["type"] == "str" else "entries"
        if (length["bound"], length["count"]) == (">=", "1"):
            return "must not be empty"
        return (
            f"may have at most {length['count']} {unit}"
            if length["bound"] == "<="
            else f"needs at least {length['count']} {unit}"
        )
    range_ = _RANGE.fullmatch(what)
    if range_ is not None:
        return f"may be {'at most' if range_['bound'] == '<=' else 'no less than'} {range_['count']}"
    return f"is wrong: {what[:1].lower()}{what[1:]}"
