"""Reviews of recordings, and calibrations of those who review."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Identifier, Line, Page, Resource, Text, Version, Word

Moment = Annotated[int, Field(ge=0, le=24 * 3600 * 1000)]
Value = Literal["yes", "no", "na"] | Annotated[int, Field(strict=True, ge=1, le=10)]
Days = Annotated[int, Field(ge=1, le=60)]


class TimeMark(Resource):
    """From one moment of the recording up to another, in milliseconds of it as it was recorded."""

    from_ms: Moment
    to_ms: Moment
    note: Annotated[str, Field(max_length=500)] = ""


class ReviewAnswerView(Resource):
    """``error``: the code of the kind that a fault is of."""

    question: Word
    value: Value
    error: Word | None = None
    note: Line | None = None
    marks: Annotated[list[TimeMark], Field(max_length=50)] = Field(default=[])


Answers = Annotated[list[ReviewAnswerView], Field(max_length=1000)]


class ReviewCreate(Resource):
    """By hand; ``reviewer_id``: whoever asks, if nobody is named. Others take quality.manage."""

    recording_id: Identifier
    scorecard_id: Word
    reviewer_id: Identifier | None = None
    days: Days = 7


class ReviewDraft(Resource):
    """All answers so far, in the place of those there are."""

    version: Version
    answers: Answers
    comment: Text | None = None


class ReviewStepWanted(Resource):
    version: Version


class ReviewSaid(Resource):
    """With what there is to say to it."""

    version: Version
    text: Text


class ReviewSettled(Resource):
    """``answers``: all of them, in the place of the reviewer's; without, these stand."""

    version: Version
    text: Text
    answers: Answers | None = None


class ReviewAssigned(Resource):
    version: Version
    reviewer_id: Identifier


class ReviewRow(Resource):
    """
    ``state``: draft, submitted, acknowledged, objected, settled or withdrawn. ``score`` is per
    cent; ``critical``: a critical question was failed; ``changed``: settling changed the outcome.
    """

    id: str
    version: int
    recording_id: str
    contact_id: str
    agent_id: str
    queue: str
    reviewer_id: str
    scorecard_id: str
    scorecard_version: int
    plan_id: str | None
    week: str | None
    calibration_id: str | None
    state: str
    score: float | None
    passed: bool | None
    critical: bool
    changed: bool
    due_at: datetime
    created_at: datetime
    submitted_at: datetime | None


class ReviewPage(Page[ReviewRow]):
    """The newest first."""


class ReviewStepView(Resource):
    """``score``: that of the moment."""

    number: int
    action: str
    by: str
    at: datetime
    text: str | None
    score: float | None


class ReviewView(ReviewRow):
    """
    ``sections``: the score of each, null where nothing in it applies; empty until all questions are
    answered. ``length_ms``: of the recording, whose sound is at ``audio``.
    """

    length_ms: int
    audio: str
    comment: str | None
    answers: list[ReviewAnswerView]
    sections: dict[str, float | None]
    steps: list[ReviewStepView]


class CalibrationCreate(Resource):
    """Each of the reviewers judges each of the recordings, and sees nothing of the others'."""

    title: Line
    scorecard_id: Word
    recording_ids: Annotated[list[Identifier], Field(min_length=1, max_length=20)]
    reviewer_ids: Annotated[list[Identifier], Field(min_length=2, max_length=30)]
    days: Days = 7


class QuestionAgreement(Resource):
    """``units``: recordings that two or more have judged by it."""

    question: str
    measure: str
    alpha: float | None
    units: int


class JudgementDifference(Resource):
    """``values`` by reviewer."""

    recording_id: str
    question: str
    values: dict[str, Value]


class AgreementView(Resource):
    """Krippendorff's alpha: 1 is agreement, 0 is chance; null where nothing could be told apart."""

    alpha: float | None
    units: int
    questions: list[QuestionAgreement]
    differences: list[JudgementDifference]


class CalibrationView(Resource):
    """``submitted``: how many of its reviews; ``agreement`` is there when it is closed."""

    id: str
    version: int
    title: str
    scorecard_id: str
    scorecard_version: int
    recording_ids: list[str]
    reviewer_ids: list[str]
    state: str
    due_at: datetime
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    submitted: int
    agreement: AgreementView | None


class CalibrationPage(Page[CalibrationView]):
    """The newest first."""
