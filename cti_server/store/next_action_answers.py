"""What became of the advice that agents were given."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Index, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class NextActionAnswer(Base, kw_only=True):
    """The last word on one rule's advice in one contact; its ``id`` is made of both."""

    __tablename__ = "next_action_answer"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    customer_id: Mapped[str | None] = mapped_column(default=None)
    agent_id: Mapped[str]
    rule_id: Mapped[str]
    action: Mapped[str]
    accepted: Mapped[bool]
    answered_at: Mapped[datetime]


Index(
    "ix_next_action_answer_answered_at_rule_id",
    NextActionAnswer.answered_at,
    NextActionAnswer.rule_id,
)


class NextActionAnswers:
    """The stored answers. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_contacts(self, contact_ids: Collection[str]) -> dict[str, list[NextActionAnswer]]:
        """By contact, in their order."""
        one, found = NextActionAnswer, defaultdict[str, list[NextActionAnswer]](list)
        query = select(one).where(one.contact_id.in_(contact_ids))
        for answer in await self._session.scalars(query.order_by(one.answered_at, one.id)):
            found[answer.contact_id].append(answer)
        return found

    async def counted(
        self, since: datetime | None, until: datetime | None
    ) -> Sequence[tuple[str, str, int, int]]:
        """By rule and action: how many were accepted, how many declined."""
        one = NextActionAnswer
        accepted = func.sum(case((one.accepted, 1), else_=0))
        declined = func.sum(case((one.accepted, 0), else_=1))
        query = select(one.rule_id, one.action, accepted, declined)
        if since is not None:
            query = query.where(one.answered_at >= since)
        if until is not None:
            query = query.where(one.answered_at < until)
        query = query.group_by(one.rule_id, one.action).order_by(one.action, one.rule_id)
        return [(row[0], row[1], row[2], row[3]) for row in await self._session.execute(query)]
