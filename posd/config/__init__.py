"""The configuration: TOML in, frozen sections out. Rooms receive their section; no room reads the file."""

from __future__ import annotations

from posd.config.reading import parse
from posd.config.sections import (
    ApiSection,
    ArchiveSection,
    Baudrate,
    Buzzer,
    Chinese,
    Config,
    EvidenceSection,
    ExceptionsSection,
    JournalSection,
    KeypadAction,
    KeypadSection,
    PadSection,
    PolicySection,
    PrinterSection,
    ShiftsSection,
    SlipSection,
    TerminalSection,
)
from posd.config.values import ConfigError, seconds, size_bytes

__all__ = [
    "ApiSection",
    "ArchiveSection",
    "Baudrate",
    "Buzzer",
    "Chinese",
    "Config",
    "ConfigError",
    "EvidenceSection",
    "ExceptionsSection",
    "JournalSection",
    "KeypadAction",
    "KeypadSection",
    "PadSection",
    "PolicySection",
    "PrinterSection",
    "ShiftsSection",
    "SlipSection",
    "TerminalSection",
    "parse",
    "seconds",
    "size_bytes",
]
