"""posd: the daemon of a POS terminal box; it owns the receipt printer, the signature pad and the keypad."""

__version__ = "0.1.0"
BUILT_MS = 1_795_046_400_000
"""19 November 2026 UTC: a wall clock that stands before this build cannot be right."""
