"""posctl: what a person at the box asks posd, in sentences and tables; for programs, `--json` and exit codes.

    arguments (the command line) -> commands (ask posd through posd.client) -> shown (answers as text, pure) -> tables
    (columns, colours)

`words` has the stable words in Chinese, `doctor` looks at the box itself and works with posd down, `completion` writes
the shells' completion from the same command line that is parsed.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code (see `posctl --help`)."""
    from posd.ctl.run import run

    return run(argv)
