"""What the ledger says of the journal beneath it."""

from __future__ import annotations

from posd.ledger import JournalLedger
from tests.unit.journal.rings import reopened
from tests.unit.journal.test_recovery_cases import MIRRORED, scrub, written


def test_blocks_that_are_bad_in_both_copies_are_told_while_posd_runs() -> None:
    image, _ = written(MIRRORED, close=True)
    ring = reopened(image)
    disk = ring.store.disk
    assert disk is not None
    ledger = JournalLedger(ring.journal)
    for copy in (0, 1):  # after the opening had checked them
        disk.rot(MIRRORED.offset(copy, 3) + 500 + copy, 1)
    assert ledger.view().advice == ""
    scrub(ring)
    assert ledger.view().advice.startswith("1 block cannot be read in either copy; posctl journal verify ")
    assert ledger.view("the disk failed").advice == "the disk failed"
