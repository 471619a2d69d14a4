"""The command that explains a word which posd has said."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from posd.ctl.codes import DONE
from posd.ctl.completion import COMPLETED
from posd.ctl.context import Context, as_json
from posd.ctl.files import UsageError
from posd.ctl.options import Commands, command, everywhere
from posd.ctl.words import Say
from posd.domain import advice, advice_zh
from posd.domain.advice import Told


class _Found(NamedTuple):
    group: str
    word: str
    told: Told


def add(commands: Commands, say: Say) -> None:
    """`posctl explain [WORD]`."""
    made = command(
        commands,
        say,
        "explain",
        (
            "Explain a word that posd has said: what happened, what was kept, what to do. Works with posd down.",
            "解释 posd 给出的标识：发生了什么、保留了什么、该做什么。posd 未运行也可用。",
        ),
        "explain too-soon",
        "explain   # " + say("all words", "全部标识"),
    )
    shown = say("such as paper-end or unknown", "如 paper-end、缺纸")
    word = made.add_argument("word", nargs="?", metavar="WORD", help=shown)
    setattr(word, COMPLETED, tuple(dict.fromkeys(word for rows in advice.GROUPS.values() for word in rows)))
    everywhere(made, say, top=False)


def explain(context: Context) -> int:
    """One word wherever it is used, or all. UsageError for a word that posd does not say."""
    say, wanted = context.say, context.args.word
    groups = advice_zh.GROUPS if say.lang == "zh" else advice.GROUPS
    every = [_Found(group, word, told) for group, rows in groups.items() for word, told in rows.items()]
    found = [one for one in every if wanted in (None, one.word, _shown(say, one))]
    if not found:
        raise UsageError(_none(say, wanted, [*(one.word for one in every), *(_shown(say, one) for one in every)]))
    if context.args.json:
        context.tell(as_json([{"group": one.group, "word": one.word, **one.told._asdict()} for one in found]))
        return DONE
    context.tell("\n\n".join(_text(say, one) for one in found))
    return DONE


def _shown(say: Say, one: _Found) -> str:
    """The word as other commands show it."""
    return say.word(one.word, one.group)


def _none(say: Say, wanted: str, known: list[str]) -> str:
    near = " ".join(dict.fromkeys(get_close_matches(wanted, known, 3)))
    return say(
        f"posd has no word {wanted}. " + (f"Near it: {near}" if near else "posctl explain lists all."),
        f"posd 没有标识 {wanted}。" + (f"相近的有：{near}" if near else "posctl explain 列出全部。"),
    )


def _text(say: Say, one: _Found) -> str:
    group = {
        "refusal": say("posd refused", "posd 拒绝了请求"),
        "contact": say("posd was not reached", "连不上 posd"),
        "reason": say("a device needs somebody", "设备需要处理"),
        "exception": say("something is open", "有未结事项"),
        "cause": say("why a signature is missing", "缺签名的原因"),
    }[one.group]
    chinese = f" {_shown(say, one)}" * (_shown(say, one) != one.word)
    means, kept, todo = one.told
    return say(
        f"{one.word} ({group})\n  what happened: {means}\n  what was kept: {kept}\n  what to do:    {todo}",
        f"{one.word}{chinese}（{group}）\n  发生了什么：{means}\n  保留了什么：{kept}\n  该做什么：  {todo}",
    ).replace("`", "")
