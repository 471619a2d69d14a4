"""Commands to the device itself: reset, cut, drawer, status and identity.

Rules: as in `text_commands`. A query that a model does not know is ignored without an answer, as clones do.
"""

from __future__ import annotations

from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary


def reset(it: Interpreter, _args: bytes) -> None:
    """ESC @: settings and the unfinished line go, and the automatic status with them; the receive buffer stays."""
    it.device.reset()


def cut(it: Interpreter) -> Reading:
    """GS V m cuts where the paper is; GS V m n feeds past the cutter and n dots further first.

    65 and 66 are the common forms of the second; 97, 98, 103 and 104 are those of modern models.
    """
    m = yield
    if m in (0, 1, 48, 49):
        it.setter.flush()
        it.device.cut(partial=bool(m & 1), feed=-1)
    elif m in (65, 66, 97, 98, 103, 104):
        n = yield
        it.setter.flush()
        it.device.cut(partial=m in (66, 98, 104), feed=n)
    else:
        it.refused[f"GS V {m}"] += 1


def cut_partial(it: Interpreter, _args: bytes) -> None:
    """ESC m, an older partial cut."""
    it.setter.flush()
    it.device.cut(partial=True, feed=-1)


def cut_full(it: Interpreter, _args: bytes) -> None:
    """ESC i, an older full cut."""
    it.setter.flush()
    it.device.cut(partial=False, feed=-1)


def drawer(it: Interpreter, _args: bytes) -> None:
    """ESC p m t1 t2."""
    it.device.kick_drawer()


def automatic_status(it: Interpreter, args: bytes) -> None:
    """GS a n."""
    it.device.watch_status(args[0])


def status(it: Interpreter, args: bytes) -> None:
    """GS r n: answered when it is reached in the buffer."""
    answer = it.device.status_reply(args[0] % 48)
    if answer:
        it.device.reply(answer)
    else:
        it.refused[f"GS r {args[0]}"] += 1


def identity(it: Interpreter, args: bytes) -> None:
    """GS I n."""
    answer = it.device.identity(args[0] - 48 if 49 <= args[0] <= 51 else args[0])
    if answer:
        it.device.reply(answer)
    else:
        it.refused[f"GS I {args[0]}"] += 1


def response_request(it: Interpreter, data: bytes) -> None:
    """GS ( H: fn 48 asks for an answer behind the data before it; fn 49 (notice when going offline) is ignored."""
    if len(data) == 6 and data[:2] == b"00" and all(0x20 <= byte <= 0x7E for byte in data[2:]):
        it.device.fence(data[2:])
    elif len(data) == 3 and data[:2] == b"10":
        it.ignored["GS ( H 31"] += 1
    else:
        it.refused["GS ( H"] += 1


def panel(it: Interpreter) -> Reading:
    """ESC c 3, 4, 5: sensors and buttons; no effect here."""
    n = yield
    yield
    it.ignored[f"ESC c {chr(n)}"] += 1


DEVICE = Vocabulary(
    fixed={
        b"\x1b@": (0, reset),
        b"\x1bm": (0, cut_partial),
        b"\x1bi": (0, cut_full),
        b"\x1bp": (3, drawer),
        b"\x1da": (1, automatic_status),
        b"\x1dr": (1, status),
        b"\x1dI": (1, identity),
    },
    special={b"\x1dV": cut, b"\x1bc": panel},
    blocks={b"\x1d(H": response_request},
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
