"""`posctl show ID --copies`: the original of a slip and each copy of it, side by side.

As text the lines that both have stand beside one another, so that what a copy adds (its marks, who asked, when) and
nothing else stands alone, with a mark between the columns. As a picture the slips lie next to each other as on a
counter. Columns are as wide as a terminal shows them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from posd import client
from posd.ctl.context import Context
from posd.ctl.files import UsageError
from posd.ctl.history import why
from posd.ctl.tables import clean, local, padded, width
from posd.ctl.telling import told
from posd.ctl.words import Say
from posd.domain import views

if TYPE_CHECKING:
    from posd.pictures import Format

_SAME, _OTHER = " │ ", " ┃ "
_COLUMNS_MIN = 32
_SVG = re.compile(r'<svg xmlns="[^"]+" width="(?P<mm>[0-9.]+)mm" viewBox="0 0 (?P<dots>[0-9]+) (?P<high>[0-9]+)">')
GAP_MM = 6.0
GREY = 0xD8
"""What lies between the slips, and the grey of it: so each shows where it ends."""


class Shown(msgspec.Struct, frozen=True):
    """A copy and what stands on it."""

    copy: views.CopyView
    slip: str


class Pair(NamedTuple):
    """Two lines that stand beside one another; `same`: they say the same."""

    left: str
    right: str
    same: bool


def gathered(context: Context, posd: client.Client, state: views.StateView, format: Format) -> list[Shown]:
    """The originals and their copies, each followed by its own; for a PDF as PNG. UsageError where there is none."""
    args, each = context.args, "png" if format == "pdf" else format
    wanted = [copy for copy in state.copies if args.copy in (None, copy.copy)]
    if not wanted:
        raise UsageError(context.say("there is no such slip.", "没有这一联。"))
    wanted.sort(key=lambda copy: (copy.copy != "merchant", copy.number))
    return [Shown(copy, posd.preview(args.id, copy.copy, each, copy.number).data) for copy in wanted]


def together(shown: Sequence[Shown], format: Format, say: Say) -> str:
    """All of them in one; PNG and PDF in base64."""
    if format == "text":
        return text(shown, say)
    if format == "svg":
        return svg(shown)
    from posd.pictures import beside

    return base64.b64encode(beside([base64.b64decode(one.slip) for one in shown], GAP_MM, GREY, format)).decode()


def text(shown: Sequence[Shown], say: Say) -> str:
    """Each copy beside its original; an original without copies alone."""
    parts = []
    for original in shown:
        if original.copy.number:
            continue
        copies = [one for one in shown if one.copy.copy == original.copy.copy and one.copy.number]
        parts += [_beside(original, one, say) for one in copies] or [_alone(original, say)]
    return "\n\n".join(parts)


def _alone(one: Shown, say: Say) -> str:
    return "\n".join([*_facts(one.copy, say), "", *one.slip.splitlines()])


def _beside(original: Shown, copy: Shown, say: Say) -> str:
    left, right = original.slip.splitlines(), copy.slip.splitlines()
    facts = [Pair(a, b, True) for a, b in _even(_facts(original.copy, say), _facts(copy.copy, say))]
    rows = [*facts, Pair("", "", True), *_aligned(left, right)]
    columns = max(_COLUMNS_MIN, *(width(row.left) for row in rows))
    return "\n".join((padded(row.left, columns) + (_SAME if row.same else _OTHER) + row.right).rstrip() for row in rows)


def _even(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at in range(max(len(left), len(right))):
        yield (left[at] if at < len(left) else "", right[at] if at < len(right) else "")


def _aligned(left: Sequence[str], right: Sequence[str]) -> Iterator[Pair]:
    for same, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for pair in _even(left[a:b], right[c:d]):
            yield Pair(*pair, same == "equal")


def _facts(copy: views.CopyView, say: Say) -> list[str]:
    """What is known of a print of the slip."""
    name = say.word(copy.copy)
    head = (
        say(f"{name} copy {copy.number}", f"{name} 重打印 {copy.number}")
        if copy.number
        else say(f"{name} original", f"{name} 原件")
    )
    proof = say(f" ({copy.proof})", f"（{say.word(copy.proof)}）") if copy.proof else ""
    lines = [
        f"{head}  {copy.job}",
        f"{say.word(copy.state)}{proof}  {local(copy.time)}",
    ]
    if (made := copy.reprint) is not None:
        lines += [
            say(f"of {made.original}, request {made.request}", f"原件 {made.original}，请求 {made.request}"),
            say(f"backup point: event {made.point}", f"备份点：事件 {made.point}"),
            clean(say(f"asked by {made.by}: ", f"请求人 {told(say, made.by)}：") + why(made.reason, made.note, say)),
        ]
    return lines


def svg(shown: Sequence[Shown]) -> str:
    """One drawing of them all, as `posd.pictures.beside` has it in dots."""
    parts, right, deep = [], GAP_MM, 0.0
    for one in shown:
        found = _SVG.match(one.slip)
        assert found is not None, one.slip[:200]
        mm = float(found["mm"])
        high = mm * int(found["high"]) / int(found["dots"])
        place = f'x="{right:g}" y="{GAP_MM:g}" width="{mm:g}" height="{high:.2f}"'
        head = f'<svg {place} viewBox="0 0 {found["dots"]} {found["high"]}">'
        parts.append(head + one.slip[found.end() :].rstrip())
        right, deep = right + mm + GAP_MM, max(deep, high)
    size = f"{right:g}", f"{deep + 2 * GAP_MM:.2f}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}mm" height="{size[1]}mm" '
            f'viewBox="0 0 {size[0]} {size[1]}">',
            f'<rect width="{size[0]}" height="{size[1]}" fill="#{GREY:02x}{GREY:02x}{GREY:02x}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )
