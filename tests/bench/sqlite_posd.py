"""posd with SQLite in the journal's place: the whole daemon, with nothing exchanged but where its records go.

`python -m tests.bench.sqlite_posd MODE --config FILE`. The database has WAL and synchronous=FULL. MODE: who commits:
`inline`, the event loop at once, one transaction for each decision; `thread`, a thread, the same; `group`, a thread,
one transaction for all that waits, which is posd's own way of committing lent to SQLite.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import SimpleNamespace
from typing import Any

from posd import daemon
from posd.journal import NewRecord, Record

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY, type INTEGER, version INTEGER, reference BLOB, payload BLOB
);
"""
INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?)"
Rows = list[tuple[int, int, int, bytes, bytes]]


class SqliteJournal:
    """As much of posd.journal.Journal as the daemon uses."""

    recovery = SimpleNamespace(sentence="records are kept in SQLite")
    busy_since = None

    def __init__(self, path: str, mode: str) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._durable = self._last = self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0]
        self._mode = mode
        self._queue: SimpleQueue[Rows | None] = SimpleQueue()
        self._thread = Thread(target=self._write)

    def start(self, on_durable: Callable[[int], None], *_unused: object) -> None:
        self._on_durable = on_durable
        if self._mode != "inline":
            self._thread.start()

    def append(self, records: Sequence[NewRecord]) -> range:
        first = self._last + 1
        rows = [(first + at, r.type, r.version, r.reference, r.payload) for at, r in enumerate(records)]
        self._last += len(rows)
        if self._mode == "inline":
            self._commit(rows)
        else:
            self._queue.put(rows)
        return range(first, self._last + 1)

    def _write(self) -> None:
        while (rows := self._queue.get()) is not None:
            while self._mode == "group" and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    self._queue.put(None)
                    break
                rows = rows + more
            self._commit(rows)

    def _commit(self, rows: Rows) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(INSERT, rows)
        self._db.execute("COMMIT")
        self._durable = rows[-1][0]
        self._on_durable(self._durable)

    def records(self, start: int = 0) -> Iterator[Record]:
        yield from (
            Record(*row) for row in self._db.execute("SELECT * FROM records WHERE id >= ? ORDER BY id", (start,))
        )

    def read(self, record_id: int) -> Record:
        return Record(*self._db.execute("SELECT * FROM records WHERE id = ?", (record_id,)).fetchone())

    def release(self, first_owed: int) -> None:
        """Nothing leaves a table by itself."""

    def info(self) -> Any:
        return SimpleNamespace(
            path=self._path, state="ready", size=1 << 30, used=0, fill=0.0, first_id=1, last_id=self._last,
            durable_id=self._durable, epoch=1, mirror=False, direct=False, laps=0, commits=0, chain="",
        )  # fmt: skip

    def close(self) -> None:
        if self._mode != "inline":
            self._queue.put(None)
            self._thread.join()
        self._db.close()


class _Opener:
    """Stands where the daemon looks for `Journal`."""

    mode = "inline"

    @classmethod
    def open(cls, path: str, **_how: Any) -> SqliteJournal:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return SqliteJournal(path, cls.mode)


if __name__ == "__main__":
    _Opener.mode = sys.argv[1]
    daemon.Journal = _Opener  # type: ignore[assignment,misc]
    sys.exit(daemon.main(sys.argv[2:]))
