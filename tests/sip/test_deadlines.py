from functools import partial
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.deadlines import Alarm, Deadlines

T = TypeVar("T")


def _note(ran: list[T], what: T, now: float) -> None:
    ran.append(what)


def test_timers_run_in_the_order_of_their_deadlines_and_only_when_due() -> None:
    deadlines, ran = Deadlines(), list[str]()
    first, second, third = (Alarm(deadlines, partial(_note, ran, name)) for name in "abc")
    second.set(2.0)
    first.set(1.0)
    third.set(3.0)

    deadlines.run_due(2.0)

    assert ran == ["a", "b"]
    assert (deadlines.next, len(deadlines)) == (3.0, 1)


def test_a_moved_timer_runs_once_at_its_last_deadline() -> None:
    deadlines, ran = Deadlines(), list[float]()
    alarm = Alarm(deadlines, ran.append)
    alarm.set(1.0)
    alarm.set(5.0)
    deadlines.run_due(4.0)
    assert ran == []
    deadlines.run_due(5.0)
    deadlines.run_due(9.0)
    assert ran == [5.0]


def test_a_stopped_timer_never_runs_and_leaves_nothing() -> None:
    deadlines, ran = Deadlines(), list[float]()
    alarm = Alarm(deadlines, ran.append)
    alarm.set(1.0)
    alarm.set(None)
    deadlines.run_due(2.0)
    assert (ran, len(deadlines), deadlines.next) == ([], 0, None)


def test_whoever_keeps_the_loop_awake_hears_of_an_earlier_deadline_only() -> None:
    woken = list[float]()
    deadlines = Deadlines(woken.append)
    for at in (5.0, 7.0, 3.0):
        Alarm(deadlines, lambda now: None).set(at)
    assert woken == [5.0, 3.0]


def test_a_coarse_deadline_is_never_early() -> None:
    deadlines, ran = Deadlines(), list[float]()
    deadlines.set(Alarm(deadlines, ran.append), 1.01, coarse=True)
    deadlines.run_due(1.2)
    assert ran == []
    deadlines.run_due(1.25)
    assert ran == [1.25]


@given(st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), st.floats(0, 100))), max_size=40))
def test_after_any_changes_exactly_the_live_timers_run(
    changes: list[tuple[int, float | None]],
) -> None:
    deadlines, ran = Deadlines(), list[int]()
    alarms = [Alarm(deadlines, partial(_note, ran, n)) for n in range(5)]
    expected: dict[int, float] = {}
    for number, at in changes:
        alarms[number].set(at)
        expected.pop(number, None)
        if at is not None:
            expected[number] = at

    assert len(deadlines) == len(expected)
    deadlines.run_due(100.0)

    assert sorted(ran) == sorted(expected)
    assert [expected[number] for number in ran] == sorted(expected.values())
