"""Memory that a large job leaves behind goes back to the system: the index of an archive's file, a signature drawn.

The C library keeps what is freed between blocks that are still in use, for good; a small box has other use for it. It
is told now and then to give whole pages back, which takes it a tenth of a millisecond. Another C library than glibc
is left alone.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Give free pages back (glibc's malloc_trim(3))."""
    trim = _trim()
    if trim is not None:
        trim(0)
