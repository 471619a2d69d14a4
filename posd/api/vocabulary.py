"""What each stable word means, for docs/api.md and docs/status.md: reasons of devices, kinds of refusals, types of
events. A test holds this to the types: none missing, none too many.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    "paper-near-end": ("The paper roll is nearly used up; printing goes on.", "Have a new roll ready."),
    "paper-end": ("There is no paper.", "Put in a roll; what waits then prints by itself."),
    "cover-open": ("The cover is open.", "Close it."),
    "cutter": ("The cutter is jammed.", "Free the blade, then open and close the cover."),
    "head-hot": ("The print head is too hot; the printer waits.", "Nothing; it goes on when it has cooled."),
    "offline": ("The printer was taken off line at its panel.", "Press its feed or on-line key."),
    "unrecoverable": (
        "A fault that the printer cannot leave by itself.",
        "Switch it off and on; have it repaired if that does not help.",
    ),
    "no-answer": ("The device is connected but silent.", "Check its power and the baud rate, then `posctl doctor`."),
    "unplugged": ("The device's node is gone.", "Plug it in; posd finds it by itself."),
}
"""Reason word -> what it means, what to do."""

KINDS: dict[str, str] = {
    "conflict": "The same id or key was used before with other content; `transaction.get` shows what is kept.",
    "not-found": "There is no such transaction, copy, signature or exception.",
    "incomplete": "The slip is not whole or does not add up; `data.field` is where.",
    "card-data": "A full card number stands where it cannot be masked, or a field carries track, CVV or PIN data.",
    "denied": "This peer's roles do not allow it.",
    "needs-supervisor": "The shop's rules ask for a supervisor.",
    "window-closed": "The time for reprints is over; `data.until` is when it ended.",
    "copies-spent": "All allowed copies were made.",
    "too-soon": "The last copy was a moment ago; `data.until` is when the next is allowed.",
    "busy-hours": "Copies wait behind live sales now; `data.until` is when that ends.",
    "mismatch": "What was stated does not match the journal; `data.field` is what.",
    "device-absent": "The device that it needs is not there.",
    "device-fault": "The device that it needs has a fault.",
    "busy": "Too much at once, or no answer in time; try again.",
    "cancelled": "It was withdrawn before it ended.",
    "journal-full": "No room for new sales until what is owed is done; outcomes are still kept.",
    "journal-damaged": "What was asked for was damaged on the disk, and no intact copy is left.",
    "journal-failed": "The disk failed; posd keeps nothing new until it is repaired.",
    "too-large": "The request is longer than a line may be.",
    "unsupported": "This posd or this device cannot do it.",
    "invalid": "A wrong type, an unknown or missing field, a bad value; the only kind under -32602.",
}
"""Kind of refusal -> what it means."""

EVENTS: dict[str, str] = {
    "transaction.accepted": "A transaction is kept.",
    "copy.started": "A copy is about to be sent to the printer.",
    "copy.printed": "A copy came out; `proof` says how that is known.",
    "copy.failed": "Provably nothing came out.",
    "copy.unknown": "It may have come out.",
    "copy.settled": "A person said whether it came out.",
    "reprint.requested": "A copy was asked for and granted.",
    "reprint.asked": "A copy was asked for and waits for a supervisor.",
    "reprint.decided": "What became of a copy that waited for a supervisor.",
    "reprint.refused": "A copy was asked for and refused.",
    "requests.refused": "So many more copies were refused than are told one by one.",
    "reprint.cancelled": "A copy was withdrawn before its first byte.",
    "signature.requested": "The pad asks for a signature.",
    "signature.captured": "A signature was given, bound to `digest`.",
    "signature.missing": "No signature was given.",
    "signature.attested": "It was signed on paper.",
    "signature.voided": "A signature was wrong; it is kept, and another is needed.",
    "signature.uploaded": "A try to hand a signature to the acquirer ended.",
    "exception.opened": "Something did not end as it should.",
    "exception.noted": "Somebody wrote a note on an exception.",
    "exception.assigned": "An exception was given to a role.",
    "exception.escalated": "An exception was handed up to a supervisor.",
    "exception.overdue": "An exception is open past its deadline.",
    "exception.waived": "A supervisor let an exception be.",
    "exception.closed": "An exception ended.",
    "exceptions.swept": "All transactions were compared with the list of exceptions.",
    "shift.opened": "An operator began.",
    "shift.closed": "An operator ended, leaving these exceptions.",
    "shift.carried": "How the newest shift stands, recorded anew before its records leave the journal.",
    "device.changed": "A device came into another state.",
    "device.counted": "Running totals of what a device has done and met.",
    "selftest.changed": "A self-test or handover slip was asked for, is about to be sent, or ended.",
    "export.acknowledged": "Somebody else has everything up to here.",
    "clock.suspect": "The wall clock cannot be right: it stood behind the newest trusted time, or leapt ahead.",
    "clock.trusted": "The wall clock is right again, by itself or because a supervisor says so.",
}
"""Type of event -> what happened."""
