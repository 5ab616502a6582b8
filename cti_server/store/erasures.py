"""Erasures of people: what was asked for, how far each is, and what proves that it was done."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.erasure import STEPS

from .base import Base

RUNNING, DONE = "running", "done"


class Erasure(Base, kw_only=True):
    """
    One person's erasure. It is carried on after whatever ended the server.

    ``subject`` is whom it is about (:class:`crm.erasure.Subject`), empty when it is ``done``.
    ``expected`` are the rows that it was to treat, by table; ``done`` what each step did;
    ``waiting_for`` is why it does not go on at the moment.
    """

    __tablename__ = "erasure"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    customer_ids: Mapped[list[str]]
    reason: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=RUNNING)
    step: Mapped[str]
    waiting_for: Mapped[str | None] = mapped_column(default=None)
    expected: Mapped[dict[str, int]]
    done: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    subject: Mapped[dict[str, Any]]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


Index(
    "ix_erasure_running",
    Erasure.requested_at,
    sqlite_where=Erasure.state == RUNNING,
    postgresql_where=Erasure.state == RUNNING,
)
Index("ix_erasure_requested_at_id", Erasure.requested_at, Erasure.id)


class ErasedIdentifier(Base, kw_only=True):
    """
    A number or address of somebody who was erased, under a key that is not in the database.

    Whoever says that they were called without having agreed names their number; by it the erasure
    is found, and by that the consents that are kept.
    """

    __tablename__ = "erased_identifier"

    digest: Mapped[str] = mapped_column(primary_key=True)
    erasure_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]


def digest_of(key: bytes, kind: str, value: str) -> str:
    """HMAC-SHA-256 (RFC 2104): without the key nobody can try out all numbers there are."""
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


class Erasures:
    """The stored erasures. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, erasure: Erasure, proofs: Iterable[tuple[str, str]]) -> None:
        """``proofs``: (kind, digest) of each number and address."""
        self._session.add(erasure)
        self._session.add_all(
            ErasedIdentifier(digest=digest, erasure_id=erasure.id, kind=kind)
            for kind, digest in sorted(set(proofs))
        )

    async def get(self, erasure_id: str) -> Erasure | None:
        return await self._session.get(Erasure, erasure_id)

    async def of_customer(self, customer_ids: Collection[str]) -> Erasure | None:
        query = select(Erasure).where(Erasure.customer_id.in_(customer_ids))
        return await self._session.scalar(query.order_by(Erasure.requested_at.desc()).limit(1))

    async def running(self) -> Sequence[str]:
        """The oldest first."""
        query = select(Erasure.id).where(Erasure.state == RUNNING)
        return (await self._session.scalars(query.order_by(Erasure.requested_at))).all()

    async def searching(self) -> bool:
        """Whether one still looks for its person in files: what is read of these would be late."""
        first = (Erasure.state == RUNNING, Erasure.step == STEPS[0])
        return await self._session.scalar(select(Erasure.id).where(*first).limit(1)) is not None

    async def standing_at(self, step: str) -> Sequence[str]:
        query = select(Erasure.id).where(Erasure.state == RUNNING, Erasure.step == step)
        return (await self._session.scalars(query)).all()

    async def naming(self, contact_id: str) -> Erasure | None:
        """
        The running one that the contact belongs to.

        On PostgreSQL none of them learns of further contacts before the caller's commit.
        """
        running = select(Erasure).where(Erasure.state == RUNNING).with_for_update(read=True)
        for erasure in await self._session.scalars(running):
            if contact_id in erasure.subject.get("contact_ids", ()):
                return erasure
        return None

    async def page(
        self,
        limit: int,
        *,
        after: tuple[datetime, str] | None = None,
        digests: Collection[str] | None = None,
    ) -> Sequence[Erasure]:
        """The newest first; ``digests``: only of those who had one of these."""
        query = select(Erasure).order_by(Erasure.requested_at.desc(), Erasure.id.desc())
        if digests is not None:
            theirs = select(ErasedIdentifier.erasure_id)
            query = query.where(Erasure.id.in_(theirs.where(ErasedIdentifier.digest.in_(digests))))
        if after is not None:
            query = query.where(tuple_(Erasure.requested_at, Erasure.id) < after)
        return (await self._session.scalars(query.limit(limit))).all()
