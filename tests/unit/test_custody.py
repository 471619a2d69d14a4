"""A journal that is only looked at takes no change, and answers questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import pytest

from posd.custody import Custody
from posd.domain import requests as rq
from posd.domain.errors import Refusal
from posd.service.failures import Failures
from tests.unit.domain.samples import cash

CHANGES: dict[type, Any] = {
    rq.Submit: {"transaction": cash(id="t2")},
    rq.ReprintAsk: {"id": "t1", "key": "k"},
    rq.ReprintCancel: {"job": "000001-c1"},
    rq.ReprintDenied: {"ask": {"id": "t1", "key": "k"}, "message": "no"},
    rq.ReprintApprove: {"job": "r1"},
    rq.Settle: {"id": "t1", "copy": "customer", "number": 0, "printed": True},
    rq.Resign: {"id": "t1", "key": "k"},
    rq.Skip: {"id": "t1", "reason": "in a hurry"},
    rq.Void: {"id": "t1", "key": "k", "reason": "wrong slip"},
    rq.Attest: {"id": "t1", "key": "k", "signed_by": "Li Wei"},
    rq.Uploaded: {"id": "t1", "state": "sent"},
    rq.SelftestAsk: {"key": "k"},
    rq.ClockConfirm: {},
    rq.ShiftOpen: {"operator": "07", "key": "k"},
    rq.ShiftClose: {"key": "k"},
    rq.ExceptionNote: {"id": "x1", "key": "k", "note": "called"},
    rq.ExceptionAssign: {"id": "x1", "role": "cashier"},
    rq.ExceptionEscalate: {"id": "x1", "reason": "nobody answers"},
    rq.ExceptionWaive: {"id": "x1", "reason": "small"},
    rq.ExceptionClose: {"id": "x1"},
}
QUESTIONS: dict[type, Any] = {
    rq.Get: {"id": "t1"},
    rq.Search: {},
    rq.Preview: {"id": "t1"},
    rq.Terms: {"id": "t1"},
    rq.SignatureGet: {"id": "t1"},
    rq.ExceptionList: {},
    rq.ReprintsWaiting: {},
    rq.ReprintShow: {"request": "r1"},
    rq.ShiftShow: {},
    rq.EvidenceExport: {"id": "t1"},
    rq.Backup: {},
    rq.ArchiveRead: {},
}


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    return Custody(cast("Any", None), str(tmp_path / "journal"), Failures(tmp_path / "failures"), "journal-failed")


def test_every_request_is_one_or_the_other() -> None:
    assert {*CHANGES, *QUESTIONS} == set(get_args(rq.AnyRequest))
    assert not CHANGES.keys() & QUESTIONS.keys()


@pytest.mark.parametrize("shape", CHANGES, ids=lambda shape: shape.__name__)
def test_a_change_is_refused_and_says_what_to_do(custody: Custody, shape: type) -> None:
    with pytest.raises(Refusal) as caught:
        custody.check(msgspec.convert(CHANGES[shape], shape), {"t1"})
    assert caught.value.kind == "journal-failed"
    assert "restart posd" in caught.value.message


@pytest.mark.parametrize("shape", QUESTIONS, ids=lambda shape: shape.__name__)
def test_a_question_is_answered(custody: Custody, shape: type) -> None:
    custody.check(msgspec.convert(QUESTIONS[shape], shape), {"t1"})


def test_a_sale_that_is_known_has_its_answer(custody: Custody) -> None:
    custody.check(msgspec.convert({"transaction": cash(id="t1")}, rq.Submit), {"t1"})
