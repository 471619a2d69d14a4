"""Every stable word that a person meets is explained in both languages, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import posd.client
from posd.domain import advice, advice_zh
from posd.domain.device import REMEDIES, Reason
from posd.domain.errors import KINDS
from posd.domain.event import ExceptionKind
from posd.domain.signature import Cause

CJK = re.compile(r"[\u4e00-\u9fff]")


def kinds_of_the_client() -> set[str]:
    """What the client library itself may raise, read out of its code; and what goes out as JSON-RPC's -32603."""
    sources = Path(posd.client.__file__).parent.glob("*.py")
    return {kind for source in sources for kind in re.findall(r'PosdError\(\s*"([a-z-]+)"', source.read_text())} | {
        "internal"
    }


@pytest.mark.parametrize("words", [advice, advice_zh], ids=["en", "zh"])
def test_every_word_has_a_row_and_no_row_is_of_no_word(words: ModuleType) -> None:
    groups = words.GROUPS
    assert list(groups["refusal"]) == list(KINDS)
    assert set(groups["contact"]) == kinds_of_the_client()
    assert list(groups["reason"]) == list(get_args(Reason))
    assert set(groups["exception"]) == set(get_args(ExceptionKind))
    assert set(groups["cause"]) == set(get_args(Cause))


@pytest.mark.parametrize("remedies", [REMEDIES, advice_zh.REMEDIES], ids=["en", "zh"])
def test_every_reason_has_its_short_advice(remedies: dict[str, str]) -> None:
    assert list(remedies) == list(get_args(Reason))


def test_both_languages_have_the_same_words_in_the_same_order() -> None:
    english, chinese = advice.GROUPS, advice_zh.GROUPS
    assert [(group, list(rows)) for group, rows in english.items()] == [
        (group, list(rows)) for group, rows in chinese.items()
    ]


@pytest.mark.parametrize("group", advice.GROUPS)
def test_each_is_a_sentence_in_its_language_and_names_the_same_commands(group: str) -> None:
    for word, told in advice.GROUPS[group].items():
        other = advice_zh.GROUPS[group][word]
        for english, chinese in zip(told, other, strict=True):
            assert english.endswith("."), (word, english)
            assert chinese.endswith("。"), (word, chinese)
            assert CJK.search(chinese), (word, chinese)
            assert not CJK.search(english), (word, english)
            assert re.findall("`[^`]+`", english) == re.findall("`[^`]+`", chinese), word
