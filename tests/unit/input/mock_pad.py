"""A pad and a keypad of the kernel's input layer as umockdev fakes them, run under umockdev-wrapper: plays one scene,
prints what the actors said as JSON.

Run by test_evdev_node.py in a process of its own, since umockdev works by being preloaded.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import struct
import sys
import tempfile
from pathlib import Path

from posd.config import KeypadSection, PadSection
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand, SignOutcome, SignRequest
from posd.keypad.actor import KeypadActor
from posd.pad.actor import PadActor
from posd.pad.strokes import decode
from tests.unit.input.wire import until

LIB = ctypes.CDLL("libumockdev.so.0")
LIB.umockdev_testbed_new.restype = ctypes.c_void_p
for function in ("add_from_string", "load_ioctl", "load_evemu_events"):
    getattr(LIB, f"umockdev_testbed_{function}").argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_void_p,
    ]
LIB.umockdev_testbed_add_from_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
LIB.umockdev_testbed_get_dev_fd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
LIB.umockdev_testbed_remove_device.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

KEY_F1, KEY_A = 59, 30
BTN_0, BTN_TOOL_PEN, BTN_TOUCH = 0x100, 0x140, 0x14A
ABS_X, ABS_Y, ABS_PRESSURE, ABS_TOOL_WIDTH = 0, 1, 24, 28


class Box:
    """A box with an input layer."""

    def __init__(self) -> None:
        self._testbed = LIB.umockdev_testbed_new()
        self._folder = Path(tempfile.mkdtemp(prefix="mock-pad-"))

    def plug(
        self,
        node: str,
        keys: list[int],
        axes: dict[int, tuple[int, int, int]],
        held: list[int] | None = None,
        lights: list[int] | None = None,
    ) -> None:
        """Put event node `node` there. `axes`: code -> value, minimum, maximum."""
        lines = [f"P: /devices/virtual/input/{node}", f"N: input/{node}", f"E: DEVNAME=/dev/input/{node}"]
        lines += [
            "E: MAJOR=13",
            f"E: MINOR={64 + int(node[5:])}",
            "E: SUBSYSTEM=input",
            f"A: dev=13:{64 + int(node[5:])}",
        ]
        assert LIB.umockdev_testbed_add_from_string(self._testbed, ("\n".join(lines) + "\n").encode(), None)
        answers = [f"@DEV /dev/input/{node}", "EVIOCGVERSION 0 01000100", "EVIOCGID 0 03006A0501000001"]
        answers += [
            f"EVIOCGNAME(0) 9 {_text('Mock pad')}",
            f"EVIOCGPHYS(0) 1 {_text('')}",
            f"EVIOCGUNIQ(0) 1 {_text('')}",
        ]
        kinds = [0, 1, *([3] if axes else []), *([0x11] if lights else [])]
        answers += [f"EVIOCGBIT(0) 4 {_bits(4, *kinds)}", f"EVIOCGBIT(1) 96 {_bits(96, *keys)}"]
        answers += [f"EVIOCGKEY(0) 96 {_bits(96, *(held or []))}", "EVIOCGEFFECTS 0 00000000"]
        if axes:
            answers += [f"EVIOCGBIT(3) 8 {_bits(96, *axes)}"]
        if lights:
            answers += [f"EVIOCGBIT(17) 96 {_bits(96, *lights)}"]
        answers += [f"EVIOCGABS({code}) 0 {struct.pack('6i', *values, 0, 0, 0).hex()}" for code, values in axes.items()]
        self._load("load_ioctl", node, answers)

    def wire(self, node: str) -> int:
        """The device's own end of a node to which no frames were sent: what is written here the node reads, and the
        other way round.
        """
        fd: int = LIB.umockdev_testbed_get_dev_fd(self._testbed, f"/dev/input/{node}".encode())
        assert fd >= 0
        return fd

    def unplug(self, node: str) -> None:
        """Pull it out: its node is gone, and who has it open is told so."""
        LIB.umockdev_testbed_remove_device(self._testbed, f"/sys/devices/virtual/input/{node}".encode())
        os.close(self.wire(node))

    def send(self, node: str, *frames: list[tuple[int, int, int]]) -> None:
        """Let the device report frames, 5 ms apart."""
        lines = []
        for place, events in enumerate(frames):
            lines += [
                f"E: {place * 0.005:.6f} {kind:04X} {code:04X} {value}" for kind, code, value in (*events, (0, 0, 0))
            ]
        self._load("load_evemu_events", node, lines)

    def _load(self, function: str, node: str, lines: list[str]) -> None:
        path = self._folder / f"{function}-{node}-{len(list(self._folder.iterdir()))}"
        path.write_text("\n".join(lines) + "\n")
        load = getattr(LIB, f"umockdev_testbed_{function}")
        assert load(self._testbed, f"/dev/input/{node}".encode(), str(path).encode(), None)


def _bits(size: int, *on: int) -> str:
    found = bytearray(size)
    for place in on:
        found[place // 8] |= 1 << place % 8
    return found.hex().upper()


def _text(text: str) -> str:
    return text.encode().ljust(256, b"\0").hex().upper()


PAD_KEYS = [BTN_TOOL_PEN, BTN_TOUCH, BTN_0]
PAD_AXES = {ABS_X: (700, 200, 4295), ABS_Y: (900, 0, 2047), ABS_PRESSURE: (0, 0, 1023)}


def wave() -> list[list[tuple[int, int, int]]]:
    """60 reports of a pen that comes down, moves and lifts; Y is only told when it changes, as the kernel does."""
    frames = [[(1, BTN_TOOL_PEN, 1), (1, BTN_TOUCH, 1), (3, ABS_X, 700), (3, ABS_PRESSURE, 300)]]
    for step in range(1, 60):
        moved = [(3, ABS_X, 700 + 20 * step)]
        frames.append(moved + ([(3, ABS_Y, 900 + 50 * (step // 3 % 4))] if step % 3 == 0 else []))
    return [*frames, [(1, BTN_TOUCH, 0), (1, BTN_TOOL_PEN, 0), (3, ABS_PRESSURE, 0)]]


DROPPED = [(0, 3, 0)]
LIFTED = [(1, BTN_TOUCH, 0), (1, BTN_TOOL_PEN, 0)]
SCENES = {
    "signed": [*wave(), *wave()],
    "pen-was-down": [*wave()[1:], *wave(), *wave()],
    "lost-and-lifted": [*wave()[:30], DROPPED, *wave()[31:40], *wave()],
    "lost-and-touching": [LIFTED, *wave()[:30], DROPPED, *wave()[31:], *wave()],
    "palm": [
        *wave(),
        [(3, ABS_TOOL_WIDTH, 12), *wave()[0]],
        *wave()[1:20],
        [(3, ABS_TOOL_WIDTH, 3)],
        *wave()[21:],
        *wave(),
    ],
}
"""What is drawn in a session that began when the pad was ready."""


async def main(scene: str) -> list[object]:
    """Play one scene; all that was said."""
    box = Box()
    said: list[DeviceReport | SignOutcome | KeyCommand] = []
    actor: PadActor | KeypadActor
    if scene == "keypad":
        box.plug("event6", [KEY_F1, KEY_A], {})

        def hear(word: DeviceReport | KeyCommand) -> None:
            """A desk that has done everything at once."""
            said.append(word)
            if isinstance(word, KeyCommand):
                assert isinstance(actor, KeypadActor)
                actor.answer(KeyAnswer("done", word.press))

        actor = KeypadActor(KeypadSection(device="/dev/input/event6"), hear)
    elif scene == "keypad-without-bound-keys":
        box.plug("event6", [KEY_A], {})
        actor = KeypadActor(KeypadSection(device="/dev/input/event6"), said.append)
    else:
        axes = {"not-a-pad": {}, "palm": PAD_AXES | {ABS_TOOL_WIDTH: (0, 0, 15)}}
        box.plug(
            "event5",
            PAD_KEYS,
            axes.get(scene, PAD_AXES),
            [BTN_TOOL_PEN, BTN_TOUCH] if scene in ("pen-was-down", "lost-and-touching") else [],
        )
        actor = PadActor(PadSection(driver="evdev", device="/dev/input/event5"), said.append)
    running = asyncio.ensure_future(actor.run())
    await until(lambda: said and said[-1].state in ("ready", "faulted"), "the device was opened")
    if isinstance(actor, PadActor) and said[-1].state == "ready":
        actor.begin(SignRequest("s1", "CNY 1.00", "shop"))
        box.send("event5", *SCENES[scene], [(1, BTN_0, 1)], [(1, BTN_0, 0)])
        await until(lambda: isinstance(said[-1], SignOutcome), "the session ended")
    if scene == "keypad":
        box.send(
            "event6",
            [(1, KEY_F1, 1)],
            [(1, KEY_F1, 2)],
            [(1, KEY_F1, 2)],
            [(1, KEY_F1, 0)],
            [(1, KEY_A, 1)],
            [(1, KEY_F1, 1)],
        )
        await until(lambda: sum(isinstance(word, KeyCommand) for word in said) >= 2, "both presses were heard")
    await actor.close()
    await running
    return [_shown(word) for word in said]


def _shown(word: DeviceReport | SignOutcome | KeyCommand) -> object:
    if isinstance(word, DeviceReport):
        return [word.state, word.detail, word.info]
    if isinstance(word, KeyCommand):
        return [word.action, word.key]
    ink = decode(word.drawing.data) if word.drawing else None
    return [word.session, word.result, ink]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
