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
from typing import Any

from msgspec.structs import replace

from posd import daemon
from posd.journal import Journal, JournalFailed, JournalInfo, NewRecord, Record
from posd.journal.ring import BLOCK

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY, type INTEGER, version INTEGER, reference BLOB, payload BLOB
);
"""
SIZE = 1 << 30
"""Bytes that the table may take as far as posd is told: it never is short of room."""
INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?)"
Rows = list[tuple[int, int, int, bytes, bytes]]


class SqliteJournal(Journal):
    """A journal whose records go to SQLite. The ring beneath stays empty; it answers what nobody measures."""

    mode = "inline"

    @classmethod
    def open(cls, path: str | Path, *, size: int, mirror: bool, **how: Any) -> SqliteJournal:
        made = super().open(path, size=1 << 20, mirror=False, **how)
        made._db = sqlite3.connect(f"{path}.sqlite", isolation_level=None, check_same_thread=False)
        made._db.executescript(SCHEMA)
        made._durable = made._last = 0
        made._rows = SimpleQueue()
        made._thread = Thread(target=made._write)
        return made

    def start(
        self,
        on_durable: Callable[[int], None],
        on_failed: Callable[[JournalFailed], None],
        soon: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self._on_durable = on_durable
        if self.mode != "inline":
            self._thread.start()
        elif soon is not None:  # posd asks to be told when its turn is over
            self._on_durable = lambda durable: soon(lambda: on_durable(durable))

    def append(self, records: Sequence[NewRecord], *, outcome: bool = True) -> range:
        first = self._last + 1
        rows = [(first + at, r.type, r.version, r.reference, r.payload) for at, r in enumerate(records)]
        self._last += len(rows)
        if self.mode == "inline":
            self._commit(rows)
        else:
            self._rows.put(rows)
        return range(first, self._last + 1)

    def _write(self) -> None:
        while (rows := self._rows.get()) is not None:
            while self.mode == "group" and not self._rows.empty():
                more = self._rows.get()
                if more is None:
                    self._rows.put(None)
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
        found = self._db.execute("SELECT * FROM records WHERE id >= ? ORDER BY id", (start,))
        yield from (Record(*row) for row in found)

    def read(self, record_id: int) -> Record:
        return Record(*self._db.execute("SELECT * FROM records WHERE id = ?", (record_id,)).fetchone())

    @property
    def ring_blocks(self) -> int:
        return SIZE // BLOCK

    def free_blocks(self) -> int:
        return self.ring_blocks

    @property
    def durable_id(self) -> int:
        return int(self._durable)

    def release(self, first_owed: int) -> None:
        """Nothing leaves a table by itself."""

    def info(self) -> JournalInfo:
        return replace(
            super().info(), size=SIZE, used=0, fill=0.0, first_id=1, last_id=self._last, durable_id=self._durable
        )

    def close(self, *deadline: float) -> None:
        if self.mode != "inline":
            self._rows.put(None)
            self._thread.join()
        self._db.close()
        super().close(*deadline)


if __name__ == "__main__":
    SqliteJournal.mode = sys.argv[1]
    daemon.Journal = SqliteJournal  # type: ignore[misc]
    sys.exit(daemon.main(sys.argv[2:]))
