"""Checks of the ports: device nodes, who else wants them, the kernel modules behind them."""

from __future__ import annotations

import errno
import os
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from posd.ctl import reach_checks
from posd.ctl.box import Process
from posd.ctl.findings import Case, Finding
from posd.ctl.port_rights import rights

_THIEVES: dict[str, tuple[str, str]] = {
    "ModemManager": (
        "it sends modem commands to serial ports that appear",
        "它会向新出现的串口发送调制解调器命令",
    ),
    "brltty": (
        "it takes CH340 and CP210x adapters for braille displays",
        "它会把 CH340 和 CP210x 转换器当作盲文显示器占用",
    ),
    "gpsd": ("its rules claim CP210x and PL2303 adapters", "它的规则会占用 CP210x 和 PL2303 转换器"),
    "cupsd": ("its usb backend can take the receipt printer", "它的 usb 后端可能占用小票打印机"),
}


def devices(case: Case) -> Iterator[Finding]:
    """The device nodes: there, usable by posd, held by nobody else."""
    config = case.config
    named = [("printer", config.printer.device), ("keypad", config.keypad.device)]
    if config.pad.driver != "none":
        named.append(("pad", config.pad.device))
    for name, device in named:
        if not device:
            if name == "printer":
                yield Finding(
                    name,
                    "note",
                    case.say("no printer is configured", "没有配置打印机"),
                    case.say("set printer.device", "请设置 printer.device"),
                )
        elif device.startswith("usb:"):
            yield from reach_checks.usb(case, name, device)
        elif device.startswith("tcp://"):
            yield from reach_checks.tcp(case, name, device)
        else:
            yield from _node(case, name, Path(device))


def _node(case: Case, name: str, device: Path) -> Iterator[Finding]:
    say = case.say
    try:
        status = os.stat(device)
    except OSError as error:
        why = say("does not exist", "不存在") if error.errno == errno.ENOENT else str(error.strerror)
        yield Finding(
            name,
            "bad",
            f"{device} {why}",
            say(
                "check cable and power; dmesg | tail shows what the kernel saw",
                "检查电缆和电源；用 dmesg | tail 查看内核信息",
            ),
        )
        return
    if not (stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        yield Finding(
            name,
            "bad",
            say(f"{device} is no device", f"{device} 不是设备"),
            say(f"correct {name}.device", f"请更正 {name}.device"),
        )
        return
    yield Finding(name, "ok", say(f"{device} is there", f"{device} 存在"))
    yield from rights(case, name, device, status)
    if stat.S_ISFIFO(status.st_mode):
        return  # a recording or a simulation: who writes it has it open, and must
    holders, saw_all = case.box.holders(device)
    own = serving_pid(case.socket)
    others = [process for process in holders if process.pid not in {own, os.getpid()}]
    if others:
        yield Finding(
            f"{name}-held",
            "bad" if name == "printer" else "note",
            say(f"{device} is held open by {_list(others)}", f"{device} 被 {_list(others)} 占用"),
            say(
                "stop that program, or keep it off the port with a udev rule", "停止该程序，或用 udev 规则使其远离端口"
            ),
        )
    elif not saw_all:
        yield Finding(
            f"{name}-held",
            "note",
            say("not all processes could be looked into", "无法查看所有进程"),
            say("run posctl doctor as root to see who holds the port", "请以 root 运行 posctl doctor 查看谁占用端口"),
        )


def _list(processes: list[Process]) -> str:
    return ", ".join(f"{process.name} ({process.pid})" for process in processes)


def thieves(case: Case) -> Iterator[Finding]:
    """Programs that are known to take ports."""
    say, box = case.say, case.box
    running = {process.name for process in box.processes()}
    for name, why in _THIEVES.items():
        if name in running:
            unit = "cups" if name == "cupsd" else name
            yield Finding(
                "thief",
                "note",
                say(f"{name} is running: {why[0]}", f"{name} 正在运行：{why[1]}"),
                say(
                    f"install posd's udev rules, or: systemctl disable --now {unit}",
                    f"安装 posd 的 udev 规则，或：systemctl disable --now {unit}",
                ),
            )
    for name, pattern in (("brltty", "*brltty*.rules"), ("gpsd", "*gpsd*.rules")):
        rules = [
            rule for folder in ("/usr/lib/udev/rules.d", "/etc/udev/rules.d") for rule in box.path(folder).glob(pattern)
        ]
        if rules and name not in running:
            yield Finding(
                "thief",
                "note",
                say(
                    f"the udev rules of {name} are installed: {_THIEVES[name][0]}",
                    f"已安装 {name} 的 udev 规则：{_THIEVES[name][1]}",
                ),
                f"apt-get purge {name}",
            )


def modules(case: Case) -> Iterator[Finding]:
    """The kernel modules that the configured ports need."""
    device = case.config.printer.device
    for beginning, module in (
        ("/dev/usb/lp", "usblp"),
        ("/dev/posd/printer", "usblp"),
        ("/dev/ttyACM", "cdc_acm"),
        ("/dev/ttyUSB", "usbserial"),
    ):
        if device.startswith(beginning) and not case.box.module_is_there(module):
            yield Finding(
                "module",
                "bad",
                case.say(
                    f"the kernel module {module}, which {device} needs, is not loaded",
                    f"{device} 所需的内核模块 {module} 未加载",
                ),
                f"modprobe {module}",
            )


def serving_pid(path: str) -> int | None:
    """The process that listens at a Unix socket, as the kernel knows it; None if nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
            raw = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        except OSError:
            return None
    return int(struct.unpack("=iII", raw)[0])
