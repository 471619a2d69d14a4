"""What a till, a pad or a printer may send that nobody should: each gets an error that says where, changes nothing, and
posd goes on selling.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.box import DEADLINE_S, Box, Rpc, cash, sale
from tests.scenario.conftest import QUICK, MakeBox

PAN = "6217001234567890122"
"""A made-up card number whose check digit fits: nineteen digits."""
LINE_MAX = 256 * 1024


@pytest.fixture(scope="module")
def shop() -> Iterator[Box]:
    """One box for all that must leave it as it was."""
    folder = Path(tempfile.mkdtemp(prefix="posd-"))
    made = Box(folder, {**QUICK, "journal": {"path": "{folder}/journal", "size": "16MiB"}})
    yield made.start()
    made.close()
    made.tell()
    shutil.rmtree(folder, ignore_errors=True)


ITS_OWN = {"device.changed", "device.counted", "exceptions.swept"}
"""What posd records by itself, whatever clients do."""


@pytest.fixture(autouse=True)
def _goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each of these tests the journal holds nothing more than before, posd answers, and a sale prints."""
    if "shop" not in request.fixturenames:
        yield
        return
    box: Box = request.getfixturevalue("shop")
    newest = box.result("posd.hello")["seq"]
    papers = len(box.paper())
    yield
    grown = [e for e in box.events(start=newest + 1) if e["type"] not in ITS_OWN] if _seq(box) > newest else []
    if "changes" not in request.fixturenames:
        assert grown == []
        assert len(box.paper()) == papers
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")


@pytest.fixture
def changes() -> None:
    """For a test that leaves more than it found."""


def _seq(box: Box) -> int:
    seq: int = box.result("posd.hello")["seq"]
    return seq


def refused(box: Box, line: bytes) -> dict[str, Any]:
    """The error that a line gets; the connection is still good afterwards."""
    with box.till() as till:
        answer = till.raw(line + b"\n")
        assert "error" in answer, answer
        assert till.result("posd.hello")["name"] == "posd"
        error: dict[str, Any] = answer["error"]
        return error


def submit_error(box: Box, transaction: dict[str, Any]) -> dict[str, Any]:
    with box.till() as till:
        error = till.error("transaction.submit", transaction=transaction)
        assert till.error("transaction.get", id=transaction["id"])["data"]["kind"] == "not-found"
    return error


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello", -32700),
        (b"{", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", }', -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", "params": {"a": NaN}}', -32700),
        (b"\xff\xfe\x00", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.\xff"}', -32700),
        (b"[" * 100_000, -32700),
        (b"[1, 2]", -32600),
        (b"[]", -32600),
        (b'"text"', -32600),
        (b"42", -32600),
        (b"null", -32600),
        (b"{}", -32600),
        (b'{"id": 1, "method": "posd.hello"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "posd.hello"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 7}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", "extra": 1}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.goodbye"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", "params": [1]}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", "params": {"x": 1}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "transaction.get", "params": {"id": "a", "id": "b"}}', -32602),
    ],
)
def test_lines_that_are_no_requests(shop: Box, line: bytes, code: int) -> None:
    error = refused(shop, line)
    assert error["code"] == code
    assert error["message"][0].isalpha() or error["message"][0] == "`"
    assert "Nothing was" in error["message"]


def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_heard(shop: Box) -> None:
    error = refused(shop, b"x" * (LINE_MAX + 1))
    assert (error["code"], error["data"]["kind"]) == (-32000, "too-large")
    error = refused(shop, b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello", "params": {"x": "' + b"y" * (8 << 20))
    assert error["data"]["kind"] == "too-large"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total": 36}, "transaction.total"),
        ({"total": "36.001"}, "transaction.total"),
        ({"total": "35.00"}, "transaction.total"),
        ({"total": "-36.00"}, "transaction.total"),
        ({"items": []}, "transaction.items"),
        ({"payments": []}, "transaction.payments"),
        ({"items": "tea"}, "transaction.items"),
        ({"items": [{"name": "tea", "quantity": "2", "price": "18.00"}]}, "transaction.items[0].amount"),
        (
            {"items": [{"name": "tea", "quantity": "2", "price": "17.00", "amount": "36.00"}]},
            "transaction.items[0].amount",
        ),
        (
            {"items": [{"name": "tea", "quantity": "2", "price": "18.00", "amount": "36.00", "colour": "green"}]},
            "transaction.items[0].colour",
        ),
        ({"payments": [{"method": "cash", "amount": "35.99"}]}, "transaction.payments"),
        ({"payments": [{"method": "cash", "amount": "36.00", "tip": "1.00"}]}, "transaction.payments[0].tip"),
        ({"customer": "Li"}, "transaction.customer"),
        ({"type": "gift"}, "transaction.type"),
        ({"currency": "yuan"}, "transaction.currency"),
        ({"time": "yesterday"}, "transaction.time"),
        ({"time": "2026-11-21T10:15:30"}, "transaction.time"),
        ({"id": "with blank"}, "transaction.id"),
        ({"id": ""}, "transaction.id"),
        ({"operator": "a\x1bb"}, "transaction.operator"),
        ({"remarks": "line\nbreak"}, "transaction.remarks"),
        ({"signature": "maybe"}, "transaction.signature"),
    ],
)
def test_a_sale_that_is_not_whole_is_refused_with_the_path_of_its_fault(
    shop: Box, change: dict[str, Any], field: str
) -> None:
    made = cash(shop.new_id()) | change
    error = shop.error("transaction.submit", transaction=made)
    assert error["data"]["field"] == field, error
    assert error["data"]["kind"] in ("invalid", "incomplete")
    assert (error["code"] == -32602) == (error["data"]["kind"] == "invalid")
    assert "Nothing was kept" in error["message"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x10\x04\x01", "\x1b@", "\n", "\x7f", "\x9b", "\u2028"])
def test_control_characters_never_reach_the_printer(shop: Box, character: str) -> None:
    name = f"tea{character}pot"
    made = cash(shop.new_id(), items=[{"name": name, "quantity": "2", "price": "18.00", "amount": "36.00"}])
    error = submit_error(shop, made)
    assert error["data"] == {"kind": "invalid", "field": "transaction.items[0].name"}
    assert "control character" in error["message"]


@pytest.mark.parametrize(
    "field", ["track1", "track2", "Track_2_Data", "cvv", "cvv2", "CVC", "pin", "pinBlock", "pan", "securityCode"]
)
@pytest.mark.parametrize("place", ["transaction", "payment", "card", "params"])
def test_fields_for_card_secrets_refuse_the_request(shop: Box, field: str, place: str) -> None:
    made = sale(shop.new_id())
    params: dict[str, Any] = {"transaction": made}
    at = {
        "transaction": made,
        "payment": made["payments"][0],
        "card": made["payments"][0]["card"],
        "params": params,
    }[place]
    at[field] = "741"
    error = shop.error("transaction.submit", **params)
    assert error["data"]["kind"] == "card-data"
    assert error["data"]["field"].endswith(field)
    assert "741" not in json.dumps(error)


def test_track_data_in_any_text_refuses_the_request(shop: Box) -> None:
    for text in (f";{PAN}=29121010000012345678?", f"%B{PAN}^LI/WEI^29121010000000000?"):
        error = submit_error(shop, cash(shop.new_id(), remarks=text))
        assert error["data"] == {"kind": "card-data", "field": "transaction.remarks"}
        assert PAN not in json.dumps(error)


def test_a_card_number_that_shows_too_much_is_refused(shop: Box) -> None:
    made = sale(shop.new_id())
    made["payments"][0]["card"]["masked"] = "62170012****890123"
    error = submit_error(shop, made)
    assert error["data"]["kind"] == "card-data"
    assert error["data"]["field"] == "transaction.payments[0].card.masked"


@pytest.mark.usefixtures("changes")
def test_a_card_number_in_a_name_is_masked_before_anything_sees_it(shop: Box) -> None:
    spaced = " ".join(PAN[i : i + 4] for i in range(0, 19, 4))
    items = [
        {"name": f"Gift card {PAN}", "quantity": "1", "price": "18.00", "amount": "18.00"},
        {"name": f"Card {spaced}", "quantity": "1", "price": "18.00", "amount": "18.00"},
    ]
    sold = shop.sell(cash(shop.new_id(), items=items, remarks=PAN))
    shop.wait_copy(sold, "customer", "printed")
    kept = shop.result("transaction.get", id=sold)["transaction"]
    assert kept["items"][0]["name"] == "Gift card 621700*********0122"
    for told in (json.dumps(kept), json.dumps(shop.events(start=_seq(shop) - 4)), *(p.text for p in shop.paper())):
        assert PAN not in told
        assert spaced not in told
    raw = (shop.folder / "journal").read_bytes()
    assert b"621700*********0122" in raw, "the file can be searched"
    assert PAN.encode() not in raw
    assert spaced.encode() not in raw


def test_a_card_number_as_the_sales_id_is_refused(shop: Box) -> None:
    error = shop.error("transaction.submit", transaction=cash(PAN))
    assert error["data"] == {"kind": "card-data", "field": "transaction.id"}
    assert PAN not in json.dumps(error)


def test_ten_thousand_items_are_too_many(shop: Box) -> None:
    item = {"name": "tea", "quantity": "1", "price": "0.01", "amount": "0.01"}
    many = cash(shop.new_id(), items=[item] * 10_000, total="100.00", payments=[{"method": "cash", "amount": "100.00"}])
    assert submit_error(shop, many)["data"]["kind"] == "too-large"
    long = [item | {"name": "茶" * 200}] * 400
    wide = cash(shop.new_id(), items=long, total="4.00", payments=[{"method": "cash", "amount": "4.00"}])
    error = submit_error(shop, wide)
    assert error["data"]["kind"] == "too-large"
    assert "Nothing was kept" in error["message"]


def test_a_sale_just_below_the_limit_prints(make_box: MakeBox) -> None:
    box = make_box({"slip": {"copies": ["customer"]}, "journal": {"path": "{folder}/journal", "size": "4MiB"}})
    item = {"name": "乌龙茶 Oolong", "quantity": "1", "price": "0.01", "amount": "0.01"}
    made = cash(box.new_id(), items=[item] * 1500, total="15.00", payments=[{"method": "cash", "amount": "15.00"}])
    sold = box.sell(made)
    box.wait_copy(sold, "customer", "printed")
    (paper,) = box.paper()
    assert paper.text.count("乌龙茶 Oolong") == 1500


def test_two_hundred_clients_at_once_are_all_answered(shop: Box) -> None:
    with contextlib.ExitStack() as stack:
        tills = [stack.enter_context(shop.till()) for _ in range(200)]
        for till in tills:
            assert till.result("posd.hello")["name"] == "posd"
        for till in reversed(tills):
            assert till.error("transaction.get", id="nobody")["data"]["kind"] == "not-found"


def test_two_hundred_clients_sell_at_the_same_time(make_box: MakeBox) -> None:
    box = make_box({"slip": {"copies": ["customer"]}, "journal": {"path": "{folder}/journal", "size": "16MiB"}})
    answers: list[dict[str, Any]] = []
    gate = threading.Barrier(200)

    def one(number: int) -> None:
        with box.till() as till:
            gate.wait(DEADLINE_S)
            answers.append(till.result("transaction.submit", transaction=cash(f"C{number:03}")))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert len({a["receipt"] for a in answers}) == 200
    assert len({a["seq"] for a in answers}) == 200
    box.until(lambda: len(box.slips()) == 200, "a slip for each", lambda: len(box.slips()))
    assert {p.sale for p in box.paper()} == {f"C{n:03}" for n in range(200)}


def test_one_client_too_many_is_told_so_and_the_others_go_on(make_box: MakeBox) -> None:
    box = make_box({"api": {"socket": "{folder}/posd.sock", "clients_max": 3}})
    with contextlib.ExitStack() as stack:
        tills = [stack.enter_context(box.till()) for _ in range(3)]
        for till in tills:
            till.result("posd.hello")
        late = stack.enter_context(box.till())
        line = late.raw(b"")
        assert line["error"]["data"]["kind"] == "busy"
        assert "clients_max" in line["error"]["message"]
        assert tills[0].result("posd.hello")["name"] == "posd"
    box.until(lambda: "result" in _hello(box), "there is room again")


def _hello(box: Box) -> dict[str, Any]:
    with box.till() as till:
        return till.call("posd.hello")


def test_a_client_that_never_reads_is_cut_off_with_a_line_in_the_log(shop: Box) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as deaf:
        deaf.settimeout(DEADLINE_S)
        deaf.connect(str(shop.socket))
        request = b'{"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"}\n'
        with contextlib.suppress(OSError):
            while True:
                deaf.sendall(request * 16)
        shop.until(lambda: "is cut off" in shop.log.read_text(), "the log says that it was cut off")
    lines = [text for text in shop.log.read_text().splitlines() if "is cut off" in text]
    assert any("rpc.discover#1" in line for line in lines), lines


@pytest.mark.usefixtures("changes")
def test_a_client_that_hangs_up_without_waiting_has_sold_all_the_same(shop: Box) -> None:
    made = cash(shop.new_id())
    line = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "transaction.submit", "params": {"transaction": made}}
    ).encode()
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as hasty:
        hasty.connect(str(shop.socket))
        hasty.sendall(line + b"\n")
    with shop.till() as till:
        shop.until(lambda: "result" in till.call("transaction.get", id=made["id"]), "it is kept")
    shop.wait_copy(made["id"], "customer", "printed")


def test_random_bytes_on_the_socket(shop: Box) -> None:
    chance = random.Random(1)
    for _ in range(20):
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as noise:
            noise.settimeout(DEADLINE_S)
            noise.connect(str(shop.socket))
            noise.sendall(chance.randbytes(chance.randint(1, 20_000)) + b"\n")
            noise.shutdown(socket.SHUT_WR)
            answered = b"".join(iter(lambda: noise.recv(65536), b""))
            for line in answered.splitlines():
                assert "error" in json.loads(line)


@pytest.mark.parametrize("device", ["pad", "keypad"])
def test_random_bytes_from_pad_and_keypad(make_box: MakeBox, device: str) -> None:
    box = make_box()
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    waiting = box.sell(sale(box.new_id()))
    box.wait_on_pad(waiting)
    chance = random.Random(2)
    with contextlib.closing(_fifo(box.world / device)) as fifo:
        for _ in range(40):
            fifo.write(chance.randbytes(chance.randint(1, 2000)))
            fifo.flush()
    box.until(lambda: box.do("status")[device]["unread"] == 0, "posd has read it all")
    assert box.result("posd.status")["state"] == "ready"
    assert box.state(waiting)["signature"]["state"] == "awaiting"
    assert [e["type"] for e in box.events() if e["type"].startswith("reprint")] == []


def _fifo(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY), "wb", buffering=0)


@pytest.mark.parametrize("model", ["tm-80", "clone-80", "basic-58"])
def test_a_line_full_of_noise_from_the_printer_confirms_nothing(make_box: MakeBox, model: str) -> None:
    box = make_box({**QUICK, "printer": {"answer_within": "1s", "width": 58 if "58" in model else 80}}, model=model)
    box.do("unplug", "printer")
    box.wait_device("printer", "absent")
    chance = random.Random(3)
    noise = Noise(box.world / "printer", chance)
    try:
        box.until(lambda: noise.heard > 0, "posd talks to it")
        sold = box.sell()
        box.until(lambda: noise.said > 10_000, "it has said a lot")
        states = [c["state"] for c in box.state(sold)["copies"]]
        assert "printed" not in states, states
    finally:
        noise.close()
    box.do("plug", "printer")
    box.wait_device("printer", "ready")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert len([p for p in box.paper() if p.sale == after and not p.marked]) == 2


class Noise:
    """A device on a pty that answers whatever it hears with random bytes."""

    def __init__(self, link: Path, chance: random.Random) -> None:
        self.heard = self.said = 0
        self._chance = chance
        self._over = threading.Event()
        self._master, slave = os.openpty()
        self._link = link
        link.symlink_to(os.ttyname(slave))
        self._slave = slave
        self._thread = threading.Thread(target=self._babble, daemon=True)
        self._thread.start()

    def _babble(self) -> None:
        while not self._over.is_set():
            if select.select([self._master], [], [], 0.05)[0]:
                self.heard += len(os.read(self._master, 4096))
                self.said += os.write(self._master, self._chance.randbytes(2048))

    def close(self) -> None:
        self._over.set()
        self._thread.join(DEADLINE_S)
        self._link.unlink()
        os.close(self._slave)
        os.close(self._master)


def test_a_device_that_does_not_exist_is_absent_and_the_box_sells(make_box: MakeBox) -> None:
    box = make_box(
        {
            "printer": {"device": "{folder}/no-such-printer"},
            "pad": {"device": "{folder}/no-such-pad"},
            "keypad": {"device": "{folder}/no-such-keypad"},
        },
        start=False,
    )
    box.start_world()
    box.start_posd(devices=())
    for name in ("printer", "pad", "keypad"):
        assert "no-such-" in box.wait_device(name, "absent", "unplugged")["detail"]
    sold = box.sell(sale(box.new_id()))
    kinds = sorted((x["kind"], x["cause"]) for x in box.open_exceptions(sold))
    assert kinds == [("unprinted", "device"), ("unprinted", "device"), ("unsigned", "device")]


def test_a_device_that_is_none_is_said_to_be_none(make_box: MakeBox) -> None:
    box = make_box({"printer": {"device": "/dev/null"}, "pad": {"device": "/dev/null"}}, start=False)
    box.start_world()
    box.start_posd(devices=("keypad",))
    for name in ("printer", "pad"):
        detail = box.wait_device(name, "faulted")["detail"]
        assert "/dev/null" in detail, detail
    sold = box.sell(sale(box.new_id()))
    box.until(lambda: len(box.open_exceptions(sold)) == 3, "all is listed")


CONFIG_FAULTS = [
    ({"printer": {"devise": "/dev/usb/lp0"}}, "printer.devise", "device"),
    ({"prnter": {"device": "/dev/usb/lp0"}}, "[prnter]", "printer"),
    ({"slip": {"stale_after": "10 minutes"}}, "slip.stale_after", "10 minutes"),
    ({"journal": {"size": "1GB"}}, "journal.size", "1GB"),
    ({"policy": {"busy_hours": ["lunch"]}}, "policy.busy_hours", "HH:MM"),
    ({"printer": {"baudrate": 12345}}, "printer.baudrate", "12345"),
    ({"terminal": {"locale": "zh"}}, "terminal.locale", "zh_CN"),
    ({"api": {"roles": {"no-such-group-here": "till"}}}, "no-such-group-here", "groupadd"),
    ({"keypad": {"keys": {"KEY_F99": "cancel"}}}, "KEY_F99", "KEY_F9"),
    ({"pad": {"driver": "evdev", "device": ""}}, "pad.device", "none"),
]


@pytest.mark.parametrize(("wrong", "place", "hint"), CONFIG_FAULTS, ids=[c[1] for c in CONFIG_FAULTS])
def test_a_fault_in_the_configuration_ends_the_start_with_code_2_and_names_it(
    make_box: MakeBox, wrong: dict[str, Any], place: str, hint: str
) -> None:
    box = make_box(wrong, start=False)
    box.folder.mkdir()
    assert box.launch().wait(DEADLINE_S) == 2
    said = box.log.read_text()
    assert place in said, said
    assert hint in said, said
    assert "Traceback" not in said
    assert not box.socket.exists()


def test_a_client_in_the_middle_of_a_line_when_posd_stops(make_box: MakeBox) -> None:
    box = make_box()
    rpc = Rpc(box.socket)
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as half:
        half.connect(str(box.socket))
        half.sendall(b'{"jsonrpc": "2.0", "id": 1, "meth')
        assert box.stop() == 0
    rpc.close()
