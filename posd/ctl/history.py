"""What happened, in plain words, one line an event, in both languages: to a transaction for its bundle of evidence, and
to the box for `posctl events`. Pure.

A line has the record's number, its time and what happened, in brackets who did it. What people wrote stands in it as
they wrote it, but for characters that nobody could see or that would begin a line of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from posd.ctl.tables import clean
from posd.ctl.telling import chinese
from posd.ctl.words import Say
from posd.domain import views
from posd.domain.doer import Role

WORDS: dict[str, tuple[str, str]] = {
    "transaction.accepted": ("the transaction was kept, receipt {receipt}", "交易已记录，小票号 {receipt}"),
    "copy.started": ("{slip} was sent to the printer, job {job}", "{slip}送打印机，作业 {job}"),
    "copy.printed": ("{slip} came out ({proof})", "{slip}已打印（{proof}）"),
    "copy.failed": ("{slip} did not print: {cause}", "{slip}未打印：{cause}"),
    "copy.unknown": ("{slip} may have printed: {cause}", "{slip}打印结果不确定：{cause}"),
    "copy.settled": ("a person said whether {slip} had come out: {printed}", "人工确认{slip}是否打印：{printed}"),
    "reprint.requested": ("{slip} was asked for: {reason}", "请求打印{slip}：{reason}"),
    "reprint.asked": (
        "a {copy} copy was asked for and waits for a supervisor as {request}: {reason}",
        "请求重打印{copy}，待主管批准，申请号 {request}：{reason}",
    ),
    "reprint.decided": ("the request {request} was {outcome}", "申请 {request}：{outcome}"),
    "reprint.refused": ("a {copy} copy was refused: {kind}. {message}", "拒绝重打印{copy}：{kind}。{message}"),
    "reprint.cancelled": ("{slip} was withdrawn", "撤回{slip}"),
    "signature.requested": ("the pad asked for signature {version}", "签名板请求第 {version} 版签名"),
    "signature.captured": ("signature {version} was given", "第 {version} 版签名已采集"),
    "signature.missing": ("no signature was given: {cause}, {detail}", "未签名：{cause}，{detail}"),
    "signature.attested": ("it was signed by hand by {signed_by}", "由 {signed_by} 手写签名"),
    "signature.voided": ("signature {version} was declared wrong: {reason}", "第 {version} 版签名作废：{reason}"),
    "signature.uploaded": ("handing signature {version} over: {state}", "上送第 {version} 版签名：{state}"),
    "exception.opened": ("exception {id} was opened: {kind}{of}, {detail}", "异常 {id}：{kind}{of}，{detail}"),
    "exception.noted": ("note on {id}: {channel} {outcome} {note}", "{id} 备注：{channel} {outcome} {note}"),
    "exception.assigned": ("{id} was assigned to {role}", "{id} 指派给{role}"),
    "exception.escalated": ("{id} was handed up to {role}: {reason}", "{id} 上报{role}：{reason}"),
    "exception.overdue": ("{id} is past its deadline", "{id} 已逾期"),
    "exception.waived": ("{id} was waived: {reason}", "{id} 免除：{reason}"),
    "exception.closed": ("{id} was closed: {reason}", "{id} 关闭：{reason}"),
    "device.changed": ("{device}: {state} {reasons}", "{device}：{state} {reasons}"),
    "clock.suspect": ("the clock of the box was doubted: {off}", "终端时钟可疑：{off}"),
    "clock.trusted": ("the clock of the box was believed again", "终端时钟恢复可信"),
    # of no transaction
    "requests.refused": ("{count} more copies were refused", "另有 {count} 次重打印被拒绝"),
    "exceptions.swept": (
        "{seen} transactions were compared with the list: {opened} opened, {closed} closed",
        "{seen} 笔交易与异常清单核对：新增 {opened} 项，关闭 {closed} 项",
    ),
    "shift.opened": ("operator {operator} began a shift", "操作员 {operator} 开班"),
    "shift.closed": ("the shift of operator {operator} was closed, handover {id}", "操作员 {operator} 交班，交接 {id}"),
    "shift.carried": ("the shift of operator {operator} was carried forward", "操作员 {operator} 的班次续存"),
    "pin.tried": ("a PIN of supervisor {operator} was typed for {request}", "为 {request} 输入主管 {operator} 的密码"),
    "pin.checked": ("the PIN of supervisor {operator} was right: {right}", "主管 {operator} 的密码正确：{right}"),
    "pin.carried": ("wrong PINs of supervisor {operator} were carried forward", "主管 {operator} 的输错次数续存"),
    "device.counted": (
        "{unit} has done {slips} slips, {lines} lines, {cuts} cuts",
        "{unit} 累计小票 {slips} 张、{lines} 行、切纸 {cuts} 次",
    ),
    "selftest.changed": ("a slip of the box itself, job {job}: {state}", "本机小票 {job}：{state}"),
    "export.acknowledged": ("everything up to {through} was handed over", "已交出至 {through}"),
}
"""Type of event -> what happened; the gaps are its fields."""

_SENTENCES = ("detail", "reason", "message")
_STABLE = ("channel", "cause", "copy", "device", "kind", "outcome", "proof", "reasons", "role", "state")
"""Fields of which posd has the words in Chinese; all else stands as it was kept."""


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


def told(page: views.EvidencePage, events: Mapping[int, dict[str, Any]]) -> dict[str, str]:
    """`{"en": text, "zh": text}`; without content only what happened when."""
    return {"en": _told(page, events, Say("en")), "zh": _told(page, events, Say("zh"))}


def _told(page: views.EvidencePage, events: Mapping[int, dict[str, Any]], say: Say) -> str:
    name = clean(page.id)
    lines = [say(f"What happened to {name} (times are UTC)", f"{name} 的经过（时间为 UTC）"), ""]
    for record in page.records:
        event = events.get(record.seq)
        what = record.type if event is None else line(event, say)
        lines.append(f"{record.seq:>8}  {record.time}  {what}")
    looked = ", ".join(f"{span.first}-{span.last}" for span in page.looked)
    lines += [
        "",
        say(
            f"States of devices and clock were looked for in the records {looked}: how they stood before each record "
            "of the transaction, and what changed within ten minutes of one.",
            f"设备和时钟状态取自记录 {looked}：每条交易记录之前的状态，以及前后十分钟内的变化。",
        ),
    ]
    return "\n".join(lines) + "\n"


def line(event: Mapping[str, Any], say: Say) -> str:
    """What happened by one event (its `type`, `doer` and fields), and who did it."""
    words = WORDS.get(event["type"], (event["type"], event["type"]))
    fields = _Fields({name: _word(name, value, say) for name, value in event.items()})
    if event.get("copy"):
        fields["slip"] = _slip(say.word(event["copy"]), event.get("number") or 0, say)
        fields["of"] = say(f" of {fields['slip']}", f"（{fields['slip']}）")
    if "counts" in event:
        fields["count"] = sum(event["counts"].values())
    if "skew" in event:
        fields["off"] = _off(event["skew"], say)
    return f"{clean(say(*words).format_map(fields)).rstrip()}  [{clean(_doer(event['doer'], say))}]"


def why(reason: str, note: str, say: Say) -> str:
    """Why a copy was asked for: posd's own reasons in the language, a person's as they stand."""
    words = reason if say.lang == "en" else chinese(reason) or reason
    return words + (say(f": {note}", f"：{note}") if note else "")


def _slip(copy: str, number: int, say: Say) -> str:
    if number:
        return say(f"{copy} copy {number}", f"{copy}第 {number} 份重打印")
    return say(f"the {copy} original", f"{copy}原件")


def _off(skew_ms: int, say: Say) -> str:
    hours = f"{abs(skew_ms) / 3_600_000:.1f}"
    ahead = say("ahead", "快") if skew_ms > 0 else say("behind", "慢")
    return say(f"{hours} hours {ahead}", f"{ahead} {hours} 小时")


def _word(name: str, value: object, say: Say) -> object:
    if isinstance(value, bool):
        return say("yes", "是") if value else say("no", "否")
    if isinstance(value, list):
        return " ".join(str(_word(name, one, say)) for one in value)
    if say.lang == "en" or not isinstance(value, str) or not value:
        return value
    if name in _SENTENCES:
        return chinese(value) or value
    return say.word(value, "exception" if name == "kind" else name) if name in _STABLE else value


def _doer(doer: Mapping[str, Any], say: Say) -> str:
    who: str = {
        "peer": say(f"user {doer.get('uid')}", f"用户 {doer.get('uid')}"),
        "key": say(f"key {doer.get('key')}", f"按键 {doer.get('key')}"),
        "pad": say("at the pad", "签名板"),
    }.get(doer["kind"], doer["kind"])
    roles = doer.get("roles", [])
    if roles and len(roles) < len(get_args(Role)):  # with all of them nothing is told
        who += say(f" ({', '.join(roles)})", f"（{'、'.join(map(say.word, roles))}）")
    for name, words in (("supervisor", ("supervisor", "主管")), ("operator", ("operator", "操作员"))):
        if doer.get(name) is not None:
            who += say(f", {words[0]} {doer[name]}", f"，{words[1]} {doer[name]}")
    return who
