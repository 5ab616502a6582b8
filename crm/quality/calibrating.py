"""What a calibration shows: how far reviewers agree, and where they do not. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .agreement import Measure, Ratings, alpha, pairable
from .scorecards import Marks, Question, Scorecard
from .scoring import Value, points

Judgements = Mapping[str, Mapping[str, Mapping[str, Value]]]
"""By recording, by reviewer, by question."""


@dataclass(frozen=True, slots=True)
class OneQuestion:
    """``units``: recordings of which two reviewers or more have answered it."""

    question: str
    measure: Measure
    alpha: float | None
    units: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A question to which reviewers gave different answers of the same recording."""

    recording_id: str
    question: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``alpha``: over all questions of all recordings, by the share of the points given."""

    alpha: float | None
    units: int
    questions: Sequence[OneQuestion]
    differences: Sequence[Difference]


def compared(card: Scorecard, judgements: Judgements) -> Agreement:
    """
    What does not apply ("na") counts as not judged by that reviewer; as a difference it is listed.
    """
    judges = sorted({judge for by_judge in judgements.values() for judge in by_judge})
    questions = [question for _, question in card.questions()]
    by_question = {one.id: _ratings(one, judgements, judges) for one in questions}
    whole: Ratings = [
        [value for one in questions for value in _shares(one, by_question[one.id][place])]
        for place in range(len(judges))
    ]
    return Agreement(
        alpha=alpha(whole, "interval"),
        units=pairable(whole),
        questions=[_one(question, by_question[question.id]) for question in questions],
        differences=[
            Difference(recording_id, question.id, given)
            for recording_id, by_judge in judgements.items()
            for question in questions
            if len(set((given := _given(question, by_judge)).values())) > 1
        ],
    )


def measure_of(question: Question) -> Measure:
    return question.scale.measure if isinstance(question.scale, Marks) else "nominal"


def _given(question: Question, by_judge: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    return {
        judge: answers[question.id] for judge, answers in by_judge.items() if question.id in answers
    }


def _ratings(
    question: Question, judgements: Judgements, judges: Sequence[str]
) -> list[list[float | None]]:
    """A row for each judge, a column for each recording."""
    return [
        [_number(by_judge.get(judge, {}).get(question.id)) for by_judge in judgements.values()]
        for judge in judges
    ]


def _number(value: Value | None) -> float | None:
    match value:
        case None | "na":
            return None
        case "yes" | "no":
            return float(value == "yes")
        case _:
            return float(value)


def _shares(question: Question, row: Sequence[float | None]) -> list[float | None]:
    """The same as shares of the question's points, which are comparable among questions."""
    if not isinstance(question.scale, Marks):
        return list(row)
    return [None if one is None else _share(question, one) for one in row]


def _share(question: Question, mark: float) -> float | None:
    share = points(question, int(mark))
    return None if share is None else float(share)


def _one(question: Question, ratings: Ratings) -> OneQuestion:
    measure = measure_of(question)
    return OneQuestion(question.id, measure, alpha(ratings, measure), pairable(ratings))
