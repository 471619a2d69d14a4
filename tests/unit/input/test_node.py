"""What the kernel refuses, as sentences that say what to do; and a node that breaks while it is open."""

from __future__ import annotations

import errno
import os
import pty

import pytest

from posd.input.node import EvdevNode, NodeAbsent, NodeRefused, _faults


@pytest.mark.parametrize("code", [errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR])
def test_what_is_not_there_is_absent(code: int) -> None:
    with pytest.raises(NodeAbsent, match="/dev/input/event7 is not there"), _faults("/dev/input/event7"):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.EBUSY, "held by another process; stop that one"),
        (errno.EACCES, "udev rules"),
        (errno.EPERM, "udev rules"),
        (errno.ENOTTY, "name an event node"),
        (errno.EMFILE, "cannot be opened: Too many open files"),
    ],
)
def test_what_is_there_and_cannot_be_used_says_why(code: int, says: str) -> None:
    with pytest.raises(NodeRefused, match=says), _faults("/dev/input/event7"):
        raise OSError(code, os.strerror(code))


def test_a_node_that_breaks_while_it_is_open_has_gone() -> None:
    """A terminal without its other end gives EIO at every read, as a pulled device gives ENODEV."""
    master, slave = pty.openpty()
    node = object.__new__(EvdevNode)
    node.path, node.fd = "/dev/input/event7", slave
    os.close(master)
    with pytest.raises(NodeAbsent, match="event7 has gone"):
        node.read()
    os.close(slave)
