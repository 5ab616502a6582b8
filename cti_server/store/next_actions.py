"""The rules that advise agents (:mod:`crm.next_action`)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.next_action import ActionRule, Condition

from .base import Base
from .versions import Versioned


class NextActionRule(Versioned, Base, kw_only=True):
    """A rule; the lowest ``position`` goes first. ``conditions`` are those of the pure rule."""

    __tablename__ = "next_action_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(index=True)
    action: Mapped[str]
    labels: Mapped[dict[str, str]]
    conditions: Mapped[list[dict[str, Any]]]
    enabled: Mapped[bool] = mapped_column(default=True)


class NextActionRules:
    """The stored rules. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, rule: NextActionRule) -> None:
        self._session.add(rule)

    async def get(self, rule_id: str) -> NextActionRule | None:
        return await self._session.get(NextActionRule, rule_id)

    async def all(self) -> Sequence[NextActionRule]:
        query = select(NextActionRule).order_by(NextActionRule.position, NextActionRule.id)
        return (await self._session.scalars(query)).all()

    async def remove(self, rule: NextActionRule) -> None:
        await self._session.delete(rule)


def rules_in_force(database: Connection) -> list[ActionRule]:
    """The enabled rules in their order, for whoever looks up callers."""
    rule = NextActionRule.__table__.c
    rows = database.execute(
        select(rule.id, rule.action, rule.labels, rule.conditions)
        .where(rule.enabled)
        .order_by(rule.position, rule.id)
    )
    return [
        ActionRule(
            id=row.id,
            action=row.action,
            labels=row.labels,
            conditions=tuple(msgspec.convert(one, Condition) for one in row.conditions),
        )
        for row in rows
    ]
