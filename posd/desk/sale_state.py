"""What the state keeps of a sale: the sale, its copies, its signature.

A full ring has thousands of them, and each stands in memory for as long as it is in the ring. So what can be computed
is, what seldom counts stays in the record, and what many have in common they share.
"""

from __future__ import annotations

import sys
from array import array
from typing import Literal, NamedTuple

from msgspec import Struct

from posd.desk.asked_state import Asked
from posd.domain.copies import OPEN, WAITING, CopyState
from posd.domain.doer import Doer
from posd.domain.event import ExceptionKind
from posd.domain.signature import Cause, Need, SignatureState, UploadState
from posd.domain.slip import CopyName, Mark
from posd.domain.transaction import moment


class Copy(Struct, gc=False):
    """One slip, owed or out. `time_ms` is when it last changed by the wall clock, `trusted_ms` the same as far as that
    can be believed; `owed_ms` when it last became owed, in trusted time that does not leap while posd runs (clock.py),
    and `owed_seq` by which record.
    `torn`: a torn piece of it is on paper. `asked`: the request that it answers. `body`: the record that has its body;
    0 in copies of an original, which have the original's.
    """

    receipt: str
    name: CopyName
    number: int
    state: CopyState
    time_ms: int
    owed_ms: int = 0
    owed_seq: int = 0
    trusted_ms: int = 0
    possible: bool = False
    torn: bool = False
    proof: Literal["confirmed", "assumed"] | None = None
    why: str = ""
    cause: str | None = None
    asked: Asked | None = None
    body: int = 0

    @property
    def job(self) -> str:
        """Its name on the printer."""
        return job_of(self.receipt, self.name, self.number)

    @property
    def held(self) -> bool:
        """Whether it is too old to print by itself: a person decides."""
        return self.state == "failed" and self.cause == "stale"

    @property
    def doer(self) -> Doer | None:
        """Who asked for it; None for an original that nobody asked for."""
        return self.asked.doer if self.asked is not None else None

    @property
    def request(self) -> str:
        """The name of the request that it answers; empty for an original that nobody asked for."""
        return self.asked.name if self.asked is not None else ""

    @property
    def mark(self) -> Mark:
        if self.possible:
            return "possible-duplicate"
        return "duplicate" if self.number else "none"

    @property
    def waiting(self) -> bool:
        return self.state in WAITING and not self.held


class Upload(NamedTuple):
    """How a version stands with the acquirer, and how often it was tried."""

    state: UploadState = "none"
    attempts: int = 0


class Version(NamedTuple):
    """A signature that was captured: which one, and the record that has its drawing."""

    number: int
    seq: int
    upload: Upload = Upload()


class Signature(Struct, frozen=True, gc=False):
    """How the signature of a sale stands; `session` is the running one. It is replaced, never changed: all sales that
    need none share one.
    """

    state: SignatureState
    need: Need
    cause: Cause | None = None
    version: int = 0
    session: str | None = None
    versions: tuple[Version, ...] = ()

    def captured(self, version: int) -> Version | None:
        """That version, if there is one."""
        return next((one for one in self.versions if one.number == version), None)

    def upload(self, version: int) -> Upload:
        """How it stands with the acquirer."""
        captured = self.captured(version)
        return captured.upload if captured is not None else Upload()


class Sale(Struct, gc=False):
    """One transaction (sale, refund or void). `seq` is the record of its acceptance, which has what is not kept here.
    `trusted_ms` is the newest time that could be trusted when it was accepted: later than `accepted_ms` if the clock
    was behind. `floor` is the sequence number from which on the ring must be kept so that it holds all records of it:
    `seq`, or later when older ones were carried forward; `half`: only the older ones were. `packed`: the numbers of its
    records, eight bytes each. `waived`: what a supervisor let be, by kind, copy and number.
    """

    id: str
    seq: int
    receipt: str
    type: str
    time: str
    accepted_ms: int
    trusted_ms: int
    total: int
    currency: str
    last_four: str | None
    signature: Signature
    copies: tuple[Copy, ...]
    floor: int
    packed: bytes = b""
    tainted: frozenset[CopyName] = frozenset()
    exceptions: tuple[str, ...] = ()
    half: bool = False
    waived: frozenset[tuple[ExceptionKind, CopyName | None, int | None]] = frozenset()

    @property
    def time_ms(self) -> int:
        """The till's time of it."""
        return round(moment(self.time, "transaction.time").timestamp() * 1000)

    @property
    def records(self) -> array[int]:
        """The numbers of all records of it."""
        return array("Q", self.packed)

    def recorded(self, seq: int) -> None:
        """There is one more."""
        self.packed += seq.to_bytes(8, sys.byteorder)

    def copy(self, name: CopyName, number: int) -> Copy | None:
        for copy in self.copies:
            if copy.number == number and copy.name == name:
                return copy
        return None

    def of(self, name: CopyName) -> list[Copy]:
        return [c for c in self.copies if c.name == name]

    @property
    def owed(self) -> bool:
        """Whether the journal must keep it: a copy is not settled or a signature is open, and nobody let it be."""
        if self.signature_open and not self._let_be(None):
            return True
        return any(self.copy_open(c) and (c.waiting or not self._let_be(c)) for c in self.copies)

    @property
    def signature_open(self) -> bool:
        """Whether a signature is needed and is not there."""
        return self.signature.state in ("awaiting", "missing", "voided")

    def _let_be(self, copy: Copy | None) -> bool:
        if not self.waived:
            return False
        if copy is None:
            about = {("unsigned", None, None), ("wrong-signature", None, None)}
            return self.signature.state != "awaiting" and not about.isdisjoint(self.waived)
        return ("unknown" if copy.state == "unknown" else "unprinted", copy.name, copy.number) in self.waived

    def copy_open(self, copy: Copy) -> bool:
        """Whether this copy of it is not settled."""
        if copy.state == "unknown":  # the next print settles it
            return not any(c.number > copy.number and c.state == "printed" for c in self.of(copy.name))
        return copy.state in OPEN


def job_of(receipt: str, name: CopyName, number: int) -> str:
    """`42-m0`: the merchant original of receipt 42; `42-c2`: the second reprint of its customer copy."""
    return f"{receipt}-{name[0]}{number}"
