"""The picture of the table for the operator's guide: `python -m posd.keypad.picture` writes
docs/pictures/keypad-en.svg and keypad-zh_CN.svg, and a test compares.

States, keys and arrows come from the table and from the usual keys; laid by hand are only the places of the boxes. What
has no words here, or no place, is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from posd.config import KeypadSection
from posd.keypad.table import ANY, ROWS, Row

LOCALES = ("en", "zh_CN")
LINE_PX, TITLE_PX, PAD_PX = 19, 26, 10
WIDTH_PX, HEIGHT_PX = 1460, 690


class Place(NamedTuple):
    """Left, top and width of a box."""

    x: int
    y: int
    width: int


PLACES: Mapping[str, Place] = {
    "idle": Place(20, 190, 300),
    "menu": Place(380, 50, 240),
    "number": Place(380, 430, 240),
    "asked": Place(680, 237, 210),
    "confirm": Place(950, 20, 230),
    "settle": Place(950, 100, 230),
    "close-shift": Place(950, 215, 230),
    "next-operator": Place(950, 295, 230),
    "supervisor": Place(950, 430, 230),
    "pin": Place(1225, 430, 220),
    "checking": Place(1225, 550, 220),
}
TITLES: Mapping[str, tuple[str, str]] = {
    "idle": ("Ready", "就绪"),
    "menu": ("Menu", "菜单"),
    "number": ("Receipt number", "输入小票号"),
    "asked": ("posd decides", "等待处理"),
    "confirm": ("Print this copy?", "确认重打印？"),
    "settle": ("Did it come out?", "小票是否已打出？"),
    "supervisor": ("Supervisor's number", "输入主管编号"),
    "pin": ("PIN", "输入密码"),
    "checking": ("PIN is looked at", "核对密码"),
    "close-shift": ("Close the shift?", "确认交班？"),
    "next-operator": ("Next operator's number", "输入接班操作员编号"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "reprint-last": ("copy of the last sale", "重打印上一笔"),
    "reprint-number": ("copy by receipt number", "按小票号重打印"),
    "resign-last": ("take the signature again", "重新签名"),
    "settle": ("an unknown copy", "处理不确定的小票"),
    "approve": ("a supervisor approves", "主管授权"),
    "shift": ("change the shift", "交接班"),
    "menu": ("menu", "菜单"),
    "cancel": ("withdraw", "撤销"),
    "confirm": ("yes", "确认"),
    "yes": ("it came out", "已打出"),
    "no": ("it did not", "未打出"),
    "pin": ("done", "完成"),
    "pin-right": ("approve", "授权"),
    "pin-wrong": ("refuse", "拒绝"),
    "take-over": ("takes over", "接班"),
    "add": ("type", "输入"),
    "remove": ("take back", "删去一位"),
    "keep": ("done", "完成"),
    "done": ("one long flash", "长闪一次"),
    "refused": ("three short flashes", "短闪三次"),
}
NAMES: Mapping[str, tuple[str, str]] = {
    "digit": ("0–9", "0–9"),
    "enter": ("Enter", "回车"),
    "backspace": ("Backspace", "退格"),
    "right": ("right", "正确"),
    "wrong": ("wrong", "错误"),
    "done": ("done", "完成"),
    "refused": ("refused", "拒绝"),
}
KEYCAPS: Mapping[str, str] = {
    "KPPLUS": "+",
    "KPASTERISK": "*",
    "KPSLASH": "/",
    "KPDOT": ".",
    "KPMINUS": "−",
    "ESC": "Esc",
}
NOTE = (
    "From everywhere: a key for something else begins that. Cancel ({cancel}), a pause or lost keys lead back to "
    "Ready; so does a number that is empty or too long.",
    "任何状态下：按其他功能键即改做该功能；按取消键（{cancel}）、停顿过久、按键丢失，或号码为空、过长，均回到就绪。",
)
_HIDDEN = ("time-out", "lost", "cancel")
_STYLE = (
    "text{font-family:'Noto Sans','Noto Sans CJK SC',sans-serif;font-size:13px;fill:#1c2733}"
    ".t{font-weight:bold;font-size:14px}.k{font-weight:bold;fill:#0b5394}"
    "rect{fill:#f4f7fa;stroke:#5b7083;stroke-width:1.3}.q rect{fill:#fff6e0;stroke:#b8860b}"
    ".r rect{fill:#e7f5ea;stroke:#3c8d53}path{fill:none;stroke:#5b7083;stroke-width:1.5}"
)


def picture(locale: str) -> str:
    """The table as SVG, in English or Chinese."""
    place = LOCALES.index(locale)
    boxes = {state: _lines(state, place) for state in PLACES}
    assert set(PLACES) == {row.state for row in ROWS if row.state != ANY}, "a state has no place"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" '
        f'width="{WIDTH_PX}" height="{HEIGHT_PX}" role="img">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M1 1L9 5L1 9" style="fill:none"/></marker></defs>',
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" style="fill:#fff;stroke:none"/>',
        *_arrows({state: len(lines) for state, lines in boxes.items()}),
        *(_box(state, lines, place) for state, lines in boxes.items()),
        _text(20, HEIGHT_PX - 14, NOTE[place].format(cancel=_keys("cancel"))),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(state: str, place: int) -> list[tuple[str, str]]:
    """(key, what it does) for each row of a state that leads on; for any state they stand with `idle`."""
    found: dict[str, list[str]] = {}
    for row in ROWS:
        shown = row.state == state or (state == "idle" and row.state == ANY)
        if not shown or (row.given in _HIDDEN and not row.sends) or (row.does == "refuse" and row.given != "refused"):
            continue
        if (
            row.given.startswith("asks:")
            or row.given.endswith("-empty")
            or (not row.sends and row.then == state == "checking")
        ):
            continue
        found.setdefault(WORDS[row.sends or _meaning(row)][place], []).append(_key(row.given, place))
    return [("  ".join(dict.fromkeys(key for key in keys if key)), words) for words, keys in found.items()]


def _meaning(row: Row) -> str:
    return row.does if row.does in ("add", "remove", "keep") else row.given


def _key(given: str, place: int) -> str:
    """What stands on the key."""
    if given in NAMES:
        return NAMES[given][place]
    return given if given.isdigit() else _keys(given)


def _keys(action: str) -> str:
    """The usual keys of an action."""
    names = (key.removeprefix("KEY_") for key, bound in KeypadSection().keys.items() if bound == action)
    return "  ".join(KEYCAPS.get(name, name) for name in names)


def _height(lines: int) -> int:
    return TITLE_PX + lines * LINE_PX + PAD_PX


def _box(state: str, lines: list[tuple[str, str]], place: int) -> str:
    at = PLACES[state]
    kind = "r" if state == "idle" else "" if state in ("menu", "number", "asked", "checking") else "q"
    rows = [f'<rect x="{at.x}" y="{at.y}" width="{at.width}" height="{_height(len(lines))}" rx="8"/>']
    rows.append(_text(at.x + PAD_PX, at.y + 19, TITLES[state][place], "t"))
    for number, (key, words) in enumerate(lines, 1):
        below = at.y + 19 + number * LINE_PX
        rows.append(_text(at.x + PAD_PX, below, key, "k") + _text(at.x + PAD_PX + _room(lines), below, words))
    return f'<g class="{kind}">' + "".join(rows) + "</g>"


def _room(lines: list[tuple[str, str]]) -> int:
    """Pixels that the keys of a box take, a Chinese character as two letters."""
    return 14 + max(8 * sum(1 + (ord(ch) > 0x2E80) for ch in key) for key, _ in lines)


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named} xml:space="preserve">{escape(words)}</text>'


def _arrows(lines: Mapping[str, int]) -> Iterator[str]:
    """One line for each two states between which the table leads, with a head where it leads to."""
    ways = {(row.state, row.then) for row in ROWS if row.state not in (ANY, row.then)}
    ways |= {("idle", row.then) for row in ROWS if row.state == ANY and row.then != "idle"}
    shown = [(a, b) for a, b in sorted(ways) if b != "idle" or a == "asked"]
    for a, b in shown:
        back = (b, a) in shown
        if back and PLACES[a].x > PLACES[b].x:
            continue
        start = ' marker-start="url(#a)"' if back else ""
        yield f'<path d="{_way(a, b, lines)}"{start} marker-end="url(#a)"/>'


def _way(a: str, b: str, lines: Mapping[str, int]) -> str:
    """From the right side of a box to the left side of another; down to one below; back below what lies between."""
    one, other = PLACES[a], PLACES[b]
    y1, y2 = one.y + _height(lines[a]) // 2, other.y + _height(lines[b]) // 2
    if one.x == other.x:
        x = one.x + one.width // 2
        return f"M{x} {one.y + _height(lines[a])}V{other.y}"
    if one.x < other.x:
        x1, x2 = one.x + one.width, other.x
        middle = (x1 + x2) // 2
        return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
    return f"M{one.x} {y1}H{other.x + other.width // 2}V{other.y + _height(lines[b])}"


def main() -> int:
    """Write both pictures."""
    for locale in LOCALES:
        path = Path(__file__).parents[2] / "docs" / "pictures" / f"keypad-{locale}.svg"
        path.write_text(picture(locale), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
