"""Elements to bytes: modes switched and left as found, nothing of the data taken for a command."""

from __future__ import annotations

from dataclasses import replace

import pytest
import segno

from hwsim.bench import Bench
from hwsim.printer.models import model_for
from posd.config import ConfigError
from posd.domain.device import Bitmap
from posd.printer.encode import Encoder
from posd.printer.library import check_profile, pages, paper_dots
from posd.printer.paper import Code, Cut, Gap, Line
from posd.printer.raster import BAND_ROWS, harmless, raster
from posd.printer.star import StarEncoder
from posd.printer.symbols import QR_BYTES, qr_bitmap

REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder("default", 80)


def test_a_reset_leaves_kanji_mode(encoder: Encoder) -> None:
    assert encoder.reset() == b"\x1b@\x1c."


def test_a_chinese_run_stands_between_its_mode_switches(encoder: Encoder) -> None:
    assert encoder.encode([Line("茶 tea")]) == b"\x1c&" + "茶".encode("gb18030") + b"\x1c. tea\n"


def test_a_code_page_is_named_once_in_a_row_and_anew_in_the_next_call(encoder: Encoder) -> None:
    data = encoder.encode([Line("é"), Line("è €")])
    assert data == b"\x1bt\x00\x82\n\x8a \x1bt\x10\x80\n"
    assert encoder.encode([Line("é")]) == encoder.encode([Line("é")]) == b"\x1bt\x00\x82\n"


def test_signs_that_differ_by_country_are_asked_for_once_a_call_and_only_where_one_prints(encoder: Encoder) -> None:
    assert encoder.encode([Line("a-b: 5.00"), Line("茶 %")]).count(b"\x1bR") == 0
    for text in ("$5", "茶 #1", "\U0010ffff"):  # what no font has prints as [] where there is no Chinese
        data = Encoder("default", 80, chinese="none").encode([Line("a"), Line(text, "center"), Line("$6")])
        assert data.count(b"\x1bR\x00") == data.count(b"\x1bR") == 1
    assert encoder.encode([Line("$")]) == encoder.encode([Line("$")]) == b"\x1bR\x00$\n"


@pytest.mark.parametrize("country", [1, 2, 3, 7, 8, 13, 15])
@pytest.mark.parametrize(("model", "language"), [("clone-80", Encoder), ("star-80", StarEncoder)])
def test_a_printer_of_any_country_prints_the_signs_that_are_meant(
    model: str, language: type[Encoder | StarEncoder], country: int
) -> None:
    signs = "#$@[]^`{|}~\\"
    encoder = language("default", 80)
    bench = Bench(replace(model_for(model), country=country))
    bench.write(encoder.reset() + encoder.encode([Line(f"{signs} HK$5.00 茶"), Cut()]))
    bench.settle()
    assert bench.papers[0].text == f"{signs} HK$5.00 茶\n"


def test_styles_are_taken_back(encoder: Encoder) -> None:
    data = encoder.encode([Line("x", "center", "double", True), Line("y")])
    assert data == b"\x1ba\x01\x1d!\x11\x1bE\x01x\n\x1ba\x00\x1d!\x00\x1bE\x00y\n"
    assert encoder.encode([Line("x", "right")]).endswith(b"x\n\x1ba\x00")


def test_a_gap_and_a_cut(encoder: Encoder) -> None:
    assert encoder.encode([Gap(12), Cut()]) == b"\x1bJ\x0c\x1dVB\x00"


def test_a_printer_without_a_cutter_feeds_to_the_tear_bar() -> None:
    assert Encoder("POS-5890", 58).encode([Cut()]) == b"\x1bd\x04"


def test_the_printers_own_qr_code(encoder: Encoder) -> None:
    data = encoder.encode([Code("id|42")])
    assert b"\x1d(k\x08\x001P0id|42" in data
    assert b"\x1d(k\x03\x001Q0" in data


def test_a_printer_without_qr_codes_gets_a_picture() -> None:
    data = Encoder("POS-5890", 58).encode([Code("id|42")])
    assert b"\x1d(k" not in data
    assert b"\x1dv0\x00" in data


def test_a_qr_command_that_would_hold_a_real_time_command_becomes_a_picture(encoder: Encoder) -> None:
    text = "茶" * 346  # 1038 bytes and three more: a length of 10 04
    assert len(text.encode()) + 3 == 0x0411
    data = encoder.encode([Code("x" + text[:-1] + "x")])  # 1037 and three: 10 04
    assert b"\x1d(k" not in data
    assert not any(command in data for command in REALTIME)


@pytest.mark.parametrize("version", [1, 2, 7, 10, 20, 40])
def test_the_table_of_qr_capacities(version: int) -> None:
    room = QR_BYTES[version - 1]
    assert segno.make_qr("a" * room, error="m", boost_error=False).version == version
    if version < 40:
        assert segno.make_qr("a" * (room + 1), error="m", boost_error=False).version == version + 1


@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("length", [1, 40, 120, 400])
def test_a_qr_code_fits_the_paper(width: int, length: int) -> None:
    dots = paper_dots("default", width)
    data = Encoder("default", width).encode([Code("a" * length)])
    size = data[data.index(b"\x1d(k\x03\x001C") + 7]
    assert qr_bitmap("a" * length, size, 4).width <= dots


@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("length", [40, 120, 400])
def test_a_qr_code_has_modules_that_can_be_read(width: int, length: int) -> None:
    data = Encoder("default", width).encode([Code("a" * length)])
    assert data[data.index(b"\x1d(k\x03\x001C") + 7] >= 4


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'TM-T88V'"):
        check_profile("TM-T88VX")


def test_paper_is_narrower_where_the_profile_says_so() -> None:
    assert paper_dots("default", 80) == 576
    assert paper_dots("default", 58) == 384
    assert paper_dots("TM-T88V", 80) == 512
    assert paper_dots("AF-240", 80) == 576  # a customer display: no paper at all
    assert pages("simple") == {0: "cp437"}


def test_raster_goes_out_in_bands() -> None:
    data = raster(Bitmap(16, BAND_ROWS + 1, b"\xff\x00" * (BAND_ROWS + 1)))
    first = b"\x1dv0\x00\x02\x00" + bytes((BAND_ROWS, 0)) + b"\xff\x00" * BAND_ROWS
    assert data == first + b"\x1dv0\x00\x02\x00\x01\x00\xff\x00"


def test_raster_dots_that_would_be_a_command_get_a_neighbour() -> None:
    assert harmless(b"\x1bp\x1c.\x1dV") == b"\x3bp\x3c.\x3dV"
    for second in (0x04, 0x05, 0x14):
        assert harmless(bytes((0x10, 0x10, second))) == bytes((0x10, 0x18, second))
    others = bytes(byte for byte in range(256) if byte not in (0x1B, 0x1C, 0x1D))
    assert harmless(others) == others
    assert not any(command in raster(Bitmap(16, 3, b"\x10\x04\x10\x05\x10\x14")) for command in REALTIME)
