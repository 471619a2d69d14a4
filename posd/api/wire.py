"""What server and client agree on before a word is said: limits, codes and the envelope of a line."""

from __future__ import annotations

from typing import Literal

import msgspec

SOCKET = "/run/posd/posd.sock"
"""Where posd listens unless the configuration says otherwise (`api.socket`)."""

LINE_MAX = 256 * 1024
"""Bytes of the longest request, its newline not counted. Answers may be longer."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""Code of every refusal that has a stable word of its own in `data.kind`."""

CODES: dict[int, str] = {
    PARSE_ERROR: "the line is not JSON, or not UTF-8",
    INVALID_REQUEST: "the line is JSON, but not one JSON-RPC 2.0 request",
    METHOD_NOT_FOUND: "no method has this name",
    INVALID_PARAMS: "a wrong type, an unknown or missing field, a bad value: `data.kind` is `invalid`, `data.field` "
    "its path",
    INTERNAL_ERROR: "posd failed at this request; its log has the cause",
    REFUSED: "refused: `data.kind` says why",
}

EVENT = "event"
"""Method of the notification that carries one event."""
EVENTS_LOST = "events.lost"
"""Method of the notification that says which events of a running subscription are no longer kept."""
SIGNATURE_LIVE = "signature.live"
KEYPAD_LIVE = "keypad.live"
"""Method of the notification of what is being drawn on the pad."""

Id = str | int | None


class ErrorData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a program needs of an error."""

    kind: str | None = None
    field: str | None = None
    until: str | None = None
    request: str | None = None


class ErrorObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """JSON-RPC's error object; `message` is whole sentences for a person."""

    code: int
    message: str
    data: ErrorData | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A positive answer, as sent."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: Id
    result: object


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A negative answer, as sent. `id` is null where the request had none that could be read."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: Id
    error: ErrorObject


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says unasked, as sent."""

    jsonrpc: Literal["2.0"] = "2.0"
    method: str
    params: object


class Incoming(msgspec.Struct, frozen=True):
    """Any line of the server, as a client reads it: an answer or a notification. What it does not have is empty."""

    id: Id = None
    result: msgspec.Raw = msgspec.Raw()
    error: ErrorObject | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
