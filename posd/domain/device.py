"""What a device may be, and the messages between the desk and a device's actor.

Rules that all three devices share:
- `absent` (no node), `opening` (node there, not answering yet), `ready`, `attention` (answers, but a person must act),
  `faulted` (answers wrongly or not at all). Reasons are stable words, sorted, without doubles.
- `paper-near-end` alone leaves a printer `ready`: it warns, it does not stop.
- An actor reports on every change and never twice the same.
- An actor ends each job or session that it was given with exactly one outcome, whatever happens to the device.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DeviceName = Literal["printer", "pad", "keypad"]
DeviceState = Literal["absent", "opening", "ready", "attention", "faulted"]
Reason = Literal[
    "paper-near-end",
    "paper-end",
    "cover-open",
    "cutter",
    "head-hot",
    "offline",
    "unrecoverable",
    "no-answer",
    "unplugged",
    "pin-file",
]

REMEDIES: dict[Reason, str] = {
    "paper-near-end": "have paper at hand",
    "paper-end": "put in paper",
    "cover-open": "close the cover",
    "cutter": "clear the cutter",
    "head-hot": "let the print head cool",
    "offline": "press the printer's online key",
    "unrecoverable": "switch the device off and on; if that does not help, have it repaired",
    "no-answer": "check its cable and power",
    "unplugged": "plug it in",
    "pin-file": "put the supervisors' file right; the PINs of before hold",
}
"""What to do about a reason, in as few words as a status line has room for; advice.py says it in full."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "absent": frozenset({"opening"}),
    "opening": frozenset({"absent", "ready", "attention", "faulted"}),
    "ready": frozenset({"absent", "ready", "attention", "faulted"}),
    "attention": frozenset({"absent", "ready", "attention", "faulted"}),
    "faulted": frozenset({"absent", "opening", "ready", "attention", "faulted"}),
}
"""State -> states that may follow. `ready -> ready` is a change of reasons only (near-end)."""


class DeviceReport(msgspec.Struct, frozen=True):
    """An actor's word on its device. `detail` is a sentence for a person; `info` holds facts such as model, path,
    proof; where it has both `model` and `serial`, statistics are kept under these.
    """

    device: DeviceName
    state: DeviceState
    reasons: tuple[Reason, ...] = ()
    detail: str = ""
    info: dict[str, str] = {}


class PrintJob(msgspec.Struct, frozen=True):
    """Bytes to print as one slip, cut included; `job` is the desk's id and comes back in the outcome.

    The completion fence is the actor's own and is not part of `data`. A print of fewer than `torn_within` bytes is
    visibly not the slip; 0: no piece of it ever is.
    """

    job: str
    data: bytes
    torn_within: int = 0


class Wear(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a job took out of a printer: lines of text and of graphics, cuts, millimetres of paper, milliseconds in
    which the head worked. Counted for what came out, or may have.
    """

    lines: int = 0
    cuts: int = 0
    paper_mm: int = 0
    head_ms: int = 0


class PrintOutcome(msgspec.Struct, frozen=True):
    """How a job ended.

    `printed`: the fence behind the last byte was answered (`proof="confirmed"`) or, on a printer that cannot, all bytes
    drained with a clean status (`"assumed"`); `why` is a stable word for what proves it. `failed`: provably nothing
    came out, or, with `torn`, only a piece that is known to be torn off before its end, and nothing more of it can
    follow. `unknown`: anything else. `cause` is a reason word, or `restart`, `cancelled`. `wear` is None where nothing
    can be said of it.
    """

    job: str
    state: Literal["printed", "failed", "unknown"]
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None
    why: str = ""
    torn: bool = False
    wear: Wear | None = None


class PrintStarted(msgspec.Struct, frozen=True):
    """The first byte of a job left for the device."""

    job: str


class SignRequest(msgspec.Struct, frozen=True):
    """Begin one signing session. `amount` is text with its currency, for pads that can show it; `feature_code` is for
    pads that draw it into the picture, empty where the transaction has none. `transaction` is for who watches.
    """

    session: str
    amount: str
    merchant: str
    feature_code: str = ""
    transaction: str = ""


class Drawing(msgspec.Struct, frozen=True):
    """A captured signature as it is kept: `strokes` in the coding of pad/strokes.py, or a pad's finished `bitmap`, bit
    for bit.
    """

    kind: Literal["strokes", "bitmap"]
    data: bytes


class SignOutcome(msgspec.Struct, frozen=True):
    """How a session ended.

    `captured` carries the drawing. `cancelled` (the customer on the pad, or the desk's own cancel), `timeout`, `blank`
    (the limit of tries was reached with blanks or scribbles; `detail` says by which measure), `device` (absent,
    unplugged, fault), `restart` (posd stops) carry what was drawn until then, if anything.
    """

    session: str
    result: Literal["captured", "cancelled", "timeout", "blank", "device", "restart"]
    drawing: Drawing | None = None
    detail: str = ""


LivePoint = tuple[int, int, int, int, int]
"""The number of its stroke from 0, milliseconds since the first point, x, y (downwards), pressure."""


class LiveInk(msgspec.Struct, frozen=True):
    """What was drawn in a session since the last word of it, in the pad's units up to `x_max` and `y_max`. `anew`: what
    was told before is gone. It is for looking at, and never kept.
    """

    session: str
    x_max: int
    y_max: int
    anew: bool
    points: tuple[LivePoint, ...]


KeyAction = Literal["reprint-last", "reprint-number", "resign-last", "settle", "approve", "shift", "cancel"]
"""What a person may begin at the keypad; `cancel` withdraws what was begun."""
KeyReply = Literal["confirm", "yes", "no", "take-over", "pin", "pin-right", "pin-wrong"]
"""What may follow when the desk asked back."""
Question = Literal["confirm", "settle", "approve", "check", "close-shift", "take-over"]
"""What the desk may ask back: shall this copy be printed; did this copy come out; who approves, and by which PIN; is
the PIN that was typed the right one; shall the shift be closed; who takes over.
"""


class KeyCommand(msgspec.Struct, frozen=True):
    """What a person asked for on the keypad. `key` is the kernel's name of the key that completed it; `number` the
    digits typed: a receipt number, or an operator's; never a PIN. `press` counts the keypad's commands, and comes back
    in the answer; `answers` is the command whose answer asked back.
    """

    action: KeyAction | KeyReply
    key: str
    number: str | None = None
    press: int = 0
    answers: int = 0


class KeyAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the desk says to the command `press`: that it is done (and on record), refused, or a question. `why` is the
    kind of a refusal, `message` its sentence, `until` when it is over (RFC 3339). The rest is what it is about: a
    transaction's slip, the request that waits for a supervisor or the handover (`request`), the supervisor or the
    operator.
    """

    answer: Literal["done", "refused"] | Question
    press: int = 0
    why: str = ""
    message: str = ""
    until: str = ""
    id: str = ""
    receipt: str = ""
    copy: Literal["merchant", "customer", ""] = ""
    number: int = 0
    request: str = ""
    operator: str = ""


class KeypadShown(msgspec.Struct, frozen=True):
    """Where the keypad stands, for whoever watches: a state of the table in keypad/table.py, and what the desk said
    last of it. No digit that was typed is in it.
    """

    state: str
    answer: KeyAnswer | None = None


class Bitmap(msgspec.Struct, frozen=True):
    """One-bit picture: rows of ceil(width / 8) bytes, most significant bit leftmost, 1 is black."""

    width: int
    height: int
    data: bytes
