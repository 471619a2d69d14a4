"""The documents say what is: commands that exist, links that lead somewhere, generated pages as the code makes them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import posd
from tests.contract.test_makefile import targets
from tests.contract.tree import ROOT, files, text

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]*\bsrc=\"([^\"]+)\"")

# What belongs to the place where the project was written and not to the project. Each pattern is spelled so that it
# does not find itself.
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:root|home|work)/[\w.]"),
    "a path outside of the repository": re.compile(r"\.\.[/]shared"),
    "the registry that packages come from": re.compile(r"\b(?:pypi|pythonhosted|npmjs|npmmirror)\.(?:org|com)\b"),
    "the tools of the workplace": re.compile(r"\bfarm-[a-z]|\bissues (?:show|list|close|note)\b|\bcoding[ -]agent"),
    "who typed it": re.compile(r"\b(?:A[I]|LL[M]|large language[ ]model|Co-Authored[-]By)\b"),
}


@pytest.mark.parametrize("name", READMES)
class TestReadme:
    """Both languages tell a stranger the same."""

    def test_the_two_commands(self, name: str) -> None:
        assert "make demo" in text(Path(name))
        assert "make test" in text(Path(name))

    def test_a_picture_of_a_slip(self, name: str) -> None:
        pictures = [
            one or two for one, two in LINK.findall(text(Path(name))) if (one or two).endswith((".png", ".svg"))
        ]
        assert pictures, "no picture of a printed slip"

    def test_how_to_connect_a_till(self, name: str) -> None:
        blocks = BLOCK.findall(text(Path(name)))
        languages = {language for language, _ in blocks}
        assert "python" in languages
        assert languages & {"sh", "bash", "shell", "console"}
        assert languages & {"js", "javascript", "mjs"}
        for language, code in blocks:
            if language == "python":
                ast.parse(code)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    for one, two in LINK.findall(text(path)):
        target = (one or two).partition("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        assert (ROOT / path.parent / target).exists(), f"{path} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"(?:`|^\s*|&& )make ([a-z][a-z-]*)", text(path), re.MULTILINE))
    assert named <= set(targets()), f"{path} names {sorted(named - set(targets()))}"


def test_architecture_shows_every_room() -> None:
    page = text(Path("ARCHITECTURE.md"))
    rooms = {
        path.parts[1] for path in files() if path.parts[0] == "posd" and path.suffix == ".py" and len(path.parts) > 2
    }
    rooms |= {"daemon.py", "hwsim"}
    assert not {room for room in rooms if room not in page}


def test_architecture_names_files_that_are_there() -> None:
    page = text(Path("ARCHITECTURE.md"))
    named = set(re.findall(r"`((?:[a-z_-]+/)+[a-z_]+\.(?:py|toml|md))`", page))
    assert len(named) > 80
    assert not {name for name in named if not any((ROOT / room / name).exists() for room in ("", "posd"))}


def test_changelog_begins_with_this_version() -> None:
    first = re.search(r"^## (\S+?),? ", text(Path("CHANGELOG.md")), re.MULTILINE)
    assert first
    assert first[1] == posd.__version__


@pytest.mark.parametrize(("page", "maker"), [("docs/api.md", "api_markdown"), ("docs/status.md", "status_markdown")])
def test_generated_pages_are_in_sync(page: str, maker: str) -> None:
    from posd.api import document

    assert text(Path(page)) == getattr(document, maker)(), f"{page} is old: run python -m posd.api.document"


def test_the_project_speaks_of_itself_alone() -> None:
    found = []
    for path in files():
        try:
            lines = text(path).splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            found += [
                f"{path}:{number} has {what}: {line.strip()[:120]}" for what, one in FOREIGN.items() if one.search(line)
            ]
    assert not found, "\n".join(found)
