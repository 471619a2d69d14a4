"""What is wrong with a command line, a file that stands on it, or the shape of a request that came of it, in Chinese.
Pure; read by telling.py.
"""

from __future__ import annotations

COMPLAINTS: dict[str, str] = {
    # files that are named on the command line
    "{path} cannot be read: {why}.": "{path} 无法读取：{why}。",
    "{path} cannot be written: {why}.": "{path} 无法写入：{why}。",
    "{path} is larger than any transaction may be.": "{path} 超过一笔交易的最大长度。",
    "{path} is not JSON (line {line}, column {column}): {why}.": "{path} 不是 JSON：第 {line} 行第 {column} 列有误。",
    "{path} is not JSON: {why}.": "{path} 不是 JSON：{why}。",
    "{path} does not hold a transaction: a JSON object is needed.": "{path} 不是交易：须为一个 JSON 对象。",
    "{path} exists.": "{path} 已存在。",
    "{path} is no directory.": "{path} 不是目录。",
    "{path} is no backup.": "{path} 不是备份。",
    "Nothing was verified.": "没有校验。",
    "Nothing was verified; name a journal's file, and this directory with --archive.": (
        "没有校验；请给出日志文件，并用 --archive 指定此目录。"
    ),
    "{place} holds files of {count} journals.": "{place} 含有 {count} 个日志的文件。",
    "{text} is no slip's digest: that is 16 hexadecimal digits, or what the slip's QR code says.": (
        "{text} 不是小票摘要：须为 16 位十六进制数，或小票二维码的内容。"
    ),
    "{text} is no anchor, and no file either: {why}.": "{text} 既不是锚点，也不是文件：{why}。",
    "there is no anchor in {text}: {why}.": "{text} 中没有锚点：{why}。",
    "{name} holds no key: {why}.": "{name} 中没有密钥：{why}。",
    "{path} cannot be opened: {why}.": "{path} 无法打开：{why}。",
    "{path} is not a journal: {why}.": "{path} 不是日志：{why}。",
    "Nothing was written.": "没有写入任何内容。",
    "Nothing was written; name a file that does not.": "没有写入任何内容；请另给一个文件名。",
    "Nothing was written; name the directory of an earlier one.": "没有写入任何内容；请给出先前备份的目录。",
    "Nothing was done; name the archive's.": "没有执行任何操作；请给出归档目录。",
    # a wrong command line
    "the following arguments are required: {names}": "缺少参数：{names}",
    "one of the arguments {names} is required": "须给出其中之一：{names}",
    "unrecognized arguments: {words}": "不认识的参数：{words}",
    "argument {name}: expected one argument": "{name} 须带一个值",
    "argument {name}: invalid choice: {word} (choose from {words})": "{name} 不能是 {word}，可选：{words}",
    "argument {name}: not allowed with argument {other}": "{name} 不能与 {other} 同用",
    "argument {name}: {word} is not a whole number": "{name}：{word} 不是整数",
    "argument {name}: {word} is not a decimal number such as 36.00": "{name}：{word} 不是金额（例如 36.00）",
    "argument {name}: {word} is no exception such as x105": "{name}：{word} 不是异常编号（例如 x105）",
    "argument {name}: {word} is not four digits": "{name}：{word} 不是四位数字",
    "argument {name}: {word} is no day such as 2026-11-21, nor `today`": (
        "{name}：{word} 不是日期（例如 2026-11-21、today）"
    ),
    "argument {name}: {word} is no day such as 2026-11-21, `today`, or time such as 2026-11-21T10:15:30+08:00": (
        "{name}：{word} 不是日期（如 2026-11-21、today）或时间（例如 2026-11-21T10:15:30+08:00）"
    ),
    # what posd says of a request's shape (api/params.py)
    "{field} may hold printable ASCII characters only, and no spaces.": "{field} 只能用可打印的英文字符，且不含空格。",
    "{field} holds a control character or a line break, which no printer should see.": "{field} 含有控制字符或换行。",
    "{field} does not have the form that is asked for.": "{field} 的格式不对。",
    "{field} must not be empty.": "{field} 不能为空。",
    "{field} must be four digits.": "{field} 须为四位数字。",
    "{field} must be a day such as 2026-11-21.": "{field} 须为日期，例如 2026-11-21。",
    "{field} may have at most {count} characters.": "{field} 最多 {count} 个字符。",
    "{field} may have at most {count} entries.": "{field} 最多 {count} 项。",
    "{field} needs at least {count} characters.": "{field} 至少 {count} 个字符。",
    "{field} needs at least {count} entries.": "{field} 至少 {count} 项。",
    "{field} may be at most {count}.": "{field} 最大为 {count}。",
    "{field} may be no less than {count}.": "{field} 最小为 {count}。",
    "{field} is missing.": "缺少 {field}。",
    "{field} is not a field that posd knows here.": "posd 不认识此处的字段 {field}。",
    "{field}: {text} is not a decimal number such as 36.00.": "{field}：{text} 不是金额（例如 36.00）。",
    "Nothing was kept; correct it and send again.": "没有保留任何内容；请更正后重发。",
}
