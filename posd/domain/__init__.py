"""What a transaction, a copy, a signature, an exception and a device are and may become.

Pure: no I/O, no clock, no event loop. Everything here is a value or a function of values; every other room may import
it and it imports none.
"""
