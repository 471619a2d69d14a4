"""A terminal box on a desk: hwsim and posd as processes in one folder, and the means to act on them and to look at
what came out.

`Box` is used by the scenario tests and by `make demo`. Waiting is always for a state, with a generous deadline; nothing
sleeps to synchronise.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0
POLL_S = 0.01
ROOT = Path(__file__).resolve().parents[2]

DEFAULTS: dict[str, dict[str, Any]] = {
    "terminal": {"id": "10000042", "merchant": "老茶馆 Old Teahouse\n上海市黄浦区 1 号", "locale": "zh_CN"},
    "journal": {"path": "{folder}/journal", "size": "1MiB"},
    "api": {"socket": "{folder}/posd.sock"},
    "printer": {"device": "{world}/printer", "width": 80, "answer_within": "3s"},
    "pad": {"driver": "evdev", "device": "{world}/pad", "timeout": "60s"},
    "keypad": {"device": "{world}/keypad"},
}
"""The configuration of a box; `Box(folder, {"slip": {...}})` adds to it. `{folder}` and `{world}` are the box's own
paths.
"""


def as_toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Sections of plain values as TOML: JSON's texts, numbers and lists are TOML's too."""
    lines: list[str] = []
    for name, body in sections.items():
        lines.append(f"[{name}]")
        for key, value in body.items():
            lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Rpc:
    """A till's view of posd: a plain socket and JSON, none of posd's own client code."""

    def __init__(self, path: Path, timeout_s: float = DEADLINE_S) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._id = 0
        self.events: list[dict[str, Any]] = []
        self.live: list[dict[str, Any]] = []
        """What was drawn on the pad while this client watched."""
        self.keypad: list[dict[str, Any]] = []
        """Where the keypad stood meanwhile."""

    def raw(self, line: bytes) -> dict[str, Any]:
        """Send bytes as they are, if there are any, and give the next answer that is no event."""
        if line:
            self._socket.sendall(line)
        return self._answer()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, `result` or `error`."""
        self._id += 1
        request = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        return self.raw(json.dumps(request, ensure_ascii=False).encode() + b"\n")

    def result(self, method: str, **params: Any) -> Any:
        """The result; an error is a failed test."""
        answer = self.call(method, **params)
        assert "result" in answer, answer
        return answer["result"]

    def error(self, method: str, **params: Any) -> dict[str, Any]:
        """The error; a result is a failed test."""
        answer = self.call(method, **params)
        assert "error" in answer, answer
        error: dict[str, Any] = answer["error"]
        return error

    def _answer(self) -> dict[str, Any]:
        while True:
            message = self._message()
            if "method" not in message:
                return message
            self._take(message)

    def _message(self) -> dict[str, Any]:
        """The next line. ConnectionError when posd is gone, in the middle of a line too."""
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("posd closed the connection")
        message: dict[str, Any] = json.loads(line)
        return message

    def _take(self, message: dict[str, Any]) -> None:
        if message["method"] in ("signature.live", "keypad.live"):
            (self.live if message["method"] == "signature.live" else self.keypad).append(message["params"])
            return
        assert message["method"] in ("event", "events.lost"), message
        lost = {"type": "lost"} if message["method"] == "events.lost" else {}
        self.events.append(message["params"] | lost)

    def events_until(
        self, last: Callable[[dict[str, Any]], bool], timeout_s: float = DEADLINE_S
    ) -> list[dict[str, Any]]:
        """Read events of a subscription until one for which `last` holds; all since the last call, with that one. What
        the journal no longer has is an event of the type `lost`.
        """
        deadline = time.monotonic() + timeout_s
        taken = 0
        while True:
            while taken < len(self.events):
                taken += 1
                if last(self.events[taken - 1]):
                    told, self.events = self.events[:taken], self.events[taken:]
                    return told
            assert time.monotonic() < deadline, f"the event never came; there were {self.events[-20:]}"
            self._take(self._message())

    def keypad_until(self, state: str, **about: Any) -> dict[str, Any]:
        """Read what this client watches until the keypad stands there, and what it is about holds; that notice."""
        while True:
            while self.keypad:
                shown = self.keypad.pop(0)
                if shown["state"] == state and about.items() <= shown.items():
                    return shown
            self._take(self._message())

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


FENCE = re.compile(rb"\x1d\(H\x06\x00\x30\x30.{4}", re.DOTALL)
"""What posd asks the printer along the way, with a number of its own each time (ESC/POS, GS ( H function 48)."""


class Paper:
    """A slip that lies on the counter, as a person and as the printer saw it. `data` is without posd's questions."""

    def __init__(self, text_path: Path) -> None:
        self.path = text_path
        self.text = text_path.read_text(encoding="utf-8")
        self.data = FENCE.sub(b"", text_path.with_suffix(".bin").read_bytes())

    def __repr__(self) -> str:
        return f"<{self.path.name} {self.copy} of {self.sale} duplicate={self.duplicate} possible={self.possible}>"

    @property
    def sale(self) -> str | None:
        """The transaction that the slip names; None on a scrap that was torn off above it."""
        match = re.search(r"TRANSACTION +(\S+)$", self.text, re.MULTILINE)
        return match[1] if match else None

    @property
    def copy(self) -> str | None:
        for name in ("merchant", "customer"):
            if f"{name.upper()} COPY" in self.text:
                return name
        return None

    @property
    def duplicate(self) -> int:
        """The number of the copy that its marks say, 0 without marks."""
        found = self._marks(r"(?:重打印 )?DUPLICATE ([0-9]+)")
        return int(found[0]) if found else 0

    @property
    def possible(self) -> bool:
        """Whether it is marked as a possible duplicate."""
        return bool(self._marks("(?:可能重复 )?POSSIBLE DUPLICATE"))

    def _marks(self, words: str) -> list[str]:
        """The marks of a kind; a whole slip has them at the top and at the bottom, or it is an error."""
        found = re.findall(rf"\*\*\* {words} \*\*\*", " ".join(self.text.split()))
        assert len(found) in ((0, 1, 2) if self.torn else (0, 2)), self.text
        assert len(set(found)) <= 1, self.text
        return found

    @property
    def torn(self) -> bool:
        return "~~~ torn ~~~" in self.text

    @property
    def marked(self) -> bool:
        return self.possible or self.duplicate > 0

    @property
    def signed(self) -> bool:
        return "[image" in self.text

    @property
    def digest(self) -> str:
        """The sixteen hex digits of the digest that stand on it."""
        match = re.search(r"DIGEST +((?:[0-9A-F]{4} ?){4})$", self.text, re.MULTILINE)
        assert match, self.text
        return match[1].replace(" ", "").lower()

    def body(self, sha256: str) -> bytes:
        """The run of its bytes that has this digest: the slip's body, found without knowing how it is coded."""
        for start in range(40):
            digest = hashlib.sha256()
            for end in range(start, len(self.data)):
                digest.update(self.data[end : end + 1])
                if digest.hexdigest() == sha256:
                    return self.data[start : end + 1]
        raise AssertionError(f"no part of {self.path.name} has the digest {sha256}")


class Box:
    """One box in `folder`. `start()` brings up both processes; `close()` ends them whatever happened."""

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        model: str = "tm-80",
        speed: str = "fast",
    ) -> None:
        self.folder = folder
        self.world = folder / "world"
        self.socket = folder / "posd.sock"
        self.log = folder / "posd.log"
        self.settings = {name: dict(body) for name, body in DEFAULTS.items()}
        for name, body in (config or {}).items():
            self.settings[name] = self.settings.get(name, {}) | dict(body)
        self._model, self._speed = model, speed
        self._hwsim: subprocess.Popen[bytes] | None = None
        self.posd: subprocess.Popen[bytes] | None = None
        self._seen = 0
        self._sold_s: dict[str, float] = {}
        self.sold = 0
        """Ids given out so far."""

    def start(self) -> Box:
        self.start_world()
        self.start_posd()
        return self

    def start_world(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        width = str(self.settings["printer"]["width"])
        words = [sys.executable, "-m", "hwsim", "run", str(self.world)]
        words += ["--width", width, "--model", self._model, "--speed", self._speed]
        self._hwsim = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=(self.folder / "hwsim.log").open("ab")
        )
        assert self._hwsim.stdout is not None
        line = self._hwsim.stdout.readline()
        assert line.strip() == b"ready", f"hwsim said {line!r}; see {self.folder / 'hwsim.log'}"

    def config(self) -> Path:
        path = self.folder / "posd.toml"
        text = as_toml(self.settings)
        path.write_text(
            text.replace("{folder}", str(self.folder)).replace("{world}", str(self.world)), encoding="utf-8"
        )
        return path

    def launch(self, *words: str, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[bytes]:
        """The daemon's process, not waited for. `words` go before the interpreter's, as a wrapper would."""
        with self.log.open("ab") as log:
            self.posd = subprocess.Popen(
                [*words, sys.executable, "-m", "posd", "--config", str(self.config())],
                cwd=ROOT,
                stderr=log,
                env={**os.environ, "TZ": "Asia/Shanghai", **(env or {})},
                **how,
            )
        return self.posd

    def start_posd(
        self, *, devices: Sequence[str] = ("printer", "pad", "keypad"), env: Mapping[str, str] | None = None
    ) -> None:
        """Start the daemon and wait until it answers, and these devices with it."""
        self.launch(env=env)
        self.wait_answer()
        for name in devices:
            self.wait_device(name, "ready")

    def wait_answer(self) -> None:
        """Wait until the daemon that was launched answers."""
        self.until(self._answers, "posd answers on its socket")

    def wait_device(self, name: str, state: str, reason: str | None = None) -> dict[str, Any]:
        """Wait until a device is in `state`, with `reason` among its reasons, and give it."""

        def there() -> bool:
            device = self.device(name)
            return device["state"] == state and (reason is None or reason in device["reasons"])

        self.until(there, f"{name} is {state} {reason or ''}", lambda: self.device(name))
        return self.device(name)

    def _answers(self) -> bool:
        assert self.posd is not None
        if self.posd.poll() is not None:
            raise AssertionError(f"posd ended with {self.posd.returncode}:\n{self.log.read_text()[-3000:]}")
        try:
            with self.till() as rpc:
                return "result" in rpc.call("posd.hello")
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, as a power cut for the process."""
        assert self.posd is not None
        self.posd.send_signal(signal.SIGKILL)
        self.posd.wait(DEADLINE_S)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.posd is not None
        self.posd.terminate()
        return self.posd.wait(DEADLINE_S)

    def close(self) -> None:
        for process in (self.posd, self._hwsim):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait(DEADLINE_S)
        if self._hwsim is not None and self._hwsim.stdout is not None:
            self._hwsim.stdout.close()

    def tell(self) -> None:
        """Print the end of both logs: pytest shows it with a failed test."""
        for log in (self.log, self.folder / "hwsim.log"):
            text = log.read_text(errors="replace") if log.exists() else ""
            print(f"--- {log.name}\n{text[-4000:]}")

    def do(self, word: str, *args: str) -> dict[str, Any]:
        """One word to the world, over its control socket."""
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as control:
            control.settimeout(DEADLINE_S)
            control.connect(str(self.world / "control"))
            control.sendall(json.dumps({"do": word, "args": list(args)}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(control.makefile("rb").readline())
        assert answer.get("ok"), answer
        return answer

    def received(self) -> int:
        """Bytes that the printer has received so far."""
        count: int = self.do("status")["printer"]["received"]
        return count

    @contextlib.contextmanager
    def till(self) -> Iterator[Rpc]:
        """A connection that is closed afterwards."""
        rpc = Rpc(self.socket)
        try:
            yield rpc
        finally:
            rpc.close()

    def result(self, method: str, **params: Any) -> Any:
        with self.till() as rpc:
            return rpc.result(method, **params)

    def error(self, method: str, **params: Any) -> dict[str, Any]:
        with self.till() as rpc:
            return rpc.error(method, **params)

    def device(self, name: str) -> dict[str, Any]:
        devices: list[dict[str, Any]] = self.result("device.list")["devices"]
        return next(d for d in devices if d["name"] == name)

    def state(self, sale: str) -> dict[str, Any]:
        state: dict[str, Any] = self.result("transaction.get", id=sale)["state"]
        return state

    def copy(self, sale: str, name: str, number: int = 0) -> dict[str, Any] | None:
        return next((c for c in self.state(sale)["copies"] if (c["copy"], c["number"]) == (name, number)), None)

    def wait_copy(self, sale: str, name: str, state: str, number: int = 0) -> dict[str, Any]:
        """Wait until a copy is in `state`, and give it."""

        def there() -> bool:
            copy = self.copy(sale, name, number)
            return copy is not None and copy["state"] == state

        self.until(there, f"{name} copy {number} of {sale} is {state}", lambda: self.state(sale))
        copy = self.copy(sale, name, number)
        assert copy is not None
        return copy

    def wait_signature(self, sale: str, state: str) -> dict[str, Any]:
        self.until(
            lambda: self.state(sale)["signature"]["state"] == state,
            f"signature of {sale} is {state}",
            lambda: self.state(sale),
        )
        signature: dict[str, Any] = self.state(sale)["signature"]
        return signature

    def open_exceptions(self, sale: str | None = None) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.result("exception.list")["exceptions"]
        return [x for x in items if sale in (None, x["transaction"])]

    def sell(self, transaction: dict[str, Any] | None = None, **changes: Any) -> str:
        """Submit a cash sale with a new id, or the one that is given; its id."""
        transaction = transaction or cash(self.new_id(), **changes)
        answer = self.result("transaction.submit", transaction=transaction)
        assert answer["id"] == transaction["id"]
        self._sold_s[transaction["id"]] = time.time()
        return str(answer["id"])

    def new_id(self) -> str:
        """An id that no sale of this box has had."""
        self.sold += 1
        return f"20261121-{self.sold:04}"

    def sign(self, sale: str, name: str) -> None:
        """The pad asks for this sale's signature, and a customer gives it."""
        self.wait_on_pad(sale)
        self.do("sign", name, "--fast")

    def age_s(self, sale: str) -> float:
        """Seconds since the till had the answer for this sale."""
        return time.time() - self._sold_s[sale]

    def wait_on_pad(self, sale: str) -> None:
        """Wait until the session on the pad is this sale's: it is the last that was begun, and it is not over."""
        self.until(
            lambda: (
                self.state(sale)["signature"]["state"] == "awaiting"
                and (begun := [e for e in self.events() if e["type"] == "signature.requested"]) != []
                and begun[-1]["id"] == sale
            ),
            f"the pad asks for the signature of {sale}",
            lambda: self.state(sale),
        )

    def events(self, *types: str, start: int = 0) -> list[dict[str, Any]]:
        """What the journal holds, read through the socket: all durable events, or those of `types`."""
        with self.till() as rpc:
            newest = rpc.result("posd.hello")["seq"]
            rpc.result("events.subscribe", **{"from": start})
            told = rpc.events_until(lambda e: e.get("seq", 0) >= newest) if newest > 0 else []
        return [e for e in told if not types or e["type"] in types]

    def slips(self) -> list[Path]:
        """All cut slips so far, oldest first, as their .txt files."""
        return sorted((self.world / "paper").glob("*.txt"))

    def texts(self) -> list[str]:
        return [slip.read_text(encoding="utf-8") for slip in self.slips()]

    def wait_slips(self, count: int) -> list[Path]:
        """Wait until `count` slips in all lie on the counter."""
        self.until(lambda: len(self.slips()) >= count, f"{count} slips are out", lambda: [s.name for s in self.slips()])
        return self.slips()

    def paper(self) -> list[Paper]:
        """Every slip on the counter, once the printer has done all that it was given."""

        def still() -> bool:
            world = self.do("status")
            printer = world["printer"]
            return not (printer["buffered"] or printer["waiting_lines"] or world["slips_being_written"])

        self.until(still, "the printer is still", lambda: self.do("status"))
        return [Paper(slip) for slip in self.slips()]

    def fresh(self) -> list[Paper]:
        """The slips since the last call of this, once the printer is still."""
        papers = self.paper()
        fresh, self._seen = papers[self._seen :], len(papers)
        return fresh

    def until(self, condition: Callable[[], bool], what: str, show: Callable[[], Any] = lambda: "") -> None:
        """Wait for a state, at most `DEADLINE_S`; the failure says what was waited for and what was there instead."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > deadline:
                tail = self.log.read_text()[-3000:] if self.log.exists() else ""
                raise AssertionError(f"waited {DEADLINE_S:.0f} s for: {what}; there is {show()}\n{tail}")
            time.sleep(POLL_S)


def sale(sale_id: str, **changes: Any) -> dict[str, Any]:
    """A Chinese-English sale of 36.00 by chip card, which needs a signature. `changes` replace fields."""
    card = {"masked": "621700******1234", "scheme": "UnionPay", "issuer": "招商银行"}
    payment = {
        "method": "card",
        "amount": "36.00",
        "entry": "chip",
        "card": card,
        "reference": "123456789012",
        "authorisation": "A1B2C3",
        "batch": "000012",
        "voucher": "000345",
        "settlement_date": "1121",
    }
    base: dict[str, Any] = {
        "id": sale_id,
        "type": "sale",
        "time": "2026-11-21T10:15:30+08:00",
        "currency": "CNY",
        "operator": "07",
        "items": [{"name": "乌龙茶 Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"}],
        "total": "36.00",
        "payments": [payment],
    }
    return base | changes


def cash(sale_id: str, **changes: Any) -> dict[str, Any]:
    """The same sale paid in cash: no signature is needed."""
    return sale(sale_id, payments=[{"method": "cash", "amount": "36.00"}]) | changes
