"""What posctl itself says of a command line, or of a file that stands on it, in Chinese. Pure; read by sentences.py."""

from __future__ import annotations

COMPLAINTS: dict[str, str] = {
    # files that are named on the command line
    "{path} cannot be read: {why}.": "{path} 无法读取：{why}。",
    "{path} cannot be written: {why}.": "{path} 无法写入：{why}。",
    "{path} is larger than any transaction may be.": "{path} 超过一笔交易的最大长度。",
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
    "argument {name}: {word} is no day such as 2026-11-21, `today`, or time such as 2026-11-21T10:15:30+08:00": (
        "{name}：{word} 不是日期（如 2026-11-21、today）或时间（例如 2026-11-21T10:15:30+08:00）"
    ),
}
