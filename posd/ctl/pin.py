"""The command that makes a supervisor's line for the keypad's file of PINs. Needs no daemon."""

from __future__ import annotations

import os
import termios
from getpass import getpass

from posd.ctl.codes import DONE
from posd.ctl.context import Context, as_json
from posd.ctl.files import UsageError
from posd.ctl.options import Commands, command, everywhere
from posd.ctl.words import Say
from posd.domain import pins


def add(commands: Commands, say: Say) -> None:
    """`posctl pin OPERATOR`."""
    made = command(
        commands,
        say,
        "pin",
        (
            "Ask for a supervisor's PIN, unseen, and print the line for the file that keypad.supervisors names.",
            "隐藏输入主管密码，并打印可写入 keypad.supervisors 所指文件的一行。",
        ),
        "pin 12 | tee -a /etc/posd/supervisors",
    )
    made.add_argument(
        "operator",
        metavar="OPERATOR",
        help=say("the supervisor's number, as typed on the keypad", "主管编号，在键盘上输入"),
    )
    everywhere(made, say, top=False)


def pin(context: Context) -> int:
    """The line on standard output. UsageError where there is no terminal, or the PIN cannot be used."""
    say, operator = context.say, context.args.operator
    if not os.isatty(0):
        raise UsageError(say("A PIN is typed at a terminal, not piped in.", "密码须在终端输入，不能经管道传入。"))
    try:
        typed = getpass(say(f"PIN of {operator}: ", f"{operator} 的密码："))
        again = getpass(say("Once more: ", "再输一次："))
    except (EOFError, termios.error) as error:
        raise UsageError(say("No PIN was typed. Nothing was made.", "未输入密码，未生成任何内容。")) from error
    if typed != again:
        raise UsageError(say("The two are not the same. Nothing was made.", "两次输入不一致，未生成任何内容。"))
    try:
        line = pins.line(operator, typed, os.urandom(pins.SALT_BYTES))
    except pins.BadPin as bad:
        raise UsageError(_told(say, bad)) from bad
    context.tell(as_json({"line": line}) if context.args.json else line)
    return DONE


_CHINESE = {
    pins.NO_NUMBER: f"操作员编号须为 1 至 {pins.OPERATOR_DIGITS} 位数字，因为要在键盘上输入",
    pins.NO_PIN: f"密码须为 {pins.PIN_DIGITS_MIN} 至 {pins.PIN_DIGITS_MAX} 位数字",
    pins.TOO_PLAIN: "该密码过于常见，请另选一个",
}


def _told(say: Say, bad: pins.BadPin) -> str:
    return say(f"{bad}. Nothing was made.", f"{_CHINESE[str(bad)]}。未生成任何内容。")
