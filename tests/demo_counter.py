"""`make demo-counter`: an afternoon at the counter, on simulated hardware, told step by step.

A lost receipt, copies that the shop's rules refuse, one that a supervisor approves, a customer who leaves without
signing just before the shift changes, and the evidence about a sale, checked by its own script. People type posctl and
press keys; every step is asserted, and one that does not show what it says ends the demo with an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from posd.domain import pins
from tests.demo_stage import BOLD, DIM, PLAIN, Stage
from tests.scenario.box import ROOT, Box, cash, sale

OUT = ROOT / "demo-counter-out"
PIN = "482913"
TERMS = {"reprint_copies": 2, "reprint_interval": "10min", "supervisor_from": "500.00"}
LOST, SMALL, LARGE, UNSIGNED = (f"20261121-010{n}" for n in range(1, 5))
SHOWN = (
    "A copy is one command or one key; it says that it is one, when, which, and who asked.",
    "What the rules do not allow is refused in a sentence: why, what was done (nothing), from when on it works.",
    "What a customer says of a sale must be true; posd never says what would have been.",
    "A copy of a large sale waits for a supervisor; a PIN on the keypad is enough, and is kept nowhere.",
    "A missing signature stands on the list with its cause, goes over to the next shift, and leaves the list signed.",
    "The evidence about one sale is checked without posd, and shows every change.",
)


class Counter(Stage):
    """The steps, in order, on one box."""

    def opening(self) -> None:
        self.step("07 begins a shift; sales come in from the till")
        self.posctl("shift", "open", "07")
        self.box.sell(sale(LOST))
        self.box.sign(LOST, "Li Wei")
        self.slips(2, "a signed sale", show=False)
        self.box.sell(cash(SMALL))
        self.slips(2, "a cash sale", show=False)
        teapot = {"name": "宜兴紫砂壶 Teapot", "quantity": "1", "price": "880.00", "amount": "880.00"}
        payment = {"method": "cash", "amount": "880.00"}
        self.box.sell(cash(LARGE, items=[teapot], total="880.00", payments=[payment]))
        _, large = self.slips(2, "a large sale", show=False)
        self.box.wait_copy(LARGE, "customer", "printed")
        self.say("three sales are kept and printed, one of them signed on the pad. The slip of the large one ends in:")
        terms = large.partition("Please keep this receipt.")[2]
        assert "supervisor" in terms, large
        for line in terms.strip().splitlines():
            self.say(f"| {line}")

    def lost(self) -> None:
        self.step("A customer has lost the receipt, and remembers the amount and the card")
        self.posctl("search", "--amount", "36.00", "--last-four", "1234")
        assert "no approval is needed" in self.posctl("terms", LOST)
        self.posctl("reprint", LOST, "--amount", "36.00", "--wait")
        (copy,) = self.slips(1, "the copy of the lost receipt", show=False)
        assert copy.count("DUPLICATE 1") == 2
        self.posctl("show", LOST, "--copies", "--copy", "customer")
        self.say("the original's lines, unchanged, under a mark that says what this is")

    def refused(self) -> None:
        self.step("Copies that the shop's rules refuse")
        assert "refused (too-soon)" in self.posctl("reprint", LOST, code=1)
        told = self.posctl("reprint", SMALL, "--amount", "35.00", code=1)
        assert "refused (mismatch)" in told
        assert "36.00" not in told, "a mismatch does not say what would have been right"
        kinds = [event["kind"] for event in self.box.events("reprint.refused")]
        assert kinds == ["too-soon", "mismatch"], kinds
        assert len(self.box.slips()) == len(self.shown), "nothing came out"
        self.say("nothing was printed, and each refusal is on record")

    def approved(self) -> None:
        self.step("A copy of the large sale, by key: a supervisor types number and PIN")
        with self.box.till() as watching:
            watching.result("events.subscribe", keypad=True)
            self.press("F1")
            watching.keypad_until("supervisor")
            self.posctl("approve")
            self.say("it waits. The supervisor's number is 12; the first PIN is a wrong one")
            self.press("1", "2", "ENTER", *"000000", "ENTER")
            told = watching.keypad_until("idle", answer="refused")
            self.say(f"the keypad: {told['answer']}, three short flashes. {told['message']}")
            assert len(self.box.slips()) == len(self.shown), "nothing came out"
            self.say("F5 asks again; this time the PIN is right")
            self.press("F5")
            watching.keypad_until("supervisor")
            self.press("1", "2", "ENTER", *PIN, "ENTER")
        (copy,) = self.slips(1, "the copy that a supervisor approved", show=False)
        assert copy.count("DUPLICATE 1") == 2
        self.box.wait_copy(LARGE, "customer", "printed", 1)
        (asked,) = self.box.events("reprint.asked")
        self.posctl("request", asked["request"])
        assert [event["right"] for event in self.box.events("pin.checked")] == [False, True]
        assert PIN.encode() not in (self.box.folder / "journal").read_bytes(), "a PIN is never kept"
        self.say("every try is on record with the supervisor's number, the PIN nowhere")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.box.do("press", f"KEY_{key}")

    def handed_over(self) -> None:
        self.step("A customer leaves without signing, and the shift changes")
        self.box.sell(sale(UNSIGNED))
        self.box.wait_on_pad(UNSIGNED)
        self.box.do("cancel")
        self.slips(2, "unsigned, with a line to sign on", show=False)
        self.box.wait_copy(UNSIGNED, "customer", "printed")
        (issue,) = self.box.open_exceptions()
        self.posctl("exceptions")
        self.posctl("exception", "note", issue["id"], "--channel", "phone", "--outcome", "promised")
        told = self.posctl("shift", "close")
        handover = re.search(r"--confirms (\S+)", told)
        assert handover, told
        (slip,) = self.slips(1, "the handover slip")
        assert issue["id"] in slip, "the handover names what is open"
        assert handover[1] in slip
        assert "refused (conflict)" in self.posctl("shift", "open", "08", code=1)
        with self.box.till() as watching:
            watching.result("events.subscribe", keypad=True)
            self.press("F6")
            watching.keypad_until("next-operator", request=handover[1])
            self.press("0", "8", "ENTER")
            watching.keypad_until("idle", answer="done")
        self.say("08 looks at the slip, and takes over on the keypad: F6, 0 8, Enter")
        assert "of 08: open" in self.posctl("shift", "show")

    def signed_later(self) -> None:
        self.step("The customer comes back and signs")
        self.box.do("press", "KEY_F3")
        self.box.sign(UNSIGNED, "Wang Fang")
        (updated,) = self.slips(1, "the merchant copy with the signature")
        assert "[image" in updated
        self.box.until(lambda: not self.box.open_exceptions(), "the exception is closed by the facts")
        self.posctl("exceptions", "--state", "closed")
        doer = self.box.events("exception.closed")[-1]["doer"]
        assert doer["operator"] == "08", doer
        self.say("one key, one signature; the list is empty again")

    def proven(self) -> None:
        self.step("The bank asks about a sale: its evidence, checked by its own script")
        bundle = self.box.folder / "case.zip"
        self.posctl("evidence", UNSIGNED, "-o", str(bundle))
        case = self.box.folder / "case"
        with zipfile.ZipFile(bundle) as packed:
            packed.extractall(case)
        for name in sorted(str(path.relative_to(case)) for path in case.rglob("*") if path.is_file()):
            print(f"     {name}")
        assert self.verify(case, 0).startswith("SOUND")
        history = case / "history.en.txt"
        told = history.read_text(encoding="utf-8")
        for line in told.splitlines():
            self.say(f"| {line}")
        self.say("now somebody makes 360.00 of 36.00 in its copy of the sale")
        changed = case / "transaction.json"
        changed.write_bytes(changed.read_bytes().replace(b'"36.00"', b'"360.00"'))
        assert self.verify(case, 1).startswith("NOT SOUND")

    def sum_up(self) -> None:
        self.end(SHOWN)

    def verify(self, case: Path, code: int) -> str:
        """What the bundle's script says, run by a Python that has nothing but its own library."""
        words = [sys.executable, "-I", "-S", "verify.py"]
        done = subprocess.run(words, cwd=case, capture_output=True, text=True, timeout=60, check=False)
        print(f"   {BOLD}$ python3 verify.py{PLAIN}")
        for line in done.stdout.strip().splitlines():
            print(f"{DIM}   |{PLAIN} {line}", flush=True)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stdout


def main(out: Path = OUT) -> int:
    """Play all steps in `out`, whose former content is removed; the exit code."""
    shutil.rmtree(out, ignore_errors=True)
    settings = {
        "policy": TERMS,
        "keypad": {"device": "{world}/keypad", "supervisors": "{folder}/supervisors"},
        "slip": {"template": "{folder}/slip.toml"},
    }
    box = Box(out, settings)
    out.mkdir(parents=True)
    (out / "supervisors").touch(0o600)
    (out / "supervisors").write_text(pins.line("12", PIN, os.urandom(pins.SALT_BYTES)) + "\n", encoding="utf-8")
    template = (ROOT / "posd" / "printer" / "default.toml").read_text(encoding="utf-8")
    (out / "slip.toml").write_text(template + '[[footer]]\ntext = "{terms}"\n', encoding="utf-8")
    counter = Counter(box)
    return counter.perform(
        f"{BOLD}The counter{PLAIN}: posd's people, on a simulated terminal box; no root, no hardware.",
        [
            counter.opening,
            counter.lost,
            counter.refused,
            counter.approved,
            counter.handed_over,
            counter.signed_later,
            counter.proven,
            counter.sum_up,
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main(*map(Path, sys.argv[1:2])))
