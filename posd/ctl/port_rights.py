"""Whether the user that posd runs as may use a device node."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from posd.ctl.findings import Case, Finding, group_name

USER = "posd"


def rights(case: Case, name: str, device: Path, status: os.stat_result) -> Iterator[Finding]:
    """Whether the user posd may read and write the node."""
    say = case.say
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        return
    groups = os.getgrouplist(USER, user.pw_gid)
    wanted = 0o6
    bits = status.st_mode
    granted = bits >> 6 if status.st_uid == user.pw_uid else bits >> 3 if status.st_gid in groups else bits
    if granted & wanted != wanted:
        owner = group_name(status.st_gid)
        yield Finding(
            f"{name}-rights",
            "bad",
            say(
                f"the user {USER} may not read and write {device} (group {owner})",
                f"用户 {USER} 无权读写 {device}（组 {owner}）",
            ),
            f"usermod -aG {owner} {USER}; systemctl restart posd",
        )
