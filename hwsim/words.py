"""What can happen in the world: every word of `python -m hwsim do`, with its arguments and one line of help.

Rules: a table; who adds a word adds a line here and an entry in `world.World`. Groups are for the help text only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `least` and `most` bound the number of arguments; `at_once` words may be armed with stop-after."""

    name: str
    usage: str
    help: str
    least: int = 0
    most: int = 0
    at_once: bool = True


GROUPS: dict[str, tuple[Word, ...]] = {
    "Printer": (
        Word("paper-out", "", "the roll ends: printing stops after the current line"),
        Word("paper-in", "", "a new roll: printing goes on by itself, or waits (see --model)"),
        Word("near-end", "", "the near-end sensor sees little paper"),
        Word("near-end-clear", "", "it sees enough again"),
        Word("cover-open", "", "someone opens the cover"),
        Word("cover-close", "", "and closes it"),
        Word("cutter-jam", "[now]", "the next cut does not complete (now: the error shows at once)", most=1),
        Word("cutter-clear", "", "the cutter is freed, the cut is made"),
        Word("head-hot", "[SECONDS]", "the head is too hot and pauses (SECONDS: and cools down by itself)", most=1),
        Word("head-cool", "", "it has cooled down"),
        Word("offline", "", "someone holds the feed button: offline"),
        Word("online", "", "online again"),
        Word("feed", "", "someone presses the feed button: a printer that waits after a fault goes on"),
        Word("broken", "", "an unrecoverable error, until power-off and power-on"),
        Word("mute", "", "the printer prints but answers nothing"),
        Word("unmute", "", "it answers again"),
        Word("slow", "BYTES_PER_SECOND", "the line delivers so much and no more (0: full speed)", least=1, most=1),
        Word(
            "noise", "LOSS FLIP [SEED]", "each byte on the line is lost or has a bit turned by chance", least=2, most=3
        ),
        Word("busy", "", "it takes no more bytes, until not-busy or power-on"),
        Word("not-busy", "", "it takes bytes again"),
        Word("power-off", "", "buffers and settings are lost, a slip in progress is torn; the line stays but is dead"),
        Word("power-on", "", "power is back"),
        Word("reboot", "", "the power fails for a moment; the printer is back after two seconds"),
    ),
    "Cables": (
        Word("unplug", "[DEVICE]", "pull the cable; the device disappears", most=1),
        Word("plug", "[DEVICE]", "plug it in again", most=1),
    ),
    "Customer at the pad": (
        Word(
            "sign",
            "[NAME...] [--fast] [--rate HZ] [--tremor TIMES] [--palm]",
            "sign (always the same for a name) and confirm; with the palm on the pad too",
            most=12,
            at_once=False,
        ),
        Word("scribble", "[--fast]", "a short meaningless zigzag, then confirm", most=1, at_once=False),
        Word("blank", "[--fast]", "confirm without having signed", most=1, at_once=False),
        Word("cancel", "[--fast]", "press the cancel button", most=1, at_once=False),
        Word("clear", "[--fast]", "press the clear button", most=1, at_once=False),
        Word("walk-away", "[--fast]", "half a signature, then nothing more", most=1, at_once=False),
    ),
    "Cashier at the keypad": (
        Word(
            "press",
            "KEY... [--fast]",
            "press keys one after the other: F1, KP7, ENTER",
            least=1,
            most=64,
            at_once=False,
        ),
    ),
    "For tests": (
        Word("stop-after", "BYTES WORD [ARG...]", "do WORD when so many more bytes are executed", least=2, most=8),
        Word(
            "at", "PLACE WORD [ARG...]", "do WORD at now+N, slip+N, fence+N (executed) or received+N", least=2, most=8
        ),
        Word("pad-serial", "WORD [ARG...]", "a word for the serial pad", least=1, most=14, at_once=False),
        Word("bad-lrc", "[FRAMES]", "pad-serial only: its next frames carry a wrong check", most=1, at_once=False),
        Word("printer2", "WORD [ARG...]", "a word for the second printer", least=1, most=10, at_once=False),
        Word("status", "", "the whole world as JSON", at_once=False),
        Word("wait-slip", "N [SECONDS]", "wait until slip N is in the tray (10 s)", least=1, most=2, at_once=False),
    ),
}

WORDS = {word.name: word for words in GROUPS.values() for word in words}


class Misuse(Exception):
    """A word or its arguments are wrong; the message says what would be right."""


def check(name: str, args: list[str]) -> Word:
    """The word of that name, if it takes these arguments. Raises Misuse."""
    word = WORDS.get(name)
    if word is None:
        raise Misuse(f"no word {name!r}; the words are: {', '.join(WORDS)}")
    if not word.least <= len(args) <= word.most:
        raise Misuse(f"usage: {name} {word.usage}".rstrip())
    return word


def word_list() -> str:
    """All words in groups, for help texts."""
    lines: list[str] = []
    for group, words in GROUPS.items():
        lines.append(f"{group}:")
        lines += [f"  {(word.name + ' ' + word.usage).strip():<32} {word.help}" for word in words]
        lines.append("")
    return "\n".join(lines)
