"""Bytes to calls: lines, strict JSON, JSON-RPC 2.0 envelopes. Pure.

Rules
- A line ends with a newline (a carriage return before it is white space). Blank lines are skipped. What stands after
  the last newline when the client closes its side was cut short, and is refused, not guessed at.
- A line longer than `LINE_MAX` is answered once with `too-large` and id null; the rest of it is dropped and the next
  line is read as ever.
- JSON is RFC 8259 to the letter, and stricter where two readers could understand two things: invalid UTF-8, lone
  surrogates, NaN, numbers out of range and a name that stands twice in one object are errors.
- An envelope has `jsonrpc`, `method`, and may have `id` and `params`, nothing else. No batches. An `id` is a string of
  at most 128 characters or an integer of 64 bits; without one the line is a notification, which is carried out and
  never answered.
- No error repeats what a card number could stand in.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from posd.api import wire
from posd.domain import card_guard
from posd.domain.errors import Refusal

ID_LENGTH_MAX = 128
_MEMBERS = ("jsonrpc", "id", "method", "params")


class RpcError(Exception):
    """An error to answer with. `id` is that of the request at fault, None where none could be read."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        kind: str | None = None,
        field: str | None = None,
        until: str | None = None,
        request: str | None = None,
        id: wire.Id = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = None if kind is None else wire.ErrorData(kind, field, until, request)
        self.id = id


def rpc_error(refusal: Refusal, id: wire.Id) -> RpcError:
    """A refusal as it goes out: `invalid` under JSON-RPC's own -32602, every other kind under -32000."""
    code = wire.INVALID_PARAMS if refusal.kind == "invalid" else wire.REFUSED
    return RpcError(
        code,
        refusal.message,
        kind=refusal.kind,
        field=refusal.field,
        until=refusal.until,
        request=refusal.request,
        id=id,
    )


class Call(msgspec.Struct, frozen=True):
    """A request, or a notification where `wants_answer` is false. `params` is decoded JSON, not yet looked at."""

    method: str
    params: Any
    id: wire.Id
    wants_answer: bool


class TooLong:
    """Stands for a line that exceeded the limit."""


TOO_LONG = TooLong()


class LineSplitter:
    """Cuts a stream of bytes into lines; holds at most one line of the limit and one chunk."""

    def __init__(self, limit: int = wire.LINE_MAX) -> None:
        self._limit = limit
        self._held = bytearray()
        self._searched = 0
        self._dropping = False
        self.dropped = 0
        """Bytes dropped of the line that is being dropped; 0 between lines."""

    def feed(self, data: bytes) -> None:
        """Take what came."""
        if self._dropping:
            end = data.find(b"\n")
            if end < 0:
                self.dropped += len(data)
                return
            self._dropping = False
            self.dropped = 0
            data = data[end + 1 :]
        self._held += data

    def next_line(self) -> bytes | TooLong | None:
        """The next whole line without its newline, `TOO_LONG` once for each line over the limit, None when more bytes
        are needed.
        """
        end = self._held.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._held)
            if self._searched <= self._limit:
                return None
            self._dropping = True
            self.dropped = self._searched
            self._clear()
            return TOO_LONG
        line = bytes(self._held[:end]) if end <= self._limit else TOO_LONG
        del self._held[: end + 1]
        self._searched = 0
        return line

    def rest(self) -> bytes:
        """What stands after the last newline."""
        return bytes(self._held)

    def _clear(self) -> None:
        self._held = bytearray()
        self._searched = 0


def too_large() -> RpcError:
    """The answer to a line over the limit."""
    return RpcError(
        wire.REFUSED,
        f"a request may be at most {wire.LINE_MAX} bytes long, and this line is longer. Nothing was kept of it; the "
        "rest of the line is skipped.",
        kind="too-large",
    )


def cut_short() -> RpcError:
    """The answer to bytes after the last newline of a client that closed its side."""
    return RpcError(
        wire.PARSE_ERROR,
        "the last line does not end with a newline, so it may have been cut short. Nothing was kept of it; send it "
        "again with a newline.",
    )


def overdue(call: Call, answer_s: float) -> RpcError:
    """The answer to a request that has none in time."""
    return RpcError(
        wire.REFUSED,
        f"no answer within {answer_s:g} s. Whether it was kept is not known; send the same again with the same id or "
        "key: it is done once only.",
        kind="busy",
        id=call.id,
    )


def broken(call: Call | None) -> RpcError:
    """The answer to a request at which posd failed."""
    return RpcError(
        wire.INTERNAL_ERROR,
        "posd failed at this request. Whether it was kept is not known; send the same again with the same id or key: "
        "it is done once only. The log of posd has the cause.",
        id=call.id if call else None,
    )


def parse(line: bytes) -> Call:
    """A line -> a call; RpcError with the code, a sentence, and the request's id where it could be read."""
    body = _decoded(line)
    if isinstance(body, list):
        raise _invalid(
            "posd takes one request a line and no batches. Nothing was done; send each request on a line of its own."
        )
    if not isinstance(body, dict):
        raise _invalid(
            'a request is a JSON object such as {"jsonrpc": "2.0", "id": 1, "method": "posd.hello"}. Nothing was done.'
        )
    id = _checked_id(body)
    _check_envelope(body, id)
    if _repeats_a_name(line):
        raise RpcError(
            wire.INVALID_PARAMS,
            "a name stands twice in one object, and readers differ on which one counts. Nothing was kept; send each "
            "name once.",
            kind="invalid",
            id=id,
        )
    return Call(body["method"], body.get("params"), id, "id" in body)


def _decoded(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except UnicodeDecodeError as error:
        raise RpcError(
            wire.PARSE_ERROR,
            f"the line is not UTF-8 (byte {error.start}). Nothing was kept; encode it as UTF-8 and send again.",
        ) from None
    except RecursionError:
        raise RpcError(wire.PARSE_ERROR, "the line is nested too deeply for any request. Nothing was kept.") from None
    except msgspec.DecodeError as error:
        raise RpcError(
            wire.PARSE_ERROR, f"the line is not JSON: {error}. Nothing was kept; correct it and send again."
        ) from None


class _Repeated(ValueError):
    """A name stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Repeated
    return made


_strict = json.JSONDecoder(object_pairs_hook=_once)


def _repeats_a_name(line: bytes) -> bool:
    """Whether an object of this line, which is known to be JSON, has a name twice: the fast decoder keeps the last one
    and is silent.
    """
    try:
        _strict.decode(line.decode())
    except _Repeated:
        return True
    return False


def _invalid(message: str, id: wire.Id = None) -> RpcError:
    return RpcError(wire.INVALID_REQUEST, message, id=id)


def _checked_id(body: dict[str, Any]) -> wire.Id:
    id = body.get("id")
    if "id" not in body:
        return None
    if isinstance(id, bool) or not isinstance(id, str | int):
        raise _invalid("`id` is a string or an integer; leave it out to get no answer. Nothing was done.")
    if isinstance(id, str) and len(id) > ID_LENGTH_MAX:
        raise _invalid(f"`id` may have at most {ID_LENGTH_MAX} characters. Nothing was done.")
    if isinstance(id, int) and not -(2**63) <= id < 2**63:
        raise _invalid("`id` may be an integer of 64 bits. Nothing was done.")
    try:
        card_guard.guard(str(id), "id", "id")
    except Refusal as refusal:
        raise rpc_error(refusal, None) from None
    return id


def _check_envelope(body: dict[str, Any], id: wire.Id) -> None:
    if body.get("jsonrpc") != "2.0":
        raise _invalid('`jsonrpc` must be "2.0". Nothing was done.', id)
    for name in body:
        if name not in _MEMBERS:
            shown = card_guard.masked(name)[:40]
            raise _invalid(
                f"`{shown}` is not a member of a request; known are {', '.join(_MEMBERS)}. Nothing was done.", id
            )
    method = body.get("method")
    if not isinstance(method, str):
        raise _invalid("`method` must be text. Nothing was done.", id)


_encoder = msgspec.json.Encoder()


def reply_line(id: wire.Id, result: object) -> bytes:
    """A positive answer as one line."""
    return _encoder.encode(wire.Reply(id=id, result=result)) + b"\n"


def failure_line(error: RpcError) -> bytes:
    """A negative answer as one line."""
    return (
        _encoder.encode(wire.Failure(id=error.id, error=wire.ErrorObject(error.code, error.message, error.data)))
        + b"\n"
    )


def notification_line(method: str, params: object) -> bytes:
    """What the server says unasked, as one line."""
    return _encoder.encode(wire.Notification(method=method, params=params)) + b"\n"
