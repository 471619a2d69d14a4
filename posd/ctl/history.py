"""What happened to a transaction, in plain words, one line an event, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from posd.ctl.words import Say
from posd.domain import views

WORDS: dict[str, tuple[str, str]] = {
    "transaction.accepted": ("the transaction was kept, receipt {receipt}", "交易已记录，小票号 {receipt}"),
    "copy.started": ("{copy} copy {number} was sent to the printer, {job}", "{copy} {number} 送打印机，{job}"),
    "copy.printed": ("{copy} copy {number} came out ({proof})", "{copy} {number} 已打印（{proof}）"),
    "copy.failed": ("{copy} copy {number} did not print: {cause}", "{copy} {number} 未打印：{cause}"),
    "copy.unknown": ("{copy} copy {number} may have printed: {cause}", "{copy} {number} 打印结果不确定：{cause}"),
    "copy.settled": (
        "a person said of {copy} copy {number}: printed {printed}",
        "人工确认 {copy} {number}：{printed}",
    ),
    "reprint.requested": ("{copy} copy {number} was asked for: {reason}", "请求重打印 {copy} {number}：{reason}"),
    "reprint.refused": ("a {copy} copy was refused: {kind}", "拒绝重打印 {copy}：{kind}"),
    "reprint.cancelled": ("{copy} copy {number} was withdrawn", "撤回 {copy} {number}"),
    "signature.requested": ("the pad asked for signature {version}", "签名板请求第 {version} 版签名"),
    "signature.captured": ("signature {version} was given", "第 {version} 版签名已采集"),
    "signature.missing": ("no signature was given: {cause}, {detail}", "未签名：{cause}，{detail}"),
    "signature.attested": ("it was signed by hand by {signed_by}", "由 {signed_by} 手写签名"),
    "signature.voided": ("signature {version} was declared wrong: {reason}", "第 {version} 版签名作废：{reason}"),
    "signature.uploaded": ("handing signature {version} over: {state}", "上送第 {version} 版签名：{state}"),
    "exception.opened": ("exception {id} was opened: {kind}, {detail}", "异常 {id}：{kind}，{detail}"),
    "exception.noted": ("note on {id}: {channel} {outcome} {note}", "{id} 备注：{channel} {outcome} {note}"),
    "exception.assigned": ("{id} was assigned to {role}", "{id} 指派给 {role}"),
    "exception.escalated": ("{id} was handed up: {reason}", "{id} 上报：{reason}"),
    "exception.overdue": ("{id} is past its deadline", "{id} 已逾期"),
    "exception.waived": ("{id} was waived: {reason}", "{id} 免除：{reason}"),
    "exception.closed": ("{id} was closed: {reason}", "{id} 关闭：{reason}"),
    "device.changed": ("{device} became {state} {reasons}", "{device}：{state} {reasons}"),
}
"""Type of event -> what happened; the gaps are its fields. Another type is told by its name."""


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


def told(page: views.EvidencePage, events: Mapping[int, dict[str, Any]]) -> dict[str, str]:
    """`{"en": text, "zh": text}`; without content only what happened when."""
    return {"en": _told(page, events, Say("en")), "zh": _told(page, events, Say("zh"))}


def _told(page: views.EvidencePage, events: Mapping[int, dict[str, Any]], say: Say) -> str:
    lines = [say(f"What happened to {page.id}", f"{page.id} 的经过"), ""]
    for record in page.records:
        event = events.get(record.seq)
        what = record.type if event is None else _line(event, say)
        lines.append(f"{record.seq:>8}  {record.time}  {what}")
    return "\n".join(lines) + "\n"


def _line(event: Mapping[str, Any], say: Say) -> str:
    english, chinese = WORDS.get(event["type"], (event["type"], event["type"]))
    fields = _Fields({"number": 0, **{name: _word(value, say) for name, value in event.items()}})
    return f"{say(english, chinese).format_map(fields).rstrip()}  [{_doer(event['doer'])}]"


def _word(value: object, say: Say) -> object:
    if isinstance(value, bool):
        return say("yes", "是") if value else say("no", "否")
    if isinstance(value, list):
        return " ".join(str(_word(one, say)) for one in value)
    return say.word(value) if isinstance(value, str) and value else value


def _doer(doer: Mapping[str, Any]) -> str:
    parts = [
        doer["kind"],
        *(f"{name} {doer[name]}" for name in ("uid", "key", "operator") if doer.get(name) is not None),
    ]
    return " ".join(parts)
