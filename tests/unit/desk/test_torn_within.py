"""The printer is told with each slip up to which byte a piece of it is visibly no slip."""

from __future__ import annotations

from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash


def test_a_slip_goes_out_with_its_own_bound() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    shop.submit(cash(id="t1"))
    (job,) = shop.jobs
    assert 0 < job.torn_within < len(job.data)
