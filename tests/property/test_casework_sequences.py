"""No sequence of requests, by whatever roles, closes an exception whose facts are open, or leaves an open fact without
an exception after a sweep; not even where records of the list itself were lost.

What is a fact is told here a second time, from the journal's events alone, by a few lines that know nothing of posd's.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from posd.api import access
from posd.api.methods import METHODS
from posd.desk import casework
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import Shop, folded
from tests.unit.domain.samples import cash, sale

MIN = 60_000
ROLES = ("till", "cashier", "supervisor", "auditor")
PEOPLE = {role: Doer(kind="peer", uid=n, gid=n, pid=n, roles=(role,)) for n, role in enumerate(ROLES)}
ROWS = {row.params: row for row in METHODS.values()}
WHO = st.sampled_from([*ROLES, "supervisor", "cashier"])
STEPS = st.one_of(
    st.tuples(st.just("ask"), WHO, st.sampled_from(["sell", "sell", "reprint", "resign", "void", "attest", "shift"])),
    st.tuples(
        st.just("ask"), WHO, st.sampled_from(["close", "waive", "note", "assign", "escalate", "settle", "cancel"])
    ),
    st.tuples(st.just("device"), st.sampled_from(["print", "print", "fail", "torn", "unknown", "sign", "not"])),
    st.tuples(st.just("report"), st.sampled_from(["printer", "pad"]), st.sampled_from(["ready", "faulted", "absent"])),
    st.tuples(st.just("time"), st.sampled_from([1100, 11 * MIN, 9 * 60 * MIN])),
    st.tuples(st.just("restart")),
    st.tuples(st.just("lose"), st.sampled_from([ev.ExceptionOpened, ev.ExceptionClosed])),
)
About = tuple[str, str, str | None, int | None]


class Facts:
    """What is so by the journal's events, up to some of them."""

    def __init__(self) -> None:
        self.copies: dict[tuple[str, str, int], str] = {}
        self.signed: dict[str, str] = {}
        self.items: dict[str, About] = {}
        self.listed: set[str] = set()
        self.waived: set[About] = set()

    def see(self, e: ev.AnyEvent) -> None:
        if isinstance(e, ev.TransactionAccepted):
            self.copies |= {(e.transaction.id, name, 0): "queued" for name in e.copies}
            self.signed[e.transaction.id] = "awaited" if e.need.needed else "there"
        elif isinstance(e, ev.ReprintRequested | ev.CopyStarted | ev.CopyPrinted | ev.CopyFailed | ev.CopyUnknown):
            words = {ev.ReprintRequested: "queued", ev.CopyPrinted: "out", ev.CopyFailed: "failed"}
            self.copies[e.id, e.copy, e.number] = words.get(
                type(e), "unknown" if isinstance(e, ev.CopyUnknown) else "on"
            )
        elif isinstance(e, ev.ReprintCancelled):
            self.copies[e.id, e.copy, e.number] = "withdrawn"
        elif isinstance(e, ev.CopySettled):
            self.copies[e.id, e.copy, e.number] = "out" if e.printed else "queued"
        elif isinstance(e, ev.SignatureRequested | ev.SignatureCaptured | ev.SignatureAttested):
            self.signed[e.id] = "awaited" if isinstance(e, ev.SignatureRequested) else "there"
        elif isinstance(e, ev.SignatureMissing | ev.SignatureVoided):
            self.signed[e.id] = "missing" if isinstance(e, ev.SignatureMissing) else "wrong"
        elif isinstance(e, ev.ExceptionOpened):
            self.items[e.id] = (e.transaction, e.kind, e.copy, e.number)
            self.waived.discard(self.items[e.id])
            self.listed.add(e.id)
        elif isinstance(e, ev.ExceptionClosed | ev.ExceptionWaived):
            self.listed.discard(e.id)
            if isinstance(e, ev.ExceptionWaived):
                self.waived.add(self.items[e.id])

    def doubtful(self, sold: str, name: str, number: int) -> bool:
        """Nobody knows whether it came out, and no later copy of it did."""
        later = [s for (a, b, n), s in self.copies.items() if (a, b) == (sold, name) and n > number]
        return self.copies[sold, name, number] == "unknown" and "out" not in later

    def is_open(self, about: About) -> bool:
        sold, kind, name, number = about
        if name is None or number is None:
            return self.signed[sold] != "there"
        if kind == "unknown":
            return self.doubtful(sold, name, number)
        return self.copies[sold, name, number] in ("queued", "on", "failed")

    def to_be_listed(self) -> set[About]:
        """What has to be on the list whatever the devices say now: what simply waits has not."""
        found: set[About] = set()
        for (sold, name, number), state in self.copies.items():
            if state == "failed":
                found.add((sold, "unprinted", name, number))
            elif self.doubtful(sold, name, number):
                found.add((sold, "unknown", name, number))
        for sold, state in self.signed.items():
            if state == "wrong" or (state == "missing" and not self._wrong_listed(sold)):
                found.add((sold, "wrong-signature" if state == "wrong" else "unsigned", None, None))
        return found - self.waived

    def _wrong_listed(self, sold: str) -> bool:
        return (sold, "wrong-signature", None, None) in {self.items[xid] for xid in self.listed}


class People:
    """The shop, on a day on which much is open already, and who did what."""

    def __init__(self) -> None:
        self.shop = shop = Shop("[policy]\nreprint_interval = '0s'", sweeps=True)
        self.made = 0
        self.denied: Counter[str] = Counter()
        shop.submit(sale(id="unsigned"))
        shop.signs_not("timeout")
        shop.print_all()
        shop.submit(cash(id="unknown"))
        shop.unknown()
        shop.print_all()
        shop.submit(sale(id="wrong"))
        shop.signs()
        shop.print_all()
        shop.report("pad", "absent")
        shop.ask(rq.Void("wrong", "v0", "another hand"))
        shop.report("pad", "ready")
        shop.submit(cash(id="failed"))
        shop.fails(torn=True)

    def request(self, what: str, xid: str) -> rq.AnyRequest | None:
        state, key = self.shop.state, f"k{self.made}"
        item = state.exceptions.get(xid)
        sold = item.transaction if item else "last"
        copies = [c for s in state.sales.values() if s.id == sold for c in s.copies]
        doubtful = next((c for c in copies if c.state == "unknown"), None)
        queued = next((c.job for c in copies if c.number and c.state == "queued"), "000001-c9")
        shift = state.shift
        if what == "shift" and shift is not None and shift.state == "open":
            return rq.ShiftClose(key)
        return {
            "reprint": rq.ReprintAsk(sold, key),
            "resign": rq.Resign(sold, key),
            "void": rq.Void(sold, key, "another hand"),
            "attest": rq.Attest(sold, key, "Li Wei"),
            "shift": rq.ShiftOpen("07", key, shift.id if shift else None),
            "close": rq.ExceptionClose(xid),
            "waive": rq.ExceptionWaive(xid, "small"),
            "note": rq.ExceptionNote(xid, key, "called"),
            "assign": rq.ExceptionAssign(xid, "till"),
            "escalate": rq.ExceptionEscalate(xid, "nobody answers"),
            "settle": rq.Settle(sold, doubtful.name, doubtful.number, self.made % 2 == 0) if doubtful else None,
            "cancel": rq.ReprintCancel(queued),
        }[what]  # type: ignore[return-value]

    def ask(self, role: str, what: str) -> None:
        shop, doer = self.shop, PEOPLE[role]
        self.made += 1
        try:
            if what == "sell":
                shop.submit((sale if self.made % 3 else cash)(id=f"t{self.made}"), doer)
                return
            known = list(shop.state.open if self.made % 4 else shop.state.exceptions)
            request = self.request(what, known[self.made % len(known)] if known else "x1")
            if request is not None:
                access.check(ROWS[type(request)], doer)
                shop.ask(request, doer)
        except Refusal as refusal:
            self.denied[what] += refusal.kind == "denied"

    def step(self, what: str, *how: Any) -> None:
        shop = self.shop
        if what == "ask":
            self.ask(*how)
        elif what == "device":
            self.device(how[0])
        elif what == "report":
            shop.report(how[0], how[1])
        elif what == "time":
            shop.pass_time(how[0])
            shop.tick()
        else:
            if what == "lose":  # as a posd with a fault would have left it
                shop.log = lost(shop.log, how[0])
                shop.state = folded(shop.log)
            shop.restart()
            shop.report("printer", "ready")
            shop.report("pad", "ready")

    def device(self, what: str) -> None:
        shop = self.shop
        if shop.job is not None and what in ("print", "fail", "torn", "unknown"):
            if what == "print":
                shop.printed()
            elif what == "unknown" or shop.state.printing is None or shop.state.printing.sale is None:
                shop.unknown()
            else:
                shop.fails(torn=what == "torn")
        elif shop.session is not None and what in ("sign", "not"):
            shop.signs() if what == "sign" else shop.signs_not("timeout")


def lost(log: list[ev.AnyEvent], kind: type) -> list[ev.AnyEvent]:
    """The journal, as if the newest record of that kind had never been written; its number says something else."""
    at = max((n for n, e in enumerate(log) if isinstance(e, kind)), default=None)
    if at is None:
        return log
    gone = log[at]
    assert isinstance(gone, ev.ExceptionOpened | ev.ExceptionClosed)
    later = [n for n, e in enumerate(log) if n > at and getattr(e, "id", "") == gone.id and e not in (gone,)]
    if later:  # what people did about it then would be about nothing
        return log
    filler = ev.ExceptionsSwept(time=gone.time, doer=gone.doer, why="daily", seen=0)
    return [*log[:at], filler, *log[at + 1 :]]


def swept(shop: Shop) -> None:
    """A day later the sweep runs, until it is through."""
    shop.pass_time(casework.SWEEP_MS)
    for _ in range(5):
        shop.tick()
    assert shop.state.sweep is None


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=30))
def test_the_list_is_what_the_facts_say(steps: list[tuple[Any, ...]]) -> None:
    people = People()
    shop = people.shop
    for step in steps:
        people.step(*step)
    swept(shop)
    facts = Facts()
    for e in shop.log:
        facts.see(e)
        if isinstance(e, ev.ExceptionClosed):
            assert not facts.is_open(facts.items[e.id]), f"{e.id} was closed: {facts.items[e.id]}"
        elif isinstance(e, ev.ExceptionWaived):
            assert e.doer.roles == ("supervisor",), f"{e.id} was waived by {e.doer}"
        elif isinstance(e, ev.ExceptionNoted | ev.ExceptionAssigned | ev.ExceptionEscalated):
            assert set(e.doer.roles) <= {"cashier", "supervisor"}
    listed = {facts.items[xid] for xid in facts.listed}
    assert not facts.to_be_listed() - listed, "open, and on no list"
    assert all(facts.is_open(about) for about in listed), "on the list, and settled"
    assert {
        (i.transaction, i.kind, i.copy, i.number) for i in map(shop.state.exceptions.get, shop.state.open) if i
    } == listed
    assert Counter(item.kind for item in map(shop.state.exceptions.get, shop.state.open) if item) == Counter(
        {kind: count for kind, count in shop.state.listed.items() if count}
    )
