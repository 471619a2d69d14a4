"""An entry of a template: how it stands in the file, what each of its keys takes, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import msgspec

from posd.domain.slip import CopyName
from posd.domain.transaction import Type
from posd.printer.labels import Locale
from posd.printer.paper import Align

LOCALES: tuple[Locale, ...] = ("zh_CN", "en")
CONTENTS = ("text", "fields", "left", "rule", "gap", "part", "qr", "barcode", "logo")
BESIDE = {"text": {"align", "size", "bold"}, "left": {"right"}, "part": {"fields"}}
"""What may stand beside a content, besides `copy` and `type`."""

A_TEXT = "a text, or { " + ", ".join(f'{locale} = "..."' for locale in LOCALES) + " }"
Size = Literal["normal", "tall", "double", "title"]


def _one_of(choices: Any) -> str:
    return "one of " + ", ".join(f'"{choice}"' for choice in get_args(choices))


TAKES = {
    **dict.fromkeys(("text", "left", "right"), A_TEXT),
    **dict.fromkeys(("part", "qr", "barcode", "rule"), "a text"),
    **dict.fromkeys(("logo", "bold"), "true or false"),
    "fields": "a list of names",
    "gap": "a whole number from 1 to 255",
    "align": _one_of(Align),
    "size": _one_of(Size),
    "copy": _one_of(CopyName),
    "type": _one_of(Type),
}
"""What each key takes, in words."""

Text = str | dict[Locale, str]
ByLocale = Mapping[Locale, str]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it stands in the file."""

    text: Text | None = None
    fields: list[str] | None = None
    left: Text | None = None
    right: Text | None = None
    rule: str | None = None
    gap: Annotated[int, msgspec.Meta(ge=1, le=255)] | None = None
    part: str | None = None
    qr: str | None = None
    barcode: str | None = None
    logo: bool | None = None
    align: Align | None = None
    size: Size | None = None
    bold: bool | None = None
    copy: CopyName | None = None
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked entry; exactly one content is set. `fields` beside a part chooses its rows."""

    text: ByLocale | None = None
    fields: tuple[str, ...] = ()
    left: ByLocale | None = None
    right: ByLocale | None = None
    rule: str | None = None
    gap: int | None = None
    part: str | None = None
    qr: str | None = None
    barcode: str | None = None
    logo: bool = False
    align: Align = "left"
    size: Size = "normal"
    bold: bool = False
    copy: CopyName | None = None
    type: Type | None = None


def by_locale(value: Text) -> dict[Locale, str]:
    """The text for each locale."""
    return value if isinstance(value, dict) else dict.fromkeys(LOCALES, value)


def entry_of(written: Written) -> Entry:
    """An entry that was found to be right, with a text for each locale."""
    chosen = {key: value for key in Written.__struct_fields__ if (value := getattr(written, key)) is not None}
    for key in ("text", "left", "right"):
        if key in chosen:
            chosen[key] = by_locale(chosen[key])
    if "fields" in chosen:
        chosen["fields"] = tuple(chosen["fields"])
    return Entry(**chosen)
