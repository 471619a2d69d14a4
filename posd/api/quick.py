"""The short way from a line to a typed request, for lines in which nothing is unusual. Pure.

It takes a line only if the long way (framing.parse, the card guard, params.typed) would take it too, with the same
outcome; whatever it is not sure of it leaves to the long way, which alone refuses. So there is one set of errors, and a
line that is wrong costs a little more, not a sale that is right.

How it can be sure
- The card guard has looked at the whole line (`card_guard.is_plain`): nothing in it would be masked or refused.
- The line is decoded straight into the shapes, which know each name that may stand in them: there is no place for a
  field of card secrets, nor for one that nobody knows.
- No name stands twice: a plain line has no escapes, so where no white space stands before a colon every `":` ends a
  name, and there must be as many of them as the envelope has and as the request has when it is encoded again. Where a
  field is stated that could have been left out, they are more, and the line goes the long way.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

import msgspec

from posd.api.framing import ID_LENGTH_MAX, Call
from posd.api.method import Method
from posd.api.methods import METHODS
from posd.domain import card_guard
from posd.domain.transaction import Strict

_ABSENT = msgspec.Raw(b"{}")


class _Envelope(msgspec.Struct, frozen=True):
    jsonrpc: Literal["2.0"]
    method: str
    id: (
        Annotated[str, msgspec.Meta(max_length=ID_LENGTH_MAX)]
        | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    params: msgspec.Raw = _ABSENT


_envelope = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()


@cache
def _shape(name: str) -> msgspec.json.Decoder[Strict]:
    return msgspec.json.Decoder(METHODS[name].params)


def _detached(line: bytes) -> bool:
    """Whether white space stands before a colon: maybe one that ends a name."""
    return b" :" in line or b"\t:" in line or b"\r:" in line


def taken(line: bytes) -> tuple[Call, Method, Strict] | None:
    """The call (its `params` left out), its row and its request; None: take the long way."""
    if not card_guard.is_plain(line):
        return None
    try:
        envelope = _envelope.decode(line)
        method = METHODS.get(envelope.method)
        if method is None:
            return None
        request = _shape(method.name).decode(envelope.params)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    wants_answer = not isinstance(envelope.id, msgspec.UnsetType)
    names = 2 + wants_answer + (envelope.params is not _ABSENT) + _encoder.encode(request).count(b'":')
    if line.count(b'":') != names or _detached(line):
        return None
    id = None if isinstance(envelope.id, msgspec.UnsetType) else envelope.id
    return Call(method.name, None, id, wants_answer), method, request
