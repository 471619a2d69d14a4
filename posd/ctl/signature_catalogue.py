"""The commands of posctl about signatures: options, sentences and examples, in both languages."""

from __future__ import annotations

from typing import get_args

from posd.ctl.options import Commands, command, everywhere, formats, own_key, transaction_id, wait, whole
from posd.ctl.words import Say
from posd.domain.signature import Cause, SignatureFormat


def add(commands: Commands, say: Say) -> None:
    """`resign`, `skip`, `void`, `attest` and `signature`."""
    _taking(commands, say)
    _amending(commands, say)
    _looking(commands, say)


def _taking(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "resign",
        ("Take a missing signature again on the pad.", "在签名板上补签。"),
        "resign last --wait",
        'resign 20261121-0042 --reason "customer came back"',
    )
    transaction_id(made, say)
    made.add_argument("--reason", default="missing", help=say("why (default missing)", "原因（默认 missing）"))
    own_key(made, say)
    wait(made, say)
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "skip",
        (
            "Wait for a signature no longer: the slip prints with a line to sign on.",
            "不再等待签名：小票将印出签名线。",
        ),
        'skip last --reason "the customer is in a hurry"',
    )
    transaction_id(made, say)
    made.add_argument("--reason", required=True, help=say("why", "原因"))
    everywhere(made, say, top=False)


def _amending(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "void",
        (
            "Say that the newest signature is wrong: it stays on record, and the pad asks for another.",
            "作废最新签名：原签名保留，签名板请求重签。",
        ),
        'void 20261121-0042 --reason "signed for the wrong slip"',
    )
    transaction_id(made, say)
    made.add_argument("--reason", required=True, help=say("why it is wrong", "作废原因"))
    made.add_argument(
        "--cause",
        choices=get_args(Cause),
        default="customer",
        help=say("whose doing it was (default customer)", "责任方（默认 customer）"),
    )
    own_key(made, say)
    everywhere(made, say, top=False)
    made = command(
        commands,
        say,
        "attest",
        ("Say that the slip was signed by hand.", "登记小票已手写签名。"),
        'attest 20261121-0042 --signed-by "Li Wei"',
    )
    transaction_id(made, say)
    made.add_argument("--signed-by", required=True, metavar="NAME", help=say("who signed it", "签名人"))
    made.add_argument(
        "--signed",
        metavar="TIME",
        help=say("when, such as 2026-11-21T10:15:30+08:00", "签名时间，如 2026-11-21T10:15:30+08:00"),
    )
    own_key(made, say)
    everywhere(made, say, top=False)


def _looking(commands: Commands, say: Say) -> None:
    made = command(
        commands,
        say,
        "signature",
        ("Show the facts of a signature, or write its picture.", "显示签名信息，或存为图片。"),
        "signature last",
        "signature 20261121-0042 -o signature.png",
    )
    transaction_id(made, say)
    formats(made, say, get_args(SignatureFormat))
    made.add_argument(
        "--version",
        dest="number",
        type=whole,
        default=0,
        metavar="N",
        help=say("which version (default the newest)", "第几版（默认最新）"),
    )
    everywhere(made, say, top=False)
