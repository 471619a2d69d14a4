"""One till: `python -m tests.kill.till SOCKET LOG NAME SEED [listen]`, until SIGTERM.

It sells, sends the same again, sends other content under an id that is taken, asks for copies, settles what is unknown,
has missing signatures taken, looks and searches, all by chance. When the line breaks it mostly sends the same again, as
a till must, and sometimes never finds out. One that listens subscribes to the events, each time behind the last one
that it was told.

Its log has one JSON object a line, written before a request leaves and after its answer came, at the time `at`
(nanoseconds of the monotonic clock, which all processes of a machine share):
  {"n", "at", "sent": method, "params"}      then one of
  {"n", "at", "result"} | {"n", "at", "error"} | {"n", "at", "cut": why}
  {"told": event}                            an event, in the order in which they came
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.scenario.box import Rpc

PAUSE_S = 0.1
"""Between two requests of a till, on average."""
RETRY_S = 0.02
GIVES_UP = 0.15
"""How often a till whose line broke does not send the same again."""
CARDS = 0.08
"""How often a sale needs a signature."""
_SHANGHAI = timezone(timedelta(hours=8))


class Log:
    """The till's own record: a line is in the kernel before the till goes on."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **fields: Any) -> None:
        os.write(self._file, json.dumps(fields, ensure_ascii=False).encode() + b"\n")


class Line:
    """The connection to posd, made again whenever it broke; everything that passes is in the log."""

    def __init__(self, path: Path, log: Log, over: threading.Event, *, listens: bool) -> None:
        self._path, self._log, self._over, self._listens = path, log, over, listens
        self._rpc: Rpc | None = None
        self._sent = 0
        self._next_event = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any] | None:
        """The whole answer; None when the line broke first, or when the day is over."""
        rpc = self._connected()
        return None if rpc is None else self._exchange(rpc, method, params)

    def _exchange(self, rpc: Rpc, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        self._sent += 1
        number = self._sent
        self._log.write(n=number, at=time.monotonic_ns(), sent=method, params=params)
        answer: dict[str, Any] | None = None
        try:
            answer = rpc.call(method, **params)
            kind = "result" if "result" in answer else "error"
            self._log.write(n=number, at=time.monotonic_ns(), **{kind: answer[kind]})
        except ConnectionError as error:
            self._log.write(n=number, at=time.monotonic_ns(), cut=str(error))
            rpc.close()
            self._rpc = None
        for event in rpc.events:
            self._log.write(told=event)
            self._next_event = event.get("seq", event.get("through", 0)) + 1
        rpc.events.clear()
        return answer

    def _connected(self) -> Rpc | None:
        while self._rpc is None and not self._over.is_set():
            with contextlib.suppress(ConnectionError, FileNotFoundError):
                self._rpc = rpc = Rpc(self._path)
                if self._listens:
                    self._exchange(rpc, "events.subscribe", {"from": self._next_event or 1})
            if self._rpc is None:
                self._over.wait(RETRY_S)
        return self._rpc


class Till:
    """What a till does all day."""

    def __init__(self, line: Line, name: str, chance: random.Random, over: threading.Event) -> None:
        self._line, self._name, self._chance, self._over = line, name, chance, over
        self._sales: list[dict[str, Any]] = []
        self._copies: list[dict[str, Any]] = []
        self._signatures = 0
        self._open: str | None = None

    def work(self) -> None:
        """Until the day is over."""
        acts: dict[Callable[[], None], int] = {
            self._sell: 40,
            self._send_again: 12,
            self._send_other: 6,
            self._copy: 12,
            self._copy_again: 6,
            self._mend: 10,
            self._look: 10,
            self._search: 6,
        }
        while not self._over.is_set():
            (act,) = self._chance.choices([*acts], [*acts.values()])
            act()
            self._over.wait(self._chance.expovariate(1 / PAUSE_S))

    def _until_known(self, method: str, **params: Any) -> None:
        """Ask, and ask the same again while the line breaks; or give up and never know."""
        while self._line.ask(method, **params) is None and not self._over.is_set():
            if self._chance.random() < GIVES_UP:
                return

    def _sell(self) -> None:
        """The next customer comes when the slips of the last one are out."""
        if self._open is not None:
            self._look()
            return
        sale = self._new_sale()
        self._sales.append(sale)
        self._open = sale["id"]
        self._until_known("transaction.submit", transaction=sale)

    def _new_sale(self) -> dict[str, Any]:
        cents = self._chance.randint(1, 999_999)
        amount = f"{cents // 100}.{cents % 100:02}"
        payment: dict[str, Any] = {"method": "cash", "amount": amount}
        if self._chance.random() < CARDS:
            card = {"masked": f"621700******{self._chance.randint(0, 9999):04}", "scheme": "UnionPay"}
            payment = {"method": "card", "amount": amount, "entry": "chip", "card": card}
        return {
            "id": f"{self._name}-{len(self._sales) + 1:05}",
            "type": "sale",
            "time": datetime.now(_SHANGHAI).isoformat(timespec="seconds"),
            "currency": "CNY",
            "operator": self._name,
            "items": [{"name": "乌龙茶 Oolong", "quantity": "1", "price": amount, "amount": amount}],
            "total": amount,
            "payments": [payment],
        }

    def _some_sale(self) -> dict[str, Any] | None:
        """Mostly a late one, sometimes one of long ago."""
        if not self._sales:
            return None
        late = self._sales[-5:]
        return self._chance.choice(late if self._chance.random() < 0.7 else self._sales)

    def _send_again(self) -> None:
        if sale := self._some_sale():
            self._until_known("transaction.submit", transaction=sale)

    def _send_other(self) -> None:
        """Another sale under an id that is taken, or may be."""
        if sale := self._some_sale():
            other = self._new_sale() | {"id": sale["id"], "time": sale["time"]}
            self._until_known("transaction.submit", transaction=other)

    def _copy(self) -> None:
        if sale := self._some_sale():
            key = f"{self._name}-k{len(self._copies) + 1}"
            copy = self._chance.choice(["merchant", "customer"])
            self._copies.append({"id": sale["id"], "copy": copy, "key": key, "reason": "lost"})
            self._until_known("receipt.reprint", **self._copies[-1])

    def _copy_again(self) -> None:
        """The same request again, or another one under its key."""
        if self._copies:
            asked = self._chance.choice(self._copies[-5:])
            if self._chance.random() < 0.3:
                asked = asked | {"reason": "torn"}
            self._until_known("receipt.reprint", **asked)

    def _mend(self) -> None:
        """One of the till's own exceptions: say whether an unknown copy came out, have a missing signature taken."""
        page = self._line.ask("exception.list", limit=1000)
        items = page["result"]["exceptions"] if page is not None and "result" in page else []
        if mine := [x for x in items if x["transaction"].startswith(f"{self._name}-")]:
            item = self._chance.choice(mine)
            if item["kind"] == "unsigned":
                self._signatures += 1
                key = f"{self._name}-s{self._signatures}"
                self._until_known("signature.resign", id=item["transaction"], key=key)
            elif item["kind"] == "unknown":
                self._settle(item["transaction"])

    def _settle(self, sale: str) -> None:
        found = self._line.ask("transaction.get", id=sale)
        copies = found["result"]["state"]["copies"] if found is not None and "result" in found else []
        if unknown := [copy for copy in copies if copy["state"] == "unknown"]:
            copy = self._chance.choice(unknown)
            what = {"id": sale, "copy": copy["copy"], "number": copy["number"]}
            self._until_known("receipt.settle", **what, printed=self._chance.random() < 0.5)

    def _look(self) -> None:
        """At the customer who waits, or at some sale."""
        sale = self._open or (self._some_sale() or {}).get("id")
        answer = self._line.ask("transaction.get", id=sale) if sale else None
        if answer is None or sale != self._open:
            return
        copies = answer["result"]["state"]["copies"] if "result" in answer else []
        if all(c["state"] in ("printed", "unknown") for c in copies):
            self._open = None

    def _search(self) -> None:
        sale = self._some_sale()
        conditions = {"amount": sale["total"]} if sale and self._chance.random() < 0.7 else {"limit": 20}
        self._line.ask("transaction.search", **conditions)


def main() -> None:
    socket, log, name, seed, *rest = sys.argv[1:]
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    line = Line(Path(socket), Log(Path(log)), over, listens="listen" in rest)
    Till(line, name, random.Random(int(seed)), over).work()


if __name__ == "__main__":
    main()
