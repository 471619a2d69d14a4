"""What the stable words that a person meets mean, what was kept meanwhile, and what to do.

One table for all who tell it: docs/api.md and docs/status.md, the operator's guides, `posctl explain`; its Chinese
stands in advice_zh. The daemon never loads either. A test holds both to the types: no word without a row, no row
without a word.
"""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """Three sentences for a person: what happened, what was kept, what to do."""

    means: str
    kept: str
    todo: str


_NOTHING = "Nothing; what is kept stays as it is."
_NO_COPY = "Nothing prints. The refusal is on record."
_ALL = "Everything that was acknowledged."
_WAITS = "What waits prints when it is over."

REFUSALS: dict[str, Told] = {
    "conflict": Told(
        "The same id or key was used before with other content, or it does not go with how the thing stands now.",
        "What was there before.",
        "Look at it (`posctl show`, `transaction.get`). A new sale needs a new id, a new request a new key.",
    ),
    "not-found": Told(
        "There is no such transaction, copy, signature, request or exception on this terminal.",
        _NOTHING,
        "Check the number on the slip, or find it: `posctl search`.",
    ),
    "incomplete": Told(
        "The slip is not whole or does not add up; `data.field` is where.",
        "Nothing of this sale.",
        "Correct it in the till and send it again with the same id.",
    ),
    "card-data": Told(
        "A full card number stands where it cannot be masked, or a field carries track, CVV or PIN data.",
        "Nothing: neither the journal nor the log has it.",
        "Have the till send the masked number only (first six, last four).",
    ),
    "denied": Told(
        "This peer's roles do not allow it, or a rule of the shop allows nobody to.",
        _NOTHING,
        "Ask somebody who may; the administrator gives roles by Unix groups (`api.roles`).",
    ),
    "needs-supervisor": Told(
        "The shop's rules ask for a supervisor.",
        _NO_COPY,
        "Call a supervisor, or let the request wait for one: `posctl reprint ID --ask-supervisor`.",
    ),
    "window-closed": Told(
        "The time for reprints is over; `data.until` is when it ended.",
        _NO_COPY,
        "Show the sale on the screen or as a picture instead: `posctl preview ID`.",
    ),
    "copies-spent": Told(
        "All allowed copies were made.",
        _NO_COPY,
        "`posctl terms ID` says what is allowed. A picture needs no copy: `posctl preview ID`.",
    ),
    "too-soon": Told(
        "The last copy or request was a moment ago; `data.until` is when the next is allowed.",
        _NO_COPY,
        "Ask again then.",
    ),
    "busy-hours": Told(
        "Live sales have the printer to themselves now; `data.until` is when that ends.",
        _NO_COPY,
        "Ask again then, or send the customer a picture.",
    ),
    "mismatch": Told(
        "What was stated does not match the journal; `data.field` is what. What would be right is never said.",
        _NO_COPY,
        "Ask the customer again; check the number on the slip.",
    ),
    "device-absent": Told(
        "The device that it needs is not there.",
        _NOTHING,
        "Plug it in and ask again; `posctl devices` says when it is ready.",
    ),
    "device-fault": Told(
        "The device that it needs has a fault.", _NOTHING, "Mend what `posctl devices` names, then ask again."
    ),
    "busy": Told(
        "Too much at once, or another one is under way.",
        "Nothing of this request; the others go on.",
        "Try again in a moment.",
    ),
    "cancelled": Told("It was withdrawn before it ended.", _ALL, "Ask again if it is still wanted."),
    "journal-full": Told(
        "No room for new sales until what is owed is done.",
        "Everything that was acknowledged; outcomes of accepted sales are still kept.",
        "Settle what `posctl exceptions` lists: print, sign, waive. Meanwhile the till keeps new sales itself.",
    ),
    "journal-damaged": Told(
        "What was asked for was damaged on the disk, and no intact copy is left.",
        "Everything else; `posctl journal` names what is lost.",
        "Call maintenance: restore from the backup (docs/archive.md).",
    ),
    "journal-failed": Told(
        "The disk failed; posd keeps nothing new until it is repaired.",
        "What was acknowledged before, and nothing since.",
        "Take sales without posd and call maintenance: `posctl doctor`, another disk, `systemctl restart posd`.",
    ),
    "too-large": Told(
        "The request is longer than a line may be.",
        "Nothing of it.",
        "Split it, or leave out what the slip does not need.",
    ),
    "unsupported": Told(
        "This posd or this device cannot do it.", _NOTHING, "The sentence says what can be had instead."
    ),
    "invalid": Told(
        "A wrong type, an unknown or missing field, a bad value; the only kind under -32602.",
        "Nothing of it.",
        "Correct the field that `data.field` names; docs/api.md has the shapes.",
    ),
}
"""Kind of refusal, `data.kind` on the socket."""

CONTACT: dict[str, Told] = {
    "unreachable": Told(
        "Nobody answers on posd's socket, or this user may not open it.",
        "Everything that was acknowledged; nothing was sent now.",
        "`systemctl status posd`, then `posctl doctor`; it says who may open the socket.",
    ),
    "no-answer": Told(
        "posd did not answer in time.",
        "Perhaps the request, perhaps not.",
        "Send the same again with the same id or key: it is done once only.",
    ),
    "disconnected": Told(
        "The connection ended before the answer.",
        "Perhaps the request, perhaps not.",
        "Connect again and send the same with the same id or key: it is done once only.",
    ),
    "protocol": Told(
        "What came back is no answer of posd, or of another version.",
        "Perhaps the request, perhaps not.",
        "See that the path is posd's socket and that posctl and posd are of one version.",
    ),
    "internal": Told(
        "posd met a fault of its own and starts again from its journal.",
        _ALL,
        "Ask again in a moment. If it comes back, send maintenance the log: `journalctl -u posd`.",
    ),
}
"""Kinds that posctl and the client library have besides: posd was not reached, or not understood."""

REASONS: dict[str, Told] = {
    "paper-near-end": Told(
        "The paper roll is nearly used up; printing goes on.", "Everything.", "Have a new roll ready."
    ),
    "paper-end": Told("There is no paper.", _WAITS, "Put in a roll; what waits then prints by itself."),
    "cover-open": Told("The cover is open.", _WAITS, "Close it."),
    "cutter": Told("The cutter is jammed.", _WAITS, "Free the blade, then open and close the cover."),
    "head-hot": Told(
        "The print head is too hot; the printer waits.", _WAITS, "Nothing; it goes on when it has cooled."
    ),
    "offline": Told("The printer was taken off line at its panel.", _WAITS, "Press its feed or on-line key."),
    "unrecoverable": Told(
        "A fault that the printer cannot leave by itself.",
        _WAITS,
        "Switch it off and on; have it repaired if that does not help.",
    ),
    "no-answer": Told(
        "The device is connected but silent.",
        "Everything; a copy that was under way becomes `unknown`.",
        "Check its power and the baud rate, then `posctl doctor`.",
    ),
    "unplugged": Told(
        "The device's node is gone.",
        "Everything; a copy that was under way becomes `unknown`.",
        "Plug it in; posd finds it by itself.",
    ),
    "pin-file": Told(
        "The file with the supervisors' PINs was changed and cannot be used.",
        "The PINs of before hold, and so do wrong tries and locks. Keys work.",
        "`posctl devices` says what is wrong; put it right, posd takes it up within seconds.",
    ),
}
"""Reason of a device."""

EXCEPTIONS: dict[str, Told] = {
    "unprinted": Told(
        "A copy did not come out, and is too old to print by itself.",
        "The sale and its slip.",
        "`posctl reprint ID` releases the original, unmarked; or a supervisor waives it.",
    ),
    "unknown": Told(
        "A copy may have come out, and nobody can know but who looks.",
        "The sale and its slip; it is not printed again by itself.",
        "Look for it at the printer, then say so: `posctl settle ID --printed`, or `--not-printed`: it prints, marked.",
    ),
    "unsigned": Told(
        "A signature is missing.",
        "The sale; the merchant copy has a line to sign on.",
        "Take it on the pad (F3 or `posctl resign ID`), or have the line signed and say so: `posctl attest ID`.",
    ),
    "wrong-signature": Told(
        "A signature was declared wrong.", "The old one stays on record.", "Take another: F3 or `posctl resign ID`."
    ),
}
"""Kind of exception."""

CAUSES: dict[str, Told] = {
    "procedure": Told("Somebody at the counter ended it, or the pad was taken.", _ALL, "Take it again now."),
    "staff": Told(
        "Somebody of the shop did not wait for it, or did it wrong.",
        _ALL,
        "Take it again; the note says who was asked.",
    ),
    "handover": Told("The shift changed before it was given.", _ALL, "Whoever took over takes it again."),
    "device": Told(
        "The pad was unplugged, off, or did not answer.",
        _ALL,
        "Plug it in; `posctl devices` says when it is ready. Take it again.",
    ),
    "system": Told("posd was stopped, or the box lost its power.", _ALL, "Take it again."),
    "customer": Told(
        "The customer left, cancelled, or drew nothing that counts.",
        _ALL,
        "Ask the customer back, or have the paper signed.",
    ),
}
"""Why a signature is missing."""

GROUPS: dict[str, dict[str, Told]] = {
    "refusal": REFUSALS,
    "contact": CONTACT,
    "reason": REASONS,
    "exception": EXCEPTIONS,
    "cause": CAUSES,
}
"""Every table, in the order in which the guides show them."""
