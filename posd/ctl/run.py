"""One run of posctl: parse, do, and tell what went wrong in whole sentences on standard error."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from posd import client
from posd.ctl import arguments, tables
from posd.ctl.codes import DONE, FAULT, INTERRUPTED, NOT_FOUND, REFUSED, UNREACHABLE, USAGE
from posd.ctl.commands import COMMANDS
from posd.ctl.context import Context, as_json
from posd.ctl.files import UsageError
from posd.ctl.shown import Shown
from posd.ctl.telling import told
from posd.ctl.words import Say, language

_CODES: dict[str, int] = {
    "unreachable": UNREACHABLE,
    "no-answer": UNREACHABLE,
    "disconnected": UNREACHABLE,
    "not-found": NOT_FOUND,
    "device-absent": FAULT,
    "device-fault": FAULT,
    "journal-full": FAULT,
    "journal-damaged": FAULT,
    "journal-failed": FAULT,
    "internal": FAULT,
    "protocol": FAULT,
}


def run(argv: Sequence[str] | None = None) -> int:
    """The exit code of one command. argparse itself exits with 2 on a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    args = _parsed(words, Say(language(_asked(words))))
    say = Say(language(args.lang))
    context = Context(args, say, Shown(say, tables.wants_colour(sys.stdout)), sys.stdout)
    try:
        code = COMMANDS[args.command](context)
        sys.stdout.flush()
    except client.PosdError as error:
        _tell_refusal(context, error)
        return _CODES.get(error.kind, REFUSED)
    except UsageError as error:
        print(say("posctl: ", "posctl：") + tables.clean(told(say, str(error))), file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read the output wants no more of it: `posctl events | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code


def _parsed(words: Sequence[str], say: Say) -> argparse.Namespace:
    """The command line. What a command does not know is told with the usage of that command, not of posctl."""
    parser = arguments.parser(say)
    args, unknown = parser.parse_known_args(words)
    if unknown:
        arguments.below(parser, args).error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def _asked(words: Sequence[str]) -> str | None:
    """The language that the command line asks for, before it is parsed: the help is in it too."""
    for place, word in enumerate(words):
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang" and place + 1 < len(words):
            return words[place + 1]
    return None


def _tell_refusal(context: Context, error: client.PosdError) -> None:
    say = context.say
    if context.args.json:
        fields = {
            "kind": error.kind,
            "message": error.message,
            "field": error.field,
            "until": error.until,
            "request": error.request,
            "code": error.code,
        }
        print(as_json({"error": fields}), file=sys.stderr)
        return
    failed = error.code is None and error.kind in _CODES
    head = say("failed", "失败") if failed else say("refused", "被拒绝")
    sentence = tables.clean(told(say, error.message))
    print(
        say(f"posctl: {head} ({error.kind}): {sentence}", f"posctl：{head}（{error.kind}）：{sentence}"),
        file=sys.stderr,
    )
    if error.field:
        print(
            say(f"        field: {tables.clean(error.field)}", f"        字段：{tables.clean(error.field)}"),
            file=sys.stderr,
        )
    if error.until:
        print(
            say(f"        until: {tables.local(error.until)}", f"        时限：{tables.local(error.until)}"),
            file=sys.stderr,
        )
    if error.request:
        print(say(f"        request: {error.request}", f"        请求：{error.request}"), file=sys.stderr)
