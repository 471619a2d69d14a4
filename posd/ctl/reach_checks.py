"""Checks of printers that have no device node: through libusb, and on the network."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from posd import client
from posd.ctl.findings import Case, Finding
from posd.ctl.port_rights import rights

CONNECT_S = 3.0
_TCP_PORT = 9100


def usb(case: Case, name: str, device: str) -> Iterator[Finding]:
    """What libusb needs, and whether the one printer is plugged in that `usb:VID:PID[:SERIAL]` names."""
    yield from _libraries(case, name)
    say = case.say
    vendor, _, rest = device.removeprefix("usb:").partition(":")
    product, _, serial = rest.partition(":")
    wanted = f"{vendor}:{product}".lower()
    found = [there for there in case.box.usb_devices() if there.name == wanted]
    alike = [there for there in found if not serial or there.serial == serial]
    if not alike:
        others = ", ".join(there.serial or "-" for there in found)
        yield Finding(
            name,
            "bad",
            say(
                f"no USB device {wanted} with the serial number {serial} is plugged in; there is {others}",
                f"没有连接序列号为 {serial} 的 USB 设备 {wanted}；现有 {others}",
            )
            if found
            else say(f"no USB device {wanted} is plugged in", f"没有连接 USB 设备 {wanted}"),
            say("lsusb shows what is; check cable and power", "用 lsusb 查看；检查电缆和电源"),
        )
    elif len(alike) > 1:
        serials = ", ".join(there.serial or "-" for there in alike)
        yield Finding(
            name,
            "bad",
            say(
                f"{len(alike)} USB devices are {device}: {serials}",
                f"有 {len(alike)} 个 USB 设备符合 {device}：{serials}",
            ),
            say(f"name one: {device}:SERIAL", f"请指明其一：{device}:序列号"),
        )
    else:
        yield Finding(name, "ok", say(f"{device} is plugged in", f"{device} 已连接"))
        node = case.box.path(alike[0].node)
        if node.exists():
            yield from rights(case, name, node, os.stat(node))


def _libraries(case: Case, name: str) -> Iterator[Finding]:
    import ctypes.util

    say = case.say
    for there, library, todo in (
        (importlib.util.find_spec("usb"), "pyusb", "apt-get install python3-usb, or pip install posd[usb]"),
        (ctypes.util.find_library("usb-1.0"), "libusb", "apt-get install libusb-1.0-0"),
    ):
        if not there:
            yield Finding(
                f"{name}-library",
                "bad",
                say(
                    f"{library} is not installed: a printer named usb:... needs it",
                    f"未安装 {library}：usb:... 打印机需要它",
                ),
                todo,
            )


def tcp(case: Case, name: str, text: str) -> Iterator[Finding]:
    """Whether `tcp://host[:port]` can be reached: as posd says, or by a connection, which many printers give to one
    computer alone.
    """
    say, state = case.say, _as_posd_says(case, name)
    parts = urlsplit(text)
    host = parts.hostname or ""
    if state in ("ready", "attention"):
        yield Finding(name, "ok", say(f"posd is connected to {text}", f"posd 已连接 {text}"))
        return
    try:
        socket.create_connection((host, parts.port or _TCP_PORT), CONNECT_S).close()
    except ValueError:
        found = say(f"{text} names no port of a network printer", f"{text} 的端口无效")
        todo = say("write tcp://host:9100", "请写 tcp://主机:9100")
    except socket.gaierror as error:
        found = say(f"{host} cannot be looked up ({error.strerror})", f"无法解析 {host}（{error.strerror}）")
        todo = say("check the network, or write its number", "检查网络，或直接写 IP 地址")
    except TimeoutError:
        found = say(f"{text} does not answer within {CONNECT_S:g} s", f"{text} 在 {CONNECT_S:g} 秒内没有应答")
        todo = say("check its power, its cable and its address", "检查电源、网线和地址")
    except ConnectionRefusedError:
        found = say(f"{text} takes no connection", f"{text} 拒绝连接")
        todo = say("it may serve another computer; check the port", "它可能正被另一台电脑占用；检查端口号")
    except OSError as error:
        found = say(f"{text} cannot be reached: {error.strerror}", f"无法连接 {text}：{error.strerror}")
        todo = say("check the network, its cable and its address", "检查网络、网线和地址")
    else:
        if not state:
            yield Finding(name, "ok", say(f"{text} can be reached", f"可以连接 {text}"))
            return
        found = say(f"{text} can be reached, but posd is not connected", f"可以连接 {text}，但 posd 没有连上")
        todo = say(
            "its unit may forbid it: posd.service.d-examples/tcp-printer.conf",
            "服务单元可能禁止联网：见 posd.service.d-examples/tcp-printer.conf",
        )
    yield Finding(name, "bad", found, todo)


def _as_posd_says(case: Case, name: str) -> str:
    """The state of the device; empty where no posd answers."""
    try:
        with client.connect(case.socket, timeout_s=3.0) as asked:
            return next((device.state for device in asked.devices().devices if device.name == name), "")
    except client.PosdError:
        return ""
