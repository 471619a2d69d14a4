"""What can happen in a simulated shop: what clients ask, what people do, and what devices, disk and clock are up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from posd.domain import requests as rq
from posd.domain import views
from posd.domain.device import KeyCommand
from posd.domain.errors import Refusal
from posd.domain.transaction import Transaction
from tests.property.laws import check
from tests.property.shop_life import Shop, Then
from tests.property.shop_world import CAUSES


def sell(shop: Shop) -> None:
    """A till submits a new sale."""
    shop.made += 1
    units = shop.rng.choice([500, 1500, 2500, 3600])
    amount = f"{units / 100:.2f}"
    payment: dict[str, Any] = {"method": "cash", "amount": amount}
    kind = shop.rng.random()
    if kind < 0.4:
        entry = "contactless" if kind < 0.15 else "chip"
        payment = {"method": "card", "amount": amount, "entry": entry, "card": {"masked": "621700******1234"}}
    document = {
        "id": f"t{shop.made}",
        "type": "sale",
        "time": "2026-11-21T10:15:30+08:00",
        "currency": "CNY",
        "items": [{"name": "茶", "quantity": "1", "price": amount, "amount": amount}],
        "total": amount,
        "payments": [payment],
    }
    shop.recent = [*shop.recent[-shop.recent_max :], document]
    shop.unanswered[document["id"]] = document
    shop.unanswered = {d["id"]: d for d in shop.recent if d["id"] in shop.unanswered}  # a till asks again soon or never
    _submit(shop, document)


def _submit(shop: Shop, document: dict[str, Any]) -> None:
    name, doer = document["id"], shop.client()
    shop.laws.submitted_by[name].add(doer)

    def answered(answer: Any) -> None:
        if isinstance(answer, views.Submitted):
            shop.laws.answered_submit(name, answer.seq)
            if shop.unanswered.pop(name, None) is not None:
                shop.sales += 1
        else:
            check(9, answer.kind in ("journal-full", "busy"), f"a good sale was refused: {answer.message}")
            shop.count(f"sale {answer.kind}")

    shop.ask(rq.Submit(msgspec.convert(document, Transaction)), answered, doer=doer)


def submit_again(shop: Shop) -> None:
    """A till that is not sure asks again: first of all what was never answered. A sale that has left the state is known
    by the archive (tests/scenario/test_archive.py); the disk here has none.
    """
    asked = list(shop.unanswered.values()) or shop.recent
    if asked:
        document = shop.rng.choice(asked)
        if document["id"] in shop.desk.state.sales or not shop.laws.was_accepted(document["id"]):
            _submit(shop, document)


def submit_other(shop: Shop) -> None:
    """The id of a kept sale with other content, or a sale that does not add up."""
    known = [d for d in shop.recent if d["id"] in shop.desk.state.sales]
    if known:
        document = {**shop.rng.choice(known), **shop.rng.choice([{"remarks": "other"}, {"total": "1.00"}])}
        shop.ask(rq.Submit(msgspec.convert(document, Transaction)), _refused(shop, "conflict"))


def _refused(shop: Shop, *kinds: str) -> Then:
    def answered(answer: Any) -> None:
        right = isinstance(answer, Refusal) and answer.kind in (*kinds, "busy")
        check(1, right, f"{answer} instead of a refusal")

    return answered


def _some_sale(shop: Shop) -> str | None:
    known = [d["id"] for d in shop.recent if d["id"] in shop.desk.state.sales]
    if shop.rng.random() < 0.05:
        known = list(shop.desk.state.sales)
    return shop.rng.choice(known) if known else None


def reprint(shop: Shop, sale: str | None = None, copy: Any = None, *, supervisor: bool = False) -> None:
    """A client wants a copy, with a key that it sometimes uses again; some wait for a supervisor, some name a slip that
    never was.
    """
    chance = shop.rng.random()
    if sale is None and chance < 0.5 and shop.wanted is not None and shop.wanted[0] in shop.desk.state.sales:
        sale, copy = shop.wanted  # a slip that somebody wants again and again
    sale = sale or ("forged" if chance > 0.97 else _some_sale(shop))
    if sale is None:
        return
    shop.made += 1
    key = f"k{shop.made}"
    approval = shop.rng.choice(["wait", "refuse"])
    request = rq.ReprintAsk(sale, key, copy or shop.rng.choice(["merchant", "customer"]), approval=approval)
    shop.wanted = (sale, request.copy)

    def answered(answer: Any) -> None:
        if not isinstance(answer, views.Reprinted):
            _copy_refused(shop, "reprint", answer)
        elif answer.state == "waiting-approval":
            shop.count("reprint waits")
        else:
            shop.count("reprints")
            shop.laws.answered_reprint(sale, request.copy, answer.number)

    doer = shop.client(supervisor=supervisor)
    for _ in range(shop.rng.choice([1, 1, 1, 2])):
        shop.ask(request, answered, doer=doer)


def _copy_refused(shop: Shop, what: str, refusal: Refusal) -> None:
    shop.count(f"{what} {refusal.kind}")
    if not refusal.message.startswith(("Too many", "No request")):
        shop.laws.answered_refusal()


def approve(shop: Shop) -> None:
    """A supervisor decides on a request that waits, or says again what was decided."""
    if shop.desk.state.asking:
        shop.asked_for = [*shop.asked_for[-9:], shop.rng.choice(list(shop.desk.state.asking))]
    if not shop.asked_for:
        return
    job, yes = shop.rng.choice(shop.asked_for), shop.rng.random() < 0.8

    def answered(answer: Any) -> None:
        if isinstance(answer, Refusal):
            _copy_refused(shop, "approval", answer)
        else:
            shop.count(f"approval {answer.state}")

    shop.ask(rq.ReprintApprove(job, yes), answered, doer=shop.client(supervisor=True))


def withdraw(shop: Shop) -> None:
    """A client does not want a copy any more, in time or too late."""
    jobs = [copy.job for _, copy in shop.desk.state.waiting() if copy.number] + list(shop.desk.state.asking)
    if (printing := shop.desk.state.printing) is not None and printing.number:
        jobs.append(printing.job)
    if jobs:
        job = shop.rng.choice(jobs)
        shop.ask(rq.ReprintCancel(job), lambda a: shop.count(f"withdrawn {getattr(a, 'kind', 'in time')}"))


def settle(shop: Shop) -> None:
    """A person says of an unknown copy whether it came out, rightly or wrongly."""
    for xid in list(shop.desk.state.open)[:5]:
        item = shop.desk.state.exceptions[xid]
        if item.kind == "unknown" and item.copy is not None and item.number is not None:
            said = shop.rng.random() < 0.5
            shop.ask(rq.Settle(item.transaction, item.copy, item.number, said), lambda _: shop.count("settled"))
            return


def resign(shop: Shop) -> None:
    """A client wants a missing signature."""
    shop.made += 1
    shop.ask(rq.Resign("last", f"s{shop.made}"), lambda a: shop.count(f"resign {getattr(a, 'kind', 'begun')}"))


def amend(shop: Shop) -> None:
    """Somebody says of a signature that it is wrong, that it was given on paper, or how handing it over went."""
    sale = _some_sale(shop)
    if sale is None:
        return
    shop.made += 1
    key, what = f"a{shop.made}", shop.rng.choice(["void", "attest", "upload"])
    requests: dict[str, rq.AnyRequest] = {
        "void": rq.Void(sale, key, "another hand"),
        "attest": rq.Attest(sale, key, "Li Wei"),
        "upload": rq.Uploaded(sale, shop.rng.choice(["sent", "failed"])),
    }
    shop.ask(requests[what], lambda a: shop.count(f"{what} {getattr(a, 'kind', 'taken')}"))


def casework(shop: Shop) -> None:
    """Somebody follows up an open exception, or wants to be rid of one."""
    if not shop.desk.state.open:
        return
    shop.made += 1
    xid = shop.rng.choice(list(shop.desk.state.open))
    requests: list[rq.AnyRequest] = [
        rq.ExceptionNote(xid, f"n{shop.made}", "called", "phone", "promised"),
        rq.ExceptionAssign(xid, shop.rng.choice(["cashier", "till"])),
        rq.ExceptionEscalate(xid, "nobody answers"),
        rq.ExceptionClose(xid),
        rq.ExceptionWaive(xid, "small"),
    ]
    request = shop.rng.choice(requests)
    shop.ask(request, lambda a: shop.count(f"{type(request).__name__} {getattr(a, 'kind', '')}"))


def shift(shop: Shop) -> None:
    """An operator comes or goes."""
    shop.made += 1
    now = shop.desk.state.shift
    if now is not None and now.state == "open":
        shop.ask(rq.ShiftClose(f"h{shop.made}"), lambda a: shop.count("shift closed"))
    else:
        request = rq.ShiftOpen(shop.rng.choice(["07", "08"]), f"h{shop.made}", now.id if now is not None else None)
        shop.ask(request, lambda a: shop.count("shift opened"))


def look(shop: Shop) -> None:
    """A client asks something that changes nothing; what it is told of is durable."""
    sale = _some_sale(shop)
    if sale is None:
        return

    def answered(answer: Any) -> None:
        if isinstance(answer, views.Found):
            check(1, answer.seq <= shop.disk.durable, f"{answer.id} was shown before it was durable")

    requests: list[Any] = [rq.Get(sale), rq.Search(limit=5), rq.Terms(sale), rq.ExceptionList(limit=20)]
    shop.ask(shop.rng.choice(requests), answered)


REPLIES: dict[str, tuple[str, ...]] = {
    "confirm": ("confirm",),
    "settle": ("yes", "no"),
    "approve": ("pin",),
    "check": ("pin-right", "pin-right", "pin-wrong"),
    "close-shift": ("confirm",),
    "take-over": ("take-over",),
}


def press(shop: Shop) -> None:
    """Somebody presses a key at the keypad, mostly what it asks for."""
    asked = shop.asked
    if asked is not None and asked.answer in REPLIES and shop.rng.random() < 0.7:
        action = shop.rng.choice(REPLIES[asked.answer])
        number = shop.rng.choice(["07", "08"])
        shop.press(KeyCommand(action, "KEY_ENTER", number, answers=asked.press))  # type: ignore[arg-type]
    else:
        usual = ["reprint-last", "reprint-number", "resign-last", "cancel"]
        action = shop.rng.choice([*usual * 3, "settle", "approve", "shift"])
        number = str(shop.rng.randrange(1, 60))
        shop.press(KeyCommand(action, "KEY_F1", number if "number" in action else None))  # type: ignore[arg-type]


def sync(shop: Shop) -> None:
    shop.disk.sync(shop.rng)
    if shop.rng.random() < 0.9:
        shop.told()


def printer_goes_on(shop: Shop) -> None:
    shop.printer.advance()


def pad_goes_on(shop: Shop) -> None:
    shop.pad.advance()


def printer_changes(shop: Shop) -> None:
    if shop.printer.state == "ready" and shop.rng.random() < 0.3:
        shop.printer.set(shop.rng.choice(["attention", "faulted"]), shop.rng.choice(CAUSES))
    elif shop.printer.state == "absent" and shop.rng.random() < 0.5:
        shop.printer.set("opening")
    else:
        shop.printer.set("ready", *shop.rng.choice([(), (), ("paper-near-end",)]))


def pad_changes(shop: Shop) -> None:
    if shop.pad.state == "ready" and shop.rng.random() < 0.2:
        shop.pad.set("absent")
    elif shop.pad.state == "absent" and shop.rng.random() < 0.5:
        shop.pad.set("opening")
    else:
        shop.pad.set("ready")


def long_time_passes(shop: Shop) -> None:
    shop.time_passes(shop.rng.choice([61_000, 700_000, 3_600_000]))


def clock_jumps(shop: Shop) -> None:
    shop.jumps(shop.rng.choice([-1, 1]) * shop.rng.randrange(shop.rng.choice([100_000_000, 10_000_000_000])))


def confirm_clock(shop: Shop) -> None:
    """A supervisor believes the clock."""

    def answered(answer: Any) -> None:
        if isinstance(answer, views.ClockView):
            check(3, answer.state == "trusted", "a supervisor's word on the clock was not taken")

    shop.ask(rq.ClockConfirm(), answered)


def selftest(shop: Shop) -> None:
    """Somebody wants to see whether the printer prints."""
    shop.made += 1

    def answered(answer: Any) -> None:
        if isinstance(answer, views.Selftested):
            shop.laws.answered_selftest(answer.job)
        shop.count(f"self-test {getattr(answer, 'kind', 'taken')}")

    shop.ask(rq.SelftestAsk(f"v{shop.made}"), answered)


def change_of_shift(shop: Shop) -> None:
    """People see to the list until it is empty; then the journal folds to the state that the process has."""
    shop.rest()
    for _ in range(60):
        if not shop.desk.state.open:
            break
        for xid in list(shop.desk.state.open):
            item = shop.desk.state.exceptions[xid]
            if item.kind == "unknown":
                shop.ask(rq.Settle(item.transaction, item.copy, item.number, True), lambda _: None)  # type: ignore[arg-type]
            elif item.kind == "unprinted":
                reprint(shop, item.transaction, item.copy, supervisor=True)
                if item.number and shop.rng.random() < 0.3:  # where no more are allowed
                    copy = shop.desk.state.sales[item.transaction].copy(item.copy, item.number)  # type: ignore[arg-type]
                    shop.ask(rq.ReprintCancel(copy.job), lambda _: None, doer=shop.client(supervisor=True))  # type: ignore[union-attr]
            else:
                resign(shop)
        shop.rest()
    left = [shop.desk.state.exceptions[xid] for xid in shop.desk.state.open]
    check(3, not left, f"exceptions that nobody can close: {left[:3]}")
    shop.time_passes(1000)
    shop.fold_is_the_state()


def time_passes(shop: Shop) -> None:
    shop.time_passes(shop.rng.randrange(1500))


def crash(shop: Shop) -> None:
    shop.crash()


WEIGHTS: dict[Callable[[Shop], None], float] = {
    sell: 26,
    submit_again: 4,
    submit_other: 1,
    reprint: 5,
    withdraw: 0.7,
    approve: 1.5,
    settle: 2,
    resign: 2,
    amend: 2,
    casework: 1,
    shift: 0.3,
    look: 2,
    press: 2,
    sync: 60,
    printer_goes_on: 110,
    pad_goes_on: 30,
    printer_changes: 6,
    pad_changes: 4,
    time_passes: 16,
    long_time_passes: 0.15,
    clock_jumps: 0.05,
    confirm_clock: 0.03,
    selftest: 0.3,
    crash: 0.3,
}
"""How often each thing happens."""
