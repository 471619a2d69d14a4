"""The pieces that commands of posctl are made of: options that several share, and the values that they read."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from posd import client
from posd.ctl import helping
from posd.ctl.words import Say

Commands = Any
"""What argparse's add_subparsers gives; it has no public name."""


def name_groups(made: argparse.ArgumentParser, say: Say) -> None:
    """The heads of the help and its own option, in the language."""
    made.add_argument("-h", "--help", action="help", help=say("show this and end", "显示本帮助并退出"))
    made._positionals.title = say("arguments", "参数")
    made._optionals.title = say("options", "选项")


def everywhere(made: argparse.ArgumentParser, say: Say, *, top: bool) -> None:
    """The options that every command has. Below the top they have no default, so that what stood before the command
    stays.
    """
    group = made.add_argument_group(say("everywhere", "通用选项")) if not top else made
    hush = argparse.SUPPRESS

    def default(value: object) -> Any:
        return value if top else hush

    group.add_argument(
        "--socket",
        metavar="PATH",
        default=default(client.DEFAULT_SOCKET),
        help=say(f"posd's socket (default {client.DEFAULT_SOCKET})", f"posd 的套接字（默认 {client.DEFAULT_SOCKET}）"),
    )
    group.add_argument(
        "--json",
        action="store_true",
        default=default(False),
        help=say("answer as JSON, for programs", "输出 JSON，供程序读取"),
    )
    group.add_argument(
        "--lang",
        choices=("en", "zh"),
        default=default(None),
        help=say("language (default: the environment's)", "语言（默认取自环境）"),
    )


def command(commands: Commands, say: Say, name: str, help: tuple[str, str], *examples: str) -> argparse.ArgumentParser:
    """A new command under `commands`; each example is printed behind `posctl`."""
    sentence = say(*help)
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        say=say,
        help=sentence,
        description=sentence,
        epilog=say("examples:", "示例：") + "".join(f"\n  posctl {example}" for example in examples),
        formatter_class=helping.look(say),
        allow_abbrev=False,
        add_help=False,
    )
    name_groups(made, say)
    return made


def transaction_id(made: argparse.ArgumentParser, say: Say, *, needed: bool = True) -> None:
    """The argument ID."""
    nargs = None if needed else "?"
    shown = say("a transaction's id, its receipt number, or `last`", "交易号、小票号，或 last")
    made.add_argument("id", metavar="ID", nargs=nargs, help=shown)


def template(made: argparse.ArgumentParser, say: Say) -> None:
    """A template to look at, and what to look at it with."""
    shown = say(
        "a sample sale with this template instead; without FILE with posd's own",
        "改为用此模板显示一笔样例交易；不给出文件则用 posd 自带模板",
    )
    made.add_argument("--template", metavar="FILE", nargs="?", const="", help=shown)
    shown = say("of the sample: its type", "样例的交易类型")
    made.add_argument("--type", choices=("sale", "refund", "void"), help=shown)
    made.add_argument("--locale", choices=("zh_CN", "en"), help=say("of the sample: its language", "样例的语言"))
    made.add_argument(
        "--width", type=whole, choices=(58, 80), help=say("of the sample: its paper, mm", "样例的纸宽，毫米")
    )
    shown = say(
        "of the sample: shop, printer and logo of this posd.toml", "样例使用此 posd.toml 中的商户、打印机和标志"
    )
    made.add_argument("--config", metavar="FILE", help=shown)


def copy(made: argparse.ArgumentParser, say: Say, default: str | None = "customer") -> None:
    """The option --copy."""
    shown = say(f" (default {default})", f"（默认 {default}）") if default else ""
    made.add_argument(
        "--copy", choices=("merchant", "customer"), default=default, help=say("which copy", "哪一联") + shown
    )


def stated(made: argparse.ArgumentParser, say: Say) -> None:
    """What the asker says of the transaction."""
    made.add_argument("--amount", type=amount, metavar="AMOUNT", help=say("the total, such as 36.00", "总额，如 36.00"))
    made.add_argument("--type", choices=("sale", "refund", "void"), help=say("its type", "交易类型"))
    shown = say("the card's last four digits", "卡号后四位")
    made.add_argument("--last-four", type=four_digits, metavar="DIGITS", help=shown)
    made.add_argument("--receipt", metavar="NUMBER", help=say("the receipt number", "小票号"))


def own_key(made: argparse.ArgumentParser, say: Say) -> None:
    """The option --key, of what may be asked for again without being done twice."""
    made.add_argument("--key", help=say("your idempotency key, to be able to repeat safely", "幂等键，便于安全重试"))


_FORMATS = {
    "text": ("as text", "文本"),
    "png": ("as a PNG picture", "PNG 图片"),
    "svg": ("as an SVG picture", "SVG 图片"),
    "pdf": ("as a PDF page", "PDF 页面"),
    "strokes": ("as it is kept", "按保存的原样"),
    "jbig": ("as JBIG, for the acquirer", "JBIG，供送收单机构"),
    "iso19794-7": ("as ISO/IEC 19794-7, for other programs", "ISO/IEC 19794-7，供其他程序"),
}


def formats(made: argparse.ArgumentParser, say: Say, formats: tuple[str, ...]) -> None:
    """One of several formats, and where to."""
    group = made.add_mutually_exclusive_group()
    for name in formats:
        help = say(*_FORMATS[name])
        group.add_argument(f"--{name}", dest="format", action="store_const", const=name, help=help)
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=say("write to FILE; its ending names the format", "写入文件；扩展名决定格式"),
    )


def wait(made: argparse.ArgumentParser, say: Say) -> None:
    """The option --wait."""
    made.add_argument(
        "--wait",
        type=whole,
        nargs="?",
        const=60,
        metavar="SECONDS",
        help=say("stay until it has ended, at most so long (60)", "等到结束，最多这么多秒（60）"),
    )


def whole(text: str) -> int:
    """A whole number, not negative."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def amount(text: str) -> str:
    """A sum of money, as it stands."""
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a decimal number such as 36.00")
    return text


def four_digits(text: str) -> str:
    """Four digits."""
    if re.fullmatch("[0-9]{4}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not four digits")
    return text


def exception_id(text: str) -> str:
    """`x105` or `105` -> `x105`."""
    found = re.fullmatch("x?([0-9]{1,18})", text, re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no exception such as x105")
    return f"x{found[1]}"


def day(text: str) -> str:
    """A day, or `today` -> `2026-11-21`."""
    if text == "today":
        return f"{datetime.now(UTC).astimezone():%Y-%m-%d}"
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-21, nor `today`")


def since(text: str) -> str:
    """A day (its first moment, here), `today`, or an RFC 3339 time -> RFC 3339."""
    return _moment(text, 0)


def until(text: str) -> str:
    """A day (its last moment, here), `today`, or an RFC 3339 time -> RFC 3339."""
    return _moment(text, 1)


def _moment(text: str, days: int) -> str:
    try:
        if text == "today" or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            day = datetime.now(UTC).astimezone() if text == "today" else datetime.fromisoformat(text)
            midnight = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=days)
            return (midnight - timedelta(milliseconds=days)).astimezone().isoformat(timespec="milliseconds")
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.astimezone()).isoformat()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day such as 2026-11-21, `today`, or time such as 2026-11-21T10:15:30+08:00"
        ) from None
