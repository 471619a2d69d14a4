"""The device nodes known to be there, and what a list or an event changes about them. Pure.

Why a table: the monitor is started before the list is taken, so that nothing is missed between the two, and a device
that comes in that moment is seen twice, once in the list and once as an event. After an overrun events are lost and the
list is taken again; what it adds and lacks is then the change.

Rules
- A node is the same one only if device path, number and the time udev first saw it are the same; a new device under an
  old name is a removal and an addition.
- A removal of a node that nobody knows, and an addition of one that is known, are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Action = Literal["add", "remove", "change"]


class Node(Struct, frozen=True):
    """One device node: `/dev/ttyUSB0`, its subsystem, its other names (`/dev/posd/printer`), and what tells it from a
    later one of the same name.
    """

    devnode: str
    subsystem: str
    links: tuple[str, ...] = ()
    identity: tuple[str, int, str] = ("", 0, "")


class NodeChange(Struct, frozen=True):
    """What happened to a node. `links` are its other names; of a removed node those it had."""

    action: Action
    devnode: str
    subsystem: str
    links: tuple[str, ...] = ()


class NodeTable:
    """The nodes that are there, by name."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}

    def listed(self, nodes: Iterable[Node]) -> list[NodeChange]:
        """Exactly `nodes` are there now; what that changes, removals first."""
        now = {node.devnode: node for node in nodes}
        gone = [node for name, node in self._nodes.items() if name not in now or now[name].identity != node.identity]
        changes = [change for node in gone for change in self.event("remove", node)]
        return changes + [change for node in now.values() for change in self.event("add", node)]

    def event(self, action: Action, node: Node) -> list[NodeChange]:
        """`action` was reported of `node`; what that changes: nothing for a double, two changes where a removal went
        unseen.
        """
        known = self._nodes.get(node.devnode)
        if action == "remove":
            return [self._forget(known)] if known else []
        if known and known.identity == node.identity:
            if action == "add" and known.links == node.links:
                return []
            self._nodes[node.devnode] = node
            return [_change("change", node)]
        changes = [self._forget(known)] if known else []
        self._nodes[node.devnode] = node
        return [*changes, _change("add", node)]

    def _forget(self, known: Node) -> NodeChange:
        del self._nodes[known.devnode]
        return _change("remove", known)


def _change(action: Action, node: Node) -> NodeChange:
    return NodeChange(action, node.devnode, node.subsystem, node.links)
