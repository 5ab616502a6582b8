"""Keys that other systems use the API with."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class ApiKey(Base, kw_only=True):
    """
    A key, by the SHA-256 of its secret: 256 random bits need no slow hash.

    ``scopes`` are permissions; ``team``: whose records it sees, None for everybody's.
    """

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    team: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class ApiKeyUse(Base, kw_only=True):
    """When and from where a key was used last, as the log tells it: to within some minutes."""

    __tablename__ = "api_key_use"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    last_used_at: Mapped[datetime]
    address: Mapped[str]


class ApiKeys:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, key: ApiKey) -> None:
        self._session.add(key)

    async def get(self, key_id: str) -> ApiKey | None:
        return await self._session.get(ApiKey, key_id)

    async def live(self, now: datetime) -> Sequence[ApiKey]:
        """Those that still open something."""
        query = select(ApiKey).where(ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
        return (await self._session.scalars(query)).all()

    async def page(
        self, limit: int, after: str | None
    ) -> Sequence[tuple[ApiKey, ApiKeyUse | None]]:
        """All there ever were, by id, each with its last use."""
        query = (
            select(ApiKey, ApiKeyUse)
            .outerjoin(ApiKeyUse, ApiKeyUse.key_id == ApiKey.id)
            .order_by(ApiKey.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(ApiKey.id > after)
        return [(key, use) for key, use in await self._session.execute(query)]
