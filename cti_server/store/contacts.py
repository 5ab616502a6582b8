"""Contacts: requests for service, with the moments of each phase."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Index, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber
from .interactions import Interaction


class Contact(Base, kw_only=True):
    """
    One request for service.

    A phase that it did not reach has no moment. ``queued_at`` is the first time that it began to
    wait, ``queue`` the last queue. ``wait_seconds`` runs from ``queued_at`` to the first
    conversation or, failing that, to the end. ``path`` are the menu nodes in the order entered,
    the first ``MAX_PATH`` of them and none of a survey, ``flow_version`` the published version of
    the ``flow``.

    ``direction`` is "inbound" or "outbound" (we called). Either way ``caller_number`` is the
    customer's and ``dialled_number`` ours: the one that was dialled, or shown. ``masked``: agents
    are not shown the customer's number. ``call_back_of`` is the contact that was lost. ``wait_id``:
    of the wait that lasts (:class:`.queue_waits.QueueWait`); ``transfers``: how often an agent
    handed it on. ``walk_id``, ``stay_id``: the walk through a flow and the stay at a node that it
    is in, or was in last (:mod:`.flow_walks`).

    ``phase``, and since when, is a value of :class:`.projection.life_cycle.Phase`; ``in_hand`` are
    the interactions that go on, and whether customer and agent hear one another.
    """

    __tablename__ = "contact"

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    call_id: Mapped[str]
    caller_number: Mapped[str]
    dialled_number: Mapped[str]
    arrived_at: Mapped[datetime] = mapped_column(index=True)
    customer_match: Mapped[str | None] = mapped_column(default=None)
    customer_ids: Mapped[list[str]] = mapped_column(default_factory=list)
    flow: Mapped[str | None] = mapped_column(default=None)
    flow_version: Mapped[int | None] = mapped_column(default=None)
    path: Mapped[list[str]] = mapped_column(default_factory=list)
    attributes: Mapped[dict[str, str]] = mapped_column(default_factory=dict)
    queue: Mapped[str | None] = mapped_column(default=None)
    priority: Mapped[int] = mapped_column(default=0)
    requirements: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    offers: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[str | None] = mapped_column(default=None)  # of the first conversation
    queued_at: Mapped[datetime | None] = mapped_column(default=None)
    first_offered_at: Mapped[datetime | None] = mapped_column(default=None)
    connected_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    wait_seconds: Mapped[float | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    direction: Mapped[str] = mapped_column(default="inbound")
    masked: Mapped[bool] = mapped_column(default=False)
    call_back_of: Mapped[str | None] = mapped_column(default=None)
    phase: Mapped[str] = mapped_column(default="ringing")
    phase_since: Mapped[datetime | None] = mapped_column(default=None)
    in_hand: Mapped[dict[str, bool]] = mapped_column(JSON, default_factory=dict)
    subject: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    wait_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)
    transfers: Mapped[int] = mapped_column(default=0)
    walk_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)
    stay_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)


Index("ix_contact_caller_number_arrived_at", Contact.caller_number, Contact.arrived_at)


_OPEN = and_(Contact.channel.not_in(["voice", "callback"]), Contact.ended_at.is_(None))

Index("ix_contact_open", Contact.channel, sqlite_where=_OPEN, postgresql_where=_OPEN)


class ContactCustomer(Base, kw_only=True):
    """
    The customers that the contact's number matched or, once somebody has said so, the very one.

    ``arrived_at`` is the contact's: by it the newest few of a customer are found among millions.
    """

    __tablename__ = "contact_customer"

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    arrived_at: Mapped[datetime]


# With the contact: a row that is read beside its index is a page of its own.
Index(
    "ix_contact_customer_customer_id_arrived_at_contact_id",
    ContactCustomer.customer_id,
    ContactCustomer.arrived_at,
    ContactCustomer.contact_id,
)


class WentBefore(NamedTuple):
    """A contact that came later and was served first."""

    contact_id: str
    priority: int
    wanted_its_agent: bool  # it was kept for the one who served it


_LONGEST_MENU = timedelta(hours=1)
"""Between the arrival of a contact and its first queue."""


class Contacts:
    """The stored contacts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(
        self, contact_id: str, seen: Sequence[ColumnElement[bool]] = ()
    ) -> Contact | None:
        """``seen``: by whom (:func:`.contact_scope.seen_by`); None also for one they may not."""
        return await self._session.scalar(select(Contact).where(Contact.id == contact_id, *seen))

    async def went_before(self, contact: Contact, until: datetime) -> Sequence[WentBefore]:
        """
        Who came into its queue after it and was with an agent before it was, or before ``until``.

        Of ten thousand at most, as they arrived.
        """
        if contact.queued_at is None:
            return ()
        earliest = contact.arrived_at - _LONGEST_MENU
        affinity = (
            select(Interaction.contact_id)
            .where(Interaction.contact_id == Contact.id, Interaction.started_at.is_not(None))
            .where(Interaction.why["rule"].as_string() == "wanted_agent")
            .exists()
        )
        query = (
            select(Contact.id, Contact.priority, affinity)
            .where(Contact.arrived_at >= earliest, Contact.arrived_at < until)
            .where(Contact.queue == contact.queue, Contact.id != contact.id)
            .where(Contact.queued_at > contact.queued_at, Contact.connected_at < until)
            .limit(10_000)
        )
        rows = await self._session.execute(query)
        return [WentBefore(*row) for row in rows]

    async def open(self) -> Sequence[Contact]:
        """Those that are no calls and not over, in the order in which they began to wait."""
        query = select(Contact).where(_OPEN).order_by(Contact.queued_at, Contact.id)
        return (await self._session.scalars(query)).all()

    async def recent(
        self,
        limit: int,
        *,
        before: datetime | None = None,
        queue: str | None = None,
        outcome: str | None = None,
        seen: Sequence[ColumnElement[bool]] = (),
    ) -> Sequence[Contact]:
        """
        The contacts that arrived last, latest first; "abandoned" gives those to call back.

        ``seen``: as for :meth:`get`.
        """
        wanted: list[Any] = [*seen]
        if before is not None:
            wanted.append(Contact.arrived_at < before)
        if queue is not None:
            wanted.append(Contact.queue == queue)
        if outcome is not None:
            wanted.append(Contact.outcome == outcome)
        query = (
            select(Contact)
            .where(*wanted)
            .order_by(Contact.arrived_at.desc(), Contact.id)
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()
