"""The paper against what posd says of each copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.kill.evidence import Evidence, Slip
from tests.kill.violation import Violation, copies_of


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every slip belongs to a copy that may have come out; every printed copy has its slip; none comes twice."""
    slips: dict[tuple[str, str], list[Slip]] = defaultdict(list)
    for slip in evidence.slips:
        if slip.sale is not None and slip.copy is not None:
            slips[slip.sale, slip.copy].append(slip)
    denied = {
        (call.params["id"], call.params["copy"])
        for call in evidence.calls
        if call.method == "receipt.settle" and not call.params["printed"]
    }
    for (sale, name), papers in slips.items():
        if sale not in evidence.kept:
            yield Violation("phantom", f"{len(papers)} {name} slips of {sale}, which is not there")
            continue
        copies = {c["number"]: c for c in copies_of(evidence, sale) if c["copy"] == name}
        yield from _twice(sale, name, papers)
        yield from _unasked(sale, name, papers, copies)
        if (sale, name) not in denied and any(slip.possible and not slip.duplicate for slip in papers):
            yield Violation("phantom", f"{name} of {sale} came out again, and nobody had said that it did not")
    for sale in evidence.kept:
        for copy in copies_of(evidence, sale):
            papers = slips[sale, copy["copy"]]
            if (
                copy["state"] == "printed"
                and copy["cause"] != "settled"
                and not any(_is(copy, slip) for slip in papers)
            ):
                yield Violation("lost", f"{copy['copy']} {copy['number']} of {sale} is printed, but not on paper")


def _is(copy: Mapping[str, Any], slip: Slip) -> bool:
    """Whether this whole slip is that print of the copy, by its marks."""
    possible = copy["mark"] == "possible-duplicate"
    return slip.whole and slip.duplicate == copy["number"] and (slip.possible or not possible)


def _twice(sale: str, name: str, papers: Sequence[Slip]) -> Iterator[Violation]:
    unmarked = sum(not slip.marked for slip in papers)
    if unmarked > 1:
        yield from [Violation("unmarked", f"{unmarked} unmarked {name} slips of {sale}")] * (unmarked - 1)
    for number in {slip.duplicate for slip in papers if slip.duplicate}:
        count = sum(slip.duplicate == number and not slip.possible for slip in papers)
        if count > 1:
            yield Violation("doubled", f"duplicate {number} of {name} of {sale} came out {count} times")


def _unasked(
    sale: str, name: str, papers: Sequence[Slip], copies: Mapping[int, Mapping[str, Any]]
) -> Iterator[Violation]:
    """A slip of a copy that there is not, or of which posd says that nothing came out."""
    for slip in papers:
        copy = copies.get(slip.duplicate)
        if copy is None:
            yield Violation("phantom", f"duplicate {slip.duplicate} of {name} of {sale} was never ordered")
        elif copy["state"] in ("queued", "failed", "cancelled") and copy["mark"] != "possible-duplicate":
            yield Violation("phantom", f"{name} {slip.duplicate} of {sale} is on paper, and {copy['state']}")
