"""Every command of posctl: its options, its sentence and its examples, in both languages."""

from __future__ import annotations

from collections.abc import Callable

from posd.ctl import casework, counter, evidence, explain, journal_catalogue, pin, shifts, signature_catalogue
from posd.ctl.helping import Groups
from posd.ctl.options import (
    Commands,
    command,
    copy,
    day,
    everywhere,
    exception_id,
    formats,
    own_key,
    since,
    stated,
    template,
    transaction_id,
    until,
    wait,
    whole,
)
from posd.ctl.words import Say

CONFIG = "/etc/posd/posd.toml"


def add_all(commands: Commands, say: Say) -> Groups:
    """Every command, in the order of the help; the groups that it shows them in."""
    parts: dict[str, tuple[Callable[[Commands, Say], None], ...]] = {
        say("How the box stands", "本机状态"): (_looking, _devices, journal_catalogue.add, _events, _doctor),
        say("Transactions and their slips", "交易与小票"): (_transactions, _slips, counter.add),
        say("Signatures", "签名"): (signature_catalogue.add,),
        say("What is open, shifts, evidence", "未结事项、班次、证据"): (
            _exceptions,
            casework.add,
            shifts.add,
            pin.add,
            evidence.add,
        ),
        say("Help", "帮助"): (explain.add, _completion),
    }
    groups = []
    for title, adders in parts.items():
        before = len(commands.choices)
        for add in adders:
            add(commands, say)
        groups.append((title, list(commands.choices)[before:]))
    return groups


def _looking(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "status",
        ("Show devices, journal and open exceptions at one look.", "一览设备、日志和未结异常。"),
        "status",
        "status --check   # " + say("exit code 5 unless all is ready", "除非全部就绪，否则退出码为 5"),
    )
    made.add_argument(
        "--check", action="store_true", help=say("exit code 5 unless all is ready", "除非全部就绪，否则退出码为 5")
    )
    everywhere(made, say, top=False)


def _exceptions(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "exceptions",
        ("List what did not end as it should, with its cause.", "列出未正常结束的事项及其原因。"),
        "exceptions",
        "exceptions --state all --json",
    )
    made.add_argument(
        "--state",
        choices=("open", "closed", "waived", "all"),
        default="open",
        help=say("which (default open)", "哪些（默认 open）"),
    )
    made.add_argument(
        "--limit",
        type=whole,
        default=200,
        metavar="N",
        help=say("at most so many (default 200)", "最多条数（默认 200）"),
    )
    shown = say("go on behind this one", "从这一条之后继续")
    made.add_argument("--after", type=exception_id, metavar="XID", help=shown)
    everywhere(made, say, top=False)


def _events(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "events",
        (
            "Show events: the last ones, or from a number on; or follow them live.",
            "显示事件：最近的、从某号起的，或实时跟随。",
        ),
        "events",
        "events --from 1 --json > all.ndjson",
        "events --follow",
    )
    made.add_argument(
        "--from", dest="from_", type=whole, metavar="SEQ", help=say("begin at this sequence number", "从此序号开始")
    )
    made.add_argument(
        "--follow", "-f", action="store_true", help=say("go on live until Ctrl-C", "实时跟随，直到 Ctrl-C")
    )
    everywhere(made, say, top=False)


def _devices(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "devices",
        (
            "List printer, pad and keypad with their reasons, and what they have done and met.",
            "列出打印机、签名板和键盘及其原因和统计。",
        ),
        "devices",
        "devices --json",
    )
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "selftest",
        ("Print the printer's self-test slip, behind all sales that wait.", "打印打印机自检页，排在所有待打交易之后。"),
        "selftest",
        "selftest --wait   # " + say("stay until it is in the hand", "等到打印出来"),
    )
    own_key(made, say)
    wait(made, say)
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "confirm-clock",
        (
            "Say that the box's clock is right although posd doubts it; for a supervisor.",
            "确认本机时钟正确（posd 对其存疑时）；须由主管执行。",
        ),
        "confirm-clock",
    )
    everywhere(made, say, top=False)


def _transactions(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "submit",
        ("Hand over a transaction from a JSON file.", "提交 JSON 文件中的交易。"),
        "submit sale.json",
        "submit - < sale.json",
    )
    made.add_argument("file", metavar="FILE", help=say("the file, or - for standard input", "文件，或 - 表示标准输入"))
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "show",
        ("Show one transaction and how it stands.", "显示一笔交易及其状态。"),
        "show last",
        "show 20261121-0042 --json",
        "show last --copies   # " + say("the original and each copy side by side", "原件与每份重打印并排"),
        "show last --copies -o copies.png",
    )
    transaction_id(made, say)
    shown = say("its slips instead, each copy beside its original", "改为显示其小票，重打印与原件并排")
    made.add_argument("--copies", action="store_true", help=shown)
    copy(made, say, None)
    formats(made, say, ("text", "png", "svg", "pdf"))
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "search",
        ("Find transactions; all conditions must hold.", "查找交易；须同时满足所有条件。"),
        "search --since today",
        "search --amount 36.00 --last-four 1234",
        "search --since 2026-11-01 --until 2026-11-21 --type refund",
    )
    when = say("a day, `today`, or an RFC 3339 time", "日期、today 或 RFC 3339 时间")
    made.add_argument("--since", type=since, metavar="WHEN", help=say("not before: ", "不早于：") + when)
    made.add_argument("--until", type=until, metavar="WHEN", help=say("not after: ", "不晚于：") + when)
    stated(made, say)
    made.add_argument(
        "--open", action="store_true", default=None, help=say("only those with something open", "仅有未结事项的")
    )
    made.add_argument(
        "--limit",
        type=whole,
        default=50,
        metavar="N",
        help=say("at most so many (default 50, at most 200)", "最多条数（默认 50，上限 200）"),
    )
    made.add_argument(
        "--after", type=whole, metavar="SEQ", help=say("the next page, as the last one says", "下一页，见上一页末行")
    )
    everywhere(made, say, top=False)


def _slips(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "reprint",
        ("Print a copy again, marked as a duplicate, under the shop's rules.", "按门店规则重打印一联，带重打印标记。"),
        "reprint last",
        "reprint last --wait   # " + say("stay until it is in the hand", "等到打印出来"),
        "reprint 20261121-0042 --copy merchant --reason " + say('"for the file"', "存档"),
        "reprint last --amount 36.00 --last-four 1234   # "
        + say("refused unless the journal agrees", "与日志不符则拒绝"),
    )
    transaction_id(made, say)
    copy(made, say)
    shown = say(
        "why (default lost); posctl terms lists the shop's reasons", "原因（默认 lost）；posctl terms 列出本店的原因"
    )
    made.add_argument("--reason", default="lost", help=shown)
    made.add_argument("--note", default="", metavar="TEXT", help=say("what the reason does not say", "原因的补充说明"))
    own_key(made, say)
    made.add_argument(
        "--ask-supervisor", action="store_true", help=say("if one is needed, wait for one", "需要主管时，等待授权")
    )
    stated(made, say)
    made.add_argument(
        "--date",
        type=day,
        metavar="DAY",
        help=say("the day of the sale, or `today`", "交易日期，如 2026-11-21 或 today"),
    )
    wait(made, say)
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "settle",
        ("Say whether an unknown copy came out of the printer.", "说明结果不确定的一联是否已打印出来。"),
        "settle 20261121-0042 --printed",
        "settle last --copy merchant --number 0 --not-printed",
    )
    transaction_id(made, say)
    copy(made, say, None)
    made.add_argument(
        "--number",
        type=whole,
        metavar="N",
        help=say("0 is the original, 1 and up are reprints", "0 为原件，1 起为重打印"),
    )
    answer = made.add_mutually_exclusive_group(required=True)
    answer.add_argument("--printed", action="store_true", help=say("it came out", "已打印出来"))
    answer.add_argument("--not-printed", dest="printed", action="store_false", help=say("it did not", "没有打印出来"))
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "preview",
        (
            "Show a copy as text, or write it as PNG, SVG or PDF; prints nothing.",
            "以文本显示一联，或存为 PNG、SVG、PDF；不打印。",
        ),
        "preview last",
        "preview 20261121-0042 --copy merchant --png -o slip.png",
        "preview --template slip.toml   # " + say("a sample sale; posd need not run", "样例交易；posd 无需运行"),
    )
    transaction_id(made, say, needed=False)
    copy(made, say)
    template(made, say)
    formats(made, say, ("text", "png", "svg", "pdf"))
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "terms",
        ("Say until when and how often a copy may be reprinted.", "说明可重打印的期限和次数。"),
        "terms last",
        "terms 20261121-0042 --copy merchant",
    )
    transaction_id(made, say)
    copy(made, say)
    everywhere(made, say, top=False)


def _doctor(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "doctor",
        (
            "Look at the box itself: socket, ports and their thieves, groups, clock, disk, fonts. Works with posd "
            "down.",
            "检查本机：套接字、端口及抢占者、用户组、时钟、磁盘、字体。posd 未运行也可用。",
        ),
        "doctor",
        "doctor --config ./posd.toml --json",
    )
    made.add_argument(
        "--config",
        default=CONFIG,
        metavar="FILE",
        help=say(f"posd's configuration (default {CONFIG})", f"posd 的配置（默认 {CONFIG}）"),
    )
    everywhere(made, say, top=False)


def _completion(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "completion",
        ("Print the completion for a shell.", "输出 shell 的自动补全。"),
        "completion bash > /etc/bash_completion.d/posctl",
        "completion fish > ~/.config/fish/completions/posctl.fish",
    )
    made.add_argument("shell", choices=("bash", "zsh", "fish"), help=say("the shell", "哪个 shell"))
    everywhere(made, say, top=False)
