"""No sequence of requests, by whatever roles, yields more copies than the terms allow, or a refusal without a record.

The terms are kept a second time here, in a few lines that know nothing of posd's: what came out of the printer and what
is in the journal is held against them.
"""

from __future__ import annotations

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

TERMS = """
[slip]
copies = ["customer"]
[policy]
reprint_copies = 2
reprint_window = "1h"
reprint_interval = "5min"
supervisor_from = "50.00"
[[policy.rule]]
name = "at-a-key"
asked_by = ["key"]
copies = 1
"""
MIN = 60_000
SALES = {"t1": "20.00", "t2": "50.00"}
PEOPLE = {
    "till": Doer(kind="peer", uid=1, roles=("till",)),
    "cashier": Doer(kind="peer", uid=2, roles=("cashier",)),
    "supervisor": Doer(kind="peer", uid=3, roles=("supervisor",)),
}
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(sorted(SALES)), st.sampled_from(sorted(PEOPLE)), st.booleans()),
    st.tuples(st.just("press"), st.sampled_from(["1", "2"])),
    st.tuples(st.just("approve"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("cancel"), st.sampled_from(sorted(PEOPLE)), st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([MIN, 5 * MIN, 11 * MIN, 40 * MIN])),
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
        self.refused = self.asked = 0
        self.jobs: list[str] = []

    def ask(self, request: Any, doer: Doer, *, counts: bool) -> Any:
        try:
            return self.shop.ask(request, doer)
        except Refusal:
            self.refused += counts
            return None

    def step(self, what: str, *how: Any) -> None:
        shop = self.shop
        if what == "ask":
            self.asked += 1
            request = rq.ReprintAsk(how[0], f"k{self.asked}", approval="wait" if how[2] else "refuse")
            if (told := self.ask(request, PEOPLE[how[1]], counts=True)) is not None:
                self.jobs.append(told.job)
        elif what == "press":
            self.refused += not shop.press("reprint-number", how[0])
        elif what == "approve" and self.jobs:
            job = self.jobs[how[0] % len(self.jobs)]
            waited = job in shop.state.asking
            self.ask(rq.ReprintApprove(job, how[1]), PEOPLE["supervisor"], counts=waited)
        elif what == "cancel" and self.jobs:
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


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=25))
def test_no_sequence_yields_more_than_the_terms_allow_or_an_unrecorded_refusal(steps: list[tuple[Any, ...]]) -> None:
    counter = Till()
    for step in steps:
        counter.step(*step)
    shop = counter.shop
    withdrawn = {e.job for e in shop.events(ev.ReprintCancelled)}
    approved = {e.request: e.doer for e in shop.events(ev.ReprintDecided) if e.outcome == "approved"}
    made = [e for e in shop.events(ev.ReprintRequested) if e.job not in withdrawn]
    assert max(Counter(e.id for e in made).values(), default=0) <= 2
    assert sum(e.doer.kind == "key" for e in made) <= len(SALES), "one at a key, and only if it is the first"
    last: dict[str, int] = {}
    for e in made:
        assert e.time <= NOON_MS + 60 * MIN
        assert e.time - last.get(e.id, -(10**15)) >= 5 * MIN
        last[e.id] = e.time
        if e.id == "t2":
            by = approved.get(e.request, e.doer)
            assert "supervisor" in by.roles, f"{e.job} came without a supervisor"
    on_paper = Counter(job.job for job in shop.jobs)
    assert not withdrawn & on_paper.keys(), "a withdrawn copy came out"
    assert set(on_paper.values()) == {1}
    recorded = len(shop.events(ev.ReprintRefused))
    window = shop.state.refusals
    assert counter.refused <= WHOLE_MAX or window is not None
    assert recorded + (sum(window.more.values()) if window else 0) == counter.refused
