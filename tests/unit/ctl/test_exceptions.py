"""The list of exceptions says which copy each is about, and which are past their deadline."""

from __future__ import annotations

import pytest

from posd.ctl.shown import Shown
from posd.ctl.words import Say
from posd.domain import views

AT = "2026-11-21T02:16:30.000Z"
ITEMS = [
    views.ExceptionView("x1", "t1", "unprinted", "device", "", "open", AT, copy="merchant", number=0),
    views.ExceptionView("x2", "t1", "unknown", "device", "", "open", AT, overdue=True, copy="customer", number=2),
    views.ExceptionView("x3", "t1", "unsigned", "device", "", "waived", AT, overdue=True),
]


@pytest.mark.parametrize(
    ("lang", "kinds", "states"),
    [
        ("en", ["unprinted merchant ", "unknown customer 2 ", "unsigned "], [" open ", " overdue ", " waived "]),
        ("zh", ["未打印 商户联 ", "打印结果不确定 顾客联 2 ", "未签名 "], [" 未结 ", " 逾期 ", " 已免除 "]),
    ],
)
def test_the_list(lang: str, kinds: list[str], states: list[str]) -> None:
    shown = Shown(Say(lang))  # type: ignore[arg-type]
    _, *lines = shown.exceptions(ITEMS).splitlines()
    for item, line, kind, state in zip(ITEMS, lines, kinds, states, strict=True):
        assert kind in line
        assert state in line
        assert kind.rstrip() in shown.exception(item)
