"""A sale that never was, with something of everything, to look at a template with. Pure."""

from __future__ import annotations

import msgspec

from posd.domain.slip import CopyName, Signing, SlipOrder, SlipTerms, Terminal
from posd.domain.transaction import Transaction, Type
from posd.printer.labels import Locale

TERMINALS: dict[Locale, Terminal] = {
    "zh_CN": Terminal("00000001", "老茶馆 Old Teahouse\n上海市黄浦区南京东路 100 号\n021-5555 0100", "zh_CN"),
    "en": Terminal("00000001", "Old Teahouse\n100 Nanjing Road East, Shanghai\n+86 21 5555 0100", "en"),
}
_SALE = {
    "id": "20261121-0042",
    "type": "sale",
    "time": "2026-11-21T10:15:30+08:00",
    "currency": "CNY",
    "operator": "07",
    "items": [
        {"name": "乌龙茶 Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"},
        {
            "name": "散装普洱 Pu'er, loose",
            "quantity": "0.250",
            "unit": "kg",
            "price": "368.00",
            "amount": "82.00",
            "discount": "10.00",
        },
        {"name": "抹茶ラテ Crème brûlée", "quantity": "1", "price": "38.00", "amount": "38.00", "code": "69012345"},
    ],
    "discounts": [{"name": "会员 Member", "amount": "6.00"}],
    "taxes": [{"name": "VAT", "amount": "8.49", "rate": "6%", "included": True}],
    "total": "150.00",
    "payments": [
        {"method": "cash", "amount": "50.00", "tendered": "100.00", "change": "50.00"},
        {
            "method": "card",
            "amount": "100.00",
            "entry": "chip",
            "card": {
                "masked": "621700******1234",
                "scheme": "UnionPay",
                "issuer": "工商银行 ICBC",
                "aid": "A000000333010101",
                "tvr": "0080008000",
                "arqc": "5F1C33A0B1D2E4F6",
            },
            "reference": "123456789012",
            "authorisation": "A1B2C3",
            "batch": "000012",
            "voucher": "000345",
            "settlement_date": "1121",
        },
    ],
    "remarks": "七天内凭小票退换 Exchange within seven days",
}


def sample_order(terminal: Terminal, copy: CopyName, kind: Type) -> SlipOrder:
    """The order for a slip that is still to be signed."""
    changes = {} if kind == "sale" else {"type": kind, "original": "20261119-0007"}
    return SlipOrder(
        copy=copy,
        transaction=msgspec.convert({**_SALE, **changes}, Transaction),
        terminal=terminal,
        receipt="00000042",
        digest="9f3ac2d7e1b04568" * 4,
        feature_code="33451278",
        signing=Signing("line"),
        terms=SlipTerms("2026-12-21T10:15:30+08:00", 5, supervisor=kind != "sale"),
    )
