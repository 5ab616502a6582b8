"""Inserting what may be there already, on either database."""

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .base import Base


def insert_into(record: type[Base], dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(record) if dialect.name == "postgresql" else sqlite.insert(record)


async def add_if_missing(session: AsyncSession, record: type[Base], **values: Any) -> None:
    """Store the row unless its key is taken, also by a transaction of this very moment."""
    statement = insert_into(record, session.get_bind().dialect)
    await session.execute(statement.values(**values).on_conflict_do_nothing())
