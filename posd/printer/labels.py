"""The words on a slip, in the terminal's language: Chinese with English in `zh_CN`, English alone in `en`.

One table, so that a translator finds all of it in one place. Sentences (consent, limits, thanks) stand apart from
labels: in `zh_CN` they take a line for each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Literal

Locale = Literal["zh_CN", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "sale": ("销售单", "SALE"),
    "refund": ("退货单", "REFUND"),
    "void": ("撤销单", "VOID"),
    "merchant": ("商户存根", "MERCHANT COPY"),
    "customer": ("顾客联", "CUSTOMER COPY"),
    "receipt": ("小票号", "RECEIPT"),
    "transaction": ("交易号", "TRANSACTION"),
    "original": ("原交易号", "ORIGINAL"),
    "time": ("时间", "TIME"),
    "terminal": ("终端号", "TERMINAL"),
    "operator": ("操作员", "OPERATOR"),
    "item": ("商品", "ITEM"),
    "quantity": ("数量", "QTY"),
    "amount": ("金额", "AMOUNT"),
    "subtotal": ("小计", "SUBTOTAL"),
    "discount": ("优惠", "DISCOUNT"),
    "tax": ("税", "TAX"),
    "included": ("含", "INCL."),
    "tip": ("小费", "TIP"),
    "total.sale": ("合计", "TOTAL"),
    "total.refund": ("退款", "REFUND"),
    "total.void": ("撤销", "VOID"),
    "card": ("卡号", "CARD NO"),
    "scheme": ("卡组织", "SCHEME"),
    "issuer": ("发卡行", "ISSUER"),
    "acquirer": ("收单行", "ACQUIRER"),
    "entry": ("方式", "ENTRY"),
    "reference": ("参考号", "REFERENCE"),
    "authorisation": ("授权码", "AUTH CODE"),
    "batch": ("批次号", "BATCH"),
    "voucher": ("凭证号", "VOUCHER"),
    "settlement": ("清算日期", "SETTLEMENT"),
    "tendered": ("实收", "TENDERED"),
    "change": ("找零", "CHANGE"),
    "feature": ("特征码", "FEATURE CODE"),
    "digest": ("校验", "DIGEST"),
    "remarks": ("备注", "REMARKS"),
    "signature": ("持卡人签名", "CARDHOLDER SIGNATURE"),
    "version": ("签名版本", "SIGNATURE VERSION"),
    "printed": ("原打印时间", "PRINTED"),
    "reprinted": ("重打印时间", "REPRINTED"),
    "asked": ("申请人", "ASKED BY"),
    "reason": ("原因", "REASON"),
    "duplicate": ("重打印", "DUPLICATE"),
    "possible-duplicate": ("可能重复", "POSSIBLE DUPLICATE"),
    "torn": ("残票作废", "TORN PIECE IS VOID"),
    "asker.till": ("收银机", "TILL"),
    "asker.cashier": ("收银员", "CASHIER"),
    "asker.supervisor": ("主管", "SUPERVISOR"),
    "asker.auditor": ("审计员", "AUDITOR"),
    "asker.keypad": ("键盘", "KEYPAD"),
    "asker.terminal": ("本机", "THIS TERMINAL"),
    "method.card": ("银行卡", "CARD"),
    "method.cash": ("现金", "CASH"),
    "method.wallet": ("电子钱包", "WALLET"),
    "method.voucher": ("代金券", "VOUCHER"),
    "entry.contactless": ("非接触", "CONTACTLESS"),
    "entry.chip": ("插卡", "CHIP"),
    "entry.swipe": ("刷卡", "SWIPE"),
    "entry.manual": ("手工输入", "MANUAL"),
}

_SENTENCES: dict[str, tuple[str, str]] = {
    "consent.sale": (
        "本人核对以上交易无误，同意将款项计入本卡账户。",
        "I have checked this transaction and agree that it is charged to my card.",
    ),
    "consent.refund": (
        "本人核对以上退货无误，同意将款项退回本卡账户。",
        "I have checked this refund and agree that it is credited to my card.",
    ),
    "consent.void": (
        "本人核对以上撤销无误，同意将款项退回本卡账户。",
        "I have checked this void and agree that it is credited to my card.",
    ),
    "limit.contactless": (
        "交易金额未超过 {limit}，无需输密，无需签名。",
        "Amount does not exceed {limit}. No PIN or signature needed.",
    ),
    "limit.below": ("交易金额低于 {limit}，无需签名。", "Amount is below {limit}. No signature needed."),
    "terms": ("{until} 前可重打印，还可 {left} 次。", "Copies until {until}, {left} more."),
    "terms.supervisor": (
        "{until} 前可重打印，还可 {left} 次，须主管授权。",
        "Copies until {until}, {left} more, by a supervisor.",
    ),
    "terms.none": ("不再提供重打印。", "No further copies."),
    "unsigned": ("本交易无需签名。", "No signature needed."),
    "selftest": ("打印机自检", "SELF-TEST"),
    "selftest.not": ("此非小票", "NOT A RECEIPT"),
    "selftest.chinese": (
        "以上某行有空白或方框时，请把 printer.chinese 设为最后一个完整行的名称。",
        "Where a line above has gaps or boxes, set printer.chinese to the name of the last one that is whole.",
    ),
}


FIXED = frozenset(
    {"sale", "refund", "void", "merchant", "customer", "duplicate", "possible-duplicate", "torn"}
    | {name for name in _SENTENCES if name.startswith("selftest")}
)
"""What no template may say in other words: what a slip is, whose copy, and what it is marked as."""
NAMES = frozenset({*_WORDS, *_SENTENCES}) - FIXED
"""What a template may say in other words."""
LABELS = frozenset(_WORDS) - FIXED
"""Of them, those that a template may place: a sentence has its own place."""


class Words:
    """The words of one locale; `own` has a template's: name -> text, where a line feed ends a line."""

    def __init__(self, locale: Locale, own: Mapping[str, str] | None = None) -> None:
        self.locale = locale
        self._own = own or {}

    def label(self, word: str) -> str:
        """`"receipt"` -> `"小票号 RECEIPT"` in zh_CN, `"RECEIPT"` in en. KeyError for a word not in the table."""
        chinese, english = _WORDS[word]
        return self._own.get(word) or (f"{chinese} {english}" if self.locale == "zh_CN" else english)

    def languages(self, word: str) -> tuple[str, ...]:
        """The word in each language of the locale."""
        return _WORDS[word] if self.locale == "zh_CN" else _WORDS[word][1:]

    def known(self, group: str, word: str) -> str:
        """The label of `group.word` when the table has it, else `word` as the till wrote it."""
        return self.label(f"{group}.{word}") if f"{group}.{word}" in _WORDS else word

    def sentences(self, name: str, **values: str) -> list[str]:
        """The sentence in each language of the locale, one an entry."""
        chinese, english = _SENTENCES[name]
        wanted = [chinese, english] if self.locale == "zh_CN" else [english]
        if name in self._own:
            wanted = self._own[name].splitlines()
        return [text.format(**values) for text in wanted]


def blanks(name: str) -> frozenset[str]:
    """The names in braces that `name` has, and a template's must have."""
    return frozenset(field for _, field, _, _ in Formatter().parse(_SENTENCES.get(name, ("", ""))[1]) if field)
