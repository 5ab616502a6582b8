"""
How flows did in a span of time, added up by the database. What the figures mean: docs/figures.md.

A walk belongs to the span in which it began, a stay to the one in which the node was entered.
What is added up comes in several statements: the session has to be one of
:attr:`Database.at_one_moment`, for callers go on meanwhile.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .flow_walks import FlowWalk, NodeStay

SHARES = (50, 95)  # hundredths, so that no float decides

FlowKey = tuple[str, int]
"""The flow and its version."""
NodeKey = tuple[str, int, str, str]
"""The same, the part (or the flow itself) and the node."""


@dataclass(slots=True)
class Tally:
    """Sums by name, and the quantiles of stays by hundredths, in seconds."""

    sums: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, dict[str, int]] = field(default_factory=dict)
    ways: Counter[str] = field(default_factory=Counter)
    quantiles: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """From ``since`` to ``until`` (exclusive); of one flow only, or of one version of it."""

    since: datetime
    until: datetime
    flow: str | None = None
    version: int | None = None


async def of_flows(session: AsyncSession, asked: Asked) -> dict[FlowKey, Tally]:
    """What became of the walks, and how often callers answered and how."""
    found: dict[FlowKey, Tally] = {}
    own = (FlowWalk.flow, FlowWalk.version)
    each = (*own, FlowWalk.channel)
    walks = select(*each, *_ends()).where(*_within(asked, FlowWalk, FlowWalk.began_at))
    for flow, version, channel, *sums in await session.execute(walks.group_by(*each)):
        tally = found.setdefault((flow, version), Tally(dict.fromkeys(ENDS, 0)))
        tally.by_channel[channel] = ends = dict(zip(ENDS, map(int, sums), strict=True))
        tally.sums = added(tally.sums, ends)
    stays = select(NodeStay.flow, NodeStay.version, *_answers()).where(*_entered(asked))
    stays = stays.group_by(NodeStay.flow, NodeStay.version)
    for flow, version, *sums in await session.execute(stays):
        tally = found.setdefault((flow, version), Tally(dict.fromkeys(ENDS, 0)))
        tally.sums |= zip(_NAMES_OF_ANSWERS, map(int, sums), strict=True)
    over = (FlowWalk.left_at.is_not(None), FlowWalk.seconds.is_not(None))
    conditions = [*_within(asked, FlowWalk, FlowWalk.began_at), *over]
    for *key, place, of, seconds in await _ranked(session, own, FlowWalk.seconds, conditions):
        _note(found[key[0], key[1]], place, of, seconds)
    return found


def added(some: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Sums of the same names."""
    return {name: some[name] + more[name] for name in ENDS}


async def of_nodes(session: AsyncSession, asked: Asked) -> dict[NodeKey, Tally]:
    """How often each node was entered, how it was left, and how long callers stayed."""
    found: dict[NodeKey, Tally] = {}
    own = (NodeStay.flow, NodeStay.version, NodeStay.part, NodeStay.node)
    counts = select(*own, *_stays(), *_answers()).where(*_entered(asked)).group_by(*own)
    for flow, version, part, node, *sums in await session.execute(counts):
        names = (*_NAMES_OF_STAYS, *_NAMES_OF_ANSWERS)
        found[flow, version, part, node] = Tally(dict(zip(names, map(int, sums), strict=True)))
    left = and_(NodeStay.way.is_not(None), NodeStay.way != "")
    ways = select(*own, NodeStay.way, func.count()).where(*_entered(asked), left)
    for flow, version, part, node, way, times in await session.execute(
        ways.group_by(*own, NodeStay.way)
    ):
        found[flow, version, part, node].ways[way or ""] = times
    conditions = [*_entered(asked), NodeStay.seconds.is_not(None)]
    for *key, place, of, seconds in await _ranked(session, own, NodeStay.seconds, conditions):
        _note(found[key[0], key[1], key[2], key[3]], place, of, seconds)
    return found


ENDS: Final = (
    *("entered", "self_served", "voicemail", "transferred"),
    *("abandoned", "let_go", "failed", "inside"),
)


def _ends() -> Sequence[ColumnElement[int]]:
    end, served = FlowWalk.end, FlowWalk.served
    return (
        func.count(),
        _number(and_(end.in_(("hang_up", "caller")), served.is_(True))),
        _number(end == "voicemail"),
        _number(end.in_(("queue", "transfer"))),
        _number(and_(end == "caller", served.is_(False))),
        _number(and_(end == "hang_up", served.is_(False))),
        _number(end == "failed"),
        _number(end.is_(None)),
    )


_NAMES_OF_STAYS = ("entered", "abandoned", "inside")


def _stays() -> Sequence[ColumnElement[int]]:
    return (
        func.count(),
        _number(NodeStay.gone.is_(True)),
        _number(NodeStay.way.is_(None)),
    )


_NAMES_OF_ANSWERS = ("asked", "wrong", "silent")


def _answers() -> Sequence[ColumnElement[int]]:
    return func.sum(NodeStay.asked), func.sum(NodeStay.wrong), func.sum(NodeStay.silent)


async def _ranked(
    session: AsyncSession,
    own: Sequence[Any],
    seconds: Any,
    conditions: Sequence[ColumnElement[bool]],
) -> Any:
    """Of each group the few values that stand at the ranks of the shares."""
    ranked = (
        select(
            *own,
            func.row_number().over(partition_by=own, order_by=seconds).label("place"),
            func.count().over(partition_by=own).label("of"),
            seconds.label("seconds"),
        )
        .where(*conditions)
        .subquery()
    )
    at_ranks = [
        ranked.c.place == (ranked.c.of * share + 99) // literal(100, Integer) for share in SHARES
    ]
    return await session.execute(select(ranked).where(or_(*at_ranks)))


def _note(tally: Tally, place: int, of: int, seconds: float) -> None:
    for share in SHARES:
        if place == (of * share + 99) // 100:
            tally.quantiles[share] = seconds


def _entered(asked: Asked) -> list[ColumnElement[bool]]:
    return _within(asked, NodeStay, NodeStay.entered_at)


def _within(asked: Asked, of: Any, moment: Any) -> list[ColumnElement[bool]]:
    found = [moment >= asked.since, moment < asked.until]
    if asked.flow is not None:
        found.append(of.flow == asked.flow)
    if asked.version is not None:
        found.append(of.version == asked.version)
    return found


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
