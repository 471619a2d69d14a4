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
GOOD = st.fixed_dictionaries(
    {
        "id": st.sampled_from(sorted(SALES)),
        "approval": st.sampled_from(["wait", "refuse"]),
        "reason": st.just("lost"),
    }
)
ODD = st.fixed_dictionaries(
    {
        "id": st.sampled_from([*SALES, "last", "T2", "another-terminal's"]),
        "approval": st.sampled_from(["wait", "refuse"]),
        "amount": st.sampled_from([None, "50.00", "20"]),
        "reason": st.sampled_from(["lost", "other", "beach"]),
    }
)
PAUSES = st.sampled_from([0, 1000, MIN - 1, MIN, 5 * MIN, 6 * MIN, 11 * MIN])
STEPS = st.one_of(
    st.tuples(st.just("ask"), GOOD, st.sampled_from(sorted(PEOPLE)), PAUSES),
    st.tuples(st.just("ask"), GOOD, st.sampled_from(sorted(PEOPLE)), PAUSES),
    st.tuples(st.just("ask"), ODD, st.sampled_from(sorted(PEOPLE)), PAUSES),
    st.tuples(st.just("again"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("press"), st.sampled_from(["1", "2"]), PAUSES),
    st.tuples(st.just("approve"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("cancel"), st.sampled_from(sorted(PEOPLE)), st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([11 * MIN, 40 * MIN])),
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
        self.stated: dict[str, str | None] = {}

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
        if what in ("ask", "press"):
            self.pass_time(how[-1])
        if what == "ask":
            self.asked.append((rq.ReprintAsk(key=f"k{len(self.asked)}", **how[0]), PEOPLE[how[1]]))
            self._asks(*self.asked[-1])
        elif what == "again" and self.asked:
            request, doer = self.asked[how[0] % len(self.asked)]
            if not how[1]:  # something else under its key: the key of what was refused is free
                request = rq.ReprintAsk(request.id, request.key, reason="other", note="x")
            self._asks(request, doer)
        elif what == "press":
            self.refused += not shop.press("reprint-number", how[0])
        elif what == "approve":
            waiting = list(shop.state.asking)
            job = waiting[-1] if waiting and how[0] > 2 else self.jobs[how[0] % len(self.jobs)]
            waited = job in shop.state.asking
            self.ask(rq.ReprintApprove(job, how[1]), PEOPLE["supervisor"], counts=waited)
        elif what == "cancel":
            waiting = [copy.job for _, copy in shop.state.waiting()]
            job = waiting[-1] if waiting and how[1] else self.jobs[-1]
            self.ask(rq.ReprintCancel(job), PEOPLE[how[0]], counts=False)
        elif what == "time":
            self.pass_time(how[0])
        elif what == "print":
            shop.print_all()
        elif what == "restart":
            shop.print_all()
            shop.restart()
            shop.report("printer", "ready")

    def pass_time(self, ms: int) -> None:
        self.shop.pass_time(ms)
        self.shop.tick()

    def _asks(self, request: rq.ReprintAsk, doer: Doer) -> None:
        if (told := self.ask(request, doer, counts=True)) is not None:
            self.jobs.append(told.job)
            self.stated[told.request] = request.amount


@settings(max_examples=250)
@given(st.lists(STEPS, min_size=4, max_size=25))
def test_no_sequence_yields_more_than_the_terms_allow_or_an_unrecorded_refusal(steps: list[tuple[Any, ...]]) -> None:
    till = Till()
    for step in steps:
        till.step(*step)
    shop = till.shop
    approved = {e.request: e.doer for e in shop.events(ev.ReprintDecided) if e.outcome == "approved"}
    asked = {e.request: e for e in shop.events(ev.ReprintAsked)}
    counts: dict[str, ev.ReprintRequested] = {}
    answered: set[str] = set()
    times: dict[str, int] = {}
    for e in shop.log:
        if isinstance(e, ev.ReprintCancelled):
            times.pop(e.job, None)
        if isinstance(e, ev.ReprintCancelled) or (isinstance(e, ev.CopyFailed) and e.cause == "stale"):
            counts.pop(e.job, None)  # withdrawn, or it waits for a person to ask for it again
        if not isinstance(e, ev.ReprintRequested):
            continue
        own = [made for made in counts.values() if made.id == e.id]
        assert e.id in SALES, "a slip of another terminal came out"
        assert len(own) < (1 if e.doer.kind == "key" else 2), f"{e.job} is one too many"
        assert e.time <= NOON_MS + 60 * MIN
        assert all(e.time - made.time >= 5 * MIN for made in own)
        assert all(e.time - at >= MIN for at in times.values()), f"{e.job} came too soon after another"
        if e.id == "t2":
            assert "supervisor" in approved.get(e.request, e.doer).roles, f"{e.job} came without a supervisor"
        if e.request in asked:
            assert (e.id, e.doer) == (asked[e.request].id, asked[e.request].doer), f"{e.job} is another's"
        assert e.request not in answered, f"{e.request} was answered twice"
        stated = till.stated.get(e.request)
        assert stated is None or float(stated) == float(SALES[e.id]), f"{e.job} was wrongly stated"
        assert e.doer.kind == "key" or (e.reason, bool(e.note)) in {("lost", False), ("other", True)}
        answered.add(e.request)
        counts[e.job], times[e.job] = e, e.time
    withdrawn = {e.job for e in shop.events(ev.ReprintCancelled)}
    asker = {e.job: e.doer for e in shop.events(ev.ReprintRequested)}
    for e in shop.events(ev.ReprintCancelled):
        of, by = asker[e.job], e.doer
        own = of.counted() == by.counted()
        assert own or "supervisor" in by.roles or (of.kind == "key" and "cashier" in by.roles), f"{e.job} was another's"
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


BRIEF = st.sampled_from([0, 0, 1, 1000, 9999, MIN - 1])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["till", "till", "cashier", "key"]), BRIEF), max_size=60))
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
