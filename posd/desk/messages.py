"""What goes into a decision and what comes out besides events."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from posd.domain.device import (
    DeviceReport,
    Drawing,
    KeyAnswer,
    KeyCommand,
    PrintJob,
    PrintOutcome,
    PrintStarted,
    SignOutcome,
    SignRequest,
)
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent
from posd.domain.requests import AnyRequest
from posd.domain.signature import SignatureFormat
from posd.domain.slip import SlipOrder
from posd.domain.views import AnyResult


class Boot(Struct, frozen=True):
    """The fold is done and nothing is running yet. `built_ms`: a wall clock before it cannot be right."""

    built_ms: int


class Ask(Struct, frozen=True):
    """A client's request. `token` comes back with the answer."""

    token: int
    request: AnyRequest
    doer: Doer


class Tick(Struct, frozen=True):
    """Time has passed."""


class Leave(Struct, frozen=True):
    """posd was asked to stop."""


DeviceMessage = DeviceReport | PrintStarted | PrintOutcome | SignOutcome | KeyCommand
Input = Boot | Ask | Tick | Leave | DeviceMessage


class Reply(Struct, frozen=True):
    """Answer the client that waits under `token`."""

    token: int
    answer: AnyResult | Refusal


class RenderSlip(Struct, frozen=True):
    """Answer `token` with the picture of the slip that `order` makes."""

    token: int
    order: SlipOrder
    format: Literal["text", "png", "svg", "pdf"]


class RenderSignature(Struct, frozen=True):
    """Answer `token` with a captured signature."""

    token: int
    id: str
    version: int
    captured: str
    digest: str
    feature_code: str | None
    drawing: Drawing
    format: SignatureFormat


class Print(Struct, frozen=True):
    """Give the printer this job."""

    job: PrintJob


class BeginSign(Struct, frozen=True):
    """Begin a session on the pad."""

    request: SignRequest


class CancelSign(Struct, frozen=True):
    """End the session on the pad."""

    session: str


class Feedback(Struct, frozen=True):
    """Tell the person at the keypad what came of the keys."""

    answer: KeyAnswer


Effect = Reply | RenderSlip | RenderSignature | Print | BeginSign | CancelSign | Feedback


class Decision(Struct, frozen=True):
    """Events to make durable, in order, and effects that must wait until they are."""

    events: list[AnyEvent]
    effects: list[Effect]
