"""Whether the archive may have a transaction, asked for each sale that comes: the upper half of the hash of every
reference in it, 4 bytes each, in memory.

Rules
- It never says no to what is there: what is written gets in before the archive counts as having it, what was there at
  the start when the files are gone through, and until that is done nobody gets a no.
- It may say yes to what is not there, one time in four thousand million for each transaction that is: a yes leads to a
  look.
- 256 buckets by the first byte, each in order: so an answer takes as long with a million names as with a hundred.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from threading import Lock

from posd.journal.archive_format import reference_hash

_BUCKETS = 256
_SHIFT = 24


class Names:
    """`complete`: all that there was at the start is in. May be used by several threads."""

    def __init__(self) -> None:
        self.complete = False
        self._lock = Lock()
        self._buckets = [array("I") for _ in range(_BUCKETS)]

    def add(self, names: Iterable[int]) -> None:
        """Take in names, in any order."""
        with self._lock:
            for name in names:
                bucket = self._buckets[name >> _SHIFT]
                bucket.insert(bisect_left(bucket, name) if self.complete else len(bucket), name)

    def load(self, names: array[int]) -> None:
        """Take in a file's names, which are in order. Before `finish`."""
        ends = [bisect_left(names, at << _SHIFT) for at in range(1, _BUCKETS)] + [len(names)]
        start = 0
        with self._lock:
            for bucket, end in zip(self._buckets, ends, strict=True):
                bucket.extend(names[start:end])
                start = end

    def finish(self) -> None:
        """All that there was at the start has been loaded: put it in order, each name once, and answer from now on."""
        for at in range(_BUCKETS):
            with self._lock:
                self._buckets[at] = array("I", sorted(set(self._buckets[at])))
        with self._lock:
            for at, bucket in enumerate(self._buckets):  # what was added meanwhile stands at the ends
                self._buckets[at] = array("I", sorted(bucket))
            self.complete = True

    def may_have(self, reference: bytes) -> bool:
        """False only where no record of that transaction is in the archive."""
        if not self.complete:
            return True
        name = name_of(reference_hash(reference))
        with self._lock:
            bucket = self._buckets[name >> _SHIFT]
            place = bisect_left(bucket, name)
            return place < len(bucket) and bucket[place] == name


def name_of(key: int) -> int:
    """What is kept here of a reference's hash."""
    return key >> 32
