"""What advice.py says, in Chinese, word by word in the same order."""

from __future__ import annotations

from posd.domain.advice import Told
from posd.domain.device import Reason

_NOTHING = "没有更改；已保留的内容不变。"
_NO_COPY = "不打印；拒绝本身已记录。"
_ALL = "已确认的内容全部保留。"
_WAITS = "排队的小票在恢复后自动打印。"

REFUSALS: dict[str, Told] = {
    "conflict": Told(
        "同一交易号或幂等键先前用于不同内容，或该操作与当前状态不符。",
        "原有内容不变。",
        "先查看（`posctl show`、`transaction.get`）。新交易请用新交易号，新请求请用新的幂等键。",
    ),
    "not-found": Told(
        "本终端没有这笔交易、这一联、这个签名、请求或异常。", _NOTHING, "核对小票上的号码，或用 `posctl search` 查找。"
    ),
    "incomplete": Told(
        "小票内容不完整或金额不平；`data.field` 指出位置。",
        "这笔交易没有保留。",
        "在收银机上更正后，用同一交易号重发。",
    ),
    "card-data": Told(
        "完整卡号出现在无法遮蔽的位置，或字段含磁道、CVV、PIN 数据。",
        "没有保留：日志和系统日志中都没有。",
        "让收银机只发送遮蔽后的卡号（前六后四）。",
    ),
    "denied": Told(
        "当前用户的角色无此权限，或门店规则不允许。",
        _NOTHING,
        "请有权限的人操作；角色由管理员按 Unix 用户组分配（`api.roles`）。",
    ),
    "needs-supervisor": Told(
        "按门店规则须由主管授权。", _NO_COPY, "请主管到场，或提交申请等待授权：`posctl reprint ID --ask-supervisor`。"
    ),
    "window-closed": Told(
        "已过重打印期限；`data.until` 为截止时间。", _NO_COPY, "可改为在屏幕上查看或导出图片：`posctl preview ID`。"
    ),
    "copies-spent": Told(
        "重打印次数已用完。", _NO_COPY, "`posctl terms ID` 说明允许的次数；查看图片不占次数：`posctl preview ID`。"
    ),
    "too-soon": Told("距上一次重打印或请求太近；`data.until` 为下次最早时间。", _NO_COPY, "到时再试。"),
    "busy-hours": Told(
        "繁忙时段，打印机优先用于当前交易；`data.until` 为结束时间。", _NO_COPY, "到时再试，或给顾客图片。"
    ),
    "mismatch": Told(
        "所述内容与日志不符；`data.field` 指出哪一项。不会透露正确的值。",
        _NO_COPY,
        "请向顾客再次核实，并核对小票上的号码。",
    ),
    "device-absent": Told("所需设备未连接。", _NOTHING, "接上设备后重试；`posctl devices` 显示何时就绪。"),
    "device-fault": Told("所需设备有故障。", _NOTHING, "按 `posctl devices` 的提示排除故障后重试。"),
    "busy": Told("同时请求过多，或已有同类操作在进行。", "本次请求没有保留；其他操作照常进行。", "请稍后重试。"),
    "cancelled": Told("在完成之前被撤销。", _ALL, "如仍需要，请重新提出。"),
    "journal-full": Told(
        "未结事项占满日志，暂不受理新交易。",
        "已确认的内容全部保留；已受理交易的结果仍会记录。",
        "处理 `posctl exceptions` 列出的事项：打印、补签或免除。其间新交易由收银机自行留存。",
    ),
    "journal-damaged": Told(
        "所查内容在磁盘上已损坏，且没有完好副本。",
        "其余内容都在；`posctl journal` 列出丢失部分。",
        "联系维护人员：从备份恢复（docs/archive.zh-CN.md）。",
    ),
    "journal-failed": Told(
        "磁盘故障；修复之前 posd 不再保留新内容。",
        "此前已确认的内容保留，此后没有。",
        "改用其他方式收银，并立即联系维护人员：`posctl doctor`、更换磁盘、`systemctl restart posd`。",
    ),
    "too-large": Told("请求超过一行的最大长度。", "没有保留。", "请拆分，或去掉小票不需要的内容。"),
    "unsupported": Told("本版 posd 或此设备不支持。", _NOTHING, "提示中说明可改用什么。"),
    "invalid": Told(
        "类型有误、字段未知或缺失、值不合法；唯一归于 -32602 的种类。",
        "没有保留。",
        "更正 `data.field` 所指字段；格式见 docs/api.md。",
    ),
}

CONTACT: dict[str, Told] = {
    "unreachable": Told(
        "posd 的套接字无人应答，或当前用户无权打开。",
        "已确认的内容全部保留；本次没有发送。",
        "运行 `systemctl status posd` 和 `posctl doctor`，后者说明谁可以打开套接字。",
    ),
    "no-answer": Told(
        "posd 没有及时应答。", "本次请求可能已保留，也可能没有。", "用相同的交易号或幂等键重发相同内容：只会执行一次。"
    ),
    "disconnected": Told(
        "应答之前连接中断。", "本次请求可能已保留，也可能没有。", "重新连接，用相同的交易号或幂等键重发：只会执行一次。"
    ),
    "protocol": Told(
        "收到的不是 posd 的应答，或版本不同。",
        "本次请求可能已保留，也可能没有。",
        "确认路径是 posd 的套接字，且 posctl 与 posd 版本一致。",
    ),
    "internal": Told(
        "posd 自身出错，正从日志重新启动。",
        _ALL,
        "请稍后重试；若反复出现，把系统日志交给维护人员：`journalctl -u posd`。",
    ),
}

REASONS: dict[str, Told] = {
    "paper-near-end": Told("纸卷将尽；仍在打印。", "一切照常。", "备好新纸卷。"),
    "paper-end": Told("缺纸。", _WAITS, "装入纸卷；排队的小票会自动打印。"),
    "cover-open": Told("机盖打开。", _WAITS, "合上机盖。"),
    "cutter": Told("切刀卡住。", _WAITS, "清除切刀处的纸，再打开并合上机盖。"),
    "head-hot": Told("打印头过热；打印机暂停。", _WAITS, "不必处理；冷却后自动继续。"),
    "offline": Told("打印机在面板上被置为脱机。", _WAITS, "按走纸键或联机键。"),
    "unrecoverable": Told("打印机无法自行恢复的故障。", _WAITS, "关机再开机；无效则送修。"),
    "no-answer": Told(
        "设备已连接但无应答。",
        "全部保留；正在打印的一联转为 `unknown`（不确定）。",
        "检查电源和波特率，再运行 `posctl doctor`。",
    ),
    "unplugged": Told(
        "设备已断开。", "全部保留；正在打印的一联转为 `unknown`（不确定）。", "接上即可；posd 会自动找到。"
    ),
    "pin-file": Told(
        "主管密码文件已改动，但无法使用。",
        "改动前的密码继续有效，输错次数和锁定不变；按键照常可用。",
        "`posctl devices` 说明错在哪里；改正后几秒内自动启用。",
    ),
}

REMEDIES: dict[Reason, str] = {
    "paper-near-end": "请备好纸卷",
    "paper-end": "请装纸",
    "cover-open": "请合上机盖",
    "cutter": "请清理切刀",
    "head-hot": "请等打印头冷却",
    "offline": "请按打印机联机键",
    "unrecoverable": "请关机再开机；无效则送修",
    "no-answer": "请检查连接线和电源",
    "unplugged": "请接上",
    "pin-file": "请改正主管密码文件；改动前的密码继续有效",
}
"""As device.REMEDIES."""

EXCEPTIONS: dict[str, Told] = {
    "unprinted": Told(
        "某一联没有打印出来，且过久不再自动打印。",
        "交易和小票都在。",
        "`posctl reprint ID` 打印原件（不带标记）；或由主管免除。",
    ),
    "unknown": Told(
        "某一联可能已打印，只有看过的人才知道。",
        "交易和小票都在；不会自动重打。",
        "到打印机处查看，然后登记：`posctl settle ID --printed`；没有则 `--not-printed`，随后打印并带标记。",
    ),
    "unsigned": Told(
        "缺少签名。",
        "交易已保留；商户联上有签名线。",
        "在签名板补签（F3 或 `posctl resign ID`），或在纸上签名后登记：`posctl attest ID`。",
    ),
    "wrong-signature": Told("签名被认定有误。", "原签名仍保留。", "重新签名：F3 或 `posctl resign ID`。"),
}

CAUSES: dict[str, Told] = {
    "procedure": Told("柜台人员中止，或签名板被占用。", _ALL, "现在重新签名。"),
    "staff": Told("店员没有等待签名，或操作有误。", _ALL, "重新签名；备注中写明询问过谁。"),
    "handover": Told("签名之前换班。", _ALL, "由接班人补签。"),
    "device": Told("签名板被拔出、关闭或无应答。", _ALL, "接好签名板；`posctl devices` 显示就绪后补签。"),
    "system": Told("posd 被停止，或终端断电。", _ALL, "重新签名。"),
    "customer": Told("顾客离开、取消，或所签无效。", _ALL, "请顾客回来补签，或在纸上签名。"),
}

GROUPS: dict[str, dict[str, Told]] = {
    "refusal": REFUSALS,
    "contact": CONTACT,
    "reason": REASONS,
    "exception": EXCEPTIONS,
    "cause": CAUSES,
}
