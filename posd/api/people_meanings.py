"""What each field of the shapes about people's work means; the rest is in meanings.py."""

from __future__ import annotations

_XID = "The exception's id."
_KEY = "The caller's idempotency key, as for `receipt.reprint`."

PEOPLE: dict[str, dict[str, str]] = {
    "ExceptionNote": {
        "id": _XID,
        "key": _KEY,
        "note": "In words; no personal data beyond what `exceptions.notes` allows.",
        "channel": "How somebody was to be reached.",
        "outcome": "What came of it.",
    },
    "ExceptionAssign": {"id": _XID, "role": "Who has to act."},
    "ExceptionEscalate": {"id": _XID, "reason": "Why, for the journal."},
    "ExceptionWaive": {"id": _XID, "reason": "Why it is let be, for the journal."},
    "ExceptionClose": {"id": _XID},
    "ExceptionView": {
        "id": "Its id.",
        "transaction": "The transaction's id.",
        "kind": "What is the matter.",
        "cause": "Where it comes from.",
        "detail": "A sentence for a person.",
        "state": "How it stands.",
        "opened": "When it was found.",
        "closed": "When it ended.",
        "role": "Who has to act.",
        "due": "Until when; empty in records of an early posd.",
        "overdue": "Whether that is over, and it was still open.",
        "escalated": "Whether it was handed up to a supervisor.",
        "reason": "What settled it, or why it was waived.",
        "notes": "What was done about it, oldest first.",
    },
    "NoteView": {
        "time": "When.",
        "by": "Who says so.",
        "channel": "How somebody was to be reached.",
        "outcome": "What came of it.",
        "note": "In words.",
    },
    "ExceptionPage": {"exceptions": "Oldest first.", "next": "Give it as `after` for the next page; null at the end."},
    "ShiftOpen": {
        "operator": "Who begins, as the shop names operators.",
        "key": _KEY,
        "confirms": "The id of the handover that the shift before left; needed where there is one.",
    },
    "ShiftClose": {"key": _KEY, "slip": "Whether to print the handover."},
    "ShiftView": {
        "state": "`closed`: the handover waits for the next operator.",
        "id": "Its id, which the next operator confirms.",
        "operator": "Whose it is.",
        "opened": "When it began.",
        "closed": "When it ended.",
        "lines": "What was taken, by currency, type and method of payment.",
        "counts": "`originals`, `copies`, `refused` (copies), `signed`, `unsigned`, `without-shift` (sales before it).",
        "open": "The exceptions that were open when it ended, or are now; at most the 500 oldest.",
        "open_count": "How many there are; `exception.list` gives all of them.",
        "signing": "The transactions whose signature was being given when it ended.",
        "job": "The slip's job; events carry it.",
    },
    "ShiftLineView": {
        "currency": "ISO 4217 code.",
        "type": "What kind of transactions.",
        "method": "The method of payment; `other` beyond 32 kinds.",
        "count": "How many payments.",
        "amount": "Together; decimal text.",
    },
    "EvidenceExport": {"id": "A transaction's id, or `last`.", "from": "The page before's `next`; 0 at the beginning."},
    "EvidencePage": {
        "id": "The transaction's id.",
        "personal": "Whether the shop gives content (`evidence.personal`).",
        "records": "The transaction's records and states of devices around them, oldest first.",
        "batches": "The batches of the journal that have them; none without `personal`.",
        "next": "Give it as `from` for the next page; null at the end.",
    },
    "EvidenceRecord": {
        "seq": "Its sequence number.",
        "type": "The type of event.",
        "time": "When.",
        "batch": "The sequence of the batch that has it.",
        "digest": "Hexadecimal SHA-256 of its payload.",
    },
    "EvidenceBatch": {
        "sequence": "Its place in the chain.",
        "first": "The sequence number of its first new record.",
        "flags": "As in the journal.",
        "count": "How many new records it has.",
        "chain": "Hexadecimal chain before it.",
        "body": "Its records, base64 (docs/journal-format.md).",
        "anchor": "The chain behind it, `HEX@SEQ`.",
    },
}
