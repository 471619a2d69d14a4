"""Every sentence of posd that a cashier may meet has its Chinese: the refusals are read out of the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from posd.config import ConfigError, KeypadSection
from posd.ctl.sentences import SENTENCES
from posd.ctl.shown import Shown
from posd.ctl.telling import chinese, of_status, told
from posd.ctl.words import Say
from posd.domain import views
from posd.domain.device import Reason
from posd.domain.errors import Refusal
from posd.domain.pins import line
from posd.keypad.supervisors import Supervisors
from posd.printer.words import detail
from tests.unit.api.fakes import DEVICES, JOURNAL, Running
from tests.unit.ctl.conftest import Said
from tests.unit.desk.shop import DAY_MS, TILL, Shop
from tests.unit.domain.samples import cash

ROOT = Path(__file__).parents[3]
FILES = sorted(
    [
        *ROOT.glob("posd/desk/*.py"),
        *(ROOT / f"posd/{name}.py" for name in ("custody", "client/line", "client/__init__", "pictures")),
    ]
)
FILES.append(ROOT / "posd/api/access.py")
"""Not the checks of a request's shape and sums (api/params.py, domain): who writes a till's software meets those."""
GIVEN = {
    "self._failed": "the journal's own sentence",
    "message": "the journal's own sentence",
    "answer.error.message": "posd's sentence, which stands elsewhere",
    "request.message": "what the socket says of the asker's roles (api/access.py)",
}
"""Messages that are handed on."""
Sample = tuple[str, str]
PIN = line("12", "9406", bytes(16))


def samples(path: Path) -> Iterator[Sample]:
    """(where, message) of each Refusal and PosdError; what differs in it is `7`."""
    tree = ast.parse(path.read_text())
    texts = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = {"Refusal": 1, "PosdError": 1, "_no": 1}.get(node.func.id)
        if place is None:
            continue
        given = node.args[place]
        if isinstance(given, ast.Name) and given.id in texts:
            given = texts[given.id]
        if ast.unparse(given) in GIVEN or (path.name == "policy.py" and ast.unparse(given).startswith("f'{words}")):
            continue
        message = text_of(given)
        assert message is not None, f"{path.name}:{node.lineno} makes its message in a way that this test cannot read"
        yield f"{path.name}:{node.lineno}", message + (" 7. Nothing was printed." if node.func.id == "_no" else "")


def text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


ALL = [sample for path in FILES for sample in samples(path)]
WHOLE = {
    "turn.py": "The journal has no room for more",
    "runner.py": "Too many requests wait",
    "policy.py": "Copies of 7 could be made until 7.",
    "line.py": "posd did not answer",
}


def test_the_code_is_read() -> None:
    assert len(ALL) > 35
    for name, begin in WHOLE.items():
        assert any(where.startswith(name) and message.startswith(begin) for where, message in ALL), begin


def filled(message: str) -> list[str]:
    """A sentence whose gap is a whole sentence, or words of its own, with each of them in it."""
    if message.startswith("7 Look it up"):
        return [
            message.replace("7", first, 1)
            for first in ("There is no transaction yet.", "There is no transaction 7 here.")
        ]
    if message.startswith("Transaction 7 7."):
        from posd.desk.signing import SIGNED

        return [message.replace("7 7", f"7 {words}", 1) for words in SIGNED.values()]
    return [message]


@pytest.mark.parametrize(("where", "message"), ALL, ids=[where for where, _ in ALL])
def test_a_refusal_has_its_chinese(where: str, message: str) -> None:
    for text in filled(message):
        found = chinese(text)
        assert found is not None, f"{where}: {text!r} has no Chinese; add it to posd/ctl/sentences.py"
        assert not re.search(r"Nothing|[a-z]{4,} [a-z]{3,} [a-z]+", found), found


@pytest.mark.parametrize("reason", sorted(set(get_args(Reason)) - {"pin-file"}))
def test_a_reason_has_its_sentence(reason: Reason) -> None:
    assert chinese(detail((reason,))) is not None


@pytest.mark.parametrize(
    ("text", "mode"),
    [("12:scrypt:1", 0o600), (f"{PIN}\n{PIN}", 0o600), ("#" * 70_000, 0o600), (PIN, 0o644), (PIN, 0o020), (None, 0)],
)
def test_what_is_wrong_with_the_file_of_pins(tmp_path: Path, text: str | None, mode: int) -> None:
    path = tmp_path / "pins"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        Supervisors(KeypadSection(supervisors=str(path)), {})
    found = chinese(str(caught.value))
    assert found is not None
    assert not re.search(r"[a-z]{3,} [a-z]+ [a-z]+ [a-z]+", found), found


def test_what_differs_at_the_end_of_a_sentence_may_have_several_words() -> None:
    assert chinese("unrecognized arguments: --number 9") == "不认识的参数：--number 9"
    assert chinese("x cannot be written: Permission denied. Nothing was written.") == (
        "x 无法写入：没有权限。没有写入任何内容。"
    )


def test_the_details_of_exceptions_that_the_desk_opens() -> None:
    details = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                place = {"_hold": 3, "missing": 3, "open_item": 3}.get(name)
                if place is not None and len(node.args) > place and (text := text_of(node.args[place])) is not None:
                    details.add(text.replace("77", "7"))
    from posd.desk.signing import _CAUSES

    details |= {words for _, words in _CAUSES.values()}
    assert len(details) > 9
    assert [text for text in details if chinese(text) is None] == []


def test_the_terms_of_a_reprint_in_every_case() -> None:
    shop = Shop(
        '[policy]\nsupervisor_from = "100.00"\nreprint_copies = 1\nreprint_window = "2d"\n[slip]\ncopies = ["customer"]'
    )
    shop.submit(cash(id="t1"))
    shop.submit(cash("200.00", id="t2"))
    shop.print_all()
    said = [shop.ask(views_terms(sale)).sentence for sale in ("t1", "t2")]
    shop.reprint("t1")
    shop.printed()
    said.append(shop.ask(views_terms("t1")).sentence)
    shop.pass_time(3 * DAY_MS)
    said.append(shop.ask(views_terms("t1")).sentence)
    assert [chinese(text) is not None for text in said] == [True] * 4, said
    assert TILL.roles


def views_terms(sale: str) -> object:
    from posd.domain.requests import Terms

    return Terms(sale)


def test_what_is_known_only_in_part_stays_whole() -> None:
    assert chinese("Nothing was printed. The moon is full.") is None
    assert told(Say("zh"), "The moon is full.") == "The moon is full."
    assert told(Say("en"), "Nothing was printed.") == "Nothing was printed."


def test_gaps_are_the_same_in_both_languages() -> None:
    for english, zh in SENTENCES.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", zh)), english


def test_the_status_in_chinese() -> None:
    status = views.Status("degraded", "", DEVICES, JOURNAL, views.Counts(2), "1", "t", 1, "suspect")
    assert of_status(Say("zh"), status) == (
        "打印机：缺纸（请装纸）；键盘：已拔出（请接上）；"
        "时钟：可疑（请校正；若确实正确，请主管执行 posctl confirm-clock）；2 项未结异常"
    )
    well = views.Status("ready", "", DEVICES[1:2], JOURNAL, views.Counts(0), "1", "t", 1)
    assert of_status(Say("zh"), well) == "所有设备就绪；没有未结事项"


def test_posctl_speaks_it(posctl: Callable[..., Said], served: Running) -> None:
    served.desk.fail = Refusal("busy", "Too many pictures are being made. Nothing was changed; ask again in a moment.")
    assert "正在生成的图片太多。没有任何更改；请稍后重试。" in posctl("show", "last", "--lang", "zh").err
    assert "Too many pictures" in posctl("show", "last").err
    assert "Too many pictures" in posctl("show", "last", "--lang", "zh", "--json").err, "programs get posd's own"
    assert "无人应答" in posctl("--socket", served.path + ".none", "status", "--lang", "zh").err or (
        "没有套接字" in posctl("--socket", served.path + ".none", "status", "--lang", "zh").err
    )


def test_what_proves_a_print_has_its_word() -> None:
    from posd.printer import fence

    words = {*get_args(fence.FenceKind), *re.findall(r'why="([a-z-]+)"', Path(fence.__file__).read_text())} - {"none"}
    assert len(words) > 4
    assert {word for word in words if Say("zh").word(word) == word} == set()


def test_a_torn_piece_is_shown_beside_the_mark() -> None:
    copy = views.CopyView("customer", 1, "duplicate", "failed", None, "paper-end", "J1", "", torn=True)
    signature = views.SignatureView("not-needed", "no-card", None, 0)
    for lang, words in (("en", "torn duplicate"), ("zh", "残票 重打印")):
        assert words in Shown(Say(lang)).state(views.StateView([copy], signature, []))  # type: ignore[arg-type]


PORTS = [ROOT / f"posd/{name}.py" for name in ("input/node", "input/port", "line/opening", "line/tty", "pad/serial")]
PORTS += sorted(ROOT.glob("posd/printer/port_*.py"))
TELLING = {"NodeAbsent": 0, "NodeRefused": 0, "PortAbsent": 0, "PortRefused": 0, "_fault": 0, "_report": 1}


def details(path: Path) -> Iterator[Sample]:
    """(where, sentence) of what a port says about itself; what differs in it is `7`."""
    for node in ast.walk(ast.parse(path.read_text())):
        given: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            place = TELLING.get(
                node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id, len(node.args)
            )
            given = node.args[place] if place < len(node.args) else None
        elif isinstance(node, ast.Return) and path.name == "tty.py":
            given = node.value
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "what":
            given = ast.JoinedStr([ast.Constant("7 "), *getattr(node.value, "values", [node.value])])
        text = text_of(given) if given is not None else None
        if text and " " in text and text not in {"7 7", "7 "}:
            yield f"{path.name}:{node.lineno}", text


SAID = [sample for path in PORTS for sample in details(path)]


@pytest.mark.parametrize(("where", "text"), SAID, ids=[where for where, _ in SAID])
def test_a_device_s_detail_has_its_chinese(where: str, text: str) -> None:
    assert chinese(text) is not None, f"{where}: {text!r} has no Chinese; add it to posd/ctl/device_sentences.py"


@pytest.mark.parametrize("name", ["pad/evdev", "keypad/actor"])
def test_what_a_port_s_listener_complains_of_has_its_chinese(name: str) -> None:
    """`complaint` and `pad_fault` give the end of a sentence that begins with the path."""
    given = [
        f"7 {text_of(node.value)}"
        for made in ast.walk(ast.parse((ROOT / f"posd/{name}.py").read_text()))
        if isinstance(made, ast.FunctionDef) and made.name in {"complaint", "pad_fault"}
        for node in ast.walk(made)
        if isinstance(node, ast.Return) and node.value is not None and text_of(node.value)
    ]
    assert given
    assert [text for text in given if chinese(text) is None] == []


def test_the_ports_are_read() -> None:
    assert len(SAID) > 25
    assert {where.split(":")[0] for where, _ in SAID} == {path.name for path in PORTS}
