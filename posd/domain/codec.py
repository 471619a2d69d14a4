"""Events to journal payloads and back, and the digest that binds a signature to what was signed.

A payload is the event as JSON: a stranger can read a journal with any JSON library. The record's type number repeats
the tag so that a reader can skip what it does not know. Numbers are for ever: a new event gets the next one.
"""

from __future__ import annotations

import hashlib

import msgspec

from posd.domain import events
from posd.domain.slip import CopyName, Terminal
from posd.domain.transaction import Transaction

VERSION = 1
TYPES: dict[str, int] = {
    "transaction.accepted": 1,
    "copy.started": 2,
    "copy.printed": 3,
    "copy.failed": 4,
    "copy.unknown": 5,
    "copy.settled": 6,
    "reprint.requested": 7,
    "reprint.refused": 8,
    "reprint.cancelled": 9,
    "signature.requested": 10,
    "signature.captured": 11,
    "signature.missing": 12,
    "signature.attested": 13,
    "signature.voided": 14,
    "exception.opened": 15,
    "exception.noted": 16,
    "exception.assigned": 17,
    "exception.waived": 18,
    "exception.closed": 19,
    "shift.opened": 20,
    "shift.closed": 21,
    "device.changed": 22,
    "export.acknowledged": 23,
    "clock.suspect": 24,
    "requests.refused": 25,
    "device.counted": 26,
    "selftest.changed": 27,
    "clock.trusted": 28,
    "signature.uploaded": 29,
    "exception.escalated": 30,
    "exception.overdue": 31,
    "exceptions.swept": 32,
    "shift.carried": 33,
    "reprint.asked": 34,
    "reprint.decided": 35,
    "pin.tried": 36,
    "pin.checked": 37,
    "pin.carried": 38,
}
_KNOWN = frozenset(TYPES.values())
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[events.AnyEvent] = msgspec.json.Decoder(events.AnyEvent)


class UnreadableEvent(ValueError):
    """A payload of a known type that does not decode; the message says where."""


def tag_of(event: events.AnyEvent) -> str:
    """The event's public name, such as `copy.printed`."""
    return str(event.__struct_config__.tag)


# Which field of an event names its transaction, where that is not `id`.
_NAMED: dict[type, str | None] = {
    events.ExceptionOpened: "transaction",
    events.ExceptionNoted: "transaction",
    events.ExceptionAssigned: "transaction",
    events.ExceptionEscalated: "transaction",
    events.ExceptionOverdue: "transaction",
    events.ExceptionWaived: "transaction",
    events.ExceptionClosed: "transaction",
    events.ShiftClosed: None,
    events.ShiftCarried: None,
}


def transaction_of(event: events.AnyEvent) -> str:
    """The id of the transaction that an event belongs to; empty if it belongs to none, or does not say."""
    if isinstance(event, events.TransactionAccepted):
        return event.transaction.id
    field = _NAMED.get(type(event), "id")
    return getattr(event, field, "") if field is not None else ""


def encode(event: events.AnyEvent) -> tuple[int, int, bytes, bytes]:
    """-> (record type, version, transaction reference, payload)."""
    return TYPES[tag_of(event)], VERSION, transaction_of(event).encode(), _encoder.encode(event)


def decode(type_number: int, version: int, payload: bytes) -> events.AnyEvent | None:
    """The event; None for a type or version of a later posd. UnreadableEvent if a known one does not decode."""
    if type_number not in _KNOWN or version != VERSION:
        return None
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise UnreadableEvent(f"a journal payload of type {type_number} does not decode: {error}") from error


class _Content(msgspec.Struct, frozen=True):
    transaction: Transaction
    terminal: Terminal
    receipt: str
    copies: tuple[CopyName, ...]


def content_digest(transaction: Transaction, terminal: Terminal, receipt: str, copies: tuple[CopyName, ...]) -> str:
    """Hex SHA-256 of the canonical JSON (fields in the order of the types) of everything that the slip's body is made
    of.
    """
    return hashlib.sha256(_encoder.encode(_Content(transaction, terminal, receipt, copies))).hexdigest()
