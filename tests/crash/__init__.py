"""Crash enumeration over the journal's real code, through its block-file port."""
