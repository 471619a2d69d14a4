"""A node on its way from the thread that opens it to the loop that waits for it; when nobody waits any more, whoever
comes last closes it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from posd.input.events import Axis
from posd.input.node import Node, NodeAbsent, NodeRefused, open_node


class Opening:
    """One opening."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Node | NodeAbsent | NodeRefused | None = None
        self._abandoned = False

    def open(self, path: str, fifo_axes: Mapping[int, Axis], lights: bool) -> None:
        """In the thread."""
        found: Node | NodeAbsent | NodeRefused
        try:
            found = open_node(path, fifo_axes, lights)
        except (NodeAbsent, NodeRefused) as refusal:
            found = refusal
        with self._lock:
            if not self._abandoned:
                self._found = found
            elif not isinstance(found, Exception):
                found.close()

    def take(self) -> Node:
        """On the loop, after the thread: the node, or its refusal raised."""
        assert self._found is not None
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    def abandon(self) -> None:
        """On the loop: nobody waits any more."""
        with self._lock:
            self._abandoned = True
            if self._found is not None and not isinstance(self._found, Exception):
                self._found.close()
