"""The table of terms: what is wrong with it, which rule is never reached, which two overlap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.config import Config, ConfigError, PolicySection, parse
from posd.domain.doer import Doer, Role
from posd.domain.duration import BadDuration, milliseconds, period
from posd.domain.reprint_rules import Case, ReprintRule, faults, match, overlaps, spent
from posd.domain.slip import CopyName
from posd.domain.transaction import Type

HOUR = 3_600_000


def rule(name: str = "r", **more: Any) -> ReprintRule:
    return ReprintRule(name, **more)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('from = "20"\nbelow = "20.00"', "no amount is from 20 and below 20.00"),
        ('age_from = "2h"\nage_below = "120min"', "nothing is older than 2h and younger than 120min"),
        ('hours = ["12:00-12:00"]', "no time at all"),
        ('hours = ["25:00-12:00"]', "HH:MM"),
        ('busy_hours = ["noon"]', "HH:MM"),
        ('below = "1,00"', "1,00"),
        ('supervisor_from = "much"', "much"),
        ('one_press_below = "-"', "'-'"),
        ('window = "soon"', "soon"),
        ('interval = "5"', "'5'"),
        ('terminal_interval = "x"', "'x'"),
        ("copies = 100", "policy.rule[0].copies"),
        ('asked_by = ["boss"]', "policy.rule[0].asked_by"),
        ('windw = "1d"', "windw"),
        ('busy = "maybe"', "policy.rule[0].busy"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_with_its_number(toml: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(f'[[policy.rule]]\nname = "dear"\n{toml}')
    assert "policy.rule[0]" in str(told.value)
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("rows", "number", "words"),
    [
        ([{"name": "a"}, {"name": "a", "copy": "customer"}], 1, "the name is that of rule 0"),
        ([{"name": "default"}], 0, "the name is the default rule's"),
        ([{"name": "a"}, {"name": "b", "types": ("void",)}], 1, "rule 0 (a) takes all"),
        (
            [{"name": "a", "below": "50"}, {"name": "b", "from_": "50"}, {"name": "c", "copy": "merchant"}],
            2,
            "rule 0 (a) and 1 (b) take all",
        ),
        ([{"name": "a", "asked_by": ("till", "cashier")}, {"name": "b", "asked_by": ("till",)}], 1, "rule 0 (a)"),
        ([{"name": "a", "hours": ("08:00-20:00",)}, {"name": "b", "hours": ("09:00-10:00",)}], 1, "rule 0 (a)"),
        ([{"name": "a", "age_from": "1d"}, {"name": "b", "age_from": "2d", "age_below": "3d"}], 1, "rule 0 (a)"),
        ([{"name": "a", "currency": "USD"}, {"name": "b", "currency": "USD", "copies": 1}], 1, "rule 0 (a)"),
    ],
)
def test_a_rule_that_is_never_reached_is_told(rows: list[dict[str, Any]], number: int, words: str) -> None:
    told = list(faults([ReprintRule(**row) for row in rows]))
    assert [place for place, _ in told] == [number]
    assert words in told[0][1]


def test_special_before_general_is_no_fault_and_no_overlap() -> None:
    rows = (rule("a", types=("void",)), rule("b", below="50", copy="customer"), rule("c", copy="customer"), rule("d"))
    assert not list(faults(rows))
    told = "policy.rule[0] (a) and policy.rule[{}] ({}) overlap; where both apply, a decides"
    assert overlaps(rows) == (told.format(1, "b"), told.format(2, "c"))


def test_a_rule_whose_window_is_over_before_it_begins_is_told() -> None:
    rows = (
        rule("late", age_from="31d"),
        rule("edge", age_from="30d"),
        rule("own", age_from="31d", window="40d"),
        rule("never", age_from="31d", allowed=False),
        rule("short", age_from="2d", window="1d"),
    )
    told = list(spent(rows, "30d"))
    assert [words.partition(" gives")[0] for words in told] == ["policy.rule[0] (late)", "policy.rule[4] (short)"]
    assert "an age of 31d, when the window of 30d is over" in told[0]


def test_every_profile_is_sound_and_cn_is_what_posd_does_without_a_word() -> None:
    for profile in ("cn", "neutral", "strict"):
        policy = parse(f'[policy]\nprofile = "{profile}"').policy
        assert not list(faults(policy.rule))
        assert not overlaps(policy.rule)
        assert not list(spent(policy.rule, policy.reprint_window))
    assert parse("") == Config()
    assert parse('[policy]\nprofile = "cn"').policy == PolicySection()


def test_an_own_rule_may_leave_nothing_to_those_of_the_profile() -> None:
    policy = parse('[policy]\nprofile = "strict"\n[[policy.rule]]\nname = "all"').policy
    assert policy.rule[0].name == "all"
    replaced = parse('[policy]\nprofile = "strict"\n[[policy.rule]]\nname = "just-now"\ncopies = 7').policy
    assert [row.name for row in replaced.rule] == ["just-now"]
    assert replaced.rule[0].copies == 7


def test_durations_and_periods() -> None:
    assert milliseconds("1.5s") == 1500
    assert [period("22:00-02:00").holds(m) for m in (1319, 1320, 0, 119, 120)] == [False, True, True, True, False]
    for wrong in ("1 x", "", "-1s"):
        with pytest.raises(BadDuration):
            milliseconds(wrong)


# Which rules can never apply, against trying everything.

AMOUNTS, AGES = ("10", "20"), ("1h", "2h")
RULES = st.builds(
    ReprintRule,
    name=st.just("x"),
    types=st.sampled_from([(), ("sale",), ("sale", "refund"), ("void", "refund")]),
    copy=st.sampled_from([None, "customer", "merchant"]),
    currency=st.sampled_from([None, None, "USD"]),
    from_=st.sampled_from(["", *AMOUNTS]),
    below=st.sampled_from(["", "", *AMOUNTS]),
    age_from=st.sampled_from(["", "", *AGES]),
    age_below=st.sampled_from(["", "", *AGES]),
    asked_by=st.sampled_from([(), (), ("till",), ("key", "cashier"), ("till", "supervisor", "auditor")]),
    hours=st.sampled_from([(), (), ("06:00-12:00",), ("12:00-06:00",), ("00:00-06:00", "12:00-00:00")]),
).filter(lambda r: r.fault() is None)
DOERS = [Doer(kind="key", key="K"), Doer(kind="peer")] + [Doer(kind="peer", roles=(r,)) for r in get_args(Role)]
DOERS.append(Doer(kind="peer", roles=("till", "cashier")))
CASES = [
    Case(kind, copy, currency, Decimal(total), age_ms, minute, doer)
    for kind in get_args(Type)
    for copy in get_args(CopyName)
    for currency in ("CNY", "USD")
    for total in ("9.99", "10", "19.99", "20")
    for age_ms in (0, HOUR - 1, HOUR, 2 * HOUR)
    for minute in (0, 359, 360, 719, 720, 1439)
    for doer in DOERS[:: 2 if kind == "refund" else 1]
]


@given(st.lists(RULES, min_size=2, max_size=5))
def test_a_rule_is_told_to_be_unreachable_exactly_if_no_case_reaches_it(rows: list[ReprintRule]) -> None:
    named = [msgspec.structs.replace(row, name=f"r{number}") for number, row in enumerate(rows)]
    deciding = {found.name for case in CASES if (found := match(named, case)) is not None}
    told = {number for number, _ in faults(named)}
    assert told == {number for number, row in enumerate(named) if row.name not in deciding}
