"""A whole transaction to vary, and one event of every kind."""

from __future__ import annotations

from typing import Any

import msgspec

from posd.domain import events as ev
from posd.domain.device import Drawing
from posd.domain.doer import POSD, Doer
from posd.domain.people_events import Taking
from posd.domain.signature import Need
from posd.domain.slip import Terminal
from posd.domain.transaction import Transaction

PAN = "4111111111111111"
"""A test number of a card scheme; Luhn-valid."""
PEER = Doer(kind="peer", uid=1000, gid=1000, pid=4242, roles=("till",))


def sale(**changes: Any) -> dict[str, Any]:
    """The sale of the integrator's guide as a till sends it, with `changes` to its fields (None removes one)."""
    whole: dict[str, Any] = {
        "id": "20261121-0042",
        "type": "sale",
        "time": "2026-11-21T10:15:30+08:00",
        "currency": "CNY",
        "operator": "07",
        "items": [{"name": "乌龙茶 Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"}],
        "total": "36.00",
        "payments": [
            {
                "method": "card",
                "amount": "36.00",
                "entry": "chip",
                "card": {"masked": "621700******1234", "scheme": "UnionPay"},
                "reference": "123456789012",
                "authorisation": "A1B2C3",
                "batch": "000012",
                "voucher": "000345",
                "settlement_date": "0605",
            }
        ],
    }
    whole.update(changes)
    return {name: value for name, value in whole.items() if value is not None}


def typed(**changes: Any) -> Transaction:
    return msgspec.convert(sale(**changes), Transaction)


def cash(amount: str = "36.00", **changes: Any) -> dict[str, Any]:
    """A sale of one item paid in cash."""
    item = {"name": "茶", "quantity": "1", "price": amount, "amount": amount}
    return sale(**{"items": [item], "total": amount, "payments": [{"method": "cash", "amount": amount}], **changes})


def every_event() -> list[ev.AnyEvent]:
    """One of each kind, with every optional field set."""
    who = {"time": 1_795_227_330_123, "doer": PEER}
    copy: dict[str, Any] = {"id": "t1", "copy": "merchant", "number": 1, "job": "000001-m1"}
    key: dict[str, Any] = {"key": "k1", "content": "c" * 64}
    drawing = Drawing("strokes", bytes(range(256)))
    terminal = Terminal("00000001", "茶店\nTea", "zh_CN")
    return [
        ev.TransactionAccepted(
            **who,
            transaction=typed(receipt="A-7", remarks="无", qr="https://example.org/1", tip="0.00"),
            digest="d" * 64,
            receipt="A-7",
            terminal=terminal,
            copies=("merchant", "customer"),
            need=Need(True, "card"),
            feature_code="507D8226",
        ),
        ev.CopyStarted(
            **who,
            **copy,
            mark="possible-duplicate",
            body_digest="b" * 64,
            body=b"\x00\xff",
            signature_version=2,
            torn=True,
            made_for="escpos, default, 80 mm, gb18030",
        ),
        ev.CopyPrinted(**who, **copy, proof="assumed", why="drained"),
        ev.CopyFailed(**who, **copy, cause="paper-end", torn=True),
        ev.CopyUnknown(**who, **copy, cause="no-answer"),
        ev.CopySettled(**who, id="t1", copy="customer", number=0, printed=False),
        ev.ReprintRequested(**who, **copy, mark="duplicate", reason="lost", **key, request="r9"),
        ev.ReprintAsked(**who, id="t1", copy="customer", reason="lost", request="r9", **key),
        ev.ReprintDecided(**who, id="t1", request="r9", outcome="declined"),
        ev.ReprintRefused(
            **who, id="t1", copy="merchant", reason="lost", kind="too-soon", message="Later.", until="2026", **key
        ),
        ev.ReprintCancelled(**who, **copy),
        ev.SignatureRequested(**who, id="t1", session="s1", version=1, reason="missing", **key),
        ev.SignatureCaptured(
            **who, id="t1", session="s1", version=1, digest="d" * 64, drawing=drawing, feature_code="507D8226"
        ),
        ev.SignatureMissing(**who, id="t1", cause="customer", detail="cancelled", session="s1", drawing=drawing),
        ev.SignatureAttested(**who, id="t1", signed_by="07"),
        ev.SignatureVoided(**who, id="t1", version=1, reason="another hand"),
        ev.SignatureUploaded(**who, id="t1", version=1, state="sent", attempt=1),
        ev.ExceptionOpened(
            **who, id="x1", transaction="t1", kind="unprinted", cause="device", detail="d", copy="customer", number=0
        ),
        ev.ExceptionNoted(
            **who, id="x1", note="called", transaction="20261121-0042", channel="phone", outcome="promised", **key
        ),
        ev.ExceptionAssigned(**who, id="x1", role="supervisor", transaction="20261121-0042"),
        ev.ExceptionEscalated(**who, id="x1", reason="nobody answers", transaction="20261121-0042", role="supervisor"),
        ev.ExceptionOverdue(**who, id="x1", due=1_795_227_330_123, transaction="20261121-0042"),
        ev.ExceptionsSwept(**who, why="daily", seen=3, opened=1, closed=1, whole=False),
        ev.ExceptionWaived(**who, id="x1", reason="small", transaction="20261121-0042"),
        ev.ExceptionClosed(**who, id="x1", reason="printed", transaction="20261121-0042"),
        ev.ShiftOpened(**who, operator="07", confirms="h1", **key),
        ev.ShiftClosed(
            **who,
            operator="07",
            open_exceptions=("x1",),
            id="h1",
            opened=1,
            signing=("t1",),
            lines=(Taking("CNY", "sale", "card", 1, 3600),),
            counts={"copies": 1},
            **key,
        ),
        ev.ShiftCarried(
            **who,
            id="h1",
            operator="07",
            state="closed",
            opened=1,
            closed=2,
            open_exceptions=("x1",),
            signing=("t1",),
            lines=(Taking("CNY", "sale", "card", 1, 3600),),
            counts={"copies": 1},
        ),
        ev.PinTried(**who, operator="12", request="r9", tries=3, until=5),
        ev.PinChecked(**who, operator="12", right=True),
        ev.PinCarried(**who, operator="12", tries=3, until=5),
        ev.DeviceChanged(
            **who, device="printer", state="attention", reasons=("paper-end",), detail="no paper", more=3, since=5
        ),
        ev.ExportAcknowledged(**who, through=9),
        ev.ClockSuspect(time=5, doer=POSD, newest=9, skew=-4),
        ev.RequestsRefused(**who, since=7, counts={"uid 1000: too-soon": 3}),
        ev.DeviceCounted(
            **who, unit="TM-T88VI X1", slips=2, lines=80, cuts=2, paper_mm=300, head_ms=900, faults={"paper-end": 1}
        ),
        ev.SelftestChanged(**who, job="t7", state="printed", proof="confirmed", cause="none", **key),
        ev.ClockTrusted(**who),
    ]
