"""The command that exports the evidence about one transaction."""

from __future__ import annotations

import base64
from pathlib import Path

from posd import client
from posd.ctl import bundle
from posd.ctl.context import Context
from posd.ctl.files import write_whole
from posd.ctl.options import Commands, command, everywhere, transaction_id
from posd.ctl.words import Say
from posd.domain import views


def add(commands: Commands, say: Say) -> None:
    """`posctl evidence ID -o FILE.zip`."""
    made = command(
        commands,
        say,
        "evidence",
        (
            "Export all that proves one transaction, with a script that checks it anywhere.",
            "导出一笔交易的全部证据，附可在任何机器上运行的校验脚本。",
        ),
        "evidence 20261121-0042 -o 20261121-0042.zip",
    )
    transaction_id(made, say)
    made.add_argument("-o", "--output", required=True, metavar="FILE", help=say("the zip file", "zip 文件"))
    everywhere(made, say, top=False)


def evidence(context: Context) -> int:
    """Gather, make the bundle, write it whole."""
    args, say = context.args, context.say
    with context.connect() as posd:
        made = bundle.make(gathered(posd, args.id))
    write_whole(Path(args.output), made)
    seal = bundle.seal(made)
    facts = {"file": args.output, "bytes": len(made), "manifest": seal}
    return context.answer(
        facts,
        lambda: say(
            f"{args.output}: {len(made)} bytes, manifest {seal}\nTo check it, unpack it anywhere: python3 verify.py",
            f"{args.output}：{len(made)} 字节，清单 {seal}\n可在任何机器上校验：解压后运行 python3 verify.py",
        ),
    )


def gathered(posd: client.Client, id: str) -> bundle.Gathered:
    """All that a bundle is made of."""
    found = posd.get(id)
    pages = [posd.evidence(found.id)]
    while (following := pages[-1].next) is not None:
        pages.append(posd.evidence(found.id, following))
    page = bundle.joined(pages)
    if not page.personal:
        return bundle.Gathered(None, page, {}, {})
    return bundle.Gathered(found, page, _slips(posd, found), _signatures(posd, found))


def _slips(posd: client.Client, found: views.Found) -> dict[str, bytes]:
    """Each slip that came out, or may have, as text, and as a picture where one can be made."""
    made = {}
    for copy in found.state.copies:
        if copy.state in ("printed", "unknown"):
            name = f"{copy.copy}-{copy.number}"
            made[f"{name}.txt"] = posd.preview(found.id, copy.copy, "text", copy.number).data.encode()
            png = posd.preview(found.id, copy.copy, "png", copy.number).data
            made[f"{name}.png"] = base64.b64decode(png)
    return made


def _signatures(posd: client.Client, found: views.Found) -> dict[str, bytes]:
    made = {}
    for version in range(1, found.state.signature.version + 1):
        made[f"v{version}.data"] = base64.b64decode(posd.signature(found.id, "strokes", version).data)
        made[f"v{version}.png"] = base64.b64decode(posd.signature(found.id, "png", version).data)
    return made
