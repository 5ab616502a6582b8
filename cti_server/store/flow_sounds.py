"""The recordings of published flows: kept as they were, each once, whoever plays it."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class FlowSound(Base, kw_only=True):
    """A WAV file, by its SHA-256 in hexadecimal."""

    __tablename__ = "flow_sound"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class FlowSounds:
    """The stored recordings. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, contents: Mapping[str, bytes]) -> dict[str, str]:
        """By path; the SHA-256 of each by the same path."""
        kept = {path: sha256(content) for path, content in contents.items()}
        there = await self._session.scalars(
            select(FlowSound.sha256).where(FlowSound.sha256.in_(kept.values()))
        )
        missing = {kept[path]: content for path, content in contents.items()}
        for known in there:
            missing.pop(known)
        self._session.add_all(
            FlowSound(sha256=digest, content=content) for digest, content in missing.items()
        )
        return kept

    async def contents(self, kept: Mapping[str, str]) -> dict[str, bytes]:
        """The other way round. Raises KeyError for one that is not there."""
        found = await self._session.execute(
            select(FlowSound.sha256, FlowSound.content).where(FlowSound.sha256.in_(kept.values()))
        )
        by_digest = {row.sha256: row.content for row in found}
        return {path: by_digest[digest] for path, digest in kept.items()}
