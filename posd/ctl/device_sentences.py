"""What a device's own detail says in posd, in Chinese: why a port cannot be opened, and what helps. Pure; read by
telling.py.
"""

from __future__ import annotations

DEVICES: dict[str, str] = {
    # the supervisors' PINs at the keypad
    "{path}: the supervisors' PINs cannot be read: {why}": "{path}：无法读取主管密码：{why}",
    "{path}: the supervisors' PINs cannot be used: line {number}: operator {operator} stands there twice; "
    "keep one line": "{path}：主管密码无法使用：操作员 {operator} 在第 {number} 行重复；请只保留一行",
    "{path}: the supervisors' PINs cannot be used: line {number}: {why}": (
        "{path}：主管密码无法使用：第 {number} 行有误；请用 posctl pin 生成"
    ),
    "{path}: the supervisors' PINs cannot be used: it is too large": "{path}：主管密码无法使用：文件过大",
    "{path}: the supervisors' PINs cannot be used: it is no text": "{path}：主管密码无法使用：不是文本文件",
    "{path}: the supervisors' PINs cannot be used: more than {count} supervisors": (
        "{path}：主管密码无法使用：主管超过 {count} 人"
    ),
    "{path}: the supervisors' PINs are not in a plain file": "{path}：主管密码须在普通文件中",
    "{path}: belongs to uid {uid}; it must belong to root or to posd's user: chown it": (
        "{path}：属于用户 {uid}；须属于 root 或 posd 的用户，请用 chown 更改"
    ),
    "{path}: others may read it or its group may write it; do: chmod 0640 {same}": (
        "{path}：其他用户可读，或同组用户可写；请执行：chmod 0640 {same}"
    ),
    # any port
    "{path} is not there: {why}.": "{path} 不存在：{why}。",
    "It is opened as soon as it appears.": "出现后会自动打开。",
    "{path} has gone: {why}.": "{path} 已消失：{why}。",
    "It is opened again as soon as it returns.": "恢复后会自动重新打开。",
    "{path} broke: {why}.": "{path} 中断：{why}。",
    "{path} has no writer.": "{path} 没有写入方。",
    "{path} has no writer yet.": "{path} 尚无写入方。",
    "It is heard again as soon as there is one.": "出现写入方后会自动恢复。",
    "{path} is there.": "{path} 已就位。",
    "{path} is held by another process; stop that one (posctl doctor finds it).": (
        "{path} 被其他进程占用；请停止该进程（posctl doctor 可找到）。"
    ),
    "{path} may not be opened by this user; install posd's udev rules or add the user to the group input.": (
        "当前用户无权打开 {path}；请安装 posd 的 udev 规则，或将用户加入 input 组。"
    ),
    "{path} does not answer as an event device does; name an event node, such as /dev/input/event0.": (
        "{path} 不是输入事件设备；请给出事件节点，例如 /dev/input/event0。"
    ),
    "{path} is neither an input device nor a FIFO; name one such as /dev/input/by-id/...-event-kbd": (
        "{path} 既不是输入设备，也不是 FIFO；请给出例如 /dev/input/by-id/...-event-kbd"
    ),
    "{path} cannot be opened: {why}.": "{path} 无法打开：{why}。",
    "{path} did not open within {seconds} s and is waited for.": "{path} 在 {seconds} 秒内没有打开，仍在等待。",
    "Plug it in again.": "请重新插拔。",
    "{path} did not open within {seconds} s.": "{path} 在 {seconds} 秒内没有打开。",
    "{path}: posd still hangs in {what}, for {seconds} s now.": "{path}：posd 仍停在{what}，已 {seconds} 秒。",
    "opening it": "打开端口",
    "letting go of an earlier connection": "释放先前的连接",
    "Unplug the device and plug it in again; if that does not help, start the box again.": (
        "请拔下设备再重新插上；无效则重启终端。"
    ),
    "Check its cable and power.": "请检查连接线和电源。",
    "Check the printer's cable and power.": "请检查打印机的连接线和电源。",
    "Check the printer's cable and power; lsusb shows what is.": "请检查打印机的连接线和电源；lsusb 显示已连接的设备。",
    # pads and keypads
    "{path} is not a signature pad: it has no absolute X and Y.": "{path} 不是签名板：没有绝对坐标。",
    "Name the pad's event node in pad.device.": "请在 pad.device 中给出签名板的事件节点。",
    "{path} does not tell when its pen touches (no BTN_TOUCH, pressure or BTN_TOOL_PEN).": (
        "{path} 不报告落笔（没有 BTN_TOUCH、压力或 BTN_TOOL_PEN）。"
    ),
    "Name the pen's event node in pad.device.": "请在 pad.device 中给出笔的事件节点。",
    "{path} has axes that cannot be kept: {axes}; each may reach {most}.": (
        "{path} 的坐标轴超出范围：{axes}；每轴最大 {most}。"
    ),
    "{path} is opened": "正在打开 {path}",
    "{path} is asked": "正在询问 {path}",
    "{path} is gone.": "{path} 已消失。",
    "Check the pad's cable.": "请检查签名板的连接线。",
    "the pad on {path} does not answer": "{path} 上的签名板无应答",
    "it does without the settings {names}": "未采用的设置：{names}",
    "{path} has none of the keys in keypad.keys ({names}).": "{path} 没有 keypad.keys 中的任何键（{names}）。",
    "Name the keypad's event node in keypad.device, or bind its keys.": (
        "请在 keypad.device 中给出键盘的事件节点，或绑定它的键。"
    ),
    # serial ports and the kernel's USB printers
    "{path} is not there.": "{path} 不存在。",
    "{path} is held by another program.": "{path} 被其他程序占用。",
    "{path} is held by another program, often CUPS.": "{path} 被其他程序占用，常见的是 CUPS。",
    "posctl doctor names it; stop it, or keep it off the port.": (
        "posctl doctor 会指出是哪个程序；请停止它，或让它不再使用该端口。"
    ),
    "posctl doctor names it; stop it, or keep it off.": "posctl doctor 会指出是哪个程序；请停止它，或让它不再使用。",
    "posctl doctor names it; stop it.": "posctl doctor 会指出是哪个程序；请停止它。",
    "{path} may not be opened by posd's user.": "posd 的用户无权打开 {path}。",
    "posctl doctor says which group it needs.": "posctl doctor 说明需要哪个用户组。",
    "{path} is no serial port.": "{path} 不是串口。",
    "Name the right device in the configuration.": "请在配置中给出正确的设备。",
    "{path} does not open as a serial port: {why}": "{path} 无法作为串口打开：{why}",
    "{path} does not open: {why}": "{path} 无法打开：{why}",
    # USB printers without the kernel's driver
    "{usb} is not plugged in.": "{usb} 未连接。",
    "{usb} went away while it was opened.": "{usb} 在打开过程中断开。",
    "{usb} may not be opened by posd's user: install posd's udev rules, or add one for it.": (
        "posd 的用户无权打开 {usb}：请安装 posd 的 udev 规则，或为它添加一条。"
    ),
    "{usb} needs the library libusb: apt-get install libusb-1.0-0.": (
        "{usb} 需要 libusb 库：apt-get install libusb-1.0-0。"
    ),
    "Until then nothing prints.": "在此之前无法打印。",
    "{usb} needs the package pyusb: apt-get install python3-usb, or pip install posd[usb].": (
        "{usb} 需要 pyusb：apt-get install python3-usb，或 pip install posd[usb]。"
    ),
    "{count} printers are {usb}: add the serial number of the right one to printer.device, as in {example}.": (
        "有 {count} 台打印机都是 {usb}：请在 printer.device 中加上序列号，例如 {example}。"
    ),
    # printers on the network
    "No printer is configured (printer.device).": "没有配置打印机（printer.device）。",
    "The name of the network printer {name} cannot be looked up ({why}).": (
        "网络打印机 {name} 的名称无法解析（{why}）。"
    ),
    "Check the network.": "请检查网络。",
    "The network printer {name} does not answer within {seconds} s.": "网络打印机 {name} 在 {seconds} 秒内没有应答。",
    "Check that it is switched on.": "请确认已开机。",
    "No way leads to the network printer {name}.": "没有通往网络打印机 {name} 的路径。",
    "Check its cable, its power and its address.": "请检查连接线、电源和地址。",
    "The network printer {name} takes no connection: it may serve another computer, or that port is closed.": (
        "网络打印机 {name} 不接受连接：可能正为另一台电脑服务，或端口已关闭。"
    ),
    "posd may not reach the network printer {name}: its unit or a firewall forbids it ({see}).": (
        "posd 不得访问网络打印机 {name}：服务单元或防火墙禁止（{see}）。"
    ),
    "The network printer {name} cannot be reached: {why}.": "网络打印机 {name} 无法访问：{why}。",
}
