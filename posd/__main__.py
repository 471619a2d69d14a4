"""The command `posd`, and `python -m posd`: the daemon.

asyncio loads OpenSSL's protocols wherever it finds them, which takes more than a megabyte. posd speaks to nobody over
TLS: in the process that is the daemon and nothing else, there are none to be found.
"""

import sys


def main() -> int:
    """Be the daemon; its exit code."""
    sys.modules["ssl"] = None  # type: ignore[assignment]
    from posd import daemon

    return daemon.main()


if __name__ == "__main__":
    raise SystemExit(main())
