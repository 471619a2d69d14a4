"""Events as the socket tells them: one notification a durable event. Pure.

`{"jsonrpc": "2.0", "method": "event", "params": {"seq", "time", "type", ...}}`: `time` is RFC 3339 in UTC with
milliseconds, `type` the event's public name, the other fields the event's own. Bodies of slips and drawings of
signatures are left out: `receipt.preview` and `signature.get` have them.

`signature.live` tells what is being drawn, `keypad.live` where the keypad stands, to who asked for it; they are no
events, have no `seq` and are never told again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from posd.api import framing, wire
from posd.domain.codec import tag_of
from posd.domain.device import Drawing, KeypadShown, LiveInk
from posd.domain.events import AnyEvent
from posd.domain.moment import iso_utc


def event_params(seq: int, event: AnyEvent) -> dict[str, Any]:
    """What a subscriber reads of an event."""
    params: dict[str, Any] = {"seq": seq, "time": iso_utc(event.time), "type": tag_of(event)}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if name != "time" and not isinstance(value, bytes | Drawing):
            params[name] = value
    return params


def event_line(seq: int, event: AnyEvent) -> bytes:
    """The notification of an event."""
    return framing.notification_line(wire.EVENT, event_params(seq, event))


def live_line(transaction: str, ink: LiveInk) -> bytes:
    """The notification of what was drawn since the last one of this session."""
    params = {
        "transaction": transaction,
        "session": ink.session,
        "width": ink.x_max,
        "height": ink.y_max,
        "anew": ink.anew,
        "points": ink.points,
    }
    return framing.notification_line(wire.SIGNATURE_LIVE, params)


def keypad_line(shown: KeypadShown) -> bytes:
    """The notification of where the keypad stands."""
    about = msgspec.to_builtins(shown.answer) if shown.answer is not None else {}
    about.pop("press", None)
    return framing.notification_line(wire.KEYPAD_LIVE, {"state": shown.state, **about})


def lost_line(first: int, last: int) -> bytes:
    """The notification that events `first` to `last` left the ring before they could be told."""
    return framing.notification_line(wire.EVENTS_LOST, {"from": first, "through": last})
