"""What goes into a decision and what comes out besides events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Boot:
    """The fold is done and nothing is running yet. `built_ms`: a wall clock before it cannot be right."""

    built_ms: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A client's request. `token` comes back with the answer."""

    token: int
    request: AnyRequest
    doer: Doer


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Leave:
    """posd was asked to stop."""


DeviceMessage = DeviceReport | PrintStarted | PrintOutcome | SignOutcome | KeyCommand
Input = Boot | Ask | Tick | Leave | DeviceMessage


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the client that waits under `token`."""

    token: int
    answer: AnyResult | Refusal


@dataclass(frozen=True, slots=True)
class RenderSlip:
    """Answer `token` with the picture of the slip that `order` makes."""

    token: int
    order: SlipOrder
    format: Literal["text", "png", "svg", "pdf"]


@dataclass(frozen=True, slots=True)
class RenderSignature:
    """Answer `token` with a captured signature."""

    token: int
    id: str
    version: int
    captured: str
    digest: str
    feature_code: str | None
    drawing: Drawing
    format: SignatureFormat


@dataclass(frozen=True, slots=True)
class Print:
    """Give the printer this job."""

    job: PrintJob


@dataclass(frozen=True, slots=True)
class BeginSign:
    """Begin a session on the pad."""

    request: SignRequest


@dataclass(frozen=True, slots=True)
class CancelSign:
    """End the session on the pad."""

    session: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Tell the person at the keypad what came of the keys."""

    answer: KeyAnswer


Effect = Reply | RenderSlip | RenderSignature | Print | BeginSign | CancelSign | Feedback


@dataclass(frozen=True, slots=True)
class Decision:
    """Events to make durable, in order, and effects that must wait until they are."""

    events: list[AnyEvent]
    effects: list[Effect]
