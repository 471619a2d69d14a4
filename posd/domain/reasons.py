"""Why a copy is wanted: a word of the shop's list, and a note that says more.

- Without a list any text is a reason. With one (`policy.reasons`) a reason that is not on it is refused, and the
  refusal names those that are. A reason of the list may want a note, as "other" does.
- The list says each reason in both languages, for the slip and for menus of tills. `COMMON` has the words of reasons
  that every shop has, for shops without a list of their own, and `OWN` those of posd itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from posd.domain.errors import Refusal
from posd.domain.transaction import END, Strict

ROWS_MAX = 30
_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}" + END)]


class Reason(Strict, frozen=True):
    """A reason in both languages. `note`: it says too little without a note."""

    zh_CN: _Words  # the locale's name, as in templates
    en: _Words
    note: bool = False


Reasons = Annotated[dict[Name, Reason], msgspec.Meta(max_length=ROWS_MAX)]

COMMON: dict[str, Reason] = {
    "lost": Reason("遗失", "lost"),
    "torn": Reason("破损", "torn"),
    "unreadable": Reason("字迹不清", "unreadable"),
    "file": Reason("存档", "for the file"),
    "expenses": Reason("报销", "for expenses"),
    "dispute": Reason("争议交易", "disputed payment"),
}
OWN: dict[str, Reason] = {
    "key press": Reason("按键", "key press"),
    "signed again": Reason("补签", "signed again"),
}


def check(reasons: Mapping[str, Reason], reason: str, note: str) -> None:
    """Refusal `invalid` for a reason that is not the shop's, or that says too little."""
    if not reasons:
        return
    if reason not in reasons:
        raise Refusal(
            "invalid",
            f"{reason} is none of this shop's reasons: {', '.join(reasons)}. Nothing was printed; give one of them.",
            field="reason",
        )
    if reasons[reason].note and not note:
        raise Refusal(
            "invalid", f"The reason {reason} needs a note that says more. Nothing was printed; add one.", field="note"
        )


def said(reasons: Mapping[str, Reason], locale: Literal["zh_CN", "en"], reason: str, note: str) -> str:
    """A reason for a person: `遗失 lost`, and the note behind it; a text as it is."""
    words = reasons.get(reason) or COMMON.get(reason) or OWN.get(reason)
    if words is not None:
        reason = words.en if locale == "en" else f"{words.zh_CN} {words.en}"
    if not note:
        return reason
    return f"{reason}: {note}" if locale == "en" else f"{reason}：{note}"
