"""No interleaving of sales, customers, cancelling, reboots, unplugging, restarts and a line that loses bytes gives a
serial pad's picture to another session than the one for which it was drawn, ends a session other than once, or loses a
confirmed signature where nothing went wrong.

The pad is the simulator's, without I/O; the time is the test's. Each signature looks different, so that a picture tells
for whom it was drawn: for the session whose A2 the pad had heard last.
"""

from __future__ import annotations

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from posd.pad.spoken import Ended, Out
from tests.property.serial_world import SerialTalk


class Counter(SerialTalk, RuleBasedStateMachine):
    """A counter with a pad, its customers, a desk, and a line between."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.begun: list[str] = []
        self.clean = False
        SerialTalk.__init__(self)

    # What happens.

    @precondition(lambda self: self.ready and self.dialogue.active is None)
    @rule(confirmed=st.booleans())
    def desk_begins(self, confirmed: bool) -> None:
        """`confirmed`: and the customer signs at once, which is what happens most."""
        self.clean = self.sound
        self.do(self.begin())
        if confirmed and self.pad.signing:
            self.customer_confirms()

    def begin(self) -> list[Out]:
        self.begun.append(f"s{len(self.begun)}")
        return self.dialogue.begin(self.begun[-1], "507D8226", self.now_s)

    @precondition(lambda self: self.pad.signing)
    @rule()
    def customer_confirms(self) -> None:
        drawn, session = self.draw(), self.dialogue.active
        self.clean = self.clean and self.asked_for == session and self.sound
        self.let_time_pass(0.1)
        if self.clean and session is not None:
            event("confirmed on a sound line")
            assert Ended(session, "captured", drawn) in self.ended, "a confirmed signature is lost"

    @precondition(lambda self: self.pad.signing and self.ready and self.dialogue.active is None)
    @rule()
    def the_next_sale_begins_as_the_customer_of_another_confirms(self) -> None:
        """His picture and the next A2 are on the line at the same time."""
        self.draw()
        came = self.from_the_pad()
        asked = self.begin()
        self.do(self.dialogue.feed(came, self.now_s))
        self.do(asked)

    @precondition(lambda self: self.dialogue.active is not None)
    @rule(what=st.sampled_from(["unplug", "restart", "kill", "cancel"]))
    def session_is_given_up_and_another_begins_as_the_customer_confirms(self, what: str) -> None:
        """What happens by itself too seldom for a path of this length."""
        if what == "cancel":
            self.desk_cancels()
        else:
            self.trouble(what, 1, out=False)
        self.let_time_pass(5.0)
        if self.pad.signing and self.ready and self.dialogue.active is None:
            self.the_next_sale_begins_as_the_customer_of_another_confirms()

    @precondition(lambda self: self.pad.signing)
    @rule(button=st.sampled_from(["cancel", "clear"]))
    def customer_presses(self, button: str) -> None:
        self.pad.act([], button, self.now_s)
        self.let_time_pass(0.1)

    @precondition(lambda self: self.dialogue.active is not None)
    @rule()
    def desk_cancels(self) -> None:
        self.do(self.dialogue.stop("cancelled", self.now_s))

    @rule(
        what=st.sampled_from(["lose", "lose", "break", "sound", "reboot", "unplug", "restart", "kill"]),
        frames=st.integers(1, 3),
        out=st.booleans(),
    )
    def trouble(self, what: str, frames: int, out: bool) -> None:
        """The line loses or breaks frames, or is sound again; the pad reboots; the line is opened anew, while the pad
        may go on asking its customer.
        """
        self.clean = False
        if what == "lose":
            self.lose_out, self.lose_in = (frames, self.lose_in) if out else (self.lose_out, frames)
        elif what == "break":
            self.spoil_in = True
        elif what == "sound":
            self.lose_out = self.lose_in = 0
            self.spoil_in = False
        elif what == "reboot":
            self.pad.reboot(self.now_s)
            self.from_the_pad()
        elif what == "kill":
            if self.dialogue.active is not None:
                self.ended.append(Ended(self.dialogue.active, "restart"))
            self.open_line()
        else:
            self.open_again("device" if what == "unplug" else "restart")

    @rule(seconds=st.sampled_from([0.3, 2.5, 7.0, 31.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.let_time_pass(seconds)

    # What must hold.

    @invariant()
    def each_session_ends_once_and_in_order(self) -> None:
        names = [end.session for end in self.ended]
        assert names == self.begun[: len(names)]
        assert len(self.begun) - len(names) == (self.dialogue.active is not None)

    @invariant()
    def each_picture_is_its_own_sessions(self) -> None:
        for end in self.ended:
            assert (end.result == "captured") == bool(end.picture)
            if end.picture:
                event("captured")
                owner = self.drawn_for[end.picture]
                assert owner == end.session, f"{end.session} got what was drawn for {owner}"


Counter.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestCounter = Counter.TestCase
