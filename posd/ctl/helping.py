"""How help looks: commands in groups, columns that align in both scripts, colons and heads of the language; and what a
wrong command line is told.
"""

from __future__ import annotations

import argparse
import difflib
import re
import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from posd.ctl.codes import USAGE
from posd.ctl.tables import padded, width
from posd.ctl.telling import told
from posd.ctl.words import Say

Groups = Sequence[tuple[str, Sequence[str]]]
"""Titles, each with the names of its commands."""
_COLUMN = 16
_EVERYWHERE = frozenset({"help", "socket", "json", "lang"})
"""What every command takes stands in the usage of posctl itself only."""
_NEVER_FIRST = "，。；：、？！）”"


def look(say: Say, groups: Groups = ()) -> Any:
    """What argparse takes as a formatter class."""
    return partial(_Help, say=say, groups=groups)


class Parser(argparse.ArgumentParser):
    """A parser that complains in the language."""

    def __init__(self, say: Say, **settings: Any) -> None:
        super().__init__(**settings)
        self._say = say

    def error(self, message: str) -> NoReturn:
        """End with 2, the usage, and what is wrong."""
        head = self._say(f"{self.prog}: wrong command line: ", f"{self.prog}：命令有误：")
        self.exit(USAGE, f"{self.format_usage()}{head}{self._unknown(message) or told(self._say, message)}\n")

    def _unknown(self, message: str) -> str:
        """Of a command that is not there: which is near; of one that is not named, how to find it; else nothing."""
        if re.fullmatch(r"the following arguments are required: (COMMAND|WHAT)", message):
            return self._say(f"name what to do ({self.prog} --help)", f"请写明要做什么（{self.prog} --help）")
        found = re.match(r"argument (?:COMMAND|WHAT): invalid choice: '(.*)' \(choose from (.*)\)", message)
        if found is None:
            return ""
        near = difflib.get_close_matches(found[1], re.findall(r"'(.*?)'", found[2]), 1)
        return self._say(
            f"there is no command {found[1]}" + (f"; the nearest is {near[0]}" if near else f" ({self.prog} --help)"),
            f"没有命令 {found[1]}" + (f"；最接近的是 {near[0]}" if near else f"（{self.prog} --help）"),
        )


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str, say: Say, groups: Groups) -> None:
        super().__init__(prog, max_help_position=28)
        self._say = say
        self._groups = groups

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        own = [action for action in actions if action.dest not in _EVERYWHERE or self._groups]
        super().add_usage(usage, own, groups, self._say("usage: ", "用法：") if prefix is None else prefix)

    def _format_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None) -> str:
        """The lines that follow begin below the first option, however wide the head is."""
        wider = width(prefix or "") - len(prefix or "")
        self._width -= wider
        first, *others = super()._format_usage(usage, actions, groups, prefix).splitlines(keepends=True)
        self._width += wider
        return first + "".join(" " * wider + line if line.strip() else line for line in others)

    def format_help(self) -> str:
        text = super().format_help()
        return text if self._say.lang == "en" else re.sub(r"^(\S+):$", r"\1：", text, flags=re.MULTILINE)

    def _format_action(self, action: argparse.Action) -> str:
        if not isinstance(action, argparse._SubParsersAction):
            return super()._format_action(action)
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        titled = self._groups or [("", list(helps))]
        return "\n".join(self._group(title, {name: helps[name] for name in names}) for title, names in titled)

    def _group(self, title: str, helps: dict[str, str]) -> str:
        lines = [f"  {title}"] if title else []
        for name, help in helps.items():
            indent = 4 if title else 2
            first, *others = self._split_lines(help, self._width - indent - _COLUMN)
            lines.append(" " * indent + padded(name, _COLUMN) + first)
            lines += [" " * (indent + _COLUMN) + other for other in others]
        return "\n".join(lines) + "\n"

    def _split_lines(self, text: str, columns: int) -> list[str]:
        if width(text) == len(text):
            return textwrap.wrap(text, columns)
        lines = [""]
        for piece in re.findall(r"[ -~]+|.", text):
            if width(lines[-1] + piece) > columns and piece not in _NEVER_FIRST:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
        return lines
