"""What agents prove themselves by beside the password: RFC 6238 secrets and recovery codes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class SecondFactor(Base, kw_only=True):
    """
    One agent's authenticator. It counts from ``confirmed_at`` on.

    ``sealed_secret`` is encrypted by a key outside of the database. ``last_step`` is the time step
    of the last code that was taken: none is taken twice (RFC 6238 §5.2). ``recovery_hashes`` are
    SHA-256 of codes that were not used yet.
    """

    __tablename__ = "second_factor"

    agent_id: Mapped[str] = mapped_column(
        ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True
    )
    sealed_secret: Mapped[str]
    enrolled_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    last_step: Mapped[int] = mapped_column(SequenceNumber, default=0)
    recovery_hashes: Mapped[list[str]] = mapped_column(default_factory=list)


class SecondFactors:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, agent_id: str) -> SecondFactor | None:
        return await self._session.get(SecondFactor, agent_id)

    async def confirmed(self, agent_ids: Collection[str]) -> set[str]:
        """Which of these agents have one that counts."""
        query = select(SecondFactor.agent_id).where(
            SecondFactor.agent_id.in_(agent_ids), SecondFactor.confirmed_at.is_not(None)
        )
        return set(await self._session.scalars(query))

    async def put(self, factor: SecondFactor) -> None:
        """Instead of the one that the agent had."""
        await self._session.merge(factor)

    async def remove(self, agent_id: str) -> bool:
        """Whether there was one."""
        gone = await self._session.execute(
            delete(SecondFactor)
            .where(SecondFactor.agent_id == agent_id)
            .returning(SecondFactor.agent_id)
        )
        return gone.first() is not None

    async def take_step(self, agent_id: str, step: int) -> bool:
        """Whether this time step is newer than the last that was taken; it is the last then."""
        taken = await self._session.execute(
            update(SecondFactor)
            .where(SecondFactor.agent_id == agent_id, SecondFactor.last_step < step)
            .values(last_step=step)
            .returning(SecondFactor.agent_id)
        )
        return taken.first() is not None

    async def take_recovery_code(self, agent_id: str, code_hash: str) -> bool:
        """Whether the code was one of the agent's; it is none any more."""
        query = select(SecondFactor).where(SecondFactor.agent_id == agent_id).with_for_update()
        factor = await self._session.scalar(query)
        if factor is None or code_hash not in factor.recovery_hashes:
            return False
        factor.recovery_hashes = [each for each in factor.recovery_hashes if each != code_hash]
        return True
