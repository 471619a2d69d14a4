"""No card secret at rest: not in the journal, not in the log, not on paper, not in any answer (law 7)."""

from __future__ import annotations

import contextlib
import copy
import json
import socket
from collections.abc import Iterator
from typing import Any

from tests.scenario.box import Box, cash, sale
from tests.scenario.conftest import MakeBox

PANS = ("6217001234567890122", "4111111111111111", "5500005555555559", "378282246310005")
CVV, PIN = "93847561", "58172634"
TRACKS = (";6217001234567890122=29121010000093847561?", "%B4111111111111111^LI/WEI^29121010000000000?")
SECRET_FIELDS = ("cvv2", "pin", "track2", "pin_block", "pan", "emvTrack2EquivalentData")


def spaced(pan: str, by: str) -> str:
    return by.join(pan[i : i + 4] for i in range(0, len(pan), 4))


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each text in a structure."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from texts(item, (*path, place))


def put(value: Any, path: tuple[Any, ...], text: Any) -> Any:
    """A copy of the structure with another text at the path."""
    made = copy.deepcopy(value)
    at = made
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = text
    return made


def full_sale(sale_id: str) -> dict[str, Any]:
    made = sale(
        sale_id,
        items=[{"name": "茶 tea", "quantity": "2", "price": "18.00", "amount": "36.00", "unit": "pot", "code": "T1"}],
        taxes=[{"name": "VAT", "amount": "1.00", "rate": "6%", "included": True}],
        remarks="none",
        original="20261120-0001",
        qr="https://example.com",
        receipt="R1",
    )
    made["payments"][0]["card"] |= {"acquirer": "ICBC", "aid": "A000000333", "tvr": "0", "arqc": "0"}
    return made


def test_no_secret_is_kept_wherever_it_was_put(make_box: MakeBox) -> None:
    box = make_box({"pad": {"driver": "none"}, "journal": {"path": "{folder}/journal", "size": "8MiB"}}, start=False)
    box.start_world()
    box.start_posd(devices=("printer", "keypad"))
    answers: list[str] = []
    number = 0

    def send(till: Any, method: str, **params: Any) -> None:
        answers.append(json.dumps(till.call(method, **params), ensure_ascii=False))

    with box.till() as till:
        for path in texts(full_sale("x")):
            for secret in (PANS[number % 4], spaced(PANS[(number + 1) % 4], " -"[number % 2]), TRACKS[number % 2]):
                number += 1
                send(till, "transaction.submit", transaction=put(full_sale(f"S{number}"), path, secret))
        for field in SECRET_FIELDS:
            for path in ((field,), ("payments", 0, field), ("payments", 0, "card", field), ("items", 0, field)):
                number += 1
                send(till, "transaction.submit", transaction=put(full_sale(f"S{number}"), path, CVV + PIN))
        for key, value in ((PANS[1], 1), ("note", int(PANS[1])), ("note", float(PANS[1]))):
            send(till, "transaction.submit", transaction=full_sale("K") | {key: value})
        for method in ("transaction.get", "receipt.reprint", "signature.resign", "receipt.preview", PANS[2]):
            for secret in (*PANS, *TRACKS):
                send(till, method, id=secret, key=secret, reason=secret)
                send(till, method, id="S1", key="k", reason=f"for card {secret}")
        send(till, "transaction.search", since=PANS[0], receipt=PANS[1], last_four=PANS[2])
    for line in (f'{{"id": "{PANS[0]}"', f'{{"jsonrpc": "2.0", "id": "{PANS[0]}", "method": "posd.hello"}}', PANS[0]):
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as raw:
            raw.connect(str(box.socket))
            raw.sendall(line.encode() + b"\n")
            raw.shutdown(socket.SHUT_WR)
            answers.append(b"".join(iter(lambda: raw.recv(65536), b"")).decode())
    last = box.sell()
    box.wait_copy(last, "customer", "printed")
    sold = box.result("transaction.search", limit=200)["transactions"]
    assert len(sold) > 20, "many of them were good sales, masked"
    box.do("press", "KEY_F1", "--fast")
    answers += [json.dumps(box.events(), ensure_ascii=False), json.dumps(sold, ensure_ascii=False)]
    answers += [json.dumps(box.result("transaction.get", id=t["id"]), ensure_ascii=False) for t in sold]
    box.wait_copy(last, "customer", "printed", 1)
    assert box.stop() == 0
    kept = {
        "journal": (box.folder / "journal").read_bytes(),
        "log": box.log.read_bytes(),
        "answers": "\n".join(answers).encode(),
        "paper": b"\n".join(p.text.encode() + p.data for p in box.paper()),
    }
    assert b"621700*********0122" in kept["journal"], "what is kept can be searched for what must not be"
    assert len(kept["paper"]) > 10_000
    for pan in PANS:
        for by in ("", " ", "-"):
            for place, data in kept.items():
                at = data.find(spaced(pan, by).encode())
                assert at < 0, f"{pan} by {by!r} in the {place}: {data[max(0, at - 80) : at + 80]!r}"
    for secret in (CVV, PIN, *TRACKS):
        for place, data in kept.items():
            assert secret.encode() not in data, f"{secret} in the {place}"


def test_full_width_and_foreign_digits_are_digits_too(box: Box) -> None:
    wide = PANS[1].translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    arabic = PANS[1].translate({ord("0") + n: 0x0660 + n for n in range(10)})
    for number, text in enumerate((wide, arabic)):
        sold = box.sell(cash(f"W{number}", remarks=f"card {text}"))
        assert text not in json.dumps(box.result("transaction.get", id=sold), ensure_ascii=False)
    box.wait_copy("W1", "customer", "printed")
    assert box.stop() == 0
    raw = (box.folder / "journal").read_bytes()
    for text in (wide, arabic):
        assert text.encode() not in raw
    for paper in box.paper():
        assert wide not in paper.text
