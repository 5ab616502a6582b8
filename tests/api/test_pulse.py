"""Round trips of pings, as numbers."""

from cti_server.api.pulse import Pulse
from cti_server.floor.fitness import StreamHealth


def test_a_pong_tells_the_round_trip() -> None:
    pulse = Pulse()
    payload = pulse.ping(10.0)

    assert pulse.pong(payload, 10.25)
    assert pulse.health == StreamHealth(0.25, 0)


def test_a_ping_is_missed_when_the_next_one_goes_out_before_its_pong() -> None:
    pulse = Pulse()
    missed = []
    for number in range(4):
        pulse.ping(5.0 * number)
        missed.append(pulse.health.missed_pongs)

    assert missed == [0, 1, 2, 3]


def test_a_late_pong_forgives_all_pings_before_it() -> None:
    pulse = Pulse()
    pulse.ping(0.0)
    second = pulse.ping(5.0)
    pulse.ping(10.0)

    assert pulse.pong(second, 11.0)
    assert pulse.health == StreamHealth(6.0, 0)


def test_a_pong_that_nobody_asked_for_and_one_that_comes_twice_mean_nothing() -> None:
    pulse = Pulse()
    payload = pulse.ping(0.0)

    assert not pulse.pong(b"9", 1.0)
    assert not pulse.pong(b"nonsense", 1.0)
    assert pulse.pong(payload, 1.0)
    assert not pulse.pong(payload, 2.0)
    assert pulse.health == StreamHealth(1.0, 0)
