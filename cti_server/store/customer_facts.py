"""Customers as figures know them: nothing of a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.wire.events import CustomerFacts

from .customers import Customer


async def changed_since(
    session: AsyncSession, since: datetime | None, after: str, limit: int
) -> list[CustomerFacts]:
    """In the order of their ids, after this one; all of them where ``since`` is None."""
    query = select(
        Customer.id,
        Customer.version,
        Customer.kind,
        Customer.tier,
        Customer.language,
        Customer.team,
        Customer.merged_into,
    ).where(Customer.id > after)
    if since is not None:
        query = query.where(Customer.updated_at >= since)
    found = await session.execute(query.order_by(Customer.id).limit(limit))
    return [CustomerFacts(**row) for row in found.mappings()]
