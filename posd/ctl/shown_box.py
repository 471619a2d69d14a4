"""How the box stands, as text for a person: devices, what they have done, the journal. Pure: a view in, lines out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from posd.ctl import tables, telling
from posd.ctl.tables import Cell, Colour
from posd.ctl.telling import told
from posd.ctl.words import Say
from posd.domain import views

_GOOD = frozenset({"ready", "ok", "printed", "captured", "attested", "not-needed", "closed", "waived"})
_BAR = 40
_BAD = frozenset({"faulted", "failed", "absent", "open", "damaged", "full"})


class ShownBox:
    """Makes text in one language, with or without colours."""

    def __init__(self, say: Say, colours: bool = False) -> None:
        self.say = say
        self.colours = colours

    def _state(self, word: str | None, context: str = "") -> Cell:
        colour: Colour | None = None if not word else "green" if word in _GOOD else "red" if word in _BAD else "yellow"
        return Cell(self.say.word(word, context), colour)

    def _table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
        return tables.table(head, rows, right=right, colours=self.colours)

    def status(self, status: views.Status) -> str:
        """The one look at everything."""
        say = self.say
        state = tables.painted(say.word(status.state), "green" if status.state == "ready" else "yellow", self.colours)
        up = self._span(status.uptime_s)
        kinds = say(", ", "，").join(
            f"{say.word(kind, 'exception')} {count}" for kind, count in sorted(status.exceptions.by_kind.items())
        )
        return "\n".join(
            [
                say(
                    f"posd {status.version} on terminal {status.terminal}: {state}, up {up}",
                    f"posd {status.version}，终端 {status.terminal}：{state}，已运行 {up}",
                ),
                tables.clean(telling.of_status(self.say, status)),
                "",
                self.devices(status.devices, ("model", "path")),
                "",
                self._journal_line(status.journal),
                say("open exceptions: ", "未结异常：")
                + str(status.exceptions.open)
                + (say(f" ({kinds})", f"（{kinds}）") if kinds else ""),
            ]
        )

    def statistics(self, devices: Sequence[views.DeviceView]) -> str:
        """What each unit has done and met; empty where nothing was counted."""
        say = self.say
        rows = []
        for device in devices:
            counted = device.statistics
            if counted is None:
                continue
            did = [counted.slips, counted.lines, counted.cuts]
            if not any(did) and not counted.faults:
                continue
            faults = say(", ", "，").join(f"{say.word(reason)} {count}" for reason, count in counted.faults.items())
            paper, worked = f"{counted.paper_mm / 1000:.1f} m", f"{counted.head_ms / 3_600_000:.1f} h"
            rows.append([say.word(counted.unit), *(str(n) for n in did), paper, worked, faults or "-"])
        head = say("UNIT SLIPS LINES CUTS PAPER HEAD FAULTS", "单元 小票 行数 切纸 用纸 打印头 故障").split()
        return self._table(head, rows, right=[1, 2, 3, 4, 5])

    def devices(self, devices: Sequence[views.DeviceView], facts: Sequence[str] | None = None) -> str:
        """Printer, pad, keypad; of what is known of them all, or these facts."""
        say = self.say
        head = say("DEVICE STATE REASONS SINCE DETAIL", "设备 状态 原因 自 说明").split()
        return self._table(
            head,
            [
                [
                    say.word(device.name),
                    self._state(device.state),
                    " ".join(say.word(reason) for reason in device.reasons) or "-",
                    tables.local(device.since),
                    self._detail(device, facts),
                ]
                for device in devices
            ],
        )

    def _detail(self, device: views.DeviceView, wanted: Sequence[str] | None) -> str:
        """The sentence about a device and its facts; where only some facts are wanted, the sentence does without."""
        sentence = told(self.say, device.detail)
        if sentence and wanted is not None:
            return sentence
        return (
            self.say("; ", "；").join(filter(None, [sentence.rstrip(".。"), *self._facts(device.info, wanted)])) or "-"
        )

    def _facts(self, info: Mapping[str, str], wanted: Sequence[str] | None) -> list[str]:
        """What is known of a device, in words; what says the same as its path is left out."""
        known = {key: value for key, value in info.items() if key == "path" or value != info.get("path")}
        return [
            f"{self.say.word(key, 'fact')} {self.say.word(known[key], 'fact')}"
            for key in (known if wanted is None else wanted)
            if key in known
        ]

    def _journal_line(self, journal: views.JournalView) -> str:
        safe = journal.durable >= journal.last
        state = self.say.word(journal.state, "journal")
        return self.say(
            f"journal: {state}, {journal.fill:.1%} of {tables.size(journal.size)} used, events "
            f"{journal.first} to {journal.last}, "
            f"{'all durable' if safe else f'durable to {journal.durable}'}",
            f"日志：{state}，已用 {tables.size(journal.size)} 的 {journal.fill:.1%}，事件 "
            f"{journal.first} 至 {journal.last}，"
            f"{'全部已落盘' if safe else f'已落盘至 {journal.durable}'}",
        )

    def journal(self, journal: views.JournalView) -> str:
        """Every fact of the journal."""
        say = self.say
        yes = say("yes", "是"), say("no", "否")
        rows = [
            [say("path", "路径"), journal.path],
            [say("state", "状态"), self._state(journal.state, "journal")],
            [say("used", "已用"), f"{tables.size(journal.used)} / {tables.size(journal.size)} ({journal.fill:.1%})"],
            [say("events", "事件"), f"{journal.first} - {journal.last}"],
            [say("durable to", "已落盘至"), str(journal.durable)],
            [say("mirror", "镜像"), yes[not journal.mirror]],
            [say("direct I/O", "直接读写"), yes[not journal.direct]],
            [say("epoch", "纪元"), str(journal.epoch)],
            [say("laps", "圈数"), str(journal.laps)],
            [say("commits", "提交次数"), str(journal.commits)],
            [say("repaired", "已修复块"), str(journal.repaired)],
            [say("sealed", "封印"), yes[not journal.seals]],
            [say("anchor", "锚点"), f"{journal.chain}@{journal.last}"],
        ]
        parts = [tables.clean(journal.advice), self._table([say("JOURNAL", "日志"), ""], rows)]
        parts += [self._lost(journal.lost), self._pins(journal.pins), self._histogram(journal.commit_ms)]
        return "\n\n".join(part for part in parts if part)

    def _lost(self, lost: Sequence[views.Lost]) -> str:
        head = [self.say("LOST FROM", "丢失自"), self.say("TO", "至")]
        unknown = self.say("the end", "末尾")
        return self._table(head, [[str(gap.first), unknown if gap.last is None else str(gap.last)] for gap in lost])

    def _pins(self, pins: Sequence[views.Pin]) -> str:
        """What the ring must keep, oldest first."""
        why = {
            "copies": self.say("a copy is not settled", "有联未结"),
            "signature": self.say("a signature is open", "签名未结"),
            "exception": self.say("an exception is open", "异常未结"),
        }
        return self._table(
            self.say("KEPT EVENT WHY", "须保留 事件 原因").split(),
            [[pin.transaction, str(pin.seq), ", ".join(why.get(word, word) for word in pin.why)] for pin in pins],
            right=[1],
        )

    def _histogram(self, counts: Mapping[str, int]) -> str:
        """How long commits took, from the first bound that was met to the last."""
        met = [place for place, count in enumerate(counts.values()) if count]
        if not met:
            return ""
        most = max(counts.values())
        rows = [
            [
                self.say("more", "更长") if bound == "more" else f"<= {bound} ms",
                str(count),
                "#" * max(round(count / most * _BAR), 1 if count else 0),
            ]
            for bound, count in list(counts.items())[met[0] : met[-1] + 1]
        ]
        return self._table([self.say("COMMITS", "提交耗时"), self.say("COUNT", "次数"), ""], rows, right=[1])

    def _span(self, seconds: int) -> str:
        for length, english, chinese in ((86400, "d", "天"), (3600, "h", "小时"), (60, "min", "分钟")):
            if seconds >= length:
                return f"{seconds // length} {self.say(english, chinese)}"
        return f"{seconds} {self.say('s', '秒')}"
