"""The nodes of surveys: a mark, and an alert for the supervisors."""

import pytest

from ivr.actions import Action, Answer, Ask, Digits, HangUp, NoInput, Prompt
from ivr.errors import FlowInvalid
from ivr.flow import parse
from ivr.inquiries import Alert, Alerted, Rate, Rated
from ivr.walk import Walk

SURVEY = """\
languages: [en]
start: rate
after_service: true
prompts: {how: {en: "How was it?"}, what: {en: "No."}}
nodes:
  rate:
    type: rate
    prompt: how
    invalid: what
    question: help
    best: 3
    choices: {"9": complain}
    attempts: 2
    then: why
    otherwise: nothing
  why:
    type: branch
    cases: [{when: "rating <= 1", go_to: complain}]
    otherwise: thanks
  complain: {type: alert, kind: complaint, message: caller_number, then: thanks}
  thanks: {type: hang_up, reason: thanks}
  nothing: {type: hang_up, reason: nothing}
"""
HOW = Prompt("how", "en")


def walked(*answers: Answer, text: str = SURVEY) -> list[Action]:
    walk = Walk(parse(text, "survey.yaml"), {"caller_number": "m1"})
    return [walk.advance(answer) for answer in (None, *answers)]


def test_a_mark_is_kept_and_known_to_what_comes_after() -> None:
    asked, kept, ended = walked(Digits("2"), Rated(2))

    assert isinstance(asked, Ask)
    assert asked.prompts == (HOW,)
    assert kept == Rate("help", 2, 3, node="rate")
    assert ended == HangUp("thanks", node="thanks")


def test_the_worst_mark_and_the_key_for_it_are_complaints() -> None:
    alert = Alert("complaint", "m1", node="complain")

    assert walked(Digits("1"), Rated(1), Alerted())[2:] == [alert, HangUp("thanks", node="thanks")]
    assert walked(Digits("9"))[-1] == alert


@pytest.mark.parametrize("answer", [Digits("4"), Digits("0"), Digits("12"), NoInput()])
def test_what_is_no_mark_is_asked_again_and_then_let_be(answer: Answer) -> None:
    _, again, ended = walked(answer, answer)

    assert isinstance(again, Ask)
    assert ended == HangUp("nothing", node="nothing")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({'"9": complain': '"3": complain'}, "key 3 is both a mark and a choice"),
        ({"best: 3": "best: 10"}, "less than or equal to 9"),
        ({"after_service: true\n": ""}, "node 'rate': no way to a person"),
        ({"message: caller_number": "message: unheard_of"}, "unheard_of"),
    ],
)
def test_a_survey_that_cannot_be_is_refused(change: dict[str, str], problem: str) -> None:
    text = SURVEY
    for old, new in change.items():
        text = text.replace(old, new)

    with pytest.raises(FlowInvalid, match=problem):
        parse(text, "survey.yaml")
