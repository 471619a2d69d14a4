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
from posd.ctl import journal_verify
from posd.ctl.codes import DONE
from posd.ctl.context import Context
from posd.ctl.files import UsageError
from posd.ctl.journal_verify import archive_of, gaps, journal_in, lost_ranges
from posd.ctl.progress import Progress
from posd.journal.archive_reader import Entry
from posd.journal.backups import ARCHIVE, JOURNAL, ArchiveSource, BackedUp, FolderSource, back_up, bring_back
from posd.journal.copies import Page, offline_pages
from posd.journal.errors import JournalError
from posd.journal.look import Look, look
from posd.journal.record import Record
from posd.journal.salvage import salvage
from posd.journal.verify import Anchor


def command(context: Context) -> int:
    """One of the journal's commands; its exit code."""
    what: Callable[[Context], int] = {
        "info": _info,
        "verify": journal_verify.command,
        "dump": _dump,
        "backup": _backup,
        "restore": _restore,
        "salvage": _salvage,
    }[context.args.what or "info"]
    try:
        return what(context)
    except JournalError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise UsageError(f"{error}.") from error
        raise client.PosdError("journal-failed", str(error)) from error
    except FileExistsError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise client.PosdError("journal-failed", f"{error.strerror or error}. Nothing was kept of the copy") from error


def _info(context: Context) -> int:
    with context.connect() as posd:
        result = posd.journal()
    return context.answer(result, lambda: context.shown.journal(result))


# dump


def _dump(context: Context) -> int:
    args, say = context.args, context.say
    seen = look(journal_in(Path(args.file)) or Path(args.file))
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
        "lost": lost_ranges(seen.found.lost),
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
    target, since = _target(args.output), _earlier(args.since)
    with contextlib.ExitStack() as stack, Progress(say("backing up", "正在备份")) as bar:
        source: ArchiveSource | None
        if args.file:
            path = Path(args.file)
            pages, source = offline_pages(path), _folder(path, args.archive)
        else:
            posd = stack.enter_context(context.connect())
            pages, source = _live_pages(posd), _Live(posd)
        made = back_up(pages, source, target, since, bar)
    return _backed_up(context, made)


def _earlier(name: str | None) -> Path | None:
    """An earlier backup. UsageError if it is none."""
    if name is not None and not (Path(name) / JOURNAL).is_file():
        raise UsageError(f"{name} is no backup. Nothing was written; name the directory of an earlier one.")
    return Path(name) if name is not None else None


def _folder(journal: Path, named: str | None) -> ArchiveSource | None:
    """The archive of a journal that no posd has open."""
    shelf = archive_of(journal, named)
    if shelf is None:
        return None
    seen = look(journal)
    seen.close()
    return FolderSource(shelf, seen.found.superblock.uuid)


class _Live:
    """The archive of a running posd, over the socket."""

    def __init__(self, posd: client.Client) -> None:
        self._posd = posd

    def entries(self) -> list[Entry]:
        return [Entry(file.name, file.batch, file.turn, file.size) for file in self._posd.archive().files]

    def piece(self, entry: Entry, offset: int) -> bytes:
        try:
            return base64.b64decode(self._posd.archive(entry.batch, entry.turn, offset).data)
        except client.PosdError as error:
            if error.kind == "not-found":
                raise FileNotFoundError(entry.name) from error
            raise


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
    archive = Path(args.archive) if args.archive else target.parent / ARCHIVE
    with Progress(say("restoring", "正在恢复")) as bar:
        made, names = bring_back(Path(args.file), target, archive, bar)
    _hand_over(target, *([archive] if names else []), *(archive / name for name in names))
    told = {"file": made.path, "bytes": made.size, "first": made.first, "last": made.last, "anchor": made.anchor}
    text = say(
        f"{made.path}: records {made.first} to {made.last} in the ring, {len(names)} files in {archive}; verified.\n"
        f"anchor: {made.anchor}",
        f"{made.path}：环中有记录 {made.first} 至 {made.last}，{archive} 中有 {len(names)} 个归档文件；已校验。\n"
        f"锚点：{made.anchor}",
    )
    return context.answer(told | {"archive": str(archive), "archive_files": len(names)}, lambda: text)


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
        "lost": lost_ranges(result.lost),
        "superblock_made_up": result.made_up,
        "anchor": result.anchor,
    }
    lost = gaps(context, result.lost)
    text = say(
        f"{result.path} holds the {result.records} records that could be read, {result.first} to {result.last}.\n"
        f"Lost: {lost}. The next record will be {result.next}.\n"
        "To go on with it: stop posd, rename the broken file and keep it, move this one to journal.path, start posd.",
        f"{result.path} 含可读出的 {result.records} 条记录，{result.first} 至 {result.last}。\n"
        f"丢失：{lost}。下一条记录为 {result.next}。\n"
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


def _hand_over(*made: Path) -> None:
    """Give what root made to who owns the journal's folder: that is who posd runs as."""
    if os.geteuid() == 0:
        owner = made[0].parent.stat()
        for path in made:
            os.chown(path, owner.st_uid, owner.st_gid)


def _backed_up(context: Context, made: BackedUp) -> int:
    say, journal = context.say, made.journal
    told = {
        "file": journal.path,
        "bytes": journal.size,
        "first": journal.first,
        "last": journal.last,
        "anchor": journal.anchor,
        "archive_files": made.files,
        "archive_bytes": made.archived,
        "taken_over": made.linked,
    }
    text = say(
        f"{journal.path}: records {journal.first} to {journal.last}, {made.files} files of the archive "
        f"({made.linked} taken over), verified.\n"
        "Keep the anchor elsewhere: with it, `posctl journal verify --anchor` shows whether the journal was changed.\n"
        f"anchor: {journal.anchor}",
        f"{journal.path}：记录 {journal.first} 至 {journal.last}，归档文件 {made.files} 个（沿用 {made.linked} 个），"
        "已校验。\n"
        "请把锚点另存他处：之后可用 posctl journal verify --anchor 检查日志是否被改动。\n"
        f"锚点：{journal.anchor}",
    )
    return context.answer(told, lambda: text)
