"""Answers of posd about transactions as text for a person. Pure: a view in, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from posd import client
from posd.ctl import history, tables
from posd.ctl.shown_box import ShownBox
from posd.ctl.telling import told
from posd.domain import views


class Shown(ShownBox):
    """Makes text of transactions and what became of them."""

    def _marks(self, copy: views.CopyView) -> str:
        words = ["torn"] * copy.torn + [copy.mark] * (copy.mark != "none")
        return " ".join(self.say.word(word) for word in words) or "-"

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
                    say.word(copy.proof) + (say(f" ({copy.why})", f"（{say.word(copy.why)}）") if copy.why else ""),
                    say.word(copy.cause, "cause"),
                    tables.local(copy.time),
                ]
                for copy in state.copies
            ],
            right=[1],
        )
        signature = state.signature
        facts = [say(f"rule {signature.rule}", f"规则：{say.word(signature.rule)}")]
        if signature.cause:
            facts.append(say(f"cause {signature.cause}", f"原因：{say.word(signature.cause, 'cause')}"))
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
        parts = [copies, say(f"signature: {sentence} ({', '.join(facts)})", f"签名：{sentence}（{'，'.join(facts)}）")]
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
                payment.entry and say.word(payment.entry, "entry"),
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
                    self._copies(row.state.copies),
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

    def _copies(self, copies: Sequence[views.CopyView]) -> str:
        """How many stand how: `2 printed, 1 unknown`."""
        counts = Counter(copy.state for copy in copies)
        each = (self.say(f"{count} {state}", f"{self.say.word(state)} {count}") for state, count in counts.items())
        return self.say(", ", "，").join(each) or "-"

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
                    self._kind(issue),
                    say.word(issue.cause, "cause"),
                    say("overdue", "逾期") if issue.overdue and issue.state == "open" else self._state(issue.state),
                    tables.local(issue.opened),
                    told(say, issue.detail) or "-",
                ]
                for issue in exceptions
            ],
        )

    def _kind(self, issue: views.ExceptionView) -> str:
        """What is the matter, and with which copy: `unprinted merchant`, `unknown customer 1`."""
        parts = [self.say.word(issue.kind, "exception")]
        if issue.copy is not None:
            parts += [self.say.word(issue.copy), str(issue.number or "")]
        return " ".join(parts).rstrip()

    def exception(self, issue: views.ExceptionView) -> str:
        """One exception with all that was done about it."""
        say = self.say
        rows = [
            [say("transaction", "交易"), issue.transaction],
            [say("kind", "类别"), self._kind(issue)],
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
                [
                    tables.local(n.time),
                    told(say, n.by),
                    say.word(n.channel),
                    say.word(n.outcome, "outcome"),
                    n.note or "-",
                ]
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
            [say("approval", "授权"), say.word(terms.approval, "approval")],
        ]
        if terms.next_at:
            rows.append([say("next one from", "下次最早"), tables.local(terms.next_at)])
        if terms.refusal:
            rows.append([say("refused as", "拒绝原因"), terms.refusal])
        for place, reason in enumerate(terms.reasons):
            words = say(reason.en, reason.zh_CN) + (say(" (with a note)", "（须附说明）") if reason.note else "")
            rows.append(["" if place else say("reasons", "可用原因"), f"{reason.reason}: {words}"])
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
        what = history.line({"type": event.type, **event.fields}, self.say)
        about = tables.padded(tables.clean(_about(event)), 14)
        return f"{event.seq:>8}  {tables.local(event.time)}  {about}  {what}"


def _about(event: client.Event) -> str:
    """The transaction that an event belongs to; `-` for none."""
    named = event.fields.get("transaction")
    if isinstance(named, dict):
        return str(named["id"])
    of_a_sale = event.type.split(".")[0] in {"copy", "reprint", "signature"}
    return str(named or (event.fields.get("id") if of_a_sale else None) or "-")
