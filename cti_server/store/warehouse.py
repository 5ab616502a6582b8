"""
The warehouse's staging: what happened, typed for analysis and linked by one key of the customer.

Everything here derives from the event log and can be made from it anew. Facts are added and never
changed, but for a contact, which is one row that fills up; every row knows the event that it is of.
The tables are apart from the operational ones by their names, or in a database of their own.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from .base import Base, SequenceNumber


class WarehouseProgress(Base, kw_only=True):
    """How far somebody is: "facts" in the log; "descriptions" in the imports that it tells of."""

    __tablename__ = "dw_progress"

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SequenceNumber)
    loaded_at: Mapped[datetime | None] = mapped_column(default=None)


class CustomerVersion(Base, kw_only=True):
    """
    The customer dimension: a customer as they were for a while, up to ``valid_to`` (exclusive).

    ``member`` is the same for all versions of one customer, the key of the first. ``survivor`` is
    the member that they are today, another one's where they were merged: to be grouped by. Without
    a ``record_version`` nothing is known but that there is such a customer. Erased ones stay, as an
    id: what a version says is nobody's.
    """

    __tablename__ = "dw_customer"

    key: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    member: Mapped[int] = mapped_column(SequenceNumber, index=True)
    survivor: Mapped[int] = mapped_column(SequenceNumber, index=True)
    customer_id: Mapped[str]
    sequence: Mapped[int] = mapped_column(SequenceNumber)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(default=None)
    record_version: Mapped[int | None] = mapped_column(default=None)
    kind: Mapped[str | None] = mapped_column(default=None)
    tier: Mapped[str | None] = mapped_column(default=None)
    language: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    merged_into: Mapped[str | None] = mapped_column(default=None)
    erased: Mapped[bool] = mapped_column(default=False)


Index(
    "uq_dw_customer_current",
    CustomerVersion.customer_id,
    unique=True,
    sqlite_where=CustomerVersion.valid_to.is_(None),
    postgresql_where=CustomerVersion.valid_to.is_(None),
)
Index("ix_dw_customer_merged_into", CustomerVersion.merged_into)


class _Fact(MappedAsDataclass, kw_only=True):
    """One event's, by its number in the log."""

    sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    customer_key: Mapped[int | None] = mapped_column(SequenceNumber, index=True)


class EventFact(_Fact, Base, kw_only=True):
    """Every event of the log. ``details``: its JSON without anything of a person."""

    __tablename__ = "dw_event"

    name: Mapped[str]
    record: Mapped[str | None]
    record_id: Mapped[str | None]
    action: Mapped[str | None]
    contact_id: Mapped[str | None]
    agent_id: Mapped[str | None]
    queue: Mapped[str | None]
    details: Mapped[str]


Index("ix_dw_event_name_at", EventFact.name, EventFact.at)


class ContactFact(Base, kw_only=True):
    """One request for service, with what became of it so far; seconds are from its moments."""

    __tablename__ = "dw_contact"

    contact_id: Mapped[str] = mapped_column(primary_key=True)
    customer_key: Mapped[int | None] = mapped_column(SequenceNumber, index=True)
    first_sequence: Mapped[int] = mapped_column(SequenceNumber)
    last_sequence: Mapped[int] = mapped_column(SequenceNumber)
    channel: Mapped[str]
    direction: Mapped[str]
    arrived_at: Mapped[datetime] = mapped_column(index=True)
    flow: Mapped[str | None] = mapped_column(default=None)
    queue: Mapped[str | None] = mapped_column(default=None)
    queued_at: Mapped[datetime | None] = mapped_column(default=None)
    offers: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[str | None] = mapped_column(default=None)
    connected_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    wait_seconds: Mapped[float | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)


class PromotionFact(_Fact, Base, kw_only=True):
    """
    Something promotional: ``kind`` is "consent" (``outcome`` "consented" or "refused"), "outreach"
    (not allowed, ``outcome`` is why), "campaign" or "care" (what the customer's part in it became).
    """

    __tablename__ = "dw_promotion"

    kind: Mapped[str]
    channel: Mapped[str | None]
    purpose: Mapped[str | None]
    outcome: Mapped[str]
    campaign_id: Mapped[str | None]
    contact_id: Mapped[str | None]
    response: Mapped[str | None]
    rating: Mapped[int | None]


class OrderFact(_Fact, Base, kw_only=True):
    """An order came into a state; ``total`` in the currency's smallest unit."""

    __tablename__ = "dw_order"

    order_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    state: Mapped[str | None]
    contact_id: Mapped[str | None]
    taken_by: Mapped[str | None]
    currency: Mapped[str | None]
    total: Mapped[int | None] = mapped_column(BigInteger)
    fulfilment: Mapped[str | None]


class TicketFact(_Fact, Base, kw_only=True):
    """Something was done to a ticket, which then was as it says."""

    __tablename__ = "dw_ticket"

    ticket_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    type: Mapped[str | None]
    state: Mapped[str | None]
    priority: Mapped[str | None]
    contact_id: Mapped[str | None]
    queue: Mapped[str | None]
    owner_id: Mapped[str | None]
    reason_id: Mapped[str | None]
    cause_id: Mapped[str | None]


class DispositionFact(_Fact, Base, kw_only=True):
    """
    What an agent said of an interaction; the last one of it holds.

    ``answers``: what was filled in of the code's form that can be counted
    (:func:`crm.forms.countable`), a JSON object of the form's fields.
    """

    __tablename__ = "dw_disposition"

    interaction_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    contact_id: Mapped[str | None]
    agent_id: Mapped[str | None]
    queue: Mapped[str | None]
    code_id: Mapped[str | None]
    form_id: Mapped[str | None]
    form_version: Mapped[int | None]
    answers: Mapped[str | None]


FACTS: tuple[type[Base], ...] = (
    EventFact,
    PromotionFact,
    OrderFact,
    TicketFact,
    DispositionFact,
)
"""One row an event each; beside them :class:`ContactFact` and :class:`CustomerVersion`."""
