"""No sequence of requests, by whatever roles, yields more copies than the terms allow, or a refusal without a record.

The terms are kept a second time here, in a few lines that know nothing of posd's: what came out of the printer and what
is in the journal is held against them. Requests are also forged, repeated, wrongly stated and made for another
terminal's slips, and approvals are said again.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from posd.desk.bounds import WHOLE_MAX
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import NOON_MS, Shop
from tests.unit.domain.samples import cash

EACH, ALL = 6, 10
TERMS = f"""
[slip]
copies = ["customer"]
[policy]
reprint_copies = 2
reprint_window = "1h"
reprint_interval = "5min"
terminal_interval = "1min"
supervisor_from = "50.00"
requests_each = {EACH}
requests_all = {ALL}
[[policy.rule]]
name = "at-a-key"
asked_by = ["key"]
copies = 1
[policy.reasons]
lost = {{ zh_CN = "遗失", en = "lost" }}
other = {{ zh_CN = "其他", en = "other", note = true }}
"""
MIN = 60_000
SALES = {"t1": "20.00", "t2": "50.00"}
PEOPLE = {
    "till": Doer(kind="peer", uid=1, roles=("till",)),
    "cashier": Doer(kind="peer", uid=2, roles=("cashier",)),
    "supervisor": Doer(kind="peer", uid=3, roles=("supervisor",)),
}
ASKS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([*SALES, *SALES, "last", "T2", "another-terminal's"]),
        "approval": st.sampled_from(["wait", "refuse"]),
        "amount": st.sampled_from([None, None, None, "50.00", "20"]),
        "reason": st.sampled_from(["lost", "lost", "lost", "other", "beach"]),
    }
)
STEPS = st.one_of(
    st.tuples(st.just("ask"), ASKS, st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("again"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("press"), st.sampled_from(["1", "2"])),
    st.tuples(st.just("approve"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("cancel"), st.sampled_from(sorted(PEOPLE)), st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([1, MIN, 5 * MIN, 11 * MIN, 40 * MIN])),
    st.tuples(st.just("print")),
    st.tuples(st.just("restart")),
)


class Till:
    """The shop, and who was refused how often."""

    def __init__(self) -> None:
        self.shop = Shop(TERMS)
        for sale, amount in SALES.items():
            self.shop.submit(cash(amount, id=sale))
        self.shop.print_all()
        self.refused = 0
        self.asked: list[tuple[rq.ReprintAsk, Doer]] = []
        self.jobs: list[str] = ["r1", "000001-c1"]
        self.names: dict[str, str] = {}

    def ask(self, request: Any, doer: Doer, *, counts: bool) -> Any:
        try:
            return self.shop.ask(request, doer)
        except Refusal as refusal:
            self.refused += counts
            if counts and refusal.request is not None:
                self.names[refusal.request] = refusal.kind
            return None

    def step(self, what: str, *how: Any) -> None:
        shop = self.shop
        if what == "ask":
            self.asked.append((rq.ReprintAsk(key=f"k{len(self.asked)}", **how[0]), PEOPLE[how[1]]))
            self._asks(*self.asked[-1])
        elif what == "again" and self.asked:
            request, doer = self.asked[how[0] % len(self.asked)]
            self._asks(request if how[1] else rq.ReprintAsk(request.id, request.key, reason="other", note="x"), doer)
        elif what == "press":
            self.refused += not shop.press("reprint-number", how[0])
        elif what == "approve":
            job = self.jobs[how[0] % len(self.jobs)]
            waited = job in shop.state.asking
            self.ask(rq.ReprintApprove(job, how[1]), PEOPLE["supervisor"], counts=waited)
        elif what == "cancel":
            self.ask(rq.ReprintCancel(self.jobs[-1 if how[1] else 0]), PEOPLE[how[0]], counts=False)
        elif what == "time":
            shop.pass_time(how[0])
            shop.tick()
        elif what == "print":
            shop.print_all()
        elif what == "restart":
            shop.print_all()
            shop.restart()
            shop.report("printer", "ready")

    def _asks(self, request: rq.ReprintAsk, doer: Doer) -> None:
        if (told := self.ask(request, doer, counts=True)) is not None:
            self.jobs.append(told.job)


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=25))
def test_no_sequence_yields_more_than_the_terms_allow_or_an_unrecorded_refusal(steps: list[tuple[Any, ...]]) -> None:
    till = Till()
    for step in steps:
        till.step(*step)
    shop = till.shop
    withdrawn = {e.job for e in shop.events(ev.ReprintCancelled)}
    approved = {e.request: e.doer for e in shop.events(ev.ReprintDecided) if e.outcome == "approved"}
    asked = {e.request: e for e in shop.events(ev.ReprintAsked)}
    made = [e for e in shop.events(ev.ReprintRequested) if e.job not in withdrawn]
    assert {e.id for e in made} <= SALES.keys(), "a slip of another terminal came out"
    assert max(Counter(e.id for e in made).values(), default=0) <= 2
    assert sum(e.doer.kind == "key" for e in made) <= len(SALES), "one at a key, and only if it is the first"
    assert all(n == 1 for n in Counter(e.request for e in made).values()), "an approval counted twice"
    last: dict[str, int] = {}
    newest = -(10**15)
    for e in made:
        assert e.time <= NOON_MS + 60 * MIN
        assert e.time - last.get(e.id, -(10**15)) >= 5 * MIN
        assert e.time - newest >= MIN
        last[e.id] = newest = e.time
        if e.id == "t2":
            assert "supervisor" in approved.get(e.request, e.doer).roles, f"{e.job} came without a supervisor"
        if e.request in asked:
            assert (e.id, e.doer) == (asked[e.request].id, asked[e.request].doer), f"{e.job} is another's"
        assert e.doer.kind == "key" or (e.reason, bool(e.note)) in {("lost", False), ("other", True)}
    on_paper = Counter(job.job for job in shop.jobs)
    assert not withdrawn & on_paper.keys(), "a withdrawn copy came out"
    assert set(on_paper.values()) == {1}
    recorded = shop.events(ev.ReprintRefused)
    window = shop.state.refusals
    counted = sum(window.more.values()) if window else 0
    told = sum(sum(e.counts.values()) for e in shop.events(ev.RequestsRefused))
    assert till.refused <= WHOLE_MAX or window is not None or told
    assert len(recorded) + counted + told == till.refused
    for name, kind in till.names.items():
        assert shop.ask(rq.ReprintShow(name)).kind == kind, "a refused request is found by its name"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["till", "cashier", "key"]), st.integers(0, 20_000)), max_size=60))
def test_no_sequence_in_time_is_admitted_beyond_what_one_and_all_may_ask_in_a_minute(
    steps: list[tuple[str, int]],
) -> None:
    """The minute is counted a second time, request by request."""
    shop = Shop(TERMS)
    shop.submit(cash("20.00", id="t1"))
    shop.print_all()
    admitted: list[tuple[int, str]] = []
    for number, (who, ms) in enumerate(steps):
        shop.pass_time(ms)
        minute = [(at, other) for at, other in admitted if shop.mono_ms - at < MIN]
        full = len(minute) >= ALL or sum(other == who for _, other in minute) >= EACH
        now = (shop.mono_ms, "key" if who == "key" else PEOPLE[who].counted())
        before = shop.state.requests.count(now)
        if who == "key":
            shop.press("reprint-last")
        else:
            with contextlib.suppress(Refusal):
                shop.reprint("t1", f"k{number}", PEOPLE[who], reason="other", note="n")
        shop.print_all()
        assert (shop.state.requests.count(now) > before) == (not full)
        if not full:
            admitted.append((shop.mono_ms, who))
        assert len(shop.state.requests) <= ALL
