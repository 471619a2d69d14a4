"""The tray that slips fall into: 0001.txt, 0001.png, 0001.json, 0001.bin and so on in one directory.

Rules: files are written under a temporary name and renamed, the text last: whoever sees the text can read all four.
Numbers go on where an earlier run in the same directory ended.
"""

from __future__ import annotations

import json
from pathlib import Path

from hwsim.paper.report import report
from hwsim.paper.text import slip_text
from hwsim.printer.strips import Slip


class Tray:
    """One directory of slips."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        numbers = [int(path.stem) for path in directory.glob("[0-9]*.txt") if path.stem.isdigit()]
        self.count = max(numbers, default=0)

    def put(self, slip: Slip) -> tuple[Path, str]:
        """Write one slip; returns the path of its text and the text. Slow (it draws): call it off the loop."""
        from hwsim.paper.picture import slip_png  # Pillow and the font are loaded only where they are needed

        number = self.count + 1
        text = slip_text(slip)
        self._write(f"{number:04}.bin", slip.data)
        self._write(f"{number:04}.png", slip_png(slip))
        judged = json.dumps(report(slip).as_json(), ensure_ascii=False, indent=1)
        self._write(f"{number:04}.json", judged.encode())
        path = self._write(f"{number:04}.txt", text.encode())
        self.count = number
        return path, text

    def _write(self, name: str, content: bytes) -> Path:
        path = self.directory / name
        temporary = self.directory / f".{name}.part"
        temporary.write_bytes(content)
        return temporary.replace(path)
