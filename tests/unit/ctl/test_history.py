"""The history in plain words: of every event that belongs to a transaction, in both languages, one line each."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from posd.ctl import history
from posd.domain import codec, views
from posd.domain import events as ev
from posd.domain.doer import POSD, Doer
from tests.unit.domain.samples import every_event

OWN = [event for event in every_event() if codec.transaction_of(event)]
OWN += [ev.DeviceChanged(time=1, doer=POSD, device="printer", state="faulted", reasons=("paper-end", "cover-open"))]
OWN += [ev.ClockSuspect(time=1, doer=POSD, newest=1, skew=-5_400_000), ev.ClockTrusted(time=1, doer=POSD)]


def told(event: ev.AnyEvent) -> tuple[str, str]:
    """The lines about one event, in English and Chinese."""
    record = views.EvidenceRecord(7, codec.tag_of(event), "2026-11-21T04:00:00.000Z", 1, "00")
    page = views.EvidencePage("t1", True, [record], [], [views.Span(1, 9)])
    texts = history.told(page, {7: json.loads(codec.encode(event)[3])})
    for text in texts.values():
        assert len(re.findall(r"(?m)^ *[0-9]+  ", text)) == 1
    return texts["en"].splitlines()[2], texts["zh"].splitlines()[2]


@pytest.mark.parametrize("event", OWN, ids=codec.tag_of)
def test_every_event_of_a_transaction_has_its_words(event: ev.AnyEvent) -> None:
    assert codec.tag_of(event) in history.WORDS
    english, chinese = told(event)
    assert english.startswith("       7  2026-11-21T04:00:00.000Z  ")
    for line in (english, chinese):
        assert not re.search(r"[{}]|None", line), line
    assert re.search("[\u4e00-\u9fff]", chinese)


def test_every_type_of_event_has_its_words_and_no_other() -> None:
    assert history.WORDS.keys() == codec.TYPES.keys()


@pytest.mark.parametrize(
    ("event", "english", "chinese"),
    [
        (
            ev.CopyFailed(time=1, doer=POSD, id="t1", copy="merchant", number=0, job="j", cause="paper-end"),
            "the merchant original did not print: paper-end  [posd]",
            "商户联原件未打印：缺纸  [posd]",
        ),
        (
            ev.CopyPrinted(time=1, doer=POSD, id="t1", copy="customer", number=2, job="j", proof="confirmed"),
            "customer copy 2 came out (confirmed)  [posd]",
            "顾客联第 2 份重打印已打印（打印机已确认）  [posd]",
        ),
        (
            ev.ExceptionClosed(time=1, doer=POSD, id="x1", transaction="t1", reason="signed, version 2"),
            "x1 was closed: signed, version 2  [posd]",
            "x1 关闭：已签名，第 2 版  [posd]",
        ),
        (
            ev.ExceptionOpened(
                time=1,
                doer=POSD,
                id="x1",
                transaction="t1",
                kind="unprinted",
                cause="device",
                detail="printer: paper-end",
                copy="merchant",
                number=0,
            ),
            "exception x1 was opened: unprinted of the merchant original, printer: paper-end  [posd]",
            "异常 x1：未打印（商户联原件），打印机：缺纸  [posd]",
        ),
        (OWN[-2], "the clock of the box was doubted: 1.5 hours behind  [posd]", "终端时钟可疑：慢 1.5 小时  [posd]"),
    ],
)
def test_as_it_was_looked_at(event: ev.AnyEvent, english: str, chinese: str) -> None:
    assert tuple(line[36:] for line in told(event)) == (english, chinese)


@pytest.mark.parametrize(
    ("doer", "english", "chinese"),
    [
        (Doer(kind="peer", uid=7, roles=("till", "cashier")), "user 7 (till, cashier)", "用户 7（收银机、收银员）"),
        (Doer(kind="peer", uid=7, roles=("till", "cashier", "supervisor", "auditor")), "user 7", "用户 7"),
        (Doer(kind="key", key="KEY_F1", operator="07"), "key KEY_F1, operator 07", "按键 KEY_F1，操作员 07"),
        (Doer(kind="pad"), "at the pad", "签名板"),
    ],
)  # fmt: skip
def test_who_did_it(doer: Any, english: str, chinese: str) -> None:
    event = ev.ClockTrusted(time=1, doer=doer)
    assert [line.split("  ")[-1] for line in told(event)] == [f"[{english}]", f"[{chinese}]"]


def test_what_people_wrote_begins_no_line_and_hides_nothing() -> None:
    note = "called\n       8  2026-11-21T04:00:00.000Z  the customer has the slip\u202e"
    event = msgspec.structs.replace(next(e for e in OWN if isinstance(e, ev.ExceptionNoted)), note=note)
    english, chinese = told(event)
    assert "called\ufffd" in english
    assert "the customer has the slip\ufffd" in chinese
