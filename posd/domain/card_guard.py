"""The card-data guard: no full card number, track, CVV or PIN gets past this file (law 7).

It runs over the decoded request before any typed shape, log line or journal record is made of it.
- A field whose name says that it carries track, CVV or PIN data refuses the request, whatever is in it.
- Text that looks like track data refuses the request.
- Any other Luhn-valid run of 13 to 19 digits (single spaces or hyphens between them allowed) is masked: the first six and the last
  four digits stay, as PCI DSS 3.4.1 permits.
- Identities (`id`, `key`, ...) are never masked, for two masked identities could be one: there a Luhn-valid number that begins as cards
  do (ISO/IEC 7812: 3 to 6, 2221 to 2720, 81) refuses the request. Tills number sales with time stamps (20...), one in ten of
  which is Luhn-valid by chance; these stay usable.
The caller's text never stands in the error.
"""

from __future__ import annotations

import re
from typing import Any

from posd.domain.errors import Refusal

_SECRET_NAMES = frozenset(
    "track track1 track2 track3 track1data track2data track3data trackdata tracks magstripe magneticstripe magdata cvv cvv2 cvc cvc2 cvn cvn2 "
    "cid cav2 csc securitycode cardsecuritycode pin pinblock pindata pan primaryaccountnumber fullpan emvtrack2 track2equivalent".split()
)
_IDENTITIES = frozenset({"id", "key", "job", "receipt", "original", "session"})
_RUN = re.compile(r"(?<![0-9])[0-9](?:[ \-]?[0-9]){12,18}(?![0-9])")
_LONG_RUN = re.compile(r"[0-9]{20,}")
_TRACK = re.compile(r"[;%]?B?[0-9]{13,19}(?:[=D][0-9]{7,}|\^[^^]{2,26}\^[0-9]{7,})")
_CARD_START = re.compile(r"[3-6]|81|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
_MAX_DEPTH = 32


def luhn(digits: str) -> bool:
    """Whether the check digit of ISO/IEC 7812-1 fits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = ord(digit) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def _mask(match: re.Match[str]) -> str:
    run = match.group()
    digits = re.sub(r"[ \-]", "", run)
    if not luhn(digits):
        return run
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def masked(text: str) -> str:
    """`text` with every Luhn-valid card number masked; the same object when there is none."""
    if len(text) < 13:
        return text
    return _RUN.sub(_mask, _LONG_RUN.sub(_mask_windows, text))


def _mask_windows(match: re.Match[str]) -> str:
    """A run of 20 digits and more may hide a number at any offset: mask each window of 13 to 19 digits that begins as cards do."""
    run = match.group()
    for width in range(19, 12, -1):
        for start in range(len(run) - width + 1):
            window = run[start : start + width]
            if window.isdigit() and _CARD_START.match(window) and luhn(window):
                run = run[: start + 6] + "*" * (width - 10) + run[start + width - 4 :]
    return run


def _refuse(path: str, why: str) -> Refusal:
    return Refusal(
        "card-data",
        f"{path} {why}. posd never keeps card secrets; nothing was kept of this request. Leave the field out and send again.",
        field=path,
    )


def _guarded_text(text: str, name: str, path: str) -> str:
    if _TRACK.search(text):
        raise _refuse(path, "holds magnetic-stripe data")
    if name in _IDENTITIES:
        for match in _RUN.finditer(text):
            digits = re.sub(r"[ \-]", "", match.group())
            if _CARD_START.match(digits) and luhn(digits):
                raise _refuse(path, "holds a card number where an identity belongs")
        return text
    return masked(text)


def guard(value: Any, path: str = "", name: str = "", depth: int = 0) -> Any:
    """`value` (decoded JSON) with card numbers masked. Refusal `card-data` with the field's path, or `invalid` past 32 levels."""
    if depth > _MAX_DEPTH:
        raise Refusal("invalid", f"{path} is nested deeper than {_MAX_DEPTH} levels. Nothing was kept.", field=path)
    if isinstance(value, str):
        return _guarded_text(value, name, path)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        text = str(value)
        return value if masked(text) is text or masked(text) == text else masked(text)
    if isinstance(value, list):
        return [guard(item, f"{path}[{i}]", name, depth + 1) for i, item in enumerate(value)]
    if isinstance(value, dict):
        kept: dict[str, Any] = {}
        for key, item in value.items():
            shown = masked(key)[:40]
            where = f"{path}.{shown}" if path else shown
            if re.sub(r"[^a-z0-9]", "", key.lower()) in _SECRET_NAMES and item is not None:
                raise _refuse(where, "is a field for card secrets")
            kept[shown if shown != key else key] = guard(item, where, key, depth + 1)
        return kept
    raise Refusal("invalid", f"{path} holds a value that JSON does not have.", field=path)
