"""Tells the service manager how posd is: ready, its one-line health, alive, stopping.

Rules
- Nothing here ever waits. The manager's queue may be full (a frozen manager fills it after a dozen messages) and posd
  must go on selling.
- A state is owed until it was delivered: READY, STOPPING and STATUS that met a full queue go out with the
  next call, newest only.
- A sign of the moment is not owed: WATCHDOG and EXTEND_TIMEOUT that met a full queue are dropped. A late pet would
  vouch for a time nobody looked at.
- Trouble is said once in the log, and once more when the manager listens again.

sdnotify brings the socket and the address forms. It would block on a full queue, hide errors and refuse any text
outside Latin-1; so its socket is made non-blocking, its errors are let through, and the text is handed over as the
Latin-1 reading of its UTF-8 bytes.
"""

from __future__ import annotations

import logging
import os

from sdnotify import SystemdNotifier

LOG = logging.getLogger(__name__)

STATUS_LENGTH_MAX = 512


class Notifier:
    """The line to the service manager named by NOTIFY_SOCKET; without one every call does nothing and returns True."""

    def __init__(self) -> None:
        self._line = _open_line()
        self._life = ""
        self._status = ""
        self._deaf = False

    def ready(self, status: str) -> bool:
        """Start-up or a reload is over. Returns whether the manager has it; if not it is owed (the same for all calls
        below that say so).
        """
        self._life = "READY=1"
        return self.status(status)

    def status(self, text: str) -> bool:
        """The one-line health shown by `systemctl status`; cut to 512 characters, line breaks become blanks. Owed until
        delivered.
        """
        self._status = f"STATUS={' '.join(text.split())[:STATUS_LENGTH_MAX]}"
        return self._deliver("")

    def stopping(self, status: str) -> bool:
        """Shutdown has begun. Owed until delivered."""
        self._life = "STOPPING=1"
        return self.status(status)

    def pet(self) -> bool:
        """Tell the watchdog that posd is alive, and deliver what is owed. Never owed itself."""
        return self._deliver("WATCHDOG=1")

    def extend_timeout(self, seconds: float) -> bool:
        """Start-up or shutdown needs `seconds` more from now, as when a large journal is recovered. Never owed."""
        return self._deliver(f"EXTEND_TIMEOUT_USEC={int(seconds * 1_000_000)}")

    def close(self) -> None:
        """Let go of the socket; later calls do nothing."""
        if self._line is not None:
            self._line.socket.close()
            self._line = None

    def _deliver(self, moment: str) -> bool:
        """Send what is owed and the sign of the moment as one datagram; the manager takes all of one datagram or
        nothing.
        """
        if self._line is None:
            return True
        text = "\n".join(part for part in (self._life, self._status, moment) if part)
        try:
            self._line.notify(text.encode().decode("latin-1"))
        except OSError as error:
            if not self._deaf:
                LOG.warning(
                    "the service manager takes no notifications (%s); posd goes on, what it must know is sent again",
                    error,
                )
            self._deaf = True
            return False
        if self._deaf:
            LOG.info("the service manager takes notifications again")
        self._life = self._status = ""
        self._deaf = False
        return True


def _open_line() -> SystemdNotifier | None:
    """The connected, non-blocking notifier; None where no manager asked for notifications or its socket cannot be
    reached.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return None
    try:
        line = SystemdNotifier(debug=True)
    except OSError as error:
        LOG.warning("NOTIFY_SOCKET=%s cannot be reached (%s); posd goes on without a service manager", address, error)
        return None
    line.socket.setblocking(False)
    return line
