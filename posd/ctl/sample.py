"""`posctl preview --template`: a slip of a sample sale, made here. No daemon, no printer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

import msgspec

from posd import config
from posd.ctl.files import UsageError
from posd.domain import views
from posd.domain.errors import Refusal
from posd.pictures import Format, sample


def previewed(args: argparse.Namespace, format: Format) -> views.Previewed:
    """The sample slip that the command line asks for. UsageError."""
    assert format in get_args(Format)
    try:
        return views.Previewed(format, sample(_settings(args), args.copy, args.type or "sale", format))
    except (config.ConfigError, Refusal) as error:
        raise UsageError(str(error)) from error


def _settings(args: argparse.Namespace) -> config.Config:
    found = config.Config()
    if args.config is not None:
        try:
            found = config.parse(Path(args.config).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{args.config} cannot be read: {error}.") from error
    replace = msgspec.structs.replace
    terminal = replace(found.terminal, locale=args.locale) if args.locale else found.terminal
    printer = replace(found.printer, width=args.width) if args.width else found.printer
    return replace(found, terminal=terminal, printer=printer, slip=replace(found.slip, template=args.template))
