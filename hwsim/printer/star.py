"""A Star printer in line mode towards its host: automatic status, ETB counter, end of document, cut, drawer.

Rules: automatic status is nine bytes (header 23, version 06, five of status, the ETB counter, the presenter), sent when
ESC RS a 1 asks for it and whenever something changes; on a network it is always on, and ESC RS a ignored. ETB waits
until all before it is printed, then raises the counter (five bits) and sends the status; ESC GS ETX 1 waits likewise
and answers by itself, echoed and with a counter of its own, whether or not the automatic status is on. ESC ACK SOH is
answered the moment it arrives. The automatic status goes to every host of a network, the answer of ESC GS ETX only to
the one that prints. CAN throws the print data away, ESC ? LF NUL begins anew. ENQ and EOT, the one-byte states, are
taken and not answered. Facts: Star Line Mode Command Specifications (line thermal printers), chapter 3 and appendix 2;
StarPRNT specifications for ESC GS ETX.
"""

from __future__ import annotations

from hwsim.printer.body import Body
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary, take
from hwsim.printer.models import Model
from hwsim.printer.realtime import RealTime, Scanner
from hwsim.printer.star_commands import STAR_TEXT, read_star
from hwsim.printer.star_graphics import STAR_GRAPHICS
from hwsim.printer.status import Condition, near_end
from hwsim.printer.strips import Cut, Fence

ETB, _SOH_REQUEST = 0x17, b"\x1b\x06\x01"
_ETB_MARK = b"etb"


class Star:
    """What one printer knows of its host since it was switched on."""

    fences = (bytes([ETB]), b"\x1b\x1d\x03")

    def __init__(self, body: Body) -> None:
        self._body = body
        self._watched = body.model.asb_always
        self._counter = 0
        self._etb_done = False
        self._documents = 0
        self._reported = self._status()
        self._seen: tuple[bool, ...] = ()
        self._scanner = Scanner(_request_length, b"\x1b")
        body.setter.reset(kanji=body.model.kanji_at_start, country=body.model.country)
        body.setter.modes.line_spacing = 32
        vocabulary = STAR_TEXT | STAR_GRAPHICS | self._vocabulary()
        self.interpreter = Interpreter(vocabulary, body.setter, read_star, body.forget)

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(
            fixed={
                b"\x17": (0, self._etb),
                b"\x18": (0, lambda _it, _args: self._cancel()),
                b"\x07": (0, lambda _it, _args: self._body.kick_drawer()),
                b"\x1a": (0, lambda _it, _args: self._body.kick_drawer()),
                b"\x1b@": (0, lambda it, _args: self._initialise(it)),
                b"\x1b?\x0a\x00": (0, lambda _it, _args: self._body.restart()),
                b"\x1bd": (1, self._cut),
                b"\x1b\x1ea": (1, self._automatic_status),
                b"\x1b\x1eE": (1, self._clear_counter),
                b"\x1b\x06\x01": (0, lambda it, _args: it.forget(3)),
            },
            special={b"\x1b\x1d\x03": self._end_of_document},
        )

    def scan(self, data: bytes) -> list[RealTime]:
        """The commands that end in these bytes."""
        return self._scanner.feed(data)

    def serve(self, _command: RealTime) -> None:
        """ESC ACK SOH: the status at once."""
        if self._body.model.has_real_time:
            self._body.reply(self._status())

    def report(self) -> None:
        """Send the automatic status if something changed."""
        seen, self._seen = self._seen, self._body.condition.facts
        if self._watched and seen != self._seen and self._status() != self._reported:
            self._send()

    def passed(self, fence: Fence) -> None:
        """All before an ETB or the end of a document is on paper."""
        if fence.mark != _ETB_MARK:
            self._documents = (self._documents + 1) % 256
            self._body.reply(fence.mark + bytes([self._documents, 0]))
            return
        self._counter += 1
        self._etb_done = True
        if self._watched:
            self._send()

    def _send(self) -> None:
        self._reported = self._status()
        self._body.reply(self._reported, to_all=True)

    def _status(self) -> bytes:
        return star_status(self._body.model, self._body.condition, self._counter, etb_done=self._etb_done)

    def _initialise(self, it: Interpreter) -> None:
        """ESC @: the settings; the automatic status stays as it is."""
        it.setter.reset(kanji=self._body.model.kanji_at_start, country=self._body.model.country)
        it.take_notes()  # of what is not on paper
        it.setter.modes.line_spacing = 32

    def _cancel(self) -> None:
        """CAN: what is not printed yet is thrown away, settings and counter begin anew."""
        self._body.setter.drop_line()
        self._initialise(self.interpreter)
        self._forget_counter()

    def _etb(self, it: Interpreter, _args: bytes) -> None:
        it.setter.flush()
        self._body.put_out(Fence(_ETB_MARK))

    def _end_of_document(self, it: Interpreter) -> Reading:
        """ESC GS ETX s n1 n2: 0 tells the counter, 1 waits and raises it, 2 clears it, 3 and 4 frame a document."""
        args = yield from take(3)
        echo = b"\x1b\x1d\x03" + args
        if args[0] % 48 == 1:
            it.setter.flush()
            self._body.put_out(Fence(echo))
        elif args[0] % 48 == 0:
            self._body.reply(echo + bytes([self._documents, 0]))
        elif args[0] % 48 == 2:
            self._documents = 0
        elif args[0] % 48 not in (3, 4):
            it.refuse("ESC GS ETX")

    def _cut(self, it: Interpreter, args: bytes) -> None:
        """ESC d n: 0 and 1 cut where the paper is, 2 and 3 feed past the cutter first; odd is partial."""
        n = args[0] % 48
        if n > 3:
            it.refuse(f"ESC d {args[0]}")
            return
        it.setter.flush()
        self._body.put_out(Cut(bool(n & 1), 0 if n & 2 else -1))

    def _automatic_status(self, it: Interpreter, args: bytes) -> None:
        """ESC RS a n."""
        if args[0] % 48 > 3:
            it.refuse("ESC RS a")
        elif self._body.model.has_asb and not self._body.model.asb_always:
            self._watched = bool(args[0] & 1)
            if self._watched:
                self._send()

    def _clear_counter(self, _it: Interpreter, _args: bytes) -> None:
        """ESC RS E 0."""
        self._forget_counter()

    def _forget_counter(self) -> None:
        """Of this alone nobody is told."""
        self._counter, self._etb_done = 0, False
        self._reported = self._status()


def star_status(model: Model, condition: Condition, counter: int, *, etb_done: bool) -> bytes:
    """The nine bytes of an automatic status; of the counter the last five bits."""
    c = condition
    one = 0x02 * etb_done | 0x08 * c.halted | 0x20 * c.cover_open
    two = 0x08 * c.cutter_error | 0x20 * c.broken | 0x40 * c.head_hot
    four = 0x04 * near_end(model, c) | 0x08 * c.paper_out
    counted = (counter & 0x07) << 1 | (counter & 0x18) << 2
    return bytes([0x23, 0x06, one, two, 0, four, 0, counted, 0])


def _request_length(held: bytes | bytearray) -> int:
    """Length of ESC ACK SOH if these bytes may begin it."""
    return len(_SOH_REQUEST) if _SOH_REQUEST.startswith(bytes(held)) else 0
