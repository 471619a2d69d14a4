"""Names of keys: the small table agrees with the kernel's, and the large one is loaded only for a name not in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from posd.input.keys import USUAL, UnknownKey, code_of
from posd.input.node import kernel_keys


def test_the_usual_keys_are_the_kernels() -> None:
    kernel = kernel_keys()
    assert {name: kernel[name] for name in USUAL} == dict(USUAL)


def test_a_rare_key_is_found_in_the_kernels_table() -> None:
    assert "KEY_PRINT" not in USUAL
    assert code_of("KEY_PRINT") == 210


@pytest.mark.parametrize(("name", "near"), [("KEY_F111", "KEY_F11"), ("key_f1", "KEY_F1"), ("F1", "KEY_F1")])
def test_an_unknown_name_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownKey, match=near):
        code_of(name)


def test_a_name_like_no_other_is_refused_with_an_example() -> None:
    with pytest.raises(UnknownKey, match="BTN_0"):
        code_of("☎")


def test_the_rooms_start_without_evdev(root: Path) -> None:
    code = """
import sys
from posd.config import KeypadSection, PadSection
from posd.keypad.actor import KeypadActor
from posd.pad.actor import PadActor
KeypadActor(KeypadSection(device="/dev/null"), print)
PadActor(PadSection(driver="evdev", device="/dev/null"), print)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("evdev", "PIL")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
