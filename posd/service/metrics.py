"""Writes the numbers of posd for node_exporter's textfile collector.

Rules of that collector: one family's samples stand together under one HELP and TYPE, a file must be whole whenever it
is read (it is written beside the goal under a name that does not end in .prom, then renamed), and there are no time
stamps. The file is readable by all, since the exporter runs as another user, and so no label may carry anything of a
transaction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


Family = tuple[str, Literal["gauge", "counter"], str, Sequence[tuple[Mapping[str, str], float]]]
"""All samples of one metric: its name, with the unit last (`posd_journal_used_bytes`, a counter's ends in `_total`),
its kind, a sentence of help, and each sample's labels and value.
"""


def render(families: Iterable[Family]) -> str:
    """The families as Prometheus text; ValueError on a name it does not allow or on the same name or the same labels
    twice.
    """
    lines: list[str] = []
    seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    names: set[str] = set()
    for name, kind, words, samples in families:
        if not _METRIC.match(name) or name in names:
            raise ValueError(f"metric name {name!r} is not allowed or used twice")
        if kind == "counter" and not name.endswith("_total"):
            raise ValueError(f"counter {name} must end in _total")
        names.add(name)
        lines += [f"# HELP {name} {_escaped(words, quote=False)}", f"# TYPE {name} {kind}"]
        for labels, value in samples:
            key = (name, frozenset(labels.items()))
            if key in seen:
                raise ValueError(f"metric {name} has the labels {dict(labels)} twice")
            seen.add(key)
            lines.append(f"{name}{_labels(labels)} {_number(value)}")
    return "".join(f"{line}\n" for line in lines)


def write(path: Path, families: Iterable[Family]) -> None:
    """Replace the file at `path` (its name must end in .prom) by `families`, whole or not at all. OSError; the old file
    then stays as it was.
    """
    if path.suffix != ".prom":
        raise ValueError(f"the collector reads only files that end in .prom, not {path.name}")
    text = render(families)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _labels(labels: Mapping[str, str]) -> str:
    for name in labels:
        if not _LABEL.match(name) or name.startswith("__"):
            raise ValueError(f"label name {name!r} is not allowed")
    inner = ",".join(f'{name}="{_escaped(value, quote=True)}"' for name, value in sorted(labels.items()))
    return f"{{{inner}}}" if inner else ""


def _escaped(text: str, *, quote: bool) -> str:
    text = text.replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quote else text


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) else repr(value)
