"""`posctl pin`: a line for the keypad's file, from a PIN that nobody sees and no process list shows."""

from __future__ import annotations

import os
import pty
import sys

import pytest

from posd.ctl.codes import DONE, USAGE
from posd.ctl.run import run
from posd.domain.pins import parse, right


def until_asked(terminal: int) -> bytes:
    """What stands there up to the next question; what is typed before it is thrown away."""
    seen = b""
    while not seen.endswith((b": ", "：".encode())):
        seen += os.read(terminal, 1000)
    return seen


def at_a_terminal(lang: str, *answers: str, operator: str = "12") -> tuple[int, str]:
    """Exit code and all that stood on the terminal of a person who typed these answers."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "posd.ctl", "--lang", lang, "pin", operator])
    seen = b""
    for answer in answers:
        seen += until_asked(terminal)
        os.write(terminal, answer.encode() + b"\n")
    try:
        while more := os.read(terminal, 1000):
            seen += more
    except OSError:  # the other end of a terminal that is closed
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode()


def test_the_line_lets_the_keypad_find_the_pin_right_and_the_pin_is_not_seen() -> None:
    code, seen = at_a_terminal("en", "940612", "940612")
    assert code == DONE
    assert "PIN of 12: " in seen
    assert "940612" not in seen
    line = seen.split()[-1]
    assert right(parse(line), "12", b"940612")
    assert line.split(":")[5] != at_a_terminal("zh", "940612", "940612")[1].split()[-1].split(":")[5], "salted"


@pytest.mark.parametrize(
    ("lang", "answers", "says"),
    [
        ("en", ("9406", "9407"), "The two are not the same. Nothing was made."),
        ("zh", ("9406", "9407"), "两次输入不一致"),
        ("en", ("1234", "1234"), "everybody tries first; take another. Nothing was made."),
        ("zh", ("12", "12"), "4 至 12 位数字"),
        ("en", ("\x04",), "No PIN was typed"),
    ],
)
def test_what_cannot_be_used_makes_nothing(lang: str, answers: tuple[str, ...], says: str) -> None:
    code, seen = at_a_terminal(lang, *answers)
    assert (code, says in seen) == (USAGE, True), seen
    assert "scrypt" not in seen


def test_a_pin_is_not_piped_in_nor_taken_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pin", "12"]) == USAGE
    assert "typed at a terminal" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(["pin", "12", "9406"])
