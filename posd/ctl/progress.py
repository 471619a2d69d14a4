"""A bar on the terminal for what takes longer than a second; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_AFTER_S = 1.0
_EVERY_S = 0.1
_COLUMNS = 30


class Progress:
    """`with Progress(words) as bar: bar(done, of)`. It is drawn on standard error and taken away at the end."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._next = time.monotonic() + _AFTER_S
        self._shown = False

    def __call__(self, done: int, of: int) -> None:
        """How far it is."""
        moment = time.monotonic()
        if moment < self._next or not sys.stderr.isatty():
            return
        self._next = moment + _EVERY_S
        self._shown = True
        share = min(max(done / of, 0.0), 1.0) if of else 1.0
        full = int(share * _COLUMNS)
        print(
            f"\r{self._words} [{'#' * full}{'.' * (_COLUMNS - full)}] {share:4.0%}", end="", file=sys.stderr, flush=True
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
