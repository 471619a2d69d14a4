"""The serial pad: frames, a signing and its ends, memory, settings, faults; and on its pty."""

from __future__ import annotations

import io
import os
import select
import time
from collections.abc import Callable
from functools import reduce
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hwsim.client import WorldError
from hwsim.pad.hand import scribble, signature
from hwsim.pad.serial import BOOT_S, SerialPad
from tests.unit.hwsim.test_world import SECONDS, Running, start

__all__ = ["start"]

SIGN = b"\xa2507D8226"


def frame(data: bytes) -> bytes:
    checked = (len(data) + 1).to_bytes(2, "big") + data + b"\x03"
    return b"\x02" + checked + bytes([reduce(xor, checked)])


def messages(said: bytes) -> list[bytes]:
    """The data of good frames that follow one another without anything between them."""
    found = []
    while said:
        length = int.from_bytes(said[1:3], "big")
        whole, said = said[: 4 + length], said[4 + length :]
        assert whole == frame(whole[3:-2])
        found.append(whole[3:-2])
    return found


class Host:
    """Talks to a pad; `now` is its clock."""

    def __init__(self, *, memory: bool = True) -> None:
        self.pad = SerialPad(memory=memory)
        self.now = 100.0

    def say(self, data: bytes) -> list[bytes]:
        return messages(self.pad.step(frame(data), self.now)[0])

    def after(self, seconds: float) -> list[bytes]:
        self.now += seconds
        return messages(self.pad.step(b"", self.now)[0])

    def sign(self, name: str = "Li") -> bytes:
        assert self.say(SIGN) == []
        assert self.pad.act(signature(name), "confirm", self.now)
        (signed,) = self.after(0)
        assert signed[0] == 0xB2
        return signed


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (b"\xa0", b"\xb0\x00"),
        (b"\xa3", b"\xb3"),
        (b"\xa4", b"\xb4\x00"),
        (b"\xa5", b"\xb5"),
        (b"\xd0\x1e", b"\xd0\x00"),
        (b"\xd0\x00", b"\xd0\x01"),
        (b"\xe5\x01", b"\xe5\x00"),
        (b"\xf8\x02", b"\xf8\x00"),
        (b"\xf9\x03", b"\xf9\x00"),
        (b"\xe3\x01\xe0\x00\xa0\x00\xf0\x00\x50", b"\xe3\x00"),
        (b"\xe3\x01\xe0", b"\xe3\x01"),
    ],
)
def test_each_question_has_its_answer(asked: bytes, answer: bytes) -> None:
    assert Host().say(asked) == [answer]


def test_what_it_does_not_know_it_does_not_answer() -> None:
    assert Host().say(b"\x77") == []


def test_a_signature_comes_as_a_bitmap_of_the_size_that_was_set() -> None:
    host = Host()
    host.say(b"\xe3\x01\xe0\x00\xa0\x00\xc8\x00\x40")
    signed = host.sign()
    assert signed[1:4] == b"\x00\x00\x01"
    image = Image.open(io.BytesIO(signed[4:]))
    assert (image.format, image.size) == ("BMP", (200, 64))
    assert signed[4 + 28] == 1, "one bit a dot"
    dark = image.convert("L").histogram()[0]
    assert 200 < dark < 3000
    assert Host().sign("Li")[4:] != Host().sign("Wei")[4:]


def test_it_beats_while_somebody_signs_and_only_then() -> None:
    host = Host()
    assert host.after(5) == []
    host.say(SIGN)
    assert host.after(3.5) == [b"\xd1"] * 3
    host.pad.act([], "cancel", host.now)
    assert host.after(0) == [b"\xc2\x01"]
    assert host.after(5) == []


def test_the_ends_of_a_signing_without_a_picture() -> None:
    host = Host()
    host.say(b"\xd0\x02")
    host.say(SIGN)
    assert host.after(9) == [b"\xd1", b"\xc2\x02"]
    host.say(b"\xf8\x02")
    host.say(SIGN)
    host.pad.act(signature("Li"), "clear", host.now)
    assert host.after(0) == []
    host.pad.act([], "clear", host.now)
    assert host.after(0) == [b"\xc2\x03"]
    host.say(SIGN)
    assert host.say(b"\xa3") == [b"\xb3"]
    assert host.pad.act([], "confirm", host.now) is False
    assert host.after(9) == []


def test_a_blank_is_not_taken_unless_it_may_be() -> None:
    host = Host()
    host.say(SIGN)
    host.pad.act([], "confirm", host.now)
    assert host.after(0) == []
    assert host.pad.signing
    host.say(b"\xe5\x01")
    host.pad.act([], "confirm", host.now)
    assert host.after(0)[0][0] == 0xB2


def test_a_customer_takes_time() -> None:
    host = Host()
    host.say(SIGN)
    host.pad.act(signature("Li"), "confirm", host.now, seconds=2.5)
    assert host.after(2.4) == [b"\xd1"] * 2
    assert [message[0] for message in host.after(0.2)] == [0xB2]


def test_the_memory_keeps_what_was_not_taken() -> None:
    host = Host()
    first, second = host.sign("Li"), host.sign("Wei")
    assert host.pad.kept == 2
    assert host.say(b"\xa4") == [b"\xb4\x02" + first[1:]]
    assert host.say(b"\xa9" + first[1:4]) == [b"\xb4\x02" + first[1:]]
    assert host.say(b"\xa8" + first[1:4]) == [b"\xb4\x01" + second[1:]]
    assert host.say(b"\xa8" + second[1:4]) == []
    assert host.say(b"\xa4") == [b"\xb4\x00"]
    third = host.sign()
    assert host.say(b"\xa1" + third[1:4] + b"\x01") == [b"\xb1\x00"]
    assert host.pad.kept == 1
    assert host.say(b"\xa1" + third[1:4] + b"\x00") == [b"\xb1\x00"]
    assert host.pad.kept == 0


def test_a_pad_without_memory_says_so() -> None:
    host = Host(memory=False)
    host.sign()
    assert host.say(b"\xa4") == [b"\xb4\xf1"]
    assert host.pad.kept == 0


def test_a_reboot_loses_the_signing_and_settings_and_keeps_the_memory() -> None:
    host = Host()
    host.sign()
    host.say(b"\xe5\x01")
    host.say(SIGN)
    host.pad.reboot(host.now)
    assert host.say(b"\xa0") == []
    assert host.after(BOOT_S) == []
    assert host.say(b"\xa0") == [b"\xb0\x00"]
    assert (host.pad.signing, host.pad.kept, host.pad.settings.allow_blank) == (False, 1, False)


def test_a_broken_frame_of_the_host_is_not_answered() -> None:
    host = Host()
    whole = frame(b"\xa0")
    for at in range(1, len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x01
        assert SerialPad().step(bytes(broken), host.now)[0] == b"", at


def test_a_spoiled_frame_has_a_wrong_check_and_the_next_is_good() -> None:
    host = Host()
    host.pad.spoil(1)
    said, _ = host.pad.step(frame(b"\xa0"), host.now)
    assert said[:-1] == frame(b"\xb0\x00")[:-1]
    assert said != frame(b"\xb0\x00")
    assert host.say(b"\xa0") == [b"\xb0\x00"]


def test_muted_it_hears_and_says_nothing() -> None:
    host = Host()
    host.pad.muted = True
    assert host.say(SIGN) == []
    assert host.pad.signing
    host.pad.muted = False
    assert host.say(b"\xa0") == [b"\xb0\x00"]


@settings(max_examples=150, deadline=None)
@given(
    noise=st.lists(st.binary(max_size=12).filter(lambda data: b"\x02" not in data[-3:]), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
def test_a_good_frame_behind_noise_is_answered_however_the_bytes_come(noise: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(piece + b"\x00" * 70 + frame(b"\xa0") for piece in noise)
    pad, said, at, turn = SerialPad(), b"", 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        said += pad.step(stream[at : at + size], 0.0)[0]
        at, turn = at + size, turn + 1
    assert messages(said) == [b"\xb0\x00"] * len(noise)


def test_on_its_pty(start: Callable[..., Running]) -> None:
    world = start("--speed", "fast")
    host = os.open(world.directory / "pad-serial", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def read(code: int) -> bytes:
        """Up to the end of a message with this code; heartbeats may come before."""
        got, deadline = b"", time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if select.select([host], [], [], 0.2)[0]:
                got += os.read(host, 65536)
            whole = got
            while len(whole) > 3 and len(whole) >= 4 + int.from_bytes(whole[1:3], "big"):
                length = 4 + int.from_bytes(whole[1:3], "big")
                if whole[3] == code:
                    return messages(whole[:length])[0]
                whole = whole[length:]
        pytest.fail(f"no {code:02X}; there was {got.hex()}")

    with pytest.raises(WorldError, match="nobody is asked to sign"):
        world.do("pad-serial", "sign", "Li")
    os.write(host, frame(SIGN))
    os.write(host, frame(b"\xa0"))
    read(0xB0)
    world.do("pad-serial", "sign", "Li", "--fast")
    assert len(read(0xB2)) > 2000
    status = world.do("status")["pad-serial"]
    assert isinstance(status, dict)
    assert (status["kept"], status["signing"]) == (1, False)
    world.do("pad-serial", "noise", 1, 0)
    os.write(host, frame(SIGN))
    world.do("pad-serial", "noise", 0, 0)
    world.do("unplug", "pad-serial")
    assert not (world.directory / "pad-serial").is_symlink()
    os.close(host)
    world.do("plug", "pad-serial")
    assert (world.directory / "pad-serial").is_symlink()
    for words in (["paper-out"], ["sign", "--fast"], ["scribble", "twice"]):
        with pytest.raises(WorldError):
            world.do("pad-serial", *words)


def test_a_scribble_is_smaller_than_a_signature() -> None:
    assert sum(map(len, scribble())) * 3 < sum(map(len, signature("Li")))
