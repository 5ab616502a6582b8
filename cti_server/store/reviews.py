"""Reviews: what reviewers answered of recordings, and what became of it step by step."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.quality.scoring import Answer, Mark, Value
from crm.quality.steps import HIDDEN, Judged
from crm.timeline import Place

from .agents import Agent
from .base import Base
from .calibrations import CLOSED, Calibration
from .places import before
from .versions import Versioned

DRAFT, WITHDRAWN = "draft", "withdrawn"
_WORDS: Mapping[str, Value] = {"yes": "yes", "no": "no", "na": "na"}


class Review(Versioned, Base, kw_only=True):
    """
    One reviewer's judgement of one recording; ``state`` as :mod:`crm.quality.steps` has it.

    ``plan_id`` chose it for the ``week``; of a ``calibration_id`` it judges nobody. ``score`` (per
    cent), ``passed`` and ``critical`` (a critical question was failed) are of the answers that were
    submitted, or settled last; ``changed``: settling gave another outcome.
    """

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("calibration_id", "recording_id", "reviewer_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(index=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    interaction_id: Mapped[str]
    agent_id: Mapped[str]
    queue: Mapped[str]
    length_ms: Mapped[int]
    reviewer_id: Mapped[str]
    scorecard_id: Mapped[str] = mapped_column(ForeignKey("scorecard.id"))
    scorecard_version: Mapped[int]
    due_at: Mapped[datetime]
    plan_id: Mapped[str | None] = mapped_column(default=None)
    week: Mapped[str | None] = mapped_column(default=None)
    calibration_id: Mapped[str | None] = mapped_column(ForeignKey("calibration.id"), default=None)
    state: Mapped[str] = mapped_column(default=DRAFT)
    comment: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[float | None] = mapped_column(default=None)
    passed: Mapped[bool | None] = mapped_column(default=None)
    critical: Mapped[bool] = mapped_column(default=False)
    changed: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def judged(self) -> Judged:
        return Judged(self.reviewer_id, self.agent_id, self.calibration_id is not None)


class ReviewAnswer(Base, kw_only=True):
    """``value`` as JSON has it, but as text; ``marks``: places in the recording, with notes."""

    __tablename__ = "review_answer"

    review_id: Mapped[str] = mapped_column(ForeignKey("review.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    fault: Mapped[bool]
    error: Mapped[str | None] = mapped_column(ForeignKey("error_code.id"), default=None)
    note: Mapped[str | None] = mapped_column(default=None)
    marks: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)

    @property
    def answer(self) -> Answer:
        value = _WORDS[self.value] if self.value in _WORDS else int(self.value)
        marks = [Mark(**mark) for mark in self.marks]
        return Answer(self.question, value, self.error, self.note, marks)


class ReviewStep(Base, kw_only=True):
    """What somebody did with a review, and said to it; ``score`` is that of the moment."""

    __tablename__ = "review_step"

    review_id: Mapped[str] = mapped_column(ForeignKey("review.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[float | None] = mapped_column(default=None)


_ONCE = text("calibration_id IS NULL AND state <> 'withdrawn'")
Index(
    "uq_review_recording_once",
    Review.recording_id,
    unique=True,
    sqlite_where=_ONCE,
    postgresql_where=_ONCE,
)
"""A recording is reviewed once, whoever chose it."""
Index("ix_review_reviewer_id_state", Review.reviewer_id, Review.state)
Index("ix_review_created_at_id", Review.created_at, Review.id)
Index("ix_review_agent_id_created_at_id", Review.agent_id, Review.created_at, Review.id)
Index("ix_review_plan_id_week", Review.plan_id, Review.week)
Index("ix_review_submitted_at", Review.submitted_at)


def seen_by(agent_id: str, teams: frozenset[str] | None, *, reads: bool) -> ColumnElement[bool]:
    """
    For a query's WHERE: their own once submitted, those that they review, and with ``reads`` those
    of their teams' agents; of a calibration others' only when it is closed.
    """
    plain = Review.calibration_id.is_(None)
    own = and_(Review.agent_id == agent_id, plain, Review.state.not_in(HIDDEN))
    mine = Review.reviewer_id == agent_id
    if not reads:
        return or_(own, mine)
    closed = exists().where(Calibration.id == Review.calibration_id, Calibration.state == CLOSED)
    others = and_(Review.agent_id != agent_id, or_(plain, closed))
    if teams is not None:
        team = or_(Agent.team.is_(None), Agent.team.in_(teams))
        others = and_(others, exists().where(Agent.id == Review.agent_id, team))
    return or_(own, mine, others)


class Reviews:
    """The stored reviews. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(
        self, review_id: str, seen: ColumnElement[bool], *, locked: bool = False
    ) -> Review | None:
        query = select(Review).where(Review.id == review_id, seen)
        return await self._session.scalar(query.with_for_update(of=Review) if locked else query)

    async def page(
        self, limit: int, place: Place | None, seen: ColumnElement[bool], **only: str | None
    ) -> Sequence[Review]:
        """The newest first; ``only``: columns' values, where they are not None."""
        at, id = Review.created_at, Review.id
        query = select(Review).where(seen, *before(at, id, place))
        for name, value in only.items():
            if value is not None:
                query = query.where(getattr(Review, name) == value)
        return (
            await self._session.scalars(query.order_by(at.desc(), id.desc()).limit(limit))
        ).all()

    async def of_calibration(self, calibration_id: str) -> Sequence[Review]:
        query = select(Review).where(Review.calibration_id == calibration_id)
        return (await self._session.scalars(query.order_by(Review.id))).all()

    async def loads(self, reviewer_ids: Collection[str]) -> Mapping[str, int]:
        """How many each has to do."""
        query = (
            select(Review.reviewer_id, func.count())
            .where(Review.reviewer_id.in_(reviewer_ids), Review.state == DRAFT)
            .group_by(Review.reviewer_id)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def is_shown_to(self, agent_id: str, recording_id: str) -> bool:
        """Whether the agent was judged by this recording, and told so."""
        query = select(Review.id).where(
            Review.recording_id == recording_id,
            Review.agent_id == agent_id,
            Review.calibration_id.is_(None),
            Review.state.not_in(HIDDEN),
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def answers(self, review_ids: Collection[str]) -> Mapping[str, Sequence[ReviewAnswer]]:
        query = select(ReviewAnswer).where(ReviewAnswer.review_id.in_(review_ids))
        found: defaultdict[str, list[ReviewAnswer]] = defaultdict(list)
        for one in await self._session.scalars(query):
            found[one.review_id].append(one)
        return found

    async def replace_answers(self, review_id: str, answers: Sequence[ReviewAnswer]) -> None:
        await self._session.execute(delete(ReviewAnswer).where(ReviewAnswer.review_id == review_id))
        self._session.add_all(answers)
        await self._session.flush()

    async def steps(self, review_id: str) -> Sequence[ReviewStep]:
        query = select(ReviewStep).where(ReviewStep.review_id == review_id)
        return (await self._session.scalars(query.order_by(ReviewStep.number))).all()

    async def add_step(self, step: ReviewStep) -> None:
        """``number`` is given here."""
        last = await self._session.scalar(
            select(func.max(ReviewStep.number)).where(ReviewStep.review_id == step.review_id)
        )
        step.number = (last or 0) + 1
        self._session.add(step)

    async def withdraw_of(self, recording_ids: Sequence[str], now: datetime) -> None:
        """Nobody can hear these any more: what was not submitted is not to be done."""
        await self._session.execute(
            update(Review)
            .where(Review.recording_id.in_(recording_ids), Review.state == DRAFT)
            .values(state=WITHDRAWN, updated_at=now, version=Review.version + 1)
        )
