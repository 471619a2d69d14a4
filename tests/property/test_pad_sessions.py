"""No interleaving of sessions, pens, losses, buttons and unplugging attaches a stroke to a session in which it did not
begin, loses a confirmed signature, or ends a session other than once.

Every point that the pen ever draws has a place of its own, so that a point in an outcome tells when it was drawn. The
oracle is a table of which session, and which ink of it, was on when the stroke of each point began.
"""

from __future__ import annotations

from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from posd.input.events import Axis, Event, Frame, Snapshot
from posd.pad.assemble import Assembler, PadAxes, Pen
from posd.pad.session import End, Rules, Signing
from posd.pad.strokes import decode, encode
from tests.unit.input.wire import ABS_PRESSURE, ABS_X, ABS_Y, BTN_TOUCH, CANCEL, CLEAR, CONFIRM, EV_ABS, EV_KEY

SIDE = 400_000
AXES = PadAxes(Axis(0, SIDE), Axis(0, SIDE), Axis(0, 1023))
TIMEOUT_S = 60.0


class Pad(RuleBasedStateMachine):
    """A pad, the people at it, and a desk; what the machine decides is compared with what a person would have seen."""

    @initialize()
    def plug(self) -> None:
        self.signing = Signing(Rules(TIMEOUT_S, 2))
        self.now_s = 100.0
        self.sessions = 0
        self.ends: list[End] = []
        self.begun: list[str] = []
        self.points = 0
        self.owner: dict[tuple[int, int], tuple[str, int]] = {}
        self.owed: set[tuple[int, int]] = set()
        self.touching = False
        self.stroke_seen = True
        self.stroke_owner: tuple[str, int] | None = None
        self.inks = 0
        self.missing = False
        self.open_device()

    def open_device(self) -> None:
        self.assembler = Assembler(AXES, "touch", {CONFIRM: "confirm", CLEAR: "clear", CANCEL: "cancel"})
        if self.touching:
            self.assembler.prime(Snapshot({ABS_X: 1, ABS_Y: 1, ABS_PRESSURE: 9}, frozenset({BTN_TOUCH})))

    def on(self) -> tuple[str, int] | None:
        """The session that is on and which ink of it (clear and refusals begin a new one)."""
        return (self.signing.active, self.inks) if self.signing.active else None

    def send(self, frame: Frame) -> None:
        for happening in self.assembler.feed(frame):
            if isinstance(happening, Pen):
                self.signing.pen(happening, self.now_s)
                continue
            before = self.signing.active
            if before is not None and happening.button != "cancel":
                self.inks += 1
            self.end(self.signing.press(happening.button, self.now_s))

    def end(self, end: End | None) -> None:
        if end is not None:
            self.ends.append(end)
            self.inks += 1

    def place(self) -> tuple[int, int]:
        """Another one each time, no leap from the last, so that no point is noise."""
        self.points += 1
        assert self.points < 40_000, "up to here no two are the same"
        ways = self.points * 4_001 % (2 * SIDE), (self.points * 2_903 + self.points % 7 * 9_000) % (2 * SIDE)
        x, y = (min(way, 2 * SIDE - 1 - way) for way in ways)
        return x, y

    def touched(self, new: bool) -> Frame:
        x, y = self.place()
        if self.stroke_owner is not None:
            self.owner[x, y] = self.stroke_owner
            if self.stroke_seen and self.stroke_owner == self.on():
                self.owed.add((x, y))
        self.now_s += 0.005
        down = [Event(EV_KEY, BTN_TOUCH, 1)] if new else []
        moved = [Event(EV_ABS, ABS_X, x), Event(EV_ABS, ABS_Y, y), Event(EV_ABS, ABS_PRESSURE, 400)]
        return Frame(int(self.now_s * 1e6), (*down, *moved))

    @precondition(lambda self: not self.touching and not self.missing)
    @rule(count=st.integers(0, 80))
    def pen_comes_down(self, count: int) -> None:
        self.touching = True
        self.stroke_owner, self.stroke_seen = self.on(), True
        self.send(self.touched(new=True))
        for _ in range(count):
            self.send(self.touched(new=False))

    @precondition(lambda self: self.touching and not self.missing)
    @rule(count=st.integers(1, 30))
    def pen_moves(self, count: int) -> None:
        for _ in range(count):
            self.send(self.touched(new=False))

    @precondition(lambda self: self.touching and not self.missing)
    @rule()
    def pen_is_lifted(self) -> None:
        self.touching = False
        self.stroke_owner = None
        self.send(Frame(int(self.now_s * 1e6), (Event(EV_KEY, BTN_TOUCH, 0),)))

    @precondition(lambda self: not self.missing)
    @rule(button=st.sampled_from([CONFIRM, CONFIRM, CLEAR, CANCEL]))
    def button(self, button: int) -> None:
        self.send(Frame(int(self.now_s * 1e6), (Event(EV_KEY, button, 1),)))
        self.send(Frame(int(self.now_s * 1e6), (Event(EV_KEY, button, 0),)))

    @precondition(lambda self: not self.missing)
    @rule()
    def events_begin_to_get_lost(self) -> None:
        self.missing = True
        self.send(Frame(int(self.now_s * 1e6), loss="begins"))

    @precondition(lambda self: self.missing)
    @rule(lift=st.booleans())
    def pen_acts_unseen(self, lift: bool) -> None:
        if lift:
            self.touching, self.stroke_owner = False, None
        elif not self.touching:
            self.touching, self.stroke_owner, self.stroke_seen = True, self.on(), False

    @precondition(lambda self: self.missing)
    @rule(asked=st.booleans())
    def events_come_again(self, asked: bool) -> None:
        """`asked`: the device can say how it stands. If not, the pen counts as lifted until it comes down again."""
        self.missing = False
        state = None
        if asked:
            x, y = self.place()
            if self.touching and self.stroke_owner is not None:
                self.owner[x, y] = self.stroke_owner
            state = Snapshot({ABS_X: x, ABS_Y: y, ABS_PRESSURE: 400}, frozenset({BTN_TOUCH} if self.touching else ()))
        else:
            self.touching = False
            self.stroke_owner = None
        self.send(Frame(int(self.now_s * 1e6), loss="ends", state=state))

    @precondition(lambda self: self.signing.active is None)
    @rule()
    def desk_begins(self) -> None:
        self.sessions += 1
        self.begun.append(f"s{self.sessions}")
        self.signing.begin(self.begun[-1], AXES.extents(), self.assembler.contact_possible, self.now_s)

    @precondition(lambda self: self.signing.active is None)
    @rule(strokes=st.integers(1, 3), confirm=st.booleans())
    def a_customer_signs(self, strokes: int, confirm: bool) -> None:
        """What happens most: without it hardly any path of this length reaches a confirmed signature."""
        self.desk_begins()
        for _ in range(strokes if not self.touching and not self.missing else 0):
            self.pen_comes_down(40)
            self.pen_is_lifted()
        if confirm and not self.missing:
            self.button(CONFIRM)

    @rule()
    def desk_cancels(self) -> None:
        self.end(self.signing.stop("cancelled"))

    @rule(seconds=st.sampled_from([0.1, 30.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.end(self.signing.expire(self.now_s))

    @rule()
    def device_goes_and_comes_back(self) -> None:
        self.end(self.signing.stop("device"))
        self.missing = False
        self.stroke_owner = None
        self.open_device()

    @invariant()
    def each_session_ends_once_and_in_order(self) -> None:
        ended = [end.session for end in self.ends]
        assert ended == self.begun[: len(ended)]
        assert len(self.begun) - len(ended) == (1 if self.signing.active else 0)

    @invariant()
    def every_point_belongs_to_the_session_in_which_its_stroke_began(self) -> None:
        for end in self.ends:
            inks = set()
            for stroke in end.ink.strokes:
                for point in stroke:
                    owner = self.owner.get((point.x, point.y))
                    assert owner is not None, f"{end.session} holds a point whose stroke began outside of any session"
                    assert owner[0] == end.session, f"{end.session} holds a point of {owner[0]}"
                    inks.add(owner[1])
            assert len(inks) <= 1, "ink that was cleared away or refused came back"
            assert decode(encode(end.ink)) == end.ink

    def teardown(self) -> None:
        """A captured signature holds every point of the strokes that were seen to begin in its ink."""
        for end in getattr(self, "ends", []):
            if end.result == "captured":
                event("captured")
                kept = {(point.x, point.y) for stroke in end.ink.strokes for point in stroke}
                ink = self.owner[next(iter(kept))]
                owed = {place for place in self.owed if self.owner[place] == ink}
                assert owed <= kept, "a confirmed signature lacks points that were drawn"


Pad.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestPad = Pad.TestCase


@given(st.lists(st.tuples(st.sampled_from("dmulrcxk"), st.integers(0, 50)), max_size=60))
def test_no_input_breaks_the_machine(steps: list[tuple[str, int]]) -> None:
    """Pen and buttons in orders that no pad would send."""
    signing = Signing(Rules(5, 2))
    ends = 0
    for number, (step, value) in enumerate(steps):
        if signing.active is None:
            signing.begin(f"s{number}", AXES.extents(), bool(value % 2), number)
        phases = {"d": "down", "m": "move", "u": "up", "l": "lost", "r": "resume"}
        if step in phases:
            signing.pen(Pen(phases[step], value, value, value, value), number)  # type: ignore[arg-type]
        else:
            button = {"c": "clear", "x": "cancel", "k": "confirm"}[step]
            ends += signing.press(button, number) is not None  # type: ignore[arg-type]
    assert ends <= len(steps)
