"""`posctl journal`: what posd says of its journal, and the tools for journal files.

The tools only read what they look at, and never write over a file. They reach into posd's own journal through posd
while it runs (`backup`), or look at the file from outside (`verify`, `dump`, `salvage`).
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from posd import client
from posd.ctl.codes import ALTERED, DAMAGED, DONE, SHORTER
from posd.ctl.commands import Context
from posd.ctl.files import UsageError
from posd.ctl.progress import Progress
from posd.journal.copies import Copied, Page, backup, offline_pages, restore
from posd.journal.errors import JournalError, LostRange
from posd.journal.look import Look, look
from posd.journal.record import Record
from posd.journal.salvage import salvage
from posd.journal.seal import root_key
from posd.journal.verify import Anchor, Verified, verify

_VERDICTS = {"sound": DONE, "damaged": DAMAGED, "altered": ALTERED, "shorter": SHORTER}


def command(context: Context) -> int:
    """One of the journal's commands; its exit code."""
    what: Callable[[Context], int] = {
        "info": _info,
        "verify": _verify,
        "dump": _dump,
        "backup": _backup,
        "restore": _restore,
        "salvage": _salvage,
    }[context.args.what or "info"]
    try:
        return what(context)
    except JournalError as error:
        raise client.PosdError("journal-failed", str(error)) from error
    except FileExistsError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise client.PosdError("journal-failed", f"{error.strerror or error}. Nothing was kept of the copy") from error


def _info(context: Context) -> int:
    with context.connect() as posd:
        result = posd.journal()
    return context.answer(result, lambda: context.shown.journal(result))


# verify


def _verify(context: Context) -> int:
    args, say = context.args, context.say
    anchor, key = _anchor(args.anchor), _key(args.key)
    with Progress(say("verifying", "正在校验")) as bar:
        result = verify(Path(args.file), anchor=anchor, key=key, progress=bar)
    context.answer(_verified(args.file, result), lambda: _verdict(context, result))
    return _VERDICTS[result.verdict]


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


def _verified(file: str, result: Verified) -> dict[str, Any]:
    seals = result.seals
    return {
        "file": file,
        "verdict": result.verdict,
        "case": result.case,
        "uuid": result.uuid,
        "first": result.first,
        "last": result.last,
        "batches": result.batches,
        "anchor": str(result.anchor),
        "asked_anchor": result.asked,
        "lost": _lost(result.lost),
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
    }


def _lost(lost: tuple[LostRange, ...]) -> list[dict[str, int | None]]:
    return [{"first": gap.first_id, "last": gap.last_id} for gap in lost]


def _gaps(context: Context, lost: tuple[LostRange, ...]) -> str:
    say = context.say
    told = [
        f"{gap.first_id}" if gap.last_id == gap.first_id else f"{gap.first_id}-{gap.last_id or say('?', '？')}"
        for gap in lost
        if gap.last_id is None or gap.last_id >= gap.first_id
    ]
    return ", ".join(told) or say("no record", "无记录")


def _verdict(context: Context, result: Verified) -> str:
    say = context.say
    through = say(f"records {result.first} to {result.last}", f"记录 {result.first} 至 {result.last}")
    gaps = _gaps(context, result.lost)
    head = {
        "sound": say(f"SOUND: {through} are whole and in order.", f"完好：{through}完整且连续。"),
        "damaged": say(
            f"DAMAGED: what is lost is {gaps}; {through} stand in front of it. Keep the file as it is; "
            "`posctl journal salvage` saves the rest.",
            f"已损坏：丢失 {gaps}；其前的{through}完好。请原样保留该文件；其余部分可用 posctl journal salvage 挽救。",
        ),
        "altered": say(
            "ALTERED: somebody wrote to this file; it is not what posd wrote. Keep it as it is, and compare it with a "
            "backup.",
            "被改动：有人写过该文件，内容不是 posd 所写。请原样保留，并与备份对比。",
        ),
        "shorter": say(
            f"SHORTER: it ends at record {result.last}, before the anchor. Its end was cut off, or the copy is older.",
            f"被截短：止于记录 {result.last}，早于锚点。尾部被截去，或这是较早的副本。",
        ),
    }[result.verdict]
    lines = [head]
    if result.asked == "ok":
        lines.append(say("The anchor is met.", "锚点相符。"))
    if result.asked == "gone":
        lines.append(
            say(
                "The anchor stands before what this file still holds: it could not be checked.",
                "锚点早于该文件现有内容：无法核对。",
            )
        )
    if result.dropped_blocks and result.verdict == "sound":
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


# dump


def _dump(context: Context) -> int:
    args, say = context.args, context.say
    seen = look(Path(args.file))
    try:
        with _written(context, args.output) as out:
            print(json.dumps(_heading(args.file, seen)), file=out)
            with Progress(say("writing", "正在输出")) as bar:
                first, last = seen.head.next_id, seen.found.index.end_id or seen.head.next_id
                for record in seen.records():
                    print(json.dumps(_line(record), ensure_ascii=False), file=out)
                    bar(record.id - first, last - first)
        if seen.found.damaged:
            raise client.PosdError(
                "journal-damaged",
                f"{args.file}: {seen.report.sentence}. What is intact was written out",
            )
    finally:
        seen.close()
    return DONE


@contextlib.contextmanager
def _written(context: Context, name: str | None) -> Iterator[TextIO]:
    if name is None:
        yield context.out
        return
    with Path(name).open("x", encoding="utf-8") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _heading(file: str, seen: Look) -> dict[str, Any]:
    tail = seen.found.tail
    return {
        "journal": seen.found.superblock.uuid.hex(),
        "file": file,
        "first": seen.head.next_id,
        "anchor": str(Anchor(tail.chain, tail.next_id - 1)),
        "lost": _lost(seen.found.lost),
    }


def _line(record: Record) -> dict[str, Any]:
    """A record as JSON: its payload as the object that it is, or else as base64 under `data`."""
    line: dict[str, Any] = {
        "id": record.id,
        "type": record.type,
        "version": record.version,
        "reference": record.reference.decode(errors="backslashreplace"),
    }
    try:
        line["payload"] = json.loads(record.payload)
    except ValueError:
        line["data"] = base64.b64encode(record.payload).decode()
    return line


# backup, restore, salvage


def _backup(context: Context) -> int:
    args, say = context.args, context.say
    with contextlib.ExitStack() as stack, Progress(say("copying", "正在复制")) as bar:
        offline = offline_pages(Path(args.file)) if args.file else None
        pages = offline or _live_pages(stack.enter_context(context.connect()))
        result = backup(pages, _target(args.output), bar)
    return _copied(context, result)


def _live_pages(posd: client.Client) -> Iterator[Page]:
    first = 0
    while True:
        page = posd.backup(first)
        blocks = base64.b64decode(page.blocks)
        yield Page(base64.b64decode(page.superblock), page.first, blocks)
        first = page.first + len(blocks) // 4096


def _restore(context: Context) -> int:
    args, say = context.args, context.say
    target = _target(args.output)
    with Progress(say("restoring", "正在恢复")) as bar:
        result = restore(Path(args.file), target, bar)
    _hand_over(target)
    return _copied(context, result)


def _salvage(context: Context) -> int:
    args, say = context.args, context.say
    target = _target(args.output)
    with Progress(say("salvaging", "正在挽救")) as bar:
        result = salvage(Path(args.file), target, bar)
    _hand_over(target)
    told = {
        "file": result.path,
        "case": result.case,
        "records": result.records,
        "first": result.first,
        "last": result.last,
        "next": result.next,
        "lost": _lost(result.lost),
        "superblock_made_up": result.made_up,
        "anchor": result.anchor,
    }
    gaps = _gaps(context, result.lost)
    text = say(
        f"{result.path} holds the {result.records} records that could be read, {result.first} to {result.last}.\n"
        f"Lost: {gaps}. The next record will be {result.next}.\n"
        "To go on with it: stop posd, rename the broken file and keep it, move this one to journal.path, start posd.",
        f"{result.path} 含可读出的 {result.records} 条记录，{result.first} 至 {result.last}。\n"
        f"丢失：{gaps}。下一条记录为 {result.next}。\n"
        "如要继续使用：停止 posd，将损坏的文件改名保留，把该文件移到 journal.path，再启动 posd。",
    )
    return context.answer(told, lambda: f"{text}\n{say('anchor: ', '锚点：')}{result.anchor}")


def _target(name: str) -> Path:
    """Where a new file is to be. UsageError if something is there, or its folder is not."""
    target = Path(name)
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} exists. Nothing was written; name a file that does not.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no directory. Nothing was written.")
    return target


def _hand_over(target: Path) -> None:
    """Give a journal that root made to who owns its folder: that is who posd runs as."""
    if os.geteuid() == 0:
        owner = target.parent.stat()
        os.chown(target, owner.st_uid, owner.st_gid)


def _copied(context: Context, result: Copied) -> int:
    say = context.say
    told = {
        "file": result.path,
        "bytes": result.size,
        "first": result.first,
        "last": result.last,
        "anchor": result.anchor,
    }
    text = say(
        f"{result.path}: records {result.first} to {result.last}, verified.\n"
        "Keep the anchor elsewhere: with it, `posctl journal verify --anchor` shows whether the journal was changed.\n"
        f"anchor: {result.anchor}",
        f"{result.path}：记录 {result.first} 至 {result.last}，已校验。\n"
        "请把锚点另存他处：之后可用 posctl journal verify --anchor 检查日志是否被改动。\n"
        f"锚点：{result.anchor}",
    )
    return context.answer(told, lambda: text)
