import random

import pytest

from cti_server.sip.negotiation import Negotiation, OfferRefused, glare_pause

from .wire import OFFER


def test_an_offer_is_taken_when_none_is_open() -> None:
    assert Negotiation().refusal(random.Random(1)) is None


def test_an_offer_that_crosses_ours_is_a_glare() -> None:
    negotiation = Negotiation()
    negotiation.offer()
    assert negotiation.refusal(random.Random(1)) == OfferRefused(491)


def test_a_second_offer_before_the_first_is_answered_must_wait_up_to_ten_seconds() -> None:
    negotiation = Negotiation(pending="theirs")
    for seed in range(50):
        refused = negotiation.refusal(random.Random(seed))
        assert refused is not None
        assert refused.status == 500
        assert refused.retry_after in range(11)


def test_a_refused_offer_leaves_our_side_as_it_was() -> None:
    negotiation = Negotiation()
    negotiation.settle(OFFER)
    negotiation.offer()
    negotiation.settle(None)
    assert (negotiation.local, negotiation.pending) == (OFFER, None)


@pytest.mark.parametrize(("owns", "lowest", "highest"), [(True, 2.1, 4.0), (False, 0.0, 2.0)])
def test_after_a_glare_the_two_sides_wait_differently(
    owns: bool, lowest: float, highest: float
) -> None:
    rng = random.Random(7)
    pauses = [glare_pause(rng, owns_call_id=owns) for _ in range(200)]
    assert lowest <= min(pauses)
    assert max(pauses) <= highest
    assert all(round(pause * 100) == pytest.approx(pause * 100) for pause in pauses)
