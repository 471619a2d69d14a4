"""Over the whole desk, no interleaving of two sales, unplugging, cancelling, taking again, voiding, attesting and
restarts at any record attaches a stroke to the wrong transaction, or loses a confirmed signature; whatever the pad is.

The pads are the real machines of posd/pad (evdev_world.py, serial_world.py), the desk is the real one (signing_box.py).
`MUTANTS` are guards taken away, one each; each must be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from posd.desk import apply as fold
from posd.desk import signing
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import KeyCommand
from posd.pad import dialogue, session, spoken
from tests.property.evdev_world import EvdevPad
from tests.property.serial_world import WiredPad
from tests.property.signing_box import Box

SALES_MAX = 12


class Counter(RuleBasedStateMachine):
    """A counter at which two customers stand."""

    KINDS: tuple[str, ...] = ("evdev", "serial", "serial without memory")

    @initialize(number=st.integers(0, 5), paper=st.booleans())
    def open(self, number: int, paper: bool) -> None:
        kind = self.KINDS[number % len(self.KINDS)]

        def make(emit: Any) -> EvdevPad | WiredPad:
            return EvdevPad(emit) if kind == "evdev" else WiredPad(emit, memory=kind == "serial")

        event(kind)
        self.box = Box(make, when_busy="paper" if paper else "wait")
        self.pad = self.box.pad

    # Sales, and what is asked of the desk.

    @precondition(lambda self: len(self.box.sales) < SALES_MAX)
    @rule()
    def a_sale(self) -> None:
        self.box.sell()

    @precondition(lambda self: len(self.box.sales) < SALES_MAX - 1)
    @rule(first=st.booleans(), second=st.booleans())
    def two_sales_are_signed(self, first: bool, second: bool) -> None:
        """What happens most; and here and below, what hardly any path of this length comes to by itself."""
        for _ in range(2):
            self.box.sell()
        self.a_customer_signs(first)
        self.a_customer_signs(second)

    @precondition(lambda self: len(self.box.sales) < SALES_MAX - 1)
    @rule(how=st.sampled_from(["cancelled", "confirmed", "unplugged", "stopped", "late"]))
    def a_pen_stays_down_from_one_session_into_the_next(self, how: str) -> None:
        for _ in range(2):
            self.box.sell()
        self.pad.lift()
        self.pen_stays_down(6)
        if how == "cancelled":
            self.operator_cancels()
        elif how == "confirmed":
            self.customer_presses("confirm")
        elif how == "unplugged" and self.pad.plugged:
            self.cable()
            self.cable()
        elif how == "stopped":
            self.posd_is_stopped()
            self.somebody_amends(0, "resign")
        else:
            self.time_passes(61.0)
        self.pen_stays_down(3)
        self.a_customer_signs(True)

    @precondition(lambda self: len(self.box.sales) < SALES_MAX)
    @rule()
    def confirmed_and_cancelled_at_once(self) -> None:
        """The key is heard before the pad's word."""
        self.box.sell()
        self.loop(True)
        self.a_customer_signs(True)
        self.operator_cancels()
        self.loop(False)

    @rule(back=st.integers(0, 3), what=st.sampled_from(["resign", "resign", "resign", "void", "attest", "skip"]))
    def somebody_amends(self, back: int, what: str) -> None:
        if not self.box.sales:
            return
        sale, key = self.box.sales[-1 - min(back, len(self.box.sales) - 1)], self.box.key()
        requests: dict[str, rq.AnyRequest] = {
            "resign": rq.Resign(sale, key),
            "skip": rq.Skip(sale, "in a hurry"),
            "void": rq.Void(sale, key, "another hand"),
            "attest": rq.Attest(sale, key, "Li Wei"),
        }
        self.box.ask(requests[what])

    @rule()
    def a_wrong_signature_is_taken_anew(self) -> None:
        """Signed, void, and signed by somebody else, who is the next."""
        if len(self.box.sales) < SALES_MAX:
            sale = self.box.sell()
            self.a_customer_signs(True)
            self.box.ask(rq.Void(sale, self.box.key(), "another hand"))
            self.a_customer_signs(True)

    @rule()
    def operator_cancels(self) -> None:
        self.box.tell(KeyCommand("cancel", "KEY_ESC"))

    @rule()
    def shift(self) -> None:
        now = self.box.state.shift
        if now is not None and now.state == "open":
            self.box.ask(rq.ShiftClose(self.box.key()))
        else:
            self.box.ask(rq.ShiftOpen("07", self.box.key(), now.id if now is not None else None))

    # Customers.

    @rule(confirm=st.booleans())
    def a_customer_signs(self, confirm: bool) -> None:
        self.pad.stroke()
        self.pad.stroke()
        if confirm:
            self.customer_presses("confirm")
        self.box.go_on()

    @rule(button=st.sampled_from(["confirm", "clear", "cancel"]))
    def customer_presses(self, button: Any) -> None:
        self.pad.press(button)
        self.box.go_on()

    @rule(points=st.integers(1, 6))
    def pen_stays_down(self, points: int) -> None:
        for _ in range(points):
            self.pad.touch()

    @rule()
    def pen_is_lifted(self) -> None:
        self.pad.lift()

    # The world.

    @rule()
    def cable(self) -> None:
        (self.pad.unplug if self.pad.plugged else self.pad.plug)()
        self.box.go_on()

    @rule(seconds=st.sampled_from([0.3, 2.5, 7.0, 61.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.pad.pass_time(seconds)
        self.box.go_on()

    @rule(what=st.sampled_from(["lift", "lose", "lose", "break", "sound", "reboot"]), frames=st.integers(1, 2))
    def trouble(self, what: str, frames: int) -> None:
        """What it does to which pad: evdev_world.py, serial_world.py."""
        self.pad.trouble(what, frames)
        self.box.go_on()

    @precondition(lambda self: len(self.box.sales) < SALES_MAX - 1)
    @rule()
    def the_pad_keeps_a_picture_and_the_next_comes_broken(self) -> None:
        """It does not hear that the first was taken, so that its memory offers that one for the second."""
        self.box.sell()
        self.a_customer_signs(True)
        self.trouble("lift", 1)
        self.box.sell()
        self.time_passes(2.5)
        self.trouble("break", 1)
        self.a_customer_signs(True)

    @precondition(lambda self: len(self.box.sales) < SALES_MAX)
    @rule(kept=st.integers(0, 6))
    def the_pad_still_asks_when_posd_is_there_again(self, kept: int) -> None:
        """And its customer confirms as the next sale begins."""
        self.power_is_pulled(kept, False)
        self.pad.confirm_late()
        self.box.sell()
        self.time_passes(0.3)

    @rule(slow=st.booleans())
    def disk(self, slow: bool) -> None:
        self.box.slow = slow
        if not slow:
            self.box.sync()
            self.box.go_on()

    @rule(stalled=st.booleans())
    def loop(self, stalled: bool) -> None:
        self.box.stalled = stalled
        self.box.go_on()

    @rule(kept=st.integers(0, 6), meanwhile=st.booleans())
    def power_is_pulled(self, kept: int, meanwhile: bool) -> None:
        """`meanwhile`: the customer confirms while nobody listens."""
        if meanwhile and isinstance(self.pad, WiredPad) and self.pad.asks:
            self.pad.draw()
            self.pad.from_the_pad()
        self.box.power_is_pulled(kept)

    @rule()
    def posd_is_stopped(self) -> None:
        self.box.stop()

    @invariant()
    def nothing_is_attached_wrongly_or_lost(self) -> None:
        if hasattr(self, "box"):
            self.box.check()

    def teardown(self) -> None:
        """Everything comes to rest; and once more, from the journal."""
        if not hasattr(self, "box"):
            return
        self.box.slow = self.box.stalled = False
        self.box.sync()
        self.box.go_on()
        self.box.check()
        if self.pad.confirmed:
            event("confirmed")
        self.box.power_is_pulled(0)
        self.box.check()


Counter.TestCase.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCounter = Counter.TestCase


# The guards, taken away one by one.

Break = Callable[[pytest.MonkeyPatch], None]


def a_recovered_picture_is_accepted_whoever_it_belongs_to(patch: pytest.MonkeyPatch) -> None:
    def fetched(self: Any, data: bytes, now_s: float) -> None:
        one = spoken.stored(data)
        if one is not None and self._session is not None:
            self._take(one.picture, one.sequence)
        whole(self, data, now_s)

    whole = dialogue.Dialogue._fetched_one
    patch.setattr(dialogue.Dialogue, "_fetched_one", fetched)


def a_signing_that_is_still_open_is_not_called_off_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dialogue.Dialogue, "_greeted", dialogue.Dialogue._at_rest)


def strokes_of_the_old_session_go_to_the_new_one(patch: pytest.MonkeyPatch) -> None:
    whole = session.Signing.begin

    def begin(self: Any, *given: Any, **more: Any) -> None:
        before = self._pen
        whole(self, *given, **more)
        self._pen = before

    patch.setattr(session.Signing, "begin", begin)


def ink_is_not_begun_anew(patch: pytest.MonkeyPatch) -> None:
    whole = session.Signing.begin

    def begin(self: Any, *given: Any, **more: Any) -> None:
        whole(self, *given, **more)
        self._session.strokes = vars(self).setdefault("kept", self._session.strokes)

    patch.setattr(session.Signing, "begin", begin)


def a_pads_word_goes_to_the_newest_sale_that_waits(patch: pytest.MonkeyPatch) -> None:
    whole = signing.outcome

    def outcome(turn: Any, message: Any) -> None:
        on_pad = turn.state.signing
        if turn.state.awaiting:
            turn.state.signing = on_pad._replace(sale=next(reversed(turn.state.awaiting)))
        whole(turn, message)

    patch.setattr(signing, "outcome", outcome)


def a_void_signature_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.SignatureVoided]

    def voided(state: Any, e: Any) -> None:
        whole(state, e)
        sale = state.sales[e.id]
        others = tuple(version for version in sale.signature.versions if version.number != e.version)
        sale.signature = msgspec.structs.replace(sale.signature, versions=others)

    patch.setitem(fold._HANDLERS, ev.SignatureVoided, voided)


def what_the_operator_cancels_is_gone_even_if_it_was_confirmed(patch: pytest.MonkeyPatch) -> None:
    whole = signing.outcome

    def outcome(turn: Any, message: Any) -> None:
        if turn.state.calling_off is not None and message.result == "captured":
            message = type(message)(message.session, "cancelled", message.drawing)
        whole(turn, message)

    patch.setattr(signing, "outcome", outcome)


MUTANTS: list[tuple[str, Break]] = [
    ("serial", a_recovered_picture_is_accepted_whoever_it_belongs_to),
    ("serial", a_signing_that_is_still_open_is_not_called_off_first),
    ("evdev", strokes_of_the_old_session_go_to_the_new_one),
    ("evdev", ink_is_not_begun_anew),
    ("evdev", a_pads_word_goes_to_the_newest_sale_that_waits),
    ("serial", a_void_signature_is_forgotten),
    ("evdev", what_the_operator_cancels_is_gone_even_if_it_was_confirmed),
]
"""The kind of pad that shows it soonest, and what is broken."""


@pytest.mark.parametrize(("kind", "broken"), MUTANTS, ids=[broken.__name__ for _, broken in MUTANTS])
def test_each_guard_is_missed(kind: str, broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    monkeypatch.setattr(Counter, "KINDS", (kind,))
    soon = settings(
        max_examples=300,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(
        AssertionError, match=r"has what was drawn for|is lost|lacks what|forgotten|shows the signature"
    ):
        run_state_machine_as_test(Counter, settings=soon)
