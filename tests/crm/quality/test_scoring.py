"""What answers are worth, which are refused, and which scorecards make no sense."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm.errors import InvalidField
from crm.quality.scorecards import Scorecard
from crm.quality.scoring import Answer, Mark, check, check_complete, outcome
from crm.quality.taxonomy import Code, Taxonomy

from .cards import CARD, DEFINITION, FIVE, GOOD, question, section

CODES = Taxonomy(
    [
        Code("manner", None, active=True),
        Code("rude", "manner", active=True),
        Code("old", "manner", active=False),
        Code("wrong", None, active=True),
    ]
)


@pytest.mark.parametrize(
    ("answers", "score", "passed", "sections", "critical"),
    [
        ({}, 100.0, True, (100.0, 100.0, None), []),
        ({"greeting": "no"}, 90.0, True, (75.0, 100.0, None), []),
        # a mark of 3 of 5 is half of the way from 1 to 5
        ({"tone": 3}, 85.0, True, (62.5, 100.0, None), []),
        ({"tone": 1, "clear": 1}, 50.0, False, (25.0, 66.67, None), []),
        # what does not apply leaves its weight to the others
        ({"tone": "na"}, 100.0, True, (100.0, 100.0, None), []),
        ({"tone": "na", "greeting": "no"}, 85.71, True, (0.0, 100.0, None), []),
        # a critical fault takes its section, whatever else is right in it, with all its weight
        ({"correct": "no"}, 40.0, False, (100.0, 0.0, None), ["correct"]),
        ({"correct": "no", "clear": "na"}, 50.0, False, (100.0, 0.0, None), ["correct"]),
        # or everything
        ({"secrecy": "no"}, 0.0, False, (100.0, 100.0, None), ["secrecy"]),
        ({"secrecy": "na"}, 100.0, True, (100.0, 100.0, None), []),
    ],
)
def test_the_answers_make_the_score(
    answers: dict[str, Any],
    score: float,
    passed: bool,
    sections: tuple[float | None, ...],
    critical: list[str],
) -> None:
    made = outcome(CARD, GOOD | answers)

    assert (made.score, made.passed) == (score, passed)
    assert tuple(made.sections.values()) == sections
    assert list(made.critical) == critical


def test_a_conversation_to_which_no_question_of_weight_applies_has_no_score() -> None:
    card = Scorecard.model_validate(
        {"sections": [section("one", question("only", 100, may_not_apply=True))]}
    )

    made = outcome(card, {"only": "na"})

    assert (made.score, made.passed, made.faults) == (None, True, [])


VALUES: dict[str, list[Any]] = {
    "greeting": ["yes", "no"],
    "tone": [1, 2, 3, 4, 5, "na"],
    "correct": ["yes", "no"],
    "clear": [1, 2, 3, 4, 5, "na"],
    "secrecy": ["yes", "no", "na"],
}
answers = st.fixed_dictionaries({name: st.sampled_from(some) for name, some in VALUES.items()})


@given(answers, st.sampled_from(sorted(VALUES)))
def test_a_better_answer_never_makes_a_worse_score(given: dict[str, Any], name: str) -> None:
    if given[name] == "na":
        return
    better = outcome(CARD, given | {name: VALUES[name][-2] if name in {"tone", "clear"} else "yes"})
    worse = outcome(CARD, given)

    assert worse.score is not None
    assert better.score is not None
    assert 0 <= worse.score <= better.score <= 100
    assert better.passed >= worse.passed


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("unknown", "yes"), "answers.0.question"),
        (Answer("greeting", 3), "answers.0.value"),
        (Answer("greeting", "na"), "answers.0.value"),
        (Answer("tone", "yes"), "answers.0.value"),
        (Answer("tone", 6), "answers.0.value"),
        (Answer("greeting", "yes", error="rude"), "answers.0.error"),
        (Answer("tone", 3, error="rude"), "answers.0.error"),
        (Answer("greeting", "no", error="unknown"), "answers.0.error"),
        (Answer("greeting", "no", error="manner"), "answers.0.error"),  # a group
        (Answer("greeting", "no", error="old"), "answers.0.error"),
        (Answer("greeting", "no", error="wrong"), "answers.0.error"),  # not of its group
        (Answer("greeting", "yes", marks=[Mark(5, 5)]), "answers.0.marks.0.to_ms"),
        (Answer("greeting", "yes", marks=[Mark(0, 9001)]), "answers.0.marks.0.to_ms"),
    ],
)
def test_what_the_card_has_no_place_for_is_refused_by_field(answer: Answer, field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        check(CARD, [answer], CODES, 9000)

    assert refused.value.field == field


def test_what_fits_is_taken_and_a_draft_may_be_unfinished() -> None:
    given = [
        Answer("greeting", "no", "rude", "no name", [Mark(0, 9000, "here")]),
        Answer("tone", 2, "wrong"),
        Answer("secrecy", "no"),
    ]

    check(CARD, given, CODES, 9000)
    with pytest.raises(InvalidField, match="already"):
        check(CARD, [given[0], given[0]], CODES, 9000)
    with pytest.raises(InvalidField, match="correct"):
        check_complete(CARD, given)
    whole = [*given, Answer("correct", "yes"), Answer("clear", "na")]
    with pytest.raises(InvalidField, match="secrecy"):
        check_complete(CARD, whole)
    check_complete(CARD, [*whole[:2], Answer("secrecy", "no", "wrong"), *whole[3:]])


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ([section("a", question("q", 99))], "99"),
        ([section("a", question("q", 50), question("q", 50))], "questions"),
        ([section("a", question("q", 50)), section("a", question("r", 50))], "sections"),
        ([section("a", question("q", 100, scale=FIVE | {"passes": 6}))], "passes"),
        ([section("a", question("q", 100, scale=FIVE | {"passes": 1}, critical="all"))], "fault"),
        ([section("a")], "questions"),
        ([], "sections"),
    ],
)
def test_a_card_that_cannot_be_scored_is_refused(sections: list[Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Scorecard.model_validate(DEFINITION | {"sections": sections})


def test_the_tree_of_errors_is_four_levels_deep_at_most() -> None:
    chain = ["a", "b", "c", "d"]
    tree = Taxonomy(
        Code(one, parent, active=True) for one, parent in zip(chain, [None, *chain], strict=False)
    )

    assert list(tree.path("d")) == ["d", "c", "b", "a"]
    tree.check_parent("c")
    with pytest.raises(InvalidField, match="4 levels"):
        tree.check_parent("d")
    with pytest.raises(InvalidField, match="no such code"):
        tree.check_parent("x")
    tree.check_choice("d", ["b"], "error")
    tree.check_known(["a"], "errors")
    with pytest.raises(InvalidField, match="'x'"):
        tree.check_known(["a", "x"], "errors")
