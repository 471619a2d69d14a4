"""What each field of the shapes about the box means; the rest is in meanings.py."""

from __future__ import annotations

BOX: dict[str, dict[str, str]] = {
    "SelftestAsk": {
        "key": "The caller's idempotency key: the same key tells how that self-test stands.",
        "device": "Which device; only the printer has one.",
    },
    "Status": {
        "state": "`degraded` while a configured device or the journal needs a person.",
        "sentence": "What is the matter and what to do, for a person.",
        "devices": "Printer, pad and keypad.",
        "journal": "The journal.",
        "exceptions": "Open exceptions.",
        "version": "Version of posd.",
        "terminal": "The terminal's id.",
        "uptime_s": "Seconds since posd started.",
        "operator": "Whose shift it is; empty while none is open.",
        "clock": "`suspect` while the box's clock cannot be right; windows for reprints then go by the newest trusted "
        "time.",
    },
    "DeviceList": {"devices": "Printer, pad and keypad, as far as they are configured."},
    "DeviceView": {
        "name": "Which device.",
        "state": "How it stands.",
        "reasons": "Why it needs a person, or soon will; sorted.",
        "detail": "A sentence for a person.",
        "since": "When it came into this state.",
        "info": "Facts such as model, path and how completion is proven.",
        "statistics": "What it has done and met, over all restarts.",
    },
    "Statistics": {
        "unit": "Model and serial number, or the device's name where it does not tell them: what is counted.",
        "slips": "Slips that came out, or may have.",
        "lines": "Lines of text and of graphics.",
        "cuts": "Cuts.",
        "paper_mm": "Paper, in millimetres.",
        "head_ms": "How long the print head worked, in milliseconds.",
        "faults": "How often each reason came up; near-end is none.",
    },
    "Selftested": {
        "job": "The job on the printer; events carry it.",
        "state": "How it stands.",
        "proof": "As for a copy.",
        "cause": "Why it failed or is unknown: a reason word, `stale` or `restart`.",
    },
    "ClockView": {
        "state": "Whether it is believed.",
        "time": "What it says.",
        "trusted": "The newest time that can be believed.",
    },
    "JournalView": {
        "path": "The journal's file.",
        "state": "How it stands.",
        "size": "Bytes of one ring.",
        "used": "Bytes of it that are in use.",
        "fill": "The same as a share, 0 to 1.",
        "first": "The oldest sequence number that is kept.",
        "last": "The newest sequence number.",
        "durable": "The newest synced sequence number.",
        "epoch": "How often the journal was opened for writing.",
        "mirror": "Whether every block stands twice.",
        "direct": "Whether writing goes past the page cache.",
        "laps": "How often the ring went round.",
        "commits": "Batches synced since posd started.",
        "chain": "Hexadecimal SHA-256 over all records up to the newest.",
        "advice": "What is the matter with it and what to do, for a person; empty while all is well.",
        "seals": "Whether its marks are sealed with a key. If not, only the chain shows a change.",
        "commit_ms": "How long commits took since posd started: how many took at most so many milliseconds; `more` "
        "took longer.",
        "pins": "The oldest transactions that it must keep, at most five.",
        "lost": "What cannot be read.",
        "repaired": "Blocks that were bad in one copy and were written again from the other, since posd started.",
    },
    "Pin": {
        "seq": "The transaction's sequence number.",
        "transaction": "Its id.",
        "why": "What is still open.",
    },
    "Lost": {"first": "The first sequence number.", "last": "The last one; null: to an unknown end."},
    "ArchiveRead": {
        "batch": "As the list says of the file that is wanted; without it: which there are.",
        "turn": "The same.",
        "from": "The first byte wanted of it.",
    },
    "ArchiveFileView": {
        "name": "Its name.",
        "batch": "The number of the journal's batch with which it begins.",
        "turn": "Its turn among the files that begin there: a write that failed is done again in a new file.",
        "size": "Bytes of it that count; what stands behind is not durable yet.",
    },
    "ArchivePage": {
        "files": "The archive's files, oldest first; empty where a file was asked for.",
        "data": "Bytes of the file that was asked for, base64; empty at its end.",
    },
    "Backup": {"from": "The first block wanted: 0, then the one behind the last page."},
    "BackupPage": {
        "superblock": "The superblock (4096 bytes) that ends a copy here, base64.",
        "first": "Number of the first block of the page.",
        "blocks": "The blocks, 4096 bytes each, base64; empty at the end.",
        "anchor": "The chain behind the newest record and its sequence number, `HEX@SEQ`.",
    },
    "Counts": {
        "open": "How many are open.",
        "by_kind": "The same by kind.",
        "overdue": "How many of them are past their deadline.",
    },
}
