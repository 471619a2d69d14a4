"""The world outside the terminal's daemon: a receipt printer, a signature pad and a keypad, with their faults.

Rules: nothing here imports the daemon, and nothing is written from its encoder: the printer is built from printers'
manuals, so that both sides can be wrong only independently. Everything that decides is pure and takes the time as an
argument (`printer/`, `pad/hand.py`, `paper/`); the files at this level do the I/O.
"""
