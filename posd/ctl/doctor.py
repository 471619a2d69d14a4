"""`posctl doctor`: look at the box itself, with posd up or down, and say what to do.

The configuration is read to know which ports and paths matter; where it cannot be, that is the first finding and the
defaults stand in.
"""

from __future__ import annotations

from pathlib import Path

from posd import client, config
from posd.ctl.box import Box
from posd.ctl.checks import CHECKS
from posd.ctl.codes import DONE, FAULT
from posd.ctl.context import Context
from posd.ctl.findings import Case, Finding
from posd.ctl.tables import Cell, Colour, table
from posd.ctl.words import Say

_COLOURS: dict[str, Colour] = {"ok": "green", "note": "yellow", "bad": "red"}
_LEVELS = {"ok": ("ok", "正常"), "note": ("note", "注意"), "bad": ("BAD", "问题")}


def command(context: Context) -> int:
    """Examine and show; 5 if something is bad."""
    args, say = context.args, context.say
    findings = examine(Path(args.config), args.socket, say)
    context.answer({"findings": findings}, lambda: text(findings, say, context.shown.colours))
    return FAULT if any(finding.level == "bad" for finding in findings) else DONE


def examine(path: Path, socket: str, say: Say, box: Box | None = None) -> list[Finding]:
    """All findings, in the order of the checks."""
    findings, read = _configuration(path, say)
    where = read.api.socket if socket == client.DEFAULT_SOCKET else socket
    case = Case(box or Box(), read, where, say)
    for check in CHECKS:
        findings.extend(check(case))
    return findings


def _configuration(path: Path, say: Say) -> tuple[list[Finding], config.Config]:
    try:
        read = config.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        missing = say(f"{path} does not exist; the defaults are looked at", f"{path} 不存在；按默认值检查")
        todo = say("write it, at least with printer.device", "请创建该文件，至少写明 printer.device")
        return [Finding("config", "note", missing, todo)], config.Config()
    except (OSError, UnicodeDecodeError, config.ConfigError) as error:
        wrong = say(f"{path} cannot be used: {error}", f"{path} 无法使用：{error}")
        todo = say("correct it; posd does not start with it", "请更正；posd 不会用它启动")
        return [Finding("config", "bad", wrong, todo)], config.Config()
    return [Finding("config", "ok", say(f"{path} can be used", f"{path} 可用"))], read


def text(findings: list[Finding], say: Say, colours: bool) -> str:
    """The findings as a table, what to do beneath each, and a last line that counts."""
    rows = []
    for finding in findings:
        level = Cell(say(*_LEVELS[finding.level]), _COLOURS[finding.level])
        rows.append([level, say.word(finding.check, "check"), finding.finding])
        if finding.todo:
            rows.append(["", "", f"-> {finding.todo}"])
    bad = sum(finding.level == "bad" for finding in findings)
    notes = sum(finding.level == "note" for finding in findings)
    last = say(
        f"{bad} to repair, {notes} to look at, {len(findings) - bad - notes} in order.",
        f"需修复 {bad} 项，需留意 {notes} 项，正常 {len(findings) - bad - notes} 项。",
    )
    head = [say("LEVEL", "级别"), say("CHECK", "检查"), say("FINDING", "结果")]
    return f"{table(head, rows, colours=colours)}\n\n{last}"
