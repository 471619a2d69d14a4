"""python-escpos: its table of printers, and the part of it that makes commands. The only module that imports escpos.

What is done about the library's traps:
- Importing it costs a quarter of a second and 10 MiB. Most of that is for parsing a JSON file as YAML, and for packages
  that a slip never needs. So it is imported late (by a thread after start, see `Composer.warm`), and with stand-ins for
  those packages, which nobody else in posd uses; the table, as far as it is asked for, comes from here. Should another
  version of the library want more of them, it is imported as it is.
- The temporary directory that it makes is removed, and the handler that it puts on the root logger is taken off.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec

from posd.config import ConfigError
from posd.printer.glyphs import PAGES

_PAPER_DOTS = {80: 576, 58: 384}
_MODULE, _TABLE = "escpos.printer.dummy", "escpos.capabilities"
_SPARED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("escpos", "printer", "cups"): ("CupsPrinter",),
    ("escpos", "printer", "file"): ("File",),
    ("escpos", "printer", "lp"): ("LP",),
    ("escpos", "printer", "network"): ("Network",),
    ("escpos", "printer", "serial"): ("Serial",),
    ("escpos", "printer", "usb"): ("Usb",),
    ("escpos", "printer", "win32raw"): ("Win32Raw",),
    ("barcode", "writer"): ("BaseWriter", "Image", "ImageWriter", "SVGWriter"),
    ("qrcode",): (),
}
"""Modules, and the names in them that are asked for when the library is imported: its ports, what draws codes."""
_importing = threading.Lock()


class _Facts(NamedTuple):
    """What the table says of one printer, as far as slips depend on it."""

    dots: int | None
    pages: dict[str, str]


def _origin() -> Path:
    """Where the library lies."""
    spec = importlib.util.find_spec("escpos")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def _table() -> dict[str, Any]:
    """The library's table of printers, read without importing the library. It is large: nobody keeps it."""
    table: dict[str, Any] = msgspec.json.decode(_origin().with_name("capabilities.json").read_bytes())
    return table


@cache
def names() -> tuple[str, ...]:
    """The names of all profiles."""
    return tuple(_table()["profiles"])


@cache
def _facts(profile: str) -> _Facts:
    found = _table()["profiles"][profile]
    pixels = found["media"]["width"].get("pixels")
    return _Facts(pixels if isinstance(pixels, int) else None, found["codePages"])


def check_profile(name: str) -> None:
    """ConfigError with the nearest name unless python-escpos knows a printer profile of this name."""
    if name not in names():
        import difflib

        near = difflib.get_close_matches(name, names(), n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names())}"
        raise ConfigError(f"printer.profile {name!r} is not a printer profile of python-escpos; {hint}")


def paper_dots(profile: str, width: int) -> int:
    """The printable width in dots on paper `width` millimetres wide: 576 or 384, less where the profile says so."""
    pixels, dots = _facts(profile).dots, _PAPER_DOTS[width]
    return pixels // 8 * 8 if pixels is not None and _PAPER_DOTS[58] <= pixels < dots else dots


def pages(profile: str) -> dict[int, str]:
    """The code pages that slips for this profile may use: the number that ESC t takes -> Python's codec."""
    return {int(number): PAGES[name] for number, name in _facts(profile).pages.items() if name in PAGES}


def dummy(profile: str) -> Any:
    """python-escpos' `Dummy` for a printer profile. The first call imports the library and leaves nothing behind."""
    with _importing:
        module = sys.modules.get(_MODULE) or _imported()
        known = sys.modules[_TABLE].CAPABILITIES["profiles"]
        if profile not in known:
            known[profile] = _table()["profiles"][profile]
        return module.Dummy(profile=profile)


def _imported() -> Any:
    for spared in (_SPARED, {}):
        with _nothing_left_behind(), _stood_in(spared), contextlib.suppress(ImportError, AttributeError):
            return importlib.import_module(_MODULE)
        for name in [name for name in sys.modules if name.partition(".")[0] == "escpos"]:
            del sys.modules[name]
    return importlib.import_module(_MODULE)  # it says what is missing


@contextlib.contextmanager
def _stood_in(spared: dict[tuple[str, ...], tuple[str, ...]]) -> Iterator[None]:
    """Stand-ins in the place of these modules, unless they are there already, and of what reads the table."""
    table = _table()
    wanted = {**table, "profiles": {"default": table["profiles"]["default"]}}
    stand_ins: dict[str, Any] = {
        ".".join(path): SimpleNamespace(**dict.fromkeys(has, object)) for path, has in spared.items()
    }
    stand_ins["yaml"] = SimpleNamespace(safe_load=lambda _file: wanted)
    here = SimpleNamespace(files=lambda _name: _origin().parent, as_file=contextlib.nullcontext)
    stand_ins["importlib_resources"] = here
    put = [name for name in stand_ins if name not in sys.modules]
    sys.modules.update({name: stand_ins[name] for name in put})
    try:
        yield
    finally:
        for name in put:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """No temporary directory, no handler of the root logger."""
    import tempfile

    handlers, mkdtemp = list(logging.getLogger().handlers), tempfile.mkdtemp
    with tempfile.TemporaryDirectory(prefix="posd-escpos-") as folder:
        vars(tempfile)["mkdtemp"] = lambda *_args, **_named: folder
        try:
            yield
        finally:
            vars(tempfile)["mkdtemp"] = mkdtemp
            for handler in set(logging.getLogger().handlers) - set(handlers):
                logging.getLogger().removeHandler(handler)
