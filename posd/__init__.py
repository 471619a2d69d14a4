"""posd: the daemon of a POS terminal box; it owns the receipt printer, the signature pad and the keypad."""

__version__ = "0.1.0"
