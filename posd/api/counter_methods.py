"""The methods about copies that are asked for at the counter, and what their fields mean."""

from __future__ import annotations

from posd.api.method import ANSWERS_FOR_THE_BOX, AT_THE_COUNTER, EVERYONE, HANDLES_SLIPS, Method
from posd.domain import requests, views

ROWS = (
    Method(
        "receipt.cancel",
        requests.ReprintCancel,
        views.Reprinted,
        HANDLES_SLIPS,
        "desk",
        "Withdraws a copy of which no byte has left, or a request that waits for a supervisor. Who asked may, and a "
        "supervisor; what was asked for with a key, any cashier. Again gives the same answer.",
        '{"job": "000042-c1"}',
    ),
    Method(
        "receipt.approve",
        requests.ReprintApprove,
        views.Reprinted,
        ANSWERS_FOR_THE_BOX,
        "desk",
        "A supervisor's word on a request that waits; it counts once. The shop's other rules are looked at again: if "
        "they refuse, the request goes on waiting.",
        '{"job": "r105"}',
    ),
    Method(
        "receipt.waiting",
        requests.ReprintsWaiting,
        views.RequestList,
        AT_THE_COUNTER,
        "desk",
        "Lists the copies that wait for a supervisor. A request that nobody decides on within ten minutes ends.",
    ),
    Method(
        "receipt.request",
        requests.ReprintShow,
        views.RequestStanding,
        EVERYONE,
        "desk",
        "Says how a request for a copy stands, refused ones too, as long as its record is in the ring.",
        '{"request": "r105"}',
    ),
)

COUNTER: dict[str, dict[str, str]] = {
    "ReprintCancel": {"job": "The copy's job, or the request that waits."},
    "ReprintApprove": {"job": "The request that waits.", "approve": "False: it is declined."},
    "ReprintShow": {"request": "Its name, as the answer, the refusal or the event says; or the job of its copy."},
    "RequestStanding": {
        "request": "Its name.",
        "state": "`refused`; `waiting-approval`, then `declined`, `expired` or on; `queued` until its first byte "
        "leaves, `printing`, `done`; `cancelled`; `unknown`: it may have come out.",
        "id": "The transaction's id; empty if there is none such.",
        "copy": "Which slip.",
        "reason": "Why, as the asker said.",
        "note": "What the asker said beside it.",
        "asked": "When.",
        "by": "Who asked.",
        "kind": "Of a refused one: the kind of refusal.",
        "message": "Of a refused one: what the asker was told.",
        "until": "Of a refused one: the time that the asker was told.",
        "job": "The job of its copy; null if there is none.",
        "number": "The copy number on the slip.",
        "changed": "When the copy last changed.",
        "prints_at": "About when it will be out; null if nothing of it is under way.",
    },
    "CopyOf": {
        "original": "The job of the original.",
        "point": "The backup point: the newest record before it. All up to there is on the disk before its first byte "
        "leaves.",
        "request": "The name of the request that it answers.",
        "reason": "Why, as the asker said.",
        "note": "What the asker said beside it.",
        "by": "Who asked.",
    },
    "ReasonView": {
        "reason": "The word to give.",
        "zh_CN": "The same in Chinese.",
        "en": "The same in English.",
        "note": "Whether it needs a note.",
    },
    "RequestList": {"requests": "Oldest first."},
    "RequestView": {
        "job": "The request; give it to `receipt.approve` or `receipt.cancel`.",
        "id": "The transaction's id.",
        "receipt": "Its receipt number.",
        "copy": "Which slip.",
        "reason": "Why, as the asker said.",
        "note": "What the asker said beside it.",
        "total": "What the transaction comes to, decimal text.",
        "currency": "Its currency.",
        "asked": "When.",
        "by": "Who asked.",
    },
}
