"""Status bytes, bit by bit, against the tables of the printers' manuals."""

from __future__ import annotations

import pytest

from tests.unit.hwsim.rig import INIT, Rig

EOT = {n: bytes([0x10, 0x04, n]) for n in (1, 2, 3, 4)}
ASB_ALL = b"\x1da\xff"

# fault: bits that it sets in the answers to DLE EOT 1..4, in the four bytes of an automatic status, and in GS r 1
TABLE = {
    "paper_out": ((0x08, 0x20, 0x00, 0x6C), (0x08, 0x00, 0x0F, 0x00)),
    "near_end": ((0x00, 0x00, 0x00, 0x0C), (0x00, 0x00, 0x03, 0x00)),
    "cover_open": ((0x08, 0x04, 0x00, 0x00), (0x28, 0x00, 0x00, 0x00)),
    "cutter_error": ((0x08, 0x40, 0x08, 0x00), (0x08, 0x08, 0x00, 0x00)),
    "head_hot": ((0x08, 0x40, 0x40, 0x00), (0x08, 0x40, 0x00, 0x00)),
    "broken": ((0x08, 0x40, 0x20, 0x00), (0x08, 0x20, 0x00, 0x00)),
    "offline": ((0x48, 0x08, 0x00, 0x00), (0x48, 0x02, 0x00, 0x00)),
}


@pytest.mark.parametrize("fault", [None, *TABLE])
def test_each_fault_sets_its_bits_and_no_others(fault: str | None) -> None:
    real_time, automatic = TABLE[fault] if fault else ((0,) * 4, (0,) * 4)
    rig = Rig("clone-80")
    if fault:
        rig.fault(**{fault: True})
    assert rig.send(b"".join(EOT.values())) == bytes(0x12 | bits for bits in real_time)
    rig = Rig("clone-80")
    rig.send(ASB_ALL)
    told = rig.fault(**{fault: True}) if fault else rig.reply
    assert told == bytes([0x10 | automatic[0], *automatic[1:]])


@pytest.mark.parametrize("fault", TABLE)
def test_replies_can_be_told_apart_by_their_fixed_bits(fault: str) -> None:
    for model in ("tm-80", "clone-80"):
        rig = Rig(model)
        rig.send(ASB_ALL + b"\x1dr1\x1dr2")
        paper, drawer = rig.reply[4:]
        assert paper & 0x90 == 0
        assert drawer & 0x90 == 0
        asb = rig.fault(**{fault: True})
        assert asb[0] & 0x93 == 0x10
        assert all(byte & 0x90 == 0 for byte in asb[1:])
        assert all(byte & 0x93 == 0x12 for byte in rig.send(b"".join(EOT.values())))


def test_an_open_drawer_connector_is_no_fault() -> None:
    assert Rig("tm-80").send(EOT[1]) == b"\x16"
    assert Rig("tm-80").send(ASB_ALL) == b"\x14\x00\x00\x0f"


def test_a_printer_without_near_end_sensor_never_reports_it() -> None:
    rig = Rig("basic-58")
    rig.fault(near_end=True)
    assert rig.send(EOT[4] + b"\x1dr1") == b"\x12\x00"
    rig.fault(paper_out=True)
    assert rig.send(EOT[4]) == b"\x72"


def test_gs_r_tells_the_paper() -> None:
    rig = Rig()
    assert rig.send(b"\x1dr1") == b"\x00"
    rig.fault(near_end=True)
    assert rig.send(b"\x1dr\x01") == b"\x03"


def test_gs_r_is_silent_while_paper_is_out_and_answers_afterwards() -> None:
    rig = Rig()
    rig.fault(paper_out=True)
    assert rig.send(b"\x1dr1") == b""
    assert rig.fault(paper_out=False) == b"\x00"


def test_automatic_status_comes_on_each_change_of_what_was_asked_for() -> None:
    rig = Rig("clone-80")
    assert rig.send(b"\x1da\x08") == b"\x10\x00\x00\x00"  # paper only, and the present status at once
    assert rig.fault(cover_open=True) == b""
    assert rig.fault(near_end=True) == b"\x38\x00\x03\x00"  # the other bits are told as they are
    assert rig.fault(near_end=True) == b""  # no change
    rig.send(EOT[1])
    assert rig.fault(near_end=False, cover_open=False) == b"\x10\x00\x00\x00"
    rig.send(b"\x1da\x00")
    assert rig.fault(paper_out=True) == b""


def test_initialising_ends_the_automatic_status() -> None:
    rig = Rig()
    rig.send(ASB_ALL + INIT)
    assert rig.fault(near_end=True) == b""


def test_the_basic_model_has_no_automatic_status_and_no_process_id() -> None:
    rig = Rig("basic-58")
    assert rig.send(ASB_ALL + b"\x1d(H\x06\x0000abcd") == b""
    assert rig.fault(paper_out=True) == b""


def test_cover_opened_while_printing_is_an_error_that_goes_with_the_cover() -> None:
    rig = Rig("clone-80", speed=10)
    rig.send(b"one\ntwo\n")
    rig.fault(cover_open=True)
    assert rig.send(EOT[3]) == b"\x52"
    rig.fault(cover_open=False)
    assert rig.send(EOT[3]) == b"\x12"


def test_identity() -> None:
    assert Rig("tm-80").send(b"\x1dIB\x1dIC") == b"\x5fEPSON\x00\x5fTM-T88V\x00"
    assert Rig("clone-80").send(b"\x1dI1") == b"\x20"
