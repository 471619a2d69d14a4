"""Who did it: every journal event names its doer (law 8)."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Role = Literal["till", "cashier", "supervisor", "auditor"]
Asker = Literal["till", "cashier", "supervisor", "auditor", "keypad", "terminal"]
"""As what somebody asks, for people to read: a role, the keypad, or just somebody at this terminal."""
_HIGHEST_FIRST: tuple[Role, ...] = ("supervisor", "cashier", "auditor", "till")


class Doer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The peer behind the socket, the key that was pressed, or posd itself.

    `uid`, `gid`, `pid` come from the kernel (SO_PEERCRED), never from the request. `roles` are those that the peer held
    at that moment. `operator` is the operator on shift, as the till named it; `supervisor` the number of the supervisor
    who gave the right PIN at the keypad.
    """

    kind: Literal["peer", "key", "pad", "posd"]
    uid: int | None = None
    gid: int | None = None
    pid: int | None = None
    key: str | None = None
    operator: str | None = None
    roles: tuple[Role, ...] = ()
    supervisor: str | None = None

    def words(self) -> str:
        """A short text for a slip or a log line: `uid 1000 pid 4242`, `key KEY_F1`, `key KEY_F5 by supervisor 12`."""
        if self.kind == "peer":
            return f"uid {self.uid} pid {self.pid}"
        if self.kind == "key":
            return f"key {self.key}" + (f" by supervisor {self.supervisor}" if self.supervisor else "")
        return self.kind

    def counted(self) -> str:
        """Who a limit counts for: a user of the box, or the keypad as a whole."""
        return f"uid {self.uid}" if self.kind == "peer" else self.kind

    def asker(self) -> Asker:
        """The highest role of a peer; `terminal` where roles tell nothing, since everybody has all of them."""
        if self.kind in {"key", "pad"}:
            return "keypad" if self.kind == "key" else "terminal"
        if set(self.roles) == set(get_args(Role)):
            return "terminal"
        return next((role for role in _HIGHEST_FIRST if role in self.roles), "terminal")


POSD = Doer(kind="posd")
