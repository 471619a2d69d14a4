"""`make demo`: the main job on simulated hardware, told step by step, with the slips as they come out.

The till in it is a plain socket that writes JSON: none of posd's own client code. Every step is asserted; a step that
does not show what it says ends the demo with an error.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from tests.demo_stage import BOLD, PLAIN, Stage
from tests.scenario.box import ROOT, Box, cash, sale

OUT = ROOT / "demo-out"
CARD_NUMBER = "4111111111111111"
"""Luhn-valid, and nobody's."""


class Demo(Stage):
    """The steps, in order, on one box."""

    def sell(self, transaction: dict[str, Any]) -> None:
        answer = self.box.result("transaction.submit", transaction=transaction)
        self.say(
            f"the till sent {answer['id']}; posd answered: kept as record {answer['seq']}, receipt {answer['receipt']}"
        )

    def signed_sale(self) -> None:
        self.step("A card sale is kept, signed on the pad, and both copies print")
        self.sell(sale("20261121-0001", remarks=f"card {CARD_NUMBER}"))
        self.box.until(lambda: self.box.state("20261121-0001")["signature"]["state"] == "awaiting", "the pad waits")
        self.box.do("sign", "Li Wei")
        merchant, customer = self.slips(2, "signed sale")
        assert "MERCHANT" in merchant
        assert "[image" in merchant, "the merchant copy shows the signature"
        assert "[image" not in customer
        assert "411111******1111" in customer
        assert CARD_NUMBER.encode() not in (self.box.folder / "journal").read_bytes()
        self.say("the till had put a whole card number into the remarks; only its mask got any further")
        assert self.box.wait_copy("20261121-0001", "customer", "printed")["proof"] == "confirmed"
        self.say("both copies are printed, and the printer confirmed it behind the last byte of each")

    def paper_out(self) -> None:
        self.step("Paper runs out inside a slip and comes back")
        self.box.do("stop-after", "300", "paper-out")
        self.sell(cash("20261121-0002"))
        self.box.until(lambda: "paper-end" in self.box.device("printer")["reasons"], "posd sees the paper end")
        self.say(f"posd says: {self.box.result('posd.status')['sentence']}")
        self.box.do("paper-in")
        self.slips(2, "paper ran out and came back")
        for name in ("merchant", "customer"):
            self.box.wait_copy("20261121-0002", name, "printed")
        self.say("the slip went on where it stopped; one original of each copy, no more")

    def key_press(self) -> None:
        self.step("The customer lost the receipt: one key press")
        self.box.do("press", "KEY_F1")
        (copy,) = self.slips(1, "duplicate by key press")
        assert copy.count("DUPLICATE 1") == 2
        original = self.shown[-2][0].with_suffix(".txt").read_text(encoding="utf-8")
        assert original.strip("\n") in copy, "the original's lines stand in the duplicate unchanged"
        self.box.wait_copy("20261121-0002", "customer", "printed", 1)
        self.say("the copy carries its mark, its number, both times and who asked")

    def unsigned(self) -> None:
        self.step("A customer walks off without signing; the signature is taken later")
        self.sell(sale("20261121-0003"))
        self.box.until(lambda: self.box.state("20261121-0003")["signature"]["state"] == "awaiting", "the pad waits")
        self.box.do("cancel")
        self.slips(2, "unsigned sale, with a line to sign on")
        (item,) = self.box.open_exceptions("20261121-0003")
        assert (item["kind"], item["cause"]) == ("unsigned", "customer"), item
        self.say(f"on the exception list: {item['kind']}, cause {item['cause']} ({item['detail']})")
        self.box.wait_copy("20261121-0003", "customer", "printed")
        self.box.do("press", "KEY_F3")
        self.box.until(
            lambda: self.box.state("20261121-0003")["signature"]["state"] == "awaiting", "the pad waits again"
        )
        self.box.do("sign", "Wang Fang")
        (updated,) = self.slips(1, "merchant copy with the signature taken later")
        assert "[image" in updated
        assert "DUPLICATE 1" in updated
        assert not self.box.open_exceptions("20261121-0003")
        self.say("signed, bound to the same slip, and off the list")

    def killed(self) -> None:
        self.step("posd is killed in the middle of a slip")
        self.box.do("slow", "400")
        self.sell(cash("20261121-0004"))
        self.slips(1, "merchant copy before the kill")
        self.box.wait_copy("20261121-0004", "customer", "printing")
        before = self.box.received()
        self.box.until(lambda: self.box.received() > before + 150, "some of the slip has left")
        self.box.kill()
        self.say("kill -9. Nobody can know how much of the customer copy will come out")
        self.box.do("slow", "0")
        self.box.start_posd()
        copy = self.box.copy("20261121-0004", "customer")
        assert copy is not None
        assert copy["state"] == "unknown", copy
        self.say(f"posd is back: the copy is {copy['state']} ({copy['cause']}); it prints nothing by itself")
        torn = len(self.box.slips()) - len(self.shown)
        if torn:
            self.slips(torn, "what the printer still made of what it had")
        with self.box.till() as watching:
            watching.result("events.subscribe", keypad=True)
            self.box.do("press", "KEY_F4")
            watching.keypad_until("settle", id="20261121-0004", copy="customer")
            self.box.do("press", "KEY_0")
        self.say("nobody can find a whole one: the cashier presses F4, and 0 for no")
        copies = self.slips(1, "printed after it was settled")
        assert "POSSIBLE DUPLICATE" in copies[-1], copies[-1]
        self.box.wait_copy("20261121-0004", "customer", "printed")
        self.say("what prints of it from now on says that it may be a duplicate")

    def laws(self) -> None:
        counts = self.box.result("posd.status")["exceptions"]["open"]
        assert counts == 0, counts
        self.end(LAWS)


LAWS = (
    "1 Acknowledged means durable: every answer came after its record was synced; the kill lost nothing.",
    "2 One original: the killed copy became unknown, was not retried, and its next print is marked.",
    "3 Nothing silent: the unsigned sale stood on the list with its cause until it was signed; now the list is empty.",
    "4 A reprint is the original: same body, byte for byte, with its mark, number, times and doer.",
    "5 A signature belongs to one transaction: it is bound to the digest of its slip; the later one touched no other.",
    "6 The journal never overwrites what is owed: after the kill it was recovered, and nothing dropped came back.",
    "7 No card secret at rest: the slips and the journal show masked numbers only.",
    "8 Every act has a doer: the duplicate names the key that was pressed.",
    "9 A fault of one device stops only that device: without paper the sale was still taken and kept.",
)


def main(out: Path = OUT) -> int:
    """Play all steps in `out`, whose former content is removed; the exit code."""
    shutil.rmtree(out, ignore_errors=True)
    demo = Demo(Box(out))
    return demo.perform(
        f"{BOLD}posd on a simulated terminal box{PLAIN}: printer, pad and keypad are hwsim's; no root, no hardware.",
        [demo.signed_sale, demo.paper_out, demo.key_press, demo.unsigned, demo.killed, demo.laws],
    )


if __name__ == "__main__":
    raise SystemExit(main(*map(Path, sys.argv[1:2])))
