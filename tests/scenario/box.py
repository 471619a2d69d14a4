"""A terminal box on a desk: hwsim and posd as processes in one folder, and the means to act on them and to look at what came out.

`Box` is used by the scenario tests and by `make demo`. Waiting is always for a state, with a generous deadline; nothing sleeps to synchronise.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0
POLL_S = 0.01
ROOT = Path(__file__).resolve().parents[2]

CONFIG = """
[terminal]
id = "10000042"
merchant = "老茶馆 Old Teahouse\\n上海市黄浦区 1 号"
locale = "{locale}"

[journal]
path = "{folder}/journal"
size = "1MiB"

[api]
socket = "{folder}/posd.sock"

[printer]
device = "{world}/printer"
width = {width}
answer_within = "{answer_within}"

[pad]
driver = "evdev"
device = "{world}/pad"
timeout = "{sign_within}"

[keypad]
device = "{world}/keypad"
"""


class Rpc:
    """A till's view of posd: a plain socket and JSON, none of posd's own client code."""

    def __init__(self, path: Path, timeout_s: float = DEADLINE_S) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._id = 0
        self.events: list[dict[str, Any]] = []

    def raw(self, line: bytes) -> dict[str, Any]:
        """Send bytes as they are and give the next answer that is no event."""
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
            line = self._lines.readline()
            if not line:
                raise ConnectionError("posd closed the connection")
            message: dict[str, Any] = json.loads(line)
            if message.get("method") != "event":
                return message
            self.events.append(message["params"])

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Box:
    """One box in `folder`. `start()` brings up both processes; `close()` ends them whatever happened."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.world = folder / "world"
        self.socket = folder / "posd.sock"
        self.log = folder / "posd.log"
        self._settings = {"locale": "zh_CN", "width": 80, "answer_within": "3s", "sign_within": "60s", **settings}
        self._model = str(self._settings.pop("model", "tm-80"))
        self._speed = str(self._settings.pop("speed", "fast"))
        self._extra = str(self._settings.pop("extra", ""))
        self._hwsim: subprocess.Popen[bytes] | None = None
        self.posd: subprocess.Popen[bytes] | None = None
        self._seen = 0

    def start(self) -> Box:
        self.start_world()
        self.start_posd()
        return self

    def start_world(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        width, speed = str(self._settings["width"]), self._speed
        words = [
            sys.executable,
            "-m",
            "hwsim",
            "run",
            str(self.world),
            "--width",
            width,
            "--model",
            self._model,
            "--speed",
            speed,
        ]
        self._hwsim = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=(self.folder / "hwsim.log").open("ab")
        )
        assert self._hwsim.stdout is not None
        line = self._hwsim.stdout.readline()
        assert line.strip() == b"ready", f"hwsim said {line!r}; see {self.folder / 'hwsim.log'}"

    def config(self) -> Path:
        path = self.folder / "posd.toml"
        text = CONFIG.format(folder=self.folder, world=self.world, **self._settings)
        path.write_text(text + self._extra, encoding="utf-8")
        return path

    def start_posd(self, *, devices: bool = True) -> None:
        """Start the daemon and wait until it answers, and its devices with it."""
        self.posd = subprocess.Popen(
            [sys.executable, "-m", "posd", "--config", str(self.config())],
            cwd=ROOT,
            stderr=self.log.open("ab"),
            env={**os.environ, "TZ": "Asia/Shanghai"},
        )
        self.until(self._answers, "posd answers on its socket")
        if devices:
            self.until(
                lambda: self.device("printer")["state"] == "ready" and self.device("pad")["state"] == "ready",
                "printer and pad are ready",
            )

    def _answers(self) -> bool:
        assert self.posd is not None
        if self.posd.poll() is not None:
            raise AssertionError(f"posd ended with {self.posd.returncode}:\n{self.log.read_text()[-3000:]}")
        try:
            rpc = Rpc(self.socket, 10)
        except OSError:
            return False
        with contextlib.closing(rpc):
            return "result" in rpc.call("posd.hello")

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

    def slips(self) -> list[Path]:
        """All cut slips so far, oldest first, as their .txt files."""
        return sorted((self.world / "paper").glob("*.txt"))

    def texts(self) -> list[str]:
        return [slip.read_text(encoding="utf-8") for slip in self.slips()]

    def wait_slips(self, count: int) -> list[Path]:
        """Wait until `count` slips in all lie on the counter."""
        self.until(lambda: len(self.slips()) >= count, f"{count} slips are out", lambda: [s.name for s in self.slips()])
        return self.slips()

    def new_slips(self) -> list[Path]:
        """Slips since the last call."""
        slips = self.slips()
        fresh, self._seen = slips[self._seen :], len(slips)
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
