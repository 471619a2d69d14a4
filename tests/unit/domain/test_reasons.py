"""Why a copy is wanted: the shop's list, the note beside it, and what stands on the slip."""

from __future__ import annotations

import pytest

from posd.config import ConfigError, parse
from posd.domain import reasons
from posd.domain.errors import Refusal
from posd.domain.reasons import COMMON, OWN, Reason

OURS = {"lost": Reason("丢了", "gone"), "other": Reason("其他", "other", note=True)}


def test_without_a_list_any_text_is_a_reason() -> None:
    reasons.check({}, "the customer says so", "")


def test_with_one_it_must_be_on_it_and_the_refusal_names_those_that_are() -> None:
    reasons.check(OURS, "lost", "")
    reasons.check(OURS, "lost", "at the beach")
    for wrong in ("Lost", "torn", "", "key press"):
        with pytest.raises(Refusal) as refused:
            reasons.check(OURS, wrong, "a note")
        assert (refused.value.kind, refused.value.field) == ("invalid", "reason")
        assert "lost, other" in refused.value.message


def test_a_reason_that_says_too_little_wants_a_note() -> None:
    reasons.check(OURS, "other", "the bank wants it")
    with pytest.raises(Refusal) as refused:
        reasons.check(OURS, "other", "")
    assert (refused.value.kind, refused.value.field) == ("invalid", "note")


@pytest.mark.parametrize(
    ("locale", "reason", "note", "expected"),
    [
        ("zh_CN", "lost", "", "丢了 gone"),
        ("en", "lost", "", "gone"),
        ("zh_CN", "lost", "海边", "丢了 gone：海边"),
        ("en", "other", "for the bank", "other: for the bank"),
        ("zh_CN", "torn", "", "破损 torn"),
        ("zh_CN", "key press", "", "按键 key press"),
        ("en", "signed again", "", "signed again"),
        ("zh_CN", "顾客要求", "", "顾客要求"),
    ],
)
def test_what_stands_on_the_slip(locale: str, reason: str, note: str, expected: str) -> None:
    assert reasons.said(OURS, locale, reason, note) == expected  # type: ignore[arg-type]


def test_posds_own_words_are_in_both_languages_and_none_is_a_name_that_a_shop_could_give() -> None:
    for words in (*COMMON.values(), *OWN.values()):
        assert words.zh_CN
        assert words.en.isascii()
        assert not words.zh_CN.isascii()
    assert not any(name.replace("-", "a").isalnum() for name in OWN)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('Lost = { zh_CN = "a", en = "b" }', "regex"),
        ('lost = { en = "b" }', "zh_CN"),
        ('lost = { zh_CN = "a", en = "b", zh = "c" }', "zh"),
        ('lost = { zh_CN = "", en = "b" }', "length >= 1"),
        ('lost = "gone"', "policy.reasons"),
    ],
)
def test_a_list_that_is_wrong_is_told_at_start(toml: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(f"[policy.reasons]\n{toml}")
    assert words in str(told.value)
    assert "policy.reasons" in str(told.value)


def test_the_shops_list_stands_in_place_of_the_profiles() -> None:
    strict = parse('[policy]\nprofile = "strict"').policy.reasons
    assert list(strict)[:2] == ["lost", "torn"]
    assert strict["other"].note
    own = parse('[policy]\nprofile = "strict"\n[policy.reasons]\nlost = { zh_CN = "a", en = "b" }').policy.reasons
    assert list(own) == ["lost"]
