"""English and Chinese. Texts stand in pairs where they are used; the stable words of the wire have their Chinese here.

In English a stable word is shown as it is, for it is what scripts and logs have. A word that is not in the table is
shown as it is in Chinese too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

Lang = Literal["en", "zh"]

CHINESE: dict[str, str] = {
    # copies
    "merchant": "商户联",
    "customer": "顾客联",
    "none": "无",
    "torn": "残票",
    "duplicate": "重打印",
    "possible-duplicate": "可能重复",
    "queued": "排队中",
    "printing": "打印中",
    "printed": "已打印",
    "failed": "未打印",
    "unknown": "不确定",
    "cancelled": "已撤销",
    "waiting-approval": "等待主管授权",
    "declined": "已拒绝",
    "expired": "已过期",
    "done": "已完成",
    "confirmed": "打印机已确认",
    "assumed": "推定",
    "process-id": "作业号应答",
    "paper-status": "纸状态应答",
    "star-document": "单据号应答",
    "star-counter": "计数应答",
    "drained": "数据已送完",
    "shared-counter": "计数与他机共用",
    "after-paper-end": "缺纸后续打",
    "after-fault": "故障后续打",
    # signatures
    "sent": "已上送",
    "rejected": "被拒绝",
    "not-needed": "免签",
    "awaiting": "等待签名",
    "captured": "已签名",
    "missing": "缺签名",
    "attested": "纸质签名",
    "voided": "已作废",
    "host-demand": "后台要求",
    "no-card": "非银行卡",
    "void": "撤销交易",
    "contactless-limit": "小额免签",
    "below-threshold": "低于签名起点",
    "card": "银行卡",
    # devices
    "printer": "打印机",
    "pad": "签名板",
    "keypad": "键盘",
    "absent": "未连接",
    "opening": "正在打开",
    "ready": "就绪",
    "degraded": "降级运行",
    "attention": "需处理",
    "faulted": "故障",
    "paper-near-end": "纸将尽",
    "paper-end": "缺纸",
    "cover-open": "机盖打开",
    "cutter": "切刀卡住",
    "head-hot": "打印头过热",
    "offline": "脱机",
    "unrecoverable": "不可恢复的故障",
    "no-answer": "无应答",
    "unplugged": "已拔出",
    "pin-file": "密码文件有误",
    "restart": "重新启动",
    "stale": "等待过久",
    "suspect": "可疑",
    "trusted": "可信",
    # exceptions
    "unprinted": "未打印",
    "unsigned": "未签名",
    "wrong-signature": "签名有误",
    "procedure": "流程",
    "staff": "员工",
    "handover": "交接",
    "device": "设备",
    "system": "系统",
    "open": "未结",
    "closed": "已结",
    "waived": "已免除",
    "cashier": "收银员",
    "till": "收银机",
    "auditor": "审计员",
    # how somebody was to be reached, and what came of it
    "phone": "电话",
    "message": "短信",
    "mail": "邮件",
    "in-person": "当面",
    "other": "其他",
    "reached": "已联系上",
    "not-reached": "未联系上",
    "promised": "已承诺",
    # transactions
    "sale": "消费",
    "refund": "退货",
    "cash": "现金",
    "supervisor": "主管",
    # why something was refused
    "conflict": "冲突",
    "not-found": "未找到",
    "incomplete": "不完整",
    "card-data": "含卡片敏感数据",
    "denied": "无权限",
    "needs-supervisor": "须主管授权",
    "window-closed": "已过期限",
    "copies-spent": "次数已用完",
    "too-soon": "间隔太短",
    "busy-hours": "繁忙时段",
    "mismatch": "不符",
    "device-absent": "设备未连接",
    "device-fault": "设备故障",
    "busy": "繁忙",
    "journal-full": "日志已满",
    "journal-damaged": "日志有损坏",
    "journal-failed": "日志故障",
    "too-large": "过大",
    "unsupported": "不支持",
    "invalid": "格式有误",
    "unreachable": "无法连接",
    "disconnected": "连接中断",
    "protocol": "应答不符",
    "internal": "内部错误",
    # what the system says of a file
    "No such file or directory": "没有这个文件或目录",
    "Permission denied": "没有权限",
    "Is a directory": "是一个目录",
    "Not a directory": "不是目录",
    "File exists": "文件已存在",
    "No space left on device": "磁盘已满",
    "Read-only file system": "文件系统只读",
    # what a sale is told by
    "amount": "金额",
    "type": "交易类型",
    "last_four": "卡号后四位",
    "receipt": "小票号",
    "date": "交易日期",
}
_CONTEXT: dict[tuple[str, str], str] = {
    ("cause", "settled"): "已登记",
    ("fact", "path"): "路径",
    ("fact", "node"): "节点",
    ("fact", "model"): "型号",
    ("fact", "serial"): "序列号",
    ("fact", "language"): "指令集",
    ("fact", "fence"): "打印凭据",
    ("fact", "automatic-status"): "自动状态",
    ("fact", "kind"): "类型",
    ("fact", "name"): "名称",
    ("fact", "yes"): "有",
    ("fact", "no"): "无",
    ("check", "config"): "配置",
    ("check", "socket"): "套接字",
    ("check", "state"): "状态",
    ("check", "journal"): "日志",
    ("check", "groups"): "用户组",
    ("check", "clock"): "时钟",
    ("check", "disk"): "磁盘",
    ("check", "font"): "字体",
    ("approval", "none"): "无需授权",
    ("entry", "contactless"): "非接触",
    ("entry", "chip"): "插卡",
    ("entry", "swipe"): "刷卡",
    ("entry", "manual"): "手工输入",
    ("cause", "customer"): "顾客",
    ("shift", "open"): "进行中",
    ("shift", "closed"): "待接班",
    ("shift", "originals"): "原件",
    ("shift", "copies"): "重打印",
    ("shift", "refused"): "拒绝重打印",
    ("shift", "signed"): "已签名",
    ("shift", "unsigned"): "未签名",
    ("shift", "without-shift"): "无班次交易",
    ("outcome", "refused"): "拒绝",
    ("request", "refused"): "被拒绝",
    ("request", "unknown"): "打印结果不确定",
    ("method", "card"): "银行卡",
    ("method", "wallet"): "电子钱包",
    ("method", "voucher"): "代金券",
    ("exception", "unknown"): "打印结果不确定",
    ("exception", "unprinted"): "未打印",
    ("journal", "ok"): "正常",
    ("journal", "full"): "已满",
    ("journal", "damaged"): "有损坏",
    ("journal", "failed"): "故障",
    ("journal", "closed"): "已关闭",
}
"""Words whose Chinese depends on where they stand."""


def language(asked: str | None, environ: Mapping[str, str] = os.environ) -> Lang:
    """The language that was asked for, or that of the environment (LC_ALL, LC_MESSAGES, LANG); English if neither says
    Chinese.
    """
    if asked is None:
        asked = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if asked.lower().startswith("zh") else "en"


class Say:
    """Picks the language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def __call__(self, english: str, chinese: str) -> str:
        """One of the two."""
        return chinese if self.lang == "zh" else english

    def word(self, word: str | None, context: str = "") -> str:
        """A stable word for a person; `-` for none."""
        if not word:
            return "-"
        if self.lang == "en":
            return word
        return _CONTEXT.get((context, word)) or CHINESE.get(word, word)
