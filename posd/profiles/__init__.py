"""The profiles that `policy.profile` names: files of keys that stand where the shop has none of its own.

Each `*.toml` here is a `[policy]` section; its head says what it means for a shop. They are part of posd and are read
once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=8)
def keys(name: str) -> Mapping[str, Any]:
    """The keys of the profile `name`, which is there."""
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    policy: Mapping[str, Any] = tomllib.loads(text)["policy"]
    return policy
