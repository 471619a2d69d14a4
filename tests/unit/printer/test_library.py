"""python-escpos: what of it is loaded, and that it says the same as when all of it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from posd.printer.library import names, pages, paper_dots

SAID = """
def said(dummy):
    dummy.hw("INIT")
    for align in ("center", "right", "left"):
        dummy.set(align=align)
    for size in ((1, 2), (2, 2), (1, 1)):
        dummy.set(custom_size=True, width=size[0], height=size[1])
    dummy.set(bold=True)
    for page in sorted(dummy.profile.get_code_pages()):
        if page in ("CP437", "CP858", "CP1252"):
            dummy.magic.write_with_encoding(page, None)
    if dummy.profile.supports("qrCode"):
        dummy.qr("id|42", ec=1, size=4, native=True)
    if dummy.profile.supports("paperPartCut") or dummy.profile.supports("paperFullCut"):
        dummy.cut(feed=False)
    else:
        dummy.print_and_feed(4)
    return dummy.output.hex()
"""
SPARED = ("yaml", "qrcode", "usb", "xml", "importlib_resources", "barcode.writer")


def run(code: str, tmp_path: Path, root: Path) -> dict[str, object]:
    """What a fresh interpreter prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{SAID}\n{code}"],
        cwd=root, env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_is_loaded_without_what_no_slip_needs_and_says_the_same_for_every_profile(
    tmp_path: Path, root: Path
) -> None:
    ours = run(
        f"""
from posd.printer import library
made = {{name: said(library.dummy(name)) for name in library.names()}}
print(json.dumps({{"made": made, "loaded": [name for name in {SPARED} if name in sys.modules]}}))""",
        tmp_path,
        root,
    )
    assert ours["loaded"] == []
    assert list(tmp_path.iterdir()) == []
    plain = run(
        """
from escpos.capabilities import CAPABILITIES
from escpos.printer import Dummy
print(json.dumps({"made": {name: said(Dummy(profile=name)) for name in CAPABILITIES["profiles"]}}))""",
        tmp_path,
        root,
    )
    assert ours["made"] == plain["made"]


@pytest.mark.parametrize("path", ["('barcode', 'writer')", "('escpos', 'printer', 'usb')"])
def test_a_library_that_wants_more_of_what_is_spared_is_loaded_whole(path: str, tmp_path: Path, root: Path) -> None:
    found = run(
        f"""
from posd.printer import library
library._SPARED[{path}] = ()
made = said(library.dummy("default"))
print(json.dumps({{"made": len(made), "qrcode": hasattr(sys.modules.get("qrcode"), "make")}}))""",
        tmp_path,
        root,
    )
    assert found["made"]
    assert found["qrcode"]
    assert list(tmp_path.iterdir()) == []


def test_the_facts_of_a_profile_come_without_the_library() -> None:
    assert "default" in names()
    assert paper_dots("default", 80) == 576
    assert paper_dots("POS-5890", 58) == 384
    assert pages("default")[0] == "cp437"
