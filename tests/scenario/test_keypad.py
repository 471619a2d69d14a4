"""The keypad over the real daemon: what no single key does, who approved, what is on record and what is not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from posd.domain.pins import line
from tests.scenario.box import ROOT, Box, Rpc, sale
from tests.scenario.conftest import MakeBox

PIN, WRONG, NEW = "940612", "940613", "271828"


class Counter:
    """A box, whoever stands at its keypad, and a client that watches it."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.watch()

    def watch(self) -> None:
        self.watcher = Rpc(self.box.socket)
        self.watcher.result("events.subscribe", keypad=True)

    def press(self, *keys: str) -> None:
        self.box.do("press", *keys, "--fast")

    def until(self, state: str, **about: object) -> dict[str, object]:
        return self.watcher.keypad_until(state, **about)


def unknown(box: Box) -> str:
    """A sale of which nobody knows whether its slip came out."""
    box.do("stop-after", "400", "unplug", "printer")
    sold = box.sell()
    box.wait_copy(sold, "merchant", "unknown")
    box.do("plug", "printer")
    box.wait_device("printer", "ready")
    return sold


def approves(counter: Counter, number: str, pin: str, why: str = "") -> None:
    """A supervisor's number and PIN, to a copy that is asked for or waits; `why` nothing is approved."""
    counter.press("F1")
    counter.until("supervisor")
    counter.press(*number, "ENTER", *pin, "ENTER")
    assert counter.until("idle").get("why", "") == why


def test_an_unknown_copy_is_settled_a_signature_taken_again_and_the_shift_changed_by_key(make_box: MakeBox) -> None:
    box = make_box({"slip": {"copies": ["merchant"]}, "keypad": {"timeout": "60s"}})
    counter = Counter(box)
    first = unknown(box)
    counter.press("KPDOT")
    assert counter.until("settle") == {
        "state": "settle",
        "answer": "settle",
        "id": first,
        "receipt": "000001",
        "copy": "merchant",
    }
    counter.press("KP0")
    counter.until("idle", answer="done")
    box.wait_copy(first, "merchant", "printed")
    assert box.paper()[-1].possible, "it did not come out, says the key; once unknown, always marked"

    second = unknown(box)
    counter.press("KPSLASH", "KP2")
    assert counter.until("settle")["id"] == second
    counter.press("KP1")
    counter.until("idle", answer="done")
    assert box.copy(second, "merchant")["state"] == "printed"  # type: ignore[index]
    assert [(e["id"], e["printed"], e["doer"]["key"]) for e in box.events("copy.settled")] == [
        (first, False, "KEY_KP0"),
        (second, True, "KEY_KP1"),
    ]
    assert box.result("exception.list", state="open")["exceptions"] == []

    signed = box.sell(sale(box.new_id()))
    box.wait_on_pad(signed)
    box.do("cancel", "--fast")
    box.wait_signature(signed, "missing")
    counter.press("KPSLASH", "KP1")
    counter.until("idle", answer="done")
    box.sign(signed, "Li Wei")
    box.wait_signature(signed, "captured")

    counter.press("F6")
    counter.until("next-operator")
    counter.press("0", "7", "ENTER")
    counter.until("idle", answer="done")
    counter.press("F6")
    closing = counter.until("close-shift")
    assert closing["operator"] == "07"
    counter.press("5", "KPENTER")
    assert counter.until("next-operator")["request"] == closing["request"]
    box.until(lambda: "HANDOVER" in box.texts()[-1] or "交接班单" in box.texts()[-1], "the handover is out")
    counter.press("0", "8", "ENTER")
    counter.until("idle", answer="done")
    shift = box.result("shift.show")
    assert (shift["state"], shift["operator"]) == ("open", "08")
    assert box.events("shift.opened")[-1]["confirms"] == closing["request"]


def test_a_supervisor_approves_with_a_pin_which_is_nowhere_and_wrong_ones_lock_it_over_a_restart(
    make_box: MakeBox,
) -> None:
    box = make_box(
        {
            "policy": {"supervisor_from": "36.00"},
            "keypad": {"device": "{world}/keypad", "supervisors": "{folder}/pins", "timeout": "60s", "pin_lock": "1h"},
            "slip": {"copies": ["customer"]},
        },
        start=False,
    )
    box.folder.mkdir()
    pins = box.folder / "pins"
    pins.write_text("".join(f"{line(number, PIN, number.encode() * 8)}\n" for number in ("12", "13")))
    pins.chmod(0o600)
    box.start()
    counter = Counter(box)
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")

    counter.press("F1")
    asked = counter.until("supervisor")
    assert (asked["answer"], asked["id"], asked["receipt"]) == ("approve", sold, "000001")
    counter.press("1", "2", "ENTER", *PIN, "ENTER")
    counter.until("checking")
    counter.until("idle", answer="done")
    box.wait_copy(sold, "customer", "printed", 1)
    (decided,) = box.events("reprint.decided")
    assert decided["request"] == asked["request"]
    assert decided["doer"] == {"kind": "key", "key": "KEY_ENTER", "roles": ["supervisor"], "supervisor": "12"}
    assert box.events("reprint.requested")[-1]["doer"] == {"kind": "key", "key": "KEY_F1"}

    counter.press("KPPLUS")
    counter.until("supervisor")
    counter.press("KPMINUS")  # the question only
    for _ in range(3):
        counter.press("F5")
        counter.until("supervisor")
        counter.press("1", "3", "ENTER", *WRONG, "ENTER")
        assert counter.until("idle")["why"] == "denied"
    box.kill()
    box.start_posd()
    counter.watch()
    counter.press("F5")
    counter.until("supervisor")
    counter.press("1", "3", "ENTER", *PIN, "ENTER")
    locked = counter.until("idle")
    assert (locked["answer"], locked["why"]) == ("refused", "too-soon")
    assert str(locked["until"]) in str(locked["message"])
    assert [e["tries"] for e in box.events("pin.tried") if e["operator"] == "13"] == [1, 2, 3]

    counter.press("F5")
    counter.until("supervisor")
    counter.press("1", "2", "ENTER", *PIN[:3])
    box.do("unplug", "keypad")
    counter.until("idle")
    box.do("plug", "keypad")
    box.wait_device("keypad", "ready")
    counter.press(*PIN[3:], "ENTER", "F5")
    counter.until("supervisor")
    counter.press("1", "2", "ENTER", *PIN, "ENTER")
    counter.until("idle", answer="done")
    box.wait_copy(sold, "customer", "printed", 2)
    assert [p.duplicate for p in box.paper()] == [0, 1, 2]

    pins.write_text("".join(f"{line(number, NEW, number.encode() * 8)}\n" for number in ("12", "13")))
    assert box.posd is not None
    box.posd.send_signal(signal.SIGHUP)
    box.until(lambda: "supervisors with a PIN: 2" in box.log.read_text(), "they are read again")
    approves(counter, "12", PIN, why="denied")
    approves(counter, "12", NEW)
    approves(counter, "13", NEW, why="too-soon")  # another PIN ends no lock
    pins.write_text(line("12", PIN, bytes(16))[:-9])
    box.wait_device("keypad", "attention")
    status = box.result("posd.status")
    assert "keypad: pin-file (put the supervisors' file right" in status["sentence"]
    assert "line 1: " in next(device["detail"] for device in status["devices"] if device["name"] == "keypad")
    approves(counter, "12", NEW)
    pins.write_text(line("14", PIN, bytes(16)))
    box.wait_device("keypad", "ready")
    approves(counter, "12", NEW, why="denied")
    pins.write_text("")
    box.until(lambda: "supervisors with a PIN: 0" in box.log.read_text(), "nobody has a PIN any more")
    counter.press("F1")
    assert counter.until("idle")["why"] == "needs-supervisor", "and the key asks for none"

    for path in (box.folder / "journal", box.log):
        found = path.read_bytes()
        assert PIN.encode() not in found, path
        assert WRONG.encode() not in found, path
        assert NEW.encode() not in found, path


def test_what_was_begun_ends_by_itself_and_the_printer_sounds_when_something_is_asked(make_box: MakeBox) -> None:
    box = make_box(
        {"policy": {"one_press_below": "1.00"}, "keypad": {"timeout": "1s"}, "printer": {"buzzer": "esc-b"}},
    )
    counter = Counter(box)
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    counter.press("F1")
    counter.until("confirm")
    assert "answer" not in counter.until("idle"), "nobody said anything"
    counter.press("F12")
    said: dict[str, object] = {}
    while said.get("answer") != "done":  # a machine under load may be too late for the second
        counter.press("F1")
        counter.until("confirm")
        counter.press("F12")
        said = counter.until("idle")
    box.wait_copy(sold, "customer", "printed", 1)
    assert [p.duplicate for p in box.paper() if p.copy == "customer"] == [0, 1]
    assert not any(p.torn for p in box.paper())
    assert box.do("status")["printer"]["ignored_commands"]["ESC B"] >= 2, "asked twice"


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ('keys = { KEY_F1 = "reprint-last", KEY_F7 = "yes" }', "KEY_F7 (yes) can never do anything"),
        (
            'keys = { KEY_MUTE = "cancel", KEY_MIN_INTERESTING = "shift" }',
            "KEY_MIN_INTERESTING and KEY_MUTE are one key",
        ),
        ('supervisors = "{pins}"', "do: chmod 0640"),
    ],
)
def test_a_keypad_that_cannot_be_set_up_so_is_a_start_up_error_that_says_which(
    tmp_path: Path, section: str, says: str
) -> None:
    (tmp_path / "pins").write_text("")
    (tmp_path / "pins").chmod(0o644)
    device = f'device = "{tmp_path}/keypad"\n'
    config = tmp_path / "posd.toml"
    config.write_text("[keypad]\n" + device + section.replace("{pins}", str(tmp_path / "pins")))
    words = [sys.executable, "-m", "posd", "--check", "--config", str(config)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert says in done.stderr
