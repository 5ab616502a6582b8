from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.e_model import IMPAIRMENTS, Connection, mean_opinion, rating


def test_with_every_default_the_rating_is_that_of_g_107() -> None:
    """G.107 §7.7: 93.2; an independent implementation prints 93.206208."""
    assert Connection().rating == pytest.approx(93.206208, abs=1e-6)


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [(50, 91.0, 92.5), (100, 90.0, 91.5), (150, 88.5, 90.5), (250, 77.0, 82.0), (400, 58.0, 64.0)],
)
def test_delay_costs_what_the_curve_of_g_114_shows(delay: int, least: float, most: float) -> None:
    """G.114 figure 1, read off: flat to 150 ms, then steep."""
    assert least <= rating("PCMU", loss=0.0, delay_ms=delay) <= most


@pytest.mark.parametrize(
    ("parameter", "worse"),
    [
        ("slr", 18.0), ("rlr", 12.0), ("nc", -40.0), ("nfor", -40.0), ("ps", 65.0), ("pr", 65.0),
        ("qdu", 14.0), ("ie", 19.0), ("ta", 400.0), ("ppl", 3.0),
    ],
)  # fmt: skip
def test_each_parameter_can_spoil_a_connection(parameter: str, worse: float) -> None:
    assert replace(Connection(), **{parameter: worse}).rating < Connection().rating - 3


def test_echo_is_worse_the_longer_it_takes() -> None:
    loud = Connection(telr=45.0)
    ratings = [replace(loud, t=t).rating for t in (0.0, 10.0, 25.0, 50.0, 100.0)]

    assert ratings == sorted(ratings, reverse=True)
    assert ratings[0] - ratings[-1] > 20
    assert replace(loud, t=50.0, stmr=25.0).rating < replace(loud, t=50.0).rating
    assert Connection(wepl=10.0, tr=100.0).rating < Connection(tr=100.0).rating - 20


def test_an_advantage_makes_up_for_impairments() -> None:
    assert Connection(a=10.0, ie=10.0).rating == pytest.approx(Connection().rating)


@pytest.mark.parametrize(("ppl", "ie_eff"), [(1.0, 3.640), (5.0, 15.781), (25.1, 47.5)])
def test_random_loss_is_the_formula_of_g_107(ppl: float, ie_eff: float) -> None:
    """(95 - Ie) * Ppl / (Ppl / BurstR + Bpl), G.711 with concealment: Ie 0, Bpl 25.1."""
    assert rating("PCMU", loss=ppl / 100) == pytest.approx(Connection().rating - ie_eff, abs=0.001)


@given(st.floats(0, 1), st.floats(1, 8), st.floats(0, 2000), st.sampled_from(sorted(IMPAIRMENTS)))
def test_bursts_and_delay_never_help(loss: float, burst: float, delay: float, codec: str) -> None:
    plain = rating(codec, loss=loss)

    assert rating(codec, loss=loss, burst_ratio=burst, delay_ms=delay) <= plain + 0.1
    assert 0.0 <= plain <= 93.3


@pytest.mark.parametrize(
    ("r", "mos"),
    [(-5.0, 1.0), (0.0, 1.0), (50.0, 2.58), (70.0, 3.60), (80.0, 4.02), (93.2, 4.41), (100.0, 4.5)],
)
def test_the_opinion_follows_the_table_of_g_107_annex_b(r: float, mos: float) -> None:
    assert mean_opinion(r) == pytest.approx(mos, abs=0.01)
