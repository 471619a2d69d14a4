"""Exit codes of posctl, as `posctl --help` explains them."""

from __future__ import annotations

DONE, REFUSED, USAGE, UNREACHABLE, NOT_FOUND, FAULT = range(6)
DAMAGED, ALTERED, SHORTER = 1, 2, 3
"""Of `posctl journal verify`."""
INTERRUPTED = 130
