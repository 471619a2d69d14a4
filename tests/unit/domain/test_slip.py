"""Up to which byte a piece of a slip is visibly no slip."""

from __future__ import annotations

import pytest

from posd.domain.slip import Slip

TOP, TEXT = b"\x1b@" + b"logo " * 10, b"0123456789" * 20


@pytest.mark.parametrize(
    "picture",
    [b"", b"\x1dv0\x00\x48\x00\x18\x00", b"\x1d(k\x04\x00", b"\x1b\x1dS\x01", b"\x1b\x1dyS0\x02", b"\x1b*\x21"],
)
def test_half_of_what_the_body_says_in_text(picture: bytes) -> None:
    body = TEXT + (picture + b"\xff" * 3000 + b"more text" if picture else b"")
    slip = Slip(TOP, body, b"signature", b"cut")
    assert slip.torn_within == len(TOP) + len(TEXT) // 2


def test_a_picture_at_the_beginning_leaves_little_to_say_so_of() -> None:
    assert Slip(TOP, b"\x1dv0\x00" + TEXT, b"", b"").torn_within == len(TOP)
