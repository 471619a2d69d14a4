"""What every event has: when it was decided, and who did it."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.doer import Doer

ExceptionKind = Literal["unprinted", "unknown", "unsigned", "wrong-signature"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events: when it was decided, by the box's clock, and who did it."""

    time: int
    doer: Doer
