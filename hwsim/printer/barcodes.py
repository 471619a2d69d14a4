"""Bars of the common one-dimensional codes.

Rules: each code turns text into bars and spaces (`Bars`: widths in dots, a bar first); wrong data raises ValueError
with the reason, and the printer then prints nothing, as devices do. Kinds are named by GS k's second form (65 and up).
"""

from __future__ import annotations

from dataclasses import dataclass

UPC_A, UPC_E, EAN13, EAN8, CODE39, ITF, CODABAR, CODE93, CODE128 = range(65, 74)

NOT_DRAWN = dict.fromkeys(range(75, 79), "GS1 DataBar") | {
    UPC_E: "UPC-E",
    CODABAR: "CODABAR",
    CODE93: "CODE93",
    74: "GS1-128",
}
"""Kinds that printers have and this one does not."""

_LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")

_39_ELEMENTS = """0:nnnwwnwnn 1:wnnwnnnnw 2:nnwwnnnnw 3:wnwwnnnnn 4:nnnwwnnnw 5:wnnwwnnnn 6:nnwwwnnnn 7:nnnwnnwnw
    8:wnnwnnwnn 9:nnwwnnwnn A:wnnnnwnnw B:nnwnnwnnw C:wnwnnwnnn D:nnnnwwnnw E:wnnnwwnnn F:nnwnwwnnn G:nnnnnwwnw
    H:wnnnnwwnn I:nnwnnwwnn J:nnnnwwwnn K:wnnnnnnww L:nnwnnnnww M:wnwnnnnwn N:nnnnwnnww O:wnnnwnnwn P:nnwnwnnwn
    Q:nnnnnnwww R:wnnnnnwwn S:nnwnnnwwn T:nnnnwnwwn U:wwnnnnnnw V:nwwnnnnnw W:wwwnnnnnn X:nwnnwnnnw Y:wwnnwnnnn
    Z:nwwnwnnnn -:nwnnnnwnw .:wwnnnnwnn *:nwnnwnwnn $:nwnwnwnnn /:nwnwnnnwn +:nwnnnwnwn %:nnnwnwnwn"""
_39 = {pair[0]: pair[2:] for pair in _39_ELEMENTS.split()} | {" ": "nwwnnnwnn"}

_ITF = ("nnwwn", "wnnnw", "nwnnw", "wwnnn", "nnwnw", "wnwnn", "nwwnn", "nnnww", "wnnwn", "nwnwn")

_128_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121
111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331
231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421
141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131
311141 411131 211412 211214 211232 2331112"""
_128 = _128_WIDTHS.split()

_128_START = {"A": 103, "B": 104, "C": 105}
_128_SWITCH = {"A": 101, "B": 100, "C": 99}
_128_STOP = 106


@dataclass(frozen=True, slots=True)
class Bars:
    """Widths in dots, a bar first, then a space and so on; and the text that people read below."""

    widths: tuple[int, ...]
    text: str


def draw_bars(kind: int, data: bytes, module: int) -> Bars:
    """The bars of `data`, `module` dots for the narrowest. Raises ValueError for what the code cannot carry."""
    if kind == CODE128:
        return _code128(data, module)
    text = data.decode("ascii", "replace")
    if kind in (EAN13, UPC_A):
        return _ean13(text, module, upc=kind == UPC_A)
    if kind == EAN8:
        return _ean8(text, module)
    if kind == CODE39:
        return _code39(text, module)
    if kind == ITF:
        return _itf(text, module)
    raise ValueError(f"kind {kind} is not known")


def _digits(text: str, *lengths: int) -> str:
    if not text.isascii() or not text.isdigit() or len(text) not in lengths:
        raise ValueError(f"needs {' or '.join(map(str, lengths))} digits")
    full = lengths[-1]
    check = _check_digit(text[: full - 1])
    if len(text) == full and text[-1] != check:
        raise ValueError(f"check digit is {text[-1]}, should be {check}")
    return text[: full - 1] + check


def _check_digit(text: str) -> str:
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(text)))
    return str(-total % 10)


def _ean13(text: str, module: int, *, upc: bool) -> Bars:
    shown = _digits(text, 11, 12) if upc else _digits(text, 12, 13)
    full = "0" + shown if upc else shown
    left = "".join(_ean_half(int(d), p) for d, p in zip(full[1:7], _PARITY[int(full[0])], strict=True))
    right = "".join(_ean_half(int(d), "R") for d in full[7:])
    return Bars(_runs("101" + left + "01010" + right + "101", module), shown)


def _ean8(text: str, module: int) -> Bars:
    full = _digits(text, 7, 8)
    left = "".join(_LEFT[int(d)] for d in full[:4])
    right = "".join(_ean_half(int(d), "R") for d in full[4:])
    return Bars(_runs("101" + left + "01010" + right + "101", module), full)


def _ean_half(digit: int, parity: str) -> str:
    left = _LEFT[digit]
    if parity == "L":
        return left
    right = "".join("10"[int(bit)] for bit in left)
    return right if parity == "R" else right[::-1]


def _runs(bits: str, module: int) -> tuple[int, ...]:
    widths: list[int] = []
    last = ""
    for bit in bits:
        if bit == last:
            widths[-1] += module
        else:
            widths.append(module)
            last = bit
    return tuple(widths)


def _wide(module: int) -> int:
    """A wide bar: about two and a half narrow ones."""
    return (module * 5 + 1) // 2


def _code39(text: str, module: int) -> Bars:
    body = text.strip("*")
    if not body or any(char not in _39 or char == "*" for char in body):
        raise ValueError("has a character that CODE39 lacks")
    widths: list[int] = []
    for char in f"*{body}*":
        if widths:
            widths.append(module)
        widths += [_wide(module) if element == "w" else module for element in _39[char]]
    return Bars(tuple(widths), body)


def _itf(text: str, module: int) -> Bars:
    if not text.isascii() or not text.isdigit() or len(text) % 2:
        raise ValueError("needs an even number of digits")
    widths = [module] * 4
    for one, two in zip(text[::2], text[1::2], strict=True):
        for bar, space in zip(_ITF[int(one)], _ITF[int(two)], strict=True):
            widths += [_wide(module) if element == "w" else module for element in (bar, space)]
    widths += [_wide(module), module, module]
    return Bars(tuple(widths), text)


def _code128(data: bytes, module: int) -> Bars:
    values, text = _code128_values(data)
    check = (values[0] + sum(index * value for index, value in enumerate(values))) % 103
    pattern = "".join(_128[value] for value in [*values, check, _128_STOP])
    return Bars(tuple(int(width) * module for width in pattern), text)


def _code128_values(data: bytes) -> tuple[list[int], str]:
    """Values from the start code on, and the text; `{A {B {C` choose the set, `{S` shifts, `{1`..`{4` are FNC1..4."""
    if len(data) < 2 or data[:1] != b"{" or chr(data[1]) not in _128_START:
        raise ValueError("must begin with {A, {B or {C")
    code_set = chr(data[1])
    values, text, index = [_128_START[code_set]], "", 2
    once = ""
    while index < len(data):
        byte = data[index]
        index += 1
        if byte == 0x7B:
            if index == len(data):
                raise ValueError("ends with an open {")
            mark = chr(data[index])
            index += 1
            if mark in _128_SWITCH:
                if mark != code_set:
                    values.append(_128_SWITCH[mark])
                code_set = mark
                continue
            if mark == "S" and code_set != "C":
                values.append(98)
                once = "A" if code_set == "B" else "B"
                continue
            if mark in "1234":
                values.append({"1": 102, "2": 97, "3": 96, "4": 101 if code_set == "A" else 100}[mark])
                continue
            if mark != "{":
                raise ValueError(f"has an unknown mark {{{mark}")
        used, once = once or code_set, ""
        values.append(_code128_value(byte, used))
        text += f"{byte:02d}" if used == "C" else chr(byte)
    return values, text


def _code128_value(byte: int, code_set: str) -> int:
    if code_set == "C" and byte <= 99:
        return byte
    if code_set == "B" and 0x20 <= byte <= 0x7F:
        return byte - 0x20
    if code_set == "A" and byte < 0x60:
        return byte - 0x20 if byte >= 0x20 else byte + 0x40
    raise ValueError(f"byte {byte:02X} is not in set {code_set}")
