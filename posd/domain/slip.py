"""What the desk orders from the slip composer, and what it gets.

A slip is four runs of bytes: `top` (initialisation, marks, who asked), `body` (everything that the sale says),
`signing` (line, image or the text that replaces a signature) and `bottom` (marks, feed, cut). Only the body is the
receipt: a reprint sends the original's body byte for byte (law 4), with other marks around it and the signature as it
stands now.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.device import Drawing
from posd.domain.doer import Asker
from posd.domain.transaction import Transaction

CopyName = Literal["merchant", "customer"]
Mark = Literal["none", "duplicate", "possible-duplicate"]

_PICTURES = (b"\x1dv0", b"\x1d(k", b"\x1d(L", b"\x1b*", b"\x1b\x1dS", b"\x1b\x1dy")
"""How raster data and codes begin, in ESC/POS and in Star line mode."""


class Terminal(msgspec.Struct, frozen=True):
    """The box and the shop as they stand on the slip; frozen into the journal with each transaction. `merchant` may
    have several lines.
    """

    id: str
    merchant: str
    locale: Literal["zh_CN", "en"]


class Signing(msgspec.Struct, frozen=True):
    """What stands where the signature goes: nothing, a rule's text (`text`, or posd's for `rule` and `limit`), a line
    to sign on, or the image of version `version`.
    """

    kind: Literal["none", "text", "line", "image"]
    rule: str | None = None
    limit: str | None = None
    drawing: Drawing | None = None
    version: int = 0
    text: str | None = None


class Reprint(msgspec.Struct, frozen=True):
    """What a reprint adds: the copy number, both times (RFC 3339, in the terminal's zone) and who asked: as what, and
    the operator on shift where one is known. Process and user numbers are for the journal, not for paper.
    """

    number: int
    printed_at: str | None
    reprinted_at: str
    asked_by: Asker
    reason: str
    operator: str | None = None


class SlipTerms(msgspec.Struct, frozen=True):
    """What a slip tells of further copies: until when (RFC 3339, in the terminal's zone), how many (0: none), and
    whether a supervisor must approve.
    """

    until: str
    left: int
    supervisor: bool = False


class SlipOrder(msgspec.Struct, frozen=True):
    """One slip to compose.

    `digest` is the hex SHA-256 of the accepted content; `receipt` the receipt number that a cashier can type. `body` is
    the original's, when there is one already, and `made_for` the kind of printer that it is for; then `transaction` is
    only used for what is outside the body. `torn`: a
    torn piece of this very copy lies on the counter; the slip says at its top that the piece is void and that this is
    printed anew.
    """

    copy: CopyName
    transaction: Transaction
    terminal: Terminal
    receipt: str
    digest: str
    feature_code: str | None
    signing: Signing
    possible_duplicate: bool = False
    reprint: Reprint | None = None
    body: bytes | None = None
    torn: bool = False
    terms: SlipTerms | None = None
    made_for: str = ""


class Slip(msgspec.Struct, frozen=True):
    """A composed slip; `data` is what goes to the device."""

    top: bytes
    body: bytes
    signing: bytes
    bottom: bytes

    @property
    def data(self) -> bytes:
        return self.top + self.body + self.signing + self.bottom

    @property
    def torn_within(self) -> int:
        """A print of fewer bytes is visibly not the slip: it ends before the second half of what the body says in
        text. Pictures, which take many bytes for few words, do not count: text ends where the first one begins.
        """
        said = min((at for begin in _PICTURES if (at := self.body.find(begin)) >= 0), default=len(self.body))
        return len(self.top) + said // 2
