"""When a signature is needed: a table of rules, the first that applies decides and is named.

A rule applies when all that it states holds:
- `demand`: the host's own word in the transaction;
- `types`: what the transaction is; `currency`: in which it is paid;
- `methods`: by which payments it goes (empty: all). There must be one; `entries` is how each of them was read, and
  `from`, `below`, `to` bound what they add up to.
Where none applies, no signature is needed (`no-card`).

The table in force: the shop's rules that state a demand; the host's demand; the shop's other rules; the profile's.
- `cn`: voids need none; contactless up to CNY 1,000 needs none (the schemes' limit in China since June 2018, CNY 300
  before), every other card payment does.
- `neutral`, `strict`: voids need none, every card payment needs one. Since 2018 the global schemes leave it to the
  shop.
All take `policy.contactless_unsigned_to` (in whatever currency; instead of the profile's own limit) and
`policy.signature_from`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from posd.domain import money
from posd.domain.signature import Need
from posd.domain.transaction import END, Currency, Note, Strict, Transaction, Type, Word

Profile = Literal["cn", "neutral", "strict"]
ROWS_MAX = 100


class SigningRule(Strict, frozen=True):
    """One rule. `from` and `to` belong to the range, `below` does not; decimal text, empty: no bound. `text` stands on
    the slip instead of a signature, with `{limit}` for the bound and its currency; empty: posd's words.
    """

    rule: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}" + END)]
    needed: bool
    demand: Literal["required", "not-required"] | None = None
    types: tuple[Type, ...] = ()
    methods: tuple[Word, ...] = ()
    entries: tuple[Word, ...] = ()
    currency: Currency | None = None
    from_: str = msgspec.field(default="", name="from")
    below: str = ""
    to: str = ""
    text: Note = ""

    @property
    def limit(self) -> str | None:
        """The bound that the rule is about."""
        return self.to or self.below or self.from_ or None

    def fault(self) -> str | None:
        """What is wrong with the rule, or None."""
        try:
            least, *most = [money.decimal_of(text) if text else None for text in (self.from_, self.below, self.to)]
        except money.BadAmount as error:
            return str(error)
        if self.below and self.to:
            return "below and to are two ends of one range; write one of them"
        top = most[0] if self.below else most[1]
        if least is not None and top is not None and (least > top or (self.below and least == top)):
            return f"no amount is from {self.from_} and {'below' if self.below else 'to'} {self.below or self.to}"
        if self.needed and self.text:
            return "text replaces a signature; a rule that needs one has none"
        return None


_HOST = (
    SigningRule("host-demand", needed=True, demand="required"),
    SigningRule("host-demand", needed=False, demand="not-required"),
)
_CARD = ("card",)


@lru_cache(maxsize=16)
def table(
    profile: Profile, signature_from: str, contactless_unsigned_to: str, own: tuple[SigningRule, ...] = ()
) -> tuple[SigningRule, ...]:
    """The rules in force. The limits are decimal text; an empty `contactless_unsigned_to` is the profile's."""
    rows = [*(row for row in own if row.demand), *_HOST, *(row for row in own if not row.demand)]
    rows.append(SigningRule("void", needed=False, types=("void",), methods=_CARD))
    limit, currency = contactless_unsigned_to, None
    if profile == "cn" and not limit:
        limit, currency = "1000.00", "CNY"
    if limit:
        rows.append(
            SigningRule(
                "contactless-limit",
                needed=False,
                methods=_CARD,
                entries=("contactless",),
                to=limit,
                currency=currency,
            )
        )
    rows.append(SigningRule("below-threshold", needed=False, methods=_CARD, below=signature_from))
    rows.append(SigningRule("card", needed=True, methods=_CARD))
    return tuple(rows)


def need(transaction: Transaction, rules: tuple[SigningRule, ...]) -> Need:
    """What the first rule that applies says."""
    for rule in rules:
        if _applies(rule, transaction):
            return Need(rule.needed, rule.rule, None if rule.needed else rule.limit, rule.text or None)
    return Need(False, "no-card")


def _applies(rule: SigningRule, transaction: Transaction) -> bool:
    if rule.demand is not None and rule.demand != transaction.signature:
        return False
    if (rule.types and transaction.type not in rule.types) or (rule.currency or transaction.currency) != (
        transaction.currency
    ):
        return False
    meant = [p for p in transaction.payments if not rule.methods or p.method in rule.methods]
    if not meant or (rule.entries and any(p.entry not in rule.entries for p in meant)):
        return False
    if rule.limit is None:
        return True
    units = sum(money.minor_units(p.amount, transaction.currency) for p in meant)
    amount = Decimal(money.text_of(units, transaction.currency))  # not bounded as one amount's text is
    return (
        (not rule.from_ or amount >= money.decimal_of(rule.from_))
        and (not rule.below or amount < money.decimal_of(rule.below))
        and (not rule.to or amount <= money.decimal_of(rule.to))
    )
