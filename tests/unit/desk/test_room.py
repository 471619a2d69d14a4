"""What is given up, what is carried forward, and when neither would win anything."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from posd.desk.room import CARRY_MAX, Room
from posd.domain import requests as rq
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash, sale


class Ring:
    """Says what it is asked for."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.owed = 1
        self.room = True
        self.carried: list[int] = []
        self.releases: list[int] = []
        self.durable = len(shop.log)

    def first_kept(self) -> int:
        return 1

    def first_owed(self) -> int:
        return self.owed

    def durable_seq(self) -> int:
        return self.durable

    def archived(self) -> int | None:
        return None

    def release(self, first_owed: int) -> None:
        self.owed = first_owed
        self.releases.append(first_owed)

    def carry(self, seqs: Sequence[int], first_owed: int) -> bool:
        if not self.room:
            return False
        self.carried = list(seqs)
        self.releases.append(first_owed)
        return True


@pytest.fixture
def shop() -> Shop:
    """One sale whose signature is missing, then thirty that are done."""
    shop = Shop()
    shop.submit(sale(id="stuck"))
    shop.signs_not("timeout")
    shop.print_all()
    for number in range(30):
        shop.submit(cash(id=f"t{number}"))
        shop.print_all()
    return shop


def test_what_is_stuck_is_carried_whole_and_the_oldest_third_released_behind_it(shop: Shop) -> None:
    ring = Ring(shop)
    room = Room(ring)
    records = list(shop.sale("stuck").records)
    assert not room.make(shop.state), "there is room once the copies are durable"
    assert ring.carried == records
    assert ring.releases == [1 + (len(shop.log) - 1) // 3]
    assert shop.sale("stuck").floor == shop.state.seq
    assert "t0" not in shop.state.sales
    assert "t29" in shop.state.sales


def test_what_a_copy_waits_for_a_supervisor_of_is_carried_too() -> None:
    shop = Shop('[policy]\nsupervisor_from = "50"')
    shop.submit(cash("50.00", id="dear"))
    shop.print_all()
    request = shop.reprint("dear", approval="wait").job
    for number in range(30):
        shop.submit(cash(id=f"t{number}"))
        shop.print_all()
    ring = Ring(shop)
    records = list(shop.sale("dear").records)
    Room(ring).make(shop.state)
    assert ring.carried == records, "a restart would not know of it"
    shop.ask(rq.ReprintCancel(request))
    ring = Ring(shop)
    Room(ring).make(shop.state)
    assert ring.carried == []


def test_while_copies_are_on_their_way_nothing_more_is_given_up(shop: Shop) -> None:
    ring = Ring(shop)
    room = Room(ring)
    room.make(shop.state)
    assert not room.make(shop.state)
    assert len(ring.releases) == 1
    ring.owed = ring.releases[0]
    assert room.make(shop.state), "the stuck one stands behind the next third already"
    assert len(ring.releases) == 2


def test_a_sale_whose_last_record_is_not_durable_is_not_carried(shop: Shop) -> None:
    ring = Ring(shop)
    ring.durable = shop.sale("stuck").records[-1] - 1
    Room(ring).make(shop.state)
    assert ring.carried == []
    assert ring.owed <= shop.sale("stuck").seq


def test_where_there_is_no_room_for_the_copies_nothing_is_forgotten_that_is_needed(shop: Shop) -> None:
    ring = Ring(shop)
    ring.room = False
    Room(ring).make(shop.state)
    assert ring.owed <= shop.sale("stuck").seq
    assert shop.sale("stuck").floor == shop.sale("stuck").seq


@pytest.mark.parametrize("sales", [40, CARRY_MAX])
def test_where_too_much_is_owed_it_stays(sales: int) -> None:
    """To copy it would fill the ring with copies."""
    shop = Shop(printer="absent")
    for number in range(sales):
        shop.submit(cash(id=f"t{number}"))
    ring = Ring(shop)
    Room(ring).make(shop.state)
    assert ring.carried == []
    assert ring.owed <= shop.sale("t0").seq
    assert len(shop.state.sales) == sales


def shop_of(words: str) -> Shop:
    """A shop with a sale for each letter: `s` is stuck, its signature missing, `d` is done."""
    shop = Shop()
    for number, word in enumerate(words):
        if word == "s":
            shop.submit(sale(id=f"s{number}"))
            shop.signs_not("timeout")
        else:
            shop.submit(cash(id=f"d{number}"))
        shop.print_all()
    return shop


def test_where_a_third_is_too_full_of_what_is_stuck_as_much_more_is_given_up_as_wins_room() -> None:
    """What is stuck stands close together once it was carried; or a handful of sales would fill the ring for ever."""
    shop = shop_of("ssss" + "d" * 12)
    ring = Ring(shop)
    Room(ring).make(shop.state)
    stuck = [seq for number in range(4) for seq in shop.sale(f"s{number}").records]
    assert ring.carried == sorted(stuck)
    assert ring.releases == [1 + 2 * len(stuck)]
    assert len(shop.log) // 3 < 2 * len(stuck) < len(shop.log)


def test_where_the_end_of_a_third_is_too_full_only_what_stands_before_it_is_given_up() -> None:
    shop = shop_of("sddd" + "s" * 8 + "d" * 6)
    ring = Ring(shop)
    room = Room(ring)
    room.make(shop.state)
    assert ring.carried == [*shop.sale("s0").records, *shop.sale("s4").records]
    assert ring.releases == [shop.sale("s5").floor]
    assert ring.releases[-1] < 1 + (len(shop.log) - 1) // 3
    assert "d3" not in shop.state.sales


def test_no_more_than_can_be_read_in_a_moment_is_carried_at_once() -> None:
    shop = shop_of("sdd" * 60)
    ring = Ring(shop)
    Room(ring).make(shop.state)
    assert len(ring.carried) == CARRY_MAX
    assert ring.releases == [shop.sale("s48").floor]
    assert ring.releases[-1] < 1 + (len(shop.log) - 1) // 3


def troubled(tries: int) -> Shop:
    """A sale whose signature was tried again and again, then others that are done."""
    shop = Shop()
    shop.submit(sale(id="stuck"))
    shop.signs_not("timeout")
    shop.print_all()
    for number in range(tries):
        shop.ask(rq.Resign("stuck", f"k{number}"))
        shop.signs_not("timeout")
        shop.print_all()
    records = len(shop.sale("stuck").records)
    assert records > 2 * CARRY_MAX
    for number in range(records):
        shop.submit(cash(id=f"t{number}"))
        shop.print_all()
    return shop


def test_one_with_very_many_records_is_carried_in_several_goes() -> None:
    shop = troubled(150)
    ring = Ring(shop)
    room = Room(ring)
    records = list(shop.sale("stuck").records)
    carried: list[int] = []
    since = shop.state.seq
    while not any(ring.releases):
        assert not room.make(shop.state)
        assert len(ring.carried) <= CARRY_MAX
        carried += ring.carried
        assert "t0" in shop.state.sales or ring.releases[-1], "nothing is forgotten before the last of them"
    assert carried == records
    assert len(ring.releases) == -(-len(records) // CARRY_MAX)
    assert shop.sale("stuck").floor == since
    assert "t0" not in shop.state.sales
    ring.owed = ring.releases[-1]
    assert room.make(shop.state), "it stands behind the next third"


def test_what_becomes_owed_between_two_goes_is_not_given_up() -> None:
    shop = troubled(150)
    ring = Ring(shop)
    room = Room(ring)
    room.make(shop.state)
    shop.ask(rq.ReprintAsk("t0", "k"))
    while not any(ring.releases):
        room.make(shop.state)
    assert ring.releases[-1] == shop.sale("t0").floor
    assert "t0" in shop.state.sales


def test_where_room_runs_out_between_two_goes_it_stays_where_it_is() -> None:
    shop = troubled(150)
    ring = Ring(shop)
    room = Room(ring)
    floor = shop.sale("stuck").floor
    room.make(shop.state)
    ring.room = False
    room.make(shop.state)
    assert ring.owed <= shop.sale("stuck").floor == floor
    shop.ask(rq.Resign("stuck", "k"))
    shop.signs()
    shop.print_all()
    assert not shop.sale("stuck").owed
    ring.room, ring.carried, ring.durable = True, [], len(shop.log)
    room.make(shop.state)
    records = list(shop.sale("stuck").records)
    assert ring.carried == records[:CARRY_MAX], "it begins anew, for a half of it is worse than none"
    while shop.sale("stuck").half:
        room.make(shop.state)
    assert ring.carried[-1] == records[-1]


def test_what_was_carried_stays_in_the_state_until_its_new_place_is_given_up(shop: Shop) -> None:
    """Else a restart would find it in the ring, and posd would have another newest sale than before."""
    ring = Ring(shop)
    room = Room(ring)
    room.make(shop.state)
    ring.owed = ring.releases[-1]
    shop.ask(rq.Resign("stuck", "k1"))
    shop.signs()
    shop.print_all()
    assert not shop.sale("stuck").owed
    ring.durable = len(shop.log)
    given_up = ring.releases[-1]
    room.make(shop.state)
    assert given_up < ring.releases[-1] < shop.sale("stuck").floor
    assert "stuck" in shop.state.sales
