"""What hangs on a ticket: comments, contacts, call-backs, and what it went through."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.timeline import Place

from .inserts import add_if_missing
from .places import before
from .ticket_clocks import TicketEscalation
from .tickets import TicketCallBack, TicketComment, TicketContact, TicketMove

N = TypeVar("N", TicketMove, TicketEscalation, TicketCallBack, TicketContact)


class TicketNotes:
    """Of one ticket. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, ticket_id: str) -> None:
        self._session = session
        self._ticket_id = ticket_id

    async def comments(self, limit: int, *, place: Place | None) -> Sequence[TicketComment]:
        """The newest first, older than the place."""
        older = before(TicketComment.at, TicketComment.id, place)
        query = select(TicketComment).where(TicketComment.ticket_id == self._ticket_id, *older)
        query = query.order_by(TicketComment.at.desc(), TicketComment.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def moves(self) -> Sequence[TicketMove]:
        return await self._all(TicketMove, TicketMove.position)

    async def escalations(self) -> Sequence[TicketEscalation]:
        return await self._all(TicketEscalation, TicketEscalation.at)

    async def call_backs(self) -> Sequence[TicketCallBack]:
        return await self._all(TicketCallBack, TicketCallBack.at)

    async def contacts(self) -> Sequence[TicketContact]:
        return await self._all(TicketContact, TicketContact.linked_at)

    async def link(self, contact_id: str, now: datetime) -> None:
        """Linked twice is linked once."""
        await add_if_missing(
            self._session,
            TicketContact,
            ticket_id=self._ticket_id,
            contact_id=contact_id,
            linked_at=now,
        )

    async def unlink(self, contact_id: str) -> bool:
        """Whether it was linked."""
        link = await self._session.get(TicketContact, (self._ticket_id, contact_id))
        if link is not None:
            await self._session.delete(link)
        return link is not None

    async def _all(self, kind: type[N], by: object) -> Sequence[N]:
        query = select(kind).where(kind.ticket_id == self._ticket_id)
        return (await self._session.scalars(query.order_by(by))).all()  # type: ignore[arg-type]
