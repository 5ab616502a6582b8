"""What the answers to a scorecard make: points, faults and the score. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from crm.errors import InvalidField

from .scorecards import Marks, Question, Scorecard, YesNo
from .taxonomy import Taxonomy

Value = Literal["yes", "no", "na"] | int
"""An answer; "na": the question does not apply."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the recording, in milliseconds of it as it was recorded."""

    from_ms: int
    to_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """``error``: of which kind the fault is."""

    question: str
    value: Value
    error: str | None = None
    note: str | None = None
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Scores are per cent, with two digits; None where no question of weight applies.

    ``faults``: the questions that were failed; ``critical``: those of them that failed more.
    """

    score: float | None
    passed: bool
    sections: Mapping[str, float | None]
    faults: Sequence[str]
    critical: Sequence[str]


@dataclass(slots=True)
class _Sum:
    weight: int = 0
    points: Fraction = field(default_factory=Fraction)
    failed: bool = False

    @property
    def per_cent(self) -> float | None:
        if not self.weight:
            return 0.0 if self.failed else None
        return 0.0 if self.failed else round(float(100 * self.points / self.weight), 2)


def points(question: Question, value: Value) -> Fraction | None:
    """From 0 to 1 of the question's weight; None where it does not apply."""
    match question.scale, value:
        case _, "na":
            return None
        case Marks(best=best), int(mark):
            return Fraction(mark - 1, best - 1)
        case _:
            return Fraction(value == "yes")


def is_fault(question: Question, value: Value) -> bool:
    match question.scale, value:
        case Marks(passes=passes), int(mark):
            return mark < passes
        case _:
            return value == "no"


def outcome(card: Scorecard, answers: Mapping[str, Value]) -> Outcome:
    """
    Of answers to all questions. What does not apply leaves its weight to the others.

    A critical fault makes its section 0, with the weight of what applies in it, or the whole.
    """
    whole, sections = _Sum(), {section.id: _Sum() for section in card.sections}
    faults, critical = list[str](), list[str]()
    for section, question in card.questions():
        value, its = answers[question.id], sections[section.id]
        if (share := points(question, value)) is not None:
            its.weight += question.weight
            its.points += share * question.weight
        if is_fault(question, value):
            faults.append(question.id)
            its.failed |= question.critical == "section"
            whole.failed |= question.critical == "all"
            if question.critical != "no":
                critical.append(question.id)
    for its in sections.values():
        whole.weight += its.weight
        whole.points += Fraction(0) if its.failed else its.points
    score = whole.per_cent
    return Outcome(
        score=score,
        passed=not whole.failed and (score is None or score >= card.pass_mark),
        sections={name: its.per_cent for name, its in sections.items()},
        faults=faults,
        critical=critical,
    )


def check(card: Scorecard, answers: Sequence[Answer], taxonomy: Taxonomy, length_ms: int) -> None:
    """
    Raises InvalidField for an answer that the card has no place for.

    A draft may leave questions, and the kinds of its faults, for later.
    """
    questions = {question.id: question for _, question in card.questions()}
    seen = set[str]()
    for place, answer in enumerate(answers):
        where = f"answers.{place}"
        question = questions.get(answer.question)
        if question is None:
            raise InvalidField(f"{where}.question", "the scorecard has no such question")
        if answer.question in seen:
            raise InvalidField(f"{where}.question", "is answered already")
        seen.add(answer.question)
        _check_value(question, answer.value, f"{where}.value")
        if answer.error is not None:
            if not is_fault(question, answer.value):
                raise InvalidField(f"{where}.error", "this answer is no fault")
            taxonomy.check_choice(answer.error, question.errors, f"{where}.error")
        _check_marks(answer.marks, length_ms, where)


def check_complete(card: Scorecard, answers: Sequence[Answer]) -> None:
    """Raises InvalidField for what has to be there before a review is submitted."""
    given = {answer.question: answer for answer in answers}
    for _, question in card.questions():
        answer = given.get(question.id)
        if answer is None:
            raise InvalidField("answers", f"question {question.id!r} is not answered")
        if answer.error is None and is_fault(question, answer.value):
            raise InvalidField("answers", f"which error the fault of {question.id!r} is")


def _check_value(question: Question, value: Value, field: str) -> None:
    if value == "na":
        if not question.may_not_apply:
            raise InvalidField(field, "this question applies to every conversation")
        return
    match question.scale:
        case YesNo():
            if value not in {"yes", "no"}:
                raise InvalidField(field, "must be yes or no")
        case Marks(best=best):
            if not isinstance(value, int) or not 1 <= value <= best:
                raise InvalidField(field, f"must be a mark from 1 to {best}")


def _check_marks(marks: Sequence[Mark], length_ms: int, where: str) -> None:
    for place, mark in enumerate(marks):
        field = f"{where}.marks.{place}.to_ms"
        if mark.to_ms <= mark.from_ms:
            raise InvalidField(field, "must be later than from_ms")
        if mark.to_ms > length_ms:
            raise InvalidField(field, f"the recording ends at {length_ms}")
