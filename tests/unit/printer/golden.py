"""The slips as text files that a person can read. `python -m tests.unit.printer.golden` renews them; look at the
difference before it is kept.
"""

from __future__ import annotations

from pathlib import Path

from posd.domain.slip import SlipOrder
from posd.printer.compose import Composer
from posd.printer.preview import render_text
from tests.unit.printer.samples import cases, flourish

FOLDER = Path(__file__).resolve().parent / "golden"
WIDTHS = (80, 58)


def names() -> list[tuple[int, str]]:
    """(width in millimetres, case) of each file."""
    return [(width, name) for width in WIDTHS for name in cases()]


def path(width: int, name: str) -> Path:
    return FOLDER / f"{width}mm" / f"{name}.txt"


def text(width: int, order: SlipOrder) -> str:
    """The slip's text as the preview reads it from the composed bytes."""
    return render_text(Composer("default", width, flourish)(order).data, width)


def main() -> None:
    """Write every file anew."""
    for width, name in names():
        target = path(width, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text(width, cases()[name]), encoding="utf-8")
        print(target)


if __name__ == "__main__":
    main()
