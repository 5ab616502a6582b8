"""
Whether customers are served by one window (AC-17): transfers, and whether they had to come again.

What the figures mean is said in docs/figures.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .contacts import Contact, ContactCustomer
from .moments import seconds_between
from .stretches import Stretches


@dataclass(frozen=True, slots=True)
class Resolved:
    """Of the contacts that arrived in a stretch, were handled and are over, by their last queue."""

    number: int
    queue: str | None
    contacts: int
    transferred: int
    transfers: int
    resolved: int
    pending: int
    """Of the resolved: the days in which they may come again are not over."""


async def resolution_report(
    session: AsyncSession, stretches: Stretches, within: timedelta, now: datetime
) -> list[Resolved]:
    """``within``: how long a customer must not come again about the same queue."""
    number = stretches.number(Contact.arrived_at)
    resolved = ~or_(_came_again_by_customer(within), _came_again_by_number(within))
    pending = and_(resolved, Contact.ended_at > now - within)
    query = (
        select(
            number,
            Contact.queue,
            func.count(),
            _number(Contact.transfers > 0),
            func.sum(Contact.transfers),
            _number(resolved),
            _number(pending),
        )
        .where(
            Contact.arrived_at >= stretches.since,
            Contact.arrived_at < stretches.until,
            Contact.outcome == "handled",
            Contact.direction == "inbound",
            Contact.queue.is_not(None),
        )
        .group_by(number, Contact.queue)
        .order_by(number, Contact.queue)
    )
    return [Resolved(*row) for row in await session.execute(query)]


def _came_again_by_customer(within: timedelta) -> ColumnElement[bool]:
    """Whoever the contact is known to be of."""
    mine, theirs, later = aliased(ContactCustomer), aliased(ContactCustomer), aliased(Contact)
    return and_(
        Contact.customer_match == "one",
        exists()
        .where(mine.contact_id == Contact.id)
        .where(theirs.customer_id == mine.customer_id, theirs.arrived_at > Contact.ended_at)
        .where(later.id == theirs.contact_id, *_again(later, within))
        .correlate(Contact),
    )


def _came_again_by_number(within: timedelta) -> ColumnElement[bool]:
    """A caller whom no record names, by the number that they called from."""
    later = aliased(Contact)
    return and_(
        func.coalesce(Contact.customer_match, "none") != "one",
        Contact.caller_number != "",
        exists()
        .where(later.caller_number == Contact.caller_number)
        .where(*_again(later, within))
        .correlate(Contact),
    )


def _again(later: Any, within: timedelta) -> tuple[ColumnElement[bool], ...]:
    """A contact of theirs that is about the same, and soon enough to count."""
    return (
        later.queue == Contact.queue,
        later.direction == "inbound",
        later.arrived_at > Contact.ended_at,
        seconds_between(Contact.ended_at, later.arrived_at) <= within.total_seconds(),
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
