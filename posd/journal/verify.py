"""Is this file sound, and is it the one that was vouched for? Reads only.

Verdicts, the worst first
  altered   every checksum holds where it breaks and the chain does not; or an anchor's chain, or a seal, is another
            than the file's: somebody wrote there
  damaged   acknowledged records cannot be read
  shorter   it ends before the anchor: its end was cut off, or it is an older copy
  sound     none of these

An anchor is the chain behind a record, written down elsewhere: every export has one, and who keeps it can tell whether
what stands before it is still what it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posd.journal.errors import LostRange
from posd.journal.look import Look, Progress, look, quiet
from posd.journal.recover import Observe, Step
from posd.journal.seal import SealCheck, Seals

Verdict = Literal["sound", "damaged", "altered", "shorter"]
Checked = Literal["none", "ok", "gone", "shorter", "altered"]
"""What became of an anchor. `gone`: the record that it stands behind has left the ring."""

_ANCHOR = re.compile(r"([0-9a-fA-F]{64})@([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The chain (32 bytes) behind the record `seq`; seq 0: before the first one."""

    chain: bytes
    seq: int

    def __str__(self) -> str:
        return f"{self.chain.hex()}@{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """`HEX@SEQ`, the first that stands in the text. ValueError if there is none."""
        match = _ANCHOR.search(text)
        if match is None:
            raise ValueError("an anchor is 64 hexadecimal digits, @, and a sequence number")
        return cls(bytes.fromhex(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying found. `first` and `last` are the ids of the records that stand without a gap from the head on."""

    verdict: Verdict
    case: str
    uuid: str
    first: int
    last: int
    batches: int
    anchor: Anchor
    asked: Checked
    lost: tuple[LostRange, ...]
    dropped_blocks: int
    bad_copies: int
    in_use: bool
    seals: Seals
    report: str


class _Watch:
    """What one look at the file collects on its way."""

    def __init__(self, anchor: Anchor | None, key: bytes | None) -> None:
        self.batches = 0
        self.last: Step | None = None
        self.ids_seen = False
        self.chain_met = False
        self.seals = SealCheck(key)
        self._anchor = anchor

    def __call__(self, step: Step) -> None:
        self.batches += 1
        self._meets(step.header.first_id - 1, step.header.chain)
        self._meets(step.behind.next_id - 1, step.behind.chain)
        self.seals.step(step)

    def _meets(self, seq: int, chain: bytes) -> None:
        if self._anchor is not None and self._anchor.seq == seq:
            self.ids_seen = True
            self.chain_met |= self._anchor.chain == chain


def verify(
    path: Path, *, anchor: Anchor | None = None, key: bytes | None = None, progress: Progress = quiet
) -> Verified:
    """Verify the journal at `path`. NotAJournal, JournalBusy, JournalError (it cannot be opened)."""
    watches: list[_Watch] = []

    def observe() -> Observe:
        watches.append(_Watch(anchor, key))
        return watches[-1]

    seen = look(path, observe, progress)
    try:
        watch = watches[-1]
        watch.seals.of(seen.found.superblock.uuid)
        asked = _asked(anchor, watch, seen)
        seals = watch.seals.result()
        return Verified(
            verdict=_verdict(seen, asked, seals),
            case=seen.found.case,
            uuid=seen.found.superblock.uuid.hex(),
            first=seen.head.next_id,
            last=seen.found.tail.next_id - 1,
            batches=watch.batches,
            anchor=Anchor(seen.found.tail.chain, seen.found.tail.next_id - 1),
            asked=asked,
            lost=seen.found.lost,
            dropped_blocks=seen.found.dropped_blocks,
            bad_copies=len(seen.found.repairs) + seen.found.bad_slots,
            in_use=seen.in_use,
            seals=seals,
            report=seen.report.sentence,
        )
    finally:
        seen.close()


def _asked(anchor: Anchor | None, watch: _Watch, seen: Look) -> Checked:
    if anchor is None:
        return "none"
    head, tail = seen.head, seen.found.tail
    if watch.chain_met or anchor in (Anchor(head.chain, head.next_id - 1), Anchor(tail.chain, tail.next_id - 1)):
        return "ok"
    if anchor.seq >= tail.next_id and not seen.found.damaged:
        return "shorter"
    if anchor.seq < head.next_id - 1:
        return "gone"
    # Inside a gap, or behind one, nothing is known of the chain; elsewhere another chain is another history.
    return "altered" if watch.ids_seen or not seen.found.damaged else "gone"


def _verdict(seen: Look, asked: Checked, seals: Seals) -> Verdict:
    if seen.found.altered or asked == "altered" or seals.wrong:
        return "altered"
    if seen.found.damaged:
        return "damaged"
    return "shorter" if asked == "shorter" else "sound"
