"""What is said to a serial signature pad, and when (docs/serial-pad.md). Pure; the caller has the clock and the line.

One question is open at a time: it has the codes that answer it, a deadline, and what follows either. `TABLE` is the
walk between the stages; a step that is not in it cannot be taken.

    greeting    A0 until the pad answers, then A3         -> setting
    setting     E5 F8 D0 E3, refusals are tolerated       -> emptying
    emptying    A4 A8 .. A5, A0                           -> idle | greeting
    idle        A0 now and then                           -> signing | greeting
    signing     A1 for the last one, A2, then wait        -> ending | recovering
    recovering  A3 A4: a picture that may have got broken -> ending | signing
    ending      A3                                        -> idle | emptying | greeting

Rules
1. Each session that was begun has exactly one end, also when the line goes.
2. A picture belongs to a session only where nothing else can have made it: it answers this session's A2, or it is the
   only one in a memory that was known to hold none when the session began, with a number that is not the last one's.
   Any other is taken out of the pad, told and dropped.
3. No session begins before the pad has said (B3) that the one before is over: it may still ask the customer of a
   session of which the line or posd lost sight, and his picture would answer the next A2.
4. A broken frame is never acted upon. As many lost bytes as a picture has, while a signing is on, may have been it.
5. What arrives and does not answer the open question is ignored: a late answer counts for nothing.
6. A pad that lives says so while somebody signs: by its heartbeats, or, having been told how long a customer may take,
   by its C2 when that is over. One that says neither has died: the end is `device`, and no customer is blamed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from posd.pad import spoken as say
from posd.pad.finished import BadPicture, blank, read
from posd.pad.frames import Framer, frame
from posd.pad.spoken import Dropped, Ended, Lost, Out, Ready, Result, Rules, Say

Stage = Literal["greeting", "setting", "emptying", "idle", "signing", "recovering", "ending"]

TABLE: dict[Stage, frozenset[Stage]] = {
    "greeting": frozenset({"greeting", "setting"}),
    "setting": frozenset({"setting", "emptying"}),
    "emptying": frozenset({"idle", "greeting"}),
    "idle": frozenset({"idle", "signing", "greeting"}),
    "signing": frozenset({"recovering", "ending"}),
    "recovering": frozenset({"signing", "ending"}),
    "ending": frozenset({"idle", "emptying", "greeting"}),
}

ANSWER_S = 2.0
HEARTBEAT_S = 5.0
IDLE_S = 30.0
PICTURE_BYTES_MIN = 64
"""Fewer lost bytes were noise or a heartbeat."""
MEMORY_MAX = 256
"""Pictures taken out of a pad at one go; a pad that offers still more is not believed."""
NO_CODE = "00000000"


class _Question(NamedTuple):
    """What was asked: the codes that answer, until when, and what follows an answer or silence."""

    answers: frozenset[int]
    deadline_s: float
    answered: Callable[[bytes, float], None]
    silent: Callable[[float], None]


class _Session(NamedTuple):
    """A session that was begun."""

    name: str
    code: str
    deadline_s: float
    tries_left: int


class Dialogue:
    """The talk over one open line. Every public method gives what is to be done now, in order."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._framer = Framer()
        self._stage: Stage = "greeting"
        self._question: _Question | None = None
        self._session: _Session | None = None
        self._settings: list[bytes] = []
        self._refused: list[int] = []
        self._last: bytes | None = None
        self._last_untold = False
        self._memory_known = False
        self._heartbeat_s: float | None = None
        self._asked_s = 0.0
        self._lost_before = 0
        self._fetched = 0
        self._misses = 0
        self._answers: bool | None = None
        self._out: list[Out] = []

    @property
    def active(self) -> str | None:
        """The name of the session that is on."""
        return self._session.name if self._session else None

    @property
    def deadline_s(self) -> float | None:
        """When `tick` has something to do, as things stand."""
        due = [self._framer.deadline_s, self._question.deadline_s if self._question else None, self._death_s]
        return min((s for s in due if s is not None), default=None)

    @property
    def _death_s(self) -> float | None:
        """When a pad that sent a heartbeat in this signing is dead without another."""
        beats = self._stage == "signing" and self._heartbeat_s is not None
        return self._heartbeat_s + HEARTBEAT_S if beats and self._heartbeat_s is not None else None

    def open(self, now_s: float) -> list[Out]:
        """The line is there."""
        self._greet(now_s)
        return self._spoken()

    def feed(self, data: bytes, now_s: float) -> list[Out]:
        """What came from the pad."""
        self._hear(self._framer.feed(data, now_s), now_s)
        return self._spoken()

    def tick(self, now_s: float) -> list[Out]:
        """Time has passed."""
        self._hear(self._framer.expire(now_s), now_s)
        question, death_s = self._question, self._death_s
        if question is not None and now_s >= question.deadline_s:
            self._question = None
            question.silent(now_s)
        elif death_s is not None and now_s >= death_s:
            self._end("device")
            self._finish(now_s)
        return self._spoken()

    def begin(self, name: str, code: str, now_s: float) -> list[Out]:
        """A session begins; `code` is the feature code, or empty. One at a time, after `Ready`."""
        assert self._session is None, f"session {name} begins while {self.active} is on"
        self._session = _Session(name, code or NO_CODE, now_s + self._rules.timeout_s, self._rules.tries)
        if self._stage == "idle":
            self._start(now_s)
        return self._spoken()

    def stop(self, result: Literal["cancelled", "device", "restart"], now_s: float) -> list[Out]:
        """The desk gives the session up, the line has gone, or posd stops."""
        if self._session is not None:
            self._end(result)
            if self._stage in ("signing", "recovering"):
                self._finish(now_s)
        return self._spoken()

    def _spoken(self) -> list[Out]:
        out, self._out = self._out, []
        return out

    def _hear(self, messages: list[bytes], now_s: float) -> None:
        for data in messages:
            if data[0] == say.HEARTBEAT:
                self._heartbeat_s = now_s
            elif self._question is not None and data[0] in self._question.answers:
                question, self._question = self._question, None
                question.answered(data, now_s)
        if self._stage == "signing" and self._framer.lost - self._lost_before >= PICTURE_BYTES_MIN:
            self._recover(now_s)

    def _go(self, stage: Stage) -> None:
        assert stage in TABLE[self._stage], f"{stage} cannot follow {self._stage}"
        self._stage = stage

    def _ask(
        self,
        data: bytes,
        answers: set[int],
        now_s: float,
        answered: Callable[[bytes, float], None],
        silent: Callable[[float], None],
        within_s: float = ANSWER_S,
    ) -> None:
        self._out.append(Say(frame(data)))
        self._question = _Question(frozenset(answers), now_s + within_s, answered, silent)

    # The line was opened: greet, set, empty the memory.

    def _greet(self, now_s: float) -> None:
        self._go("greeting")
        self._ask(bytes([say.HELLO]), {say.HERE}, now_s, self._greeted, self._unanswered)

    def _unanswered(self, now_s: float) -> None:
        if self._answers is not False:
            self._answers = False
            self._out.append(Lost())
        if self._session is not None:
            self._end("device")
        self._greet(now_s)

    def _greeted(self, _data: bytes, now_s: float) -> None:
        self._ask(bytes([say.END]), {say.ENDED}, now_s, self._at_rest, self._unanswered)

    def _at_rest(self, _data: bytes, now_s: float) -> None:
        self._settings, self._refused = self._rules.settings(), []
        self._go("setting")
        self._set(now_s)

    def _set(self, now_s: float) -> None:
        if not self._settings:
            self._empty(now_s)
            return
        setting = self._settings.pop(0)

        def told(data: bytes, now_s: float) -> None:
            if data[1:2] != b"\0":
                self._refused.append(setting[0])
            self._set(now_s)

        self._ask(setting, {setting[0]}, now_s, told, lambda now_s: told(b"", now_s))

    def _empty(self, now_s: float) -> None:
        self._go("emptying")
        self._memory_known = False
        self._fetched = 0
        self._fetch(now_s)

    def _fetch(self, now_s: float) -> None:
        self._ask(bytes([say.FETCH]), {say.STORED}, now_s, self._fetched_one, self._fetched_all)

    def _fetched_one(self, data: bytes, now_s: float) -> None:
        one = say.stored(data)
        if one is None:
            self._memory_known = self._memory_known or self._stage == "emptying"
            self._fetched_all(now_s)
            return
        self._fetched += 1
        alone = one.left == 1 and self._fetched == 1
        proven = self._stage == "recovering" and self._memory_known and alone and one.sequence != self._last
        if not (proven and self._session is not None and self._take(one.picture, one.sequence)):
            self._out.append(Dropped(int.from_bytes(one.sequence, "big")))
        taken = bytes([say.TAKEN]) + one.sequence
        if one.left > 1 and self._fetched < MEMORY_MAX:
            self._ask(taken, {say.STORED}, now_s, self._fetched_one, self._fetched_all)
        else:
            self._out.append(Say(frame(taken)))
            self._memory_known = one.left == 1
            self._fetched_all(now_s)

    def _fetched_all(self, now_s: float) -> None:
        self._ask(bytes([say.DONE]), {say.DONE_OK}, now_s, lambda _data, now_s: self._emptied(now_s), self._emptied)

    def _emptied(self, now_s: float) -> None:
        if self._stage == "recovering":
            self._recovered(now_s)
        else:  # a pad without memory is silent so far: whether it is there at all, it says now
            self._ask(bytes([say.HELLO]), {say.HERE}, now_s, self._prepared, self._unanswered)

    def _prepared(self, _data: bytes, now_s: float) -> None:
        if not self._answers:
            self._answers = True
            self._out.append(Ready(tuple(self._refused)))
        self._rest(now_s)

    # Nothing to do: start what waits, else look after the pad now and then.

    def _rest(self, now_s: float) -> None:
        self._go("idle")
        self._misses = 0
        if self._session is not None:
            self._start(now_s)
        else:
            self._question = _Question(frozenset(), now_s + IDLE_S, lambda _data, _now_s: None, self._look)

    def _look(self, now_s: float) -> None:
        self._ask(bytes([say.HELLO]), {say.HERE}, now_s, lambda _data, now_s: self._rest(now_s), self._missed)

    def _missed(self, now_s: float) -> None:
        self._misses += 1
        (self._look if self._misses < 2 else self._unanswered)(now_s)

    # A session.

    def _start(self, now_s: float) -> None:
        self._go("signing")
        self._lost_before = self._framer.lost
        if not self._last_untold or self._last is None:
            self._sign(now_s)
            return
        self._last_untold = False

        def told(data: bytes, now_s: float) -> None:
            self._memory_known = self._memory_known and data[1:2] == b"\0"
            self._sign(now_s)

        self._ask(bytes([say.LAST]) + self._last + b"\0", {say.LAST_OK}, now_s, told, lambda now_s: told(b"", now_s))

    def _sign(self, now_s: float) -> None:
        session = self._session
        assert session is not None, "the pad is asked for nobody"
        self._heartbeat_s = None
        self._asked_s = now_s
        self._lost_before = self._framer.lost
        asked = bytes([say.SIGN]) + session.code.encode("ascii")
        left_s = max(session.deadline_s - now_s, 0.0)
        self._ask(asked, {say.SIGNED, say.NOT_SIGNED}, now_s, self._signed, self._overdue, left_s)

    def _signed(self, data: bytes, now_s: float) -> None:
        if data[0] == say.NOT_SIGNED:
            self._end("timeout" if now_s >= self._asked_s + self._rules.patience_s else "cancelled")
        elif not self._take(data[4:], data[1:4]):
            self._recover(now_s)
            return
        self._finish(now_s)

    def _overdue(self, now_s: float) -> None:
        """The customer's time is over; a pad that was given it, and was not heard of since, owes a word on that."""
        over_s = self._asked_s + self._rules.patience_s + ANSWER_S
        given = say.PATIENCE not in self._refused and over_s <= now_s + 2 * ANSWER_S
        if given and self._heartbeat_s is None:
            answers = frozenset({say.SIGNED, say.NOT_SIGNED})
            self._question = _Question(answers, max(over_s, now_s), self._signed, self._unheard)
            return
        self._end("timeout")
        self._finish(now_s)

    def _unheard(self, now_s: float) -> None:
        self._end("device" if self._heartbeat_s is None else "timeout")
        self._finish(now_s)

    def _take(self, picture: bytes, sequence: bytes) -> bool:
        """End the session with this picture; False when it cannot be read."""
        try:
            seen = read(picture)
        except BadPicture:
            return False
        self._last, self._last_untold = sequence, True
        if blank(seen):
            self._end("blank")
        else:
            self._end("captured", picture)
        return True

    def _end(self, result: Result, picture: bytes = b"") -> None:
        assert self._session is not None
        self._out.append(Ended(self._session.name, result, picture))
        self._session = None
        self._memory_known = self._memory_known and self._last_untold

    def _finish(self, now_s: float) -> None:
        """Tell the pad that the signing is over. A session that brought no picture may have left one in its memory."""
        self._go("ending")

        def told(_data: bytes, now_s: float) -> None:
            (self._rest if self._memory_known else self._empty)(now_s)

        self._ask(bytes([say.END]), {say.ENDED}, now_s, told, self._greet)

    # A picture that may have got broken.

    def _recover(self, now_s: float) -> None:
        self._go("recovering")
        self._fetched = 0
        self._ask(bytes([say.END]), {say.ENDED}, now_s, lambda _data, now_s: self._fetch(now_s), self._fetch)

    def _recovered(self, now_s: float) -> None:
        """Nothing in the memory was this session's: ask the customer again while there are tries and time."""
        session = self._session
        if session is not None and session.tries_left > 1 and now_s < session.deadline_s:
            self._session = session._replace(tries_left=session.tries_left - 1)
            self._go("signing")
            self._sign(now_s)
            return
        if session is not None:
            self._end("device")
        self._finish(now_s)
