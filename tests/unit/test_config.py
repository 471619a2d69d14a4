"""The configuration is strict: a slip of the pen is an error that names the place and the nearest known name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from posd import config

KEYS_OF_THE_DESIGN = [
    "terminal.id",
    "terminal.merchant",
    "terminal.locale",
    "journal.path",
    "journal.size",
    "journal.mirror",
    "api.socket",
    "printer.device",
    "printer.baudrate",
    "printer.profile",
    "pad.driver",
    "pad.device",
    "pad.axes",
    "slip.copies",
    "slip.stale_after",
    "keypad.device",
    "policy.signature_from",
    "policy.contactless_unsigned_to",
    "policy.reprint_window",
    "policy.reprint_copies",
    "policy.reprint_interval",
    "policy.supervisor_from",
    "policy.busy_hours",
]
SECTIONS = (
    *("terminal", "journal", "api", "printer", "pad", "keypad", "slip", "policy"),
    *("exceptions", "shifts", "evidence", "archive"),
)


def test_a_file_with_only_the_printers_device_runs() -> None:
    parsed = config.parse('[printer]\ndevice = "/dev/ttyS0"')
    assert parsed.printer.device == "/dev/ttyS0"
    assert parsed == config.Config(printer=config.PrinterSection(device="/dev/ttyS0"))
    assert parsed.slip.copies == ("merchant", "customer")


def test_an_empty_file_has_every_default() -> None:
    assert config.parse("") == config.Config()


def test_the_sections_are_those_of_the_design() -> None:
    assert config.Config.__struct_fields__ == SECTIONS


@pytest.mark.parametrize("name", KEYS_OF_THE_DESIGN)
def test_every_key_that_people_rely_on_exists(name: str) -> None:
    section, key = name.split(".")
    assert key in type(getattr(config.Config(), section)).__struct_fields__


def test_every_default_passes_its_own_check() -> None:
    lines = []
    for section in SECTIONS:
        lines.append(f"[{section}]")
        body = getattr(config.Config(), section)
        for key in body.__struct_fields__:
            lines.append(f"{key} = {_toml(getattr(body, key))}")
    assert config.parse("\n".join(lines)) == config.Config()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"


def test_the_example_file_parses_and_shows_true_defaults(root: Path) -> None:
    example = root / "systemd" / "posd.toml"
    if not example.exists():
        pytest.skip("there is no example file")
    text = example.read_text(encoding="utf-8")
    plain = config.parse(text)
    assert plain == config.Config(printer=config.PrinterSection(device=plain.printer.device))
    uncommented = "\n".join(line.removeprefix("#") if line.startswith("#") and " = " in line else line
                            for line in text.splitlines()[2:])  # fmt: skip
    assert config.parse(uncommented) == plain


WRONG: list[tuple[str, tuple[str, ...]]] = [
    ("device = ", ("not TOML",)),
    ("[printer]\ndevice = 1\ndevice = 2", ("not TOML",)),
    ("x = " + "[" * 5000, ("not TOML",)),
    ("x = " + "9" * 5000, ("not TOML",)),
    ("[printer]\nanswer_within = '0s'", ("printer.answer_within", "100ms to 10min")),
    ("[printer]\nanswer_within = '9999d'", ("printer.answer_within", "100ms to 10min")),
    ("[prinetr]", ("[prinetr]", "'printer'")),
    ("[zzz]", ("[zzz]", *SECTIONS)),
    ('device = "/dev/x"', ("unknown section [device]",)),
    ('printer = "/dev/x"', ("write [printer]",)),
    ("[printer]\nbuadrate = 9600", ("printer.buadrate", "'baudrate'")),
    ("[printer]\nqqq = 9600", ("printer.qqq", "baudrate", "device")),
    ("[policy]\nreprint_windows = '1d'", ("policy.reprint_windows", "'reprint_window'")),
    ("[slip]\nstale-after = '1d'", ("slip.stale-after", "'stale_after'")),
    ("[printer]\nbaudrate = '9600'", ("printer.baudrate",)),
    ("[printer]\nbaudrate = 9601", ("printer.baudrate",)),
    ("[printer]\nwidth = 70", ("printer.width",)),
    ("[terminal]\nlocale = 'fr'", ("terminal.locale",)),
    ("[journal]\nmirror = 1", ("journal.mirror",)),
    ("[journal]\nsize = '64'", ("journal.size", "MiB")),
    ("[journal]\nsize = '64MB'", ("journal.size", "MiB")),
    ("[journal]\nsize = '512KiB'", ("journal.size", "1MiB")),
    ("[journal]\nsize = 67108864", ("journal.size",)),
    ("[api]\nclients_max = 0", ("api.clients_max",)),
    ("[api]\nroles = { wheel = 'boss' }", ("api.roles",)),
    ("[pad]\ndriver = 3", ("pad.driver",)),
    ("[pad]\ndriver = 'evdev'", ("pad.device", "none")),
    ("[pad]\naxes = [1, 2]", ("pad.axes",)),
    ("[pad]\ntimeout = '60'", ("pad.timeout", "'60'")),
    ("[pad]\ntries = 0", ("pad.tries",)),
    ("[pad]\nrotate = 45", ("pad.rotate", "90, 180, 270")),
    ("[pad]\nblank_points = 0", ("pad.blank_points",)),
    ("[pad]\nscribble_time = 'soon'", ("pad.scribble_time",)),
    ("[pad]\nwhen_busy = 'later'", ("pad.when_busy", "paper")),
    ("[pad]\ndriver = 'serial'\ndevice = '/dev/x'\nmirror = true", ("pad.mirror", "serial")),
    ("[keypad]\nkeys = { KEY_F1 = 'reprint' }", ("keypad.keys",)),
    ("[keypad]\ntimeout = 'soon'", ("keypad.timeout",)),
    ("[slip]\ncopies = []", ("slip.copies",)),
    ("[slip]\ncopies = ['merchant', 'merchant']", ("slip.copies", "once")),
    ("[slip]\ncopies = ['shop']", ("slip.copies",)),
    ("[slip]\nstale_after = '-1d'", ("slip.stale_after",)),
    ("[policy]\nsignature_from = 100", ("policy.signature_from",)),
    ("[policy]\nsignature_from = '1e3'", ("policy.signature_from", "'1e3'")),
    ("[policy]\nsupervisor_from = 'much'", ("policy.supervisor_from",)),
    ("[policy]\ncontactless_unsigned_to = '1,000.00'", ("policy.contactless_unsigned_to",)),
    ("[policy]\nsignature_from = ''", ("policy.signature_from",)),
    ("[policy]\nprofile = 'eu'", ("policy.profile", "neutral")),
    ("[policy]\nsignature = [1]", ("policy.signature",)),
    ("[policy]\nreprint_window = '30'", ("policy.reprint_window",)),
    ("[policy]\nreprint_window = '30 days'", ("policy.reprint_window",)),
    ("[policy]\nreprint_copies = -1", ("policy.reprint_copies",)),
    ("[policy]\nreprint_interval = ''", ("policy.reprint_interval",)),
    ("[policy]\nbusy_hours = ['11:30']", ("policy.busy_hours", "HH:MM-HH:MM")),
    ("[policy]\nbusy_hours = ['25:00-26:00']", ("policy.busy_hours",)),
    ('[policy]\nbusy_hours = ["11:30-13:30\\n"]', ("policy.busy_hours",)),
    ("[policy]\nbusy_hours = '11:30-13:30'", ("policy.busy_hours",)),
    ("[archive]\nkeep = 'forever'", ("archive.keep",)),
    ("[archive.more]\nx = 1", ("archive.more",)),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[w[0].replace("\n", " ") for w in WRONG])
def test_what_is_wrong_is_an_error_that_names_the_place(text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(config.ConfigError) as caught:
        config.parse(
            text.replace("\\n'", "\\n'") if "\\n" not in text else text.replace("['", '["').replace("']", '"]')
        )
    for words in said:
        assert words in str(caught.value)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_with_a_letter_too_many_is_told_its_right_name(section: str) -> None:
    for key in type(getattr(config.Config(), section)).__struct_fields__:
        with pytest.raises(config.ConfigError) as caught:
            config.parse(f"[{section}]\n{key}x = 1")
        assert f"unknown key {section}.{key}x; did you mean '{key}'?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("500ms", 0.5), ("90s", 90), ("10min", 600), ("2h", 7200), ("30d", 2592000), ("1w", 604800), ("1.5 h", 5400)],
)
def test_durations(text: str, value: float) -> None:
    assert config.seconds(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "30", "d", "1m", "1M", "-1d", "1d\n", "１d", "1e3s", "1h30min"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(config.ConfigError):
        config.seconds(text)


@pytest.mark.parametrize(("text", "value"), [("64MiB", 64 << 20), ("1 GiB", 1 << 30), ("2048KiB", 2 << 20)])
def test_sizes(text: str, value: int) -> None:
    assert config.size_bytes(text) == value


@pytest.mark.parametrize("text", ["", "64", "64MB", "64M", "-1MiB", "1.5MiB", "64MiB\n"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(config.ConfigError):
        config.size_bytes(text)


def test_the_terminal_stands_on_slips_as_configured() -> None:
    parsed = config.parse('[terminal]\nid = "7"\nmerchant = "茶店\\nTea"\nlocale = "en"')
    assert (parsed.terminal.terminal().id, parsed.terminal.terminal().merchant) == ("7", "茶店\nTea")
    assert parsed.terminal.terminal().locale == "en"
