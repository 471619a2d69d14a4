"""What stands on a slip: golden files, and a second reader that knows nothing of ours."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from hwsim.paper.text import slip_text
from hwsim.printer.machine import Printer
from hwsim.printer.models import model_for
from posd.domain.doer import Doer, Role
from posd.printer import fields
from posd.printer.compose import Composer
from tests.unit.printer import golden
from tests.unit.printer.samples import EN, ZH, cases, everything, flourish, order, reprint, transaction

MODELS = {80: "tm-80", 58: "basic-58"}


@pytest.mark.parametrize(("width", "name"), golden.names())
def test_the_slip_reads_as_its_golden_file(width: int, name: str) -> None:
    assert golden.text(width, cases()[name]) == golden.path(width, name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "name"), golden.names())
def test_a_simulated_printer_prints_the_same_text(width: int, name: str) -> None:
    printer = Printer(model_for(MODELS[width], width), None)
    data = Composer("default", width, flourish)(cases()[name]).data
    slips, now = [], 1.0
    for start in range(0, len(data), 1024):
        turn = printer.step(data[start : start + 1024], now)
        slips += turn.slips
        while turn.wake is not None:
            now = turn.wake
            turn = printer.step(b"", now)
            slips += turn.slips
    assert len(slips) == 1
    assert not printer.interpreter.unknown
    assert _letters(slip_text(slips[0])) == _letters(golden.path(width, name).read_text(encoding="utf-8"))


def _letters(text: str) -> list[str]:
    """The lines without blank ones, pictures and the place of centred text, which two readers may round differently."""
    return [line.strip() for line in text.splitlines() if line.strip() and "[image" not in line]


def test_golden_files_have_no_stranger() -> None:
    assert {p.relative_to(golden.FOLDER) for p in golden.FOLDER.rglob("*.txt")} == {
        golden.path(*name).relative_to(golden.FOLDER) for name in golden.names()
    }


def test_a_card_shows_its_last_four_digits_only() -> None:
    for width in (80, 58):
        text = golden.text(width, order("merchant"))
        assert "**** **** **** 1234" in text
        assert "621700" not in text
    assert fields.last_four("4111 11** **** 123") == "**** **** **** ****"


def test_marks_stand_first_and_last() -> None:
    both = order("customer", reprint=reprint(3), possible_duplicate=True)
    wanted = ["*** 可能重复 POSSIBLE DUPLICATE ***", "*** 重打印 DUPLICATE 3 ***"]
    lines = [line.strip() for line in golden.text(80, both).splitlines() if line.strip()]
    assert lines[:2] == wanted
    assert lines[-2:] == wanted
    english = [line.strip() for line in golden.text(58, order("customer", EN, reprint=reprint(3))).splitlines()]
    assert english[0] == english[-1] == "*** DUPLICATE 3 ***"


def test_a_mark_too_long_for_the_paper_keeps_its_stars_in_each_language() -> None:
    lines = [line.strip() for line in golden.text(58, order(possible_duplicate=True)).splitlines()]
    assert lines[:2] == lines[-2:] == ["*** 可能重复 ***", "*** POSSIBLE DUPLICATE ***"]


def test_a_reprint_says_when_by_whom_and_why() -> None:
    text = golden.text(80, order("customer", reprint=reprint(1)))
    for words in (
        "2026-11-21 10:15:31",
        "2026-11-22 17:02:09",
        "键盘 KEYPAD, 操作员 OPERATOR 07",
        "顾客遗失 lost by customer",
    ):
        assert words in text


def test_who_asked_stands_there_in_words() -> None:
    for doer, words in (
        (Doer(kind="peer", uid=1000, gid=5, pid=42, roles=("cashier",), operator="07"), "收银员 CASHIER 07"),
        (Doer(kind="peer", uid=1000, gid=5, pid=42, roles=("till", "supervisor")), "主管 SUPERVISOR"),
        (Doer(kind="peer", uid=0, gid=0, pid=42, roles=get_args(Role)), "本机 THIS TERMINAL"),
        (Doer(kind="peer", uid=7, gid=7, pid=7), "本机 THIS TERMINAL"),
        (Doer(kind="key", key="KEY_F1"), "键盘 KEYPAD"),
    ):
        note = msgspec.structs.replace(reprint(), asked_by=doer.asker(), operator=doer.operator)
        lines = golden.text(80, order("customer", reprint=note)).splitlines()
        assert [line.split("ASKED BY")[1].strip() for line in lines if "ASKED BY" in line] == [words]


def test_a_torn_piece_is_called_void_at_the_top() -> None:
    for width in (80, 58):
        lines = golden.text(width, order("merchant", torn=True)).splitlines()
        assert any("TORN PIECE IS VOID" in line for line in lines[:2])
        assert "DUPLICATE" not in "\n".join(lines)
    assert golden.text(58, order("merchant", EN, torn=True)).splitlines()[0].strip() == "*** TORN PIECE IS VOID ***"


def test_the_signature_stands_on_the_merchant_copy_alone() -> None:
    for terminal in (ZH, EN):
        assert "CARDHOLDER SIGNATURE" in golden.text(80, order("merchant", terminal))
        assert "CARDHOLDER SIGNATURE" not in golden.text(80, order("customer", terminal))


def test_amounts_have_the_decimals_of_their_currency() -> None:
    sale = transaction(
        currency="JPY",
        items=[{"name": "抹茶", "quantity": "2", "price": "500", "amount": "1000"}],
        total="1000",
        payments=[{"method": "cash", "amount": "1000"}],
    )
    text = golden.text(80, order(sale=sale))
    assert "¥1000" in text
    assert "1000." not in text
    assert "2 x 500 " in text


def test_a_total_is_never_broken_in_two() -> None:
    huge = "999999999999.999"
    sale = transaction(
        currency="KWD",
        items=[{"name": "oil", "quantity": "1", "price": huge, "amount": huge}],
        total=huge,
        payments=[{"method": "card", "amount": huge}],
    )
    for width in (80, 58):
        assert f"KWD {huge}\n" in golden.text(width, order(sale=sale))


def test_refund_and_void_name_the_original() -> None:
    for kind, word in (("refund", "* 退货单 REFUND *"), ("void", "* 撤销单 VOID *")):
        text = golden.text(80, order(sale=transaction(type=kind, original="20261119-0007")))
        assert word in text
        assert "原交易号 ORIGINAL" in text
        assert "20261119-0007" in text


def test_every_part_of_a_full_slip_is_on_it() -> None:
    text = golden.text(80, order(sale=everything(), receipt="A-17"))
    wanted = (
        "A-17", "0.352 kg x 368.00", "(优惠 DISCOUNT -10.00)", "690123450", "SUBTOTAL", "-50.00", "VAT 6%",
        "Levy", "TIP", "¥1551.54", "TENDERED", "48.46", "招商银行 CMB", "0080008000", "5F1C33A0B1D2E4F6",
        "七天内凭小票退换", "9F3A C2D7 E1B0 4568", "33451278", "유자차", "Crème brûlée €5", "抹茶ラテ",
        "[QR https://example.com/r/20261121-0042]",
    )  # fmt: skip
    for words in wanted:
        assert words in text, words


def test_the_qr_code_says_what_the_slip_is_when_the_till_gives_none() -> None:
    assert "[QR 20261121-0042|00000042|58.50|9f3ac2d7e1b04568]" in golden.text(80, order())
