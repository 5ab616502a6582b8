"""Chinese text to phonemes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_tone3

from cti_server.speech.kokoro import _read_symbols
from cti_server.speech.mandarin import sentences, syllable


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("hao3", "xau↓"),
        ("zhong1", "ꭧʊ→ŋ"),
        ("zhi4", "ꭧɨ↘"),
        ("ci2", "ʦʰɨ↗"),
        ("xi1", "ɕi→"),
        ("er4", "ɚ↘"),
        ("nü3", "ny↓"),
        ("xue2", "ɕɥe↗"),
        ("yuan2", "ɥɛ↗n"),
        ("liu4", "ljou↘"),
        ("wei4", "wei↘"),
        ("bo1", "pwo→"),
        ("de5", "tɤ"),
        ("", ""),
        ("VIP", ""),
        ("xyz1", ""),
    ],
)
def test_a_syllable_is_spoken_by_its_initial_final_and_tone(pinyin: str, phonemes: str) -> None:
    assert syllable(pinyin) == phonemes


def test_every_reading_of_every_character_is_made_of_the_models_symbols() -> None:
    readings = {to_tone3(one, neutral_tone_with_five=True)
                for many in PINYIN_DICT.values() for one in many.split(",")}  # fmt: skip
    symbols = set(_read_symbols())

    silent = {reading for reading in readings if not syllable(reading)}

    assert len(readings) > 1300
    assert all(set(syllable(reading)) <= symbols for reading in readings)
    assert len(silent) < 10, silent


def test_words_stay_together_and_sentences_apart() -> None:
    assert list(sentences("您好，请按一。人工服务！")) == [
        "ni↗nxau↓, ʨʰi↓ŋ a↘n i→.",
        "ɻə↗nkʊ→ŋ fu↗u↘!",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("重听", "ꭧʰʊ↗ŋtʰi→ŋ"),  # not zhòng
        ("重新", "ꭧʰʊ↗ŋɕi→n"),
        ("营业厅", "i↗ŋjɛ"),
        ("银行", "i↗nxa↗ŋ"),
        ("为您", "wei↘"),
    ],
)
def test_characters_of_several_readings_are_read_as_the_hotline_means_them(
    text: str, wanted: str
) -> None:
    said = "".join(sentences(text)).replace(" ", "")
    assert wanted[:4] in said


def test_english_words_inside_chinese_are_spoken_as_english() -> None:
    (said,) = sentences("您是VIP客户。")
    assert "vˌiˌIpˈi" in said


@settings(deadline=None)  # the dictionaries load in the first one
@given(st.text(max_size=60))
def test_any_text_becomes_symbols_or_nothing(text: str) -> None:
    for sentence in sentences(text):
        assert sentence.strip() == sentence
        assert sentence
