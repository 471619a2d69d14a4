"""An ESC/POS printer towards its host: reset, cut, drawer, status, identity, fences and real-time commands.

Rules: as in `text_commands`. A query that a model does not know is ignored without an answer, as clones do. Facts:
Epson's ESC/POS reference (GS a, GS r, GS I, GS ( H, DLE EOT, DLE ENQ, DLE DC4).
"""

from __future__ import annotations

from hwsim.printer.body import Body
from hwsim.printer.graphics_commands import GRAPHICS
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary, read_escpos
from hwsim.printer.realtime import CLEAR_SEQUENCE, DC4, ENQ, EOT, RealTime, Scanner, command_length
from hwsim.printer.status import (
    automatic_status,
    drawer_status,
    paper_status,
    real_time_status,
    status_changed,
)
from hwsim.printer.strips import Cut, Fence
from hwsim.printer.text_commands import TEXT

_PROCESS_ID, _NOTICE, _CLEARED = b"\x37\x22", b"\x37\x23", b"\x37\x25\x00"


class EscPos:
    """What one printer knows of its host since it was switched on."""

    fences = (b"\x1d(H\x06\x0000", b"\x1dr\x01", b"\x1dr1")

    def __init__(self, body: Body) -> None:
        self._body = body
        self._watched = 0
        self._reported = b""
        self._notice = 0
        self._was_noticed = False
        self._seen: tuple[bool, ...] = ()
        self._scanner = Scanner(command_length)
        body.setter.reset(kanji=body.model.kanji_at_start, country=body.model.country)
        self.interpreter = Interpreter(TEXT | GRAPHICS | self._vocabulary(), body.setter, read_escpos, body.forget)

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(
            fixed={
                b"\x1b@": (0, self._reset),
                b"\x1bm": (0, lambda it, _: self._cut(it, partial=True)),
                b"\x1bi": (0, lambda it, _: self._cut(it, partial=False)),
                b"\x1bp": (3, lambda _it, _args: self._body.kick_drawer()),
                b"\x1da": (1, self._automatic_status),
                b"\x1dr": (1, self._status),
                b"\x1dI": (1, self._identity),
            },
            special={b"\x1dV": self._cut_form, b"\x1bc": _panel},
            blocks={b"\x1d(H": self._response_request},
            ignored={
                b"\x1bB": 2,  # buzzer
                b"\x1b=": 1,  # choice of peripheral
                b"\x1dj": 1,  # ink status
                b"\x1dz": 3,  # waiting time offline
                b"\x1d(A": 0,  # test print; buzzer on some
                b"\x1b(A": 0,
                b"\x1d(D": 0,  # allows real-time commands, which always are here
                b"\x1d(E": 0,  # user settings
                b"\x1d(K": 0,  # density and print speed
                b"\x1d(M": 0,
                b"\x1d(N": 0,
                b"\x1dE": 1,  # head energising, older
            },
        )

    # in real time

    def scan(self, data: bytes) -> list[RealTime]:
        """The commands that end in these bytes."""
        return self._scanner.feed(data)

    def serve(self, command: RealTime) -> None:
        """Carry out a real-time command."""
        body, code, n = self._body, command.data[1], command.data[2]
        if code == EOT:
            if body.model.has_real_time:
                body.reply(real_time_status(body.model, body.condition, n))
        elif code == DC4 and n == 1:
            body.kick_drawer()
        elif not body.model.recovery.commands:
            return
        elif code == ENQ:
            body.recover(clear=n == 2)
        elif code == DC4 and n == 8 and command.data[3:] == CLEAR_SEQUENCE:
            body.clear()
            body.reply(_CLEARED)

    def report(self) -> None:
        """Tell the host what changed, if it asked for that."""
        model, condition = self._body.model, self._body.condition
        if condition.facts == self._seen:
            return
        self._seen = condition.facts
        if self._watched:
            status = automatic_status(model, condition)
            if status_changed(self._reported, status, self._watched):
                self._body.reply(status)
                self._reported = status
        noticed = condition.halted and not (condition.offline or condition.waiting)
        if noticed and not self._was_noticed and self._notice:
            # The manuals at hand do not say how the cause is coded; it is told as DLE EOT 2 tells it.
            cause = real_time_status(model, condition, 2) if self._notice == 2 else b""
            self._body.reply(_NOTICE + cause + b"\x00")
        self._was_noticed = noticed

    def passed(self, fence: Fence) -> None:
        """All before a fence is on paper."""
        self._body.reply(fence.mark)

    # from the buffer

    def _reset(self, it: Interpreter, _args: bytes) -> None:
        """ESC @: settings and the unfinished line go, and the automatic status with them; the receive buffer stays."""
        it.setter.reset(kanji=self._body.model.kanji_at_start, country=self._body.model.country)
        it.take_notes()  # of what is not on paper
        it.graphics = None
        self._watched = 0

    def _cut(self, it: Interpreter, *, partial: bool, feed: int = -1) -> None:
        it.setter.flush()
        self._body.put_out(Cut(partial, feed))

    def _cut_form(self, it: Interpreter) -> Reading:
        """GS V m cuts where the paper is; GS V m n feeds past the cutter and n dots further first.

        65 and 66 are the common forms of the second; 97, 98, 103 and 104 are those of modern models.
        """
        m = yield
        if m in (0, 1, 48, 49):
            self._cut(it, partial=bool(m & 1))
        elif m in (65, 66, 97, 98, 103, 104):
            self._cut(it, partial=m in (66, 98, 104), feed=(yield))
        else:
            it.refuse(f"GS V {m}")

    def _automatic_status(self, _it: Interpreter, args: bytes) -> None:
        """GS a n."""
        if self._body.model.has_asb:
            self._watched = args[0]
            if self._watched:
                self._reported = automatic_status(self._body.model, self._body.condition)
                self._body.reply(self._reported)

    def _status(self, it: Interpreter, args: bytes) -> None:
        """GS r n: answered when it is reached in the buffer."""
        model, n = self._body.model, args[0] % 48
        if n not in (1, 2):
            it.refuse(f"GS r {args[0]}")
        elif model.has_queries:
            self._body.reply(paper_status(model, self._body.condition) if n == 1 else drawer_status(model))

    def _identity(self, it: Interpreter, args: bytes) -> None:
        """GS I n."""
        model, n = self._body.model, args[0] - 48 if 49 <= args[0] <= 51 else args[0]
        numbers = {1: 0x20, 2: 0x03 if model.kanji_at_start else 0x02, 3: 0x01}
        texts = {65: "1.00 ESC/POS", 66: model.maker, 67: model.product, 68: "SIM0000001", 69: "CHINESE GB18030"}
        if n not in numbers and n not in texts:
            it.refuse(f"GS I {args[0]}")
        elif model.has_queries:
            self._body.reply(bytes([numbers[n]]) if n in numbers else b"\x5f" + texts[n].encode("ascii") + b"\x00")

    def _response_request(self, it: Interpreter, data: bytes) -> None:
        """GS ( H: fn 48 asks for an answer behind the data before it; fn 49 for a notice when an error stops it."""
        has = self._body.model.has_process_id
        if len(data) == 6 and data[:2] == b"00" and all(0x20 <= byte <= 0x7E for byte in data[2:]):
            if has:
                self._body.put_out(Fence(_PROCESS_ID + data[2:] + b"\x00"))
        elif len(data) == 3 and data[:2] == b"10" and data[2] in (0, 1, 2, 48, 49, 50):
            self._notice = data[2] % 48 if has else 0
        else:
            it.refuse("GS ( H")


def _panel(it: Interpreter) -> Reading:
    """ESC c 3, 4, 5: sensors and buttons; no effect here."""
    n = yield
    yield
    it.ignored[f"ESC c {chr(n)}"] += 1
