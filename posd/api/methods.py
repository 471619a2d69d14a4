"""The one table of methods: what each takes and gives, who may call it, who answers it.

Everything else is made from this table: dispatch, access, the OpenRPC document, docs/api.md. A method that is not here
does not exist. Roles are the least that a person or a program of that kind needs; an empty set means everyone who may
open the socket.
"""

from __future__ import annotations

from posd.api import counter_methods, people_methods
from posd.api.method import (
    ANSWERS_FOR_THE_BOX,
    AT_THE_COUNTER,
    EVERYONE,
    HANDLES_SLIPS,
    KEEPS_BOOKS,
    SEES_SIGNATURES,
    SELLS,
    UPLOADS,
    Method,
)
from posd.domain import requests, views

_ROWS = (
    Method(
        "posd.hello",
        requests.Nothing,
        views.Hello,
        EVERYONE,
        "hello",
        "Says who answers, the newest sequence number, and which roles and methods this peer has.",
    ),
    Method(
        "posd.status",
        requests.Nothing,
        views.Status,
        EVERYONE,
        "status",
        "Gives the one look at everything: devices, journal, open exceptions, and a sentence that says what to do.",
    ),
    Method(
        "transaction.submit",
        requests.Submit,
        views.Submitted,
        SELLS,
        "desk",
        "Takes a transaction, makes it durable, and starts its slips and its signature. The same id and content again "
        "gives the stored answer.",
        '{"transaction": {"id": "20261121-0042", "type": "sale", "time": "2026-11-21T10:15:30+08:00", "currency": '
        '"CNY", '
        '"items": [{"name": "乌龙茶 Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"}], "total": "36.00", '
        '"payments": [{"method": "cash", "amount": "36.00", "tendered": "50.00", "change": "14.00"}]}}',
    ),
    Method(
        "transaction.get",
        requests.Get,
        views.Found,
        EVERYONE,
        "desk",
        "Gives one transaction with the state of its copies, its signature and its exceptions.",
        '{"id": "20261121-0042"}',
    ),
    Method(
        "transaction.search",
        requests.Search,
        views.SearchResult,
        EVERYONE,
        "desk",
        "Finds transactions by time, amount, type, last four digits, receipt number, or whether anything is open; "
        "newest first.",
        '{"since": "2026-11-21T00:00:00+08:00", "last_four": "1234", "limit": 20}',
    ),
    Method(
        "receipt.reprint",
        requests.ReprintAsk,
        views.Reprinted,
        HANDLES_SLIPS,
        "desk",
        "Prints a copy again, with its mark, under the shop's rules. The same key and content again gives the stored "
        "answer.",
        '{"id": "last", "copy": "customer", "key": "till-3-000017", "reason": "customer lost it"}',
    ),
    Method(
        "receipt.settle",
        requests.Settle,
        views.Settled,
        HANDLES_SLIPS,
        "desk",
        "Records what a person saw of an unknown copy: whether it came out.",
        '{"id": "20261121-0042", "copy": "merchant", "number": 0, "printed": false}',
    ),
    Method(
        "receipt.preview",
        requests.Preview,
        views.Previewed,
        EVERYONE,
        "desk",
        "Gives a copy as text, PNG, SVG or PDF instead of paper. Prints nothing and counts as no copy.",
        '{"id": "20261121-0042", "copy": "customer", "format": "png"}',
    ),
    Method(
        "receipt.terms",
        requests.Terms,
        views.TermsView,
        EVERYONE,
        "desk",
        "Says until when and how often a copy may still be reprinted, and who must approve.",
        '{"id": "last"}',
    ),
    Method(
        "signature.resign",
        requests.Resign,
        views.Resigned,
        HANDLES_SLIPS,
        "desk",
        "Takes a missing signature again on the pad. The same key and content again gives the stored answer.",
        '{"id": "20261121-0042", "key": "till-3-000018", "reason": "customer came back"}',
    ),
    Method(
        "signature.skip",
        requests.Skip,
        views.SignatureStanding,
        HANDLES_SLIPS,
        "desk",
        "Waits for a signature no longer: the slip prints with a line to sign on, the exception's cause is `staff`. "
        "One that is being given is called off; the answer says `awaiting` then, and its end comes as an event.",
        '{"id": "20261121-0042", "reason": "the customer is in a hurry"}',
    ),
    Method(
        "signature.void",
        requests.Void,
        views.Voided,
        AT_THE_COUNTER,
        "desk",
        "Declares the newest signature wrong: it stays on record and counts no more, and the pad asks for another. The "
        "same key and content again gives the stored answer.",
        '{"id": "20261121-0042", "key": "till-3-000019", "reason": "signed for the wrong slip"}',
    ),
    Method(
        "signature.attest",
        requests.Attest,
        views.SignatureStanding,
        AT_THE_COUNTER,
        "desk",
        "Records that the slip was signed by hand, and by whom. The same key and content again gives the stored "
        "answer.",
        '{"id": "20261121-0042", "key": "till-3-000020", "signed_by": "Li Wei"}',
    ),
    Method(
        "signature.uploaded",
        requests.Uploaded,
        views.SignatureStanding,
        UPLOADS,
        "desk",
        "Records how handing a signature to the acquirer went. The same attempt told again counts once.",
        '{"id": "20261121-0042", "state": "sent", "attempt": 1}',
    ),
    Method(
        "signature.get",
        requests.SignatureGet,
        views.SignatureData,
        SEES_SIGNATURES,
        "desk",
        "Gives a captured signature as strokes, PNG, SVG, JBIG1 or ISO/IEC 19794-7, with the digest of the slip that "
        "it was given for.",
        '{"id": "20261121-0042", "format": "svg"}',
    ),
    Method(
        "exception.list",
        requests.ExceptionList,
        views.ExceptionPage,
        EVERYONE,
        "desk",
        "Lists what did not end as it should: unprinted, unknown, unsigned or wrongly signed, with its cause.",
        '{"state": "open"}',
    ),
    *counter_methods.ROWS,
    *people_methods.ROWS,
    Method(
        "device.list",
        requests.Nothing,
        views.DeviceList,
        EVERYONE,
        "devices",
        "Lists printer, pad and keypad with their state, reasons and facts.",
    ),
    Method(
        "device.selftest",
        requests.SelftestAsk,
        views.Selftested,
        AT_THE_COUNTER,
        "desk",
        "Prints the printer's self-test slip, behind all slips that somebody waits for. The same key again tells how "
        "it stands; events tell how it ended.",
        '{"key": "service-1"}',
    ),
    Method(
        "clock.confirm",
        requests.ClockConfirm,
        views.ClockView,
        ANSWERS_FOR_THE_BOX,
        "desk",
        "Says that the box's clock is right although it leapt; windows for reprints go by it again.",
    ),
    Method(
        "journal.info",
        requests.Nothing,
        views.JournalView,
        EVERYONE,
        "journal",
        "Says how the journal stands: size, fill, range of sequence numbers, what is durable.",
    ),
    Method(
        "journal.backup",
        requests.Backup,
        views.BackupPage,
        KEEPS_BOOKS,
        "desk",
        "Gives a page of the journal for a backup, oldest blocks first; `posctl journal backup` makes a file of them.",
        '{"from": 0}',
    ),
    Method(
        "journal.archive",
        requests.ArchiveRead,
        views.ArchivePage,
        KEEPS_BOOKS,
        "desk",
        "Lists the files of what has left the journal, or gives a piece of one for a backup. A file never changes once "
        "another follows it.",
        '{"batch": 0, "turn": 0, "from": 0}',
    ),
    Method(
        "events.subscribe",
        requests.Subscribe,
        views.Subscribed,
        EVERYONE,
        "subscribe",
        "Replays events from a sequence number and then goes on live, without gap or repeat. A second call moves the "
        "subscription.",
        '{"from": 1}',
    ),
    Method(
        "events.unsubscribe",
        requests.Nothing,
        views.Unsubscribed,
        EVERYONE,
        "unsubscribe",
        "Ends the subscription of this connection.",
    ),
    Method(
        "rpc.discover",
        requests.Nothing,
        views.OpenRpc,
        EVERYONE,
        "discover",
        "Gives this interface as an OpenRPC document.",
    ),
)

METHODS: dict[str, Method] = {row.name: row for row in _ROWS}
