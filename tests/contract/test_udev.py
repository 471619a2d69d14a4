"""The udev rules: their grammar, what they give posd, and that each mistake in the grammar is seen."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.tree import ROOT, text
from tests.contract.udev_rules import RuleError, parse

RULES = Path("udev/60-posd.rules")


def test_the_rules_are_well_formed() -> None:
    assert len(parse(text(RULES))) > 5


def test_the_examples_in_comments_are_well_formed() -> None:
    examples = re.findall(r"^#     (SUBSYSTEM.*)$", text(RULES), re.MULTILINE)
    assert len(examples) == 3
    assert len(parse("\n".join(examples))) == 3


def test_whoever_gets_a_name_gets_the_group_and_no_modem_probe() -> None:
    named = set()
    for rule in parse(text(RULES)):
        set_ = {(pair.key, pair.attribute): pair.value for pair in rule if pair.operator in {"=", "+="}}
        if ("GROUP", None) in set_:
            assert set_["GROUP", None] == "posd"
            assert set_["MODE", None] == "0660"
        if ("SYMLINK", None) in set_:
            named.add(set_["SYMLINK", None])
            assert ("GROUP", None) in set_
        if any(pair.key == "SUBSYSTEM" and pair.value == "tty" for pair in rule):
            assert set_["ENV", "ID_MM_DEVICE_IGNORE"] == "1"
    assert named == {"posd/printer", "posd/pad"}


@pytest.mark.parametrize(
    "mistake",
    [
        'SUBSYSTEM="tty"',
        'SYMLINK+="posd/x',
        "SYMLINK+=posd/x",
        'SUBSYTEM=="tty"',
        'MODE="0668"',
        'GROUP=="posd"',
        'ATTR=="1"',
        'KERNEL{x}=="lp0"',
        'KERNEL=="lp0" GROUP="posd"',
        'KERNEL=="lp0",',
        'GOTO="nowhere"',
        'LABEL="back"\nGOTO="back"',
        'IMPORT{builtin}="usbid"',
        'SYMLINK+="/dev/posd/x"',
        'KERNEL=="lp0", \\',
    ],
)
def test_the_reader_sees_mistakes(mistake: str) -> None:
    with pytest.raises(RuleError):
        parse(mistake)


def has_verify() -> bool:
    """Whether this udevadm can verify rules (systemd 254 and later)."""
    if not shutil.which("udevadm"):
        return False
    return "verify" in subprocess.run(["udevadm", "--help"], capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(
    not has_verify(), reason="udevadm has no verify here (it came with systemd 254); the reader above stands in"
)
def test_udevadm_takes_the_rules() -> None:
    done = subprocess.run(["udevadm", "verify", str(ROOT / RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
