"""What `posctl doctor` looks at. Each check gives findings: what is so, and what to do where a person must act."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from pathlib import Path

import posd
from posd import client
from posd.config import size_bytes
from posd.ctl import tables
from posd.ctl.box import nearest_directory
from posd.ctl.findings import Case, Finding, group_name, user_name
from posd.ctl.port_checks import devices, modules, thieves
from posd.ctl.telling import of_status, told

_SPARE_BYTES = 64 << 20
_FORGETFUL = frozenset({"tmpfs", "ramfs", "overlay"})
_SYSTEM_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def posd_answers(case: Case) -> Iterator[Finding]:
    """The socket: whether somebody answers, and who may open it."""
    say = case.say
    try:
        with client.connect(case.socket, timeout_s=3.0) as asked:
            hello, status = asked.hello(), asked.status()
    except client.PosdError as error:
        yield Finding(
            "socket",
            "bad",
            told(say, error.message),
            say("systemctl status posd; journalctl -u posd", "systemctl status posd；journalctl -u posd"),
        )
        return
    yield Finding(
        "socket",
        "ok",
        say(f"posd {hello.version} answers at {case.socket}", f"posd {hello.version} 在 {case.socket} 应答"),
    )
    if not hello.roles:
        yield Finding(
            "roles",
            "note",
            say("you have none of the roles of api.roles", "您不具有 api.roles 中的任何角色"),
            say("ask for the group of your role, then log in anew", "请申请相应的用户组，然后重新登录"),
        )
    if status.state != "ready":
        yield Finding("state", "note", of_status(say, status), "posctl status")


def journal(case: Case) -> Iterator[Finding]:
    """Whether the journal is whole: as posd says, or with posd down by looking at the file."""
    try:
        with client.connect(case.socket, timeout_s=3.0) as asked:
            view = asked.journal()
    except client.PosdError:
        yield from _journal_file(case)
        return
    say = case.say
    if view.state == "ok":
        percent = f"{view.fill:.0%}"
        yield Finding(
            "journal",
            "note" if view.advice else "ok",
            say(
                f"the journal is whole, {percent} of it is owed; "
                f"{'its marks are sealed' if view.seals else 'no key for seals, the chain alone shows a change'}",
                f"日志完好，未结占 {percent}；{'标记已封印' if view.seals else '无封印密钥，仅由链显示改动'}",
            ),
            view.advice,
        )
        return
    lost = ", ".join(f"{gap.first}-{gap.last or ''}" for gap in view.lost)
    gaps = say(f"; lost: {lost}", f"；丢失：{lost}") if lost else ""
    word = say.word(view.state, "journal")
    yield Finding("journal", "bad", say(f"the journal is {word}{gaps}", f"日志{word}{gaps}"), view.advice)


def _journal_file(case: Case) -> Iterator[Finding]:
    from posd.journal.errors import JournalError
    from posd.journal.verify import verify

    say, path = case.say, Path(case.config.journal.path)
    if not path.exists():
        return
    try:
        found = verify(path)
    except JournalError as error:
        yield Finding("journal", "note", str(error), f"posctl journal verify {path}")
        return
    whole = say(f"{path} is whole up to record {found.last}", f"{path} 完好，至记录 {found.last}")
    if found.verdict == "sound":
        yield Finding("journal", "ok", whole)
        return
    lost = ", ".join(map(str, found.lost))
    yield Finding(
        "journal",
        "bad",
        say(f"{path} is {found.verdict}; lost: {lost}", f"{path} 已损坏；丢失：{lost}"),
        say(
            f"keep the file; posctl journal salvage {path} -o {path}.saved, or restore a backup",
            f"保留该文件；posctl journal salvage {path} -o {path}.saved，或恢复备份",
        ),
    )


def socket_mode(case: Case) -> Iterator[Finding]:
    """Who may open the socket's file."""
    say = case.say
    try:
        status = os.stat(case.socket)
    except OSError:
        return
    if status.st_mode & 0o007:
        yield Finding(
            "socket-mode",
            "note",
            say(f"everybody on this machine may open {case.socket}", f"本机任何人都可以打开 {case.socket}"),
            say("SocketMode=0660 in posd.socket", "在 posd.socket 中设 SocketMode=0660"),
        )
    groups = {os.getegid(), *os.getgroups()}
    if os.geteuid() not in {0, status.st_uid} and status.st_gid not in groups:
        name = group_name(status.st_gid)
        yield Finding(
            "group",
            "bad",
            say(f"you are not in the group {name} that owns {case.socket}", f"您不在 {case.socket} 所属的 {name} 组中"),
            f"usermod -aG {name} {user_name(os.geteuid())}",
        )


def clock(case: Case) -> Iterator[Finding]:
    """Whether the wall clock can be right."""
    say, now = case.say, time.time()
    built = os.stat(posd.__file__).st_mtime
    newest = built
    try:
        newest = max(built, os.stat(case.config.journal.path).st_mtime)
    except OSError:
        newest = built
    shown = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}"
    if now < newest:
        yield Finding(
            "clock",
            "bad",
            say(
                f"the clock says {shown}, which is before posd or its journal was written",
                f"时钟显示 {shown}，早于 posd 或其日志的写入时间",
            ),
            say(
                "set the clock: timedatectl set-ntp true; change the battery if it comes back",
                "校准时钟：timedatectl set-ntp true；若再次出现请更换电池",
            ),
        )
    elif not case.box.path("/run/systemd/timesync/synchronized").exists():
        yield Finding(
            "clock",
            "note",
            say(
                f"the clock says {shown}; nobody has set it from the network since the start",
                f"时钟显示 {shown}；启动以来未经网络校准",
            ),
            "timedatectl set-ntp true",
        )
    else:
        yield Finding(
            "clock", "ok", say(f"the clock says {shown} and is set from the network", f"时钟显示 {shown}，已经网络校准")
        )


def disk(case: Case) -> Iterator[Finding]:
    """Whether the journal's place can hold it, and will."""
    say, section = case.say, case.config.journal
    path = Path(section.path)
    directory = nearest_directory(path)
    kind = case.box.filesystem(directory.resolve())
    if kind in _FORGETFUL:
        yield Finding(
            "disk",
            "bad",
            say(
                f"{directory} is on {kind}: the journal is gone after a restart",
                f"{directory} 位于 {kind}：重启后日志将丢失",
            ),
            say("set journal.path to a real disk", "请把 journal.path 设到真实磁盘上"),
        )
    space = os.statvfs(directory)
    free = space.f_bavail * space.f_frsize
    needed = _SPARE_BYTES + (0 if path.exists() else size_bytes(section.size) * (2 if section.mirror else 1))
    said = say(f"{tables.size(free)} free at {directory}", f"{directory} 可用 {tables.size(free)}")
    if free < needed:
        yield Finding(
            "disk",
            "bad",
            say(f"{said}; the journal needs {tables.size(needed)}", f"{said}；日志需要 {tables.size(needed)}"),
            say(
                "free some space, or make journal.size smaller before the first start",
                "清理空间，或在首次启动前减小 journal.size",
            ),
        )
    else:
        yield Finding("disk", "ok", said)


def fonts(case: Case) -> Iterator[Finding]:
    """Whether previews can show Chinese."""
    say, font = case.say, case.config.slip.font
    if font and not Path(font).is_file():
        yield Finding(
            "font",
            "bad",
            say(f"slip.font {font} does not exist", f"slip.font {font} 不存在"),
            say("correct slip.font", "请更正 slip.font"),
        )
    elif font or importlib.util.find_spec("noto_cjk_sans_otc") or case.box.path(_SYSTEM_FONT).exists():
        yield Finding("font", "ok", say("a font with Chinese for previews is there", "预览所需的中文字体已就绪"))
    else:
        yield Finding(
            "font",
            "note",
            say("no font with Chinese is there: pictures of slips cannot be made", "没有中文字体：无法生成小票图片"),
            "apt-get install fonts-noto-cjk",
        )


CHECKS = (posd_answers, journal, socket_mode, devices, thieves, modules, clock, disk, fonts)
