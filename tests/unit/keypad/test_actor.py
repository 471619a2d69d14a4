"""The keypad's actor on a real FIFO, and its light on a node that has one."""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.config import ConfigError, KeypadSection
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand, KeypadShown, KeyReply
from posd.domain.pins import Pin
from posd.input.events import FIFO_RECORD, Axis, Framer, Snapshot
from posd.input.keys import USUAL
from posd.keypad import actor as actor_module
from posd.keypad import lights
from posd.keypad.actor import KeypadActor
from posd.keypad.bindings import DIGITS, bindings
from tests.unit.input.wire import EV_KEY, Fifo, beside, dropped, frame, press, record, until

F1, F2, F3, ESC, ONE, TWO, ENTER = (USUAL[f"KEY_{name}"] for name in ("F1", "F2", "F3", "ESC", "1", "2", "ENTER"))
REPRINT = ("reprint-last", "KEY_F1", None)
CANCEL = ("cancel", "KEY_ESC", None)


class Counter:
    """A desk that hears a keypad."""

    def __init__(self, path: Path, supervisors: Mapping[str, Pin], **section: object) -> None:
        self.said: list[DeviceReport | KeyCommand] = []
        self.shown: list[KeypadShown] = []
        self.beeps: list[int] = []
        self.keypad = KeypadActor(
            KeypadSection(device=str(path), **section),  # type: ignore[arg-type]
            self.said.append,
            self.shown.append,
            supervisors,
            self.beeps.append,
        )

    @property
    def states(self) -> list[str]:
        return [word.state for word in self.said if isinstance(word, DeviceReport)]

    @property
    def commands(self) -> list[tuple[str, str, str | None]]:
        return [(word.action, word.key, word.number) for word in self.said if isinstance(word, KeyCommand)]

    def answer(self, answer: str) -> None:
        """The desk's answer to the newest command."""
        newest = [word.press for word in self.said if isinstance(word, KeyCommand)][-1]
        self.keypad.answer(KeyAnswer(answer, newest))  # type: ignore[arg-type]

    @property
    def state(self) -> str:
        return self.shown[-1].state if self.shown else "idle"

    async def ready(self) -> None:
        await until(lambda: self.states and self.states[-1] == "ready", "the keypad is ready")

    async def commanded(self, count: int) -> None:
        await until(lambda: len(self.commands) >= count, f"{count} commands")


def play(
    scene: Callable[[Counter], Awaitable[None]],
    fifo: Fifo,
    supervisors: Mapping[str, Pin] = MappingProxyType({}),
    **section: object,
) -> Counter:
    async def run() -> Counter:
        counter = Counter(fifo.path, supervisors, **section)
        await beside(counter.keypad, scene(counter))
        return counter

    counter = asyncio.run(run())
    if fifo.fd >= 0:
        fifo.let_go()
    return counter


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "keypad").plug()


def test_a_key_speaks_once_when_it_goes_down(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        held = frame((EV_KEY, F1, 1)) + frame((EV_KEY, F1, 2)) * 30 + frame((EV_KEY, F1, 0))
        fifo.write(held + press(ESC))
        await counter.commanded(2)

    assert play(scene, fifo).commands == [REPRINT, CANCEL]


def test_keys_that_were_pressed_before_posd_listened_print_nothing(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(frame((EV_KEY, F1, 0)) + press(ESC))
        await counter.commanded(1)

    fifo.write(press(F1, F1) + frame((EV_KEY, F1, 1)))
    assert play(scene, fifo).commands == [CANCEL]


def test_a_digit_that_is_held_down_is_one_digit(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        held = frame((EV_KEY, ONE, 1)) + frame((EV_KEY, ONE, 2)) * 5 + frame((EV_KEY, ONE, 0))
        fifo.write(press(F2) + held + press(ENTER))
        await counter.commanded(1)

    assert play(scene, fifo).commands == [("reprint-number", "KEY_ENTER", "1")]


def test_a_number_is_typed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        for code in (F2, ONE, TWO, ENTER):
            fifo.write(press(code))
            await asyncio.sleep(0)
        await counter.commanded(1)

    assert play(scene, fifo).commands == [("reprint-number", "KEY_ENTER", "12")]


def test_a_number_with_a_digit_lost_is_not_printed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE) + dropped() + record(EV_KEY, TWO, 1) + frame() + press(TWO, ENTER, ESC))
        await counter.commanded(1)

    assert play(scene, fifo).commands == [CANCEL]


def test_a_keypad_that_is_pulled_out_forgets_what_was_typed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE))
        fifo.unplug()
        await until(lambda: counter.states[-1] == "absent", "absent")
        fifo.plug()
        await counter.ready()
        fifo.write(press(TWO, ENTER, F1))
        await counter.commanded(1)

    counter = play(scene, fifo)
    assert counter.commands == [REPRINT]
    assert counter.states == ["opening", "ready", "absent", "opening", "ready"]


def test_a_pause_in_a_number_ends_it_by_itself(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE))
        await until(lambda: [word.state for word in counter.shown] == ["number", "idle"], "the typing has ended")
        fifo.write(press(TWO, ENTER, F1))
        await counter.commanded(1)

    assert play(scene, fifo, timeout="100ms").commands == [REPRINT]


def test_two_keys_in_one_moment_count_for_neither_and_end_the_typing(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(frame((EV_KEY, F1, 1), (EV_KEY, F3, 1)) + frame((EV_KEY, F1, 0), (EV_KEY, F3, 0)))
        fifo.write(press(F2, ONE) + frame((EV_KEY, ONE, 1), (EV_KEY, TWO, 1)) + press(ENTER, ESC))
        await counter.commanded(1)

    assert play(scene, fifo).commands == [CANCEL]


def test_digits_that_overlap_are_typed_in_their_order(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        overlapping = [(ONE, 1), (TWO, 1), (ONE, 0), (ONE, 1), (TWO, 0), (ONE, 0)]
        fifo.write(press(F2) + b"".join(frame((EV_KEY, code, value)) for code, value in overlapping) + press(ENTER))
        await counter.commanded(1)

    assert play(scene, fifo).commands == [("reprint-number", "KEY_ENTER", "121")]


def test_who_watches_hears_each_step_and_no_digit(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F1))
        await counter.commanded(1)
        counter.answer("approve")
        fifo.write(press(ONE, TWO, ENTER, TWO, TWO, ONE, ONE, ENTER))
        await counter.commanded(2)
        counter.answer("refused")

    counter = play(scene, fifo)
    shown = counter.shown
    assert counter.beeps == [1, 2], "asked, refused"
    assert [word.state for word in shown] == ["asked", "supervisor", "pin", "checking", "idle"]
    assert [word.answer.answer if word.answer else None for word in shown] == [None, "approve", None, None, "refused"]


def test_answers_without_a_light_or_a_device_do_nothing(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        counter.keypad.answer(KeyAnswer("done"))
        await counter.ready()
        counter.keypad.answer(KeyAnswer("refused"))

    assert play(scene, fifo).commands == []


@pytest.mark.parametrize(
    ("section", "says"),
    [({"device": ""}, "keypad.device is empty"), ({"keys": {"KEY_F0": "cancel"}}, "keypad.keys: 'KEY_F0'")],
)
def test_what_cannot_be_configured_is_refused_at_once(section: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        KeypadActor(KeypadSection(**{"device": "/dev/null", **section}), lambda word: None)  # type: ignore[arg-type]


class Lamp:
    """A keypad with whatever lights a test wants, in place of a node (test_evdev_keypad.py has a real one)."""

    path = name = "lamp"
    kind = "evdev"
    record: struct.Struct = FIFO_RECORD
    keys = frozenset({F1})
    backlog = b""
    waiting = False

    def __init__(self, fd: int, lights: set[int]) -> None:
        self.fd = fd
        self.axes: dict[int, Axis] = {}
        self.lights = frozenset(lights)
        self.shown: list[tuple[int, bool]] = []

    def read(self) -> bytes | None:
        try:
            return os.read(self.fd, 4096)
        except BlockingIOError:
            return None

    def feed(self, data: bytes) -> None:
        assert os.write(self.fd, data) == len(data)

    def state(self) -> Snapshot:
        return Snapshot({}, frozenset())

    def light(self, code: int, on: bool) -> None:
        self.shown.append((code, on))

    def close(self) -> None:
        return


NUM, CAPS, SCROLL, MISC = 0, 1, 2, 8


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lights, "SIGNS", {sign: (0.01,) * len(times) for sign, times in lights.SIGNS.items()})


def lit(fifo: Fifo, monkeypatch: pytest.MonkeyPatch, there: set[int], scene: Callable[..., Awaitable[None]]) -> Lamp:
    """The lamp, after a scene with a keypad that has these lights."""
    lamp = Lamp(fifo.fd, there)
    monkeypatch.setattr("posd.input.opening.open_node", lambda *_: lamp)

    async def ready(counter: Counter) -> None:
        await counter.ready()
        await scene(counter, lamp)

    play(ready, fifo)
    return lamp


@pytest.mark.parametrize(
    ("answer", "there", "flashes"),
    [
        ("done", {NUM, CAPS, SCROLL}, [(SCROLL, True), (SCROLL, False)]),
        ("done", {NUM}, [(NUM, True), (NUM, False)]),
        ("done", {NUM, MISC}, [(MISC, True), (MISC, False)]),
        ("refused", {NUM, CAPS, SCROLL}, [(CAPS, True), (CAPS, False)] * 3),
        ("refused", {NUM}, [(NUM, True), (NUM, False)] * 3),
        ("done", {5}, []),
    ],
)
@pytest.mark.usefixtures("quick")
def test_an_answer_flashes_on_its_own_light_or_the_best_that_is_there(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch, answer: str, there: set[int], flashes: list[tuple[int, bool]]
) -> None:
    async def scene(counter: Counter, lamp: Lamp) -> None:
        counter.keypad.answer(KeyAnswer("refused" if answer == "done" else "done"))
        before = len(lamp.shown)
        counter.keypad.answer(KeyAnswer(answer))  # type: ignore[arg-type]  # it goes before the other
        lamp.shown[: before + bool(before)] = []
        await until(lambda: len(lamp.shown) >= len(flashes), "the light has flashed")

    assert lit(fifo, monkeypatch, there, scene).shown == flashes


def test_the_light_says_working_until_the_desk_has_answered_and_only_then_done(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(counter: Counter, lamp: Lamp) -> None:
        lamp.feed(press(F1))
        await counter.commanded(1)
        assert lamp.shown == [(SCROLL, True)]
        counter.answer("done")
        await until(lambda: lamp.shown[-1] == (SCROLL, False), "the flash is over")
        assert lamp.shown == [(SCROLL, True), (SCROLL, False)] * 2, "dark between working and done"

    lit(fifo, monkeypatch, {NUM, CAPS, SCROLL}, scene)


def test_the_light_blinks_while_something_is_waited_for_and_is_off_in_the_end(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    async def scene(counter: Counter, lamp: Lamp) -> None:
        lamp.feed(press(F2))
        await until(lambda: len(lamp.shown) >= 6, "num lock blinks")
        lamp.feed(press(ENTER))
        await until(lambda: (CAPS, False) in lamp.shown[-1:], "refused: no number")
        lamp.feed(press(F2))
        await until(lambda: lamp.shown[-1] == (NUM, True), "it blinks again")

    lamp = lit(fifo, monkeypatch, {NUM, CAPS, SCROLL}, scene)
    assert lamp.shown[:6] == [(NUM, True), (NUM, False)] * 3
    assert lamp.shown[-1] == (NUM, False), "off when the keypad is given back"


FOUR, THREE = USUAL["KEY_4"], USUAL["KEY_3"]
PIN = (FOUR, TWO, ONE, THREE)


def known() -> dict[str, Pin]:
    """Operator 12 has the PIN 4213, at little cost."""
    salt = bytes(16)
    return {"12": Pin("12", 2, 1, 1, salt, hashlib.scrypt(b"4213", salt=salt, n=2, r=1, p=1, dklen=32))}


async def asks_for_a_pin(counter: Counter, fifo: Fifo, operator: tuple[int, ...] = (ONE, TWO)) -> None:
    """Up to where the PIN is to be typed."""
    await counter.ready()
    fifo.write(press(F1))
    await until(lambda: counter.commands and counter.commands[-1] == REPRINT, "the copy was asked for")
    counter.answer("approve")
    fifo.write(press(*operator, ENTER))


@pytest.mark.parametrize(
    ("operator", "pin", "ends"),
    [((ONE, TWO), PIN, "pin-right"), ((ONE, TWO), (*PIN, ONE), "pin-wrong"), ((ONE,), PIN, "pin-wrong")],
)
def test_a_pin_is_looked_at_here_and_the_desk_hears_only_whose_it_is_said_to_be(
    fifo: Fifo, operator: tuple[int, ...], pin: tuple[int, ...], ends: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(counter: Counter) -> None:
        await asks_for_a_pin(counter, fifo, operator)
        fifo.write(press(*pin, ENTER))
        await counter.commanded(2)
        counter.answer("check")
        await counter.commanded(3)
        counter.answer("done" if ends == "pin-right" else "refused")

    counter = play(scene, fifo, supervisors=known())
    number = "12" if operator == (ONE, TWO) else ""
    assert counter.commands[1:] == [("pin", "KEY_ENTER", number), (ends, "KEY_ENTER", number)]
    assert "4213" not in f"{counter.said} {counter.shown} {caplog.text}"


def test_a_pin_typed_in_place_of_the_number_reaches_nobody(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await asks_for_a_pin(counter, fifo, PIN)
        fifo.write(press(ONE, TWO, ENTER))
        await counter.commanded(2)
        counter.answer("check")
        await counter.commanded(3)

    counter = play(scene, fifo, supervisors=known())
    assert "4213" not in f"{counter.said} {counter.shown}"


def test_the_loop_goes_on_while_a_pin_is_looked_at_and_a_look_that_never_ends_is_given_up(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, over = threading.Event(), threading.Event()

    def look(*_: object) -> bool:
        began.set()
        over.wait(60)
        return True

    monkeypatch.setattr(actor_module, "look", look)

    async def scene(counter: Counter) -> None:
        try:
            for _ in range(2):
                await asks_for_a_pin(counter, fifo)
                fifo.write(press(*PIN, ENTER))
                await until(lambda: counter.commands[-1][0] == "pin", "the PIN is there")
                counter.answer("check")
                await until(began.is_set, "it is looked at, and the loop turns")
                monkeypatch.setattr(counter.keypad._entry, "_timeout_s", 0.1)
                counter.keypad._watch_the_pause()
                await until(lambda: counter.state == "idle", "it is given up")
                monkeypatch.undo()
                monkeypatch.setattr(actor_module, "look", look)
        finally:
            over.set()
        await until(lambda: counter.keypad._checking is None, "the thread has ended")

    counter = play(scene, fifo, supervisors=known(), timeout="60s")
    assert [action for action, *_ in counter.commands] == ["reprint-last", "pin"] * 2


def test_a_look_that_ends_too_late_says_nothing_of_the_next_pin(fifo: Fifo, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look(*_: object) -> bool:
        return over.wait(60)

    monkeypatch.setattr(actor_module, "look", look)

    async def scene(counter: Counter) -> None:
        try:
            for tries in (1, 2):
                await asks_for_a_pin(counter, fifo)
                fifo.write(press(*PIN, ENTER))
                await until(lambda: counter.commands[-1][0] == "pin", "the PIN is there")
                if tries == 1:
                    counter.answer("check")
                    counter.keypad._tell(counter.keypad._entry.pause(float("inf")))
                    assert counter.state == "idle"
        finally:
            over.set()
        await until(lambda: counter.keypad._checking is None, "the first look has ended, the second is not allowed yet")
        assert counter.state == "checking"
        assert counter.commands[-1][0] == "pin", "the first PIN was right, and is not the second"
        monkeypatch.setattr(actor_module, "look", lambda *_: False)
        counter.answer("check")
        await until(lambda: counter.commands[-1][0] == "pin-wrong", "the second is looked at by itself")

    play(scene, fifo, supervisors=known(), timeout="60s")


@pytest.mark.parametrize("looked_at", [False, True])
def test_other_pins_end_what_is_typed_by_the_old_and_hold_for_the_next(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch, looked_at: bool
) -> None:
    began, over = threading.Event(), threading.Event()

    def slow(*_: object) -> bool:
        began.set()
        return over.wait(60)

    async def scene(counter: Counter) -> None:
        try:
            await asks_for_a_pin(counter, fifo)
            if looked_at:
                monkeypatch.setattr(actor_module, "look", slow)
                fifo.write(press(*PIN, ENTER))
                await counter.commanded(2)
                counter.answer("check")
                await until(began.is_set, "it is looked at")
            else:
                await until(lambda: counter.state == "pin", "the PIN may be typed")
            counter.keypad.use({}, "")
            assert counter.state == "idle"
        finally:
            over.set()
        await until(lambda: counter.keypad._checking is None, "the look has ended")
        monkeypatch.undo()
        fifo.write(press(ESC))
        await until(lambda: counter.commands[-1] == CANCEL, "somebody begins anew")
        await asks_for_a_pin(counter, fifo)
        fifo.write(press(*PIN, ENTER))
        await until(lambda: counter.commands[-1][0] == "pin", "the PIN is there")
        counter.answer("check")
        await until(lambda: counter.commands[-1][0] == "pin-wrong", "nobody has one any more")

    counter = play(scene, fifo, supervisors=known(), timeout="60s")
    assert "pin-right" not in [action for action, *_ in counter.commands]
    assert counter.commands[-1] == ("pin-wrong", "KEY_ENTER", "")


def test_a_file_of_pins_that_cannot_be_used_is_the_keypads_trouble_while_it_is_there_and_stops_no_key(
    fifo: Fifo,
) -> None:
    async def scene(counter: Counter) -> None:
        counter.keypad.use(known(), "pins: line 3")
        await until(lambda: counter.states[-1:] == ["attention"], "the keypad is there")
        counter.keypad.use(known(), "pins: line 4")
        counter.keypad.use(known(), "pins: line 4")
        fifo.write(press(F1))
        await counter.commanded(1)
        fifo.unplug()
        await until(lambda: counter.states[-1] == "absent", "absent")
        counter.keypad.use(known(), "")
        fifo.plug()
        await counter.ready()

    counter = play(scene, fifo, supervisors=known())
    reports = [word for word in counter.said if isinstance(word, DeviceReport)]
    told = [(report.state, report.reasons, report.detail) for report in reports if report.state == "attention"]
    assert told == [("attention", ("pin-file",), "pins: line 3"), ("attention", ("pin-file",), "pins: line 4")]
    assert counter.commands == [REPRINT]
    assert reports[-1].state == "ready"


@pytest.mark.parametrize("how", ["unplugged", "dropped", "two-at-once"])
def test_a_pin_that_is_interrupted_is_gone(fifo: Fifo, how: str) -> None:
    async def scene(counter: Counter) -> None:
        await asks_for_a_pin(counter, fifo)
        fifo.write(press(*PIN[:2]))
        await until(lambda: bytes(counter.keypad._entry._digits) == b"42", "half of it is typed")
        half = counter.keypad._entry._digits
        if how == "unplugged":
            fifo.unplug()
            await until(lambda: counter.states[-1] == "absent", "absent")
            fifo.plug()
            await counter.ready()
        else:
            fifo.write(dropped() + frame() if how == "dropped" else frame((EV_KEY, ONE, 1), (EV_KEY, THREE, 1)))
        fifo.write(press(*PIN[2:], ENTER, ESC))
        await counter.commanded(2)
        assert set(half) <= {0}

    assert play(scene, fifo, supervisors=known()).commands == [REPRINT, CANCEL]


EVENTS = st.tuples(
    st.sampled_from([0, EV_KEY, EV_KEY, 4, 17, 0xFFFF]),
    st.sampled_from([0, 3, *bindings(KeypadSection().keys), *DIGITS, ENTER, 0xFFFF]),
    st.sampled_from([0, 1, 1, 2, -1, 1 << 20]),
)


@given(st.lists(EVENTS.map(lambda e: record(*e)) | st.just(frame()) | st.binary(max_size=40), max_size=60))
@settings(max_examples=100, deadline=None)
def test_whatever_a_broken_keypad_sends_there_is_one_command_for_one_press_at_most(pieces: list[bytes]) -> None:
    said: list[DeviceReport | KeyCommand] = []

    async def run() -> None:
        def hear(word: DeviceReport | KeyCommand) -> None:
            said.append(word)
            if isinstance(word, KeyCommand):
                keypad.answer(KeyAnswer("done", word.press))

        keypad = KeypadActor(KeypadSection(device="/nowhere"), hear)
        framer = Framer(FIFO_RECORD)
        for piece in pieces:
            before = len(said)
            frames = framer.feed(piece)
            keypad.frames(frames)
            pressed = sum(event.type == EV_KEY and event.value == 1 for found in frames for event in found.events)
            assert len(said) - before <= pressed
        await keypad.close()

    asyncio.run(run())
    assert not {word.action for word in said if isinstance(word, KeyCommand)} & set(get_args(KeyReply))
