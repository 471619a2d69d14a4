"""The command line: every command with its options, its sentence and its examples, in both languages.

`parser(say)` is the only description of it; `--help`, the parsing and the shells' completion are all made from what it
returns. The global options may stand before or behind the command.
"""

from __future__ import annotations

import argparse

from posd import __version__
from posd.ctl import catalogue, helping
from posd.ctl.options import everywhere, name_groups
from posd.ctl.words import Say


def parser(say: Say) -> argparse.ArgumentParser:
    """posctl's whole command line."""
    made = helping.Parser(
        say,
        prog="posctl",
        description=say(
            "Ask posd: what it keeps, what came out on paper, what is signed, what is open.",
            "询问 posd：记录了什么、打印了什么、签了什么、还有什么未结。",
        ),
        epilog=_epilog(say),
        allow_abbrev=False,
        add_help=False,
    )
    name_groups(made, say)
    made.add_argument(
        "--version",
        action="version",
        version=f"posctl {__version__}",
        help=say("show the version and end", "显示版本并退出"),
    )
    everywhere(made, say, top=True)
    commands = made.add_subparsers(dest="command", metavar="COMMAND", title=say("commands", "命令"), required=True)
    made.formatter_class = helping.look(say, catalogue.add_all(commands, say))
    return made


def below(made: argparse.ArgumentParser, args: argparse.Namespace) -> argparse.ArgumentParser:
    """The parser of the command that was given."""
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction) and (name := getattr(args, action.dest)) is not None:
            return below(action.choices[name], args)
    return made


def _epilog(say: Say) -> str:
    return say(
        """\
examples:
  posctl status                           how the box stands, and what to do
  posctl show last                        the newest transaction
  posctl reprint last --reason "torn"     the customer's copy again
  posctl search --since today --open      what is open today
  posctl devices --json                   for programs

exit codes:
  0  done
  1  posd refused: the sentence says why, what was kept and what to do
  2  the command line or a file that it names is wrong; nothing was sent
  3  posd cannot be reached, or did not answer in time
  4  no such transaction, signature or copy
  5  a device or the journal has a fault, or posd failed; --wait: not ended yet; doctor: something is bad""",
        """\
示例：
  posctl status                           本机状态，以及该做什么
  posctl show last                        最近一笔交易
  posctl reprint last --reason 撕破       重打印顾客联
  posctl search --since today --open      今天未结的交易
  posctl devices --json                   供程序读取

退出码：
  0  完成
  1  posd 拒绝：提示说明原因、保留了什么、该做什么
  2  命令行或所给文件有误；没有发送任何内容
  3  无法连接 posd，或超时未应答
  4  没有这笔交易、签名或联
  5  设备或日志故障，或 posd 出错；--wait：尚未结束；doctor：有需要修复的问题""",
    )
