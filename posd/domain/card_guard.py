"""The card-data guard: no full card number, track, CVV or PIN gets past this file (law 7).

It runs over the decoded request before any typed shape, log line or journal record is made of it.
- A field whose name says that it carries track, CVV or PIN data refuses the request, whatever is in it.
- Text that looks like track data refuses the request.
- Any other Luhn-valid number of 13 to 19 digits is masked; the first six and the last four digits stay, as PCI DSS
  3.4.1 permits. Digits of any script count, with single spaces or dashes between them. Beside others (a space, the
  expiry) it is looked for from group to group, and in a group of 20 digits or more at each offset. There it must begin
  as cards do (ISO/IEC 7812: 3 to 6, 2221 to 2720, 81), for by chance alone one number in ten is Luhn-valid.
- Identities (`id`, `key`, ...) are never masked, for two masked identities could be one: there a number that begins as
  cards do refuses the request, written in one group or in groups of at most six. Tills number sales with time stamps
  (20...); these stay usable.
The caller's text never stands in the error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from posd.domain.errors import Refusal

_SECRET_NAME = re.compile(
    r"(?:card|emv|enc|encrypted|full|i|d)?"
    r"(?:tracks?[123]?(?:equivalent|discretionary)?(?:data)?|mag(?:netic)?stripe(?:data)?|magdata"
    r"|(?:cvv|cvc|cvn|cav)[123]?(?:code|number|value)?|csc|cid|(?:security|verification)(?:code|value)"
    r"|pin(?:block|data|code|number)?|pan|primaryaccountnumber)"
)
_OTHER = re.compile(r"[^a-z0-9]")
_SHORT_NAME = 12
_IDENTITIES = frozenset({"id", "key", "job", "receipt", "original", "session"})
_IDENTITY_GROUP_MAX = 6
_LONG_GROUP = 20
_DASHES_SPACES = " \\-\u00a0\u2007\u2009\u2010-\u2015\u202f\u2212\u3000\uff0d"
_RUN = re.compile(rf"\d(?:[{_DASHES_SPACES}]?\d){{12,}}")
_TRACK = re.compile(r"\d{13,19}(?:[=Dd]\d{7,}|\^[^^]{2,26}\^\d{7,})")
_CARD_START = re.compile(r"[3-6]|81|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
_GROUP = re.compile(r"\d+")
_ONCE = bytes.maketrans(b"0123456789", bytes(range(10)))
_TWICE = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
"""A digit's value, and the sum of the digits of twice that."""
_DEPTH_MAX = 32


class _Window(NamedTuple):
    """Digits `start .. end` of a run, Luhn-valid. `group_max`: its longest group; `inside`: it is within one."""

    start: int
    end: int
    group_max: int
    as_a_card: bool
    inside: bool = False


def is_plain(line: bytes) -> bool:
    """True promises that `guard` would leave every text and number of this JSON as it is; False says nothing. Names of
    fields are not looked at: whoever takes them must know each of them.

    A tenth of what `guard` takes: one pass makes every digit a 0 and every separator a dash, so that only what is then
    as long as a card number is looked at more closely. What could hide digits from that pass (escapes, exponents,
    scripts with digits of their own) is not plain.
    """
    shape = line.translate(_SHAPE)
    if b"\\" in shape or b"0e" in shape:
        return False
    for long in _LONG_SHAPE.finditer(shape):
        as_cards_begin = _in_identity(line, long.start())
        for run in _RUN.findall(line[long.start() : long.end()].decode(errors="replace")):
            if next(_windows(run, as_cards_begin=as_cards_begin), None) is not None:
                return False
    return _TRACK_SHAPE not in shape or _TRACK.search(line.decode(errors="replace")) is None


def _in_identity(line: bytes, place: int) -> bool:
    """Whether the text around `place` in a line without escapes stands where an identity belongs."""
    quote = line.rfind(b'"', 0, place)
    before = line[max(0, quote - _BEFORE_MAX) : quote].rstrip(_SPACE)
    return before.endswith(b":") and before[:-1].rstrip(_SPACE).endswith(_IDENTITY_NAMES)


def _shape() -> bytes:
    shape = bytearray(range(256))
    for byte in b"0123456789":
        shape[byte] = ord("0")
    shape[ord("E")] = ord("e")
    shape[ord(" ")] = ord("-")
    for byte in range(0x80, 0x100):
        shape[byte] = ord("\\" if byte in _LEADS_TO_DIGITS else "-")
    return bytes(shape)


_LEADS_TO_DIGITS = frozenset((*range(0xD9, 0xE2), *range(0xEA, 0x100)))
"""With which bytes of UTF-8 decimal digits outside ASCII begin, and much else; Chinese and Latin text do not."""
_SHAPE = _shape()
_LONG_SHAPE = re.compile(rb"0[0-]{11,}0")
_TRACK_SHAPE = b"0" * 13
_SPACE = b" \t\r"
_IDENTITY_NAMES = tuple(f'"{name}"'.encode() for name in _IDENTITIES)
_BEFORE_MAX = 32


def _windows(run: str, *, as_cards_begin: bool = False) -> Iterator[_Window]:
    """Every number in a run that may be a card's; or only those that begin as cards do."""
    groups = _GROUP.findall(run)
    digits = "".join(groups)
    if not digits.isascii():
        digits = "".join([str(int(ch)) for ch in digits])
    edges = [0, *accumulate(map(len, groups))]
    # sums[p][n]: the first n digits, those at places of parity p doubled; a window that ends at `end` doubles end % 2
    sums: list[list[int]] = []

    def fits(start: int, end: int) -> bool:
        if not sums:
            sums.extend(_sums(digits.encode()))
        return (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0

    for first, start in enumerate(edges[:-1]):
        as_a_card = _CARD_START.match(digits, start) is not None
        longest = 0
        for last in range(first + 1, len(edges)):
            end = edges[last]
            longest = max(longest, end - edges[last - 1])
            if end - start > 19:
                break
            stands_alone = not as_cards_begin and (last == first + 1 or (start == 0 and end == len(digits)))
            if end - start >= 13 and (as_a_card or stands_alone) and fits(start, end):
                yield _Window(start, end, longest, as_a_card)
        if edges[first + 1] - start >= _LONG_GROUP:
            for at in range(start, edges[first + 1] - 12):
                if _CARD_START.match(digits, at):
                    for end in range(at + 13, min(at + 19, edges[first + 1]) + 1):
                        if fits(at, end):
                            yield _Window(at, end, edges[first + 1] - start, as_a_card=True, inside=True)


def _sums(figures: bytes) -> Iterator[list[int]]:
    for parity in (0, 1):
        weighed = bytearray(figures.translate(_ONCE))
        weighed[parity::2] = figures[parity::2].translate(_TWICE)
        yield [0, *accumulate(weighed)]


def _mask(match: re.Match[str]) -> str:
    run = match.group()
    hidden: set[int] = set()
    covered: set[int] = set()
    for window in _windows(run):
        hidden.update(range(window.start + 6, window.end - 4))
        covered.update(range(window.start + 1, window.end))
    if not hidden:
        return run
    text, place = "", 0
    for ch in run:
        if ch.isdecimal():
            text += "*" if place in hidden else ch
            place += 1
        elif place not in covered:  # separators inside a masked number go: only its digits are told
            text += ch
    return text


def masked(text: str) -> str:
    """`text` with every card number masked; the same object when there is none."""
    return text if len(text) < 13 else _RUN.sub(_mask, text)


def _refuse(path: str, why: str) -> Refusal:
    return Refusal(
        "card-data",
        f"{path or 'The request'} {why}. posd never keeps card secrets; nothing was kept of this request. "
        "Leave the field out and send again.",
        field=path or None,
    )


def _guarded_text(text: str, name: str, path: str) -> str:
    if len(text) < 13:
        return text
    if _TRACK.search(text):
        raise _refuse(path, "holds magnetic-stripe data")
    if name not in _IDENTITIES:
        return masked(text)
    for match in _RUN.finditer(text):
        for window in _windows(match.group()):
            as_cards_are_written = window.group_max in (*range(_IDENTITY_GROUP_MAX + 1), window.end - window.start)
            if window.as_a_card and not window.inside and as_cards_are_written:
                raise _refuse(path, "holds a card number where an identity belongs")
    return text


def _is_secret(name: str) -> bool:
    """Whether a field of this name carries card secrets."""
    plain = _OTHER.sub("", unicodedata.normalize("NFKC", name).lower())
    return _SECRET_NAME.fullmatch(plain) is not None


_is_secret_cached = lru_cache(maxsize=512)(_is_secret)
"""For the names that come with every request, but none in which a card number could stand."""


def _guarded_fields(value: dict[str, Any], path: str, depth: int) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, item in value.items():
        name = _guarded_text(key, "", path)
        where = f"{path}.{name[:40]}" if path else name[:40]
        if item is not None and (_is_secret if len(key) > _SHORT_NAME else _is_secret_cached)(key):
            raise _refuse(where, "is a field for card secrets")
        kept[name] = guard(item, where, key, depth + 1)
    return kept


def guard(value: Any, path: str = "", name: str = "", depth: int = 0) -> Any:
    """`value` (decoded JSON) with card numbers masked. Refusal `card-data` with the field's path, or `invalid` past 32
    levels.
    """
    if depth > _DEPTH_MAX:
        raise Refusal("invalid", f"{path} is nested deeper than {_DEPTH_MAX} levels. Nothing was kept.", field=path)
    if isinstance(value, str):
        return _guarded_text(value, name, path)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        text = str(value)
        kept = _guarded_text(text, name, path)
        return value if kept == text else kept
    if isinstance(value, list):
        return [guard(item, f"{path}[{i}]", name, depth + 1) for i, item in enumerate(value)]
    if isinstance(value, dict):
        return _guarded_fields(value, path, depth)
    raise Refusal("invalid", f"{path} holds a value that JSON does not have.", field=path)
