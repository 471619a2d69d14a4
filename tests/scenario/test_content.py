"""What a shop sets stands on the paper of a whole box: its template, its logo, letters that the printer lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.scenario.box import ROOT, cash
from tests.scenario.conftest import MakeBox

OWN = (ROOT / "posd/printer/default.toml").read_text(encoding="utf-8")


def test_the_shop_s_template_logo_and_letters_come_out_and_the_preview_shows_the_same(
    make_box: MakeBox, tmp_path: Path
) -> None:
    template, logo = tmp_path / "slip.toml", tmp_path / "logo.png"
    template.write_text(OWN + '[[body]]\nbarcode = "{receipt}"\n[[footer]]\ntext = "www.example.com"\n')
    Image.new("L", (80, 16), 0).save(logo)
    box = make_box(
        {"slip": {"template": str(template), "logo": str(logo)}, "printer": {"chinese": "gbk", "density": 2}}
    )
    items = [{"name": "유자차 Tiếng 茶", "quantity": "2", "price": "18.00", "amount": "36.00"}]
    sold = box.sell(cash(box.new_id(), items=items))
    box.wait_copy(sold, "customer", "printed")
    _, customer = box.paper()
    assert customer.text.splitlines()[0].strip() == "[image 80x16]"
    assert f"[barcode {box.result('transaction.get', id=sold)['receipt']}]" in customer.text
    assert customer.text.rstrip().endswith("www.example.com")
    assert "[image 24x24]" in customer.text
    assert b"\x1d(K\x02\x00\x31\x02" in customer.data
    shown = box.result("receipt.preview", id=sold, copy="customer", format="text")["data"]
    assert "▯▯▯ Ti▯ng 茶" in shown
    assert "www.example.com" in shown


def test_a_wrong_template_keeps_posd_from_starting_and_says_where(make_box: MakeBox, tmp_path: Path) -> None:
    template = tmp_path / "slip.toml"
    template.write_text(OWN + '[[footer]]\ntext = "{totl}"\n')
    box = make_box({"slip": {"template": str(template)}}, start=False)
    box.folder.mkdir(parents=True, exist_ok=True)
    told = f"line {OWN.count(chr(10)) + 2}: there is no field 'totl'; did you mean 'total'?"
    for words in (["--check"], []):
        command = [sys.executable, "-m", "posd", "--config", str(box.config()), *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert told in done.stderr
