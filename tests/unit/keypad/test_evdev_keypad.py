"""The keypad on an event node with the kernel's semantics: keys through evdev, lights back out of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("umockdev-wrapper") is None,
    reason="umockdev is not installed (apt-get install umockdev): there are no event nodes to open",
)


def test_keys_come_through_the_node_and_lights_go_back_out_of_it(root: Path) -> None:
    command = ["umockdev-wrapper", sys.executable, "-m", "tests.unit.keypad.mock_keypad"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["reports"][:2] == ["opening", "ready"]
    assert said["reports"][-1] == "absent"
    assert said["commands"] == [
        ["reprint-last", "KEY_F1", None],  # held down, and once
        ["approve", "KEY_F5", None],
        ["pin", "KEY_KPENTER", "12"],
        ["pin-right", "KEY_KPENTER", "12"],
        ["approve", "KEY_F5", None],
    ]
    assert said["left"] == 0, "half a PIN is overwritten when the keypad goes"
    working, dark = [2, 1], [2, 0]
    assert said["lit"][:4] == [working, dark, working, dark]
    on = {light: sum(1 for code, value in said["lit"] if (code, value) == (light, 1)) for light in (0, 1, 2)}
    assert on[1] == 6, "three flashes for lost keys, three for two keys at once"
    assert on[0] >= 2, "it blinked while a number was waited for"
