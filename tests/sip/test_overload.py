from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.overload import Overload, OverloadLimits, TokenBucket, smoothed

LIMITS = OverloadLimits(
    calls_per_second=10.0, burst=3.0, open_calls=100, loop_lag=0.5, retry_after=7
)


def test_a_burst_passes_and_then_the_rate_counts() -> None:
    overload = Overload(LIMITS)
    admitted = [overload.admit(0.0, open_calls=0, loop_lag=0.0) for _ in range(4)]
    assert admitted == [None, None, None, 1]
    assert overload.admit(0.1, open_calls=0, loop_lag=0.0) is None
    assert overload.refused == 1


def test_too_many_open_calls_or_a_late_loop_refuse_without_using_up_the_rate() -> None:
    overload = Overload(LIMITS)
    assert overload.admit(0.0, open_calls=100, loop_lag=0.0) == 7
    assert overload.admit(0.0, open_calls=0, loop_lag=0.5) == 7
    admitted = [overload.admit(0.0, open_calls=99, loop_lag=0.4) for _ in range(3)]
    assert admitted == [None, None, None]


def test_one_hiccup_of_the_loop_is_no_overload_however_long_but_a_loop_that_stays_late_is() -> None:
    """As the end of a start is on a busy machine: the first callers were refused after it."""
    overload = Overload(OverloadLimits())

    def refuses(*lags: float) -> bool:
        lag = 0.0
        for each in lags:
            lag = smoothed(lag, each)
        return overload.admit(0.0, open_calls=0, loop_lag=lag) is not None

    assert not refuses(60.0)
    assert not refuses(60.0, 0.0, 0.0, 0.0)
    assert refuses(60.0, 60.0)
    assert refuses(*[0.6] * 10)
    assert not refuses(*[0.4] * 100)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200))
def test_no_window_lets_more_pass_than_burst_plus_rate(arrivals: list[float]) -> None:
    bucket = TokenBucket(rate=5.0, burst=4.0)
    passed = [at for at in sorted(arrivals) if bucket.take(at)]
    for start in passed:
        within = [at for at in passed if start <= at <= start + 1.0]
        assert len(within) <= 4 + 5 + 1e-6
