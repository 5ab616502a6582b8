"""The losses' account against the definitions, worked out the long way."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.bursts import GMIN, BurstFigures, Bursts


def told(lost: list[bool]) -> Bursts:
    """What Reception says of a stream in order with these losses, which ends well."""
    bursts, number = Bursts(), 0
    for missing, run in groupby(lost):
        count = len(list(run))
        if missing:
            bursts.missed(number, count)
        number += count
    return bursts


def by_definition(lost: list[bool]) -> tuple[list[tuple[int, int]], int]:
    """The bursts (packets, losses) of RFC 3611 §4.7.2, and how many runs of losses there are."""
    places = [place for place, missing in enumerate(lost) if missing]
    groups: list[list[int]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= GMIN:
            groups[-1].append(place)
        else:
            groups.append([place])
    bursts = [(group[-1] - group[0] + 1, len(group)) for group in groups if len(group) > 1]
    return bursts, sum(missing for missing, _ in groupby(lost))


streams = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 6)), max_size=12).map(
    lambda runs: [flag for good, bad in runs for flag in [False] * good + [True] * bad]
)


@given(streams)
def test_bursts_and_gaps_are_those_of_the_definition(lost: list[bool]) -> None:
    lost = [*lost, False]
    figures = told(lost).figures(len(lost))
    bursts, runs = by_definition(lost)

    in_bursts, burst_losses = sum(b[0] for b in bursts), sum(b[1] for b in bursts)
    gap_losses, gap_packets = sum(lost) - burst_losses, len(lost) - in_bursts
    assert figures.burst_density == pytest.approx(burst_losses / in_bursts if bursts else 0.0)
    assert figures.gap_density == pytest.approx(gap_losses / gap_packets)
    assert figures.burst_length == pytest.approx(in_bursts / len(bursts) if bursts else 0.0)
    assert figures.gap_length == pytest.approx(gap_packets / (len(bursts) + 1))
    if runs:
        by_chance = len(lost) / (len(lost) - sum(lost))
        assert figures.ratio == pytest.approx(max(1.0, sum(lost) / runs / by_chance))


@given(streams, st.data())
def test_what_only_comes_late_is_no_loss(lost: list[bool], data: st.DataObject) -> None:
    lost = [*lost, False]
    places = [place for place, missing in enumerate(lost) if missing]
    late = data.draw(st.sets(st.sampled_from(places))) if places else set()
    bursts, number = Bursts(), 0
    for missing, run in groupby(lost):
        count = len(list(run))
        if missing:
            bursts.missed(number, count)
            for place in range(number, number + count):
                if place in late:
                    bursts.came_late(place)
        number += count
    really = [missing and place not in late for place, missing in enumerate(lost)]

    assert bursts.figures(len(lost)) == told(really).figures(len(lost))


def test_a_stream_without_loss_is_one_gap() -> None:
    assert Bursts().figures(500) == BurstFigures(gap_length=500.0)
    assert Bursts().figures(0) == BurstFigures()


def test_asking_changes_nothing_and_a_late_packet_is_still_known_as_late() -> None:
    bursts = Bursts()
    bursts.missed(10, 2)

    assert bursts.figures(20).burst_length == 2
    assert bursts.figures(20).burst_length == 2
    bursts.came_late(10)
    assert bursts.figures(20).burst_length == 0


def test_losses_of_another_stream_are_no_part_of_the_last_ones_burst() -> None:
    bursts = Bursts()
    bursts.missed(10, 1)
    bursts.restart()
    bursts.missed(3, 1)

    assert bursts.figures(100).burst_length == 0


def test_losses_in_rows_have_a_higher_ratio_than_the_same_losses_spread() -> None:
    rows = told(([False] * 45 + [True] * 5) * 20 + [False])
    spread = told(([False] * 9 + [True]) * 100 + [False])

    assert rows.figures(1001).ratio == pytest.approx(5 / (1001 / 901))
    assert spread.figures(1001).ratio == 1.0


def test_what_the_jitter_buffer_discarded_counts_as_spread_losses() -> None:
    figures = Bursts().figures(1000, discarded=10)

    assert figures == BurstFigures(gap_density=0.01, gap_length=1000.0)


def test_a_long_call_keeps_little_in_memory() -> None:
    bursts = Bursts()
    for number in range(0, 100_000, 10):
        bursts.missed(number, 1)
        bursts.came_late(number)

    assert bursts.waiting <= 2 * 64
