"""The udev watch against faked udev events, and where there is no udev at all."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posd.hotplug.watch import HotplugWatch

PRINTER = ["/dev/ttyUSB0", "tty", []]
USB_PRINTER = ["/dev/usb/lp0", "usbmisc"]

needs_umockdev = pytest.mark.skipif(
    shutil.which("umockdev-wrapper") is None,
    reason="umockdev is not installed (apt-get install umockdev): no devices to plug",
)


def play(scene: str, root: Path) -> tuple[list[list[object]], str]:
    """What was reported in a scene of mock_box.py, and the log."""
    command = ["umockdev-wrapper", sys.executable, "-m", "tests.unit.hotplug.mock_box", scene]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@needs_umockdev
def test_devices_that_come_and_go_are_reported_once_each(root: Path) -> None:
    seen, _ = play("comes-and-goes", root)
    assert seen == [
        ["add", *PRINTER],
        ["add", *USB_PRINTER, ["/dev/posd/printer"]],
        ["remove", *PRINTER],
        ["add", *PRINTER],
    ]


@needs_umockdev
def test_an_overrun_makes_a_new_monitor_and_reports_what_was_missed(root: Path) -> None:
    seen, log = play("overrun", root)
    assert seen == [
        ["add", *PRINTER],
        ["add", *USB_PRINTER, []],
        ["remove", *USB_PRINTER, []],
        ["add", "/dev/input/event5", "input", []],
        ["remove", *PRINTER],
    ]
    assert log.count("the udev monitor failed") == 1


@needs_umockdev
def test_nothing_is_reported_after_stop(root: Path) -> None:
    seen, _ = play("stopped", root)
    assert seen == [["add", *PRINTER]]


def test_without_udev_it_says_so_once_and_does_nothing(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    async def run() -> bool:
        watch = HotplugWatch(lambda change: pytest.fail(f"reported {change}"), udev_control=str(tmp_path / "control"))
        began = watch.start()
        watch.stop()
        return began

    with caplog.at_level(logging.INFO):
        assert asyncio.run(run()) is False
    assert [record.getMessage().count("no udev runs here") for record in caplog.records] == [1]


def test_a_monitor_that_cannot_be_made_is_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptors ran out: start still returns, and the next try succeeds."""
    import pyudev

    tries = []

    def refuse_once(context: pyudev.Context, source: str) -> pyudev.Monitor:
        tries.append(source)
        if len(tries) == 1:
            raise OSError(24, "Too many open files")
        return real(context, source)

    real = pyudev.Monitor.from_netlink
    monkeypatch.setattr(pyudev.Monitor, "from_netlink", refuse_once)

    async def run() -> None:
        watch = HotplugWatch(lambda change: None, udev_control=sys.executable)
        assert watch.start()
        async with asyncio.timeout(20):
            while len(tries) < 2:
                await asyncio.sleep(0.01)
        watch.stop()

    asyncio.run(run())
    assert [record.levelname for record in caplog.records if "monitor failed" in record.getMessage()] == ["WARNING"]
