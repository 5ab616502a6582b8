"""What is left of a customer who was erased: an id, for the figures, and nothing of the person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from .customer_index import CustomerIndex
from .customer_merges import CustomerMerge
from .customers import Customer, Customers


async def erase_customer(session: AsyncSession, customer: Customer, now: datetime) -> Sequence[str]:
    """
    Empty the customer's record and those that were merged into it, their numbers, addresses and
    what merges kept of them; return all their ids. What they agreed to and refused stays, as the
    proof of it: what, when, by which way, and nobody's number.

    The caller owns the transaction, and whatever else knows a customer by these ids.
    """
    customers = Customers(session)
    ids = await customers.names_of(customer.id)
    for one in ids:
        stored = await customers.as_stored(one)
        if stored is not None:
            _empty(stored, now)
    concerned = CustomerMerge.survivor_id.in_(ids) | CustomerMerge.merged_id.in_(ids)
    await session.execute(update(CustomerMerge).where(concerned).values(records={}))
    await CustomerIndex(session).forget(ids)
    return ids


def _empty(customer: Customer, now: datetime) -> None:
    customer.set_numbers([])
    customer.set_contact_points([])
    customer.name = ""
    customer.external_id = customer.company = customer.notes = customer.owner_id = None
    customer.tags = []
    customer.attributes = {}
    customer.preferences = {}
    customer.erased_at = customer.updated_at = now
