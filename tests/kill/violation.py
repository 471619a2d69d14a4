"""A broken law, and what several checks ask of the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.kill.evidence import Evidence

KINDS = ("lost", "doubled", "reordered", "phantom", "unmarked", "silent", "unsound")


class Violation(NamedTuple):
    """`kind` is one of KINDS; `says` names what it is about."""

    kind: str
    says: str


def copies_of(evidence: Evidence, sale: str) -> Sequence[Mapping[str, Any]]:
    """The copies of a sale as posd says at last; none where there is no such sale."""
    found = evidence.kept.get(sale)
    copies: Sequence[Mapping[str, Any]] = found["state"]["copies"] if found else ()
    return copies
