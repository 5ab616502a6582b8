"""A system that fails again and again is left alone, and then tried by one."""

from cti_server.connectors.breaker import FAILURES, REST, Breaker


def broken(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.lets_through(now)
        breaker.failed(now)
    return breaker


def test_after_some_failures_in_a_row_nobody_asks_until_the_rest_is_over() -> None:
    breaker = broken()

    assert not breaker.lets_through(REST - 0.1)
    assert breaker.resting(REST - 0.1)
    assert breaker.lets_through(REST)


def test_after_a_rest_one_alone_tries_and_what_comes_of_it_decides() -> None:
    breaker = broken()
    assert [breaker.lets_through(REST) for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.lets_through(REST)

    again = broken()
    assert again.lets_through(REST)
    again.failed(REST)
    assert not again.lets_through(2 * REST - 0.1)


def test_failures_that_are_not_in_a_row_are_forgotten() -> None:
    breaker = Breaker()
    for _ in range(5 * FAILURES):
        breaker.failed(0.0)
        breaker.succeeded()

    assert breaker.lets_through(0.0)
