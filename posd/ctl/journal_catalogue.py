"""The command `posctl journal` and the commands below it: options, sentences and examples, in both languages."""

from __future__ import annotations

import argparse

from posd.ctl.options import Commands, command, everywhere
from posd.ctl.words import Say


def add(commands: Commands, say: Say) -> None:
    """`journal` with all that it can do."""
    made = command(
        commands,
        say,
        "journal",
        (
            "Show how the journal stands; verify, copy, restore or salvage a journal file.",
            "显示日志状态；校验、备份、恢复或挽救日志文件。",
        ),
        "journal",
        "journal info --json",
        "journal backup -o monday",
        "journal verify /var/lib/posd/journal",
    )
    everywhere(made, say, top=False)
    below = made.add_subparsers(
        dest="what",
        metavar="WHAT",
        title=say("what to do", "操作"),
        help=say("info where none is named", "未指定时为 info"),
    )
    _info(below, say)
    _verify(below, say)
    _dump(below, say)
    _backup(below, say)
    _restore(below, say)
    _salvage(below, say)


def _command(below: Commands, say: Say, name: str, help: tuple[str, str], *examples: str) -> argparse.ArgumentParser:
    return command(below, say, name, help, *(f"journal {example}" for example in examples))


def _file(made: argparse.ArgumentParser, say: Say) -> None:
    made.add_argument("file", metavar="FILE", help=say("the journal's file", "日志文件"))


def _archive(made: argparse.ArgumentParser, say: Say) -> None:
    shown = say(
        "the archive's directory; without it the one called archive beside it", "归档目录；缺省为旁边的 archive"
    )
    made.add_argument("--archive", metavar="DIR", help=shown)


def _output(made: argparse.ArgumentParser, say: Say, *, needed: bool = True) -> None:
    shown = say("the new file; nothing may be there yet", "新文件；该处不得已有文件")
    made.add_argument("-o", "--output", metavar="FILE", required=needed, help=shown)


def _info(below: Commands, say: Say) -> None:
    made = _command(
        below, say, "info", ("Show how posd's journal stands.", "显示 posd 日志的状态。"), "info", "info --json"
    )
    everywhere(made, say, top=False)


def _verify(below: Commands, say: Say) -> None:
    made = _command(
        below,
        say,
        "verify",
        (
            "Check a journal and the archive beside it from end to end, read-only; posd may be running on it.",
            "从头到尾只读校验日志及其旁边的归档；posd 可同时运行。",
        ),
        "verify /var/lib/posd/journal",
        "verify monday --anchor anchors.txt",
        "verify monday --key seal.key --json",
        "verify /var/lib/posd/journal --slip '1F2E 3D4C 5B6A 7988'",
    )
    made.epilog = f"{made.epilog}\n\n" + say(
        """\
exit codes:
  0  sound
  1  damaged: records that were acknowledged cannot be read
  2  altered: somebody wrote to it (also: the command line is wrong)
  3  shorter than the anchor, than its archive, or without the slip's transaction
  5  it could not be verified""",
        """\
退出码：
  0  完好
  1  损坏：已确认的记录无法读出
  2  被改动：有人写过该文件（命令行有误时也是 2）
  3  短于锚点或其归档，或缺少该小票的交易
  5  无法校验""",
    )
    made.add_argument(
        "file",
        metavar="FILE",
        help=say("the journal's file, a backup, or an archive's directory", "日志文件、备份或归档目录"),
    )
    _archive(made, say)
    made.add_argument(
        "--slip",
        metavar="DIGEST",
        help=say("the digest on a slip, or what its QR code says", "小票上的摘要，或其二维码的内容"),
    )
    made.add_argument(
        "--anchor",
        metavar="HEX@SEQ",
        help=say("the anchor of an earlier export, or a file that holds it", "先前导出的锚点，或含有锚点的文件"),
    )
    made.add_argument(
        "--key", metavar="FILE", help=say("the key of the seals: checks them too", "封印密钥文件：同时校验封印")
    )
    everywhere(made, say, top=False)


def _dump(below: Commands, say: Say) -> None:
    made = _command(
        below,
        say,
        "dump",
        (
            "Write every record as a line of JSON, behind a first line with the anchor.",
            "逐行以 JSON 输出全部记录，首行含锚点。",
        ),
        "dump /var/lib/posd/journal > records.ndjson",
        "dump monday -o records.ndjson",
    )
    _file(made, say)
    _output(made, say, needed=False)
    everywhere(made, say, top=False)


def _backup(below: Commands, say: Say) -> None:
    made = _command(
        below,
        say,
        "backup",
        (
            "Copy posd's journal and archive while it runs; the backup is verified before it gets its name.",
            "在 posd 运行时备份日志与归档；备份经过校验后才得到其名称。",
        ),
        "backup -o monday",
        "backup -o tuesday --since monday   # "
        + say("what does not change any more is taken over", "沿用不再变化的部分"),
        "backup --file /var/lib/posd/journal -o monday   # " + say("posd is stopped", "posd 已停止"),
    )
    made.add_argument(
        "--file",
        metavar="FILE",
        help=say(
            "copy this file and its archive instead, which no posd has open",
            "改为备份此文件及其归档（没有 posd 在使用）",
        ),
    )
    _archive(made, say)
    made.add_argument(
        "--since", metavar="DIR", help=say("an earlier backup, which stays as it is", "先前的备份；它保持不变")
    )
    shown = say("the new directory; nothing may be there yet", "新目录；该处不得已有内容")
    made.add_argument("-o", "--output", metavar="DIR", required=True, help=shown)
    everywhere(made, say, top=False)


def _restore(below: Commands, say: Say) -> None:
    made = _command(
        below,
        say,
        "restore",
        (
            "Put a backup where journal and archive are to be; posd then starts from them.",
            "把备份恢复为日志与归档；之后 posd 由它们启动。",
        ),
        "restore monday -o /var/lib/posd/journal",
    )
    made.add_argument("file", metavar="BACKUP", help=say("the backup", "备份"))
    made.add_argument(
        "--archive",
        metavar="DIR",
        help=say(
            "where the archive is to be; without it: archive beside the journal", "归档目录；缺省为日志旁的 archive"
        ),
    )
    _output(made, say)
    everywhere(made, say, top=False)


def _salvage(below: Commands, say: Say) -> None:
    made = _command(
        below,
        say,
        "salvage",
        (
            "Save what a broken journal still holds in a new one, and say what is lost.",
            "把损坏日志中尚存的内容存入新日志，并说明丢失了什么。",
        ),
        "salvage /var/lib/posd/journal -o saved.journal",
    )
    _file(made, say)
    _output(made, say)
    everywhere(made, say, top=False)
