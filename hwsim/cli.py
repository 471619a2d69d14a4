"""The commands: `python -m hwsim run DIR` makes a world, `python -m hwsim do DIR WORD` lets something happen in it.

Rules: exit code 0 done, 1 the world refused or is not there, 2 the command line is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.client import WorldError, ask
from hwsim.printer.models import MODELS, Model, model_for
from hwsim.wire import KINDS
from hwsim.words import Misuse, check, word_list

if TYPE_CHECKING:
    from hwsim.station import Equipment

RUN_TEXT = """\
Makes a world in DIR and prints `ready` when all of it is there:
  DIR/printer   link to a pseudo-terminal: the receipt printer's serial line
  DIR/pad       FIFO of struct input_event: the signature pad
  DIR/pad-serial   link to a pseudo-terminal: a signature pad that sends finished pictures
  DIR/keypad    FIFO of struct input_event: the cashier's keypad
  DIR/control   Unix socket, one JSON object a line: {"do": "paper-out", "args": []}
  DIR/paper/    each slip as 0001.txt, 0001.png, 0001.json (what a judge asks) and 0001.bin
  DIR/printer.port   with --tcp: the number of the port
  DIR/printer2, DIR/paper2/, DIR/printer2.port   with --second: another printer
SIGTERM and Ctrl-C end it; the paper stays."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="python -m hwsim", description="A simulated POS terminal's surroundings.")
    commands = top.add_subparsers(dest="command", required=True, metavar="run|do")
    run = commands.add_parser("run", help="make a world", description=RUN_TEXT, formatter_class=formatter)
    run.add_argument("directory", type=Path, metavar="DIR")
    run.add_argument("--width", type=int, choices=(80, 58), help="paper in millimetres (default: the model's)")
    run.add_argument("--model", choices=tuple(MODELS), help="printer (default: tm-80, or basic-58 for --width 58)")
    run.add_argument("--speed", default=None, help="print speed in mm/s, or `fast` for none of the mechanics' delays")
    run.add_argument("--tcp", metavar="[HOST:]PORT", help="also take print data on this local port (0: a free one)")
    run.add_argument(
        "--line", choices=KINDS, default="serial", help="what the pty stands for (default: serial, RTS/CTS)"
    )
    run.add_argument("--baud", type=int, default=0, metavar="N", help="the line's speed, 10 bits a byte (0: no limit)")
    run.add_argument("--second", choices=tuple(MODELS), metavar="MODEL", help="a second printer of this model")
    run.add_argument("--show", action="store_true", help="show each slip in the terminal")
    do = commands.add_parser(
        "do", help="let something happen", description="Words:\n\n" + word_list(), formatter_class=formatter
    )
    do.add_argument("directory", type=Path, metavar="DIR")
    do.add_argument("word", metavar="WORD")
    do.add_argument("args", nargs=argparse.REMAINDER, metavar="ARG")
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    options = parser().parse_args(argv)
    return _do(options) if options.command == "do" else _run(options)


def _do(options: argparse.Namespace) -> int:
    try:
        check(options.word, options.args)
        answer = ask(options.directory, options.word, *options.args, timeout=_patience(options.word, options.args))
    except Misuse as error:
        print(f"hwsim: {error}", file=sys.stderr)
        return 2
    except WorldError as error:
        print(f"hwsim: {error}", file=sys.stderr)
        return 1
    if options.word == "status":
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    elif options.word == "wait-slip":
        print(answer["path"])
    else:
        print(" ".join([options.word, *options.args, "done", *(f"{key}={value}" for key, value in answer.items())]))
    return 0


def _patience(word: str, args: list[str]) -> float:
    """Seconds to wait for the answer: waiting for a slip may take as long as it was told."""
    if word == "printer2" and args:
        word, args = args[0], args[1:]
    try:
        return 60.0 + (float(args[1]) if word == "wait-slip" and len(args) > 1 else 0.0)
    except ValueError:
        return 60.0


def _run(options: argparse.Namespace) -> int:
    # Only `run` needs these; `do` should start quickly.
    from hwsim.run import run_world
    from hwsim.world import Setup

    try:
        first = _equipment(options, model_for(options.model, options.width), _address(options.tcp))
        second = None
        if options.second is not None:
            # Two printers cannot have one port.
            address = None if first.tcp is None else (first.tcp[0], 0)
            second = _equipment(options, model_for(options.second), address)
        setup = Setup(options.directory.resolve(), first, second)
    except ValueError as error:
        print(f"hwsim: {error}", file=sys.stderr)
        return 2
    return run_world(setup, show=options.show)


def _equipment(options: argparse.Namespace, model: Model, tcp: tuple[str, int] | None) -> Equipment:
    from hwsim.station import Equipment

    if not 0 <= options.baud <= 4_000_000:
        raise ValueError(f"--baud must be bits a second, not {options.baud}")
    return Equipment(model, _speed(options.speed, model), options.line, options.baud / 10, tcp)


def _address(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"--tcp must be a port or HOST:PORT, not {text!r}")
    return host or "127.0.0.1", int(port)


def _speed(text: str | None, model: Model) -> float | None:
    if text is None:
        return model.speed_mm_per_s
    if text == "fast":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1000:
        raise ValueError(f"--speed must be millimetres a second from 1 to 1000, or fast, not {text!r}")
    return speed
