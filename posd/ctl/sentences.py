"""posd's own sentences in Chinese, those of a device (device_sentences.py) and of a command line (complaints.py) apart.

Pairs of patterns; `{name}` stands for what differs. Those that only who sets up a box or writes a till's software meets
are not here. A test holds this to the code: a refusal that a cashier may meet and that has no Chinese is red.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # at the keypad
    "This question is not open any more.": "该问题已失效。",
    "Of every slip it is known whether it came out.": "没有打印结果不确定的小票。",
    "No supervisor has a PIN for the keypad.": "没有主管设置键盘密码。",
    "Approve with posctl approve.": "请用 posctl approve 授权。",
    "No copy waits for a supervisor.": "没有等待主管授权的重打印。",
    "The PIN is wrong.": "密码错误。",
    "{request} goes on waiting.": "{request} 继续等待。",
    "This shift was closed already.": "该班次已交班。",
    "Nothing of the keypad waits that could be withdrawn.": "键盘没有可撤销的请求。",
    "After too many wrong PINs none is looked at until {until}.": "密码多次输错，{until} 之前不再受理。",
    "Nothing was approved.": "没有授权任何请求。",
    "Nothing was changed; begin again.": "没有任何更改；请重新开始。",
    # what was kept, and what to do
    "Nothing was changed.": "没有任何更改。",
    "Nothing was printed.": "没有打印任何内容。",
    "Nothing was kept.": "没有保留任何内容。",
    "Nothing was sent.": "没有发送任何内容。",
    "Nothing was sent; connect again.": "没有发送任何内容；请重新连接。",
    "Nothing was kept of this request.": "本次请求没有保留。",
    "Nothing was kept of this one; send it again soon.": "本次请求没有保留；请稍后重发。",
    "Nothing was changed; ask again.": "没有任何更改；请重试。",
    "Nothing was changed; ask again in a moment.": "没有任何更改；请稍后重试。",
    "Nothing was changed; ask again when it is done.": "没有任何更改；请等它完成后重试。",
    "Nothing was changed; use a new key.": "没有任何更改；请换一个新的键。",
    "Nothing was changed; use a new id for a new sale.": "没有任何更改；新交易请用新的交易号。",
    "The slip is too long to be shown as {format}.": "小票太长，无法显示为 {format}。",
    "Nothing was changed; ask for it as text.": "没有任何更改；请改用文本格式。",
    "Nothing was changed; ask for png or jbig.": "没有任何更改；请改用 png 或 jbig。",
    "Nothing was changed; ask for png meanwhile.": "没有任何更改；请暂用 png。",
    "Nothing was changed; mend the pad and ask again.": "没有任何更改；请排除签名板故障后重试。",
    "Nothing was changed; settle what `posctl exceptions` lists.": (
        "没有任何更改；请处理 posctl exceptions 列出的事项。"
    ),
    "Nothing was changed; a reprint prints it as it is.": "没有任何更改；重打印会原样打印。",
    "Nothing was printed; ask again when it is out.": "没有打印任何内容；请等它打印完再试。",
    "Nothing was printed; ask one.": "没有打印任何内容；请找主管。",
    "Nothing was printed; check the slip and ask again.": "没有打印任何内容；请核对小票后重试。",
    "Nothing was printed; mend that and ask again.": "没有打印任何内容；请排除故障后重试。",
    "Nothing was kept; mask the number and send again.": "没有保留任何内容；请遮蔽卡号后重发。",
    "Nothing was kept; split it into several.": "没有保留任何内容；请拆成几笔。",
    "Nothing was done; ask the administrator for a group that api.roles gives this role, then connect anew.": (
        "没有执行任何操作；请管理员分配 api.roles 赋予该角色的用户组，然后重新连接。"
    ),
    "The user database does not say the groups of uid {uid} within {s} s.": "{s} 秒内查不到用户 {uid} 的用户组。",
    "Nothing was done; connect again, and have the administrator look at it.": (
        "没有执行任何操作；请重新连接，并请管理员检查用户数据库。"
    ),
    "Look it up with transaction.search.": "请用 posctl search 查找。",
    "Wait until it is out, then ask again.": "请等它打印完再试。",
    "What was acknowledged is kept; ask again.": "已确认的内容都已保留；请重试。",
    "Whether it was kept is not known; connect again and send the same with the same id or key.": (
        "是否已保留尚不清楚；请重新连接，用相同的交易号或键重发相同内容。"
    ),
    "The connection is given up.": "连接已放弃。",
    # transactions, copies
    "There is no transaction yet.": "还没有任何交易。",
    "There is no transaction {id} here.": "这里没有交易 {id}。",
    "There is no receipt {number} here.": "这里没有小票 {number}。",
    "There is no {copy} copy {number} of {id}.": "{id} 没有第 {number} 号{copy}。",
    "{id} was never signed on the pad.": "{id} 没有在签名板上签过名。",
    "There is no signature version {version} of {id}.": "{id} 没有第 {version} 版签名。",
    "No {copy} copy of {id} was ever made.": "{id} 从未有过{copy}。",
    "No signature is missing.": "没有缺签名的交易。",
    "The record of this transaction has left the journal.": "这笔交易的记录已不在日志中。",
    "Transaction {id} is kept already with other content.": "交易 {id} 已记录，但内容不同。",
    "The transaction is larger than {size} KiB.": "交易数据超过 {size} KiB。",
    "{field} shows more than the first six and the last four digits.": "{field} 露出的卡号超过前六位和后四位。",
    "The {copy} copy {number} of {id} is {state}, not unknown.": (
        "{id} 的第 {number} 号{copy}是“{state}”，并非结果不确定。"
    ),
    "The {copy} copy of {id} is printing now.": "{id} 的{copy}正在打印。",
    "The {name} that was stated is not that of {id}.": "所给的{name}与 {id} 的不符。",
    "The key {key} was used for another request.": "键 {key} 已用于另一个请求。",
    "amount: {error}.": "amount：{error}。",
    "{field} is not a time with an offset such as 2026-11-21T10:15:30+08:00.": (
        "{field} 不是带时区的时间，例如 2026-11-21T10:15:30+08:00。"
    ),
    # the rules for reprints
    "{reason} is none of this shop's reasons: {reasons}.": "{reason} 不在本店的原因列表中：{reasons}。",
    "Nothing was printed; give one of them.": "没有打印任何内容；请从中选一个。",
    "The reason {reason} needs a note that says more.": "原因 {reason} 须附说明。",
    "Nothing was printed; add one.": "没有打印任何内容；请补充说明。",
    "There were {count} requests for copies within a minute, as many as may be; the next can be made at {when}.": (
        "一分钟内已有 {count} 次重打印请求，已达上限；{when} 起可再请求。"
    ),
    "There is no request {request} here (any more).": "这里没有（或已不再有）请求 {request}。",
    "Nothing was changed; the evidence of its transaction has all.": "没有任何更改；全部经过见该交易的证据包。",
    "Nothing was printed; ask again later.": "没有打印任何内容；请稍后再试。",
    "Nothing was changed; ask a supervisor.": "没有任何更改；请找主管。",
    "A copy of {id} waits for a supervisor already.": "{id} 已有一份重打印在等主管授权。",
    "As many copies wait for a supervisor as may.": "等待主管授权的重打印太多。",
    "As many copies wait for the printer as may.": "等待打印的重打印太多。",
    "No request {request} waits for a supervisor; it was decided, or its time was over.": (
        "没有等待主管授权的请求 {request}：已处理或已超时。"
    ),
    "There is no copy {job} that could be withdrawn.": "没有可撤销的重打印 {job}。",
    "The copy {job} is {state} and cannot be withdrawn.": "重打印 {job} 是“{state}”，不能撤销。",
    "This copy was asked for by somebody else.": "这份重打印是别人要求的。",
    "The shop's rule {rule} allows no {copy} copy of {id} here and now.": (
        "本店规则 {rule} 现在不允许在此重打印 {id} 的{copy}。"
    ),
    "Copies of {id} could be made until {when}.": "{id} 的重打印期限已于 {when} 截止。",
    "All {count} copies of {id} have been made.": "{id} 的 {count} 份重打印已用完。",
    "A copy of {id} needs a supervisor.": "{id} 重打印须主管授权。",
    "Copies from {amount} on need a supervisor.": "金额 {amount} 起重打印须主管授权。",
    "The next copy of {id} can be made at {when}.": "{id} 下次最早可于 {when} 重打印。",
    "These are busy hours; copies can be made again at {when}.": "现在是繁忙时段；{when} 起可再重打印。",
    "The {copy} copy of {id} can be reprinted until {when}, {count} more times; a supervisor must ask.": (
        "{id} 的{copy}在 {when} 前还可重打印 {count} 次；须由主管提出。"
    ),
    "The {copy} copy of {id} can be reprinted until {when}, {count} more times; no approval is needed.": (
        "{id} 的{copy}在 {when} 前还可重打印 {count} 次；无需授权。"
    ),
    # signatures
    "Transaction {id} needs no signature.": "交易 {id} 不需要签名。",
    "Transaction {id} is signed.": "交易 {id} 已签名。",
    "Transaction {id} was signed on paper.": "交易 {id} 已在纸上签名。",
    "Transaction {id} is waiting for its signature already.": "交易 {id} 正在等待签名。",
    "The signature pad is not usable ({why}).": "签名板不可用（{why}）。",
    "The pad draws by itself and gave no ink to be told.": "签名板自行成图，没有笔迹可供导出。",
    "JBIG needs the library libjbig (apt-get install libjbig0).": "JBIG 需要 libjbig 库（apt-get install libjbig0）。",
    "Transaction {id} has no signature to be void: it is {state}.": "交易 {id} 没有可作废的签名：{state}。",
    "Transaction {id} misses no signature: it is {state}.": "交易 {id} 不缺签名：{state}。",
    "Transaction {id} waits for no signature: it is {state}.": "交易 {id} 不在等待签名：{state}。",
    "Attempt {attempt} of {id} is told already: {count} were made, the last was {state}.": (
        "{id} 的第 {attempt} 次上送已记录：共 {count} 次，最后一次为 {state}。"
    ),
    "Another signature is being taken on the pad.": "签名板正在采集另一个签名。",
    # exceptions
    "There is no exception {id} here.": "这里没有异常 {id}。",
    "Look it up with exception.list.": "请用 posctl exceptions 查找。",
    "The exception {id} is {state}.": "异常 {id} 的状态是：{state}。",
    "{id} is not settled (the {copy} copy {number}: {state}).": "{id} 未结清（第 {number} 号{copy}：{state}）。",
    "{id} is not settled (the signature: {state}).": "{id} 未结清（签名：{state}）。",
    "{id} is not settled ({what}).": "{id} 未结清（{what}）。",
    "Nothing was changed; print, sign or settle it, or have a supervisor waive it.": (
        "没有任何更改；请打印、补签或确认，或由主管免除。"
    ),
    "{id} has {count} notes already.": "{id} 已有 {count} 条备注。",
    "Nothing was changed; escalate or waive it.": "没有任何更改；请上报或免除。",
    "The signature for {id} is being taken now.": "{id} 的签名正在采集。",
    "Nothing was changed; wait for it.": "没有任何更改；请等待。",
    "The note says nothing.": "备注为空。",
    "Nothing was kept; give a note, a channel or an outcome.": "没有保留任何内容；请给出文字、方式或结果。",
    "This shop keeps no words in notes.": "本店备注不保留文字。",
    "Nothing was kept; give channel and outcome.": "没有保留任何内容；请给出方式和结果。",
    "The note holds a long number or an address, which this shop does not keep.": (
        "备注含有长号码或邮箱地址，本店不予保留。"
    ),
    "Nothing was kept; leave it out.": "没有保留任何内容；请去掉后重试。",
    "it was open and on no list": "未结但未列入清单",
    "signed again": "重新签名",
    "signed, version {version}": "已签名，第 {version} 版",
    "signed by hand by {name}": "由 {name} 手写签名",
    "key press": "按键",
    "uid {uid} pid {pid}": "用户 {uid}（进程 {pid}）",
    "key {key} by supervisor {number}": "按键 {key}，主管 {number}",
    "key {key}": "按键 {key}",
    "lost": "遗失",
    "printed": "已打印",
    "cancelled": "已撤销",
    "settled by copy {number}": "由第 {number} 份重打印结清",
    "it may have printed": "可能已打印",
    "it came out": "已打印出",
    "it did not come out": "未打印出",
    "the facts had settled it": "事实已结清",
    "the shift changed while it was awaited": "等待签名时换班",
    "the shift changed while it was given": "签名过程中换班",
    "What the journal holds of it cannot be read: {error}.": "日志中有关它的内容无法读取：{error}。",
    # shifts
    "The shift of {operator} is open.": "{operator} 的班次尚未交班。",
    "Nothing was changed; close it first.": "没有任何更改；请先交班。",
    "The handover {id} waits to be confirmed.": "交接 {id} 等待确认。",
    "Nothing was changed; look at it and open the shift with it.": "没有任何更改；请核对后凭该编号开班。",
    "No shift is open.": "没有进行中的班次。",
    "Nothing was changed; open one with shift.open.": "没有任何更改；请先开班。",
    # the printer
    "The printer cannot print now ({why}).": "打印机现在不能打印（{why}）。",
    "A self-test is under way already.": "已有一次自检在进行。",
    # pictures
    "Too many pictures are being made.": "正在生成的图片太多。",
    "The picture could not be made; the log says why.": "图片无法生成；原因见系统日志。",
    "The slip cannot be shown: it has {error}.": "小票无法显示：其中有 {error}。",
    "The {copy} copy of {id} was made for another kind of printer ({before}) and would come out as garbage on this one "
    "({now}).": "{id} 的{copy}是为另一种打印机（{before}）生成的，在当前打印机（{now}）上会印成乱码。",
    "Nothing was printed and the slip is kept as it was; look at it with posctl preview, or connect such a printer and "
    "set printer.language and printer.profile for it.": (
        "没有打印任何内容，小票原样保留；可用 posctl preview 查看，或接上同类打印机并设置 printer.language 和"
        " printer.profile。"
    ),
    # the journal, and posd itself
    "The journal has no room for more: too much in it is still owed.": "日志已无空间：其中未结的事项太多。",
    "Settle what `posctl exceptions` lists; outcomes of accepted sales are still recorded.": (
        "请处理 posctl exceptions 列出的事项；已受理交易的结果仍会记录。"
    ),
    "The journal has no room to go on with an archived transaction.": "日志没有空间处理已归档的交易。",
    "Records of this transaction are being written.": "这笔交易的记录正在写入。",
    "Transaction {id} is one of long ago, and its record in the archive cannot be read.": (
        "交易 {id} 是早先的交易，它在归档中的记录无法读取。"
    ),
    "Nothing was kept; restore the archive from a backup, or use a new id for a new sale.": (
        "没有保留任何内容；请从备份恢复归档，新交易请用新的交易号。"
    ),
    "Too many look into the archive.": "查阅归档的请求太多。",
    "The archive could not be read: {error}.": "归档无法读取：{error}。",
    "The archive has no such file (any more).": "归档中没有（或已不再有）这个文件。",
    "Too many requests wait for the disk.": "等待写盘的请求太多。",
    "The journal is read-only: {advice}.": "日志只读：{advice}。",
    "posd met a fault of its own and starts again from its journal.": "posd 自身出错，正从日志重新启动。",
    "{method} is for the role {wanted}; uid {uid} has {held}.": (
        "{method} 须有角色 {wanted}；uid {uid} 的角色是 {held}。"
    ),
    # reaching posd
    "posd cannot be reached: you may not open {path}; ask for the group that owns it, then log in anew.": (
        "无法连接 posd：您无权打开 {path}；请申请加入其所属用户组，然后重新登录。"
    ),
    "posd cannot be reached: there is no socket at {path}; start posd (systemctl start posd) or name the right path.": (
        "无法连接 posd：{path} 没有套接字；请启动 posd（systemctl start posd）或给出正确路径。"
    ),
    "posd cannot be reached: nobody answers at {path}; start posd (systemctl start posd).": (
        "无法连接 posd：{path} 无人应答；请启动 posd（systemctl start posd）。"
    ),
    "posd cannot be reached: it takes no connection at {path} in time; look at its log (journalctl -u posd).": (
        "无法连接 posd：{path} 未及时接受连接；请查看日志（journalctl -u posd）。"
    ),
    "posd cannot be reached: {error}.": "无法连接 posd：{error}。",
    "posd did not answer within {seconds} s.": "posd 在 {seconds} 秒内没有应答。",
    "the connection to posd ended before the answer.": "应答之前与 posd 的连接中断。",
    "this client is closed.": "此连接已关闭。",
    "an answer of more than {size} bytes cannot be posd's; the connection is given up.": (
        "超过 {size} 字节的应答不可能来自 posd；连接已放弃。"
    ),
    "what came is no answer of posd: {error}.": "收到的不是 posd 的应答：{error}。",
    "the answer has neither a result nor an error.": "应答既无结果也无错误。",
    "this posd answers in another shape than this client knows: {error}.": "此 posd 的应答格式与本程序不同：{error}。",
    # what a device says
    "The paper is near its end.": "纸将用尽。",
    "Have a new roll ready.": "请备好新纸卷。",
    "The paper is out.": "缺纸。",
    "Put in a new roll; printing goes on by itself.": "请装入新纸卷；会自动继续打印。",
    "The cover is open.": "机盖打开。",
    "Close it; printing goes on by itself.": "请合上；会自动继续打印。",
    "The cutter is stuck.": "切刀卡住。",
    "Switch the printer off, clear the paper from the cutter, switch it on.": "请关机，清除切刀处的纸，再开机。",
    "The print head is too hot.": "打印头过热。",
    "Printing goes on by itself when it has cooled.": "冷却后会自动继续打印。",
    "The printer is offline.": "打印机脱机。",
    "Press its feed or online button.": "请按走纸键或联机键。",
    "The printer has an error that it cannot recover from.": "打印机出现无法自行恢复的错误。",
    "Switch it off and on, or have it repaired.": "请关机再开机，或送修。",
    "The printer does not answer.": "打印机无应答。",
    "Check that it is switched on and its cable is in.": "请检查电源和连接线。",
    "If it is, switch it off and on.": "都正常时，请关机后再开机。",
    "The printer is not connected.": "打印机未连接。",
    "Plug it in; printing goes on by itself.": "请接上；会自动继续打印。",
    # details of exceptions
    "it waited too long to print by itself": "等待过久，不再自动打印",
    "its record has left the journal": "其记录已不在日志中",
    "it was made for another kind of printer": "它是为另一种打印机生成的",
    "printer: {why}, a torn piece came out": "打印机：{why}，打出了残缺的一截",
    "printer: {why}": "打印机：{why}",
    "pad: {why}": "签名板：{why}",
    "cancelled by the operator": "操作员取消",
    "cancelled on the pad": "顾客在签名板上取消",
    "skipped: {why}": "未等待签名：{why}",
    "no signature within the time": "限时内没有签名",
    "only blanks or scribbles": "只有空白或涂鸦",
    "the pad went away": "签名板断开",
    "the pad was busy with another sale": "签名板正用于另一笔交易",
    "posd was stopped while it was awaited": "等待签名时 posd 被停止",
    "posd was restarted while it was awaited": "等待签名时 posd 重新启动",
}
