"""What is said to a serial pad: word for word where it is good, and no picture in a wrong place where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from posd.pad import spoken as say
from posd.pad.dialogue import ANSWER_S, HEARTBEAT_S, IDLE_S, MEMORY_MAX, TABLE, Dialogue
from posd.pad.frames import GAP_S, Framer, frame
from posd.pad.spoken import Dropped, Ended, Lost, Out, Ready, Rules, Say

INK = b"P4\n16 8\n" + bytes(range(16))
BLANK = b"P4\n16 8\n" + bytes(16)
RULES = Rules(timeout_s=60.0, tries=3)
SETTINGS = {say.BLANKS, say.TRIES, say.PATIENCE, say.ZONE}


def signed(sequence: int, picture: bytes = INK) -> bytes:
    return bytes([say.SIGNED]) + sequence.to_bytes(3, "big") + picture


def stored(count: int, sequence: int, picture: bytes = INK) -> bytes:
    return bytes([say.STORED, count]) + sequence.to_bytes(3, "big") + picture


class Talk:
    """A dialogue with a pad, the time, and what came of it. `words`: how the pad answers from the opening on, where it
    does not answer well; nothing means that it is silent.
    """

    def __init__(self, words: Mapping[int, Sequence[bytes]] | None = None) -> None:
        self.now_s = 100.0
        self.dialogue = Dialogue(RULES)
        self.heard: list[bytes] = []
        self.told: list[Out] = []
        self.answers: dict[int, Callable[[bytes], bytes | None]] = {
            say.HELLO: lambda _data: bytes([say.HERE, 0]),
            say.LAST: lambda _data: bytes([say.LAST_OK, 0]),
            say.END: lambda _data: bytes([say.ENDED]),
            say.FETCH: lambda _data: bytes([say.STORED, 0]),
            say.DONE: lambda _data: bytes([say.DONE_OK]),
        } | {code: lambda data: data[:1] + b"\0" for code in SETTINGS}
        for code, said in (words or {}).items():
            self.say(code, *said)
        self._framer = Framer()
        self._do(self.dialogue.open(self.now_s))

    def say(self, code: int, *words: bytes) -> None:
        """From now on the pad answers `code` with these words in turn, at the end with the last one; silent without."""
        left = list(words)
        self.answers[code] = lambda _data: left.pop(0) if len(left) > 1 else left[0] if left else None

    def mute(self, *codes: int) -> None:
        for code in codes:
            self.say(code)

    def _do(self, out: list[Out]) -> None:
        for word in out:
            if not isinstance(word, Say):
                self.told.append(word)
                continue
            for data in self._framer.feed(word.data, self.now_s):
                self.heard.append(data)
                answer = self.answers.get(data[0], lambda _data: None)(data)
                if answer is not None:
                    self.come(frame(answer))

    def come(self, data: bytes) -> None:
        """Bytes from the pad."""
        self._do(self.dialogue.feed(data, self.now_s))

    def wait(self, seconds: float) -> None:
        """Time passes; all deadlines within are met."""
        end_s = self.now_s + seconds
        while (due_s := self.dialogue.deadline_s) is not None and due_s <= end_s:
            self.now_s = max(due_s, self.now_s)
            self._do(self.dialogue.tick(self.now_s))
        self.now_s = end_s

    def begin(self, name: str, code: str = "507D8226") -> None:
        self._do(self.dialogue.begin(name, code, self.now_s))

    def stop(self) -> None:
        self._do(self.dialogue.stop("cancelled", self.now_s))

    def codes(self) -> list[int]:
        """The codes that the pad heard since the last call."""
        codes = [data[0] for data in self.heard]
        self.heard.clear()
        return codes


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    assert made.told == [Ready(())]
    made.told.clear()
    made.codes()
    return made


def test_opening_greets_sets_and_empties() -> None:
    talk = Talk()
    assert talk.heard == [
        b"\xa0",
        b"\xa3",
        b"\xe5\0",
        b"\xf8\x03",
        b"\xd0\x3c",
        bytes.fromhex("e3 01e0 00a0 00f0 0050"),
        b"\xa4",
        b"\xa5",
        b"\xa0",
    ]
    assert talk.told == [Ready(())]


def test_a_signing() -> None:
    talk = Talk()
    talk.codes()
    talk.say(say.SIGN, signed(7), signed(8))
    talk.begin("s1")
    talk.begin("s2")
    assert talk.heard[0] == b"\xa2507D8226"
    assert talk.heard[2] == bytes.fromhex("a1 000007 00"), "by then the journal has the first"
    assert talk.codes() == [say.SIGN, say.END, say.LAST, say.SIGN, say.END]
    assert talk.told[1:] == [Ended("s1", "captured", INK), Ended("s2", "captured", INK)]


def test_without_a_feature_code_zeros_are_drawn(talk: Talk) -> None:
    talk.begin("s1", "")
    assert talk.heard[0] == b"\xa200000000"


@pytest.mark.parametrize(
    ("answer", "result"), [(b"\xc2\x01", "cancelled"), (b"\xc2", "cancelled"), (signed(1, BLANK), "blank")]
)
def test_ends_that_are_no_signature(talk: Talk, answer: bytes, result: str) -> None:
    talk.say(say.SIGN, answer)
    talk.begin("s1")
    assert [(e.result, e.picture) for e in talk.told if isinstance(e, Ended)] == [(result, b"")]


def test_the_customer_walks_away_and_what_comes_later_counts_for_nothing(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.wait(RULES.timeout_s - 1)
    talk.come(frame(bytes([say.HEARTBEAT])))
    talk.wait(1)
    assert talk.told == [Ended("s1", "timeout")]
    assert talk.codes() == [say.SIGN, say.END, say.FETCH, say.DONE, say.HELLO], "what it may have left is taken out"
    talk.come(frame(signed(1)))
    talk.begin("s2")
    talk.come(frame(signed(2)))
    assert talk.told[1:] == [Ended("s2", "captured", INK)]


def test_called_off_while_somebody_signs_and_the_picture_is_already_on_its_way(talk: Talk) -> None:
    talk.mute(say.SIGN, say.END)
    talk.begin("s1")
    talk.stop()
    talk.come(frame(signed(1)))
    talk.begin("s2")
    talk.come(frame(signed(1)))
    talk.come(frame(bytes([say.ENDED])))
    assert talk.dialogue.active == "s2"
    assert talk.told == [Ended("s1", "cancelled")]


def test_a_pad_that_was_beating_and_stops_is_dead(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.wait(HEARTBEAT_S * 2)
    assert talk.told == [], "a pad without heartbeats is not known to be dead"
    talk.come(frame(bytes([say.HEARTBEAT])))
    talk.wait(HEARTBEAT_S - 1)
    talk.come(frame(bytes([say.HEARTBEAT])))
    talk.wait(HEARTBEAT_S - 1)
    assert talk.told == []
    talk.wait(1)
    assert talk.told == [Ended("s1", "device")]


NOT_SIGNED = frame(bytes([say.NOT_SIGNED, 2]))


@pytest.mark.parametrize(
    ("what", "word", "result"),
    [
        ("it was without power before its first heartbeat", b"", "device"),
        ("it has no heartbeats, and says that the time is over", NOT_SIGNED, "timeout"),
        ("its heartbeat comes late", frame(bytes([say.HEARTBEAT])), "timeout"),
        ("the customer confirms at the last moment", frame(signed(1)), "captured"),
    ],
)
def test_a_pad_that_was_told_the_time_owes_a_word_when_it_is_over(
    talk: Talk, what: str, word: bytes, result: str
) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.wait(RULES.timeout_s)
    assert talk.told == [], what
    talk.wait(ANSWER_S / 2)
    if word:
        talk.come(word)
    talk.wait(ANSWER_S / 2)
    assert [(end.session, end.result) for end in talk.told if isinstance(end, Ended)] == [("s1", result)], what


def test_the_time_that_a_pad_is_told_is_never_shorter_than_posds_own_while_it_can_be_told() -> None:
    assert Rules(0.3, 3).patience_s == 1
    assert Rules(60.2, 3).patience_s == 61, "never before posd's own time"
    assert Rules(900.0, 3).patience_s == 255


def test_a_pad_that_does_without_the_time_is_not_called_dead_for_its_silence() -> None:
    talk = Talk({say.PATIENCE: [b"\xd0\x01"], say.SIGN: []})
    talk.begin("s1")
    talk.wait(RULES.timeout_s)
    assert talk.told[-1] == Ended("s1", "timeout")


def test_a_pad_that_was_asked_anew_is_not_called_dead_before_its_own_time_is_over(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.wait(RULES.timeout_s / 2)
    talk.come(broken(signed(1)))
    talk.wait(RULES.timeout_s / 2)
    assert talk.told == [Ended("s1", "timeout")]


def test_a_heartbeat_of_the_last_signing_says_nothing_of_this_one(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.come(frame(bytes([say.HEARTBEAT])))
    talk.come(frame(signed(1)))
    talk.begin("s2")
    talk.wait(HEARTBEAT_S)
    assert talk.dialogue.active == "s2"


def broken(data: bytes) -> bytes:
    whole = bytearray(frame(data + bytes(80)))
    whole[-1] ^= 1
    return bytes(whole)


def test_a_picture_that_came_broken_is_taken_out_of_the_memory(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.say(say.FETCH, stored(1, 9))
    talk.come(broken(signed(9)))
    talk.wait(GAP_S)
    assert talk.told == [Ended("s1", "captured", INK)]
    assert talk.heard[-3:] == [bytes.fromhex("a8 000009"), b"\xa5", b"\xa3"]


def test_a_memory_that_was_emptied_picture_by_picture_is_known_to_be_empty() -> None:
    talk = Talk({say.FETCH: [stored(2, 3), stored(1, 9)], say.TAKEN: [stored(1, 4)], say.SIGN: []})
    talk.begin("s1")
    talk.come(broken(signed(9)))
    talk.wait(GAP_S)
    assert talk.told[-1] == Ended("s1", "captured", INK)


def test_a_pad_that_did_not_forget_the_last_picture_proves_nothing_by_its_memory(talk: Talk) -> None:
    talk.say(say.SIGN, signed(5))
    talk.begin("s1")
    talk.mute(say.SIGN)
    talk.say(say.LAST, bytes([say.LAST_OK, 1]))
    talk.begin("s2")
    talk.say(say.FETCH, stored(1, 9))
    talk.come(broken(signed(9)))
    talk.wait(GAP_S)
    assert talk.told[1:] == [Dropped(9)]


def test_a_picture_that_came_broken_and_is_in_no_memory_is_asked_for_again_until_the_tries_are_used_up(
    talk: Talk,
) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    for _ in range(RULES.tries):
        assert talk.told == []
        talk.come(broken(signed(9)))
        talk.wait(GAP_S)
    assert talk.told == [Ended("s1", "device")]
    assert talk.codes().count(say.SIGN) == RULES.tries


def test_a_picture_that_cannot_be_read_is_as_good_as_broken(talk: Talk) -> None:
    talk.say(say.SIGN, signed(1, b"GIF89a"), signed(2))
    talk.begin("s1")
    assert talk.told == [Ended("s1", "captured", INK)]


def test_a_damaged_heartbeat_or_a_little_noise_disturbs_nobody_who_signs(talk: Talk) -> None:
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.come(b"\x02\x00\x02\xd1\x03\xff" + bytes(20))
    talk.wait(GAP_S)
    assert talk.codes() == [say.SIGN]
    talk.come(frame(signed(3)))
    assert talk.told == [Ended("s1", "captured", INK)]


@pytest.mark.parametrize(
    ("memory", "why"),
    [
        ([stored(2, 9), stored(1, 10)], "there are two, one is somebody else's"),
        ([stored(1, 5)], "it is the last customer's"),
    ],
)
def test_a_memory_that_proves_nothing_gives_nobody_a_signature(talk: Talk, memory: list[bytes], why: str) -> None:
    talk.say(say.SIGN, signed(5))
    talk.begin("s1")
    talk.told.clear()
    talk.mute(say.SIGN)
    talk.begin("s2")
    left = list(memory)
    talk.answers[say.FETCH] = talk.answers[say.TAKEN] = lambda _data: left.pop(0) if left else None
    talk.come(broken(signed(9)))
    talk.wait(GAP_S + 2 * ANSWER_S)
    assert not any(isinstance(e, Ended) for e in talk.told), why
    assert sum(isinstance(e, Dropped) for e in talk.told) == len(memory)
    assert talk.dialogue.active == "s2"


def test_a_memory_that_was_never_known_to_be_empty_gives_nobody_a_signature() -> None:
    talk = Talk({say.FETCH: [], say.SIGN: []})
    talk.wait(ANSWER_S)
    talk.begin("s1")
    talk.say(say.FETCH, stored(1, 9))
    talk.come(broken(signed(9)))
    talk.wait(GAP_S)
    assert talk.told == [Ready(()), Dropped(9)]
    assert talk.dialogue.active == "s1"


def test_what_a_pad_holds_at_the_opening_belongs_to_nobody() -> None:
    talk = Talk({say.FETCH: [stored(2, 3)], say.TAKEN: [stored(1, 4)], say.SIGN: []})
    assert talk.told == [Dropped(3), Dropped(4), Ready(())]
    assert bytes.fromhex("a8 000004") in talk.heard


def test_a_pad_whose_memory_has_no_end_is_not_listened_to_for_ever() -> None:
    talk = Talk({say.FETCH: [stored(2, 3)], say.TAKEN: [stored(2, 3)]})
    assert talk.told[-1] == Ready(())
    assert len(talk.told) == MEMORY_MAX + 1


def test_settings_that_a_pad_refuses_or_does_not_know() -> None:
    talk = Talk({say.TRIES: [bytes([say.TRIES, 1])], say.ZONE: []})
    talk.wait(ANSWER_S)
    assert talk.told == [Ready((say.TRIES, say.ZONE))]


def test_a_pad_that_goes_while_nobody_signs_is_lost_after_two_questions(talk: Talk) -> None:
    talk.mute(say.HELLO)
    talk.wait(IDLE_S + ANSWER_S)
    assert talk.told == []
    talk.wait(ANSWER_S)
    assert talk.told == [Lost()]
    assert set(talk.codes()) == {say.HELLO}


def test_a_question_missed_now_and_then_is_forgiven(talk: Talk) -> None:
    for _ in range(3):
        talk.say(say.HELLO, b"\xff", bytes([say.HERE]))
        talk.wait(IDLE_S + ANSWER_S)
    assert talk.told == []
    assert talk.codes() == [say.HELLO] * 6


def test_a_pad_that_answers_the_first_greeting_only_is_not_ready() -> None:
    talk = Talk({code: [] for code in (*SETTINGS, say.FETCH, say.DONE)} | {say.HELLO: [bytes([say.HERE]), b"\xff"]})
    talk.wait(60)
    assert talk.told == [Lost()]
    talk.say(say.HELLO, bytes([say.HERE]))
    talk.wait(60)
    assert [type(e) for e in talk.told] == [Lost, Ready]


def test_a_pad_that_is_lost_is_asked_on_and_comes_back(talk: Talk) -> None:
    talk.mute(say.HELLO)
    talk.wait(IDLE_S + 2 * ANSWER_S)
    talk.say(say.HELLO, bytes([say.HERE]))
    talk.wait(ANSWER_S)
    assert talk.told == [Lost(), Ready(())]


def test_a_pad_that_dies_in_a_session_ends_it_once(talk: Talk) -> None:
    talk.mute(*talk.answers)
    talk.mute(say.SIGN)
    talk.begin("s1")
    talk.wait(RULES.timeout_s + 10)
    assert [e for e in talk.told if isinstance(e, Ended)] == [Ended("s1", "device")]
    talk.begin("s2")
    talk.wait(10)
    assert talk.told[-1] == Ended("s2", "device")


def test_every_stage_leads_back_to_idle() -> None:
    for stage in TABLE:
        reached, new = {stage}, {stage}
        while new:
            new = {after for one in new for after in TABLE[one]} - reached
            reached |= new
        assert "idle" in reached, stage
