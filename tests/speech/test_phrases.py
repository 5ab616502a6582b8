"""Which clips make an announcement."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.speech import phrases
from cti_server.speech.chinese_numbers import spell

languages = st.sampled_from(phrases.LANGUAGES)


@pytest.mark.parametrize(
    ("number", "language", "clips"),
    [
        ("8026", "zh", ["工号，", "八零，", "二六，", "为您服务。"]),
        ("11", "zh", ["工号，", "幺幺，", "为您服务。"]),
        ("105", "zh", ["工号，", "幺零，", "五，", "为您服务。"]),
        ("B12", "zh", ["工号，", "B。", "幺二，", "为您服务。"]),
        ("80-26", "zh", ["工号，", "八零，", "二六，", "为您服务。"]),
        ("802", "en", ["Agent,", "eight,", "zero,", "two,", "at your service."]),
        ("b7", "en", ["Agent,", "B.", "seven,", "at your service."]),
        ("-", "en", []),
        ("", "zh", []),
    ],
)
def test_the_caller_is_told_who_serves_them(number: str, language: str, clips: list[str]) -> None:
    assert phrases.agent(number, language) == clips


@pytest.mark.parametrize(
    ("place", "language", "clips"),
    [
        (1, "zh", ["您是下一位，请稍候。"]),
        (2, "zh", ["您前面还有，", "一位，", "客户在等候。"]),
        (3, "zh", ["您前面还有，", "两位，", "客户在等候。"]),
        (4, "zh", ["您前面还有，", "三位，", "客户在等候。"]),
        (13, "zh", ["您前面还有，", "十二位，", "客户在等候。"]),
        (21, "zh", ["您前面还有，", "二十位，", "客户在等候。"]),
        (23, "zh", ["您前面还有，", "二十，", "二位，", "客户在等候。"]),
        (99, "zh", ["您前面还有，", "九十，", "八位，", "客户在等候。"]),
        (100, "zh", ["您前面还有超过九十九位客户在等候。"]),
        (1, "en", ["You are next in the queue."]),
        (3, "en", ["You are number,", "three,", "in the queue."]),
        (19, "en", ["You are number,", "nineteen,", "in the queue."]),
        (20, "en", ["You are number,", "twenty,", "in the queue."]),
        (45, "en", ["You are number,", "forty-five,", "in the queue."]),
        (5000, "en", ["There are more than ninety-nine callers in the queue."]),
    ],
)
def test_the_caller_is_told_the_place_in_the_queue(
    place: int, language: str, clips: list[str]
) -> None:
    assert phrases.place(place, language) == clips


@pytest.mark.parametrize(
    ("minutes", "more", "language", "clips"),
    [
        (1, False, "zh", ["预计等待时间不到一分钟。"]),
        (2, False, "zh", ["预计等待时间约为，", "两分钟。"]),
        (20, False, "zh", ["预计等待时间约为，", "二十分钟。"]),
        (30, True, "zh", ["预计等待时间超过，", "三十分钟。"]),
        (1, False, "en", ["Your estimated waiting time is less than one minute."]),
        (45, False, "en", ["Your estimated waiting time is about,", "forty-five minutes."]),
        (60, True, "en", ["Your estimated waiting time is more than,", "sixty minutes."]),
    ],
)
def test_the_caller_is_told_how_long_it_will_take(
    minutes: int, more: bool, language: str, clips: list[str]
) -> None:
    assert phrases.wait(minutes, language, more=more) == clips
    assert set(clips) <= set(phrases.every_clip(language))


def test_a_wait_that_no_clip_says_is_none() -> None:
    with pytest.raises(ValueError, match="37 minutes"):
        phrases.wait(37, "zh")


@given(st.integers(max_value=0), languages)
def test_there_is_no_place_before_the_first(place: int, language: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        phrases.place(place, language)


@given(st.text(max_size=20), st.integers(1, 500), languages)
def test_whatever_is_announced_is_among_the_clips_rendered_beforehand(
    number: str, place: int, language: str
) -> None:
    known = set(phrases.every_clip(language))

    assert set(phrases.agent(number, language)) <= known
    assert set(phrases.place(place, language)) <= known
    assert set(phrases.busy(language)) <= known
    for about in phrases.SENTENCES:
        assert set(phrases.sentence(about, language)) <= known


@given(st.text(alphabet=string.digits, max_size=24))
def test_spelled_digits_are_all_there_and_in_order(digits: str) -> None:
    chinese = "".join(clip.rstrip("，") for clip in phrases.spelled(digits, "zh"))
    english = [clip.rstrip(",") for clip in phrases.spelled(digits, "en")]
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

    assert chinese == spell(digits)
    assert "".join(str(names.index(word)) for word in english) == digits


def test_a_known_number_has_one_sentence_of_its_own() -> None:
    assert phrases.agent_sentence("8026", "zh") == "工号八零二六为您服务。"
    assert phrases.agent_sentence("8026", "en") == "Agent eight zero two six at your service."
