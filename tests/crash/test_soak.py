"""A few laps of the soak; `make crash` takes a hundred."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.crash.soak import OBJECTS_A_LAP_MAX, soak

LAPS = int(os.environ.get("POSD_SOAK_LAPS", "12"))


def test_a_small_ring_goes_round_with_flat_memory(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    soaked = soak(tmp_path, LAPS)
    print(soaked.table())
    # Its memory is looked at by `make crash`, whose process holds nothing else; here other tests share it.
    assert soaked.objects_a_lap <= OBJECTS_A_LAP_MAX, soaked.objects
    assert soaked.laps >= LAPS
    assert soaked.meter.bytes["copies of what is stuck"] > 0, "one transaction was carried forward"
    assert soaked.meter.amplification > 1
    record_property(
        "note",
        f"soak: {soaked.laps} laps, {soaked.sales} sales, write amplification {soaked.meter.amplification:.1f}, "
        f"{soaked.objects_a_lap:.0f} objects and {soaked.memory_a_lap_kib:.0f} KiB of memory more in a lap",
    )
