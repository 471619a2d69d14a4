"""A decoder that others wrote reads the text of our slips back: emupos splits the bytes into commands and text, and
iconv-lite turns the text into characters. Neither shares a line with posd, hwsim or Python's codecs.

emupos asks for Python 3.13 on account of its `type` statements; its tokenizer, which is one file that needs nothing
else, is read here with those turned into plain assignments. It is fetched once from the package index, as exactly the
file that is named here; where that cannot be done the tests are skipped with the reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from posd.printer.encode import Encoder
from posd.printer.paper import Line
from tests.peers.test_peers import HERE, packages

__all__ = ["packages"]

WHEEL = "emupos-0.4.0-py3-none-any.whl"
SHA256 = "d41f15caa2b286e7303b12c4bdcb02dc395c75553479d02b20566e2bacc2bb9a"
TOKENIZER = "emupos/printer/escpos/tokenizer.py"

PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 46: "cp1251"}
"""ESC t's argument to the name of the encoding (Epson's reference, page of ESC t)."""

LINES = {
    "simplified": "乌龙茶 绿豆糕 合计人民币叁拾陆元整",
    "traditional": "烏龍茶 綠豆糕 總計新臺幣參拾陸圓整",
    "rare": "㐀㙍 𠮷野家 䶮 镕堃喆",
    "kana": "ウーロン茶 おつりをおたしかめください",
    "hangul": "우롱차 영수증 합계",
    "Latin": "Café façade Ünter Straße señor Łódź Žižkov",
    "money": "Total €7,50 £5.00",
    "yen": "合计 ￥36.00",
    "Cyrillic": "Чай зелёный",
    "mixed": "乌龙茶 Oolong é 36.00 烏龍",
}


@pytest.fixture(scope="session")
def tokenizer() -> types.ModuleType:
    """The tokenizer of emupos."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "posd-tests"
    wheel = cache / WHEEL
    if not wheel.exists():
        cache.mkdir(parents=True, exist_ok=True)
        options = ("--no-deps", "--ignore-requires-python", "--retries", "1", "--timeout", "30", "--quiet")
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(cache), "emupos==0.4.0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode:
            pytest.skip(f"pip could not fetch emupos: {' '.join(done.stderr.split())[:300]}")
    content = wheel.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256, f"{wheel} is not the file that it was; remove it"
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read(TOKENIZER).decode()
    module = types.ModuleType("emupos_tokenizer")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(re.sub(r"(?m)^type (\w+) =", r"\1 =", source), vars(module))
    return module


def pieces(tokenizer: types.ModuleType, data: bytes) -> list[tuple[str, str]]:
    """The runs of text as encoding and bytes in hex, in order. Every byte must belong to a command or to text."""
    reader = tokenizer.Tokenizer()
    tokens = reader.feed(data)
    assert reader.close() is None
    found: list[tuple[str, str]] = []
    kanji, page = False, 0
    for token in tokens:
        assert not isinstance(token, tokenizer.Unknown), token
        if isinstance(token, tokenizer.Text):
            encoding = "gb18030" if kanji else PAGES[page]
            found.append((encoding, token.data.hex()))
        elif token.name in ("FS &", "FS ."):
            kanji = token.name == "FS &"
        elif token.name == "ESC t":
            page = token.params[0]
        else:
            assert token.name in ("LF", "ESC @", "ESC a", "ESC !", "GS !", "ESC E", "ESC -", "ESC M"), token.name
    return found


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize("width", [80, 58])
def test_a_line_is_read_back_as_it_was_meant(
    packages: Path, tokenizer: types.ModuleType, language: str, width: int
) -> None:
    text = LINES[language]
    data = Encoder("default", width).encode([Line(text)])
    command = ["node", str(HERE / "decode.mjs")]
    asked = json.dumps(pieces(tokenizer, data)).encode()
    done = subprocess.run(command, cwd=packages, input=asked, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert "".join(json.loads(done.stdout)) == text
