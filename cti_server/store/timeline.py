"""
A customer's timeline: contacts, tickets, orders and what other systems report, in one order.

Nothing is stored twice for it: each kind of record is asked for its newest, by an index that
begins with the customer, and the answers are merged.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.timeline import Place, TimelineEntry, newest

from .base import Base
from .contacts import Contact, ContactCustomer
from .dispositions import Dispositions
from .next_action_answers import NextActionAnswers
from .opportunities import opportunities_on_timeline
from .orders import orders_on_timeline
from .places import before
from .recordings import Recording
from .tasks import tasks_on_timeline
from .tickets import tickets_on_timeline

Source = Callable[[AsyncSession, Sequence[str], Place | None, int], Awaitable[list[TimelineEntry]]]
"""Of whose customers, before which place, how many: the newest first."""


class TimelineEvent(Base, kw_only=True):
    """
    What is no contact of ours: a visit to the web pages, a talk at the counter, a colleague's note.

    ``source`` and ``external_id`` are the reporting system's; the same report twice is one.
    """

    __tablename__ = "timeline_event"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    title: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    source: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(default=None)
    added_by: Mapped[str]
    added_at: Mapped[datetime]


Index("ix_timeline_event_customer_id_at", TimelineEvent.customer_id, TimelineEvent.at)


async def _contacts(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    link = ContactCustomer
    theirs = (
        select(link.contact_id)
        .distinct()  # one that is linked to two ids of the same customer
        .add_columns(link.arrived_at)
        .where(link.customer_id.in_(customer_ids), *before(link.arrived_at, link.contact_id, place))
        .order_by(link.arrived_at.desc(), link.contact_id.desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(Contact)
        .join(theirs, theirs.c.contact_id == Contact.id)
        .order_by(Contact.arrived_at.desc(), Contact.id.desc())
    )
    contacts = (await session.scalars(query)).all()
    ids = [contact.id for contact in contacts]
    recordings = await _recordings(session, ids)
    dispositions = await Dispositions(session).of_contacts(ids)
    advice = await NextActionAnswers(session).of_contacts(ids)
    return [
        TimelineEntry(
            at=contact.arrived_at,
            kind="contact",
            id=contact.id,
            data={
                "channel": contact.channel,
                "direction": contact.direction,
                "number": contact.caller_number,
                "queue": contact.queue,
                "agent_id": contact.agent_id,
                "outcome": contact.outcome,
                "ended_at": contact.ended_at,
                "flow": contact.flow,
                "menu_path": list(contact.path),
                "attributes": dict(contact.attributes),
                "recordings": recordings[contact.id],
                "dispositions": dispositions.get(contact.id, []),
                "next_actions": [
                    {"action": one.action, "rule_id": one.rule_id, "accepted": one.accepted}
                    for one in advice.get(contact.id, ())
                ],
            },
        )
        for contact in contacts
    ]


async def _recordings(session: AsyncSession, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    query = select(Recording.contact_id, Recording.id).where(
        Recording.contact_id.in_(contact_ids), Recording.state == "stored"
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for contact_id, recording_id in await session.execute(query.order_by(Recording.started_at)):
        found[contact_id].append(recording_id)
    return found


async def _events(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    query = (
        select(TimelineEvent)
        .where(
            TimelineEvent.customer_id.in_(customer_ids),
            *before(TimelineEvent.at, TimelineEvent.id, place),
        )
        .order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc())
        .limit(limit)
    )
    return [
        TimelineEntry(
            at=event.at,
            kind=event.kind,
            id=event.id,
            data={
                **event.data,
                "title": event.title,
                "source": event.source,
                "added_by": event.added_by,
            },
        )
        for event in await session.scalars(query)
    ]


SOURCES: tuple[Source, ...] = (
    _contacts,
    _events,
    tickets_on_timeline,
    tasks_on_timeline,
    orders_on_timeline,
    opportunities_on_timeline,
)
"""Everything that has a place on the timeline; a new kind of record adds its own."""


class Timeline:
    """The timelines of customers. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, event: TimelineEvent) -> None:
        self._session.add(event)

    async def reported(self, source: str, external_id: str) -> TimelineEvent | None:
        """What this system has reported under its id already."""
        query = select(TimelineEvent).where(
            TimelineEvent.source == source, TimelineEvent.external_id == external_id
        )
        return (await self._session.scalars(query)).one_or_none()

    async def of(
        self, customer_ids: Sequence[str], *, place: Place | None = None, limit: int
    ) -> list[TimelineEntry]:
        """The newest first, older than the place; of one customer under all ids that they had."""
        found = [await source(self._session, customer_ids, place, limit) for source in SOURCES]
        return newest(found, limit)
