"""What flows may fill in of a ticket, by its type."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.ticket_types import TicketTypes
from ivr.ticket_forms import TicketForm

from .kinds import definition_of


async def forms_of_types(session: AsyncSession) -> Mapping[str, TicketForm]:
    """Of the types that are in use."""
    types = await TicketTypes(session).all()
    forms = {one.id: definition_of(one).form for one in types if one.active}
    return {
        name: TicketForm(
            fields=form.get("properties", {})
            if form.get("additionalProperties") is False
            else None,
            needed=form.get("required", ()),
        )
        for name, form in forms.items()
    }
