import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.quality import mean_opinion, rating


@pytest.mark.parametrize(
    ("r", "mos"),
    [(-5.0, 1.0), (0.0, 1.0), (50.0, 2.58), (70.0, 3.60), (80.0, 4.02), (93.2, 4.41), (100.0, 4.5)],
)
def test_the_opinion_follows_the_table_of_g_107_annex_b(r: float, mos: float) -> None:
    assert mean_opinion(r) == pytest.approx(mos, abs=0.01)


def test_a_perfect_call_is_worth_what_g_711_can_be() -> None:
    assert mean_opinion(rating(0.0)) == pytest.approx(4.40, abs=0.01)


@pytest.mark.parametrize(
    ("loss", "round_trip", "jitter", "least", "most"),
    [
        (0.01, 0.0, 0.0, 4.2, 4.4),
        (0.05, 0.0, 0.0, 3.7, 4.0),
        (0.0, 300.0, 5.0, 4.2, 4.4),
        (0.0, 800.0, 0.0, 2.5, 3.6),
        (0.5, 0.0, 0.0, 1.0, 2.0),
    ],
)
def test_loss_and_delay_cost_what_people_hear(
    loss: float, round_trip: float, jitter: float, least: float, most: float
) -> None:
    assert least <= mean_opinion(rating(loss, round_trip, jitter)) <= most


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5000), st.floats(0, 500))
def test_more_loss_never_sounds_better(a: float, b: float, trip: float, jitter: float) -> None:
    low, high = sorted((a, b))

    assert (
        1.0 <= mean_opinion(rating(high, trip, jitter)) <= mean_opinion(rating(low, trip, jitter))
    )
