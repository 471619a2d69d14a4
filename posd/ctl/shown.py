"""Answers of posd as text for a person. Pure: a view in, lines out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from posd import client
from posd.ctl import sentences, tables
from posd.ctl.sentences import told
from posd.ctl.tables import Cell, Colour
from posd.ctl.words import Say
from posd.domain import views

_GOOD = frozenset({"ready", "ok", "printed", "captured", "attested", "not-needed", "closed", "waived"})
_BAR = 40
_BAD = frozenset({"faulted", "failed", "absent", "open", "damaged", "full"})


class Shown:
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
        kinds = ", ".join(
            f"{say.word(kind, 'exception')} {count}" for kind, count in sorted(status.exceptions.by_kind.items())
        )
        return "\n".join(
            [
                say(
                    f"posd {status.version} on terminal {status.terminal}: {state}, up {up}",
                    f"posd {status.version}，终端 {status.terminal}：{state}，已运行 {up}",
                ),
                tables.clean(sentences.of_status(self.say, status)),
                "",
                self.devices(status.devices),
                "",
                self._journal_line(status.journal),
                say("open exceptions: ", "未结异常：") + str(status.exceptions.open) + (f" ({kinds})" if kinds else ""),
            ]
        )

    def _marks(self, copy: views.CopyView) -> str:
        words = ["torn"] * copy.torn + [copy.mark] * (copy.mark != "none")
        return " ".join(self.say.word(word) for word in words) or "-"

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
            faults = ", ".join(f"{say.word(reason)} {count}" for reason, count in counted.faults.items())
            paper, worked = f"{counted.paper_mm / 1000:.1f} m", f"{counted.head_ms / 3_600_000:.1f} h"
            rows.append([say.word(counted.unit), *(str(n) for n in did), paper, worked, faults or "-"])
        head = say("UNIT SLIPS LINES CUTS PAPER HEAD FAULTS", "单元 小票 行数 切纸 用纸 打印头 故障").split()
        return self._table(head, rows, right=[1, 2, 3, 4, 5])

    def devices(self, devices: Sequence[views.DeviceView]) -> str:
        """Printer, pad, keypad."""
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
                    "; ".join(
                        filter(
                            None, [told(say, device.detail), *(f"{key} {value}" for key, value in device.info.items())]
                        )
                    )
                    or "-",
                ]
                for device in devices
            ],
        )

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

    def state(self, state: views.StateView) -> str:
        """Copies, signature, exceptions of one transaction."""
        say = self.say
        copies = self._table(
            say("COPY NO MARK STATE PROOF CAUSE TIME", "联 序号 标记 状态 凭据 原因 时间").split(),
            [
                [
                    say.word(copy.copy),
                    str(copy.number),
                    self._marks(copy),
                    self._state(copy.state),
                    say.word(copy.proof) + (f" ({say.word(copy.why)})" if copy.why else ""),
                    say.word(copy.cause, "cause"),
                    tables.local(copy.time),
                ]
                for copy in state.copies
            ],
            right=[1],
        )
        signature = state.signature
        facts = [say(f"rule {signature.rule}", f"规则 {say.word(signature.rule)}")]
        if signature.cause:
            facts.append(say(f"cause {signature.cause}", f"原因 {say.word(signature.cause, 'cause')}"))
        if signature.version:
            facts.append(say(f"version {signature.version}", f"第 {signature.version} 版"))
        if signature.attempts:
            facts.append(
                say(
                    f"upload {signature.upload}, {signature.attempts} tries",
                    f"上送：{say.word(signature.upload, 'upload')}，{signature.attempts} 次",
                )
            )
        sentence = tables.painted(say.word(signature.state), self._state(signature.state).colour, self.colours)
        parts = [copies, say("signature: ", "签名：") + f"{sentence} ({', '.join(facts)})"]
        if state.exceptions:
            parts.append(self.exceptions(state.exceptions))
        return "\n\n".join(part for part in parts if part)

    def found(self, found: views.Found) -> str:
        """A transaction and how it stands."""
        say, sale = self.say, found.transaction
        head = say(
            f"{found.id}: {sale.type} of {sale.total} {sale.currency} at {tables.local(sale.time)}, receipt "
            f"{found.receipt}",
            f"{found.id}：{say.word(sale.type)} {sale.total} {sale.currency}，{tables.local(sale.time)}，小票号 "
            f"{found.receipt}",
        )
        kept = say(
            f"kept as event {found.seq} at {tables.local(found.accepted)}, digest {found.digest[:16]}",
            f"日志事件 {found.seq}，记录于 {tables.local(found.accepted)}，摘要 {found.digest[:16]}",
        )
        items = self._table(
            say("ITEM QUANTITY PRICE AMOUNT", "商品 数量 单价 金额").split(),
            [[item.name, item.quantity, item.price, item.amount] for item in sale.items],
            right=[1, 2, 3],
        )
        paid = []
        for payment in sale.payments:
            card = payment.card
            words = [
                say.word(payment.method, "method"),
                payment.amount,
                sale.currency,
                card and card.scheme,
                card and card.masked,
                payment.entry,
            ]
            paid.append(say("paid: ", "支付：") + tables.clean(" ".join(word for word in words if word)))
        return "\n\n".join([f"{tables.clean(head)}\n{kept}", items, "\n".join(paid), self.state(found.state)])

    def submitted(self, answer: views.Submitted) -> str:
        """The acknowledgement."""
        said = self.say(
            f"{answer.id} is kept: event {answer.seq}, receipt {answer.receipt}.",
            f"{answer.id} 已记录：事件 {answer.seq}，小票号 {answer.receipt}。",
        )
        return f"{said}\n\n{self.state(answer.state)}"

    def search(self, result: views.SearchResult) -> str:
        """A page of transactions."""
        say = self.say
        if not result.transactions:
            return say("No transaction meets these conditions.", "没有符合条件的交易。")
        listed = self._table(
            say(
                "TRANSACTION RECEIPT TYPE TIME TOTAL CARD COPIES SIGNATURE OPEN",
                "交易 小票号 类型 时间 金额 卡尾号 各联 签名 未结",
            ).split(),
            [
                [
                    row.id,
                    row.receipt,
                    say.word(row.type),
                    tables.local(row.time),
                    f"{row.total} {row.currency}",
                    row.last_four or "-",
                    " ".join(say.word(copy.state) for copy in row.state.copies) or "-",
                    self._state(row.state.signature.state),
                    str(sum(issue.state == "open" for issue in row.state.exceptions)),
                ]
                for row in result.transactions
            ],
            right=[4, 8],
        )
        if result.next is None:
            return listed
        return listed + "\n" + say(f"There are more: --after {result.next}", f"还有更多：--after {result.next}")

    def exceptions(self, exceptions: Sequence[views.ExceptionView]) -> str:
        """What did not end as it should."""
        say = self.say
        if not exceptions:
            return say("No exceptions.", "没有异常。")
        return self._table(
            say("EXCEPTION TRANSACTION KIND CAUSE STATE OPENED DETAIL", "异常 交易 类别 原因 状态 发生于 说明").split(),
            [
                [
                    issue.id,
                    issue.transaction,
                    say.word(issue.kind, "exception"),
                    say.word(issue.cause, "cause"),
                    self._state(issue.state),
                    tables.local(issue.opened),
                    told(say, issue.detail) or "-",
                ]
                for issue in exceptions
            ],
        )

    def exception(self, issue: views.ExceptionView) -> str:
        """One exception with all that was done about it."""
        say = self.say
        rows = [
            [say("transaction", "交易"), issue.transaction],
            [say("kind", "类别"), say.word(issue.kind, "exception")],
            [say("cause", "原因"), say.word(issue.cause, "cause")],
            [say("detail", "说明"), told(say, issue.detail) or "-"],
            [say("state", "状态"), self._state(issue.state)],
            [say("opened", "发生于"), tables.local(issue.opened)],
            [say("to act", "负责"), say.word(issue.role, "role")],
            [say("due", "期限"), tables.local(issue.due) if issue.due else "-"],
        ]
        if issue.overdue:
            rows.append([say("overdue", "逾期"), say("yes", "是")])
        if issue.closed:
            rows.append([say("ended", "结束于"), tables.local(issue.closed)])
            rows.append([say("because", "缘由"), told(say, issue.reason) or "-"])
        notes = self._table(
            say("NOTED BY CHANNEL OUTCOME NOTE", "备注于 登记人 方式 结果 内容").split(),
            [
                [tables.local(n.time), n.by, say.word(n.channel), say.word(n.outcome, "outcome"), n.note or "-"]
                for n in issue.notes
            ],
        )
        head = self._table([say("EXCEPTION", "异常"), issue.id], rows)
        return f"{head}\n\n{notes}" if issue.notes else head

    def terms(self, terms: views.TermsView) -> str:
        """Until when and how often."""
        say = self.say
        rows = [
            [say("reprint allowed", "可重打印"), say("yes", "是") if terms.allowed else say("no", "否")],
            [say("until", "截止"), tables.local(terms.until)],
            [say("copies left", "剩余份数"), str(terms.copies_left)],
            [say("approval", "授权"), say.word(terms.approval)],
        ]
        if terms.next_at:
            rows.append([say("next one from", "下次最早"), tables.local(terms.next_at)])
        if terms.refusal:
            rows.append([say("refused as", "拒绝原因"), terms.refusal])
        return f"{tables.clean(told(say, terms.sentence))}\n\n" + self._table(
            [say("TERMS", "重打印条款"), terms.id], rows
        )

    def signature(self, data: views.SignatureData) -> str:
        """What is known of a captured signature; not its picture."""
        say = self.say
        rows = [
            [say("version", "版本"), str(data.version)],
            [say("captured", "签名时间"), tables.local(data.captured)],
            [say("slip digest", "小票摘要"), data.digest],
            [say("feature code", "特征码"), data.feature_code or "-"],
            [say("captured as", "采集方式"), say("ink", "笔迹") if data.kind == "strokes" else say("picture", "图片")],
        ]
        return self._table([say("SIGNATURE", "签名"), data.id], rows)

    def event(self, event: client.Event) -> str:
        """One line."""
        if event.type == "lost":
            return self.say(
                f"events {event.fields['from']} to {event.fields['through']} are no longer kept in the journal",
                f"事件 {event.fields['from']} 至 {event.fields['through']} 已不在日志中",
            )
        facts = " ".join(
            f"{name}={_short(value)}" for name, value in event.fields.items() if value not in (None, "", [])
        )
        return tables.clean(f"{event.seq:>8}  {tables.local(event.time)}  {tables.padded(event.type, 20)}  {facts}")

    def _span(self, seconds: int) -> str:
        for length, english, chinese in ((86400, "d", "天"), (3600, "h", "小时"), (60, "min", "分钟")):
            if seconds >= length:
                return f"{seconds // length} {self.say(english, chinese)}"
        return f"{seconds} {self.say('s', '秒')}"


_HEX = re.compile(r"[0-9a-f]{32,}")


def _short(value: object) -> str:
    """A field of an event on one line: what it names, not all that it holds."""
    if isinstance(value, dict):
        if "kind" in value:
            return ":".join(
                str(part) for part in (value["kind"], value.get("uid", value.get("key"))) if part is not None
            )
        return str(value.get("id") or value.get("rule") or "{..}")
    if isinstance(value, list):
        return ",".join(str(part) for part in value)
    text = str(value)
    return f"{text[:12]}.." if _HEX.fullmatch(text) else text
