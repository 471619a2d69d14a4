"""Help stands in columns, in both scripts, and names every command once, in a group."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import pytest

from posd.ctl.arguments import parser
from posd.ctl.codes import USAGE
from posd.ctl.commands import COMMANDS
from posd.ctl.run import run
from posd.ctl.tables import width
from posd.ctl.telling import told
from posd.ctl.words import Lang, Say

COLUMNS = 80


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))


def every(made: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    below = [action for action in made._actions if isinstance(action, argparse._SubParsersAction)]
    return [made, *(inner for action in below for one in action.choices.values() for inner in every(one))]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_that_is_laid_out_runs_over_the_terminal(lang: Lang) -> None:
    for made in every(parser(Say(lang))):
        text = made.format_help().partition("\n示例" if lang == "zh" else "\nexamples")[0]
        behind_usage = text.partition("\n\n")[2]
        laid_out = [line for line in behind_usage.splitlines() if line != made.description]
        assert not [line for line in laid_out if width(line) > COLUMNS]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_stands_once_in_a_group(lang: Lang) -> None:
    text = parser(Say(lang)).format_help().partition("\n示例" if lang == "zh" else "\nexamples")[0]
    listed = Counter(line.split()[0] for line in text.splitlines() if line.startswith("    ") and line[4] != " ")
    assert listed == Counter(list(COMMANDS))


def test_chinese_help_has_no_english_heads() -> None:
    for made in every(parser(Say("zh"))):
        assert not [line for line in made.format_help().splitlines() if line.endswith(":")]


def test_a_usage_has_no_options_that_every_command_takes() -> None:
    top, *others = every(parser(Say("en")))
    assert "[--json]" in top.format_usage()
    assert all("[--json]" not in made.format_usage() for made in others)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_lines_of_a_usage_begin_below_its_first_option(lang: Lang) -> None:
    for made in every(parser(Say(lang))):
        first, *others = made.format_usage().rstrip("\n").splitlines()
        head = width(first.partition(made.prog)[0] + made.prog) + 1
        assert all(len(line) - len(line.lstrip()) == head for line in others)


def test_a_line_never_begins_with_a_closing_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    top = parser(Say("zh"))
    for columns in range(50, COLUMNS):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert not [line for line in top.format_help().splitlines() if line.strip()[:1] in set("，。；：、？！）”")]


def test_times_in_a_sentence_are_the_boxs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    text = "Copies of a-1 could be made until 2026-12-22T02:33:00Z. Nothing was printed; ask a supervisor."
    assert "2026-12-22T" not in told(Say("en"), text)
    assert "2026-12-22T" not in told(Say("zh"), text)
    example = "amount: x is not a time with an offset such as 2026-11-21T10:15:30+08:00."
    assert told(Say("en"), example) == example


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["show"], "the following arguments are required: ID", "缺少参数：ID"),
        (["settle", "last"], "one of the arguments --printed --not-printed is required", "须给出其中之一"),
        (["show", "last", "--foo", "9"], "posctl show: wrong command line: unrecognized", "不认识的参数：--foo 9"),
        (["exception"], "name what to do (posctl exception --help)", "请写明要做什么（posctl exception --help）"),
        ([], "name what to do (posctl --help)", "请写明要做什么（posctl --help）"),
        (["search", "--limit"], "expected one argument", "--limit 须带一个值"),
        (["search", "--limit", "x"], "'x' is not a whole number", "'x' 不是整数"),
        (["search", "--amount", "36,00"], "is not a decimal number such as 36.00", "--amount：'36,00' 不是金额"),
        (["exception", "close", "last"], "'last' is no exception such as x105", "'last' 不是异常编号"),
        (["search", "--last-four", "12a"], "'12a' is not four digits", "'12a' 不是四位数字"),
        (["reprint", "last", "--date", "2026-02-30"], "no day such as 2026-11-21", "'2026-02-30' 不是日期"),
        (["search", "--since", "x"], "or time such as 2026-11-21T10:15:30+08:00", "例如 2026-11-21T10:15:30+08:00"),
        (["exceptions", "--state", "x"], "choose from 'open'", "可选：'open'"),
        (["preview", "last", "--png", "--svg"], "not allowed with argument --png", "不能与 --png 同用"),
        (["stauts"], "there is no command stauts; the nearest is status", "没有命令 stauts；最接近的是 status"),
        (["shift", "?"], "there is no command ? (posctl shift --help)", "没有命令 ?（posctl shift --help）"),
    ],
)
def test_a_wrong_command_line_is_told_in_the_language(
    words: list[str], english: str, chinese: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, sentence in (("en", english), ("zh", chinese)):
        with pytest.raises(SystemExit) as ended:
            run(["--lang", lang, *words])
        assert ended.value.code == USAGE
        told = capsys.readouterr().err
        assert sentence in told
        assert ("wrong command line" in told) == (lang == "en")


def test_what_is_wrong_with_a_file_is_told_in_the_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "submit", "/nowhere/sale.json"]) == USAGE
    assert capsys.readouterr().err == ("posctl：/nowhere/sale.json 无法读取：没有这个文件或目录。没有发送任何内容。\n")
    (tmp_path / "sale.json").write_text('{"id": "1",\n,}')
    assert run(["--lang", "zh", "submit", str(tmp_path / "sale.json")]) == USAGE
    assert capsys.readouterr().err.endswith("不是 JSON：第 2 行第 1 列有误。没有发送任何内容。\n")
