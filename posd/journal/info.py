"""What a status shows of the journal."""

from __future__ import annotations

from msgspec import Struct


class JournalInfo(Struct, frozen=True):
    """State of the journal. Sizes in bytes; `fill` is the share of the ring that is owed, `used` what it still holds.

    `state` is `ready`, `full` (new sales are refused), `damaged`, `failed` or `closed`. `warning` is 0, 70 or 85.
    """

    path: str
    uuid: str
    state: str
    size: int
    used: int
    fill: float
    warning: int
    first_id: int
    last_id: int
    durable_id: int
    first_owed: int
    epoch: int
    laps: int
    commits: int
    mirror: bool
    direct: bool
    read_only: bool
    scrubbed: bool
    scrub_repaired: int
    scrub_lost: int
    chain: str
