"""Templates: what a shop can change, what it cannot, and what is said of a wrong one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.config import ConfigError
from posd.domain.slip import Signing, SlipTerms
from posd.printer import labels
from posd.printer.compose import _OWN_TEMPLATE, Composer
from posd.printer.fields import FIELDS
from posd.printer.parts import PARTS
from posd.printer.preview import render_text
from posd.printer.template import parse
from tests.unit.printer.samples import DRAWING, EN, ZH, everything, flourish, order, reprint, transaction

BARE = "".join(f'[[body]]\npart = "{part}"\n\n' for part in PARTS)


def compose(tmp_path: Path, text: str, width: int = 80) -> Composer:
    path = tmp_path / "slip.toml"
    path.write_text(text, encoding="utf-8")
    return Composer("default", width, flourish, template=path)


def said(tmp_path: Path, text: str, **wanted: object) -> str:
    return render_text(compose(tmp_path, text)(order(**wanted)).data, 80)  # type: ignore[arg-type]


def wrong(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        parse(text, "slip.toml")
    return str(refused.value)


def test_posd_s_own_template_is_what_an_empty_setting_gives(tmp_path: Path) -> None:
    own = compose(tmp_path, _OWN_TEMPLATE.read_text(encoding="utf-8"))
    for terminal in (ZH, EN):
        wanted = order("merchant", terminal, everything(), reprint=reprint())
        assert own(wanted) == Composer("default", 80, flourish)(wanted)


def test_a_shop_moves_drops_and_adds_lines(tmp_path: Path) -> None:
    text = said(
        tmp_path,
        BARE
        + """
[[body]]
fields = ["operator", "time"]

[[body]]
left = { zh_CN = "服务员", en = "SERVED BY" }
right = "{operator}"

[[body]]
text = "{original}"
[[body]]
text = "Only refunds say this"
type = "refund"
[[body]]
text = "Only customers read this"
copy = "customer"

[[body]]
rule = "*"
[[body]]
barcode = "{receipt}"
[[body]]
qr = "https://example.com/{transaction}"
[[footer]]
text = "Wifi: tea 茶"
align = "right"
size = "double"
bold = true
""",
    )
    lines = [line for line in text.splitlines() if line]
    place = {line.split()[0]: at for at, line in enumerate(lines)}
    assert place["操作员"] < place["时间"] < place["服务员"]
    assert lines[place["服务员"]].endswith(" 07")
    assert "*" * 48 in lines
    assert "[barcode 00000042]" in text
    assert "[QR https://example.com/20261121-0042]" in text
    assert lines[-1].strip() == "Wifi: tea 茶"
    assert "Only" not in text
    assert "谢谢" not in text


def test_the_footer_stands_below_the_signature_and_above_the_marks(tmp_path: Path) -> None:
    text = said(tmp_path, BARE + '[[footer]]\ntext = "www.example.com"\n', reprint=reprint())
    assert text.index("持卡人签名") < text.index("www.example.com") < text.rindex("*** 重打印 DUPLICATE 1 ***")


def test_a_line_of_which_every_field_is_empty_is_left_out(tmp_path: Path) -> None:
    template = BARE + '[[body]]\ntext = "{label.remarks}! {remarks}"\n[[body]]\ntext = "{original} of {operator}"\n'
    plain = said(tmp_path, template)
    assert "!" not in plain
    assert "\nof 07\n" in plain
    assert "备注 REMARKS! 七天" in said(tmp_path, template, sale=everything())


TERMS = BARE + '[[footer]]\ntext = "{terms}"\n'


@pytest.mark.parametrize(
    ("terms", "chinese", "english"),
    [
        (SlipTerms("2026-12-21T09:00:00+08:00", 2), "2026-12-21 前可重打印，还可 2 次。", "until 2026-12-21, 2 more."),
        (
            SlipTerms("2026-12-21T09:00:00+08:00", 1, True),
            "还可 1 次，须主管授权。",
            "1 more, by a supervisor.",
        ),
        (SlipTerms("", 0), "不再提供重打印。", "No further copies."),
    ],
)
def test_the_terms_of_copies_in_both_languages(tmp_path: Path, terms: SlipTerms, chinese: str, english: str) -> None:
    both = " ".join(said(tmp_path, TERMS, terms=terms).split())
    assert chinese in both
    assert english in both
    alone = " ".join(said(tmp_path, TERMS, terminal=EN, terms=terms).split())
    assert english in alone
    assert "重打印" not in alone


def test_a_slip_tells_no_terms_unless_its_template_names_them(tmp_path: Path) -> None:
    with_terms = order(terms=SlipTerms("2026-12-21T09:00:00+08:00", 2))
    assert Composer("default", 80, flourish)(with_terms) == Composer("default", 80, flourish)(order())
    assert not Composer("default", 80, flourish).names("terms")
    for place in ('text = "{terms}"', 'left = "x"\nright = { zh_CN = "x", en = "{terms}" }', 'qr = "{terms}"'):
        assert compose(tmp_path, f"{BARE}[[header]]\n{place}\n").names("terms")
    assert "\n\n" not in said(tmp_path, TERMS).strip().splitlines()[-1], "nothing where they are not known"


def test_a_shop_says_it_in_its_own_words(tmp_path: Path) -> None:
    template = BARE + (
        '[words]\nreceipt = { zh_CN = "单号", en = "NO." }\nunsigned = "Nothing to sign.\\nThank you."\n'
        '"consent.sale" = "I agree."\n"limit.below" = "Less than {limit}."\n'
    )
    text = said(tmp_path, template)
    assert "单号" in text
    assert "RECEIPT" not in text
    assert "I agree." in text
    assert "NO." in said(tmp_path, template, terminal=EN)
    assert "Nothing to sign.\nThank you." in said(tmp_path, template, signing=Signing("text", rule="no-card"))
    below = Signing("text", rule="below-threshold", limit="50.00")
    assert "Less than CNY 50.00." in said(tmp_path, template, signing=below)


def test_a_shop_chooses_what_a_payment_says(tmp_path: Path) -> None:
    text = said(tmp_path, BARE.replace('part = "payments"', 'part = "payments"\nfields = ["voucher", "card"]'))
    assert text.index("凭证号") < text.index("**** 1234")
    assert "参考号" not in text


def test_a_field_of_the_card_has_its_last_four_digits_alone(tmp_path: Path) -> None:
    text = said(tmp_path, BARE + '[[body]]\nqr = "{card}"\n[[footer]]\ntext = "{card}"\n')
    assert text.count("**** **** **** 1234") == 3
    assert "6217" not in text


def test_the_logo_can_stand_above_below_or_nowhere(tmp_path: Path) -> None:
    from PIL import Image

    logo = tmp_path / "logo.png"
    Image.new("L", (80, 40), 0).save(logo)
    for section, part in (("header", "top"), ("footer", "bottom"), ("", "")):
        path = tmp_path / "slip.toml"
        path.write_text(BARE + (f"[[{section}]]\nlogo = true\n" if section else ""), encoding="utf-8")
        slip = Composer("default", 80, flourish, logo, template=path)(order())
        assert [name for name in ("top", "body", "bottom") if b"\x1dv0" in getattr(slip, name)] == [part][: bool(part)]


TEXTS = st.sampled_from(['text = "*** {copy} ***"', "gap = 255", 'rule = "="', 'qr = "{qr}"', 'fields = ["time"]'])


@settings(max_examples=40, deadline=None)
@given(
    parts=st.permutations(sorted(PARTS)),
    between=st.lists(TEXTS, max_size=6),
    kind=st.sampled_from(["sale", "refund", "void"]),
    copy=st.sampled_from(["merchant", "customer"]),
)
def test_no_template_takes_away_what_the_law_wants(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], between: list[str], kind: str, copy: str
) -> None:
    entries = [f'part = "{part}"' for part in parts] + between
    template = "".join(f"[[body]]\n{entry}\n" for entry in entries)
    path = tmp_path_factory.mktemp("template")
    sale = transaction(type=kind)
    image = Signing("image", drawing=DRAWING, version=1)
    text = said(path, template, copy=copy, sale=sale, reprint=reprint(2), possible_duplicate=True, signing=image)
    for mark in ("*** 可能重复 POSSIBLE DUPLICATE ***", "*** 重打印 DUPLICATE 2 ***"):
        assert text.count(mark) == 2
    for words in ("**** **** **** 1234", "9F3A C2D7 E1B0 4568", "00000042", "¥58.50", kind.upper(), copy.upper()):
        assert words in text
    assert "621700" not in text
    if copy == "merchant":
        assert "持卡人签名 CARDHOLDER SIGNATURE" in text
        assert "[image 576x160]" in text
        assert "X____" in said(path, template, sale=sale, signing=Signing("line"))
        waived = Signing("text", rule="contactless-limit", limit="1000.00")
        assert "No PIN or" in said(path, template, sale=sale, signing=waived)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_needed_once(part: str) -> None:
    entry = f'[[body]]\npart = "{part}"\n\n'
    assert f'part = "{part}" is missing' in wrong(BARE.replace(entry, ""))
    assert f'part = "{part}" stands there more than once' in wrong(BARE + entry)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[body]]\n\ntext = "{receit}"\n', 3, "there is no field 'receit'; did you mean 'receipt'?"),
        ('[[body]]\ntext = "{label.recept}"\n', 2, "there is no word 'recept'; did you mean 'receipt'?"),
        ('[[body]]\ntext = "{merchant.__class__}"\n', 2, "there is no field 'merchant.__class__'"),
        ('[[body]]\ntext = "{merchant!r:>99}"\n', 2, "there is no field"),
        ('[[body]]\ntext = "50% } off"\n', 2, "a brace without its partner"),
        ('[[body]]\ntext = "a\\u0010\\u0014b"\n', 2, "control character"),
        ('[[body]]\ntext = "x"\nsise = "tall"\n', 3, "unknown key sise; did you mean 'size'?"),
        ('[[body]]\ntext = "x"\nsize = "huge"\n', 3, 'size must be one of "normal", "tall", "double", "title"'),
        ('[[body]]\ntext = "x"\ngap = 9\n', 1, "an entry has text and gap"),
        ('[[body]]\ncopy = "merchant"\n', 1, "an entry has no content"),
        ("[[body]]\ngap = 9\nbold = true\n", 3, "bold does not go with gap"),
        ("[[body]]\ngap = 900\n", 2, "gap must be a whole number from 1 to 255"),
        ('[[body]]\nrule = "--"\n', 2, "rule is one printable ASCII character"),
        ("[[body]]\nlogo = true\n", 2, "logo = true stands in [[header]] or [[footer]]"),
        ('[[header]]\npart = "items"\n', 2, "stands in [[body]] alone"),
        ('[[body]]\npart = "itmes"\n', 2, "there is no part 'itmes'; did you mean 'items'?"),
        ('[[body]]\npart = "items"\ncopy = "merchant"\n', 2, "stands on every slip"),
        ('[[body]]\npart = "payments"\nfields = ["batch"]\n', 3, 'fields must hold "card"'),
        ('[[body]]\npart = "payments"\nfields = ["card", "pan"]\n', 3, "fields names 'pan', which no payment has"),
        ('[[body]]\npart = "items"\nfields = ["card"]\n', 3, "fields does not go with the part 'items'"),
        ('[[body]]\nfields = ["tiem"]\n', 2, "fields names 'tiem', which has no row; did you mean 'time'?"),
        ('[[body]]\nleft = "a"\n', 2, "left needs a right"),
        ('[[body]]\ntext = { en = "only" }\n', 2, "the text for zh_CN is missing"),
        ("[[body]]\ntext = 5\n", 2, 'text must be a text, or { zh_CN = "...", en = "..." }'),
        ("[[body]]\ntext = { zh = 'x', en = 'x' }\n", 2, "text must be a text, or {"),
        ("[[header]]\nlogo = '/etc/passwd'\n", 2, "logo must be true or false"),
        ("[[body]]\nfields = []\n", 2, "fields names none"),
        ("[[body]]\ntext = ''\n", 2, "text is empty; white space is gap"),
        ("[[boddy]]\ngap = 9\n", 1, "unknown section [boddy]; did you mean 'body'?"),
        ('[words]\nrefund = "SALE"\n', 2, "refund says what the slip is and stays as it is"),
        ('[words]\nduplicate = "ORIGINAL"\n', 2, "duplicate says what the slip is"),
        ('[words]\nreciept = "x"\n', 2, "there is no word 'reciept'; did you mean 'receipt'?"),
        ('[words]\nunsigned = " "\n', 2, "unsigned needs a text"),
        ('[words]\n"limit.below" = "less"\n', 2, "limit.below must hold {limit}"),
        ('[words]\nreceipt = "{limit}"\n', 2, "receipt must hold nothing in braces"),
        ("[words]\nreceipt = 5\n", 2, "a word is a text"),
    ],
)
def test_a_wrong_template_is_told_by_its_line(text: str, line: int, words: str) -> None:
    above = "# a comment\n" + BARE
    told = wrong(above + text)
    assert told.startswith(f"slip.toml line {above.count(chr(10)) + line}: "), told
    assert words in told


@pytest.mark.parametrize("content", ['text = "{%s}"', 'left = "{%s}"\nright = "x"', 'qr = "{%s}"', 'fields = ["%s"]'])
def test_whatever_name_is_accepted_prints(tmp_path: Path, content: str) -> None:
    """A name that is taken at start and fails on the first slip would end posd at each start."""
    words = [f"label.{word}" for word in (*labels.NAMES, *labels.FIXED)]
    accepted = []
    for name in (*FIELDS, *([] if "fields" in content else words)):
        with contextlib.suppress(ConfigError):
            parse(BARE + f"[[footer]]\n{content % name}\n", "slip.toml")
            accepted.append(name)
    assert len(accepted) >= 9
    composer = compose(tmp_path, BARE + "".join(f"[[footer]]\n{content % name}\n" for name in accepted))
    for terminal in (ZH, EN):
        for sale in (transaction(), transaction(type="refund", original="20261119-0007", remarks="r", qr="q")):
            terms = SlipTerms("2026-12-21T10:15:30+08:00", 5)
            assert composer(order("customer", terminal, sale, terms=terms)).bottom


def test_what_is_no_template_at_all() -> None:
    assert wrong("[[body\n").startswith("slip.toml is not TOML: ")
    assert "line 1" in wrong("[[body\n")
    assert "body must be a list of entries" in wrong("body = 5\n")
    assert "words must be a section" in wrong(BARE.replace("[[body]]", "[[body]]", 1) + "[[words]]\nx = 1\n")
    assert "more than 200 times" in wrong("[[body]]\ngap = 1\n" * 201)
    assert "is nested without end" in wrong("x = " + "[" * 5000)
    assert "is not TOML" in wrong("x = " + "9" * 5000)


def test_a_template_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes(b"# caf\xe9\n")
    (tmp_path / "large").write_text("#" * 70_000)
    os.mkfifo(tmp_path / "fifo")
    for name, words in {
        "none": "cannot be read: No such file",
        "folder": "cannot be read: Is a directory",
        "latin": "is not UTF-8",
        "large": "is larger than 64 KiB",
        "fifo": "is not a file",
    }.items():
        with pytest.raises(ConfigError, match=rf"slip\.template '.*{name}' {words}"):
            Composer("default", 80, flourish, template=tmp_path / name)


def test_a_template_from_an_editor_that_marks_its_files_is_one(tmp_path: Path) -> None:
    (tmp_path / "slip.toml").write_text(BARE, encoding="utf-8-sig")
    assert Composer("default", 80, flourish, template=tmp_path / "slip.toml")(order()).body


def test_a_reprint_keeps_the_body_that_an_older_template_made(tmp_path: Path) -> None:
    first = compose(tmp_path, BARE)(order())
    again = compose(tmp_path, BARE + '[[body]]\ntext = "new"\n')(order(body=first.body, reprint=reprint()))
    assert again.body == first.body
