"""Alarms go off in the order of their times, however many were called off in between."""

import random
from datetime import datetime

import pytest

from acd.alarms import Alarm, Alarms, Due

from .build import at

NAMES = [str(number) for number in range(400)]


@pytest.mark.parametrize("seed", range(5))
def test_alarms_go_off_in_time_whatever_was_called_off_meanwhile(seed: int) -> None:
    """So many are called off that the heap is made anew again and again."""
    chance, alarms, expected = random.Random(seed), Alarms(), dict[Alarm, datetime]()
    now = 0
    for _ in range(2000):
        alarm = Alarm(Due.WRAP_UP_ENDS, chance.choice(NAMES))
        if chance.random() < 0.45:
            alarms.set(alarm, moment := at(now + chance.randint(1, 500)))
            expected[alarm] = moment
        else:
            alarms.cancel(alarm)
            expected.pop(alarm, None)
        if chance.random() < 0.02:
            now += chance.randint(1, 40)
            gone_off = []
            while (due := alarms.pop_due(at(now))) is not None:
                gone_off.append(expected.pop(due))
            assert gone_off == sorted(gone_off)
        assert alarms.deadline == min(expected.values(), default=None)
        assert len(alarms) == len(expected)
        assert alarms.heap_size <= 66 + 2 * len(alarms)
