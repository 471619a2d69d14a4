"""Elements to ESC/POS bytes, through python-escpos' `Dummy` with the printer's profile. The only module that
imports escpos.

What is done about the library's traps:
- Importing it costs a fifth of a second, most of it for parsing a JSON file as YAML. So it is imported late (by a
  thread after start, see `Composer.warm`), and the pickle that it would make of that file is put in its way
  beforehand, which takes a millisecond; the temporary directory that it leaves behind is removed, and the handler
  that it puts on the root logger is taken off.
- It passes control bytes through and sends Chinese without switching modes: text is cleaned, split into runs and
  sent run by run from here (glyphs.py); from the library come the page numbers of the profile, the page switches,
  styles, QR code and cut.
- Its raster code does not avoid real-time commands: bitmaps go out by raster.py.

Each call of `encode` stands alone: its bytes assume the modes of a reset printer and leave them so, because a
reprint puts the original's body between another top and bottom (law 4). `reset` says `FS .` too, since Chinese
models wake up in Kanji mode.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import json
import logging
import pickle
import platform
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from posd.config import ConfigError
from posd.domain.device import Bitmap
from posd.printer.glyphs import ASCII, KANJI, PAGES, Charset
from posd.printer.paper import Cut, Element, Gap, Line, Paper, Picture
from posd.printer.raster import raster

_KANJI_ON, _KANJI_OFF = b"\x1c&", b"\x1c."
_REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
_PAPER_DOTS = {80: 576, 58: 384}
_MODULE = "escpos.printer.dummy"
_SIZES = {"normal": (1, 1), "tall": (1, 2), "double": (2, 2)}
_TEAR_OFF_LINES = 4
_QR_LEVEL_M = 1
_QR_DOTS_MAX = 8
# Bytes that a QR code of version 1, 2, ... takes at level M (ISO/IEC 18004, table 7).
_QR_BYTES = (
    *(14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666),
    *(
        711,
        779,
        857,
        911,
        997,
        1059,
        1125,
        1190,
        1264,
        1370,
        1452,
        1538,
        1628,
        1722,
        1809,
        1911,
        1989,
        2099,
        2213,
        2331,
    ),
)
_importing = threading.Lock()


@cache
def _capabilities() -> dict[str, Any]:
    """The library's table of printers, read without importing the library."""
    spec = importlib.util.find_spec("escpos")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).with_name("capabilities.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def check_profile(name: str) -> None:
    """ConfigError with the nearest name unless python-escpos knows a printer profile of this name."""
    profiles = _capabilities()["profiles"]
    if name not in profiles:
        near = difflib.get_close_matches(name, profiles, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(profiles)}"
        raise ConfigError(f"printer.profile {name!r} is not a printer profile of python-escpos; {hint}")


def paper_dots(profile: str, width: int) -> int:
    """The printable width in dots on paper `width` millimetres wide: 576 or 384, less where the profile says so."""
    pixels = _capabilities()["profiles"][profile]["media"]["width"].get("pixels")
    dots = _PAPER_DOTS[width]
    return pixels // 8 * 8 if isinstance(pixels, int) and _PAPER_DOTS[58] <= pixels < dots else dots


def pages(profile: str) -> dict[int, str]:
    """The code pages that slips for this profile may use: the number that ESC t takes -> Python's codec."""
    named = _capabilities()["profiles"][profile]["codePages"]
    return {int(number): PAGES[name] for number, name in named.items() if name in PAGES}


def _library() -> Any:
    """The module of `Dummy`; the first call imports it (about 0.1 s) and leaves nothing behind."""
    with _importing:
        module = sys.modules.get(_MODULE)
        if module is not None:
            return module
        cache_dir = Path(tempfile.mkdtemp(prefix="posd-escpos-"))
        handlers, mkdtemp = list(logging.getLogger().handlers), tempfile.mkdtemp
        try:
            pickled = cache_dir / f"{platform.python_version()}.capabilities.pickle"
            pickled.write_bytes(pickle.dumps(_capabilities()))
            vars(tempfile)["mkdtemp"] = lambda *_args, **_named: str(cache_dir)
            return importlib.import_module(_MODULE)
        finally:
            vars(tempfile)["mkdtemp"] = mkdtemp
            for handler in set(logging.getLogger().handlers) - set(handlers):
                logging.getLogger().removeHandler(handler)
            shutil.rmtree(cache_dir, ignore_errors=True)


class Encoder:
    """The bytes for one printer: `profile` is a name of python-escpos, `width` the paper's in millimetres (80 or
    58).
    """

    def __init__(self, profile: str, width: int) -> None:
        check_profile(profile)
        self._dummy = _library().Dummy(profile=profile)
        self._profile = self._dummy.profile
        self.paper = Paper(Charset(self._profile.get_code_pages()), paper_dots(profile, width))

    def reset(self) -> bytes:
        """Initial modes, Kanji mode off."""
        self._start()
        self._dummy.hw("INIT")
        self._dummy._raw(_KANJI_OFF)
        return self._finish()

    def encode(self, elements: Iterable[Element]) -> bytes:
        """The elements in order, for a printer in initial modes, which it is in again afterwards."""
        self._start()
        style = _Style(self._dummy)
        for element in elements:
            if isinstance(element, Line):
                style.to(element.align, _SIZES[element.size], element.bold)
                self._text(element.text)
            elif isinstance(element, Cut):
                style.to("left", (1, 1), False)
                self._cut()
            elif isinstance(element, Gap):
                self._dummy._raw(b"\x1bJ" + bytes((element.dots,)))
            else:
                style.to("center", (1, 1), False)
                self._dummy._raw(raster(element.bitmap) if isinstance(element, Picture) else self._qr(element.data))
        style.to("left", (1, 1), False)
        return self._finish()

    def _start(self) -> None:
        self._dummy.clear()
        self._dummy.magic.encoding = None

    def _finish(self) -> bytes:
        data: bytes = self._dummy.output
        self._dummy.clear()
        return data

    def _text(self, text: str) -> None:
        raw = self._dummy._raw
        if text.isascii():
            raw(text.encode("ascii") + b"\n")
            return
        for page, code in self.paper.charset.runs(text):
            if page == ASCII:
                raw(code)
            elif page == KANJI:
                raw(_KANJI_ON + code + _KANJI_OFF)
            else:
                self._page(page)
                raw(code)
        raw(b"\n")

    def _page(self, page: str) -> None:
        """Switch to a code page of the profile, unless it is on."""
        self._dummy.magic.write_with_encoding(page, None)

    def _cut(self) -> None:
        if self._profile.supports("paperPartCut") or self._profile.supports("paperFullCut"):
            self._dummy.cut(feed=False)
        else:
            self._dummy.print_and_feed(_TEAR_OFF_LINES)

    def _qr(self, text: str) -> bytes:
        """The printer's own QR code; a picture where it has none or where its command would hold a real-time one."""
        data = text.encode("utf-8", "replace")
        version = next((v for v, room in enumerate(_QR_BYTES, 1) if len(data) <= room), len(_QR_BYTES))
        size = max(1, min(_QR_DOTS_MAX, self.paper.dots * 2 // 5 // (17 + 4 * version)))
        if self._profile.supports("qrCode"):
            mark = len(self._dummy._output_list)
            self._dummy.qr(text, ec=_QR_LEVEL_M, size=size, native=True)
            native = b"".join(self._dummy._output_list[mark:])
            del self._dummy._output_list[mark:]
            if not any(command in native for command in _REALTIME):
                return native
        return raster(qr_bitmap(text, size, 2))


class _Style:
    """The printer's alignment, size and weight; sends only what changes."""

    def __init__(self, dummy: Any) -> None:
        self._dummy = dummy
        self._now: tuple[str, tuple[int, int], bool] = ("left", (1, 1), False)

    def to(self, align: str, size: tuple[int, int], bold: bool) -> None:
        was_align, was_size, was_bold = self._now
        if align != was_align:
            self._dummy.set(align=align)
        if size != was_size:
            self._dummy.set(custom_size=True, width=size[0], height=size[1])
        if bold != was_bold:
            self._dummy.set(bold=bold)
        self._now = (align, size, bold)


def qr_bitmap(text: str, size: int, border: int) -> Bitmap:
    """A QR code of level M with `size` dots a module and a quiet zone of `border` modules."""
    import segno

    code = segno.make_qr(text, error="m", boost_error=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=border)]
    width = len(rows[0]) * size
    data = bytearray()
    for row in rows:
        bits = "".join(("1" if module else "0") * size for module in row)
        line = int(bits.ljust((width + 7) // 8 * 8, "0"), 2).to_bytes((width + 7) // 8, "big")
        data += line * size
    return Bitmap(width, len(rows) * size, bytes(data))
