"""A driver as docs/pad-driver.md has it: one file (text_pad.py) and one row, and its pad signs sales as any other."""

from __future__ import annotations

import base64
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from posd.config import ConfigError, PadSection
from posd.pad import drivers
from posd.pad.strokes import decode
from tests.scenario import text_pad
from tests.scenario.box import Box, sale
from tests.scenario.conftest import MakeBox
from tests.scenario.test_signature import unsigned
from tests.unit.input.wire import Fifo, loop

WITH_THE_ROW = """
import sys
from posd import daemon
from posd.pad import drivers
from tests.scenario.text_pad import TextPad
drivers.DRIVERS["text"] = TextPad
sys.exit(daemon.main(sys.argv[sys.argv.index("--config"):]))
"""


class Counter:
    """A box whose posd has the row, and the pen's end of the pad."""

    def __init__(self, box: Box) -> None:
        self.box = box
        box.start_world()
        self.pen = Fifo(box.folder / "pen").plug()
        box.launch(sys.executable, "-c", WITH_THE_ROW)
        box.wait_answer()
        for name in ("printer", "pad", "keypad"):
            box.wait_device(name, "ready")

    def write(self, *lines: str) -> None:
        self.pen.write("".join(f"{line}\n" for line in lines).encode())

    def draw(self, offset: int = 0) -> None:
        self.write(*(f"at {x} {y}" for x, y in loop(offset)), "up")


@pytest.fixture
def counter(make_box: MakeBox) -> Iterator[Counter]:
    slow_hand = {"scribble_time": "0s"}  # a pad of lines has no clock of its own, and the lines come at once
    pad = {"driver": "text", "device": "{folder}/pen", "timeout": "60s"} | slow_hand
    made = Counter(make_box({"pad": pad}, start=False))
    yield made
    if made.pen.fd >= 0:
        made.pen.let_go()


def test_it_signs_and_what_it_drew_before_belongs_to_nobody(counter: Counter) -> None:
    box = counter.box
    counter.draw(300)
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    counter.draw()
    counter.draw(40)
    counter.write("ok")
    box.wait_signature(sold, "captured")
    kept = decode(base64.b64decode(box.result("signature.get", id=sold, format="strokes")["data"]))
    assert [[(point.x, point.y) for point in stroke] for stroke in kept.strokes] == [loop(), loop(40)]
    box.wait_copy(sold, "customer", "printed")
    assert box.paper()[0].signed


def test_every_end_it_can_have_is_on_the_list_with_its_cause(counter: Counter) -> None:
    box = counter.box
    refused = box.sell(sale(box.new_id()))
    box.wait_on_pad(refused)
    counter.write("no")
    unsigned(box, refused, "customer", "cancelled on the pad")
    cancelled = box.sell(sale(box.new_id()))
    box.wait_on_pad(cancelled)
    box.do("press", "KEY_ESC", "--fast")
    unsigned(box, cancelled, "procedure", "cancelled by the operator")
    stopped = box.sell(sale(box.new_id()))
    box.wait_on_pad(stopped)
    counter.draw()
    assert box.stop() == 0
    box.launch(sys.executable, "-c", WITH_THE_ROW)
    box.wait_answer()
    unsigned(box, stopped, "system", "posd was stopped")
    box.wait_device("pad", "ready")
    unplugged = box.sell(sale(box.new_id()))
    box.wait_on_pad(unplugged)
    counter.pen.unplug()
    unsigned(box, unplugged, "device", "the pad went away")
    box.wait_device("pad", "absent", "unplugged")


def test_a_driver_that_is_not_in_the_table_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"pad\.driver: there is no driver 'usb'; write one of evdev, serial, none"):
        drivers.check(PadSection(driver="usb", device="/dev/x"))
    for name in (*drivers.DRIVERS, "none"):
        drivers.check(PadSection(driver=name, device="/dev/x"))


def test_the_page_says_what_an_actor_must_have(root: Path) -> None:
    page = (root / "docs" / "pad-driver.md").read_text(encoding="utf-8")
    wanted = {name for name, _ in inspect.getmembers(drivers.Pad, inspect.isfunction) if not name.startswith("_")}
    assert wanted <= set(re.findall(r"^\| `(\w+)", page, re.MULTILINE))
    assert all(hasattr(text_pad.TextPad, name) for name in wanted)
    assert "tests/scenario/text_pad.py" in page
    assert 'DRIVERS["text"] = TextPad' in WITH_THE_ROW
