"""A keypad with lights of the kernel's input layer as umockdev fakes it, run under umockdev-wrapper: what is pressed
goes through the node into the actor, and what the actor sets of the lights comes back out of the node. Prints as JSON
what was said and what was lit.

Run by test_evdev_keypad.py in a process of its own, since umockdev works by being preloaded.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os

from posd.config import KeypadSection
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand
from posd.domain.pins import Pin
from posd.input.events import NODE_RECORD
from posd.input.keys import USUAL
from posd.keypad.actor import KeypadActor
from tests.unit.input.mock_pad import Box
from tests.unit.input.wire import dropped, frame, press, record, until

NODE = "event7"
EV_KEY, EV_LED = 0x01, 0x11
KEYS = {name: USUAL[f"KEY_{name}"] for name in ("F1", "F2", "F4", "F5", "ESC", "ENTER", "KPENTER", *"1234")}


class Keypad:
    """The device's end of the node, the desk's end of the actor, and who stands at both."""

    def __init__(self) -> None:
        box = Box()
        box.plug(NODE, list(KEYS.values()), {}, lights=[0, 1, 2])
        self.box = box
        self.wire = box.wire(NODE)
        os.set_blocking(self.wire, False)
        self.reports: list[str] = []
        self.commands: list[KeyCommand] = []
        self.lit: list[tuple[int, int]] = []
        salt = bytes(16)
        known = Pin("12", 2, 1, 1, salt, hashlib.scrypt(b"4213", salt=salt, n=2, r=1, p=1, dklen=32))
        section = KeypadSection(device=f"/dev/input/{NODE}")
        self.actor = KeypadActor(section, self.hear, supervisors={"12": known})

    def hear(self, word: DeviceReport | KeyCommand) -> None:
        if isinstance(word, DeviceReport):
            self.reports.append(word.state)
        else:
            self.commands.append(word)

    def send(self, data: bytes) -> None:
        assert os.write(self.wire, data) == len(data)

    def press(self, *names: str) -> None:
        self.send(press(*(KEYS[name] for name in names)))

    def look(self) -> list[tuple[int, int]]:
        """The lights that were set so far, in order."""
        try:
            data = os.read(self.wire, 24 * 64)
        except BlockingIOError:
            return self.lit
        for _, _, kind, code, value in NODE_RECORD.iter_unpack(data):
            if kind == EV_LED:
                self.lit.append((code, value))
        return self.lit

    async def commanded(self, count: int) -> None:
        await until(lambda: len(self.commands) >= count, f"{count} commands")

    def answer(self, answer: str) -> None:
        self.actor.answer(KeyAnswer(answer, self.commands[-1].press))  # type: ignore[arg-type]


async def play() -> dict[str, object]:
    """The whole scene."""
    keypad = Keypad()
    running = asyncio.ensure_future(keypad.actor.run())
    await until(lambda: keypad.reports[-1:] == ["ready"], "ready")

    down = KEYS["F1"]
    keypad.send(frame((EV_KEY, down, 1)) + frame((EV_KEY, down, 2)) * 20 + frame((EV_KEY, down, 0)))
    await keypad.commanded(1)
    await until(lambda: (2, 1) in keypad.look(), "working")
    keypad.answer("done")
    await until(lambda: keypad.look()[-2:] == [(2, 1), (2, 0)] and len(keypad.lit) == 4, "the flash is over")

    keypad.press("F2", "1")
    await until(lambda: keypad.look().count((0, 1)) >= 2, "num lock blinks")
    keypad.send(dropped() + record(EV_KEY, KEYS["2"], 1) + frame() + press(KEYS["2"], KEYS["ENTER"]))
    await until(lambda: keypad.look().count((1, 0)) == 3, "refused")

    keypad.send(frame((EV_KEY, KEYS["F1"], 1), (EV_KEY, KEYS["F4"], 1)))
    await until(lambda: keypad.look().count((1, 0)) == 6, "two keys at once are refused")

    keypad.press("F5")
    await keypad.commanded(2)
    keypad.answer("approve")
    keypad.press("1", "2", "ENTER", *"4213", "KPENTER")
    await keypad.commanded(3)
    keypad.answer("check")
    await keypad.commanded(4)
    keypad.answer("done")

    keypad.press("F5")
    await keypad.commanded(5)
    keypad.answer("approve")
    keypad.press("1", "2", "ENTER", "4", "2")
    await until(lambda: bytes(keypad.actor._entry._digits) == b"42", "half a PIN")
    half = keypad.actor._entry._digits
    keypad.look()
    keypad.box.unplug(NODE)
    await until(lambda: keypad.reports[-1] == "absent", "unplugged")
    await keypad.actor.close()
    await running
    return {
        "reports": keypad.reports,
        "commands": [(word.action, word.key, word.number) for word in keypad.commands],
        "lit": keypad.lit,
        "left": sum(half),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(play())))
