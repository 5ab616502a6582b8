"""
The queues' figures of the past, added up by the database. What they mean: docs/figures.md.

As live ones, each counts when it is over: a wait when it ends, a handling when its wrap-up does.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from acd.service_level import ServiceLevel

from .agent_states import AgentStatus
from .interactions import Interaction
from .moments import seconds_between
from .queue_waits import QueueWait
from .stretches import Stretches

LONGEST_WRAP_UP = timedelta(hours=24)
SHARES = (0.5, 0.9, 0.95)

Key = tuple[int, str]
"""The number of the stretch, and the queue."""


@dataclass(slots=True)
class Reported:
    """Sums of one stretch and queue, by name; ``quantiles`` of the waits by share, in seconds."""

    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    quantiles: dict[float, float] = field(default_factory=dict)
    handled_by: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By agent: handlings and their seconds. Who was offered something and took nothing has 0."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    ``levels``: the queues' targets, by name, of which ``usual`` is every other's. ``queue``: of one
    queue only.
    """

    stretches: Stretches
    levels: Mapping[str, ServiceLevel]
    usual: ServiceLevel
    queue: str | None = None


async def queue_report(session: AsyncSession, asked: Asked) -> dict[Key, Reported]:
    found: dict[Key, Reported] = defaultdict(Reported)
    for query in (_joined(asked), _waits(asked), _handlings(asked)):
        for number, queue, *values in await session.execute(query):
            names = [column.name for column in query.selected_columns][2:]
            for name, value in zip(names, values, strict=True):
                found[number, queue].sums[name] += float(value or 0)
    for number, queue, place, of, seconds in await session.execute(_ranked(asked)):
        for share in SHARES:
            if place == _rank(share, of):
                found[number, queue].quantiles[share] = seconds
    for number, queue, agent_id, handled, seconds in await session.execute(_handled_by(asked)):
        found[number, queue].handled_by[agent_id] = (int(handled), float(seconds or 0))
    return dict(found)


def _joined(asked: Asked) -> Any:
    wait = QueueWait
    let_in = or_(wait.outcome.is_(None), wait.outcome != "turned_away")
    return _grouped(
        asked,
        wait.joined_at,
        wait.queue,
        _number(and_(let_in, wait.deferred.is_(False))).label("offered"),
        _number(and_(let_in, wait.deferred.is_(True))).label("deferred_offered"),
    )


def _waits(asked: Asked) -> Any:
    wait = QueueWait
    at_the_line = wait.deferred.is_(False)
    seconds, outcome = wait.wait_seconds, wait.outcome
    answered = and_(at_the_line, outcome == "answered")
    left = and_(at_the_line, outcome == "abandoned")
    short = _by_queue(asked, lambda level: level.short_abandon.total_seconds())
    within = _by_queue(asked, lambda level: level.within.total_seconds())
    return _grouped(
        asked,
        wait.ended_at,
        wait.queue,
        _number(answered).label("answered"),
        _number(and_(left, seconds > short)).label("abandoned"),
        _number(and_(left, seconds <= short)).label("short_abandoned"),
        _number(and_(answered, seconds <= within)).label("answered_within"),
        _number(and_(left, seconds <= within)).label("abandoned_within"),
        *(
            _number(and_(at_the_line, outcome == each)).label(each)
            for each in ("overflowed", "exited", "lost")
        ),
        _number(and_(at_the_line, outcome.in_(("turned_away", "sent_away")))).label("turned_away"),
        _number(and_(wait.deferred.is_(True), outcome == "answered")).label("deferred_answered"),
        func.sum(case((answered, seconds), else_=0.0)).label("answer_seconds"),
        func.sum(case((_counts(asked), seconds), else_=0.0)).label("wait_seconds"),
        func.max(case((_counts(asked), seconds), else_=0.0)).label("longest"),
    )


def _counts(asked: Asked) -> ColumnElement[bool]:
    """Whether the wait is one of those whose length is reported."""
    short = _by_queue(asked, lambda level: level.short_abandon.total_seconds())
    left = and_(QueueWait.outcome == "abandoned", QueueWait.wait_seconds > short)
    return and_(QueueWait.deferred.is_(False), or_(QueueWait.outcome == "answered", left))


def _ranked(asked: Asked) -> Any:
    """The waits at the ranks of the shares: a few of each stretch and queue."""
    number = asked.stretches.number(QueueWait.ended_at)
    group = (number, QueueWait.queue)
    ranked = (
        select(
            number.label("number"),
            QueueWait.queue.label("queue"),
            func.row_number()
            .over(partition_by=group, order_by=QueueWait.wait_seconds)
            .label("place"),
            func.count().over(partition_by=group).label("of"),
            QueueWait.wait_seconds.label("seconds"),
        )
        .where(*_within(asked, QueueWait.ended_at, QueueWait.queue), _counts(asked))
        .subquery()
    )
    wanted = [ranked.c.place == _rank_of(share, ranked.c.of) for share in SHARES]
    return select(ranked).where(or_(*wanted))


def _rank(share: float, of: int) -> int:
    """By nearest rank; shares are in hundredths, so that no float decides."""
    return -(-round(share * 100) * of // 100)


def _rank_of(share: float, of: ColumnElement[int]) -> ColumnElement[Any]:
    return (of * round(share * 100) + 99) // literal(100, Integer)


def _handlings(asked: Asked) -> Any:
    one = Interaction
    over = _over()
    return _grouped(
        asked,
        over,
        one.queue,
        func.count().label("handled"),
        _number(one.ended_by == "transfer").label("transferred"),
        func.sum(seconds_between(one.started_at, one.ended_at) - one.held_seconds).label("talk"),
        func.sum(one.held_seconds).label("hold"),
        func.sum(seconds_between(one.ended_at, over)).label("wrap_up"),
        conditions=(*_handled(), *_lately(asked)),
    )


def _handled_by(asked: Asked) -> Any:
    """By agent, of those who were offered something of the queue in the stretch."""
    one = Interaction
    handled = and_(*_handled())
    number = asked.stretches.number(_over())
    took = seconds_between(one.started_at, _over())
    return (
        select(
            number,
            one.queue,
            one.agent_id,
            _number(handled),
            func.sum(case((handled, took), else_=0.0)),
        )
        .where(*_within(asked, _over(), one.queue), *_lately(asked))
        .group_by(number, one.queue, one.agent_id)
    )


def _over() -> ColumnElement[Any]:
    return func.coalesce(Interaction.wrap_up_ended_at, Interaction.ended_at)


def _lately(asked: Asked) -> Collection[ColumnElement[bool]]:
    """By the index: no wrap-up is longer."""
    since = asked.stretches.since - LONGEST_WRAP_UP
    return Interaction.ended_at >= since, Interaction.ended_at < asked.stretches.until


def _handled() -> Collection[ColumnElement[bool]]:
    """It is over, and no wrap-up lasts."""
    one = Interaction
    wrapping = exists().where(AgentStatus.interaction_id == one.id, AgentStatus.state == "wrap_up")
    return (
        one.started_at.is_not(None),
        one.ended_at.is_not(None),
        or_(one.wrap_up_ended_at.is_not(None), ~wrapping),
    )


def _grouped(
    asked: Asked,
    moment: ColumnElement[Any] | Any,
    queue: Any,
    *columns: ColumnElement[Any],
    conditions: Collection[ColumnElement[bool]] = (),
) -> Any:
    number = asked.stretches.number(moment)
    return (
        select(number.label("number"), queue.label("queue"), *columns)
        .where(*_within(asked, moment, queue), *conditions)
        .group_by(number, queue)
    )


def _within(asked: Asked, moment: Any, queue: Any) -> list[ColumnElement[bool]]:
    found = [moment >= asked.stretches.since, moment < asked.stretches.until]
    return found if asked.queue is None else [*found, queue == asked.queue]


def _by_queue(asked: Asked, of: Any) -> ColumnElement[Any]:
    """What a queue's target says, as a column."""
    usual = literal(of(asked.usual))
    whens = {name: of(level) for name, level in asked.levels.items()}
    return case(whens, value=QueueWait.queue, else_=usual) if whens else usual


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
