"""What posd says, told in the person's language. Pure.

posd speaks English on the socket: one text for logs, tills and people. A message is a row of sentences, translated one
by one by the tables (sentences.py, device_sentences.py, complaints.py); if one of them is in none the whole message
stays English, for half a translation misleads. Stable words in the gaps (`paper-end`, `customer`) are translated as
everywhere (words.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from posd.ctl.complaints import COMPLAINTS
from posd.ctl.device_sentences import DEVICES
from posd.ctl.sentences import SENTENCES
from posd.ctl.tables import local
from posd.ctl.words import Say
from posd.domain import views

_TIME = re.compile(r"(?<!such as )(?<!例如 )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
"""A time in a sentence that is none of the examples."""
_GAP = re.compile(r"\\\{(\w+)\\\}")
_ZH = Say("zh")


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The most definite ones first: those with the fewest gaps, then the longest."""
    rows = sorted((SENTENCES | COMPLAINTS | DEVICES).items(), key=lambda row: (row[0].count("{"), -len(row[0])))
    made = []
    for english, chinese in rows:
        pattern = _GAP.sub(r"(?P<\1>.+?)", re.escape(english))
        if not english.endswith("}"):  # what differs at the end may have several words, and nothing behind it
            pattern += r"(?: (?P<rest_>.*))?"
        made.append((re.compile(pattern, re.DOTALL), chinese))
    return made


def chinese(text: str) -> str | None:
    """The Chinese of a message of posd; None where the table does not have all of it."""
    for pattern, words in _patterns():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        gaps = found.groupdict()
        rest = gaps.pop("rest_", None)
        behind = "" if rest is None else chinese(rest)
        if behind is not None:
            return words.format(**{name: _gap(value) for name, value in gaps.items()}) + behind
    return None


def _gap(value: str) -> str:
    """What differs: stable words in Chinese, all else as it is."""
    parts = value.split(", ")
    known = [_ZH.word(part) for part in parts]
    return "、".join(known) if all(a != b for a, b in zip(parts, known, strict=True)) else value


def told(say: Say, text: str) -> str:
    """A message of posd in the language, if it can be, with times as the box's clock shows them."""
    words = text if say.lang == "en" or not text else chinese(text) or _gap(text)
    return _TIME.sub(lambda found: local(found[0]), words)


def of_status(say: Say, status: views.Status) -> str:
    """What is the matter and what to do. In English posd says it itself."""
    if say.lang == "en":
        return status.sentence
    from posd.domain.advice_zh import REMEDIES

    faults = []
    for device in status.devices:
        if device.state != "ready":
            why = "、".join(say.word(reason) for reason in device.reasons) or say.word(device.state)
            advice = "；".join(REMEDIES[reason] for reason in device.reasons)
            faults.append(f"{say.word(device.name)}：{why}" + (f"（{advice}）" if advice else ""))
    if status.journal.state != "ok" or status.journal.advice:
        advice = told(say, status.journal.advice)
        faults.append(f"日志：{say.word(status.journal.state, 'journal')}" + (f"（{advice}）" if advice else ""))
    if status.clock != "trusted":
        faults.append("时钟：可疑（请校正；若确实正确，请主管执行 posctl confirm-clock）")
    count, late = status.exceptions.open, status.exceptions.overdue
    owed = f"{count} 项未结异常" if count else "没有未结事项"
    return "；".join([*(faults or ["所有设备就绪"]), owed + (f"，其中 {late} 项逾期" if late else "")])
