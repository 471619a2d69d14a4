"""The tables of stable words in the operator's guides, made from `posd.domain.advice` in both languages. A guide holds
them between two marks; all else of it is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from posd.domain import advice, advice_zh
from posd.domain.advice import Told

BEGIN = "<!-- Made by `python -m posd.api.document` from posd/domain/advice.py; change it there. -->"
END = "<!-- End of what is made. -->"

_ENGLISH = {
    "refusal": "### posd refused",
    "contact": "### posd was not reached",
    "reason": "### A device needs somebody",
    "exception": "### Something is open",
    "cause": "### Why a signature is missing",
    "head": "| word | what happened | what was kept | what to do |",
}
_CHINESE = {
    "refusal": "### posd 拒绝了请求",
    "contact": "### 连不上 posd",
    "reason": "### 设备需要处理",
    "exception": "### 有未结事项",
    "cause": "### 缺签名的原因",
    "head": "| 标识 | 发生了什么 | 保留了什么 | 该做什么 |",
}
GUIDES: dict[str, tuple[Mapping[str, Mapping[str, Told]], Mapping[str, str]]] = {
    "operator.md": (advice.GROUPS, _ENGLISH),
    "operator.zh-CN.md": (advice_zh.GROUPS, _CHINESE),
}
"""Each guide, with the table that it shows and the words around it."""


def renewed(name: str, page: str) -> str:
    """The guide of this name with its tables made anew. ValueError if the marks are not there."""
    groups, words = GUIDES[name]
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{name} lacks the marks between which its tables stand")
    return f"{before}{BEGIN}\n\n{_tables(groups, words)}\n\n{END}{after}"


def renew(folder: Path) -> list[Path]:
    """Renew every guide in `folder`; their paths."""
    paths = [folder / name for name in GUIDES]
    for path in paths:
        path.write_text(renewed(path.name, path.read_text(encoding="utf-8")), encoding="utf-8")
    return paths


def _tables(groups: Mapping[str, Mapping[str, Told]], words: Mapping[str, str]) -> str:
    parts = []
    for group, rows in groups.items():
        lines = [words["head"], "| --- | --- | --- | --- |"]
        lines += [f"| `{word}` | {' | '.join(told)} |" for word, told in rows.items()]
        parts += [words[group], "\n".join(lines)]
    return "\n\n".join(parts)
