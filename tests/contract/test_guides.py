"""The guides say the same in both languages, their tables are the code's, and the commands that pages name exist."""

from __future__ import annotations

import argparse
import re
import shlex
from collections import Counter
from pathlib import Path
from typing import NoReturn, get_args

import pytest

from posd.api import handbook
from posd.ctl.arguments import parser
from posd.ctl.catalogue import add_all
from posd.ctl.helping import Parser
from posd.ctl.words import Say
from posd.domain.copies import CopyState
from posd.domain.errors import KINDS
from posd.domain.signature import SignatureState
from tests.contract.test_documents import BLOCK
from tests.contract.tree import files, text

PAIRS = [(str(path).replace(".zh-CN.md", ".md"), str(path)) for path in files() if path.name.endswith(".zh-CN.md")]
PAGES = [
    path for path in files() if path.suffix == ".md" and (path.parts[0] == "docs" or path.name.startswith("README"))
]
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
COMMAND = re.compile(r"`(posctl [^`]+)`")
COMMENT = re.compile(r"[ ]+# .*$", re.MULTILINE)
SHOP = re.compile("Old Teahouse|老茶馆")
SHELL = re.compile(r"\s(?:[|;<>]|&&|2>).*")


def test_there_are_guides_in_both_languages() -> None:
    pages = ("operator", "integrator", "archive", "copies", "keypad", "people", "signing", "templates")
    assert {english for english, _ in PAIRS} >= {"README.md", *(f"docs/{page}.md" for page in pages)}


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
class TestPair:
    """One guide and the other."""

    def test_headings(self, english: str, chinese: str) -> None:
        here, there = (re.findall(r"^(#+) ", outside_blocks(page), re.MULTILINE) for page in (english, chinese))
        assert here == there

    def test_tables_have_as_many_rows_and_columns(self, english: str, chinese: str) -> None:
        here, there = (
            [[line.count(" | ") for line in table.splitlines()] for table in TABLE.findall(outside_blocks(page))]
            for page in (english, chinese)
        )
        assert here == there

    def test_blocks_are_the_same(self, english: str, chinese: str) -> None:
        """To the letter in the guides; in the README beside the code, and in the shop's name, each speaks its own."""
        here, there = (text(Path(page)) for page in (english, chinese))
        if english == "README.md":
            here, there = (COMMENT.sub("", SHOP.sub("", page)) for page in (here, there))
        assert BLOCK.findall(here) == BLOCK.findall(there)

    def test_pictures_stand_in_the_same_order(self, english: str, chinese: str) -> None:
        here, there = (re.findall(r"pictures/[\w-]+\.\w+", text(Path(page))) for page in (english, chinese))
        assert here == [name.replace("-zh_CN.", "-en.").replace("-zh.", "-en.") for name in there]

    def test_they_name_the_same_commands(self, english: str, chinese: str) -> None:
        here, there = (Counter(COMMAND.findall(outside_blocks(page))) for page in (english, chinese))
        assert here == there


@pytest.mark.parametrize("page", ["docs/integrator.md", "docs/integrator.zh-CN.md"])
class TestIntegrator:
    """What a till does about each kind and each state is said, once."""

    def test_every_kind_of_refusal(self, page: str) -> None:
        rows = re.findall(r"^\| (`.*?`) \| ", text(Path(page)).partition("`error.data.kind`")[2], re.MULTILINE)[:5]
        assert Counter(kind for row in rows for kind in re.findall(r"`([a-z-]+)`", row)) == Counter(KINDS)

    def test_every_state(self, page: str) -> None:
        rows = re.findall(r"^\| `([a-z-]+)` \| ", text(Path(page)), re.MULTILINE)
        states = [*get_args(CopyState), *get_args(SignatureState)]
        assert [row for row in rows if row in states] == states


@pytest.mark.parametrize("name", handbook.GUIDES)
def test_tables_of_words_are_in_sync(name: str) -> None:
    page = text(Path("docs") / name)
    assert page == handbook.renewed(name, page), f"docs/{name} is old: run python -m posd.api.document"


def test_a_guide_without_its_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        handbook.renewed("operator.md", "# no marks")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_that_are_named_exist(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parser, "error", complain)
    made = parser(Say("en"))
    for command in commands_of(text(page)):
        words = shlex.split(SHELL.sub("", command), comments=True)[1:]
        if "--help" in words or not words:
            continue
        try:
            made.parse_args(words)
        except argparse.ArgumentError as error:
            if "required" not in str(error) and "expected" not in str(error):
                pytest.fail(f"{page} names `{command}`: {error}")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_lists_every_command_in_the_groups_of_the_help(page: str) -> None:
    rows = re.findall(r"^\| [^|`]+ \| ((?:`[a-z-]+` ?)+)\|$", text(Path(page)), re.MULTILINE)
    commands = argparse.ArgumentParser().add_subparsers(parser_class=Parser)
    assert [re.findall(r"`([a-z-]+)`", row) for row in rows] == [names for _, names in add_all(commands, Say("en"))]


def complain(made: argparse.ArgumentParser, message: str) -> NoReturn:
    raise argparse.ArgumentError(None, message)


def commands_of(page: str) -> list[str]:
    """What follows `posctl` in code, in blocks and in lines. What stands for several (`a|b`) names none."""
    blocks = "".join(code for _, code in BLOCK.findall(page))
    typed = [line.strip() for line in (blocks + page).splitlines()]
    lines = [line.removeprefix("$ ") for line in typed if re.match(r"(?:\$ )?posctl ", line)]
    return [command for command in (*COMMAND.findall(page), *lines) if not re.search(r"\w\|\w", command)]


def outside_blocks(page: str) -> str:
    return BLOCK.sub("", text(Path(page)))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_to_headings_lead_to_one(page: Path) -> None:
    for found in re.findall(r"\]\(([^)\s#]*)#([^)\s]+)\)", text(page)):
        path = page.parent / found[0] if found[0] else page
        if path.suffix == ".md" and not found[0].startswith("http"):
            assert found[1] in anchors(path), f"{page} links to {found[0]}#{found[1]}"


def anchors(page: Path) -> set[str]:
    """How the headings of a page are named in links."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
