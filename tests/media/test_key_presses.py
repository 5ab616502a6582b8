"""One press is one digit, whatever ways it is told by and whatever a network does to them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.key_presses import KeyPresses, Way

Told = tuple[Way, str, int, float]


def told(*reports: Told) -> str:
    presses = KeyPresses()
    return "".join(report[1] for report in reports if presses.tell(*report))


def test_a_press_by_all_three_ways_is_one_digit() -> None:
    assert (
        told((Way.INFO, "5", 250, 1.0), (Way.TONE, "5", 120, 1.15), (Way.EVENT, "5", 120, 1.18))
        == "5"
    )


def test_a_digit_dialled_twice_is_two_by_one_way_and_by_two() -> None:
    assert told((Way.EVENT, "5", 60, 1.0), (Way.EVENT, "5", 60, 1.1)) == "55"
    assert (
        told(
            (Way.INFO, "5", 60, 1.0),
            (Way.INFO, "5", 60, 1.1),
            (Way.EVENT, "5", 60, 1.12),
            (Way.EVENT, "5", 60, 1.22),
        )
        == "55"
    )


def test_a_key_held_for_eight_seconds_is_one_although_its_info_came_at_the_beginning() -> None:
    assert told((Way.INFO, "0", 250, 10.0), (Way.EVENT, "0", 8000, 18.05)) == "0"


def test_an_info_that_was_resent_is_still_the_same_press() -> None:
    assert told((Way.EVENT, "1", 100, 1.0), (Way.INFO, "1", 100, 1.9)) == "1"


def test_the_same_digit_by_another_way_long_after_is_another_press() -> None:
    """A phone that was moved to another network, say, and sends otherwise from there."""
    assert told((Way.EVENT, "1", 100, 1.0), (Way.INFO, "1", 100, 4.0)) == "11"


def test_who_says_events_is_not_listened_to_any_more() -> None:
    presses = KeyPresses()
    assert presses.tell(Way.EVENT, "1", 100, 1.0)
    assert not presses.tell(Way.TONE, "3", 60, 5.0)
    assert presses.tell(Way.INFO, "3", 60, 6.0)
    presses.start_over()
    assert presses.tell(Way.TONE, "4", 60, 7.0)


@pytest.mark.parametrize("duration", [0, 10_000, 1_000_000])
def test_a_length_that_nobody_can_hold_a_key_for_swallows_no_other_press(duration: int) -> None:
    assert told((Way.EVENT, "7", duration, 100.0), (Way.INFO, "7", 250, 120.0)) == "77"


presses = st.lists(
    st.tuples(
        st.sampled_from("0123456789*#"),
        st.floats(0.04, 1.5),  # down
        st.floats(0.04, 1.0),  # up
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(
    presses,
    st.sets(st.sampled_from(Way), min_size=1),
    st.booleans(),
    st.data(),
)
def test_whatever_ways_a_phone_has_each_press_is_taken_once_and_in_order(
    dialled: list[tuple[str, float, float]],
    ways: set[Way],
    info_at_once: bool,
    data: st.DataObject,
) -> None:
    """
    Each way keeps its order; a tone may be missed where there is another way.

    A press that is told by a late INFO alone comes after the next one, if that one's tone is heard
    before: nobody could know better, short of making every key wait.
    """
    reports: list[Told] = []
    first_told: list[float] = []
    latest = dict.fromkeys(Way, 0.0)
    now = 1.0
    for digit, down, up in dialled:
        before = len(reports)
        for way in sorted(ways):
            if way is Way.TONE and len(ways) > 1 and data.draw(st.booleans()):
                continue
            at_once = way is Way.INFO and info_at_once
            delay = data.draw(st.floats(0, 0.5 if way is Way.INFO else 0.25))
            latest[way] = max(latest[way], now + (0.0 if at_once else down) + delay)
            length = 250 if at_once else round(1000 * down)
            reports.append((way, digit, length, latest[way]))
        first_told.append(min(at for _, _, _, at in reports[before:]))
        now += down + up
    reports.sort(key=lambda report: report[3])
    taken, typed = told(*reports), "".join(digit for digit, _, _ in dialled)

    assert sorted(taken) == sorted(typed)
    if first_told == sorted(first_told):
        assert taken == typed
