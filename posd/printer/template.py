"""What a shop may say about its slips: a TOML file of entries, read and checked once, at start. Pure.

- Three lists: `[[header]]` stands above the body, `[[body]]` is it, `[[footer]]` stands below the signature. The order
  in the file is the order on paper. Header and footer are made anew for each print; the body of a slip that was once
  started is in the journal and no later template changes it (law 4). So the logo is theirs, and the parts the body's.
- An entry has one content (`entry.CONTENTS`), and where it belongs (`copy`, `type`). Texts name fields in braces
  (fields.FIELDS), or other words of the slip (`{label.time}`). That is all there is: no code, no files, no loops.
- What every slip must show cannot be left out: each part stands in the body once, without a condition, and the masked
  card number stays in the payments. The marks, the place of the signature or the text that replaces it are no entries
  at all: they are put around the body, whatever the template says. Words that say what a slip is cannot be changed.
- Whatever is wrong is a ConfigError with the file, the line, and the nearest name where there is one.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

from posd.config import ConfigError
from posd.printer import labels
from posd.printer.entry import A_TEXT, BESIDE, CONTENTS, LOCALES, TAKES, Entry, Text, Written, by_locale, entry_of
from posd.printer.fields import FIELD, FIELDS, LABEL
from posd.printer.labels import Locale, Words
from posd.printer.parts import CARD_ROWS, PARTS

TEXT_MAX = 400
ENTRIES_MAX = 200
_SECTIONS = ("words", "header", "body", "footer")
# Fields that have a label, and so can stand as a row of their own.
ROWS = tuple(name for name in FIELDS if name in labels.LABELS)
# A letter that would be a command is no text; a line feed ends a line.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template. `words`: locale -> name -> text that replaces posd's own."""

    header: tuple[Entry, ...]
    body: tuple[Entry, ...]
    footer: tuple[Entry, ...]
    words: Mapping[Locale, Mapping[str, str]]

    def names(self, field: str) -> bool:
        """Whether any of its texts names this field."""
        entries = (*self.header, *self.body, *self.footer)
        texts = (text for e in entries for by in (e.text, e.left, e.right) if by is not None for text in by.values())
        codes = (code for e in entries for code in (e.qr, e.barcode) if code is not None)
        return any(f"{{{field}}}" in text for text in (*texts, *codes))

    def words_of(self, locale: Locale) -> Words:
        return Words(locale, self.words[locale])


def parse(text: str, name: str) -> Template:
    """TOML text -> Template; `name` is the file's, for what is said of it. ConfigError."""
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{name} is not a template: it is nested without end") from None
    except ValueError as error:  # a number of thousands of digits is none of tomllib's own errors
        raise ConfigError(f"{name} is not TOML: {error}") from error
    return _Reader(text, name, data).template()


class _Reader:
    """Checks what tomllib found, and says of each fault on which line it stands."""

    def __init__(self, text: str, name: str, data: dict[str, Any]) -> None:
        self._lines = text.splitlines()
        self._name, self._data = name, data

    def template(self) -> Template:
        for section in self._data:
            if section not in _SECTIONS:
                self._wrong(f"unknown section [{section}]{_near(section, _SECTIONS)}", self._line_of(rf"\[+{section}"))
        lists = {section: self._entries(section) for section in _SECTIONS[1:]}
        self._check_whole(lists["body"])
        return Template(lists["header"], lists["body"], lists["footer"], self._words())

    def _check_whole(self, body: tuple[Entry, ...]) -> None:
        stand = [entry.part for entry in body if entry.part is not None]
        for part in PARTS:
            if stand.count(part) != 1:
                how = "is missing" if part not in stand else "stands there more than once"
                self._wrong(f'[[body]] with part = "{part}" {how}; every slip shows it once')

    def _entries(self, section: str) -> tuple[Entry, ...]:
        found = self._data.get(section, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self._wrong(f"{section} must be a list of entries: write [[{section}]]", self._line_of(section))
        if len(found) > ENTRIES_MAX:
            self._wrong(f"[[{section}]] stands there more than {ENTRIES_MAX} times")
        heads = [at for at, line in enumerate(self._lines, 1) if re.match(rf"\s*\[\[\s*{section}\s*\]\]", line)]
        places = heads if len(heads) == len(found) else [None] * len(found)
        return tuple(self._entry(entry, section, place) for entry, place in zip(found, places, strict=True))

    def _entry(self, data: dict[str, Any], section: str, place: int | None) -> Entry:
        known = Written.__struct_fields__
        for key in data:
            if key not in known:
                self._wrong(f"unknown key {key}{_near(key, known)}", self._key_line(place, key))
        try:
            written = msgspec.convert(data, Written)
        except msgspec.ValidationError as error:
            key = re.split(r"[\[.`]", str(error).partition("`$.")[2])[0]
            self._wrong(f"{key} must be {TAKES[key]}", self._key_line(place, key))
        contents = [key for key in CONTENTS if data.get(key) is not None and (key != "fields" or "part" not in data)]
        if len(contents) != 1:
            said = f"has {' and '.join(contents)}" if contents else "has no content"
            self._wrong(f"an entry {said}; write one of {', '.join(CONTENTS)}", place)
        content = contents[0]
        for key in data:
            if key not in {content, "copy", "type"} | BESIDE.get(content, set()):
                self._wrong(f"{key} does not go with {content}", self._key_line(place, key))
        self._check_content(written, content, section, place)
        return entry_of(written)

    def _check_content(self, written: Written, content: str, section: str, place: int | None) -> None:
        line = self._key_line(place, content)
        if content == "part":
            self._check_part(written, section, place)
        elif content == "logo" and (section == "body" or not written.logo):
            self._wrong("logo = true stands in [[header]] or [[footer]]: the body is the sale's own", line)
        elif content == "rule" and (len(written.rule or "") != 1 or not "!" <= (written.rule or "") <= "~"):
            self._wrong('rule is one printable ASCII character, such as "-"', line)
        elif content == "left" and written.right is None:
            self._wrong("left needs a right", line)
        elif content == "fields":
            if not written.fields:
                self._wrong("fields names none", line)
            for name in written.fields or ():
                if name not in ROWS:
                    self._wrong(f"fields names {name!r}, which has no row{_near(name, ROWS)}", line)
        elif content in ("text", "qr", "barcode") and not any(by_locale(getattr(written, content)).values()):
            self._wrong(f"{content} is empty; white space is gap = 24", line)
        for key in ("text", "left", "right", "qr", "barcode"):
            if (value := getattr(written, key)) is not None:
                self._check_text(value, self._key_line(place, key))

    def _check_part(self, written: Written, section: str, place: int | None) -> None:
        line = self._key_line(place, "part")
        if written.part not in PARTS:
            self._wrong(f"there is no part {written.part!r}{_near(str(written.part), PARTS)}", line)
        if section != "body":
            self._wrong(f"part {written.part!r} stands in [[body]] alone", line)
        if written.copy is not None or written.type is not None:
            self._wrong(f"part {written.part!r} stands on every slip: take copy and type away", line)
        if written.fields is None:
            return
        rows = self._key_line(place, "fields")
        if written.part != "payments":
            self._wrong(f"fields does not go with the part {written.part!r}", rows)
        for name in written.fields:
            if name not in CARD_ROWS:
                self._wrong(f"fields names {name!r}, which no payment has{_near(name, CARD_ROWS)}", rows)
        if "card" not in written.fields:
            self._wrong('fields must hold "card": every slip shows the masked card number', rows)

    def _check_text(self, value: Text, line: int | None) -> None:
        missing = [locale for locale in LOCALES if isinstance(value, dict) and locale not in value]
        if missing:
            self._wrong(f"the text for {' and '.join(missing)} is missing", line)
        for text in value.values() if isinstance(value, dict) else (value,):
            if len(text) > TEXT_MAX:
                self._wrong(f"a text is longer than {TEXT_MAX} characters", line)
            if _CONTROL.search(text):
                self._wrong("a text holds a control character; only a line feed may stand in it", line)
            if set(FIELD.sub("", text)) & set("{}"):
                self._wrong("a brace without its partner; braces stand around the name of a field", line)
            for name in FIELD.findall(text):
                word = name.removeprefix(LABEL)
                if name.startswith(LABEL) and word not in labels.LABELS:
                    self._wrong(f"there is no word {word!r}{_near(word, labels.LABELS)}", line)
                if not name.startswith(LABEL) and name not in FIELDS:
                    self._wrong(f"there is no field {name!r}{_near(name, FIELDS)}", line)

    def _words(self) -> dict[Locale, dict[str, str]]:
        found: dict[Locale, dict[str, str]] = {locale: {} for locale in LOCALES}
        given = self._data.get("words", {})
        if not isinstance(given, dict):
            self._wrong("words must be a section: write [words]", self._line_of("words"))
        for name, value in given.items():
            line = self._line_of(f'"?{re.escape(name)}"?\\s*=')
            if name in labels.FIXED:
                self._wrong(f"{name} says what the slip is and stays as it is", line)
            if name not in labels.NAMES:
                self._wrong(f"there is no word {name!r}{_near(name, labels.NAMES)}", line)
            for locale, text in by_locale(self._word(value, line)).items():
                self._check_word(name, text, line)
                found[locale][name] = text
        return found

    def _word(self, value: Any, line: int | None) -> Text:
        try:
            word: Text = msgspec.convert(value, Text)
        except msgspec.ValidationError:
            self._wrong(f"a word is {A_TEXT}", line)
        return word

    def _check_word(self, name: str, text: str, line: int | None) -> None:
        if not text.strip() or len(text) > TEXT_MAX or _CONTROL.search(text):
            self._wrong(f"{name} needs a text of 1 to {TEXT_MAX} characters, without control characters", line)
        wanted = labels.blanks(name)
        if set(FIELD.findall(text)) != wanted or set(FIELD.sub("", text)) & set("{}"):
            names = ", ".join(f"{{{one}}}" for one in sorted(wanted)) or "nothing in braces"
            self._wrong(f"{name} must hold {names}", line)

    def _line_of(self, pattern: str) -> int | None:
        return next((at for at, line in enumerate(self._lines, 1) if re.match(rf"\s*{pattern}", line)), None)

    def _key_line(self, place: int | None, key: str) -> int | None:
        """The line of `key` in the entry that begins on line `place`; that line itself where it is not found."""
        if place is None:
            return None
        for at in range(place, len(self._lines)):
            if re.match(r"\s*\[\[?[^\[]", self._lines[at]):
                break
            if re.match(rf"\s*{key}\s*[.=]", self._lines[at]):
                return at + 1
        return place

    def _wrong(self, what: str, line: int | None = None) -> NoReturn:
        raise ConfigError(f"{self._name}{f' line {line}' if line else ''}: {what}")


def _near(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"
