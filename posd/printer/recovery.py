"""Which faults a printer gets over by itself, and what is done about those that it does not.

    @A  paper end, cover open, head hot, offline   it goes on by itself when a person, or time, has helped: nothing
    @B  the cutter, all of a slip sent             `resume` (DLE ENQ 1): it prints on from the line of the error, and
                                                   the fence behind that line is answered
    @C  the cutter, a part of a slip sent          nothing: a command is still open, and a real-time command inside
                                                   its data is not safe on every printer. The deadline stands still
    @D  the cutter, no slip in hand                `recover` (DLE ENQ 2): what it still has is of a slip that is
                                                   unknown already; cleared, it cannot come out hours later
    @E  the cutter and another fault               the other one first: with the cover open no blade should move
    @F  unrecoverable                              nothing but the power switch helps, and nothing is sent
    @G  a language without these commands (Star)   nothing: there the cover, or the power switch, ends the error
    @H  the cause of a fault is gone and the
        printer waits to be told (DLE EOT 1 bit
        5, ASB byte 2 bit 0)                       as B, C and D, at once: the paper is in, nobody need press a button

The printer does not say when a jam is cleared. So the command is tried when the cover was closed again, which is how
a person gets at the blade, and else each `AGAIN_S`, at most `TRIES_MAX` times in a row: a blade that is still stuck
tries to move and reports the error again.

Source: Citizen iDP-3221 and CBM1000, Epson TM-L60II and HPRT TP80K manuals, DLE ENQ: effective only after a cutter (or
another recoverable) error; others are ignored.
"""

from __future__ import annotations

from posd.printer.link import Link

AGAIN_S = 15.0
TRIES_MAX = 8


class Recovery:
    """Watches for a printer that needs to be told to go on. `look` is called again and again, wherever a command may
    begin; `in_hand`: a slip is on the printer.
    """

    def __init__(self) -> None:
        self.in_hand = False
        self._tries = 0
        self._next_s = 0.0
        self._stuck = self._cover_was_open = False

    def look(self, link: Link) -> None:
        """Send the command if it is time. PortGone."""
        status, now_s = link.status, link.clock()
        stops = status.stops if status else ()
        waits = status is not None and status.waits and stops == ("offline",)
        if "cutter" not in stops and not waits:
            self._stuck, self._tries = False, 0
            return
        if not self._stuck:
            self._stuck, self._cover_was_open = True, False
            self._next_s = now_s if waits else now_s + AGAIN_S
        if not waits and stops != ("cutter",):
            self._cover_was_open |= "cover-open" in stops
            return
        command = link.language.resume if self.in_hand else link.language.recover
        if command and self._tries < TRIES_MAX and (self._cover_was_open or now_s >= self._next_s):
            self._cover_was_open, self._next_s = False, now_s + AGAIN_S
            self._tries += 1
            link.real_time(command)
