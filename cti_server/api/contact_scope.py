"""Which contacts whoever asks may look at; every route that shows something of one asks here."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from cti_server.store.contact_scope import call_backs_seen_by, customer_seen_by, seen_by
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.customers import Customer
from cti_server.store.interactions import Interactions

from .permissions import Identity
from .problems import NotFound


def in_sight(
    who: Identity, contact_id: SQLCoreOperations[str] = Contact.id
) -> list[ColumnElement[bool]]:
    """
    For a query's WHERE: by their team (:mod:`cti_server.store.contact_scope`).

    Who may read contacts sees what agents of their team did, as well.
    """
    return seen_by(who.teams, who.agent_id, contact_id, of_colleagues=who.may("contacts.read"))


def call_backs_in_sight(who: Identity) -> list[ColumnElement[bool]]:
    """The same for call-backs."""
    return call_backs_seen_by(who.teams, who.agent_id, of_colleagues=who.may("contacts.read"))


async def customers_in_sight(
    session: AsyncSession, who: Identity, customer_ids: Collection[str]
) -> set[str]:
    """Those of these ids that may be shown; one that nobody has is no secret."""
    if who.teams is None:
        return set(customer_ids)
    known = aliased(Customer)
    query = select(known.id).where(
        known.id.in_(customer_ids), ~customer_seen_by(who.teams, known.id)
    )
    return set(customer_ids) - set(await session.scalars(query))


async def need_contact(session: AsyncSession, contact_id: str, who: Identity) -> Contact:
    """
    A contact for who had part in it, or may read others' and sees its customer.

    Raises NotFound, also for one of another team's customers, and NotPermitted.
    """
    found = await Contacts(session).get(contact_id, in_sight(who))
    if found is None:
        raise NotFound("contact", contact_id)
    if not await Interactions(session).had_part(who.agent_id, contact_id):
        who.need("contacts.read")
    return found
