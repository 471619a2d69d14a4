"""The sections of the configuration, each as its room gets it: every key, what it may be, and its default.

Everything has a default but `printer.device`. Money is decimal text, as are durations and sizes (values.py).
"""

from __future__ import annotations

import posixpath
from typing import Annotated, Literal

import msgspec

from posd.domain import reprint_rules, signing_rules
from posd.domain.doer import Role
from posd.domain.event import ExceptionKind
from posd.domain.reasons import Reasons
from posd.domain.slip import CopyName, Terminal

Baudrate = Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400]
KeypadAction = Literal[
    "reprint-last", "reprint-number", "resign-last", "settle", "approve", "shift",
    "menu", "cancel", "confirm", "yes", "no",
]  # fmt: skip
"""What a key of the keypad may be bound to."""
Buzzer = Literal["none", "esc-a", "esc-b"]
"""By which command a printer's buzzer sounds (printer/buzzer.py)."""
Chinese = Literal["gb18030", "gbk", "gb2312", "none"]
"""How much a printer's own Chinese font has."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=None):
    """Base of all sections."""


class TerminalSection(_Section, frozen=True):
    """Who the box is. `merchant` stands at the head of each slip; several lines are allowed."""

    id: str = "00000001"
    merchant: str = "posd"
    locale: Literal["zh_CN", "en"] = "zh_CN"

    def terminal(self) -> Terminal:
        return Terminal(self.id, self.merchant, self.locale)


class JournalSection(_Section, frozen=True):
    """`size` is one ring's; with `mirror` the file is twice as large."""

    path: str = "/var/lib/posd/journal"
    size: str = "64MiB"
    mirror: bool = True


class ApiSection(_Section, frozen=True):
    """`roles` maps Unix groups to roles; empty: everyone who may open the socket has all of them.
    `metrics`: a `.prom` file for node_exporter, written anew every 15 s; empty: none.
    """

    socket: str = "/run/posd/posd.sock"
    clients_max: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 256
    metrics: str = ""
    roles: dict[str, Literal["till", "cashier", "supervisor", "auditor"]] = {}


class PrinterSection(_Section, frozen=True):
    """`device`: a tty, a usblp node, `usb:VID:PID` or `tcp://host:port`; empty: no printer. `profile` is one of
    python-escpos' profiles. `chinese`: how much the printer's own Chinese font has; the rest is drawn. `density`:
    darker or lighter than the printer's own setting in steps of 5 %; 0 says nothing to the printer. `buzzer`: it sounds
    when the keypad asks back (once) or refuses (twice).
    """

    device: str = ""
    baudrate: Baudrate = 115200
    flow_control: Literal["none", "rts-cts", "xon-xoff", "dtr-dsr"] = "none"
    language: Literal["escpos", "star"] = "escpos"
    profile: str = "default"
    width: Literal[58, 80] = 80
    chinese: Chinese = "gb18030"
    density: Annotated[int, msgspec.Meta(ge=-6, le=8)] = 0
    buzzer: Buzzer = "none"
    answer_within: str = "5s"


class PadSection(_Section, frozen=True):
    """`driver`: a row of posd/pad/drivers.py, or `none`. `axes`: `[x_max, y_max, pressure_max]` of a pad that comes in
    through a FIFO. `confirm`, `clear`, `cancel` are key names; a serial pad has keys of its own. `baudrate` is a serial
    pad's. `rotate` (degrees, clockwise) and `mirror` make a pad's ink upright; `fingers`: a finger draws too where the
    pad can tell its pen. `palm_...`: above which share of its axis the contact is a palm, where the pad tells its width
    or pressure; 1: never. `blank_...` and `scribble_...` are what ink must reach (pad/measure.py). `when_busy`: a sale
    that comes while another is being signed waits for the pad, or goes to paper. A serial pad draws and judges by
    itself.
    """

    driver: str = "none"
    device: str = ""
    baudrate: Baudrate = 115200
    axes: tuple[int, int, int] = (4095, 2047, 1023)
    timeout: str = "60s"
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    when_busy: Literal["wait", "paper"] = "wait"
    rotate: Literal[0, 90, 180, 270] = 0
    mirror: bool = False
    fingers: bool = False
    palm_width: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.66
    palm_pressure: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    blank_points: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 12
    blank_length: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.08
    scribble_time: str = "250ms"
    scribble_box: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.06
    scribble_straight: Annotated[float, msgspec.Meta(ge=1, le=2)] = 1.08
    confirm: str = "BTN_0"
    clear: str = "BTN_1"
    cancel: str = "BTN_2"


class KeypadSection(_Section, frozen=True):
    """`keys` binds kernel key names to actions (docs/keypad.md): function keys, and the number block where there are
    none. `timeout` ends what was begun after a pause. `supervisors`: the file with their PINs (`posctl pin`); empty:
    the credential `posd.supervisors`, if there is one. After `pin_tries` wrong ones none is taken for `pin_lock`, and
    for twice as long after each that follows.
    """

    device: str = ""
    keys: dict[str, KeypadAction] = msgspec.field(
        default_factory=lambda: {
            "KEY_F1": "reprint-last",
            "KEY_F2": "reprint-number",
            "KEY_F3": "resign-last",
            "KEY_F4": "settle",
            "KEY_F5": "approve",
            "KEY_F6": "shift",
            "KEY_F12": "confirm",
            "KEY_ESC": "cancel",
            "KEY_KPPLUS": "reprint-last",
            "KEY_KPASTERISK": "reprint-number",
            "KEY_KPSLASH": "menu",
            "KEY_KPDOT": "settle",
            "KEY_KPMINUS": "cancel",
        }
    )
    timeout: str = "10s"
    supervisors: str = ""
    pin_tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    pin_lock: str = "1min"


class SlipSection(_Section, frozen=True):
    """`logo` is a picture file; `template` says what stands where (docs/templates.md), empty: as posd has it;
    `stale_after`: an older copy goes to the exceptions instead of printing by itself. `customer_signature`: a signature
    that was captured stands on the customer copy too.
    """

    copies: tuple[CopyName, ...] = ("merchant", "customer")
    customer_signature: bool = False
    stale_after: str = "10min"
    logo: str = ""
    font: str = ""
    template: str = ""


class PolicySection(_Section, frozen=True):
    """The shop's rules. `profile` names a file of such keys (posd/profiles) that stand where the shop has none of its
    own; the shop's rules go before the profile's. When a signature is needed: domain/signing_rules.py; empty
    `contactless_unsigned_to`: the profile's. Terms of copies: `rule` (domain/reprint_rules.py), then the plain keys.
    Empty `supervisor_from`: no supervisor is ever needed; empty `one_press_below`: one key press is always enough.
    `busy_hours`: `"11:30-13:30"`, terminal time; `busy_from`: so many live slips that wait mean the same, 0: never.
    `requests_each`, `requests_all`: how many copies one asker, and all together, may ask for in a minute. `reasons`:
    those that may be given for a copy (domain/reasons.py); none: any text.
    """

    profile: signing_rules.Profile = "cn"
    signature_from: str = "0.00"
    contactless_unsigned_to: str = ""
    signature: Annotated[tuple[signing_rules.SigningRule, ...], msgspec.Meta(max_length=signing_rules.ROWS_MAX)] = ()
    reprint_window: str = "30d"
    reprint_copies: Annotated[int, msgspec.Meta(ge=0, le=99)] = 5
    reprint_interval: str = "0s"
    supervisor_from: str = ""
    busy_hours: reprint_rules.Hours = ()
    terminal_interval: str = "0s"
    one_press_below: str = ""
    busy: reprint_rules.Busy = "refuse"
    busy_from: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    requests_each: Annotated[int, msgspec.Meta(ge=1, le=6000)] = 20
    requests_all: Annotated[int, msgspec.Meta(ge=1, le=6000)] = 60
    reasons: Reasons = {}
    rule: Annotated[tuple[reprint_rules.ReprintRule, ...], msgspec.Meta(max_length=reprint_rules.ROWS_MAX)] = ()

    @property
    def signing_table(self) -> tuple[signing_rules.SigningRule, ...]:
        """When a signature is needed, all rules in their order."""
        return signing_rules.table(self.profile, self.signature_from, self.contactless_unsigned_to, self.signature)


class ExceptionsSection(_Section, frozen=True):
    """Until when each kind of exception is to be settled, and what notes on them may hold: `guarded` refuses long
    numbers and addresses, `none` any words (channel and outcome only), `free` nothing. `who`: the role that has to act
    at first, by kind; the cashier where none is named.
    """

    unprinted: str = "8h"
    unknown: str = "8h"
    unsigned: str = "3d"
    wrong_signature: str = "3d"
    notes: Literal["guarded", "none", "free"] = "guarded"
    who: dict[ExceptionKind, Role] = {}

    def deadline(self, kind: str) -> str:
        """The duration for a kind such as `wrong-signature`."""
        return str(getattr(self, kind.replace("-", "_")))


class ShiftsSection(_Section, frozen=True):
    """`without`: sales while nobody is on shift are simply taken, or marked in their record and counted by the next."""

    without: Literal["allowed", "marked"] = "allowed"


class EvidenceSection(_Section, frozen=True):
    """What a bundle of evidence holds: the `whole`, or with `none` nothing about persons, only what happened when."""

    personal: Literal["whole", "none"] = "whole"


class ArchiveSection(_Section, frozen=True):
    """Where what leaves the ring goes, and how long it is kept. Empty `path`: the directory `archive` beside the
    journal.
    """

    path: str = ""
    keep: str = "730d"


class Config(_Section, frozen=True):
    """The whole file."""

    terminal: TerminalSection = TerminalSection()
    journal: JournalSection = JournalSection()
    api: ApiSection = ApiSection()
    printer: PrinterSection = PrinterSection()
    pad: PadSection = PadSection()
    keypad: KeypadSection = KeypadSection()
    slip: SlipSection = SlipSection()
    policy: PolicySection = PolicySection()
    exceptions: ExceptionsSection = ExceptionsSection()
    shifts: ShiftsSection = ShiftsSection()
    evidence: EvidenceSection = EvidenceSection()
    archive: ArchiveSection = ArchiveSection()

    @property
    def archive_path(self) -> str:
        """The archive's directory."""
        return self.archive.path or posixpath.join(posixpath.dirname(self.journal.path), "archive")

    @property
    def printers_path(self) -> str:
        """The file in which is kept what printers can do: beside the journal."""
        return posixpath.join(posixpath.dirname(self.journal.path), "printers.json")
