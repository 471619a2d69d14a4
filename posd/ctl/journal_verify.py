"""`posctl journal verify`: a journal file and the archive beside it, a backup, or an archive alone; offline, read-only.

What it is held against comes from elsewhere: an anchor that an export or a backup printed, the digest on a customer's
slip, the root key of the seals.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any, Literal

from posd import client
from posd.ctl.codes import ALTERED, DAMAGED, DONE, SHORTER
from posd.ctl.context import Context
from posd.ctl.files import UsageError
from posd.ctl.progress import Progress
from posd.domain import codec
from posd.journal.archive_files import SUFFIX, journals
from posd.journal.archive_shelf import DiskShelf
from posd.journal.backups import ARCHIVE, JOURNAL
from posd.journal.errors import LostRange
from posd.journal.record import Record
from posd.journal.seal import root_key
from posd.journal.verify import Anchor, Verdict, Verified, verify, verify_archive

_CODES = {"sound": DONE, "damaged": DAMAGED, "altered": ALTERED, "shorter": SHORTER}
_WORST: tuple[Verdict, ...] = ("altered", "damaged", "shorter", "sound")
_DIGEST = re.compile(r"[0-9a-f]{16,64}")


def command(context: Context) -> int:
    """Verify what is named; the exit code says the verdict."""
    args, say = context.args, context.say
    anchor, key, slip = _anchor(args.anchor), _key(args.key), Slip.parse(args.slip)
    try:
        with Progress(say("verifying", "正在校验")) as bar:
            path = journal_in(Path(args.file))
            if path is None:
                shelf = DiskShelf(Path(args.file))
                result = verify_archive(shelf, _only_journal(shelf), anchor=anchor, key=key, see=slip, progress=bar)
            else:
                beside = archive_of(path, args.archive)
                result = verify(path, anchor=anchor, key=key, archive=beside, see=slip, progress=bar)
    except OSError as error:
        raise client.PosdError(
            "journal-failed", f"the archive cannot be read: {error}. Nothing was changed; check its rights and the disk"
        ) from error
    met = slip.judged(result) if slip is not None else "none"
    verdict = min(result.verdict, _SLIP_VERDICTS[met], key=_WORST.index)
    context.answer(_told(args.file, verdict, result, met), lambda: _words(context, verdict, result, met))
    return _CODES[verdict]


def journal_in(path: Path) -> Path | None:
    """The journal's file: the path itself, or the one in a backup; None if the path is an archive's directory."""
    if not path.is_dir():
        return path
    if (path / JOURNAL).exists():
        return path / JOURNAL
    return None if any(path.glob(f"*{SUFFIX}")) else path


def archive_of(journal: Path, named: str | None) -> DiskShelf | None:
    """The archive that is named, or the directory beside the journal; None if there is none. UsageError."""
    if named is None:
        beside = journal.parent / ARCHIVE
        return DiskShelf(beside) if beside.is_dir() else None
    if not Path(named).is_dir():
        raise UsageError(f"{named} is no directory. Nothing was done; name the archive's.")
    return DiskShelf(Path(named))


def _only_journal(shelf: DiskShelf) -> bytes:
    found = journals(shelf)
    if len(found) != 1:
        raise UsageError(
            f"{shelf} holds files of {len(found)} journals. Nothing was verified; name a journal's file, and this "
            "directory with --archive."
        )
    return found[0]


SlipMet = Literal["none", "ok", "gone", "missing", "altered"]
_SLIP_VERDICTS: dict[SlipMet, Verdict] = {
    "none": "sound",
    "ok": "sound",
    "gone": "sound",
    "missing": "shorter",
    "altered": "altered",
}


class Slip:
    """A slip as a witness: its digest, and the transaction's id where the slip's code was read. Shown each record."""

    def __init__(self, digest: str, sale_id: str) -> None:
        self._digest = digest
        self._id = sale_id
        self._met = self._other = False

    @classmethod
    def parse(cls, text: str | None) -> Slip | None:
        """The digest as it is printed (`1F2E 3D4C ...`), or all that the slip's QR code says. UsageError."""
        if text is None:
            return None
        parts = text.split("|")
        digest = re.sub(r"\s", "", parts[-1]).lower()
        if not _DIGEST.fullmatch(digest):
            raise UsageError(
                f"{text!r} is no slip's digest: that is 16 hexadecimal digits, or what the slip's QR code says. "
                "Nothing was verified."
            )
        return cls(digest, parts[0] if len(parts) > 1 else "")

    def __call__(self, record: Record) -> None:
        if record.type != codec.TYPES["transaction.accepted"]:
            return
        with contextlib.suppress(ValueError):
            if str(json.loads(record.payload).get("digest", "")).startswith(self._digest):
                self._met = True
            elif self._id and record.reference == self._id.encode():
                self._other = True

    def judged(self, result: Verified) -> SlipMet:
        """What became of it in the journal that was verified."""
        if self._met:
            return "ok"
        if self._other:
            return "altered"
        return "missing" if result.first == 1 and result.verdict != "damaged" else "gone"


def _anchor(text: str | None) -> Anchor | None:
    """`HEX@SEQ`, or the first anchor in the file of that name. UsageError."""
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        return Anchor.parse(text)
    try:
        return Anchor.parse(Path(text).read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise UsageError(
            f"{text!r} is no anchor, and no file either: {error.strerror}. Nothing was verified."
        ) from error
    except ValueError as error:
        raise UsageError(f"there is no anchor in {text}: {error}. Nothing was verified.") from error


def _key(name: str | None) -> bytes | None:
    if name is None:
        return None
    try:
        return root_key(Path(name).read_bytes())
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}. Nothing was verified.") from error
    except ValueError as error:
        raise UsageError(f"{name} holds no key: {error}. Nothing was verified.") from error


def _told(file: str, verdict: Verdict, result: Verified, slip: SlipMet) -> dict[str, Any]:
    seals, archive = result.seals, result.archive
    return {
        "file": file,
        "verdict": verdict,
        "case": result.case,
        "uuid": result.uuid,
        "first": result.first,
        "last": result.last,
        "batches": result.batches,
        "anchor": str(result.anchor),
        "asked_anchor": result.asked,
        "asked_slip": slip,
        "lost": lost_ranges(result.lost),
        "dropped_blocks": result.dropped_blocks,
        "bad_copies": result.bad_copies,
        "in_use": result.in_use,
        "seals": {
            "sealed": seals.sealed,
            "unsealed": seals.unsealed,
            "through": seals.through,
            "checked": seals.checked,
            "wrong": seals.wrong,
        },
        "archive": None
        if archive is None
        else {
            "files": archive.files,
            "batches": archive.batches,
            "first": archive.first,
            "through": archive.end.next_id - 1 if archive.end is not None else 0,
            "damage": archive.damage,
            "altered": archive.altered,
        },
    }


def lost_ranges(lost: tuple[LostRange, ...]) -> list[dict[str, int | None]]:
    """For JSON."""
    return [{"first": gap.first_id, "last": gap.last_id} for gap in lost]


def gaps(context: Context, lost: tuple[LostRange, ...]) -> str:
    """For a person."""
    say = context.say
    told = [
        f"{gap.first_id}" if gap.last_id == gap.first_id else f"{gap.first_id}-{gap.last_id or say('?', '？')}"
        for gap in lost
        if gap.last_id is None or gap.last_id >= gap.first_id
    ]
    return ", ".join(told) or say("no record", "无记录")


def _words(context: Context, verdict: Verdict, result: Verified, slip: SlipMet) -> str:
    say = context.say
    lines = [_head(context, verdict, result), *_archive(context, result)]
    if result.asked == "ok":
        lines.append(say("The anchor is met.", "锚点相符。"))
    if result.asked == "gone":
        lines.append(
            say(
                "The anchor stands before what is still held: it could not be checked.",
                "锚点早于现有内容：无法核对。",
            )
        )
    lines += {
        "none": [],
        "ok": [say("The slip's transaction is in it, as it was printed.", "其中有该小票的交易，且与所印一致。")],
        "gone": [
            say(
                "The slip's transaction is not in it, but older records are gone: it could not be checked.",
                "其中没有该小票的交易，但较早的记录已不在：无法核对。",
            )
        ],
        "missing": [
            say(
                "No transaction in it has the slip's digest, and nothing is missing in front: its end was cut off, or "
                "the slip is of another journal.",
                "其中没有与该小票摘要相符的交易，且前部完整：尾部被截去，或小票属于另一日志。",
            )
        ],
        "altered": [
            say("The slip's transaction is in it with other content.", "其中有该小票的交易，但内容与小票不符。")
        ],
    }[slip]
    if result.dropped_blocks and verdict == "sound":
        lines.append(
            say(
                f"{result.dropped_blocks} blocks behind the end are of a write that was never acknowledged.",
                f"末尾之后有 {result.dropped_blocks} 块属于从未确认的写入。",
            )
        )
    if result.bad_copies:
        lines.append(
            say(
                f"{result.bad_copies} blocks or superblocks are bad in one copy and good in the other.",
                f"{result.bad_copies} 个块的一份副本损坏，另一份完好。",
            )
        )
    lines.append(_seals(context, result))
    if result.in_use:
        lines.append(say("posd has it open; this is how it stood a moment ago.", "posd 正在使用；这是刚才的状态。"))
    lines.append(say("anchor: ", "锚点：") + str(result.anchor))
    return "\n".join(lines)


def _head(context: Context, verdict: Verdict, result: Verified) -> str:
    say = context.say
    through = say(f"records {result.first} to {result.last}", f"记录 {result.first} 至 {result.last}")
    lost = gaps(context, result.lost)
    return {
        "sound": say(f"SOUND: {through} are whole and in order.", f"完好：{through} 完整且连续。"),
        "damaged": say(
            f"DAMAGED: what is lost is {lost}; {through} is all that it spans. Keep it as it is; `posctl journal "
            "salvage` saves what is left of a ring, a backup has the files of an archive.",
            f"已损坏：丢失 {lost}；全部范围为{through}。请原样保留；环的其余部分可用 posctl journal salvage 挽救，"
            "归档文件可从备份取回。",
        ),
        "altered": say(
            "ALTERED: somebody wrote to it; it is not what posd wrote. Keep it as it is, and compare it with a backup.",
            "被改动：有人写过，内容不是 posd 所写。请原样保留，并与备份对比。",
        ),
        "shorter": say(
            f"SHORTER: it ends at record {result.last}, before what vouches for more. Its end was cut off, or the copy "
            "is older.",
            f"被截短：止于记录 {result.last}，而另有凭据表明曾有更多记录。尾部被截去，或这是较早的副本。",
        ),
    }[verdict]


def _archive(context: Context, result: Verified) -> list[str]:
    say, archive = context.say, result.archive
    if archive is None or not archive.files or archive.end is None:
        return [say("There is no archive beside it; the ring alone was checked.", "旁边没有归档；仅校验了环。")]
    through = archive.end.next_id - 1
    lines = [
        say(
            f"The archive has records {archive.first} to {through} in {archive.files} files.",
            f"归档共 {archive.files} 个文件，含记录 {archive.first} 至 {through}。",
        )
    ]
    if archive.altered:
        lines.append(say(f"In the archive: {archive.altered}.", f"归档：{archive.altered}。"))
    lines += [say(f"In the archive: {damage}.", f"归档：{damage}。") for damage in archive.damage]
    return lines


def _seals(context: Context, result: Verified) -> str:
    say, seals = context.say, result.seals
    if seals.wrong:
        return say(f"The seals do not fit: {seals.wrong}.", f"封印不符：{seals.wrong}。")
    if not seals.sealed:
        return say("It has no seals: the chain alone was checked.", "没有封印：仅校验了链。")
    if not seals.checked:
        return say(
            f"It has {seals.sealed} seals; give the key with --key to check them.",
            f"有 {seals.sealed} 个封印；请用 --key 给出密钥以校验。",
        )
    return say(
        f"{seals.sealed} seals fit the key; records up to {seals.through} are sealed.",
        f"{seals.sealed} 个封印与密钥相符；记录 {seals.through} 及以前均已封印。",
    )
