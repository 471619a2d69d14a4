"""What `posctl doctor` finds, and what it looks at.

Levels: `ok`; `note` (works, or may work, but look at it); `bad` (will not work until somebody acts).
"""

from __future__ import annotations

import grp
import pwd
from dataclasses import dataclass
from typing import Literal

from posd.config import Config
from posd.ctl.box import Box
from posd.ctl.words import Say

Level = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `todo` is empty where nothing is to be done."""

    check: str
    level: Level
    finding: str
    todo: str = ""


@dataclass(frozen=True)
class Case:
    """What is examined."""

    box: Box
    config: Config
    socket: str
    say: Say


def group_name(gid: int) -> str:
    """A group's name, or its number."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def user_name(uid: int) -> str:
    """A user's name, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
