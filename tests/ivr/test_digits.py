import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.actions import Ask, Digits, NoInput
from ivr.digits import DigitCollector

ONE = Ask((), timeout=5.0)
NUMBER = Ask((), min_digits=4, max_digits=8, terminator="#", timeout=6.0, inter_digit_timeout=3.0)


def collecting(ask: Ask, now: float = 0.0) -> DigitCollector:
    collector = DigitCollector(ask)
    assert collector.prompt_ended(now) is None
    return collector


def press(collector: DigitCollector, keys: str, now: float) -> Digits | None:
    """Press keys at once; only the last may bring an answer."""
    for key in keys[:-1]:
        assert collector.digit(key, now) is None
    return collector.digit(keys[-1], now)


def test_the_time_for_the_first_key_runs_from_the_prompts_end() -> None:
    collector = DigitCollector(ONE)
    assert collector.deadline is None
    assert collector.handle_timer(100.0) is None

    assert collector.prompt_ended(10.0) is None
    assert collector.deadline == 15.0
    assert collector.handle_timer(14.999) is None
    assert collector.handle_timer(15.0) == NoInput()
    assert collector.deadline is None


def test_one_key_answers_a_menu_at_once() -> None:
    collector = collecting(ONE)

    assert collector.digit("1", 2.0) == Digits("1")
    assert collector.deadline is None


def test_a_key_ends_a_prompt_that_allows_it_and_counts() -> None:
    collector = DigitCollector(NUMBER)
    assert collector.prompting

    assert collector.digit("1", 2.0) is None
    assert not collector.prompting
    assert collector.deadline == 5.0


def test_a_key_during_a_prompt_that_must_be_heard_is_dropped() -> None:
    collector = DigitCollector(Ask((), timeout=5.0, barge_in=False))

    assert collector.digit("1", 2.0) is None
    assert collector.prompting
    assert collector.deadline is None
    assert collector.prompt_ended(4.0) is None
    assert collector.digit("2", 5.0) == Digits("2")


def test_the_prompts_end_after_a_key_gives_no_more_time() -> None:
    collector = DigitCollector(NUMBER)
    collector.digit("1", 2.0)

    assert collector.prompt_ended(2.5) is None
    assert collector.deadline == 5.0


def test_each_key_gives_time_for_the_next() -> None:
    collector = collecting(NUMBER)

    assert collector.digit("1", 5.0) is None
    assert collector.deadline == 8.0
    assert collector.digit("2", 7.9) is None
    assert collector.deadline == 10.9
    assert collector.handle_timer(10.9) == Digits("12")


def test_the_terminator_ends_the_input_and_is_no_part_of_it() -> None:
    collector = collecting(NUMBER)

    assert press(collector, "12345#", 1.0) == Digits("12345")


def test_too_few_digits_before_the_terminator_are_for_the_flow_to_judge() -> None:
    collector = collecting(NUMBER)

    assert press(collector, "12#", 1.0) == Digits("12")


def test_the_longest_input_needs_no_terminator() -> None:
    collector = collecting(NUMBER)

    assert press(collector, "12345678", 1.0) == Digits("12345678")


def test_a_terminator_left_over_from_the_question_before_is_passed_over() -> None:
    collector = DigitCollector(NUMBER)

    assert collector.digit("#", 0.5) is None
    assert not collector.prompting  # the media worker stopped the prompt at the key
    assert collector.deadline == 6.5
    assert press(collector, "1234#", 1.0) == Digits("1234")


def test_an_exit_key_is_the_whole_answer_even_in_the_middle_of_a_number() -> None:
    collector = collecting(
        Ask((), min_digits=8, max_digits=8, terminator="#", exit_keys=frozenset("*"))
    )

    assert press(collector, "123*", 1.0) == Digits("*")


def test_without_a_terminator_a_hash_is_a_key_like_others() -> None:
    assert collecting(ONE).digit("#", 1.0) == Digits("#")


@pytest.mark.parametrize("noise", ["", "E", "12", "flash", "a", "١"])
def test_what_is_no_key_of_a_telephone_is_dropped(noise: str) -> None:
    collector = DigitCollector(ONE)

    assert collector.digit(noise, 1.0) is None
    assert collector.prompting


def test_nothing_follows_the_answer() -> None:
    collector = collecting(ONE)
    collector.digit("1", 1.0)

    assert collector.digit("2", 1.1) is None
    assert collector.prompt_ended(1.2) is None
    assert collector.handle_timer(99.0) is None
    assert collector.deadline is None


def test_keys_typed_ahead_of_the_prompt_may_answer_it_before_it_is_played() -> None:
    collector = DigitCollector(NUMBER)

    assert press(collector, "1234#", 0.0) == Digits("1234")


def test_a_late_timer_ends_the_input_when_the_prompt_ends() -> None:
    collector = DigitCollector(NUMBER)
    collector.digit("1", 1.0)

    assert collector.prompt_ended(4.0) == Digits("1")


asks = st.builds(
    Ask,
    st.just(()),
    min_digits=st.just(1),
    max_digits=st.integers(1, 6),
    terminator=st.sampled_from([None, "#", "*"]),
    barge_in=st.booleans(),
    exit_keys=st.sampled_from([frozenset(), frozenset("A"), frozenset("AB")]),
)
happenings = st.lists(
    st.tuples(st.floats(0, 3), st.sampled_from([*"0123456789*#AB", "prompt ended", "timer", "?"])),
    max_size=30,
)


@given(asks, happenings)
def test_whatever_happens_there_is_exactly_one_answer_and_it_is_in_time(
    ask: Ask, happened: list[tuple[float, str]]
) -> None:
    collector, now, collected = DigitCollector(ask), 0.0, list[Digits | NoInput | None]()
    for gap, what in happened:
        now += gap
        match what:
            case "prompt ended":
                collected.append(collector.prompt_ended(now))
            case "timer":
                collected.append(collector.handle_timer(now))
            case key:
                collected.append(collector.digit(key, now))
    collected.append(collector.prompt_ended(now))
    if collector.deadline is not None:
        assert collector.deadline <= now + max(ask.timeout, ask.inter_digit_timeout)
        collected.append(collector.handle_timer(collector.deadline))

    [answer] = [answer for answer in collected if answer is not None]
    assert collector.deadline is None
    if isinstance(answer, Digits):
        assert answer.keys in ask.exit_keys or 1 <= len(answer.keys) <= ask.max_digits
        assert answer.keys in ask.exit_keys or not ask.exit_keys & set(answer.keys)
        assert ask.terminator is None or ask.terminator not in answer.keys
