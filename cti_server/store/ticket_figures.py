"""Figures about tickets, added up by the database."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .ticket_types import TicketReason
from .tickets import Ticket

GROUPS = {"week": Ticket.week, "type": Ticket.type, "queue": Ticket.queue}


async def counts(
    session: AsyncSession,
    first_week: str,
    last_week: str,
    *,
    group: str,
    of: str,
    level: int,
    type: str | None,
    queue: str | None,
    teams: frozenset[str] | None,
) -> list[tuple[str | None, str | None, int]]:
    """
    How many tickets of the weeks, as "2026-W47", by group and reason.

    ``of``: by their "reason" or root "cause"; at ``level`` 1 those below it count as their parent.
    """
    key = GROUPS[group]
    named = Ticket.reason_id if of == "reason" else Ticket.cause_id
    reason = func.coalesce(TicketReason.parent_id, named) if level == 1 else named
    query = select(key, reason, func.count()).where(Ticket.week.between(first_week, last_week))
    if level == 1:
        query = query.outerjoin(TicketReason, TicketReason.id == named)
    if type is not None:
        query = query.where(Ticket.type == type)
    if queue is not None:
        query = query.where(Ticket.queue == queue)
    if teams is not None:
        query = query.where(or_(Ticket.team.is_(None), Ticket.team.in_(teams)))
    query = query.group_by(key, reason)
    return [(one, other, n) for one, other, n in await session.execute(query)]
