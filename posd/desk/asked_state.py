"""What the state keeps of requests for copies: those that wait for a supervisor, and why a copy was made."""

from __future__ import annotations

from typing import NamedTuple

from posd.domain.doer import Doer
from posd.domain.slip import CopyName


class Asked(NamedTuple):
    """Why there is a copy, and who asked for it. `name` is that of the request, `point` the newest record before it."""

    reason: str
    note: str
    name: str
    point: int
    doer: Doer


class Asking(NamedTuple):
    """A copy that was asked for and waits for a supervisor since `since_ms`, in trusted time."""

    sale: str
    copy: CopyName
    reason: str
    doer: Doer
    key: str | None
    content: str | None
    time_ms: int
    since_ms: int
    note: str = ""
