"""The rows of the table of methods that are about people's work."""

from __future__ import annotations

from posd.api.method import ANSWERS_FOR_THE_BOX, AT_THE_COUNTER, EVERYONE, KEEPS_BOOKS, Method
from posd.domain import requests, views

ROWS = (
    Method(
        "exception.note",
        requests.ExceptionNote,
        views.ExceptionView,
        AT_THE_COUNTER,
        "desk",
        "Records what was done about an exception: whom somebody tried to reach, over which channel, and what came of "
        "it. The same key and content again gives the exception as it stands.",
        '{"id": "x105", "key": "till-3-000021", "channel": "phone", "outcome": "promised"}',
    ),
    Method(
        "exception.assign",
        requests.ExceptionAssign,
        views.ExceptionView,
        AT_THE_COUNTER,
        "desk",
        "Says which role has to act.",
        '{"id": "x105", "role": "cashier"}',
    ),
    Method(
        "exception.escalate",
        requests.ExceptionEscalate,
        views.ExceptionView,
        AT_THE_COUNTER,
        "desk",
        "Hands an exception up: a supervisor has to act.",
        '{"id": "x105", "reason": "the customer cannot be reached"}',
    ),
    Method(
        "exception.waive",
        requests.ExceptionWaive,
        views.ExceptionView,
        ANSWERS_FOR_THE_BOX,
        "desk",
        "Lets an exception be although it is not settled. It stays on record; the journal keeps its transaction no "
        "longer than others.",
        '{"id": "x105", "reason": "below what a chargeback costs"}',
    ),
    Method(
        "exception.close",
        requests.ExceptionClose,
        views.ExceptionView,
        AT_THE_COUNTER,
        "desk",
        "Closes an exception that the facts in the journal have settled; refused with `conflict` while they have not.",
        '{"id": "x105"}',
    ),
    Method(
        "shift.open",
        requests.ShiftOpen,
        views.ShiftView,
        AT_THE_COUNTER,
        "desk",
        "Begins an operator's shift, and confirms the handover of the one before. The same key and content again gives "
        "the stored answer.",
        '{"operator": "07", "key": "till-3-000022", "confirms": "h911"}',
    ),
    Method(
        "shift.close",
        requests.ShiftClose,
        views.ShiftView,
        AT_THE_COUNTER,
        "desk",
        "Ends the shift: what waits for a signature is missing, the handover is recorded, given and printed. The same "
        "key and content again gives the stored answer.",
        '{"key": "till-3-000023"}',
    ),
    Method(
        "shift.show",
        requests.ShiftShow,
        views.ShiftView,
        EVERYONE,
        "desk",
        "Gives the newest shift: open, or closed and waiting for the next operator, with what was taken and is open.",
    ),
    Method(
        "evidence.export",
        requests.EvidenceExport,
        views.EvidencePage,
        KEEPS_BOOKS,
        "desk",
        "Gives a page of what the journal holds about a transaction, with the batches that prove it; `posctl evidence` "
        "makes a bundle of the pages.",
        '{"id": "20261121-0042"}',
    ),
)
