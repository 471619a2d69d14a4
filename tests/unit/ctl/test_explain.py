"""`posctl explain`: from a word to what to do, in both languages, without a daemon."""

from __future__ import annotations

import json

import pytest

from posd.ctl.codes import DONE, USAGE
from posd.ctl.run import run
from posd.ctl.words import Say
from posd.domain import advice, advice_zh


def test_a_word_is_explained_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "en", "explain", "paper-end"]) == DONE
    assert advice.REASONS["paper-end"].todo in capsys.readouterr().out
    assert run(["--lang", "zh", "explain", "paper-end"]) == DONE
    told = capsys.readouterr().out
    assert advice_zh.REASONS["paper-end"].todo in told
    assert told.startswith("paper-end 缺纸（")
    assert run(["--lang", "zh", "explain", "缺纸"]) == DONE
    assert capsys.readouterr().out == told, "what a table shows is found as well"
    run(["--lang", "zh", "explain", "customer"])
    assert capsys.readouterr().out.startswith("customer 顾客（"), "whose doing it was, not whose slip"


def test_a_word_with_two_meanings_has_both(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--json", "explain", "no-answer"])
    told = json.loads(capsys.readouterr().out)
    assert [one["group"] for one in told] == ["contact", "reason"]
    assert {"word", "means", "kept", "todo"} < set(told[0])


@pytest.mark.parametrize("word", [word for rows in advice.GROUPS.values() for word in rows])
def test_every_word_has_a_chinese_name(word: str) -> None:
    assert Say("zh").word(word) != word


def test_without_a_word_all_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--json", "explain"])
    assert len(json.loads(capsys.readouterr().out)) == sum(map(len, advice.GROUPS.values()))


@pytest.mark.parametrize(("lang", "word", "near"), [("en", "paper", "paper-end"), ("zh", "缺少纸", "缺纸")])
def test_a_word_that_posd_does_not_say_is_an_error_that_names_what_is_near(
    lang: str, word: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", lang, "explain", word]) == USAGE
    assert near in capsys.readouterr().err
    assert run(["--lang", lang, "explain", "42"]) == USAGE
    assert "posctl explain" in capsys.readouterr().err
