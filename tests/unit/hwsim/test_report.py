"""What a slip's report tells a judge."""

from __future__ import annotations

import json

import pytest

from hwsim.bench import Bench
from hwsim.paper.report import Report
from tests.unit.hwsim.rig import CUT, INIT

MARKS = {
    "*** DUPLICATE 2 ***": (2, False, False),
    "*** 重打印 DUPLICATE 12 ***": (12, False, False),
    "*** DUPLICATE ***": (0, False, False),
    "*** 可能重复 POSSIBLE DUPLICATE ***": (None, True, False),
    "*** POSSIBLE\nDUPLICATE ***": (None, True, False),
    "*** 重打印 DUPLICATE 1 ***\n*** POSSIBLE DUPLICATE ***": (1, True, False),
    "*** VOID - REPRINTED ***": (None, False, True),
    "Card **** **** **** 1234\n621700******1234 DUPLICATE": (None, False, False),
    "**** DUPLICATE 4 ***": (None, False, False),
    "a VOID sale": (None, False, False),
    "*** DUPLICATE 3": (None, False, False),
}


def printed(data: bytes, model: str = "clone-80") -> Report:
    bench = Bench(model)
    bench.write(data + CUT)
    (paper,) = bench.papers
    return paper


@pytest.mark.parametrize("mark", MARKS)
def test_marks_tell_originals_from_duplicates(mark: str) -> None:
    paper = printed(INIT + mark.encode("gb18030") + b"\ntext\n")
    assert (paper.duplicate, paper.possible, paper.void) == MARKS[mark]
    assert paper.original is (paper.duplicate is None and not paper.possible)
    assert (paper.whole, paper.garbage) == (True, ())


def test_a_torn_paper_is_not_whole() -> None:
    bench = Bench("clone-80")
    bench.write(b"half\n")
    hanging = bench.hanging
    assert hanging is not None
    assert (hanging.text, hanging.ending, hanging.whole) == ("half\n", "hanging", False)
    bench.do("power-off")
    paper = bench.papers[0]
    assert (paper.ending, paper.whole, paper.parts) == ("torn", False, ("half\n",))
    assert paper.foreign_lines(["half\nother\n"]) == []
    assert bench.hanging is None


def test_pictures_that_are_printed_as_text_are_garbage_or_at_least_foreign() -> None:
    picture = b"\x1dv0\x00\x08\x00\x20\x00"
    for fill in (b"\xaa", b"\xfe", b"\x55", b"\x1d", bytes(range(7, 200, 3))):
        data = (fill * 256)[:256]
        paper = printed(b"good\n" + data + b"\n")
        assert paper.garbage or paper.foreign_lines(["good\n"]), fill
        assert printed(b"good\n" + picture + data).garbage == ()
    assert printed(b"\xaa" * 16).garbage
    assert printed(b"\x1b\x07").garbage == ("unknown: ESC 07",)


def test_what_was_thrown_away_leaves_a_break() -> None:
    bench = Bench("clone-80")
    bench.do("paper-out")
    bench.write(b"lost\n\x10\x05\x02")
    bench.do("paper-in")
    bench.write(b"first\n" + CUT)
    assert bench.papers[0].whole, "nothing of it was on this paper"
    bench.write(b"begun\n")
    bench.do("paper-out")
    bench.write(b"lost\n\x10\x05\x02")
    bench.do("paper-in")
    bench.write(b"second\n" + CUT)
    paper = bench.papers[1]
    assert (paper.whole, paper.parts) == (False, ("begun\n", "second\n"))


def test_a_report_is_plain_values() -> None:
    paper = printed(b"*** DUPLICATE 1 ***\n\x1dkH\x03ABC")
    told = json.loads(json.dumps(paper.as_json()))
    assert told["duplicate"] == 1
    assert told["original"] is False
    assert told["not_drawn"] == ["CODE93"]
    assert told["garbage"] == []
