"""What a server's watcher does next, step by step."""

import signal

import pytest

from cti_server.watchdog.watch import (
    Budgets,
    EndFamily,
    Exit,
    GiveUp,
    Note,
    Signal,
    Start,
    State,
    Verdict,
    Watch,
)

SUPERSEDED = 75
BUDGETS = Budgets(
    hung_after=10,
    restarts=3,
    within=600,
    speaks_within=120,
    last_words=5,
    leaves_within=15,
    first_pause=0.5,
    longest_pause=1.5,
)


def serving(now: float = 0.0) -> Watch:
    """One whose server has started and serves."""
    watch = Watch(BUDGETS, SUPERSEDED)
    assert watch.begin(now) == [Start()]
    watch.heard(now, ready=True)
    return watch


def test_a_server_that_goes_on_speaking_is_left_alone() -> None:
    watch = serving()
    for now in range(5, 100, 5):
        watch.heard(now)
        assert watch.handle_timer(now + 4.9) == []

    assert watch.state is State.RUNNING


def test_a_silent_one_is_asked_for_its_last_words_and_then_killed_and_started_again() -> None:
    watch = serving()

    assert watch.handle_timer(9.9) == []
    # SIGCONT: one that was stopped could not act on the other signal.
    assert watch.handle_timer(10) == [Signal(signal.SIGABRT), Signal(signal.SIGCONT)]
    assert watch.handle_timer(14.9) == []
    assert watch.handle_timer(15) == [Signal(signal.SIGKILL)]
    assert watch.deadline is None
    assert watch.ended(-9, 15.1) == [Note(Verdict.HUNG, -9)]
    assert watch.family_gone(15.2) == []
    assert watch.deadline == 15.7
    assert watch.handle_timer(15.7) == [Start()]


def test_what_it_says_while_it_is_ended_does_not_save_it() -> None:
    watch = serving()
    watch.handle_timer(10)
    watch.heard(11)

    assert watch.handle_timer(15) == [Signal(signal.SIGKILL)]


def test_until_it_is_ready_it_has_longer() -> None:
    """A start may hold the loop; the next one's counts as the first one's did."""
    watch = Watch(BUDGETS, SUPERSEDED)
    for began in (0, 500):
        watch.begin(began)

        assert watch.handle_timer(began + 119) == []
        watch.heard(began + 119)
        assert watch.deadline == began + 239
        watch.heard(began + 200, ready=True)
        assert watch.deadline == began + 210
        watch.heard(began + 205)
        assert watch.deadline == began + 215
        watch.ended(-9, began + 206)
        watch.family_gone(began + 206)


def test_a_machine_that_stood_still_is_not_held_against_it() -> None:
    watch = serving()

    assert watch.handle_timer(500) == []
    assert watch.deadline == 510
    assert watch.handle_timer(510) == [Signal(signal.SIGABRT), Signal(signal.SIGCONT)]


@pytest.mark.parametrize(
    ("code", "verdict"), [(-9, Verdict.DIED), (-6, Verdict.DIED), (3, Verdict.DIED)]
)
def test_one_that_dies_is_started_again_when_nothing_of_it_is_left(
    code: int, verdict: Verdict
) -> None:
    watch = serving()

    assert watch.ended(code, 20) == [Note(verdict, code)]
    assert watch.handle_timer(34.9) == []
    assert watch.handle_timer(35) == [EndFamily()]
    assert watch.family_gone(35.1) == []
    assert watch.handle_timer(35.6) == [Start()]


def test_it_rests_longer_each_time_and_gives_up_in_the_end() -> None:
    watch, pauses = serving(), []
    for n in range(3):
        watch.ended(-9, n)
        watch.family_gone(n)
        assert watch.deadline is not None
        pauses.append(watch.deadline - n)
        assert watch.begin(n) == [Start()]
    watch.ended(-9, 4)

    assert pauses == [0.5, 1.0, 1.5]
    assert watch.family_gone(4) == [GiveUp(), Exit(137)]


def test_restarts_of_long_ago_are_forgiven() -> None:
    watch = serving()
    for n in range(3):
        watch.ended(-9, n)
        watch.family_gone(n)
        watch.begin(n)
    watch.ended(-9, 601)

    assert watch.family_gone(601) == []
    assert watch.state is State.RESTING


def test_one_that_refuses_to_start_is_not_tried_again() -> None:
    watch = Watch(BUDGETS, SUPERSEDED)
    watch.begin(0)

    assert watch.ended(1, 2) == []
    assert watch.family_gone(2) == [Exit(1)]


def test_one_that_has_served_is_tried_again_also_if_it_refuses_to_start() -> None:
    """The database may be away for a moment."""
    watch = serving()
    watch.ended(-9, 1)
    watch.family_gone(1)
    watch.begin(2)

    assert watch.ended(1, 4) == [Note(Verdict.DIED, 1)]
    assert watch.family_gone(4) == []
    assert watch.state is State.RESTING


def test_one_that_is_asked_to_stop_is_let_finish_and_not_started_again() -> None:
    watch = serving()

    assert watch.ask_to_stop(signal.SIGTERM) == [Signal(signal.SIGTERM)]
    watch.heard(5)
    assert watch.ask_to_stop(signal.SIGTERM) == [Signal(signal.SIGTERM)]
    assert watch.ended(0, 12) == []
    assert watch.family_gone(12) == [Exit(0)]


def test_one_that_hangs_while_it_drains_is_ended_and_not_started_again() -> None:
    watch = serving()
    watch.ask_to_stop(signal.SIGTERM)
    watch.handle_timer(10)

    assert watch.ended(-6, 11) == [Note(Verdict.HUNG, -6)]
    assert watch.family_gone(11) == [Exit(134)]


def test_who_is_asked_to_stop_between_two_lives_ends_at_once() -> None:
    watch = serving()
    watch.ended(-9, 1)
    watch.family_gone(1)

    assert watch.ask_to_stop(signal.SIGTERM) == [Exit(137)]


def test_one_that_lost_its_turn_stands_by_at_once_however_often() -> None:
    watch = serving()
    for n in range(10):
        assert watch.ended(SUPERSEDED, n) == []
        assert watch.family_gone(n) == [Start()]
        watch.heard(n)
