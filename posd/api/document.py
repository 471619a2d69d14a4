"""docs/api.md, docs/status.md and the tables of the operator's guides, made from the table of methods, the types and
the advice. `python -m posd.api.document` writes them; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import inspect

from posd.api import handbook, wire
from posd.api.access import ALL_ROLES, allowed
from posd.api.meanings import MEANINGS
from posd.api.method import Method
from posd.api.methods import METHODS
from posd.api.vocabulary import EVENTS
from posd.domain import advice, events, views
from posd.domain.copies import CopyState
from posd.domain.device import DeviceState
from posd.domain.errors import KINDS as ALL_KINDS
from posd.domain.signature import SignatureState

_MADE = "<!-- Made by `python -m posd.api.document`; change the types and the sentences, not this page. -->"
_ADVICE_HEAD = ("`data.kind`", "means", "what was kept", "what to do")
_TIMES = "Times are RFC 3339. Money is decimal text. Sequence numbers begin at 1 and never repeat."


def api_markdown() -> str:
    """The reference of the socket."""
    shapes = _shapes_of([row.params for row in METHODS.values()] + [row.result for row in METHODS.values()])
    named = [shape for shape in shapes if shape not in {row.params for row in METHODS.values()}]
    parts = [
        "# The socket",
        _MADE,
        _TRANSPORT.format(socket=wire.SOCKET, kib=wire.LINE_MAX // 1024, times=_TIMES),
        "## Methods",
        _method_list(),
        *(_method(row) for row in METHODS.values()),
        "## Roles",
        _ROLES,
        _role_table(),
        "## Errors",
        _ERRORS,
        _table(("code", "means"), [(f"`{code}`", words) for code, words in wire.CODES.items()]),
        _table(_ADVICE_HEAD, [(f"`{kind}`", *advice.REFUSALS[kind]) for kind in ALL_KINDS]),
        "## Events",
        _EVENTS.format(event=wire.EVENT, lost=wire.EVENTS_LOST, live=wire.SIGNATURE_LIVE, keypad=wire.KEYPAD_LIVE),
        _table(
            ("`type`", "what happened", "fields of its own"), [_event_row(shape) for shape in get_args(events.AnyEvent)]
        ),
        "## Shapes",
        *(f"### {shape.__name__}\n\n{_fields(shape)}" for shape in named),
    ]
    return "\n\n".join(parts) + "\n"


def status_markdown() -> str:
    """The reference of everything that `posd.status`, `device.list` and `journal.info` say."""
    parts = [
        "# Status reference",
        _MADE,
        f"Every field of `posd.status` (`posctl status --json`), `device.list` and `journal.info`. {_TIMES}",
        *(
            f"## {shape.__name__}\n\n{_first_line(shape)}\n\n{_fields(shape)}".replace("\n\n\n\n", "\n\n")
            for shape in _shapes_of([views.Status])
        ),
        "## States of a device",
        _table(("state", "means"), [(f"`{state}`", _DEVICE_STATES[state]) for state in get_args(DeviceState)]),
        "## Reasons of a device",
        _table(("reason", *_ADVICE_HEAD[1:]), [(f"`{word}`", *told) for word, told in advice.REASONS.items()]),
        "## States of the journal",
        _table(("state", "means"), [(f"`{state}`", told) for state, told in _JOURNAL_STATES.items()]),
        "## States of a copy",
        _table(("state", "means"), [(f"`{state}`", _COPY_STATES[state]) for state in get_args(CopyState)]),
        "## States of a signature",
        _table(("state", "means"), [(f"`{state}`", _SIGNATURE_STATES[state]) for state in get_args(SignatureState)]),
    ]
    return "\n\n".join(parts) + "\n"


_TRANSPORT = """\
Newline-delimited JSON-RPC 2.0 over a Unix stream socket, `{socket}` unless `api.socket` says otherwise: one JSON object
a line, UTF-8, parameters by name. {times}

- A request is at most {kib} KiB long; a longer line gets `too-large` with id null, and the next line is read as ever.
  No batches.
- `id` is a string of at most 128 characters or an integer of 64 bits. A request without one is carried out and never
  answered.
- Answers may come in another order than the requests. At most 64 requests of one connection are worked on at a time;
  the others wait.
- JSON is read strictly: an unknown field, a name that stands twice, a lone surrogate or a number out of range is an
  error, and nothing is kept.
- Card numbers anywhere in a request are masked before anything else sees it; fields for track, CVV or PIN data refuse
  it.
- A client that closes its sending side gets all its answers, then the connection ends. Bytes after the last newline are
  refused as cut short.
- A client that does not read what it is sent for five seconds, or leaves more than 4 MiB unread, is cut off. Nothing
  that it asked for is undone.
- The kernel says who a peer is. With `api.roles` set, its Unix groups give it roles, and a method may need one of them.
  root has every role.
- After a time-out or a lost connection send the same again with the same `id` of the transaction or the same `key`: it
  is done once only."""

_ERRORS = """\
`error.message` is whole sentences for a person: what happened, what was kept, what to do. Programs branch on
`error.code` and `error.data.kind`; `error.data.field` is the path of the field at fault, such as
`transaction.items[0].name`, `error.data.until` a time at which the answer changes, and `error.data.request` the name of
a refused request for a copy, for `receipt.request`."""

_EVENTS = """\
`events.subscribe` is answered first; then each event is a notification `{event}` with the params below, each event
once, in order of `seq`:

```json
{{"jsonrpc": "2.0", "method": "event", "params": {{"seq": 7, "time": "2026-11-21T02:15:31.204Z",
  "type": "copy.printed", "doer": {{"kind": "posd"}}, "id": "20261121-0042", "copy": "merchant", "number": 0,
  "job": "J1", "proof": "confirmed"}}}}
```

A notification `{lost}` with `from` and `through` says which events left the journal before a slow reader could be told.
To go on after a lost connection subscribe from one past the last `seq` that was read. `doer` says who did it:
`{{"kind": "peer", "uid", "gid", "pid", "roles"}}`, `{{"kind": "key", "key"}}` (and `supervisor`, who gave a
PIN), `{{"kind": "pad"}}` or `{{"kind": "posd"}}`. Bodies of slips and drawings are not told; ask for them.

Who subscribes with `strokes` also gets notifications `{live}` while someone signs on a pad that tells its pen: at most
twenty a second, each with up to 500 `points` of `[stroke, milliseconds, x, y, pressure]`, x up to `width`, y downwards
up to `height`. With `anew` what was told of the session before is gone: it begins, or the pad was cleared. They are no
events, have no `seq`, and are left out for a reader who is behind: what counts is what `signature.get` gives in the
end.

Who subscribes with `keypad` gets notifications `{keypad}` in the same way: `state` is where the keypad stands
(docs/keypad.md). Where the desk has said something there is `answer`: `done`, `refused` with `why` (a kind of error),
`message` and `until`, or what is asked back, with the slip (`id`, `receipt`, `copy`, `number`), the `request` or the
`operator` that it is about. No digit that is typed is told."""

_DEVICE_STATES = {
    "absent": "There is no device.",
    "opening": "It is there and does not answer yet.",
    "ready": "It works.",
    "attention": "It answers, but a person must act.",
    "faulted": "It answers wrongly or not at all.",
}
_JOURNAL_STATES = {
    "ok": "It takes everything.",
    "full": "It takes no new sale until what is owed is done; outcomes are still kept.",
    "damaged": "Something was damaged on the disk and no intact copy is left; nothing new is kept.",
    "failed": "The disk failed; nothing new is kept until posd starts again on a disk that works.",
    "closed": "posd is ending.",
}
_COPY_STATES = {
    "queued": "It waits for the printer.",
    "printing": "Bytes are on their way.",
    "printed": "It came out; `proof` says how that is known.",
    "failed": "Provably nothing came out; it is tried again when the cause is gone.",
    "unknown": "It may have come out; a person settles it, or the next print carries the mark of a possible duplicate.",
    "cancelled": "It was withdrawn before its first byte.",
}
_SIGNATURE_STATES = {
    "not-needed": "A rule says that none is needed.",
    "awaiting": "The pad waits for it.",
    "captured": "It was given.",
    "missing": "It was not given; `cause` says why.",
    "attested": "It was given on paper.",
    "voided": "It was wrong and is needed again.",
}


_ROLES = """\
A peer's roles come from its Unix groups, as `api.roles` of the configuration names them, at the moment of connecting;
with no group named everyone has all of them, and root always has. A method that none of a peer's roles may call is
refused as `denied`. What is not in this table everyone may call who may open the socket."""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def _method_list() -> str:
    return _table(
        ("method", "what it does", "roles"),
        [(f"[`{row.name}`](#{row.name.replace('.', '')})", row.summary, _roles(row)) for row in METHODS.values()],
    )


def _role_table() -> str:
    """Which role may call what; the methods that everyone may call are left out."""
    rows = [row for row in METHODS.values() if row.roles]
    return _table(
        ("method", *ALL_ROLES),
        [(f"`{row.name}`", *("yes" if allowed(row, (role,)) else "-" for role in ALL_ROLES)) for row in rows],
    )


def _roles(row: Method) -> str:
    return ", ".join(sorted(row.roles)) or "everyone"


def _method(row: Method) -> str:
    parts = [f"### {row.name}", f"{row.summary} For: {_roles(row)}."]
    if row.params.__struct_fields__:
        parts.append(_fields(row.params))
    request = f'{{"jsonrpc": "2.0", "id": 1, "method": "{row.name}", "params": {row.example}}}'
    parts.append(f"```json\n{request}\n```")
    parts.append(f"Gives {_type(row.result)}.")
    return "\n\n".join(parts)


def _fields(shape: type[msgspec.Struct]) -> str:
    rows = []
    for field in msgspec.structs.fields(shape):
        meaning = MEANINGS[shape.__name__][field.encode_name]
        rows.append((f"`{field.encode_name}`", _type(field.type), _default(field), meaning))
    return _table(("field", "type", "default", "meaning"), rows)


def _default(field: Any) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f"`{msgspec.json.encode(value).decode()}`"


def _event_row(shape: type[msgspec.Struct]) -> tuple[str, str, str]:
    tag = str(shape.__struct_config__.tag)
    hidden = {"time", "doer", "body", "drawing"}
    own = [f"`{name}`" for name in shape.__struct_fields__ if name not in hidden]
    return f"`{tag}`", EVENTS[tag], " ".join(own)


def _first_line(shape: type[msgspec.Struct]) -> str:
    """A type's own docstring, if it wrote one."""
    text = shape.__doc__ or ""
    return "" if text.startswith(f"{shape.__name__}(") else " ".join(text.split())


def _shapes_of(roots: list[Any]) -> list[type[msgspec.Struct]]:
    """Every struct that these types are made of, each once, in the order of first use."""
    found: dict[type[msgspec.Struct], None] = {}

    def walk(known: inspect.Type) -> None:
        if isinstance(known, inspect.StructType):
            if known.cls not in found:
                found[known.cls] = None
                for field in known.fields:
                    walk(field.type)
        elif isinstance(known, inspect.UnionType):
            for one in known.types:
                walk(one)
        elif isinstance(known, inspect.CollectionType):
            walk(known.item_type)

    for root in roots:
        walk(inspect.type_info(root))
    return list(found)


def _type(annotation: Any) -> str:
    return _known(inspect.type_info(annotation))


def _known(known: inspect.Type) -> str:
    match known:
        case inspect.Metadata():
            return _known(known.type)
        case inspect.StructType():
            return f"[{known.cls.__name__}](#{known.cls.__name__.lower()})"
        case inspect.UnionType():
            return " or ".join(_known(one) for one in known.types)
        case inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in known.values)
        case inspect.StrType():
            return "text" + _length(known.min_length, known.max_length, "characters")
        case inspect.IntType():
            return "integer" + _range(known.ge, known.le)
        case inspect.TupleType():
            return f"[{', '.join(_known(one) for one in known.item_types)}]"
        case inspect.CollectionType():
            entry = _known(known.item_type)
            return f"list of {f'({entry})' if ' or ' in entry else entry}" + _length(
                known.min_length, known.max_length, "entries"
            )
        case inspect.DictType(value_type=inspect.AnyType()):
            return "object"
        case inspect.DictType():
            return f"object of {_known(known.value_type)}"
    return _PLAIN[type(known)]


_PLAIN: dict[type[inspect.Type], str] = {
    inspect.BoolType: "boolean",
    inspect.FloatType: "number",
    inspect.NoneType: "null",
    inspect.AnyType: "anything",
}


def _length(least: int | None, most: int | None, unit: str) -> str:
    if least and most:
        return f" of {least} to {most} {unit}"
    return f" of at most {most} {unit}" if most else ""


def _range(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return "" if least is None else f" from {least}"


def main(folder: Path = Path("docs")) -> int:
    """Write both pages, and the guides' tables."""
    folder.mkdir(exist_ok=True)
    (folder / "api.md").write_text(api_markdown(), encoding="utf-8")
    (folder / "status.md").write_text(status_markdown(), encoding="utf-8")
    print("wrote", *(folder / "api.md", folder / "status.md", *handbook.renew(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
