"""A long life on the floor, at random: each promise is looked after at each event."""

import pytest

from .random_life import RandomLife


@pytest.mark.parametrize("seed", [1, 2])
def test_in_ten_thousand_events_no_promise_is_broken_and_nothing_is_left_over(seed: int) -> None:
    random_life = RandomLife(seed)

    random_life.live(10_000)

    assert min(random_life.happened.values()) > 0
    assert len(random_life.life.ledger.offer_ids) > 400
    random_life.end()
