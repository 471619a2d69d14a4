"""What a row of the table of methods is, and the sets of roles that rows name. The table is in methods.py."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from posd.domain.doer import Role
from posd.domain.transaction import Strict

Source = Literal["desk", "hello", "status", "devices", "journal", "subscribe", "unsubscribe", "discover"]
"""Who answers: the desk (asked, and durable where it writes), or the api's own sources."""

EVERYONE: frozenset[Role] = frozenset()
SELLS: frozenset[Role] = frozenset({"till"})
HANDLES_SLIPS: frozenset[Role] = frozenset({"till", "cashier", "supervisor"})
KEEPS_BOOKS: frozenset[Role] = frozenset({"supervisor", "auditor"})
AT_THE_COUNTER: frozenset[Role] = frozenset({"cashier", "supervisor"})
ANSWERS_FOR_THE_BOX: frozenset[Role] = frozenset({"supervisor"})
UPLOADS: frozenset[Role] = frozenset({"till", "supervisor"})
SEES_SIGNATURES: frozenset[Role] = frozenset({"till", "supervisor", "auditor"})


class Method(Struct, frozen=True):
    """One row. `example` is a request's params as a caller would write them."""

    name: str
    params: type[Strict]
    result: object
    roles: frozenset[Role]
    source: Source
    summary: str
    example: str = "{}"
