"""Who did it: every journal event names its doer (law 8)."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["till", "cashier", "supervisor", "auditor"]


class Doer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The peer behind the socket, the key that was pressed, or posd itself.

    `uid`, `gid`, `pid` come from the kernel (SO_PEERCRED), never from the request. `roles` are those that the peer held
    at that moment. `operator` is the operator on shift, as the till named it.
    """

    kind: Literal["peer", "key", "pad", "posd"]
    uid: int | None = None
    gid: int | None = None
    pid: int | None = None
    key: str | None = None
    operator: str | None = None
    roles: tuple[Role, ...] = ()

    def words(self) -> str:
        """A short text for a slip or a log line: `uid 1000 pid 4242`, `key KEY_F1`, `posd`."""
        if self.kind == "peer":
            return f"uid {self.uid} pid {self.pid}"
        if self.kind == "key":
            return f"key {self.key}"
        return self.kind


POSD = Doer(kind="posd")
