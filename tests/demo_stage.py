"""What both demos stand on: steps, slips shown as they come out, posctl as a person at the counter types it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from posd.ctl.run import run
from tests.scenario.box import Box

BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")
_RULE = "-" * 50


class Stage:
    """One box, and what was shown of it so far."""

    def __init__(self, box: Box) -> None:
        os.environ["TZ"] = "Asia/Shanghai"  # as the box has it: its people read the same clock
        time.tzset()
        self.box = box
        self.steps = 0
        self.shown: list[tuple[Path, str]] = []

    def step(self, title: str) -> None:
        self.steps += 1
        print(f"\n{BOLD}{self.steps}. {title}{PLAIN}", flush=True)

    def say(self, text: str) -> None:
        print(f"   {text}", flush=True)

    def slips(self, count: int, what: str, show: bool = True) -> list[str]:
        """Wait for `count` new slips, show them, and give their texts."""
        before = len(self.shown)
        paths = self.box.wait_slips(before + count)[before:]
        texts = [path.read_text(encoding="utf-8") for path in paths]
        for path, text in zip(paths, texts, strict=True):
            self.shown.append((path.with_suffix(".png"), what))
            if show:
                _draw(text)
        return texts

    def posctl(self, *words: str, code: int = 0) -> str:
        """Type a command of posctl and show what it says; it must end with this exit code."""
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            ended = run(["--socket", str(self.box.socket), "--lang", "en", *words])
        typed = " ".join(f'"{word}"' if " " in word else word for word in words)
        print(f"   {BOLD}$ posctl {typed}{PLAIN}")
        for line in told.getvalue().rstrip().splitlines():
            print(f"{DIM}   |{PLAIN} {line}".rstrip(), flush=True)
        assert ended == code, f"posctl ended with {ended} instead of {code}"
        return told.getvalue()

    def perform(self, title: str, steps: Sequence[Callable[[], None]]) -> int:
        """Play the steps on the box, which is started and ended; posd's exit code."""
        begun = time.monotonic()
        print(title)
        try:
            self.box.start()
            for step in steps:
                step()
            code = self.box.stop()
        finally:
            self.box.close()
        took_s = time.monotonic() - begun
        print(f"\nAll {self.steps} steps did what they say; posd stopped with exit code {code} after {took_s:.0f} s.")
        return code

    def end(self, lines: tuple[str, ...]) -> None:
        """Sum up."""
        print(f"\n{BOLD}What was shown{PLAIN}")
        for line in lines:
            print(f"   {line}")
        print(f"\n{BOLD}The slips as pictures{PLAIN}")
        for path, what in self.shown:
            print(f"   {os.path.relpath(path)}  {what}")


def _draw(text: str) -> None:
    print(f"{DIM}   ,{_RULE}{PLAIN}")
    for line in text.rstrip("\n").splitlines():
        print(f"{DIM}   |{PLAIN} {line}")
    print(f"{DIM}   '{_RULE}{PLAIN}", flush=True)
