"""CUPS as a shop would have it: a cupsd of our own with one raw queue, whose socket backend has a printer on loopback.

- Everything of it lies in a temporary folder, a Unix socket is its only door, and no installed queue is touched. The
  folder is not `place()`: a cupsd that was started by root runs its backends as `lp`, which must be able to get there.
  CUPS does not wait for the disk (SyncOnClose is off, as by default), so that it does not matter where that is.
- The queue is as fast as CUPS has it: no filter, no look for an SNMP agent in the printer, no wait for its last word.
- The printer takes all at once and notes when a job's first byte came.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.contenders import DEADLINE_S, Server

PACKAGES = "apt-get install -y cups cups-client"
_QUEUE = "slips"
_FOLDERS = {"ServerRoot": "etc", "RequestRoot": "spool", "CacheDir": "cache", "StateDir": "state", "TempDir": "tmp"}
_OPEN_TO_ALL = """
Browsing No
WebInterface No
DefaultAuthType None
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit All>
Order allow,deny
</Limit>
</Policy>
"""


class _Printer:
    """A network printer that takes one host after the other; `begun` is when the last job's first byte came."""

    def __init__(self) -> None:
        self.begun = 0.0
        self.ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            host, _ = self._listening.accept()
            with host:
                if not host.recv(4096):  # `close` says nothing
                    return
                self.begun = time.perf_counter()
                while host.recv(4096):
                    pass
            self.ended.set()

    def close(self) -> None:
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listening.close()


class Cups:
    """The queue."""

    def __init__(self, folder: Path, server: Server, printer: _Printer) -> None:
        self._folder, self._server, self._printer = folder, server, printer

    def timed(self, slip: Path) -> tuple[float, float]:
        """Seconds from just before the start of `lp` to the slip's first byte at the printer, and to the end of `lp`.
        RuntimeError when it does not come out.
        """
        words = ["lp", "-h", str(self._server.path), "-d", _QUEUE, "-o", "raw", str(slip)]
        self._printer.ended.clear()
        begun = time.perf_counter()
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"lp did not end within {DEADLINE_S:.0f} s") from None
        told = time.perf_counter()
        if done.returncode:
            raise RuntimeError(f"lp says {done.stderr.strip()}")
        if not self._printer.ended.wait(DEADLINE_S):
            log = (self._folder / "error").read_text(errors="replace")
            raise RuntimeError(f"cupsd took a job that never came to the printer: {' '.join(log[-300:].split())}")
        return self._printer.begun - begun, told - begun

    def processor_s(self) -> float:
        """Seconds of processor of cupsd and of the backends that are done, in steps of the kernel's tick."""
        fields = Path(f"/proc/{self._server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(slip: Path, jobs: int) -> Iterator[Cups]:
    """A CUPS of its own that has printed this slip so often, for first jobs pay for what is loaded late. RuntimeError
    says why there is none.
    """
    program = shutil.which("cupsd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or shutil.which("lp") is None:
        raise RuntimeError(f"there is no cupsd or no lp on this machine ({PACKAGES})")
    with tempfile.TemporaryDirectory(prefix="posd-cups-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        printer = _Printer()
        stack.callback(printer.close)
        words = [program, "-f", "-c", *_configure(folder, printer.port)]
        server = Server(words, folder / "socket", folder / "log")
        stack.callback(server.close)
        queue = Cups(folder, server, printer)
        for _ in range(jobs):
            queue.timed(slip)
        yield queue


def _configure(folder: Path, port: int) -> list[str]:
    """Write the configuration; the words of cupsd's command line behind `-c`."""
    for name in _FOLDERS.values():
        (folder / name).mkdir()
    settings, files, queues = (folder / "etc" / name for name in ("cupsd.conf", "cups-files.conf", "printers.conf"))
    settings.write_text(f"Listen {folder}/socket{_OPEN_TO_ALL}")
    logs = {f"{name.title()}Log": name for name in ("access", "error", "page")}
    files.write_text("".join(f"{key} {folder / name}\n" for key, name in (_FOLDERS | logs).items()))
    uri = f"socket://127.0.0.1:{port}/?snmp=false&waiteof=false"
    queues.write_text(f"<Printer {_QUEUE}>\nDeviceURI {uri}\nState Idle\nAccepting Yes\n</Printer>\n")
    return [str(settings), "-s", str(files)]
