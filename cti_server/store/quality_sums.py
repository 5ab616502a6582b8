"""
What reviews and calibrations add up to. On a connection of the caller's.

A review counts when it was submitted, with what it says by now; of calibrations none does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, func, select

from .calibrations import Calibration
from .quarter_sums import Sums
from .reviews import Review, ReviewAnswer
from .scorecards import ErrorCode, ScorecardRecord

BEST = 10_000
"""A score of 100 per cent, which has two digits, as a whole number."""


def reviews(connection: Connection, since: datetime, until: datetime) -> Sums:
    """By agent, queue and scorecard."""
    keys = (Review.agent_id, Review.queue, Review.scorecard_id)
    values: Mapping[str, ColumnElement[Any]] = {
        "reviews": func.count(),
        "score_points": func.sum(cast(func.round(Review.score * 100), Integer)),
        "score_best": func.count(Review.score) * BEST,
        "passed": _number(Review.passed.is_(True)),
        "critical": _number(Review.critical.is_(True)),
        "acknowledged": _number(Review.state == "acknowledged"),
        "objected": _number(Review.state.in_(["objected", "settled"])),
        "changed": _number(Review.changed.is_(True)),
    }
    query = select(*keys, *values.values()).where(*_counted(since, until)).group_by(*keys)
    found: Sums = {
        tuple(row[:3]): Counter(
            {name: int(value or 0) for name, value in zip(values, row[3:], strict=True)}
        )
        for row in connection.execute(query)
    }
    query = (
        select(*keys, func.count())
        .join(ReviewAnswer, ReviewAnswer.review_id == Review.id)
        .where(*_counted(since, until), ReviewAnswer.fault)
        .group_by(*keys)
    )
    for row in connection.execute(query):
        found[tuple(row[:3])]["faults"] = row[3]
    return found


def errors(
    connection: Connection, since: datetime, until: datetime
) -> Mapping[tuple[str, str], int]:
    """How many faults were of which kind, by agent and code."""
    keys = (Review.agent_id, ReviewAnswer.error)
    query = (
        select(*keys, func.count())
        .join(ReviewAnswer, ReviewAnswer.review_id == Review.id)
        .where(*_counted(since, until), ReviewAnswer.error.is_not(None))
        .group_by(*keys)
    )
    return {(row[0], str(row[1])): row[2] for row in connection.execute(query)}


def calibrations(connection: Connection, since: datetime, until: datetime) -> Sums:
    """Those that were closed then."""
    one = Calibration
    query = select(one.id, one.recording_ids, one.reviewer_ids, one.alpha).where(
        one.closed_at >= since, one.closed_at < until
    )
    return {
        (id,): Counter(
            recordings=len(recordings),
            reviewers=len(reviewers),
            alpha=0 if alpha is None else round(alpha * BEST),
            judged=0 if alpha is None else BEST,
        )
        for id, recordings, reviewers, alpha in connection.execute(query)
    }


def labels(connection: Connection) -> Sequence[tuple[str, str, Mapping[str, str], str | None]]:
    """Of scorecards and codes: which of the two, the id, the labels, the group."""
    cards = select(ScorecardRecord.id, ScorecardRecord.labels)
    codes = select(ErrorCode.id, ErrorCode.labels, ErrorCode.parent_id)
    return [
        *(("scorecard", id, labels, None) for id, labels in connection.execute(cards)),
        *(("error", id, labels, group) for id, labels, group in connection.execute(codes)),
    ]


def titles(connection: Connection) -> Mapping[str, str]:
    """Of calibrations."""
    rows = connection.execute(select(Calibration.id, Calibration.title))
    return {row[0]: row[1] for row in rows}


def _counted(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    at = Review.submitted_at
    return [at >= since, at < until, Review.calibration_id.is_(None)]


def _number(claim: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((claim, 1), else_=0))
