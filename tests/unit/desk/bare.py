"""What a journal without an archive answers to the desk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from posd.domain import events as ev


class NoArchive:
    """The half of the desk's `Ledger` that speaks of what left the ring: nothing did."""

    def tend(self) -> None:
        pass

    def trust(self, skew_ms: int) -> None:
        pass

    def may_have(self, sale_id: str) -> bool:
        return False

    def learn(self) -> None:
        raise AssertionError("there is no archive")

    def numbered(self, receipt: str, parts: Sequence[int]) -> str | None:
        raise AssertionError("there is no archive")

    def archived(self) -> int | None:
        return None

    def past(self, sale_id: str, parts: Sequence[int]) -> list[tuple[int, ev.AnyEvent]]:
        return []

    def accepted(self, before: int) -> Iterator[tuple[int, ev.TransactionAccepted]]:
        return iter(())
