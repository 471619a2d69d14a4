"""Supervisors' PINs as they are kept: one line each, hashed. Pure.

    12:scrypt:8192:8:10:SALT:HASH        operator's number, N, r, p, salt and hash as base64

Empty lines and lines that begin with # are nothing. The cost is one of those that OWASP's Password Storage Cheat Sheet
takes for equal (N = 2^13, r = 8, p = 10): it wants 8 MiB for a moment, which a small box has; a line that would want
more than MEMORY_MAX is refused. A PIN has few digits: who has the file can find it by trying, so nobody else may read
the file; what stops trying at the keypad is the lock-out (desk/supervisors.py).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

N, R, P = 8192, 8, 10
SALT_BYTES = 16
HASH_BYTES = 32
MEMORY_MAX = 16 << 20
P_MAX = 16
OPERATOR_DIGITS = 8
PIN_DIGITS_MIN, PIN_DIGITS_MAX = 4, 12
SUPERVISORS_MAX = 64
NO_NUMBER = f"an operator's number has 1 to {OPERATOR_DIGITS} digits, for it is typed on the keypad"
NO_PIN = f"a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits and nothing else"
TOO_PLAIN = "this PIN is one that everybody tries first; take another"
_RUNS = "01234567890123456789", "98765432109876543210"


class BadPin(ValueError):
    """A number, a PIN or a line that cannot be used; the message says why, and holds no PIN and no hash."""


class Pin(NamedTuple):
    """One supervisor's."""

    operator: str
    n: int
    r: int
    p: int
    salt: bytes
    hash: bytes


def line(operator: str, pin: str, salt: bytes) -> str:
    """The line to keep. BadPin for what is no number, or a PIN that everybody tries first."""
    _check_operator(operator)
    if not re.fullmatch(f"[0-9]{{{PIN_DIGITS_MIN},{PIN_DIGITS_MAX}}}", pin, re.ASCII):
        raise BadPin(NO_PIN)
    if len(set(pin)) == 1 or any(pin in run for run in _RUNS):
        raise BadPin(TOO_PLAIN)
    found = Pin(operator, N, R, P, salt, b"")
    kept = (base64.b64encode(part).decode() for part in (salt, _hashed(pin.encode(), found)))
    return ":".join((operator, "scrypt", str(N), str(R), str(P), *kept))


def parse(text: str) -> dict[str, Pin]:
    """The supervisors of a file, by number. BadPin with the line's number."""
    found: dict[str, Pin] = {}
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith("#"):
            continue
        try:
            pin = _pin(row.strip())
            if pin.operator in found:
                raise BadPin(f"operator {pin.operator} stands there twice; keep one line")
        except BadPin as bad:
            raise BadPin(f"line {number}: {bad}") from None
        found[pin.operator] = pin
    if len(found) > SUPERVISORS_MAX:
        raise BadPin(f"more than {SUPERVISORS_MAX} supervisors")
    return found


def right(known: Mapping[str, Pin], operator: str, pin: bytes | bytearray) -> bool:
    """Whether this is the operator's PIN. Takes as long for a number that nobody has. Slow: call it in a thread."""
    wanted = known.get(operator)
    kept = wanted or next(iter(known.values()), Pin("", N, R, P, bytes(SALT_BYTES), bytes(HASH_BYTES)))
    same = hmac.compare_digest(_hashed(pin, kept), kept.hash)
    return same and wanted is not None


def _hashed(pin: bytes | bytearray, kept: Pin) -> bytes:
    memory = 128 * kept.r * (kept.n + kept.p + 2)
    return hashlib.scrypt(
        pin, salt=kept.salt, n=kept.n, r=kept.r, p=kept.p, maxmem=memory + (1 << 20), dklen=HASH_BYTES
    )


def _check_operator(operator: str) -> None:
    if not re.fullmatch(f"[0-9]{{1,{OPERATOR_DIGITS}}}", operator, re.ASCII):
        raise BadPin(NO_NUMBER)


def _pin(row: str) -> Pin:
    parts = row.split(":")
    if len(parts) != 7 or parts[1] != "scrypt":
        raise BadPin("it is not OPERATOR:scrypt:N:R:P:SALT:HASH; make it with posctl pin")
    operator, _, *costs, salt, hashed = parts
    _check_operator(operator)
    if not all(re.fullmatch("[0-9]{1,6}", cost, re.ASCII) for cost in costs):
        raise BadPin("N, R and P are numbers; make the line with posctl pin")
    n, r, p = map(int, costs)
    if n < 2 or n & (n - 1) or not 1 <= p <= P_MAX or r < 1 or 128 * n * r > MEMORY_MAX:
        raise BadPin(
            f"N is a power of two, P at most {P_MAX}, and 128 x N x R at most {MEMORY_MAX >> 20} MiB; "
            "make the line with posctl pin"
        )
    try:
        found = Pin(operator, n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(hashed, validate=True))
    except binascii.Error:
        raise BadPin("salt or hash is not base64; make the line with posctl pin") from None
    if len(found.salt) < SALT_BYTES or len(found.hash) != HASH_BYTES:
        raise BadPin(f"the salt has less than {SALT_BYTES} bytes or the hash is not of {HASH_BYTES}")
    return found
