"""The command line of `posd`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

_DESCRIPTION = """\
The daemon of a POS terminal box: it owns the receipt printer, the signature pad and the keypad, keeps every
transaction in a durable journal before it acknowledges it, and knows whether each slip really printed."""
_EPILOG = """\
exit codes: 0 it was asked to stop; 1 the journal failed or cannot be used;
            2 the configuration or the socket cannot be used.
Under systemd: systemctl status posd. Talk to it with posctl."""


def options(argv: Sequence[str] | None, version: str) -> argparse.Namespace:
    """`config` and `check`. Help, version and a wrong command line end the process, as argparse does."""
    parser = argparse.ArgumentParser(
        prog="posd", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--config", default="/etc/posd/posd.toml", metavar="FILE", help="the configuration (default: %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="check the configuration, say what is wrong, and end")
    parser.add_argument("--version", action="version", version=f"posd {version}")
    return parser.parse_args(argv)
