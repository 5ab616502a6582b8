"""How long tickets of each type take: what a breach is predicted by."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.breach import Curve, Lived

from .base import Base
from .ticket_clocks import TicketClock
from .tickets import Ticket


class TicketHistory(Base, kw_only=True):
    """
    The curve of :mod:`crm.breach` of one type's clock, and when it is to be drawn anew.

    ``quantiles``: by seconds of opening hours, as text, the share that took longer; empty where
    too few were solved.
    """

    __tablename__ = "ticket_history"

    type: Mapped[str] = mapped_column(
        ForeignKey("ticket_type.id", ondelete="CASCADE"), primary_key=True
    )
    clock: Mapped[str] = mapped_column(primary_key=True)
    drawn_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    solved: Mapped[int]
    open: Mapped[int]
    quantiles: Mapped[dict[str, float]]

    @property
    def curve(self) -> Curve | None:
        if not self.quantiles:
            return None
        points = sorted((int(seconds), share) for seconds, share in self.quantiles.items())
        return Curve([seconds for seconds, _ in points], [share for _, share in points])


class TicketHistories:
    """The stored histories. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def curve(self, type_id: str, clock: str) -> Curve | None:
        found = await self._session.get(TicketHistory, (type_id, clock))
        return None if found is None else found.curve

    async def of(self, types: Collection[str]) -> dict[tuple[str, str], Curve | None]:
        query = select(TicketHistory).where(TicketHistory.type.in_(types))
        return {(one.type, one.clock): one.curve for one in await self._session.scalars(query)}

    async def all(self) -> Sequence[TicketHistory]:
        return (await self._session.scalars(select(TicketHistory))).all()

    async def solved(self, type_id: str, clock: str, since: datetime, most: int) -> list[Lived]:
        """What the newest of this type took that were opened since."""
        query = (
            select(TicketClock.spent)
            .join(Ticket, Ticket.id == TicketClock.ticket_id)
            .where(Ticket.type == type_id, Ticket.opened_at >= since)
            .where(TicketClock.kind == clock, TicketClock.spent.is_not(None))
            .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
            .limit(most)
        )
        found = await self._session.scalars(query)
        return [Lived(spent, solved=True) for spent in found if spent is not None]

    async def running(
        self, type_id: str, clock: str, since: datetime, most: int
    ) -> Sequence[Ticket]:
        """Those that were opened since and are not solved."""
        query = (
            select(Ticket)
            .join(TicketClock, TicketClock.ticket_id == Ticket.id)
            .where(Ticket.type == type_id, Ticket.opened_at >= since)
            .where(TicketClock.kind == clock, TicketClock.met_at.is_(None))
            .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
            .limit(most)
        )
        return (await self._session.scalars(query)).all()

    async def at_risk(
        self, teams: frozenset[str] | None, most: int
    ) -> Sequence[tuple[Ticket, TicketClock]]:
        """What runs and is not missed yet, by the moment from which on it is at risk."""
        query = (
            select(Ticket, TicketClock)
            .join(TicketClock, TicketClock.ticket_id == Ticket.id)
            .where(TicketClock.risk_at.is_not(None), TicketClock.met_at.is_(None))
            .where(TicketClock.breached.is_(False))
        )
        if teams is not None:
            query = query.where(Ticket.team.is_(None) | Ticket.team.in_(teams))
        query = query.order_by(TicketClock.risk_at, Ticket.id).limit(most)
        return [(ticket, clock) for ticket, clock in await self._session.execute(query)]
