"""`--wait`: stay until what was asked for has ended, by the events that say so."""

from __future__ import annotations

import time
from collections.abc import Iterator

from posd import client
from posd.ctl.codes import DONE, FAULT, REFUSED
from posd.ctl.words import Say

_ENDS: dict[str, int] = {
    "copy.printed": DONE,
    "copy.unknown": FAULT,
    "reprint.cancelled": REFUSED,
    "reprint declined": REFUSED,
    "reprint cancelled": REFUSED,
    "reprint expired": REFUSED,
    "signature.captured": DONE,
    "signature.missing": REFUSED,
    "selftest printed": DONE,
    "selftest failed": FAULT,
    "selftest unknown": FAULT,
}
"""End of a wait (`_end_of`) -> exit code. A copy that failed is no end: it goes again by itself."""


def _end_of(event: client.Event) -> str:
    """The type of an event; of a self-test's and of a decided request's, what it tells."""
    if event.type == "reprint.decided":
        return f"reprint {event.fields['outcome']}"
    return f"selftest {event.fields['state']}" if event.type == "selftest.changed" else event.type


def end(events: Iterator[client.Event], name: str, number: str, seconds: float) -> client.Event | None:
    """The event that ends what was asked for: its field `name` is `number`. A request that waits for a supervisor is
    followed on to its copy. None when `seconds` went by without.
    """
    deadline = time.monotonic() + seconds
    for event in events:
        if event.type == "reprint.decided" and event.fields.get("request") == number and _end_of(event) in _ENDS:
            return event
        if event.type == "reprint.requested" and event.fields.get("request") == number:
            number = event.fields["job"]  # a supervisor approved it: now it is a copy
        if _end_of(event) in _ENDS and event.fields.get(name) == number:
            return event
        if time.monotonic() > deadline:
            break
    return None


def code_of(event: client.Event | None) -> int:
    """The exit code of an end; what has not ended yet waits for a device."""
    return FAULT if event is None else _ENDS[_end_of(event)]


def sentence(event: client.Event | None, say: Say) -> str:
    """What came of it, for a person."""
    if event is None:
        return say(
            "It has not ended yet; it goes on by itself. posctl status says what it waits for.",
            "尚未结束，会自动继续。用 posctl status 查看在等待什么。",
        )
    cause = say.word(str(event.fields.get("cause") or ""), "cause")
    return {
        "copy.printed": say("It came out of the printer.", "已打印出来。"),
        "copy.unknown": say(
            f"Whether it came out is unknown ({cause}). Look at the printer, then say so with posctl settle.",
            f"是否打印出来不确定（{cause}）。请查看打印机，然后用 posctl settle 说明。",
        ),
        "reprint.cancelled": say("It was cancelled before it printed.", "打印前已撤销。"),
        "reprint cancelled": say("It was cancelled before it printed.", "打印前已撤销。"),
        "reprint declined": say("A supervisor declined it. Nothing was printed.", "主管已拒绝。没有打印任何内容。"),
        "reprint expired": say(
            "No supervisor came in time. Nothing was printed.", "主管未及时授权。没有打印任何内容。"
        ),
        "selftest printed": say("The self-test came out of the printer.", "自检已打印出来。"),
        "selftest failed": say(
            f"The self-test did not come out ({cause}). Mend that and ask again.",
            f"自检没有打印出来（{cause}）。请排除故障后重试。",
        ),
        "selftest unknown": say(
            f"Whether the self-test came out is unknown ({cause}). Look at the printer.",
            f"自检是否打印出来不确定（{cause}）。请查看打印机。",
        ),
        "signature.captured": say("The signature was given.", "已签名。"),
        "signature.missing": say(f"No signature was given ({cause}).", f"没有签名（{cause}）。"),
    }[_end_of(event)]
