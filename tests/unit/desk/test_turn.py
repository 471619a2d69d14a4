"""What the tables of domain/ do not have is never recorded: the decision ends before anything is written."""

from __future__ import annotations

import pytest

from posd.desk.ports import Now
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.doer import POSD
from tests.unit.desk.shop import INK, Shop
from tests.unit.domain.samples import cash

WHO = {"time": 1, "doer": POSD, "id": "t1"}


@pytest.mark.parametrize(
    "event",
    [
        ev.CopyPrinted(**WHO, copy="customer", number=0, job="000001-c0", proof="confirmed"),
        ev.CopyUnknown(**WHO, copy="customer", number=0, job="000001-c0", cause="no-answer"),
        ev.CopyStarted(**WHO, copy="merchant", number=0, job="000001-m0", mark="none", body_digest=""),
        ev.SignatureVoided(**WHO, version=1, reason="wrong"),
        ev.SignatureCaptured(**WHO, session="s1", version=1, digest="", drawing=INK),
    ],
)
def test_a_step_that_the_tables_do_not_have_is_not_recorded(event: ev.AnyEvent) -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))  # its merchant copy is printing, the customer's waits, no signature is needed
    turn = Turn(shop.state, shop.rules, shop.tools, Now(shop.ms, shop.mono_ms))
    before = shop.state.seq
    with pytest.raises(AssertionError, match=" -> "):
        turn.record(event)
    assert (shop.state.seq, turn.events) == (before, [])
