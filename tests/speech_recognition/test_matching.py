"""A transcript is one of the phrases, perhaps one of them, or none. Pure."""

import pytest

from cti_server.speech_recognition.ears import ear_for, sound
from cti_server.speech_recognition.errors import RecogniserMissing
from cti_server.speech_recognition.matching import matched
from cti_server.speech_recognition.sphinx import SphinxEar
from ivr.vocabulary import Vocabulary

from .said import CHINESE, ENGLISH

DIGITS = Vocabulary("zh", tuple((str(n), digit) for n, digit in enumerate("零一二三四五六七八九")))


@pytest.mark.parametrize(
    ("text", "vocabulary", "found"),
    [
        ("我要查帳單", CHINESE, ("bill", True)),  # another character of the same sound
        ("我要查账", CHINESE, ("bill", False)),
        ("账单查询", CHINESE, ("bill", True)),
        ("今天天气怎么样", CHINESE, None),
        ("账单查询技术支持人工服务", CHINESE, None),  # the menu itself, by echo or by invention
        ("", CHINESE, None),
        ("Billing, please.", ENGLISH, ("bill", True)),
        ("tecnical suport", ENGLISH, ("support", False)),
        ("hello", ENGLISH, None),
        ("3", DIGITS, ("3", True)),
        ("一 二 三 四 五 六 七", DIGITS, None),
        ("我想订一张机票", DIGITS, None),  # a single syllable is in many a sentence
    ],
)
def test_what_a_transcript_stands_for(
    text: str, vocabulary: Vocabulary, found: tuple[str, bool] | None
) -> None:
    assert matched(text, vocabulary) == found


def test_the_longer_phrase_counts_where_one_lies_in_the_other() -> None:
    bills = Vocabulary("en", (("bill", "bill"), ("bills", "old bill")))

    assert matched("my old bill", bills) == ("bills", True)
    assert matched("my bill", bills) == ("bill", True)


def test_sounds_tell_phrases_apart_and_what_has_none_is_refused() -> None:
    assert sound("sale", "en") == sound("sail", "en") != sound("bill", "en")
    assert sound("帐单", "zh") == sound("账单", "zh-CN")
    for phrase, language, why in (
        ("zorbling", "en", "'zorbling' is not in the English dictionary"),
        ("!", "en", "there is nothing to say in it"),
        ("???", "zh", "there is nothing in it that could be understood"),
        ("facture", "fr", "no recogniser understands 'fr'"),
    ):
        with pytest.raises(ValueError, match=why.replace("'", ".")):
            sound(phrase, language)


def test_the_settings_choose_among_those_that_understand_the_language() -> None:
    assert isinstance(ear_for("en-US", {"en": "sphinx"}), SphinxEar)
    with pytest.raises(RecogniserMissing, match="does not understand"):
        ear_for("zh", {"zh": "sphinx"})
