"""Log lines with fields, over a real socket that stands for the journal."""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.service import journald

LOG = logging.getLogger("posd.test")


class Journal:
    """The journal's end of the native protocol, written from its document."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(0)

    def entry(self) -> dict[str, str]:
        data, fds, _, _ = socket.recv_fds(self.socket, 1 << 20, 1)
        if fds:
            with os.fdopen(fds[0], "rb") as file:
                file.seek(0)
                data = file.read()
        fields = {}
        while data:
            line, _, data = data.partition(b"\n")
            name, is_text, value = line.partition(b"=")
            if not is_text:
                (length,) = struct.unpack_from("<Q", data)
                value, data = data[8 : 8 + length], data[8 + length + 1 :]
            fields[name.decode()] = value.decode()
        return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    one = Journal(tmp_path / "journal")
    yield one
    one.socket.close()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def handler(journal: Journal, stream: io.StringIO) -> Iterator[journald.JournalHandler]:
    fallback = journald.StderrHandler(stream, prefixed=True)
    one = journald.JournalHandler(str(journal.path), fallback)
    LOG.addHandler(one)
    LOG.setLevel(logging.DEBUG)
    LOG.propagate = False
    yield one
    LOG.removeHandler(one)
    LOG.propagate = True
    one.close()


@pytest.mark.usefixtures("handler")
def test_a_line_carries_what_it_is_about(journal: Journal) -> None:
    about = {"kind": "copy.unknown", "txn": "20261121-0042", "device": "printer"}
    LOG.warning("小票 %s may have printed", "0042", extra=about)
    entry = journal.entry()
    assert entry["MESSAGE"] == "小票 0042 may have printed"
    assert entry["PRIORITY"] == "4"
    assert entry["SYSLOG_IDENTIFIER"] == "posd"
    assert (entry["POSD_KIND"], entry["POSD_TXN"], entry["POSD_DEVICE"]) == tuple(about.values())
    assert entry["MESSAGE_ID"] == journald.message_id("copy.unknown")
    assert entry["CODE_FILE"] == __file__
    assert int(entry["CODE_LINE"]) > 0


@pytest.mark.usefixtures("handler")
def test_a_plain_line_carries_no_empty_fields(journal: Journal) -> None:
    LOG.info("plain")
    entry = journal.entry()
    assert not {"MESSAGE_ID", "POSD_KIND", "POSD_TXN", "POSD_DEVICE"} & set(entry)


@pytest.mark.usefixtures("handler")
def test_a_traceback_and_line_breaks_stay_inside_one_entry(journal: Journal) -> None:
    try:
        raise RuntimeError("the port\nPRIORITY=0 is gone")
    except RuntimeError:
        LOG.exception("fault\nPOSD_TXN=forged")
    entry = journal.entry()
    assert entry["MESSAGE"].startswith("fault\nPOSD_TXN=forged\nTraceback")
    assert entry["PRIORITY"] == "3"
    assert "POSD_TXN" not in entry
    with pytest.raises(BlockingIOError):
        journal.entry()


@pytest.mark.usefixtures("handler")
def test_a_line_too_long_for_a_datagram_arrives_whole(journal: Journal) -> None:
    LOG.info("x" * 2_000_000)
    assert len(journal.entry()["MESSAGE"]) == 2_000_000


def test_a_full_journal_costs_lines_but_never_waits_and_is_told(
    journal: Journal, stream: io.StringIO, handler: journald.JournalHandler, in_time: Callable[..., Any]
) -> None:
    def flood() -> None:
        while not handler._lost:
            LOG.info("flood")

    in_time(flood)
    LOG.info("lost too")
    arrived = 0
    while True:
        try:
            journal.entry()
        except BlockingIOError:
            break
        arrived += 1
    assert arrived
    LOG.info("after")
    assert journal.entry()["MESSAGE"] == "2 log lines were lost: the journal was full"
    assert journal.entry()["MESSAGE"] == "after"
    assert stream.getvalue() == ""


@pytest.mark.usefixtures("handler")
def test_a_journal_that_is_gone_leaves_stderr(journal: Journal, stream: io.StringIO) -> None:
    journal.socket.close()
    journal.path.unlink()
    LOG.warning("no paper\x1b[2J\nsecond line", extra={"device": "printer"})
    assert stream.getvalue() == "<4>warning posd.test: no paper\\x1b[2J device=printer\n<4>second line\n"


@pytest.mark.parametrize(("level", "priority"), [(50, 2), (40, 3), (30, 4), (20, 6), (10, 7), (5, 7), (35, 4)])
def test_priorities_are_those_of_syslog(level: int, priority: int) -> None:
    assert journald.priority(level) == priority


def test_message_ids_are_stable_and_differ() -> None:
    assert journald.message_id("device.changed") == "72495d6e49f450cbacb249adecce0cee"
    assert journald.message_id("device.changed") != journald.message_id("copy.unknown")


def test_the_journal_is_used_only_if_stderr_leads_to_it(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    level = root.level
    with (tmp_path / "stderr").open("w") as stream:
        there = os.fstat(stream.fileno())
        for value, expected in (
            (f"{there.st_dev}:{there.st_ino}", journald.JournalHandler),
            (f"{there.st_dev}:{there.st_ino + 1}", journald.StderrHandler),
            ("nonsense", journald.StderrHandler),
            ("", journald.StderrHandler),
        ):
            monkeypatch.setenv("JOURNAL_STREAM", value)
            handler = journald.install(stream=stream, journal=str(journal.path))
            root.removeHandler(handler)
            handler.close()
            assert type(handler) is expected
    root.setLevel(level)


def test_by_hand_lines_have_no_prefix() -> None:
    root = logging.getLogger()
    level = root.level
    stream = io.StringIO()
    handler = journald.install(stream=stream)
    try:
        LOG.info("ready")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert stream.getvalue() == "info posd.test: ready\n"
