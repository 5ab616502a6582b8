"""What was done about a target's figure, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .versions import Versioned


class TargetAction(Versioned, Base, kw_only=True):
    """``value_before`` and ``light_before``: how the figure stood when this was noted."""

    __tablename__ = "target_action"

    id: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[str] = mapped_column(index=True)
    measure: Mapped[str]
    owner: Mapped[str]
    begun_on: Mapped[date]
    ended_on: Mapped[date | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    value_before: Mapped[float | None] = mapped_column(default=None)
    light_before: Mapped[str]
    noted_by: Mapped[str]


class TargetActions:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, action: TargetAction) -> None:
        self._session.add(action)

    async def need(self, target_id: str, action_id: str) -> TargetAction:
        """Raises UnknownRecord."""
        found = await self._session.get(TargetAction, action_id)
        if found is None or found.target_id != target_id:
            raise UnknownRecord("target_action", action_id)
        return found

    async def of(
        self, target_id: str, since: date | None = None, until: date | None = None, most: int = 500
    ) -> Sequence[TargetAction]:
        """Those that touch these days, the newest first."""
        query = select(TargetAction).where(TargetAction.target_id == target_id)
        if until is not None:
            query = query.where(TargetAction.begun_on <= until)
        if since is not None:
            ended = TargetAction.ended_on
            query = query.where(or_(ended.is_(None), ended >= since))
        order = (TargetAction.begun_on.desc(), TargetAction.id)
        return (await self._session.scalars(query.order_by(*order).limit(most))).all()

    async def open_ones(self) -> Counter[str]:
        """How many of each target have no outcome yet."""
        query = (
            select(TargetAction.target_id, func.count())
            .where(TargetAction.outcome.is_(None))
            .group_by(TargetAction.target_id)
        )
        counted = Counter[str]()
        for target_id, number in await self._session.execute(query):
            counted[target_id] = number
        return counted
