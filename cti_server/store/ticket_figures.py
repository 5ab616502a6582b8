"""Figures about tickets, added up by the database."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .ticket_clocks import TicketClock
from .ticket_types import TicketReason
from .tickets import Ticket, TicketCallBack

GROUPS = {"week": Ticket.week, "type": Ticket.type, "queue": Ticket.queue}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """
    Which tickets: opened in these weeks, as "2026-W47"; None for any type, queue or team.

    ``group`` is one of :data:`GROUPS`.
    """

    first_week: str
    last_week: str
    group: str
    type: str | None = None
    queue: str | None = None
    teams: frozenset[str] | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [Ticket.week.between(self.first_week, self.last_week)]
        if self.type is not None:
            found.append(Ticket.type == self.type)
        if self.queue is not None:
            found.append(Ticket.queue == self.queue)
        if self.teams is not None:
            found.append(or_(Ticket.team.is_(None), Ticket.team.in_(self.teams)))
        return found


async def counts(
    session: AsyncSession, counted: Counted, *, of: str, level: int
) -> list[tuple[str | None, str | None, int]]:
    """
    How many tickets by group and reason.

    ``of``: by their "reason" or root "cause"; at ``level`` 1 those below it count as their parent.
    """
    key = GROUPS[counted.group]
    named = Ticket.reason_id if of == "reason" else Ticket.cause_id
    reason = func.coalesce(TicketReason.parent_id, named) if level == 1 else named
    query = select(key, reason, func.count()).where(*counted.conditions)
    if level == 1:
        query = query.outerjoin(TicketReason, TicketReason.id == named)
    query = query.group_by(key, reason)
    return [(one, other, n) for one, other, n in await session.execute(query)]


async def outcomes(session: AsyncSession, counted: Counted) -> list[tuple[str | int | None, ...]]:
    """
    What became of the tickets, by group: how many there are, are resolved, closed, were re-opened;
    whose response, and whose resolution, came too late; whose complainant was reached afterwards,
    is satisfied, is not.
    """
    key, heard = GROUPS[counted.group], _heard()
    response, resolution = aliased(TicketClock), aliased(TicketClock)
    query = (
        select(
            key,
            func.count(),
            _number(Ticket.resolved_at.is_not(None)),
            _number(Ticket.closed_at.is_not(None)),
            _number(Ticket.reopened > 0),
            _number(response.breached),
            _number(resolution.breached),
            _number(heard.c.reached > 0),
            _number(heard.c.satisfied > 0),
            _number(and_(heard.c.dissatisfied > 0, heard.c.satisfied == 0)),
        )
        .outerjoin(response, _clock_of(response, "response"))
        .outerjoin(resolution, _clock_of(resolution, "resolution"))
        .outerjoin(heard, heard.c.ticket_id == Ticket.id)
        .where(*counted.conditions)
        .group_by(key)
    )
    return [tuple(row) for row in await session.execute(query)]


def _heard() -> Subquery:
    """Of each ticket, how often its complainant was reached, satisfied, not satisfied."""
    back = TicketCallBack
    return (
        select(
            back.ticket_id,
            _number(back.reached).label("reached"),
            _number(back.satisfied.is_(True)).label("satisfied"),
            _number(back.satisfied.is_(False)).label("dissatisfied"),
        )
        .group_by(back.ticket_id)
        .subquery()
    )


def _clock_of(clock: type[TicketClock], kind: str) -> ColumnElement[bool]:
    return and_(clock.ticket_id == Ticket.id, clock.kind == kind)


def _number(condition: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
