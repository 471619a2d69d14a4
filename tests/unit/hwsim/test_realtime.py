"""Real-time commands: served ahead of the buffer, wherever they stand."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.printer.realtime import Scanner, command_length
from tests.unit.hwsim.rig import CUT, Rig

EOT_4 = b"\x10\x04\x04"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


def test_a_query_overtakes_what_waits_in_the_buffer() -> None:
    rig = Rig(speed=10)
    assert rig.send(b"line\n" * 50 + b"\x1dr1" + EOT_4) == b"\x12"


def test_a_query_is_answered_while_the_printer_is_halted() -> None:
    rig = Rig()
    rig.fault(paper_out=True)
    assert rig.send(b"line\n" + EOT_4) == b"\x7e"


def test_it_is_served_inside_raster_data_and_the_picture_is_whole() -> None:
    rig = Rig()
    rows = (b"\xff" + EOT_4 + b"\xff" * 4) * 8
    assert rig.send(b"\x1dv0\x00\x08\x00\x08\x00" + rows + CUT) == b"\x12" * 8
    marks = rig.slips[0].strips[0].marks
    assert b"".join(marks[0].rows) == rows  # type: ignore[union-attr]
    assert rows in rig.slips[0].data


def test_between_commands_it_leaves_no_trace_on_the_slip() -> None:
    rig = Rig()
    rig.send(b"a" + EOT_4 + b"b\n" + EOT_4 + CUT)
    assert rig.texts == ["ab\n"]
    assert rig.slips[0].data == b"ab\n" + CUT
    assert not rig.printer.interpreter.unknown


def test_inside_another_command_its_bytes_are_that_commands_arguments() -> None:
    rig = Rig()
    assert rig.send(b"\x1b3" + EOT_4 + b"\x1b2x\n" + CUT) == b"\x12"
    assert rig.printer.interpreter.unknown == {"04": 2}  # ESC 3 took the 10, as manuals warn


def test_drawer_pulse_in_customer_text_opens_the_drawer() -> None:
    rig = Rig()
    rig.send(b"name \x10\x14\x01\x00\x01\n")
    assert rig.printer.drawer_kicks == 1


def test_clearing_drops_the_buffers_and_answers() -> None:
    rig = Rig(speed=10)
    rig.send(b"".join(b"line %d\n" % n for n in range(20)))
    assert rig.send(b"rest\n" + CLEAR) == b"\x37\x25\x00"
    rig.send(b"new\n" + CUT)
    rig.at(200.0)
    assert rig.texts == ["line 0\nnew\n"], "line 0 was under way, all else was still in a buffer"


def test_clearing_ends_a_half_received_picture() -> None:
    rig = Rig()
    rig.send(b"\x1dv0\x00\x08\x00\xff\x00" + b"\x55" * 40)
    rig.send(CLEAR + b"text\n" + CUT)
    assert rig.texts == ["text\n"]


def test_recovery_with_clearing_works_only_while_halted() -> None:
    rig = Rig(speed=10)
    rig.send(b"one\ntwo\nthree\n\x10\x05\x02")
    rig.at(200.0)
    assert rig.printer.mechanism.progress["lines"] == 3
    rig.fault(paper_out=True)
    rig.send(b"four\n\x10\x05\x02")
    rig.fault(paper_out=False)
    rig.at(300.0)
    assert rig.printer.mechanism.progress["lines"] == 3


def test_a_command_is_found_behind_the_beginning_of_another() -> None:
    for noise in (b"\x10", b"\x10\x04", b"\x10\x14", b"\x10\x14\x03"):
        found = Scanner(command_length).feed(noise + EOT_4)
        assert [command.data for command in found] == [EOT_4], noise


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"\x10", b"\x04", b"\x14", b"\x05", b"\x01", b"\x08", b"x", EOT_4, CLEAR]), max_size=40)
)
def test_commands_are_found_however_the_stream_is_cut(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    whole = [command.data for command in Scanner(command_length).feed(stream)]
    scanner = Scanner(command_length)
    single = [scanner.feed(stream[at : at + 1]) for at in range(len(stream))]
    assert [command.data for command in itertools.chain(*single)] == whole
