"""Asks posd, after its last clean start, for all that the checker looks at; reads the logs and the paper."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.kill.evidence import Evidence, Line, Slip, read_log
from tests.scenario.box import ROOT, Box, Rpc

VERIFY_S = 300.0


def gather(box: Box, logs: list[Path], presses: int) -> Evidence:
    """The evidence. posd runs when this begins, and has stopped cleanly when it ends."""
    lines = {path.stem: read_log(path) for path in logs}
    with box.till() as rpc:
        listed = list(_listed(rpc))
        kept = dict(_kept(rpc, lines, listed))
    told = box.events(start=1)
    slips = [read_slip(paper.text, kept) for paper in box.paper()]
    assert box.stop() == 0, "posd did not stop cleanly"
    return Evidence(lines, kept, listed, told, slips, _verify(box.folder / "journal"), presses)


def _listed(rpc: Rpc) -> Iterator[dict[str, Any]]:
    after: dict[str, int] = {}
    while True:
        page = rpc.result("transaction.search", limit=200, **after)
        yield from page["transactions"]
        if page["next"] is None:
            return
        after = {"after": page["next"]}


def _kept(rpc: Rpc, logs: dict[str, list[Line]], listed: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each sale that was ever sent or is listed, as posd has it now."""
    sent = [
        line["params"]["transaction"]["id"]
        for lines in logs.values()
        for line in lines
        if line.get("sent") == "transaction.submit"
    ]
    for sale in dict.fromkeys([*sent, *(one["id"] for one in listed)]):
        answer = rpc.call("transaction.get", id=sale)
        if "result" in answer:
            yield sale, answer["result"]
        else:
            assert answer["error"]["data"]["kind"] == "not-found", answer


def read_slip(text: str, kept: dict[str, dict[str, Any]]) -> Slip:
    """A piece of paper as a person reads it: on a scrap, the receipt number may be all that names the sale."""
    sale = re.search(r"TRANSACTION +(\S+)$", text, re.MULTILINE)
    receipt = re.search(r"RECEIPT\n +(\d{6})$", text, re.MULTILINE)
    by_receipt = [name for name, found in kept.items() if receipt and found["receipt"] == receipt[1]]
    copy = next((name for name in ("merchant", "customer") if f"{name.upper()} COPY" in text), None)
    words = " ".join(text.split())
    duplicate = re.search(r"\*\*\* (?:重打印 )?DUPLICATE (\d+) \*\*\*", words)
    return Slip(
        sale=sale[1] if sale else next(iter(by_receipt), None),
        copy=copy,
        duplicate=int(duplicate[1]) if duplicate else 0,
        possible="POSSIBLE DUPLICATE ***" in words,
        whole=re.search(r"DIGEST +[0-9A-F]{4}", text) is not None and "~~~ torn ~~~" not in text,
    )


def _verify(journal: Path) -> int:
    """The exit code of the journal's own verification."""
    command = [sys.executable, "-m", "posd.ctl", "journal", "verify", str(journal)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=VERIFY_S, check=False)
    return done.returncode
