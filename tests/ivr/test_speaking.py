"""The node that asks for words: where they lead, what is asked again, what its author is told."""

from pathlib import Path

import pytest

from ivr.actions import Ask, Digits, Enqueue, NoInput, NotUnderstood, Spoken
from ivr.checker import check_phrases
from ivr.errors import FlowInvalid
from ivr.flow import parse
from ivr.journeys import load_journeys
from ivr.travelling import walk_all
from ivr.vocabulary import Vocabulary
from ivr.walk import Left, Walk

FLOW = """
languages: [zh, en]
start: wish
person_key: "0"
prompts:
  wish: {zh: 请说, en: Say it}
  again: {zh: 请再说, en: Say it again}
  bill: {zh: 账单对吗, en: Billing or not}
  wrong: {zh: 没听懂, en: Pardon}
nodes:
  wish:
    type: speech
    prompt: wish
    retry: again
    invalid: wrong
    attempts: 3
    choices:
      bill:
        go_to: billing
        key: "1"
        confirm: bill
        phrases:
          zh: [账单查询]
          en: [my bill]
      person: {go_to: operator, key: "0", confirm: bill, phrases: {zh: [人工服务], en: [operator]}}
      english: {go_to: wish, language: en, confirm: bill, phrases: {zh: [英语], en: [english]}}
    otherwise: operator
  billing: {type: queue, queue: billing}
  operator: {type: queue, queue: operator}
"""
JOURNEYS = """
journeys:
  - name: said
    walk:
      - {hears: wish, says: 账单查询}
      - queue: billing
  - name: pressed
    walk:
      - {hears: wish, presses: "1"}
      - queue: billing
  - name: in English, not clearly, and a person after all
    walk:
      - {hears: wish, language: zh, says: 英语}
      - {hears: wish, language: en, says: {text: My bill, clear: false}}
      - {hears: bill, says: "yes"}
      - queue: billing
  - name: it was not meant
    walk:
      - {hears: wish, says: {text: 账单查询, clear: false}}
      - {hears: bill, says: 不对}
      - {hears: again, says: 今天天气怎么样}
      - queue: operator
  - name: a person, from the confirmation as well
    walk:
      - {hears: wish, says: {text: 账单查询, clear: false}}
      - {hears: bill, presses: "0"}
      - queue: operator
"""


def walk_with(*answers: Spoken | NotUnderstood | Digits | NoInput) -> list[object]:
    walk = Walk(parse(FLOW, "speech.yaml"))
    return [walk.advance(answer) for answer in (None, *answers)]


def names(action: object) -> list[str]:
    assert isinstance(action, Ask)
    return [prompt.name for prompt in action.prompts]


def test_the_question_carries_the_phrases_of_the_callers_language() -> None:
    asked, in_english = walk_with(Spoken("english"))

    assert isinstance(asked, Ask)
    assert isinstance(in_english, Ask)
    assert asked.vocabulary == Vocabulary(
        "zh", (("bill", "账单查询"), ("person", "人工服务"), ("english", "英语"))
    )
    assert in_english.vocabulary is not None
    assert in_english.vocabulary.phrases[0] == ("bill", "my bill")


def test_what_is_certain_is_followed_and_what_is_not_is_asked_about() -> None:
    assert walk_with(Spoken("bill"))[-1] == Enqueue("billing", node="billing")

    _, confirm, there = walk_with(Spoken("bill", sure=False), Spoken("yes"))
    assert names(confirm) == ["bill"]
    assert isinstance(confirm, Ask)
    assert confirm.confirms == "bill"
    assert there == Enqueue("billing", node="billing")


@pytest.mark.parametrize(
    "answer", [Spoken("no"), Spoken("yes", sure=False), NotUnderstood(), NoInput(), Digits("2")]
)
def test_everything_but_a_clear_yes_asks_anew(
    answer: Spoken | NotUnderstood | NoInput | Digits,
) -> None:
    assert names(walk_with(Spoken("bill", sure=False), answer)[-1]) == ["again"]


def test_who_is_never_understood_comes_to_where_silence_leads() -> None:
    unclear = Spoken("bill", sure=False)
    ends = [
        walk_with(NotUnderstood(), NotUnderstood(), NotUnderstood())[-1],
        walk_with(NoInput(), NoInput(), NoInput())[-1],
        walk_with(unclear, NoInput(), unclear, NoInput())[-1],
    ]

    assert ends == [Enqueue("operator", node="operator")] * 3
    assert names(walk_with(NotUnderstood())[-1]) == ["wrong", "again"]


def test_journeys_say_what_callers_say(tmp_path: Path) -> None:
    (tmp_path / "speech.yaml").write_text(JOURNEYS, encoding="utf-8")
    book = load_journeys(tmp_path / "speech.yaml")

    faults = [str(one.fault) for one in walk_all(parse(FLOW, "speech.yaml"), book) if one.fault]

    assert faults == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("          en: [my bill]\n", "", "nothing is said for 'bill' in 'en'"),
        ("          en: [my bill]", "          fr: [facture]", "'fr' is not among"),
        ('key: "0", confirm', 'key: "1", confirm', "key '1' stands for two choices"),
        ('key: "0", confirm', 'key: "5", confirm', "key 0 does not lead to a person"),
        ("[人工服务]", "[]", "at least 1"),
        ("attempts: 3", "yes_key: '2'", "yes_key and no_key are the same"),
        ("confirm: bill\n", "confirm: bull\n", "unknown prompt 'bull'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, said: str) -> None:
    assert FLOW.count(old) == 1
    with pytest.raises(FlowInvalid) as refused:
        parse(FLOW.replace(old, new), "speech.yaml")

    told = [str(one) for one in refused.value.problems]
    assert [one for one in told if said in one and "speech.yaml:1:" not in one], told


def test_phrases_that_nobody_understands_or_tells_apart_are_told_with_their_lines() -> None:
    def sound(phrase: str, language: str) -> str:
        if phrase == "zorbling":
            raise ValueError("'zorbling' is not in the English dictionary")
        return phrase.replace("sail", "sale")

    text = FLOW.replace("[my bill]", "[sail, zorbling]").replace("[operator]", "[sale]")
    problems = [str(one) for one in check_phrases(parse(text, "speech.yaml"), sound)]

    assert problems == [
        "speech.yaml:24: node 'wish': 'zorbling': 'zorbling' is not in the English dictionary",
        "speech.yaml:25: node 'wish': 'sale' sounds as a phrase of 'bill' does",
    ]


def test_a_journey_says_nothing_where_keys_are_asked_for(tmp_path: Path) -> None:
    keys = "languages: [en]\nstart: a\nprompts: {p: {en: Press}}\nnodes:\n"
    keys += "  a: {type: menu, prompt: p, choices: {'1': b}, otherwise: b}\n"
    keys += "  b: {type: queue, queue: q}\n"
    told = "journeys:\n  - name: loud\n    walk: [{hears: p, says: hello}, {queue: q}]\n"
    (tmp_path / "keys.yaml").write_text(told, encoding="utf-8")
    [outcome] = walk_all(parse(keys, "keys.yaml"), load_journeys(tmp_path / "keys.yaml"))

    assert "nobody listens here" in str(outcome.fault)


def test_words_lead_the_same_way_as_keys_in_the_figures_and_what_led_nowhere_is_counted() -> None:
    walk = Walk(parse(FLOW, "speech.yaml"))
    for answer in (None, NotUnderstood(), Spoken("bill", sure=False), Spoken("yes")):
        walk.advance(answer)
    spoken_to = Walk(parse(FLOW, "speech.yaml"))
    for said in (None, Spoken("english"), Digits("1")):
        spoken_to.advance(said)

    assert walk.left == [Left("1", asked=3, wrong=1)]
    assert [left.way for left in spoken_to.left] == ["choices.english", "1"]
