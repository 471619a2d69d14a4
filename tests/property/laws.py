"""The laws of the product as checks on what can be seen from outside: answers, paper, the durable journal, the list.
Law 0 is none of the mission's: the order of work, and the shop's terms of copies (shop_terms.py).

Each check raises `Violation` with the number of its law. The checks read the journal on their own; the desk's own books
are looked at only after a restart and at rest, where they must agree with what was seen.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

import msgspec

from posd.desk.state import Sale, State
from posd.desk.statistics import UNSAVED_MAX
from posd.domain import codec
from posd.domain import events as ev
from posd.domain.device import PrintJob, SignRequest
from posd.domain.doer import Doer
from posd.domain.signature import Cause
from tests.property.shop_terms import Terms
from tests.property.shop_world import SELFTEST, Disk, Print, read_slip

CAUSES = get_args(Cause)
DOERS: dict[str, frozenset[str]] = {
    "transaction.accepted": frozenset({"peer"}),
    "copy.settled": frozenset({"peer", "key"}),
    "reprint.requested": frozenset({"peer", "key", "pad"}),
    "reprint.refused": frozenset({"peer", "key"}),
    "requests.refused": frozenset({"posd"}),
    "reprint.cancelled": frozenset({"peer", "key"}),
    "pin.tried": frozenset({"key"}),
    "pin.checked": frozenset({"key"}),
    "clock.trusted": frozenset({"posd", "peer"}),
    "signature.requested": frozenset({"posd", "peer", "key"}),
    "signature.captured": frozenset({"pad"}),
    "signature.missing": frozenset({"pad", "key", "posd", "peer"}),
}


class Violation(BaseException):
    """A law was broken. No `Exception`: the code that is watched must not be able to catch it."""

    def __init__(self, law: int, words: str) -> None:
        super().__init__(f"law {law}: {words}")
        self.law = law


def check(law: int, holds: object, words: str) -> None:
    if not holds:
        raise Violation(law, words)


class Laws:
    """Sees everything that happens in one simulated shop, over all its crashes."""

    def __init__(self, disk: Disk, drawn: dict[bytes, str]) -> None:
        self.disk = disk
        self.paper: dict[tuple[str, str], list[Print]] = defaultdict(list)
        self.prints = 0
        self.submitted_by: dict[str, set[Doer]] = defaultdict(set)
        self.acknowledged: list[tuple[int, str]] = []
        self.promised: list[tuple[str, str, int]] = []
        self._drawn = drawn
        self._seen = 0
        self._published = 0
        self._digest: dict[str, str] = {}
        self._copy: dict[tuple[str, str, int], str] = {}
        self._tainted: set[tuple[str, str]] = set()
        self._body: dict[tuple[str, str], str] = {}
        self._session: dict[str, str] = {}
        self._version: dict[str, int] = defaultdict(int)
        self._ink: dict[bytes, str] = {}
        self._torn: dict[str, bool] = {}
        self._place: dict[tuple[str, str, int], int] = {}
        self._started_place: dict[tuple[str, str, int], int] = {}
        self._awaited: set[str] = set()
        self._asked_at_a_key: set[str] = set()
        self._tests: dict[str, str] = {}
        self._test_prints: set[str] = set()
        self._slips = self._slips_recorded = 0
        self._refused_told = self._refused_recorded = 0
        self._operator: str | None = None
        self._terms = Terms()
        self._about: dict[str, tuple[str, Any, Any]] = {}
        self._waived: set[tuple[str, Any, Any]] = set()

    # What leaves posd.

    def answered_submit(self, sale: str, seq: int) -> None:
        durable = seq <= self.disk.durable
        check(1, durable, f"{sale} was acknowledged as {seq}, durable is {self.disk.durable}")
        event = self.disk.events[seq - 1]
        right = isinstance(event, ev.TransactionAccepted) and event.transaction.id == sale
        check(1, right, f"record {seq} is not the acceptance of {sale}")
        self.acknowledged.append((seq, sale))

    def answered_reprint(self, sale: str, copy: str, number: int) -> None:
        self.observe()
        check(1, (sale, copy, number) in self._copy, f"a reprint of {sale} was promised before it was durable")
        self.promised.append((sale, copy, number))

    def answered_selftest(self, job: str) -> None:
        self.observe()
        check(1, job in self._tests, f"self-test {job} was promised before it was durable")

    def answered_refusal(self) -> None:
        self._refused_told += 1

    def published(self, seq: int, event: ev.AnyEvent) -> None:
        check(1, seq <= self.disk.durable, f"event {seq} was published before it was durable")
        check(1, seq > self._published, f"event {seq} was published again")
        check(1, self.disk.events[seq - 1] == event, f"event {seq} was published with other content")
        self._published = seq

    def handed_to_printer(self, job: PrintJob) -> None:
        self.observe()
        if job.data == SELFTEST:
            check(1, self._tests.get(job.job) == "printing", f"self-test {job.job} was sent before that was durable")
            return
        slip = read_slip(job)
        state = self._copy.get((slip.sale, slip.copy, slip.number))
        check(1, state == "started", f"{job.job} was sent to the printer, but the journal says {state}")
        if (slip.sale, slip.copy) in self._tainted:
            check(2, slip.possible, f"{job.job} may be a duplicate and does not say so")

    def handed_to_pad(self, request: SignRequest) -> None:
        self.observe()
        check(1, request.session in self._session, f"session {request.session} began before it was durable")

    # What comes out.

    def torn(self, job: PrintJob) -> None:
        """A piece of it came out, and no more will."""
        self._torn[job.job] = True

    def came_out(self, job: PrintJob) -> None:
        if job.data == SELFTEST:
            check(2, job.job not in self._test_prints, f"self-test {job.job} came out twice")
            self._test_prints.add(job.job)
            return
        slip = read_slip(job)
        if slip.voids:
            check(2, job.job in self._torn, f"{job.job} says that a torn piece is void, and there is none")
        elif job.job in self._torn:
            check(2, slip.possible, f"a torn piece of {job.job} is on paper, and the slip does not say that it is void")
        self.prints += 1
        earlier = self.paper[slip.sale, slip.copy]
        if not slip.duplicate and not slip.possible:
            check(2, not any(not p.duplicate and not p.possible for p in earlier), f"two originals of {job.job}")
        check(2, slip.possible or not any(p.job == slip.job for p in earlier), f"{job.job} came out twice, unmarked")
        check(4, all(p.body == slip.body for p in earlier), f"{job.job} has another body than the original")
        if slip.drawing:
            self.observe()
            check(5, self._ink.get(slip.drawing) == slip.sale, f"{job.job} shows the signature of another sale")
        earlier.append(slip)

    # What the journal says.

    def was_accepted(self, name: str) -> bool:
        """Whether the journal ever had it."""
        return name in self._digest

    def observe(self) -> None:
        """Read what has become durable since the last time."""
        for seq in range(self._seen + 1, self.disk.durable + 1):
            event = self.disk.events[seq - 1]
            self._doer(event)
            self._people_event(event)
            against = self._terms.broken(event)
            check(0, against is None, against or "")
            self._order_event(event, seq)
            if isinstance(event, ev.TransactionAccepted):
                check(1, event.transaction.id not in self._digest, f"{event.transaction.id} was accepted twice")
                self._digest[event.transaction.id] = event.digest
                for name in event.copies:
                    self._copy[event.transaction.id, name, 0] = "queued"
            elif isinstance(event, ev.ExceptionOpened):
                check(3, event.cause in CAUSES and event.detail, f"exception {event.id} has no cause")
            elif isinstance(event, ev.CopyStarted | ev.CopyPrinted | ev.CopyFailed | ev.CopyUnknown | ev.CopySettled):
                self._copy_event(event)
                self._counted_event(event)
            elif isinstance(event, ev.DeviceCounted | ev.SelftestChanged):
                self._counted_event(event)
            elif isinstance(event, ev.ReprintRefused | ev.RequestsRefused):
                self._refused_recorded += _refusals(event)
            elif isinstance(event, ev.ReprintRequested | ev.ReprintCancelled):
                self._key_event(event)
                at = (event.id, event.copy, event.number)
                check(2, self._copy.get(at) != "unknown", f"{event.job} is unknown and was queued again")
                self._copy[at] = "queued" if isinstance(event, ev.ReprintRequested) else "cancelled"
            elif isinstance(event, ev.SignatureRequested | ev.SignatureCaptured | ev.SignatureMissing):
                self._signature_event(event)
            self._seen = seq

    def _doer(self, event: ev.AnyEvent) -> None:
        tag, doer = codec.tag_of(event), event.doer
        known = {"peer": doer.uid is not None and doer.gid is not None and doer.pid is not None, "key": doer.key}
        check(8, known.get(doer.kind, True), f"{tag} has a doer without a name: {doer}")
        allowed = DOERS.get(tag)
        check(8, allowed is None or doer.kind in allowed, f"{tag} by {doer}")
        if isinstance(event, ev.TransactionAccepted):
            senders = self.submitted_by[event.transaction.id]
            check(
                8,
                msgspec.structs.replace(doer, operator=None) in senders,
                f"{event.transaction.id} was accepted in another's name",
            )

    def _people_event(self, e: ev.AnyEvent) -> None:
        """Whose shift it is, and what a supervisor let be."""
        late = isinstance(e, ev.ReprintRequested) and e.request in self._terms.asked
        if not isinstance(e, ev.CopyStarted) and not late:  # those are in the name of who asked, in whatever shift
            check(8, e.doer.operator == self._operator, f"{codec.tag_of(e)} in the shift of {self._operator}: {e.doer}")
        if isinstance(e, ev.ShiftOpened):
            self._operator = e.operator
        elif isinstance(e, ev.ShiftClosed):
            self._operator = None
        elif isinstance(e, ev.ExceptionOpened):
            self._about[e.id] = (e.transaction, e.copy, e.number)
            self._waived.discard(self._about[e.id])
        elif isinstance(e, ev.ExceptionWaived):
            self._waived.add(self._about[e.id])

    def _copy_event(self, e: ev.CopyStarted | ev.CopyPrinted | ev.CopyFailed | ev.CopyUnknown | ev.CopySettled) -> None:
        at = (e.id, e.copy, e.number)
        before = self._copy.get(at)
        if isinstance(e, ev.CopyStarted):
            self._in_turn(at, e.job)
            check(2, before != "unknown", f"{e.job} is unknown and was started by itself")
            check(2, before in ("queued", "failed", "settled"), f"{e.job} was {before} and was started")
            if (e.id, e.copy) in self._tainted:
                check(2, e.mark == "possible-duplicate", f"{e.job} may be a duplicate and is marked {e.mark}")
            check(4, self._body.setdefault((e.id, e.copy), e.body_digest) == e.body_digest, f"{e.job}: another body")
            self._copy[at] = "started"
        elif isinstance(e, ev.CopyUnknown):
            self._tainted.add((e.id, e.copy))
            self._copy[at] = "unknown"
        elif isinstance(e, ev.CopySettled):
            check(2, before == "unknown", f"{at} was settled, but it was {before}")
            self._copy[at] = "printed" if e.printed else "settled"
        else:
            self._copy[at] = "printed" if isinstance(e, ev.CopyPrinted) else "failed"

    def _in_turn(self, at: tuple[str, str, int], job: str) -> None:
        """Live sales first, then reprints, each in the order in which they became owed; what is being signed waits."""
        own = self._place.pop(at, None)
        check(2, own is not None, f"{job} was started and is not owed")
        self._started_place[at] = own or 0
        live = {p for p in self._place if p[2] == 0 and p[0] not in self._awaited}
        if at[2]:
            check(0, not live, f"the reprint {job} went before {list(live)[:3]}")
            live = {p for p in self._place if p[2]}
        earlier = [p for p in live if self._place[p] < (own or 0)]
        check(0, not earlier, f"{job} went before {earlier[:3]}, which waited longer")

    def _order_event(self, e: ev.AnyEvent, seq: int) -> None:
        if isinstance(e, ev.TransactionAccepted):
            for name in e.copies:
                self._place[e.transaction.id, name, 0] = seq
            if e.need.needed:
                self._awaited.add(e.transaction.id)
        elif isinstance(e, ev.SignatureRequested):
            self._awaited.add(e.id)
        elif isinstance(e, ev.SignatureCaptured | ev.SignatureMissing):
            self._awaited.discard(e.id)
        elif isinstance(e, ev.ReprintRequested) or (isinstance(e, ev.CopySettled) and not e.printed):
            self._place.setdefault((e.id, e.copy, e.number), seq)
        elif isinstance(e, ev.CopyFailed) and e.cause != "stale":
            self._place[e.id, e.copy, e.number] = self._started_place[e.id, e.copy, e.number]
        elif isinstance(e, ev.ReprintCancelled) or (isinstance(e, ev.CopyFailed) and e.cause == "stale"):
            self._place.pop((e.id, e.copy, e.number), None)

    def _key_event(self, e: ev.ReprintRequested | ev.ReprintCancelled) -> None:
        if isinstance(e, ev.ReprintCancelled):
            by_key = e.doer.kind == "key"
            check(
                8,
                not by_key or e.job in self._asked_at_a_key,
                f"{e.job} was withdrawn at a key, and asked for elsewhere",
            )
        elif e.doer.kind == "key":
            self._asked_at_a_key.add(e.job)
        else:
            self._asked_at_a_key.discard(e.job)

    def _counted_event(self, e: ev.AnyEvent) -> None:
        """Every slip that came out, or may have, while posd ran is counted, and soon recorded."""
        if isinstance(e, ev.DeviceCounted):
            if e.unit == "printer":
                check(3, e.slips == self._slips, f"{e.slips} slips are recorded, {self._slips} were printed")
                self._slips_recorded = e.slips
            return
        if isinstance(e, ev.SelftestChanged):
            self._tests[e.job] = e.state
            ended = e.state in ("printed", "unknown")
        else:
            ended = isinstance(e, ev.CopyPrinted | ev.CopyUnknown)
        if ended and getattr(e, "cause", None) != "restart":
            self._slips += 1
        unsaved = self._slips - self._slips_recorded
        check(3, unsaved <= UNSAVED_MAX + 1, f"{unsaved} slips are counted and not recorded")

    def _signature_event(self, e: ev.SignatureRequested | ev.SignatureCaptured | ev.SignatureMissing) -> None:
        if isinstance(e, ev.SignatureRequested):
            check(5, e.session not in self._session, f"session {e.session} was used twice")
            self._session[e.session] = e.id
            return
        if e.drawing is not None:
            session = self._drawn[e.drawing.data]
            right = session == e.session and self._session[session] == e.id
            check(5, right, f"strokes of session {session} were kept under {e.id}, session {e.session}")
        if isinstance(e, ev.SignatureCaptured):
            check(5, e.digest == self._digest[e.id], f"the signature of {e.id} is bound to another digest")
            check(5, e.version == self._version[e.id] + 1, f"version {e.version} of {e.id} after {self._version[e.id]}")
            self._version[e.id] = e.version
            self._ink[e.drawing.data] = e.id

    # What must hold after a restart, and at rest.

    def after_restart(self, state: State) -> None:
        """Everything that was acknowledged is there, unless the ring gave up a sale of which nothing was owed."""
        self.observe()
        self._published = self.disk.durable
        self._refused_told = self._refused_recorded = 0
        counted = state.totals["printer"].slips if "printer" in state.totals else 0
        check(3, counted == self._slips_recorded, f"{self._slips_recorded} slips were recorded, {counted} are known")
        self._slips = counted
        for seq, sale in reversed(self.acknowledged):
            if seq < self.disk.first:
                break
            check(1, sale in state.sales and state.sales[sale].seq == seq, f"{sale} was acknowledged and is gone")
        for sale, name, number in self.promised[-200:]:
            owed = self._copy[sale, name, number] in ("queued", "settled", "started", "failed")
            owed = owed and (sale, name, number) not in self._waived
            check(3, not owed or sale in state.sales, f"{sale} was dropped, and its {name} copy {number} is still owed")
            if sale in state.sales:
                there = state.sales[sale].copy(name, number)  # type: ignore[arg-type]
                check(1, there, f"the promised {name} copy {number} of {sale} is gone")

    def at_any_time(self, state: State) -> None:
        """A device that says that it cannot holds up nothing but itself."""
        away = state.devices["pad"].report.state not in ("ready", "opening") and state.signing is None
        check(9, not (away and state.awaiting), f"{list(state.awaiting)[:3]} wait for a pad that is away")

    def at_rest(self, state: State, *, printer: bool) -> None:
        """Nothing is under way any more: every sale is printed and signed, or on the list."""
        check(9, state.printing is None and state.signing is None, "a device that answers holds up the shop")
        check(9, not state.awaiting, f"{list(state.awaiting)[:3]} wait for a pad that is free")
        check(9, not (printer and state.owed), f"{list(state.owed)[:3]} wait for a printer that is free")
        check(9, not (printer and state.tests_wait), "a self-test waits for a printer that is free")
        waits = self._terms.waiting
        check(0, waits == state.asking.keys(), f"{waits} wait for a supervisor, the desk knows {list(state.asking)}")
        counted = sum(n for who, n in state.refusals.more.items() if who.startswith("uid")) if state.refusals else 0
        recorded = self._refused_recorded + counted
        check(3, recorded == self._refused_told, f"{self._refused_told} were refused, {recorded} are recorded")
        for sale in state.sales.values():
            self._sale_at_rest(state, sale)

    def _sale_at_rest(self, state: State, sale: Sale) -> None:
        listed: set[Any] = set()
        for xid in sale.exceptions:
            item = state.exceptions[xid]
            if item.state == "open":
                check(3, xid in state.open, f"{xid} is open and not on the list")
                listed.add((item.kind, item.copy, item.number))
        known = listed | sale.waived
        for copy in sale.copies:
            waits = copy.state in ("queued", "failed")
            kind = "unprinted" if waits else "unknown"
            done = copy.state in ("printed", "cancelled") or (
                copy.state == "unknown"
                and any(c.number > copy.number and c.state == "printed" for c in sale.of(copy.name))
            )
            check(
                3,
                done or (kind, copy.name, copy.number) in known,
                f"{copy.job} is {copy.state} and on no list",
            )
            check(3, not done or ("unprinted", copy.name, copy.number) not in listed, f"{copy.job} is done, yet listed")
            if copy.state == "printed" and copy.proof is not None:
                on_paper = any(p.job == copy.job for p in self.paper[sale.id, copy.name])
                check(3, on_paper, f"{copy.job} is said to be printed and never came out")
        signed = sale.signature.state in ("captured", "not-needed", "attested")
        wrong = sale.signature.state in ("missing", "voided") and ("wrong-signature", None, None) in known
        missing = wrong or (sale.signature.state == "missing" and ("unsigned", None, None) in known)
        check(3, signed or missing, f"{sale.id} is {sale.signature.state} and on no list")


def _refusals(e: ev.ReprintRefused | ev.RequestsRefused) -> int:
    """How many refused requests of clients a record tells of."""
    if isinstance(e, ev.ReprintRefused):
        return int(e.doer.kind == "peer")
    return sum(n for who, n in e.counts.items() if who.startswith("uid"))
