"""Customers whom another system keeps: our records of them follow what it says."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.numbers import Number

from .customers import WHOLE, Customer, CustomerNumber


async def find(session: AsyncSession, external_id: str) -> Customer | None:
    """Our record of the customer with its numbers: the surviving one, if it was merged."""
    record = select(Customer).options(*WHOLE)
    found = await session.scalar(record.where(Customer.external_id == external_id))
    while found is not None and found.merged_into is not None:
        found = await session.scalar(record.where(Customer.id == found.merged_into))
    return found


def differences(record: Customer, said: Mapping[str, Any], number: Number) -> dict[str, Any]:
    """
    What has to change in our record by what was said, and by the number that called.

    Nothing of a record that ours was merged into: that one is another customer of theirs.
    """
    if record.external_id != said["external_id"]:
        return {}
    changed = {
        name: value
        for name, value in said.items()
        if name != "external_id" and getattr(record, name) != value
    }
    if number.text not in {one.number for one in record.numbers}:
        changed["numbers"] = [*record.numbers, CustomerNumber.of(number, len(record.numbers))]
    return changed


def new_record(
    said: Mapping[str, Any], number: Number, *, new_id: Callable[[], str], now: datetime
) -> Customer:
    return Customer(
        id=new_id(),
        created_at=now,
        updated_at=now,
        numbers=[CustomerNumber.of(number)],
        contact_points=[],
        **said,
    )
