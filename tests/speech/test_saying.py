"""Values aloud: which clips say them, in both languages."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cti_server.speech import saying
from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.chinese_numbers import decimals, quantity
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import clip_key, text_key
from cti_server.speech.saying import PAUSE, Unsayable
from cti_server.speech.saying.joins import joined
from cti_server.speech.shipped import clips
from cti_server.speech.tts import voice_for
from ivr.texts import SayAs, Slot, Value, pieces
from tests.sizes import examples

KNOWN = {language: {PAUSE, *saying.every_clip(language)} for language in saying.LANGUAGES}


def told(value: Value, say_as: str, language: str) -> str:
    """The clips without their melody; "|" is a pause."""
    said = saying.clips(value, SayAs(say_as), language)
    assert set(said) <= KNOWN[language]
    return " ".join(clip.text.rstrip("，。,") if clip != PAUSE else "|" for clip in said)


@pytest.mark.parametrize(
    ("value", "say_as", "chinese", "english"),
    [
        ("12345678", "digits", "幺二 三四 五六 七八", "one two three four five six seven eight"),
        ("0-1 1", "digits", "零幺 幺", "zero one one"),
        ("ab-12", "letters", "A B 幺二", "A. B. one two"),
        (0, "number", "零", "zero"),
        (2, "number", "两", "two"),
        (12, "number", "十二", "twelve"),
        (105, "number", "一百 零五", "one hundred five"),
        (112, "number", "一百 一十二", "one hundred twelve"),
        (1010, "number", "一千 零 一十", "one thousand ten"),
        (2222, "number", "两千 二百 二十二", "two thousand two hundred twenty-two"),
        (32000, "number", "三万 二千", "thirty-two thousand"),
        (20_000, "number", "两万", "twenty thousand"),
        (100_000, "number", "十 万", "one hundred thousand"),
        (200_020_000, "number", "两亿 零 两万", "two hundred million twenty thousand"),
        ("1,234.50", "number", "一千 二百 三十四 点五 零",
         "one thousand two hundred thirty-four point five zero"),
        (-0.5, "number", "负 零 点五", "minus zero point five"),
        (3, "ordinal", "第三", "third"),
        (12, "ordinal", "第十二", "twelfth"),
        (20, "ordinal", "第二十", "twentieth"),
        (121, "ordinal", "第 一百 二十一", "one hundred twenty-first"),
        (1200, "ordinal", "第 一千 二百", "one thousand two hundredth"),
        (5000, "ordinal", "第 五千", "five thousandth"),
        (1234.5, "money", "一千 二百 三十四元 五角",
         "one thousand two hundred thirty-four point five yuan"),
        ("1234.56 USD", "money", "一千 二百 三十四 美元 五十六 美分",
         "one thousand two hundred thirty-four dollars fifty-six cents"),
        ("$1.01", "money", "一 美元 一 美分", "one dollar one cent"),
        (2, "money", "两元", "two yuan"),
        (0, "money", "零元", "zero yuan"),
        ("0.20", "money", "两角", "zero point two yuan"),
        ("¥10.05", "money", "十元 零五分", "ten point zero five yuan"),
        (100813.13, "money", "十 万 零 八百 一十三元 一角 三分",
         "one hundred thousand eight hundred thirteen point one three yuan"),
        (112.22, "money", "一百 一十二元 两角 两分", "one hundred twelve point two two yuan"),
        (-30, "money", "负 三十元", "minus thirty yuan"),
        (2.005, "money", "两元 零一分", "two point zero one yuan"),
        ("220000", "money", "二十二 万 元", "two hundred twenty thousand yuan"),
        ("8.5 EUR", "money", "八 点五 E U R", "eight point five E. U. R."),
        ("2026-11-22", "date", "二零 二六年 十一月 二十二日",
         "November twenty-second twenty twenty-six"),
        ("1985-01-03T08:00:00Z", "date", "一九 八五年 一月 三日",
         "January third nineteen eighty-five"),
        ("2009-02-01", "date", "二零 零九年 二月 一日", "February first two thousand nine"),
        ("1900-12-31", "date", "一九 零零年 十二月 三十一日",
         "December thirty-first nineteen hundred"),
        ("1807-06-12", "date", "一 八 零七年 六月 十二日", "June twelfth eighteen oh seven"),
        ("17:05", "time", "十七点 零五分", "five oh five P.M"),
        ("9:45", "time", "九点 四十五分", "nine forty-five A.M"),
        ("2026-11-22T14:12:59+08:00", "time", "十四点 十二分", "two twelve P.M"),
        ("02:00", "time", "两点", "two A.M"),
        ("00:00", "time", "零点", "midnight"),
        ("12:00:00", "time", "十二点", "noon"),
        ("12:30", "time", "十二点 三十分", "twelve thirty P.M"),
        (0, "duration", "零秒", "zero seconds"),
        (59.6, "duration", "一分钟", "one minute"),
        (150, "duration", "两分钟 三十秒", "two minutes thirty seconds"),
        ("PT1H30M", "duration", "一小时 三十分钟", "one hour thirty minutes"),
        ("P2DT11H59M40S", "duration", "两 天 十二小时", "two days twelve hours"),
        (86_380, "duration", "一 天", "one day"),
        ("PT26H", "duration", "一 天 两小时", "one day two hours"),
        ("+8613800138000", "phone", "幺三 八 | 零零 幺三 | 八零 零零",
         "one three eight | zero zero one three | eight zero zero zero"),
        ("076912345678", "phone", "零七 六九 | 幺二 三四 | 五六 七八",
         "zero seven six nine | one two three four | five six seven eight"),
        ("10086", "phone", "幺零 零八 六", "one zero zero eight six"),
    ],
)  # fmt: skip
def test_a_value_is_said_as_an_operator_says_it(
    value: Value, say_as: str, chinese: str, english: str
) -> None:
    said = english.replace("A.", "A").replace("B.", "B").replace("E. U. R.", "E U R")
    assert told(value, say_as, "zh") == chinese
    assert told(value, say_as, "en").replace(".", "") == said.replace(".", "")


@pytest.mark.parametrize(
    ("value", "say_as"),
    [
        ("2026-02-30", "date"), ("22.11.2026", "date"), ("", "date"), (True, "date"),
        ("25:00", "time"), ("17:60", "time"), ("five", "time"),
        ("", "digits"), ("- -", "digits"), ("12a", "digits"),
        ("much", "number"), ("1_000", "number"), ("1,23", "number"), ("１２", "number"),
        (float("nan"), "number"), (float("inf"), "number"), (10**12, "number"),
        (0, "ordinal"), (-1, "ordinal"), (1.5, "ordinal"), (10**6, "ordinal"),
        ("USD", "money"), ("USD 5 CNY", "money"), ("5 dollars", "money"), ("", "money"),
        (-1, "duration"), ("P", "duration"), ("PT", "duration"), ("P1M", "duration"),
        ("1:30", "duration"), (10**9, "duration"),
        ("", "phone"), ("王芳", "phone"), ("王芳", "letters"), ("words", "text"),
    ],
)  # fmt: skip
def test_what_is_none_of_its_kind_is_told_apart(value: Value, say_as: str) -> None:
    with pytest.raises(Unsayable):
        saying.clips(value, SayAs(say_as), "en")


@settings(max_examples=examples(50))
@given(st.text(max_size=80) | st.floats() | st.integers(-(10**13), 10**13))
def test_whatever_it_is_it_is_said_by_clips_rendered_beforehand_or_refused(value: Value) -> None:
    for language, known in KNOWN.items():
        assert set(saying.sign_by_sign(value, language)) <= known
        for say_as in SayAs:
            try:
                assert set(saying.clips(value, say_as, language)) <= known
            except Unsayable:
                continue


@settings(max_examples=examples(50))
@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(0, 99))
def test_every_amount_and_count_has_its_clips(whole: int, cents: int) -> None:
    for say_as in ("number", "money"):
        for language in KNOWN:
            told(f"{whole}.{cents:02}", say_as, language)
            told(whole, say_as, language)


@settings(max_examples=examples(50))
@given(st.dates(), st.times(), st.integers(1, 999_999))
def test_every_day_time_and_place_has_its_clips(day: object, time: object, place: int) -> None:
    for language in KNOWN:
        told(str(day), "date", language)
        told(str(time), "time", language)
        told(place, "ordinal", language)


@given(st.text(string.digits, min_size=1, max_size=200))
def test_nobody_has_to_listen_to_endless_signs(digits: str) -> None:
    assert len(saying.sign_by_sign(digits, "en")) == min(len(digits), 64)


def test_a_piece_before_a_value_keeps_the_voice_up_and_one_behind_it_begins_with_a_word() -> None:
    name = Slot("n", SayAs.NUMBER)

    assert joined(pieces("您有{n:number}个包裹。"), "zh") == ("您有，", name, "个包裹。")
    assert joined(pieces("You owe {n:number}; {n:number}, please."), "en") == (
        "You owe,", name, name, "please.",
    )  # fmt: skip
    assert joined(pieces("Number: {n:number}."), "en") == ("Number:", name)
    assert joined(pieces("Welcome to us"), "en") == ("Welcome to us",)


@settings(max_examples=examples(100))
@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
@example(100_813, 13)
@example(1_020_304_050, 5)
def test_no_figure_is_lost_between_the_clips(whole: int, hundredths: int) -> None:
    number = f"{whole}.{hundredths:02}"
    assert told(number, "number", "zh").replace(" ", "") == decimals(number)

    yuan = told(number, "money", "zh").replace(" ", "")
    if whole:
        assert yuan.startswith(f"{'两' if whole == 2 else quantity(whole)}元")


def test_all_clips_are_shipped() -> None:
    cache = Cache(SHIPPED)
    for clip, language in clips():
        name = clip_key if clip.snug else text_key
        assert cache.find(name(clip.text, language, voice_for(SHIPPED_VOICES, language))), clip
