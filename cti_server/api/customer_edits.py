"""What an edit of a customer does to the record; what it may not do is refused."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from crm.contact_points import address
from crm.errors import InvalidField
from crm.numbers import Number, complete_number
from crm.schema import Field, changed, complete
from cti_server.store.agents import Agents
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber
from cti_server.wire.customers import (
    AddressChange,
    CustomerCreate,
    CustomerEdit,
    NumberChange,
)

from .permissions import Identity
from .references import need_team

T = TypeVar("T")

_AS_THEY_ARE = ("external_id", "kind", "name", "tier", "language", "company", "tags", "notes")
_ASSIGNMENT = ("owner_id", "team")


async def fill(
    session: AsyncSession,
    customer: Customer,
    wanted: CustomerCreate | CustomerEdit,
    fields: Sequence[Field],
    *,
    region: str,
    who: Identity,
) -> set[str]:
    """
    Change what ``wanted`` names; return the names of what is different now.

    Raises InvalidField.
    """
    before = _state(customer)
    named = wanted.model_fields_set
    for name in named.intersection(_AS_THEY_ARE):
        setattr(customer, name, getattr(wanted, name))
    if isinstance(wanted, CustomerEdit):
        _kind_fits(customer, fields)
    await _assign(session, customer, wanted, who)
    if "preferences" in named:
        customer.preferences = wanted.preferences.model_dump(mode="json")
    customer.attributes = changed(fields, customer.kind, customer.attributes, wanted.attributes)
    if isinstance(wanted, CustomerCreate):
        complete(fields, customer.kind, customer.attributes)
    if "numbers" in named:
        customer.set_numbers(_numbers(customer, wanted.numbers, region))
    if "addresses" in named:
        customer.set_contact_points(_addresses(customer, wanted.addresses))
    after = _state(customer)
    return {name for name, value in after.items() if value != before[name]}


def _state(customer: Customer) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(customer, name) for name in (*_AS_THEY_ARE, *_ASSIGNMENT)
    }
    return values | {
        "preferences": customer.preferences,
        "attributes": customer.attributes,
        "numbers": [number.entry for number in customer.numbers],
        "addresses": [point.entry for point in customer.contact_points],
    }


def _kind_fits(customer: Customer, fields: Sequence[Field]) -> None:
    for field in fields:
        if field.name in customer.attributes and not field.concerns(customer.kind):
            raise InvalidField("kind", f"a {customer.kind} has no {field.name}; remove it first")


async def _assign(
    session: AsyncSession, customer: Customer, wanted: CustomerCreate | CustomerEdit, who: Identity
) -> None:
    """To take a customer on, or let go of one, is anybody's; all else takes a permission."""
    own = {"owner_id": {who.agent_id, None}, "team": set[str | None]()}
    if isinstance(wanted, CustomerCreate):
        own["team"] = {who.team, None}
    for name in wanted.model_fields_set.intersection(_ASSIGNMENT):
        value = getattr(wanted, name)
        if value != getattr(customer, name) and value not in own[name]:
            who.need("customers.assign")
            if name == "team":
                await need_team(session, value)
        setattr(customer, name, value)
    owner_id = wanted.owner_id
    if owner_id is not None and await Agents(session).get(owner_id) is None:
        raise InvalidField("owner_id", f"there is no agent {owner_id!r}")


def _numbers(
    customer: Customer, changes: Sequence[NumberChange], region: str
) -> list[CustomerNumber]:
    """In the order of the changes; one that comes twice stays where it came first."""
    found: dict[str, CustomerNumber] = {}
    for change in changes:
        if change.number is not None:
            number = CustomerNumber.of(_read(change.number, region))
        else:
            number = _at("numbers", customer.numbers, change.position or 0)
        entry = CustomerNumber.of_entry(number.entry)
        entry.use = change.use or entry.use
        if "label" in change.model_fields_set:
            entry.label = change.label
        found.setdefault(entry.number, entry)
    return list(found.values())


def _read(text: str, region: str) -> Number:
    try:
        return complete_number(text, region)
    except ValueError as error:
        raise InvalidField("numbers", str(error)) from error


def _addresses(customer: Customer, changes: Sequence[AddressChange]) -> list[ContactPoint]:
    found: dict[tuple[str, str], ContactPoint] = {}
    for change in changes:
        if change.value is not None:
            point = ContactPoint.of(address(change.kind, change.value))
        else:
            point = _at("addresses", customer.contact_points, change.position or 0)
        entry = ContactPoint.of_entry(point.entry)
        if "label" in change.model_fields_set:
            entry.label = change.label
        found.setdefault((entry.kind, entry.key), entry)
    return list(found.values())


def _at(field: str, there: Sequence[T], position: int) -> T:
    if position >= len(there):
        raise InvalidField(field, f"there is nothing at position {position}")
    return there[position]
