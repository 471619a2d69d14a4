"""What the table promises of itself, and its picture in the operator's guide."""

from __future__ import annotations

from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from posd.config import KeypadAction, KeypadSection
from posd.domain.device import KeyAction, KeyReply, Question
from posd.keypad.bindings import bindings
from posd.keypad.entry import ANSWERING
from posd.keypad.picture import LOCALES, TITLES, WORDS, _keys, picture
from posd.keypad.table import ANY, ASKS, DIGITS_MAX, ROWS, State, row

STATES = get_args(State)


@pytest.mark.parametrize("state", STATES)
def test_every_state_but_idle_ends_by_itself_and_by_lost_keys(state: State) -> None:
    for given in ("time-out", "lost"):
        found = row(state, given)
        assert found is not None
        assert (found.then, found.sends) == ("idle", "")


def test_what_is_sent_waits_for_an_answer() -> None:
    assert {r.then for r in ROWS if r.sends} == {"asked", "checking"}
    assert {r.sends for r in ROWS if r.sends} == {*get_args(KeyAction), *get_args(KeyReply)}


def test_replies_are_sent_from_questions_only_and_nothing_from_everywhere_but_beginnings() -> None:
    assert {r.state for r in ROWS if r.sends in get_args(KeyReply)} == set(ANSWERING)
    assert not {r.sends for r in ROWS if r.state == ANY} & {*get_args(KeyReply), "cancel"}


def test_every_question_of_the_desk_leads_somewhere_and_is_asked_by_something() -> None:
    assert {q for questions in ASKS.values() for q in questions} == set(get_args(Question))
    for command, questions in ASKS.items():
        for sending in (r for r in ROWS if r.sends == command):
            for question in questions:
                assert row(sending.then, f"asks:{question}") is not None


def test_nothing_is_looked_up_that_no_key_and_no_answer_gives() -> None:
    actions, digits = set(get_args(KeypadAction)), set("0123456789")
    typed = {"digit", "digit-too-many", "enter", "enter-empty", "backspace", "backspace-empty"}
    others = {"done", "refused", "right", "wrong", "time-out", "lost", *(f"asks:{q}" for q in get_args(Question))}
    assert {r.given for r in ROWS} == (actions | (digits & {r.given for r in ROWS}) | typed | others)
    assert {r.state for r in ROWS if r.does == "add"} == set(DIGITS_MAX)


def test_the_usual_keys_reach_everything_on_a_number_block_and_on_function_keys() -> None:
    usual = KeypadSection().keys
    block = {key: action for key, action in usual.items() if key.startswith("KEY_KP")}
    for keys in (usual, block, {key: usual[key] for key in usual.keys() - block.keys()}):
        assert bindings(keys)
    assert set(usual.values()) == set(get_args(KeypadAction)) - {"yes", "no"}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_picture_in_the_guide_is_this_table(root: Path, locale: str) -> None:
    kept = (root / "docs" / "pictures" / f"keypad-{locale}.svg").read_text(encoding="utf-8")
    assert kept == picture(locale), "run: python -m posd.keypad.picture"


@pytest.mark.parametrize("place", [0, 1])
def test_the_picture_shows_every_state_every_command_and_every_usual_key(place: int) -> None:
    drawn = ElementTree.fromstring(picture(LOCALES[place]))
    texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {titles[place] for titles in TITLES.values()} <= texts
    assert {words[place] for words in WORDS.values()} <= texts
    assert set(TITLES) == set(STATES)
    for action in set(KeypadSection().keys.values()):
        assert any(_keys(action) in (text or "") for text in texts), action
