"""The socket file: bound once, never taken from somebody who answers, removed only by who made it."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

BACKLOG = 512
_ANSWER_WITHIN_S = 1.0
_PATH_BYTES_MAX = 107
MODE = 0o660


class ListenError(Exception):
    """posd cannot listen here; the message says why and what to do."""


def listen(path: str) -> socket.socket:
    """A listening stream socket at `path`, mode 0660. A dead socket file is replaced. Blocks for at most a second.
    ListenError.
    """
    if len(os.fsencode(path)) > _PATH_BYTES_MAX:
        raise ListenError(
            f"api.socket {path!r} is longer than the {_PATH_BYTES_MAX} bytes that a Unix socket's path may have; "
            "choose a shorter one"
        )
    _clear_the_way(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        made.bind(path)
        # Nobody can connect before listen(), so the file is never open to more than its mode says.
        os.chmod(path, MODE)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise ListenError(
            f"cannot listen at {path}: {error.strerror}; the directory must exist and be writable for posd"
        ) from error
    return made


def _clear_the_way(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise ListenError(f"cannot look at {path}: {error.strerror}") from error
    if not stat.S_ISSOCK(mode):
        raise ListenError(
            f"{path} exists and is not a socket; posd does not remove it. Move it away or set api.socket to another "
            "path"
        )
    if _somebody_answers(path):
        raise ListenError(
            f"another process answers at {path}; only one posd may run on it. Stop that one, or set api.socket to "
            "another path"
        )
    Path(path).unlink(missing_ok=True)


def _somebody_answers(path: str) -> bool:
    """Whether a connection is taken, or would be if its queue were not full."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_ANSWER_WITHIN_S)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True


def identity(listening: socket.socket) -> tuple[int, int] | None:
    """Device and inode of the socket's file, to know later whether it is still the one we made."""
    try:
        status = os.stat(listening.getsockname())
    except OSError:
        return None
    return status.st_dev, status.st_ino


def remove(path: str, made: tuple[int, int] | None) -> None:
    """Remove the file if it still is the one that was made."""
    try:
        status = os.stat(path)
    except OSError:
        return
    if (status.st_dev, status.st_ino) == made:
        Path(path).unlink(missing_ok=True)
