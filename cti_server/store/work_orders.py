"""Field repairs: what an outside crew is to do for a ticket, and what it says of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.timeline import Place

from .base import Base
from .places import behind
from .tickets import Ticket, TicketFilter
from .versions import Versioned


class WorkOrder(Versioned, Base, kw_only=True):
    """One visit that was asked for; its states are :data:`crm.work_orders.TABLE`."""

    __tablename__ = "work_order"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    state: Mapped[str]
    instructions: Mapped[str]
    address: Mapped[str | None] = mapped_column(default=None)
    crew: Mapped[str | None] = mapped_column(default=None)
    not_before: Mapped[datetime | None] = mapped_column(default=None)
    not_after: Mapped[datetime | None] = mapped_column(default=None)
    ordered_by: Mapped[str]
    reported_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_work_order_ticket_id", WorkOrder.ticket_id)
Index("ix_work_order_state_created_at", WorkOrder.state, WorkOrder.created_at)


class WorkOrderReport(Base, kw_only=True):
    """A message from outside; its id is theirs, so that a repeated one counts once."""

    __tablename__ = "work_order_report"

    work_order_id: Mapped[str] = mapped_column(
        ForeignKey("work_order.id", ondelete="CASCADE"), primary_key=True
    )
    message_id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    reported_by: Mapped[str]
    note: Mapped[str | None] = mapped_column(default=None)


class WorkOrders:
    """The stored work orders. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, order: WorkOrder) -> None:
        self._session.add(order)

    async def need(self, order_id: str) -> WorkOrder:
        """Raises UnknownRecord."""
        order = await self._session.get(WorkOrder, order_id)
        if order is None:
            raise UnknownRecord("work_order", order_id)
        return order

    async def locked(self, order_id: str) -> WorkOrder:
        """The order, which nobody else changes before the transaction's end."""
        return await self._session.get_one(
            WorkOrder, order_id, with_for_update=True, populate_existing=True
        )

    async def page(
        self,
        limit: int,
        *,
        place: Place | None,
        state: str | None,
        open: bool | None,
        ticket_id: str | None,
        teams: frozenset[str] | None,
        agent_id: str,
    ) -> Sequence[WorkOrder]:
        """The oldest first, of the tickets that these teams, or this agent, may see."""
        query = select(WorkOrder)
        if teams is not None:
            seen = TicketFilter(teams=teams, agent_id=agent_id).conditions()
            query = query.join(Ticket, Ticket.id == WorkOrder.ticket_id).where(*seen)
        if state is not None:
            query = query.where(WorkOrder.state == state)
        if open is not None:
            ended = WorkOrder.ended_at.is_not(None)
            query = query.where(~ended if open else ended)
        if ticket_id is not None:
            query = query.where(WorkOrder.ticket_id == ticket_id)
        query = query.where(*behind(WorkOrder.created_at, WorkOrder.id, place))
        query = query.order_by(WorkOrder.created_at, WorkOrder.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def of_ticket(self, ticket_id: str) -> Sequence[WorkOrder]:
        query = select(WorkOrder).where(WorkOrder.ticket_id == ticket_id)
        return (await self._session.scalars(query.order_by(WorkOrder.created_at))).all()

    async def report(self, order_id: str, message_id: str) -> WorkOrderReport | None:
        return await self._session.get(WorkOrderReport, (order_id, message_id))

    async def reports(self, order_id: str) -> Sequence[WorkOrderReport]:
        query = select(WorkOrderReport).where(WorkOrderReport.work_order_id == order_id)
        query = query.order_by(WorkOrderReport.received_at, WorkOrderReport.message_id)
        return (await self._session.scalars(query)).all()
