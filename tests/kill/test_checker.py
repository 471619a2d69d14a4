"""The checker finds what it is there to find: evidence of a clean day, and each way to doctor it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.kill.checker import acknowledged, check
from tests.kill.evidence import Evidence, Slip
from tests.kill.gather import read_slip
from tests.kill.run import starts
from tests.kill.violation import KINDS


class Day:
    """Two tills, three sales, a reprint, a settlement, a signature; everything as it must be. `evidence` is made anew
    from what a test has changed.
    """

    def __init__(self) -> None:
        self.logs: dict[str, list[dict[str, Any]]] = {"T0": [], "T1": []}
        self.kept: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.slips: list[Slip] = []
        self.verify = 0
        self.presses = 0
        self._at = 0
        self._number: Counter[str] = Counter()
        self.sell("T0", "a", 1)
        self.sell("T1", "b", 2)
        self.sell("T0", "c", 3)
        self.ask("T0", "receipt.reprint", {"id": "a", "copy": "customer", "key": "k"}, {"job": "1-c1", "number": 1})
        self.kept["a"]["state"]["copies"].append(slip_of("customer", 1, "1-c1", mark="duplicate"))
        self.slips.append(Slip("a", "customer", 1, possible=False, whole=True))
        doubtful = self.kept["b"]["state"]["copies"][0]
        doubtful |= {"mark": "possible-duplicate"}
        self.slips[2:3] = [
            Slip("b", "merchant", 0, possible=False, whole=False),
            Slip("b", "merchant", 0, possible=True, whole=True),
        ]
        self.ask("T1", "receipt.settle", {"id": "b", "copy": "merchant", "number": 0, "printed": False}, {"id": "b"})
        self.kept["c"]["state"]["signature"] = {"state": "captured", "version": 1}
        self.say(4, "copy.printed", id="a", copy="customer", number=1, job="1-c1")
        self.say(5, "copy.settled", id="b", copy="merchant", number=0, printed=False)
        self.say(6, "signature.captured", id="c", version=1)
        self.ask("T0", "transaction.get", {"id": "a"}, {"id": "a", "seq": 1})
        self.logs["T1"].append({"n": 99, "at": self.tick(), "sent": "transaction.get", "params": {"id": "c"}})

    def tick(self) -> int:
        self._at += 10
        return self._at

    def ask(self, till: str, method: str, params: dict[str, Any], result: dict[str, Any]) -> None:
        self._number[till] += 1
        self.logs[till].append({"n": self._number[till], "at": self.tick(), "sent": method, "params": params})
        self.logs[till].append({"n": self._number[till], "at": self.tick(), "result": result})

    def say(self, seq: int, kind: str, **fields: Any) -> None:
        event = {"seq": seq, "type": kind, **fields}
        self.told.append(event)
        self.logs["T0"].append({"told": copy.deepcopy(event)})

    def sell(self, till: str, sale: str, seq: int) -> None:
        content = {"id": sale, "total": "1.00"}
        receipt = f"{seq:06}"
        self.ask(till, "transaction.submit", {"transaction": content}, {"id": sale, "seq": seq, "receipt": receipt})
        self.kept[sale] = {
            "id": sale,
            "seq": seq,
            "receipt": receipt,
            "transaction": content | {"remarks": None},
            "state": {
                "copies": [slip_of(name, 0, f"{seq}-{name[0]}0") for name in ("merchant", "customer")],
                "signature": {"state": "not-needed", "version": 0},
                "exceptions": [],
            },
        }
        self.slips += [Slip(sale, name, 0, possible=False, whole=True) for name in ("merchant", "customer")]
        self.say(seq, "transaction.accepted", transaction={"id": sale})

    def evidence(self) -> Evidence:
        listed = [{name: found[name] for name in ("id", "seq", "receipt")} for found in self.kept.values()]
        return Evidence(self.logs, self.kept, listed, self.told, self.slips, self.verify, self.presses)

    def found(self) -> Counter[str]:
        return Counter(violation.kind for violation in check(self.evidence()))

    def copy_of(self, sale: str, place: int) -> dict[str, Any]:
        found: dict[str, Any] = self.kept[sale]["state"]["copies"][place]
        return found


def slip_of(name: str, number: int, job: str, mark: str = "none") -> dict[str, Any]:
    return {"copy": name, "number": number, "job": job, "mark": mark, "state": "printed", "cause": None}


@pytest.fixture
def day() -> Day:
    return Day()


def test_a_clean_day_has_no_violation(day: Day) -> None:
    assert day.found() == {}
    assert acknowledged(day.evidence()) == {"sales": 3, "copies": 1, "settled": 1}


def _lose_sale(day: Day) -> None:
    del day.kept["c"]


def _lose_unheard_sale(day: Day) -> None:
    day.told = []
    day.logs["T0"] = [line for line in day.logs["T0"] if "told" not in line]
    del day.kept["c"]


def _cut_off(day: Day, till: str, method: str, place: int) -> None:
    """The answer to the till's request of that kind never came."""
    number = [line["n"] for line in day.logs[till] if line.get("sent") == method][place]
    for at, line in enumerate(day.logs[till]):
        if line.get("n") == number and "result" in line:
            day.logs[till][at] = {"n": number, "at": line["at"], "cut": "gone"}


def _lose_told_sale(day: Day) -> None:
    day.say(7, "transaction.accepted", transaction={"id": "d"})


def _unprint(day: Day) -> None:
    day.copy_of("a", 2)["state"] = "unknown"
    day.kept["a"]["state"]["exceptions"].append({"kind": "unknown", "state": "open"})


def _forget_told_settlement(day: Day) -> None:
    _cut_off(day, "T1", "receipt.settle", 0)
    day.copy_of("b", 0)["mark"] = "none"


def _lose_content(day: Day) -> None:
    day.logs["T0"][0]["params"]["transaction"] = {"id": "a", "total": "2.00"}
    day.ask("T0", "transaction.submit", {"transaction": {"id": "a", "total": "1.00"}}, {"seq": 1, "receipt": "000001"})


def _deny_sale(day: Day) -> None:
    day.logs["T0"][-1] = {"n": day.logs["T0"][-1]["n"], "at": day.tick(), "error": {"data": {"kind": "not-found"}}}


def _lose_copy(day: Day) -> None:
    day.told = [event for event in day.told if event["seq"] != 4]
    day.logs["T0"] = [line for line in day.logs["T0"] if line.get("told", {}).get("seq", 0) < 4]
    del day.kept["a"]["state"]["copies"][2], day.slips[-1]


def _forget_settled(day: Day) -> None:
    day.copy_of("b", 0)["mark"] = "none"


def _take_event_back(day: Day) -> None:
    day.told[3] = day.told[3] | {"job": "9-c1"}


def _drop_event(day: Day) -> None:
    del day.told[3]


def _skip_event(day: Day) -> None:
    day.logs["T0"] = [line for line in day.logs["T0"] if line.get("told", {}).get("seq") != 4]


def _lose_signature(day: Day) -> None:
    day.kept["c"]["state"]["signature"]["version"] = 0


def _lose_paper(day: Day) -> None:
    del day.slips[0]


def _tear_paper(day: Day) -> None:
    day.slips[0] = Slip("a", "merchant", 0, possible=False, whole=False)


def _sell_twice(day: Day) -> None:
    day.ask("T1", "transaction.submit", {"transaction": {"id": "a", "total": "1.00"}}, {"seq": 9, "receipt": "000009"})


def _give_number_twice(day: Day) -> None:
    for found in (day.kept["b"], day.logs["T1"][1]["result"]):
        found["receipt"] = "000001"


def _give_key_twice(day: Day) -> None:
    day.ask("T0", "receipt.reprint", {"id": "a", "copy": "customer", "key": "k"}, {"job": "1-c2", "number": 2})
    day.kept["a"]["state"]["copies"].append(slip_of("customer", 2, "1-c2", mark="duplicate"))
    day.slips.append(Slip("a", "customer", 2, possible=False, whole=True))
    day.presses = 1


def _print_copy_twice(day: Day) -> None:
    day.slips.append(Slip("a", "customer", 1, possible=False, whole=True))


def _swap_sales(day: Day) -> None:
    """Every answer and event agrees, but the later sale stands before the earlier one."""
    for sale, seq in (("a", 3), ("c", 1)):
        day.kept[sale]["seq"] = seq
    for line in day.logs["T0"]:
        if line.get("result", {}).get("id") in ("a", "c") and "receipt" in line["result"]:
            line["result"]["seq"] = 4 - line["result"]["seq"]
    for event in [*day.told, *(line["told"] for line in day.logs["T0"] if "told" in line)]:
        if event["seq"] in (1, 3):
            event["transaction"] = {"id": "c" if event["seq"] == 1 else "a"}


def _tell_backwards(day: Day) -> None:
    places = [place for place, line in enumerate(day.logs["T0"]) if "told" in line][-2:]
    day.logs["T0"].append(day.logs["T0"][places[0]])


def _keep_unsent(day: Day) -> None:
    day.kept["x"] = copy.deepcopy(day.kept["a"]) | {"id": "x", "seq": 9, "receipt": "000009"}
    day.kept["x"]["state"]["copies"] = []


def _change_content(day: Day) -> None:
    _cut_off(day, "T1", "transaction.submit", 0)
    day.kept["b"]["transaction"]["total"] = "7.00"


def _make_copy(day: Day) -> None:
    day.kept["c"]["state"]["copies"].append(slip_of("merchant", 1, "3-m1", mark="duplicate") | {"state": "cancelled"})


def _print_unknown_sale(day: Day) -> None:
    day.slips.append(Slip("y", "merchant", 0, possible=False, whole=True))


def _print_unordered(day: Day) -> None:
    day.slips.append(Slip("c", "merchant", 3, possible=False, whole=True))


def _print_and_deny(day: Day) -> None:
    day.copy_of("c", 0)["state"] = "failed"
    day.kept["c"]["state"]["exceptions"].append({"kind": "unprinted", "state": "open"})


def _print_by_itself(day: Day) -> None:
    day.slips.append(Slip("c", "customer", 0, possible=True, whole=True))


def _print_unmarked(day: Day) -> None:
    day.slips.append(Slip("a", "merchant", 0, possible=False, whole=False))


def _leave_unknown(day: Day) -> None:
    day.copy_of("c", 1)["state"] = "unknown"


def _leave_queued(day: Day) -> None:
    day.copy_of("c", 1)["state"] = "queued"
    del day.slips[6]


def _leave_unsigned(day: Day) -> None:
    day.kept["c"]["state"]["signature"]["state"] = "missing"


def _break_journal(day: Day) -> None:
    day.verify = 1


@pytest.mark.parametrize(
    ("doctored", "kind"),
    [
        (_lose_sale, "lost"),
        (_lose_unheard_sale, "lost"),
        (_lose_told_sale, "lost"),
        (_unprint, "lost"),
        (_forget_told_settlement, "lost"),
        (_lose_content, "lost"),
        (_deny_sale, "lost"),
        (_lose_copy, "lost"),
        (_forget_settled, "lost"),
        (_take_event_back, "lost"),
        (_drop_event, "lost"),
        (_skip_event, "lost"),
        (_lose_signature, "lost"),
        (_lose_paper, "lost"),
        (_tear_paper, "lost"),
        (_sell_twice, "doubled"),
        (_give_number_twice, "doubled"),
        (_give_key_twice, "doubled"),
        (_print_copy_twice, "doubled"),
        (_swap_sales, "reordered"),
        (_tell_backwards, "reordered"),
        (_keep_unsent, "phantom"),
        (_change_content, "phantom"),
        (_make_copy, "phantom"),
        (_print_unknown_sale, "phantom"),
        (_print_unordered, "phantom"),
        (_print_and_deny, "phantom"),
        (_print_by_itself, "phantom"),
        (_print_unmarked, "unmarked"),
        (_leave_unknown, "silent"),
        (_leave_queued, "silent"),
        (_leave_unsigned, "silent"),
        (_break_journal, "unsound"),
    ],
)
def test_doctored_evidence_is_found_out(day: Day, doctored: Callable[[Day], None], kind: str) -> None:
    doctored(day)
    found = day.found()
    assert found[kind] >= 1, found
    assert found.keys() <= set(KINDS)


def test_what_a_search_does_not_find_or_makes_up_is_found_out(day: Day) -> None:
    evidence = day.evidence()
    evidence.listed = [*evidence.listed[:-1], {"id": "x", "seq": 9, "receipt": "000009"}]
    assert sorted(violation.kind for violation in check(evidence)) == ["lost", "phantom"]


def test_what_may_be_is_no_violation(day: Day) -> None:
    """In doubt, cut off, overlapping, lost to a listener who was told so."""
    content = {"id": "d", "total": "1.00"}
    day.logs["T1"].append(
        {"n": 100, "at": day.tick(), "sent": "transaction.submit", "params": {"transaction": content}}
    )
    day.logs["T1"].append({"n": 100, "at": day.tick(), "cut": "gone"})
    assert day.found() == {}, "a sale that was never acknowledged may not be there"
    day.copy_of("c", 1)["state"] = "unknown"
    day.kept["c"]["state"]["exceptions"].append({"kind": "unknown", "state": "open"})
    assert day.found() == {}, "an unknown copy that is listed may have its paper"
    day.logs["T1"].append({"told": {"type": "lost", "from": 1, "through": 5}})
    day.logs["T1"].append({"told": day.told[-1]})
    assert day.found() == {}


def test_a_scrap_is_known_by_its_receipt_number() -> None:
    scrap = "        老茶馆 Old Teahouse\n     商户存根 MERCHANT COPY\n      小票号 RECEIPT\n        000007\n"
    assert read_slip(scrap, {"a": {"receipt": "000007"}}) == Slip("a", "merchant", 0, possible=False, whole=False)
    assert read_slip("nothing", {}) == Slip(None, None, 0, possible=False, whole=False)
    marked = "*** 重打印 DUPLICATE 2 ***\n *** 可能重复 POSSIBLE DUPLICATE ***\nCUSTOMER COPY\n交易号 TRANSACTION   b\n"
    assert read_slip(marked, {}) == Slip("b", "customer", 2, possible=True, whole=False)


def test_what_a_start_found_is_counted() -> None:
    after = "info posd: journal /x/journal: recovered after a crash; all is there up to record"
    log = (
        f"{after} 3\n{after} 5, 2 blocks of an unfinished write were dropped; 1 blocks were repaired from their twin\n"
    )
    assert starts(log) == {
        "recovered after a crash": 1,
        "recovered after a crash, a torn write, twin repaired": 1,
    }
