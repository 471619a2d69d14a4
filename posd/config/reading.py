"""TOML text to a `Config`.

Strict: an unknown section or key is an error that names the nearest known one, and so is a value of a wrong type or
shape; posd then does not start.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from posd import profiles
from posd.config.sections import Config, PolicySection
from posd.config.values import ConfigError, seconds, size_bytes
from posd.domain import duration, money, reprint_rules, signing_rules

_DURATIONS = {
    "printer": ("answer_within",),
    "pad": ("timeout", "scribble_time"),
    "keypad": ("timeout", "pin_lock"),
    "slip": ("stale_after",),
    "policy": ("reprint_window", "reprint_interval", "terminal_interval"),
    "exceptions": ("unprinted", "unknown", "unsigned", "wrong_signature"),
    "archive": ("keep",),
}
_MONEY = ("signature_from", "contactless_unsigned_to", "supervisor_from", "one_press_below")


def _near(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _check_names(data: Mapping[str, Any]) -> None:
    for section, body in data.items():
        if section not in Config.__struct_fields__:
            raise ConfigError(f"unknown section [{section}]{_near(section, Config.__struct_fields__)}")
        if not isinstance(body, dict):
            raise ConfigError(f"{section} must be a section: write [{section}]")
        known = type(getattr(Config(), section)).__struct_fields__
        for key in body:
            if key not in known:
                raise ConfigError(f"unknown key {section}.{key}{_near(key, known)}")


def _check_values(config: Config, own_rules: int) -> None:
    for section, keys in _DURATIONS.items():
        for key in keys:
            _checked(f"{section}.{key}", seconds, getattr(getattr(config, section), key))
    if not 0.1 <= seconds(config.printer.answer_within) <= 600:
        raise ConfigError("printer.answer_within is a time from 100ms to 10min: silence past it makes a slip unknown")
    for key in _MONEY:
        text = getattr(config.policy, key)
        if text or key == "signature_from":
            _checked(f"policy.{key}", money.decimal_of, text)
    for number, row in enumerate(config.policy.signature):
        if fault := row.fault():
            raise ConfigError(f"policy.signature[{number}] ({row.rule}): {fault}")
    _checked("journal.size", size_bytes, config.journal.size)
    if size_bytes(config.journal.size) < 1 << 20:
        raise ConfigError("journal.size is below 1MiB; a ring needs at least that")
    for hours in config.policy.busy_hours:
        try:
            duration.period(hours)
        except duration.BadDuration as error:
            raise ConfigError(f"policy.busy_hours {error}") from error
    for number, fault in reprint_rules.faults(config.policy.rule[:own_rules]):  # those may replace the profile's
        raise ConfigError(f"policy.rule[{number}] ({config.policy.rule[number].name}): {fault}")
    if not config.slip.copies or len(set(config.slip.copies)) != len(config.slip.copies):
        raise ConfigError('slip.copies needs one or both of "merchant" and "customer", each once')
    if config.pad.driver == "serial" and (config.pad.rotate or config.pad.mirror):
        raise ConfigError("pad.rotate and pad.mirror are for evdev pads; a serial pad draws by itself, set it there")
    if config.pad.driver != "none" and not config.pad.device:
        raise ConfigError("pad.driver is set, but pad.device is not; name the device or set pad.driver to none")


def _checked(where: str, check: Any, text: str) -> None:
    try:
        check(text)
    except (ConfigError, money.BadAmount) as error:
        raise ConfigError(f"{where}: {error}") from error


def _wrong_value(text: str) -> str:
    """A value of a wrong type or outside of its choices, in words: the place, what is wrong, the choices."""
    what, _, path = text.replace(" - at `key` in `$.", " - at `$.").partition(" - at `$.")
    place = path.rstrip("`")
    section, _, key = place.partition(".")
    wanted = get_type_hints(type(getattr(Config(), section))).get(key) if section else None
    choices = f"; write one of {', '.join(map(str, get_args(wanted)))}" if get_origin(wanted) is Literal else ""
    return f"{place}: {what[:1].lower()}{what[1:]}{choices}" if place else what


def _with_profile(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shop's keys over those of its profile; of the tables of rules, the shop's rows and then the profile's."""
    name = policy.get("profile", PolicySection().profile)
    if name not in get_args(signing_rules.Profile):
        return policy  # the types say what is wrong with it
    below = profiles.keys(name)
    joined = {**below, **policy}
    for table in ("rule", "signature"):
        own, more = policy.get(table, []), below.get(table, [])
        if more and isinstance(own, list):
            names = {row.get("name", row.get("rule")) for row in own if isinstance(row, dict)}
            joined[table] = [*own, *(row for row in more if row.get("name", row.get("rule")) not in names)]
    return joined


def parse(text: str) -> Config:
    """TOML text -> Config; ConfigError with the place and the nearest known name."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))  # some editors begin a file with a mark
    except (ValueError, RecursionError) as error:  # tomllib's own are among them; not so a number without end
        raise ConfigError(f"not TOML: {error}") from error
    _check_names(data)
    try:
        config = msgspec.convert({**data, "policy": _with_profile(data.get("policy", {}))}, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_wrong_value(str(error))) from error
    own = data.get("policy", {}).get("rule", ())
    _check_values(config, len(own))
    return config
