"""Which contacts whoever asks may look at; every route that shows something of one asks here."""

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SQLCoreOperations

from cti_server.store.contact_scope import seen_by
from cti_server.store.contacts import Contact, Contacts
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
