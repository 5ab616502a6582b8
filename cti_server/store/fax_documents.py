"""Faxes that have come, with their pages."""

from datetime import datetime

from sqlalchemy import ColumnElement, LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class FaxDocument(Base, kw_only=True):
    """
    One fax; its id is its contact's. ``tiff``: the pages as they came (G4, some 30 kB each).

    ``ident``: what the sending machine calls itself. ``whole``: every page of it is there; else
    ``reason`` says why not. ``call_contact_id``: the contact of the call that brought it.
    """

    __tablename__ = "fax_document"

    id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    number: Mapped[str]
    dialled_number: Mapped[str]
    ident: Mapped[str]
    pages: Mapped[int]
    whole: Mapped[bool]
    reason: Mapped[str]
    way: Mapped[str]
    call_contact_id: Mapped[str | None]
    tiff: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class FaxDocuments:
    """The stored faxes. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def has(self, fax_id: str) -> bool:
        query = select(FaxDocument.id).where(FaxDocument.id == fax_id)
        return await self._session.scalar(query) is not None

    def add(self, fax: FaxDocument) -> None:
        self._session.add(fax)

    async def pages_of(self, fax_id: str, *seen: ColumnElement[bool]) -> bytes | None:
        query = select(FaxDocument.tiff).where(FaxDocument.id == fax_id, *seen)
        return await self._session.scalar(query)
