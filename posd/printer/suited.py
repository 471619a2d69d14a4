"""For which printers a kept body is right. Pure.

A body is kept as bytes, and goes to the printer again years later. It was made for a language, a profile, a width and
a Chinese font (`MadeFor`); on a printer of another kind the same bytes may come out as garbage, or do something else.
It suits a printer

    @A  of the same language: commands of the other are text to this one, and worse
    @B  whose paper is as wide at least
    @C  on which ESC t selects the same tables of characters, for those that this body uses
    @D  whose font has as much Chinese at least, where the body has any

A body of an early posd, which did not say for what it was made, tells its language by its bytes: each body in Star line
mode centres the shop's name, by a command that begins as none in ESC/POS does. The rest is taken to be as it is now.
"""

from __future__ import annotations

from typing import NamedTuple

from posd.printer.library import pages

_STAR_COMMAND = b"\x1b\x1d"
_KANJI_ON = b"\x1c&"
_CHINESE = ("none", "gb2312", "gbk", "gb18030")
"""What a Chinese font may have, from the least to the most (config.Chinese)."""


class MadeFor(NamedTuple):
    """A kind of printer: `printer.language`, `profile`, `width` and `chinese`."""

    language: str
    profile: str
    width: int
    chinese: str

    def __str__(self) -> str:
        return f"{self.language}, {self.profile}, {self.width} mm, {self.chinese}"


def made_for(text: str) -> MadeFor:
    """What `str` of it said."""
    language, profile, width, chinese = text.split(", ")
    return MadeFor(language, profile, int(width.removesuffix(" mm")), chinese)


def suits(body: bytes, before: str, now: MadeFor) -> bool:
    """Whether `body`, which was made for `before` (empty: nobody said), comes out right on `now`."""
    if not before:
        return now.language == ("star" if _STAR_COMMAND in body else "escpos")
    then = made_for(before)
    if then == now:
        return True
    if then.language != now.language or then.width > now.width:
        return False
    has_chinese = _KANJI_ON in body or (then.language == "star" and then.chinese != "none")
    if has_chinese and _CHINESE.index(then.chinese) > _CHINESE.index(now.chinese):
        return False
    if then.language == "star":
        return (then.chinese == "none") == (now.chinese == "none")
    return then.profile == now.profile or _reads_alike(body, then.profile, now.profile)


def _reads_alike(body: bytes, *profiles: str) -> bool:
    from posd.printer.readback import rows  # seldom needed
    from posd.printer.strip import UnreadableSlip

    try:
        first, *others = (rows(body, pages(profile)) for profile in profiles)
    except (UnreadableSlip, KeyError):  # a profile that python-escpos no longer has
        return False
    return all(found == first for found in others)
