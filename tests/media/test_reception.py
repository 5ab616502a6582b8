import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.reception import Place, Reception

SSRC = 7


def arrivals(numbers: list[int], first: int = 0) -> tuple[Reception, list[Place]]:
    """A stream of 20 ms packets whose numbers arrive in this order, 20 ms apart."""
    reception = Reception()
    places = [
        reception.place((first + number) & 0xFFFF, 160 * number, SSRC, 0.02 * at)
        for at, number in enumerate(numbers)
    ]
    return reception, places


@pytest.mark.parametrize(
    ("order", "lost", "out_of_order", "copies"),
    [
        ([0, 1, 2, 3], 0, 0, 0),
        ([0, 1, 3, 4], 1, 0, 0),
        ([0, 5, 6], 4, 0, 0),
        ([0, 2, 1, 3], 0, 1, 0),
        ([0, 3, 2, 1, 4], 0, 2, 0),
        ([0, 1, 1, 2], 0, 0, 1),
        ([0, 2, 1, 1, 3], 0, 1, 1),
        ([0, 4, 2, 5], 2, 1, 0),
    ],
)
@pytest.mark.parametrize("first", [0, 100, 65_530, 65_534, 65_535])
def test_loss_order_and_copies_are_read_from_the_sequence_numbers(
    order: list[int], lost: int, out_of_order: int, copies: int, first: int
) -> None:
    reception, _ = arrivals(order, first)

    assert (reception.lost, reception.out_of_order, reception.copies) == (
        lost,
        out_of_order,
        copies,
    )
    assert reception.received == len(set(order))


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=1, unique=True),
    st.integers(0, 0xFFFF),
    st.randoms(use_true_random=False),
)
def test_what_arrived_and_what_is_lost_add_up(
    numbers: list[int], first: int, chance: object
) -> None:
    """Any subset, each displaced by at most a few places, wrapped or not."""
    start = min(numbers)
    shuffled = sorted(numbers, key=lambda n: n + chance.uniform(0, 4))  # type: ignore[attr-defined]
    shuffled.remove(start)
    reception, _ = arrivals([start, *shuffled], first)

    assert reception.received == len(numbers)
    assert reception.expected == max(numbers) - start + 1
    assert reception.lost == reception.expected - len(numbers)


def test_a_packet_has_its_place() -> None:
    _, places = arrivals([0, 2, 1, 1, 3])

    assert places == [Place.FIRST, Place.NEXT, Place.LATE, Place.COPY, Place.NEXT]


def test_a_wild_sequence_number_is_believed_when_the_next_one_follows_it() -> None:
    reception, places = arrivals([0, 1, 30_000, 2, 40_000, 40_001, 40_002])

    assert places[2:] == [Place.UNPROVEN, Place.NEXT, Place.UNPROVEN, Place.FIRST, Place.NEXT]
    assert reception.lost == 0
    assert reception.received == 5


def test_another_ssrc_is_another_stream_and_the_account_goes_on() -> None:
    reception, _ = arrivals([0, 1, 3])
    place = reception.place(9, 0, SSRC + 1, 1.0)

    assert place is Place.FIRST
    assert (reception.received, reception.lost, reception.current_lost) == (4, 1, 0)


def test_a_steady_stream_has_no_jitter_and_a_shaken_one_has() -> None:
    steady, shaken = Reception(), Reception()
    for number in range(200):
        steady.place(number, 160 * number, SSRC, 0.02 * number)
        shaken.place(number, 160 * number, SSRC, 0.02 * number + (0.008 if number % 2 else 0.0))

    assert steady.jitter == pytest.approx(0.0, abs=1e-9)
    assert shaken.jitter == pytest.approx(0.008, rel=0.02)  # |D| is 8 ms each time


def test_a_jump_of_the_timestamps_is_no_jitter() -> None:
    reception, _ = arrivals([0, 1])
    reception.place(2, 0x8000_0000, SSRC, 0.04)

    assert reception.jitter < 0.001


def test_the_fraction_lost_is_that_since_the_last_report() -> None:
    reception, _ = arrivals([0, 2, 3])

    assert reception.fraction_lost() == pytest.approx(0.25)
    reception.place(4, 640, SSRC, 0.1)
    assert reception.fraction_lost() == 0.0
    assert reception.fraction_lost() == 0.0  # nothing was expected in the meantime


def test_what_came_late_is_in_no_burst_and_what_is_lost_is() -> None:
    order = [0, *range(10, 12), 2, 3, *range(13, 60)]  # 1 and 4 to 9 and 12 never come
    reception, _ = arrivals(order)
    figures = reception.bursts.figures(reception.expected)

    assert reception.lost == 8
    assert figures.burst_length == 12  # from 1 to 12
    assert figures.burst_density == pytest.approx(8 / 12)
    assert figures.gap_density == 0.0


def test_another_stream_ends_a_burst() -> None:
    reception, _ = arrivals([0, 2])
    reception.place(100, 0, SSRC + 1, 1.0)
    reception.place(102, 320, SSRC + 1, 1.04)

    assert reception.lost == 2
    assert reception.bursts.figures(reception.expected).burst_length == 0
