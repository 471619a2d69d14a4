"""One batch as a link of the chain: what an auditor needs to hash it again, away from the journal."""

from __future__ import annotations

from typing import NamedTuple

from posd.journal.block import chain_after


class Link(NamedTuple):
    """A batch: `chain` is what stands before it, `body` its records back to back (docs/journal-format.md)."""

    sequence: int
    first_id: int
    flags: int
    records: int
    chain: bytes
    body: bytes

    @property
    def anchor(self) -> str:
        """The chain behind it and its newest record, `HEX@SEQ`, as `posctl journal verify --anchor` takes it."""
        behind = chain_after(self.chain, self.sequence, self.first_id, self.flags, len(self.body), (self.body,))
        return f"{behind.hex()}@{self.first_id + self.records - 1}"
