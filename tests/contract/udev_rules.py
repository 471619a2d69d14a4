"""Reads udev rules as udev(7) describes them, since `udevadm verify` came only with systemd 254.

A rule is one line of comma-separated `KEY OPERATOR "value"`; a match key takes ==, !=, an assignment takes =, +=, -=,
:=. A mistake in one key makes udev ignore the rule with a line in a log that nobody reads; here it is a RuleError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r'\s*([A-Z]+)(?:\{([^}]+)\})?\s*(==|!=|\+=|-=|:=|=)\s*(e?)"((?:[^"\\]|\\.)*)"\s*(,|$)')
MATCH, ASSIGN = {"==", "!="}, {"=", "+=", "-=", ":="}
# Which operators a key takes, and whether it has an attribute in braces.
KEYS: dict[str, tuple[set[str], bool]] = {
    "ACTION": (MATCH, False),
    "DEVPATH": (MATCH, False),
    "KERNEL": (MATCH, False),
    "KERNELS": (MATCH, False),
    "NAME": (MATCH | {"=", ":="}, False),
    "SYMLINK": (MATCH | ASSIGN, False),
    "SUBSYSTEM": (MATCH, False),
    "SUBSYSTEMS": (MATCH, False),
    "DRIVER": (MATCH, False),
    "DRIVERS": (MATCH, False),
    "ATTR": (MATCH | {"="}, True),
    "ATTRS": (MATCH, True),
    "SYSCTL": (MATCH | {"="}, True),
    "CONST": (MATCH, True),
    "ENV": (MATCH | {"=", "+="}, True),
    "TAG": (MATCH | ASSIGN, False),
    "TAGS": (MATCH, False),
    "TEST": (MATCH, False),
    "PROGRAM": (MATCH, False),
    "RESULT": (MATCH, False),
    "OWNER": ({"=", ":="}, False),
    "GROUP": ({"=", ":="}, False),
    "MODE": ({"=", ":="}, False),
    "RUN": (ASSIGN, True),
    "LABEL": ({"="}, False),
    "GOTO": ({"="}, False),
    "IMPORT": (MATCH | {"="}, True),
    "OPTIONS": ({"=", "+="}, False),
}
BUILTINS = {
    "blkid",
    "btrfs",
    "hwdb",
    "input_id",
    "keyboard",
    "kmod",
    "net_id",
    "net_setup_link",
    "path_id",
    "uaccess",
    "usb_id",
}


class RuleError(Exception):
    """A rule that udev would not take."""


@dataclass(frozen=True)
class Pair:
    """One `KEY{attribute} operator "value"`."""

    key: str
    attribute: str | None
    operator: str
    value: str


def parse(text: str) -> list[list[Pair]]:
    """The rules of a file. RuleError names the line."""
    rules: list[list[Pair]] = []
    for number, line in enumerate(_joined(text), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                rules.append(_rule(line.strip()))
            except RuleError as error:
                raise RuleError(f"line {number}: {error}") from None
    _check_jumps(rules)
    return rules


def _joined(text: str) -> list[str]:
    """The lines, a continued one joined to its next; blank lines keep the numbers right."""
    lines: list[str] = []
    held = ""
    for line in text.split("\n"):
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            held += line[:-1]
            lines.append("")
        else:
            lines.append(held + line)
            held = ""
    if held:
        raise RuleError("the last line is continued into nothing")
    return lines


def _rule(line: str) -> list[Pair]:
    pairs, place, comma = [], 0, ","
    while place < len(line):
        match = TOKEN.match(line, place)
        if not match or comma != ",":
            raise RuleError(f"not KEY, operator, quoted value at: {line[place : place + 40]}")
        key, attribute, operator, _, value, comma = match.groups()
        pairs.append(_checked(Pair(key, attribute, operator, value)))
        place = match.end()
    if comma == ",":
        raise RuleError("ends with a comma")
    return pairs


def _checked(pair: Pair) -> Pair:
    if pair.key not in KEYS:
        raise RuleError(f"unknown key {pair.key}")
    operators, braces = KEYS[pair.key]
    if pair.operator not in operators:
        raise RuleError(f"{pair.key} does not take {pair.operator}")
    if pair.attribute and not braces and not (pair.key == "TEST" and re.fullmatch(r"[0-7]{3,4}", pair.attribute)):
        raise RuleError(f"{pair.key} has nothing in braces")
    if braces and not pair.attribute and pair.key != "RUN":
        raise RuleError(f"{pair.key} needs a name in braces")
    if pair.key == "MODE" and not re.fullmatch(r"0?[0-7]{3}", pair.value):
        raise RuleError(f"MODE {pair.value} is not octal")
    if pair.key == "IMPORT" and pair.attribute == "builtin" and pair.value.split()[0] not in BUILTINS:
        raise RuleError(f"no builtin {pair.value}")
    if pair.key == "SYMLINK" and pair.value.startswith("/"):
        raise RuleError("a SYMLINK is named from /dev")
    return pair


def _check_jumps(rules: list[list[Pair]]) -> None:
    """Each GOTO leads forward to one LABEL."""
    labels = {pair.value: index for index, rule in enumerate(rules) for pair in rule if pair.key == "LABEL"}
    for index, rule in enumerate(rules):
        for pair in rule:
            if pair.key == "GOTO" and labels.get(pair.value, -1) <= index:
                raise RuleError(f"GOTO {pair.value} leads nowhere ahead")
