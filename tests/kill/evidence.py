"""What the checker may look at: the tills' logs, posd's answers when all was over, the paper. Plain values, so that a
test can doctor them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a till. `result`, `error` both None: the line broke before the answer. Times are nanoseconds."""

    till: str
    at: int
    method: str
    params: Mapping[str, Any]
    answered_at: int | None = None
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """A piece of paper as a person reads it. `sale` and `copy` are None on a scrap that does not name them; `whole`: it
    goes down to its digest.
    """

    sale: str | None
    copy: str | None
    duplicate: int
    possible: bool
    whole: bool

    @property
    def marked(self) -> bool:
        return self.possible or self.duplicate > 0


@dataclass(slots=True)
class Evidence:
    """All of it. `kept`: transaction.get of each id that was ever sent, where there is one. `listed`:
    transaction.search, all pages. `told`: what the journal still tells from its start. `verify`: the exit code of
    `posctl journal verify`. `presses`: how often the key for a copy was pressed.
    """

    logs: Mapping[str, Sequence[Line]]
    kept: Mapping[str, Mapping[str, Any]]
    listed: Sequence[Mapping[str, Any]]
    told: Sequence[Mapping[str, Any]]
    slips: list[Slip]
    verify: int = 0
    presses: int = 0
    _calls: list[Call] = field(default_factory=list)

    @property
    def calls(self) -> Sequence[Call]:
        """Every request of every till."""
        if not self._calls:
            self._calls = [call for till, lines in self.logs.items() for call in calls(till, lines)]
        return self._calls


def calls(till: str, lines: Iterable[Line]) -> Iterator[Call]:
    """A till's requests with their answers, in the order in which they were sent."""
    sent: dict[int, Line] = {}
    ended: dict[int, Line] = {}
    for line in lines:
        if "sent" in line:
            sent[line["n"]] = line
        elif "n" in line:
            ended[line["n"]] = line
    for number, line in sent.items():
        end = ended.get(number, {})
        answered_at = end["at"] if "result" in end or "error" in end else None
        yield Call(till, line["at"], line["sent"], line["params"], answered_at, end.get("result"), end.get("error"))


def read_log(path: Path) -> list[Line]:
    """A till's log."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
