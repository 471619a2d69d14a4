"""The shop's terms for copies: a table of rules, the first that applies decides.

A rule applies when all that it states holds; what it does not state is any:
- `types`, `copy`, `currency`: of the transaction and of the copy that is asked for;
- `from`, `below`: what the transaction comes to (`from` belongs to the range, `below` does not);
- `age_from`, `age_below`: how long ago it was accepted, in the same way;
- `asked_by`: a role that the asker has, or `key` for the keypad;
- `hours`: the time of day at the terminal.

What it says of a copy: whether it is `allowed`; until when (`window`), how many (`copies`), how long after the last one
of this transaction (`interval`) and of the whole terminal (`terminal_interval`), from which amount a supervisor is
needed (`supervisor_from`) and below which one key press is enough (`one_press_below`), and what `busy` hours mean for
it. What it does not say is as `[policy]` says: those keys are the default rule, which applies where no other does.

`faults` finds a rule that can never apply, because those before it take all that it is for: the table is cut into boxes
(type x copy x currency x asker x amount x age x minute) and the earlier boxes are taken away from the later one. An
asker with several roles needs no box of their own: each role for itself is one. `overlaps` finds two rules of which
neither holds the other: their order decides what they share, which may be meant, so it is only told. So is a rule that
applies and yet never gives a copy, because its window is over before it begins (`spent`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec

from posd.domain import money
from posd.domain.doer import Doer, Role
from posd.domain.duration import DAY_MIN, BadDuration, milliseconds, period
from posd.domain.slip import CopyName
from posd.domain.transaction import END, Currency, Strict, Type

ROWS_MAX = 30
HOURS_MAX = 8
_NO_BOUND = Decimal("-Infinity")
DEFAULT = "default"
"""The name of the rule that the plain keys of `[policy]` make."""
AskedBy = Literal["till", "cashier", "supervisor", "auditor", "key"]
Busy = Literal["refuse", "wait"]
Hours = Annotated[tuple[str, ...], msgspec.Meta(max_length=HOURS_MAX)]


class ReprintRule(Strict, frozen=True):
    """One rule; the module's docstring says what its fields mean. Amounts: decimal text; durations such as `"2h"`."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}" + END)]
    types: tuple[Type, ...] = ()
    copy: CopyName | None = None
    currency: Currency | None = None
    from_: str = msgspec.field(default="", name="from")
    below: str = ""
    age_from: str = ""
    age_below: str = ""
    asked_by: tuple[AskedBy, ...] = ()
    hours: Hours = ()
    allowed: bool = True
    window: str | None = None
    copies: Annotated[int, msgspec.Meta(ge=0, le=99)] | None = None
    interval: str | None = None
    terminal_interval: str | None = None
    supervisor_from: str | None = None
    one_press_below: str | None = None
    busy_hours: Hours | None = None
    busy: Busy | None = None

    def fault(self) -> str | None:
        """What is wrong with the rule by itself, or None."""
        try:
            least, most = _amounts(self)
            youngest, oldest = _ages(self)
            for text in (self.supervisor_from, self.one_press_below):
                if text:
                    money.decimal_of(text)
            for text in (self.window, self.interval, self.terminal_interval):
                if text is not None:
                    milliseconds(text)
            for text in (*self.hours, *(self.busy_hours or ())):
                period(text)
        except (money.BadAmount, BadDuration) as error:
            return str(error)
        if most is not None and least >= most:
            return f"no amount is from {self.from_ or 0} and below {self.below}"
        if oldest is not None and youngest >= oldest:
            return f"nothing is older than {self.age_from or 0} and younger than {self.age_below}"
        if self.hours and not any(period(text).start != period(text).end for text in self.hours):
            return "its hours are no time at all"
        return None


class Case(NamedTuple):
    """What a rule is held against. `total` is in `currency`; `minute` is that of the terminal's day."""

    type: Type
    copy: CopyName
    currency: str
    total: Decimal
    age_ms: int
    minute: int
    doer: Doer


def match(rules: Sequence[ReprintRule], case: Case) -> ReprintRule | None:
    """The first rule that applies, or None."""
    return next((rule for rule in rules if _applies(rule, case)), None)


def _applies(rule: ReprintRule, case: Case) -> bool:
    if (rule.types and case.type not in rule.types) or rule.copy not in (None, case.copy):
        return False
    if rule.currency not in (None, case.currency):
        return False
    if rule.asked_by and not askers(case.doer) & set(rule.asked_by):
        return False
    least, most = _amounts(rule)
    if case.total < least or (most is not None and case.total >= most):
        return False
    youngest, oldest = _ages(rule)
    if case.age_ms < youngest or (oldest is not None and case.age_ms >= oldest):
        return False
    return not rule.hours or any(period(text).holds(case.minute) for text in rule.hours)


def askers(doer: Doer) -> set[str]:
    """As what somebody asks: their roles, or `key`."""
    return {"key"} if doer.kind == "key" else set(doer.roles)


def age_bounds(rules: Sequence[ReprintRule]) -> list[int]:
    """The ages in ms at which another rule may apply, ascending."""
    return sorted({bound for rule in rules for bound in _ages(rule) if bound})


def _amounts(rule: ReprintRule) -> tuple[Decimal, Decimal | None]:
    return (
        money.decimal_of(rule.from_) if rule.from_ else _NO_BOUND,
        money.decimal_of(rule.below) if rule.below else None,
    )


def _ages(rule: ReprintRule) -> tuple[int, int | None]:
    return (
        milliseconds(rule.age_from) if rule.age_from else 0,
        milliseconds(rule.age_below) if rule.age_below else None,
    )


# Which rules can never apply.

_Box = tuple[frozenset[Any], ...]


def faults(rules: Sequence[ReprintRule]) -> Iterator[tuple[int, str]]:
    """(number from 0, why) of each rule that cannot be used: wrong by itself, a name given twice, or never reached."""
    names: dict[str, int] = {DEFAULT: -1}
    sound = True
    for number, rule in enumerate(rules):
        if fault := rule.fault():
            sound = False
            yield number, fault
        if rule.name in names:
            sound, first = False, names[rule.name]
            yield number, "the name is the default rule's" if first < 0 else f"the name is that of rule {first} already"
        names.setdefault(rule.name, number)
    if sound:
        yield from _unreachable(tuple(rules))


def _unreachable(rules: tuple[ReprintRule, ...]) -> Iterator[tuple[int, str]]:
    boxes = _boxes(rules)
    for number, box in enumerate(boxes):
        left, takers = [box], []
        for earlier in range(number):
            rest = [piece for whole in left for piece in _without(whole, boxes[earlier])]
            if rest != left:
                takers.append(earlier)
            left = rest
            if not left:
                who = " and ".join(f"{taker} ({rules[taker].name})" for taker in takers)
                take = "takes" if len(takers) == 1 else "take"
                yield number, f"it can never apply: rule {who} {take} all that it is for; move it up or take it out"
                break


@lru_cache(maxsize=8)
def overlaps(rules: tuple[ReprintRule, ...]) -> tuple[str, ...]:
    """A sentence for each two rules of which neither holds the other and that share something."""
    boxes = _boxes(rules)
    found = []
    for later, box in enumerate(boxes):
        for earlier in range(later):
            other = boxes[earlier]
            shared = all(a & b for a, b in zip(box, other, strict=True))
            nested = all(b <= a for a, b in zip(box, other, strict=True))
            if shared and not nested:
                found.append(
                    f"policy.rule[{earlier}] ({rules[earlier].name}) and policy.rule[{later}] ({rules[later].name}) "
                    f"overlap; where both apply, {rules[earlier].name} decides"
                )
    return tuple(found)


def spent(rules: Sequence[ReprintRule], window: str) -> Iterator[str]:
    """A sentence for each rule that allows copies of transactions of an age at which its window (`window` where it says
    nothing) is over.
    """
    for number, rule in enumerate(rules):
        own = window if rule.window is None else rule.window
        if rule.allowed and _ages(rule)[0] > milliseconds(own):
            yield (
                f"policy.rule[{number}] ({rule.name}) gives no copies: it begins at an age of {rule.age_from}, when "
                f"the window of {own} is over; give it a longer one, or allowed = false"
            )


def _boxes(rules: Sequence[ReprintRule]) -> list[_Box]:
    """Each rule as the pieces of each dimension that it takes, a piece being what no rule cuts."""
    amounts = sorted({_NO_BOUND} | {bound for rule in rules for bound in _amounts(rule) if bound is not None})
    ages = sorted({0} | {bound for rule in rules for bound in _ages(rule) if bound is not None})
    minutes = sorted({0} | {m for rule in rules for text in rule.hours for m in period(text)})
    currencies = frozenset({rule.currency for rule in rules} | {None})
    everyone = frozenset({*get_args(Role), "key", None})
    return [
        (
            frozenset(rule.types or get_args(Type)),
            frozenset({rule.copy} if rule.copy else get_args(CopyName)),
            frozenset({rule.currency}) if rule.currency else currencies,
            frozenset(rule.asked_by) or everyone,
            _pieces(amounts, *_amounts(rule)),
            _pieces(ages, *_ages(rule)),
            frozenset(
                m for m in minutes if not rule.hours or any(period(text).holds(m % DAY_MIN) for text in rule.hours)
            ),
        )
        for rule in rules
    ]


def _pieces(bounds: Sequence[Any], least: Any, most: Any | None) -> frozenset[Any]:
    return frozenset(bound for bound in bounds if bound >= least and (most is None or bound < most))


def _without(box: _Box, taken: _Box) -> list[_Box]:
    """`box` less `taken`, as boxes that share nothing."""
    if not all(a & b for a, b in zip(box, taken, strict=True)):
        return [box]
    rest: list[_Box] = []
    core = list(box)
    for place, (own, other) in enumerate(zip(box, taken, strict=True)):
        if outside := own - other:
            rest.append((*core[:place], outside, *box[place + 1 :]))
        core[place] = own & other
    return rest
