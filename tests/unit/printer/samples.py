"""Orders that the printer tests and the pictures share: a shop's everyday slips and its worst ones."""

from __future__ import annotations

from math import cos, pi, sin
from typing import Any

import msgspec

from posd.domain.device import Bitmap, Drawing
from posd.domain.slip import Reprint, Signing, SlipOrder, Terminal
from posd.domain.transaction import Transaction

DIGEST = "9f3ac2d7e1b04568" + "0" * 48
ZH = Terminal("00000001", "好茶铺 Good Tea\n上海市黄浦区南京东路 100 号\n021-5555 0100", "zh_CN")
EN = Terminal("00000001", "Good Tea\n100 Nanjing Road East, Shanghai\n+86 21 5555 0100", "en")
DRAWING = Drawing("strokes", b"\x01")


def transaction(**changes: Any) -> Transaction:
    """A card sale; `changes` replace fields."""
    return msgspec.convert(
        {
            "id": "20261121-0042",
            "type": "sale",
            "time": "2026-11-21T10:15:30+08:00",
            "currency": "CNY",
            "operator": "07",
            "items": [
                {"name": "乌龙茶 Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"},
                {"name": "茉莉花茶 Jasmine", "quantity": "1", "price": "22.50", "amount": "22.50"},
            ],
            "total": "58.50",
            "payments": [
                {
                    "method": "card",
                    "amount": "58.50",
                    "entry": "contactless",
                    "card": {"masked": "621700******1234", "scheme": "UnionPay", "aid": "A000000333010101"},
                    "reference": "123456789012",
                    "authorisation": "A1B2C3",
                    "batch": "000012",
                    "voucher": "000345",
                    "settlement_date": "1121",
                }
            ],
            **changes,
        },
        Transaction,
    )


def everything() -> Transaction:
    """Discounts, taxes, a tip, two payments, long names, weights, and letters from everywhere."""
    return transaction(
        items=[
            {
                "name": "明前西湖龙井特级礼盒装二百五十克 West Lake Longjing Gift Box",
                "quantity": "1",
                "price": "1280",
                "amount": "1280.00",
            },
            {
                "name": "散装普洱 Pu'er, loose",
                "quantity": "0.352",
                "unit": "kg",
                "price": "368.00",
                "amount": "119.54",
                "discount": "10.00",
            },
            {
                "name": "抹茶ラテ Crème brûlée €5",
                "quantity": "2",
                "price": "38.00",
                "amount": "76.00",
                "code": "690123450",
            },
            {"name": "유자차 Citron", "quantity": "1", "price": "30.00", "amount": "30.00"},
        ],
        discounts=[{"name": "会员 Member", "amount": "50.00", "rate": "VIP"}],
        taxes=[{"name": "VAT", "amount": "76.00", "rate": "6%"}, {"name": "Levy", "amount": "3.20", "included": True}],
        tip="20.00",
        total="1551.54",
        payments=[
            {"method": "cash", "amount": "551.54", "tendered": "600.00", "change": "48.46"},
            {
                "method": "card",
                "amount": "1000.00",
                "entry": "chip",
                "card": {
                    "masked": "************9876",
                    "scheme": "Visa",
                    "issuer": "招商银行 CMB",
                    "acquirer": "中国银联 China UnionPay Merchant Services",
                    "aid": "A0000000031010",
                    "tvr": "0080008000",
                    "tsi": "E800",
                    "atc": "01A4",
                    "arqc": "5F1C33A0B1D2E4F6",
                },
                "reference": "210987654321",
                "authorisation": "009911",
            },
        ],
        remarks="七天内凭小票退换 Exchange within seven days with this receipt.",
        qr="https://example.com/r/20261121-0042",
    )


def exchange() -> Transaction:
    """One thing comes back, another goes; taxes on top, paid in three ways."""
    return transaction(
        items=[
            {"name": "退 紫砂壶 Teapot, returned", "quantity": "-1", "price": "128.00", "amount": "-128.00"},
            {"name": "盖碗 Gaiwan", "quantity": "3", "price": "66.00", "amount": "188.00", "discount": "10.00"},
        ],
        taxes=[{"name": "GST", "amount": "3.00", "rate": "5%"}, {"name": "PST", "amount": "4.80", "rate": "8%"}],
        total="67.80",
        payments=[
            {"method": "voucher", "amount": "20.00", "reference": "CPN-0099"},
            {"method": "wallet", "amount": "17.80", "reference": "2026112122001"},
            {"method": "cash", "amount": "30.00", "tendered": "50.00", "change": "20.00"},
        ],
    )


def order(copy: str = "merchant", terminal: Terminal = ZH, sale: Transaction | None = None, **more: Any) -> SlipOrder:
    """An order for a slip; `more` are further fields."""
    fields: dict[str, Any] = {
        "receipt": "00000042",
        "digest": DIGEST,
        "feature_code": "33451278",
        "signing": Signing("line"),
    }
    return SlipOrder(copy=copy, transaction=sale or transaction(), terminal=terminal, **{**fields, **more})  # type: ignore[arg-type]


def reprint(number: int = 1) -> Reprint:
    return Reprint(
        number,
        "2026-11-21T10:15:31+08:00",
        "2026-11-22T17:02:09+08:00",
        "keypad",
        "顾客遗失 lost by customer",
        "07",
    )


def cases() -> dict[str, SlipOrder]:
    """Name -> order: the slips whose text is kept as golden files, for each language."""
    found: dict[str, SlipOrder] = {}
    for terminal in (ZH, EN):
        at = terminal.locale
        refund = transaction(type="refund", original="20261119-0007")
        limit = Signing("text", rule="contactless-limit", limit="1000.00")
        found |= {
            f"{at}-sale-merchant": order("merchant", terminal),
            f"{at}-sale-customer": order("customer", terminal),
            f"{at}-signed": order("merchant", terminal, signing=Signing("image", drawing=DRAWING, version=2)),
            f"{at}-limit": order("merchant", terminal, signing=limit),
            f"{at}-everything-merchant": order("merchant", terminal, everything()),
            f"{at}-everything-customer": order("customer", terminal, everything()),
            f"{at}-exchange": order("customer", terminal, exchange()),
            f"{at}-refund": order("merchant", terminal, refund),
            f"{at}-void": order("customer", terminal, transaction(type="void", original="20261121-0041")),
            f"{at}-reprint": order("customer", terminal, reprint=reprint(2)),
            f"{at}-possible": order("merchant", terminal, possible_duplicate=True, signing=Signing("none")),
            f"{at}-both": order("merchant", terminal, reprint=reprint(1), possible_duplicate=True),
        }
    return found


def flourish(_drawing: Drawing, width: int, height: int) -> Bitmap:
    """Stands in for the pad's rendering: loops across the field, four dots thick."""
    stride = (width + 7) // 8
    data = bytearray(stride * height)
    for step in range(4000):
        t = step / 4000
        x = int(width * (0.15 + 0.6 * t + 0.06 * cos(9 * pi * t)))
        y = int(height * (0.5 + 0.33 * sin(9 * pi * t) * (1 - 0.6 * t)))
        for dx in range(4):
            for dy in range(4):
                column, row = x + dx, y + dy
                if 0 <= column < width and 0 <= row < height:
                    data[row * stride + column // 8] |= 0x80 >> column % 8
    return Bitmap(width, height, bytes(data))
