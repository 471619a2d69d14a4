"""Who is at the other end, and what they may do.

The kernel says who a peer is (SO_PEERCRED, SO_PEERGROUPS); a request never does. Roles come from Unix groups named in
the configuration; with none named everyone who may open the socket has every role, and root always has. Roles are those
of the moment of connecting: a person who was put in a group must connect anew.
"""

from __future__ import annotations

import difflib
import errno
import grp
import os
import pwd
import socket
import struct
from collections.abc import Mapping
from typing import get_args

from msgspec import Struct

from posd.api.method import Method
from posd.api.methods import METHODS
from posd.domain.doer import Doer, Role
from posd.domain.errors import Refusal
from posd.domain.requests import ReprintAsk, ReprintDenied
from posd.domain.transaction import Strict

ALL_ROLES: tuple[Role, ...] = get_args(Role)
_SO_PEERGROUPS = 59
_GROUPS_BYTES_MAX = 1024
_CREDENTIALS = struct.Struct("=iII")


class UnknownGroup(Exception):
    """A group that the configuration names does not exist; the message names the nearest one."""


class Peer(Struct, frozen=True):
    """A process at the other end, as the kernel knows it. `groups` is None where only the user database can tell."""

    uid: int
    gid: int
    pid: int
    groups: frozenset[int] | None


def peer_of(connection: socket.socket) -> Peer:
    """Who opened this connection. Does not block. OSError if the socket is gone."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, gid = _CREDENTIALS.unpack(raw)
    return Peer(uid, gid, pid, _groups_of(connection, gid))


def _groups_of(connection: socket.socket, gid: int) -> frozenset[int] | None:
    """Supplementary groups of the peer's process; None on a kernel that does not tell (before 4.13) or for more than
    256 of them.
    """
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _GROUPS_BYTES_MAX)
    except OSError as error:
        if error.errno not in {errno.ENOPROTOOPT, errno.ERANGE, errno.EOPNOTSUPP, errno.EINVAL}:
            raise
        return None
    return frozenset(struct.unpack(f"={len(raw) // 4}I", raw)) | {gid}


def groups_from_database(peer: Peer) -> frozenset[int]:
    """The groups of the peer's user. Blocks on the user database: call it in a thread. A user that is not in it has its
    own group only.
    """
    try:
        name = pwd.getpwuid(peer.uid).pw_name
    except KeyError:
        return frozenset({peer.gid})
    return frozenset(os.getgrouplist(name, peer.gid))


class Rules(Struct, frozen=True):
    """Group id -> roles. Empty: everyone has all."""

    by_group: Mapping[int, frozenset[Role]]

    @classmethod
    def of(cls, roles: Mapping[str, Role]) -> Rules:
        """From `api.roles` of the configuration, group names to roles. Reads the group database. UnknownGroup."""
        by_group: dict[int, frozenset[Role]] = {}
        for name, role in roles.items():
            try:
                gid = grp.getgrnam(name).gr_gid
            except KeyError:
                close = difflib.get_close_matches(name, [group.gr_name for group in grp.getgrall()], n=1)
                hint = f"; did you mean {close[0]!r}?" if close else f"; make it with: groupadd --system {name}"
                raise UnknownGroup(f"api.roles names the group {name!r}, which does not exist{hint}") from None
            by_group[gid] = by_group.get(gid, frozenset()) | {role}
        return cls(by_group)

    def needs_groups(self, peer: Peer) -> bool:
        """Whether the peer's groups decide anything and are not known yet."""
        return bool(self.by_group) and peer.uid != 0 and peer.groups is None

    def roles_of(self, peer: Peer, groups: frozenset[int] | None = None) -> tuple[Role, ...]:
        """The roles of a peer, in the order of `ALL_ROLES`. `groups` stands in for `peer.groups` where that is None."""
        if not self.by_group or peer.uid == 0:
            return ALL_ROLES
        held = peer.groups if peer.groups is not None else groups or frozenset({peer.gid})
        granted = frozenset[Role]().union(*(self.by_group.get(group, frozenset()) for group in held))
        return tuple(role for role in ALL_ROLES if role in granted)


def doer_of(peer: Peer, roles: tuple[Role, ...]) -> Doer:
    """The peer as the journal will name it."""
    return Doer(kind="peer", uid=peer.uid, gid=peer.gid, pid=peer.pid, roles=roles)


def allowed(method: Method, roles: tuple[Role, ...]) -> bool:
    """Whether a peer with these roles may call it."""
    return not method.roles or not method.roles.isdisjoint(roles)


def check(method: Method, doer: Doer) -> None:
    """Refusal `denied` unless the doer has one of the method's roles."""
    if allowed(method, doer.roles):
        return
    wanted = " or ".join(role for role in ALL_ROLES if role in method.roles)
    held = ", ".join(doer.roles) or "none"
    raise Refusal(
        "denied",
        f"{method.name} is for the role {wanted}; uid {doer.uid} has {held}. Nothing was done; ask the administrator "
        "for a group that api.roles gives "
        "this role, then connect anew.",
    )


def admitted(method: Method, doer: Doer, request: Strict) -> Strict:
    """The request, or Refusal `denied`. A copy that is denied goes on to the desk, which records it and refuses."""
    try:
        check(method, doer)
    except Refusal as refusal:
        if isinstance(request, ReprintAsk):
            return ReprintDenied(request, refusal.message)
        raise
    return request


def methods_of(roles: tuple[Role, ...]) -> list[str]:
    """Names of the methods that these roles may call, in the table's order."""
    return [name for name, method in METHODS.items() if allowed(method, roles)]
