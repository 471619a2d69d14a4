"""The page's table of methods and roles is the code's. Real users in real groups: tests/scenario/test_roles.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from posd.api import document
from posd.api.methods import METHODS
from posd.domain.doer import Role


def test_the_page_has_the_table_of_methods_and_roles() -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| `([a-z.]+)` \| (yes|-) \| (yes|-) \| (yes|-) \| (yes|-) \|$", page, re.MULTILINE)
    told = {
        name: {role for role, word in zip(get_args(Role), words, strict=True) if word == "yes"} for name, *words in rows
    }
    assert told == {row.name: set(row.roles) for row in METHODS.values() if row.roles}
    assert document._role_table() in page
