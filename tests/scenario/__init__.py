"""The real daemon process against the simulated world: asserted on paper, in the journal and on the socket, never on
internals.
"""
