"""The printers there are. Rule: whatever differs between two printers is a field here, never an `if` on a name.

Sizes are dots at 203 dpi (8 a millimetre), sizes of buffers are bytes, times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

DOTS_PER_MM = 8

PAPER_DOTS = {80: 576, 58: 384}
"""Printable width of each paper, by its width in millimetres."""

Afterwards = Literal["resumes", "waits"]
"""When its cause is gone, a fault is over by itself, or waits for a host's DLE ENQ or a press of the feed button."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a printer does behind a fault."""

    paper: Afterwards = "resumes"
    cover: Afterwards = "resumes"
    cutter: Afterwards = "resumes"
    """`waits`: the error itself stands until it is told to recover, as on printers by Epson."""
    cover_clears: bool = False
    """Loses everything in its buffers when the cover opens."""
    commands: bool = True
    """Serves DLE ENQ and DLE DC4 fn 8 (Star: ESC ACK CAN)."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a printer can do and how big it is."""

    name: str
    maker: str = "POS"
    product: str = "POS-80"
    language: Literal["escpos", "star"] = "escpos"
    paper_mm: int = 80
    buffer_bytes: int = 4096
    has_asb: bool = True
    """Sends its status unasked once GS a (Star: ESC RS a) asked for it."""
    asb_always: bool = False
    """On a network a Star printer's status is always on."""
    has_real_time: bool = True
    """Answers DLE EOT (Star: ESC ACK SOH, ENQ and EOT)."""
    has_queries: bool = True
    """Answers GS r and GS I, when they are reached in the buffer."""
    has_process_id: bool = False
    """Answers GS ( H fn 48 when the data before it is on paper, and knows fn 49, the notice of going offline."""
    power_on_notice: bool = False
    """Says 3B 31 00 when it is switched on (Epson's memory switch 1-1; Star's counts tell without)."""
    has_near_end_sensor: bool = True
    drawer_pin_high: bool = False
    """Level of the drawer connector's pin 3 when nothing is plugged in: a host must not read a fault into it."""
    asb_byte_4: int = 0x00
    kanji_at_start: bool = True
    """Reads bytes from 0x81 as Chinese straight after power-on and ESC @."""
    country: int = 0
    """Whose signs it prints straight after power-on and ESC @, as its switches say: a number of ESC R."""
    lookahead: int = 4
    """Lines that are interpreted, and GS r answered, ahead of the print head."""
    cutter_gap_dots: int = 112
    """From the print head to the cutter: print less than this before a cut is cut through."""
    speed_mm_per_s: float = 150.0
    cut_seconds: float = 0.25
    boot_seconds: float = 2.0
    recovery: Recovery = field(default_factory=Recovery)

    @property
    def width_dots(self) -> int:
        """Printable width in dots."""
        return PAPER_DOTS[self.paper_mm]


_TM = Model(
    "tm-80",
    "EPSON",
    "TM-T88V",
    has_process_id=True,
    drawer_pin_high=True,
    asb_byte_4=0x0F,
    kanji_at_start=False,
)
_CLONE = Model("clone-80", buffer_bytes=65536)
_BASIC = Model(
    "basic-58",
    product="POS-58",
    paper_mm=58,
    buffer_bytes=65536,
    has_asb=False,
    has_near_end_sensor=False,
    lookahead=2,
    speed_mm_per_s=90.0,
)
_STAR = Model("star-80", "Star", "TSP700", language="star", kanji_at_start=True)
_WAITS = Recovery(paper="waits", cover="waits", cutter="waits")

MODELS = {
    model.name: model
    for model in (
        _TM,
        replace(_TM, name="tm-58", product="TM-P20", paper_mm=58, has_near_end_sensor=False, speed_mm_per_s=100.0),
        replace(_TM, name="tm-80-waits", recovery=_WAITS),
        replace(_TM, name="tm-80-no-asb", has_asb=False),
        replace(_TM, name="tm-80-old", product="TM-T88III", has_process_id=False, buffer_bytes=2048),
        _CLONE,
        replace(_CLONE, name="clone-80-clears", recovery=Recovery(cover_clears=True, commands=False)),
        replace(_CLONE, name="clone-80-waits", recovery=_WAITS),
        _BASIC,
        replace(_BASIC, name="bare-58", buffer_bytes=1024, has_real_time=False, recovery=Recovery(commands=False)),
        replace(
            _BASIC,
            name="mute-58",
            buffer_bytes=1024,
            has_real_time=False,
            has_queries=False,
            recovery=Recovery(commands=False),
        ),
        _STAR,
        replace(_STAR, name="star-80-lan", asb_always=True),
        replace(_STAR, name="star-80-latin", asb_always=True, kanji_at_start=False),
        replace(_STAR, name="star-58", product="TSP100", paper_mm=58, has_near_end_sensor=False),
    )
}
"""Names tell what is special: `no-asb` has the process id only, `old` neither that nor a large buffer, `waits` and
`clears` say what becomes of a fault, `bare` answers only what it reaches in its buffer, `mute` nothing at all. `lan`
and `latin` are for a network.
"""

DEFAULT_FOR_PAPER = {80: "tm-80", 58: "basic-58"}


def model_for(name: str | None = None, paper_mm: int | None = None) -> Model:
    """The model of that name, on that paper; each may be left out. Raises ValueError naming what there is."""
    if paper_mm is not None and paper_mm not in PAPER_DOTS:
        raise ValueError(f"no paper of {paper_mm} mm; there is {', '.join(str(mm) for mm in PAPER_DOTS)}")
    if name is None:
        name = DEFAULT_FOR_PAPER[paper_mm or 80]
    if name not in MODELS:
        raise ValueError(f"no model {name!r}; there is {', '.join(MODELS)}")
    model = MODELS[name]
    return model if paper_mm is None else replace(model, paper_mm=paper_mm)
