"""Tickets that flows open while their callers wait for the number."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from crm.errors import CrmError
from crm.json_form import typed
from cti_server.clock import Clock
from cti_server.store.changes import Changes
from cti_server.store.database import UNAVAILABLE
from cti_server.store.tickets import Ticket
from cti_server.work_in_time import IN_TIME, WorkInTime

from .edit import SYSTEM, Edit
from .kinds import kind_of
from .opening import NewTicket, open_ticket

log = structlog.get_logger()


class TicketsInCalls:
    """
    Opens them; each wholly or not at all, also where the caller hangs up meanwhile.

    A ticket that comes to be when its caller does not wait for it any more is kept: whoever serves
    the caller finds it with the contact.
    """

    def __init__(
        self,
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        in_time: float = IN_TIME,
    ) -> None:
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._work = WorkInTime(in_time)

    async def open(self, new: NewTicket) -> str | None:
        """The number, if the ticket is opened in time. The form's fields are given as texts."""
        try:
            return await self._work.done(self._open(new))
        except TimeoutError:
            log.warning("tickets.not_opened_in_time", contact_id=new.contact_id, type=new.type)
            return None

    async def close(self) -> None:
        """For the end of the server, while there still is a database."""
        await self._work.close()

    async def _open(self, new: NewTicket) -> str | None:
        try:
            async with self._changes.begin(SYSTEM) as change:
                edit = Edit(change, self._clock.now(), self._new_id)
                if new.id is not None and (there := await edit.session.get(Ticket, new.id)):
                    return there.number
                ticket = await open_ticket(edit, await _with_types(edit, new))
                return ticket.number
        except (CrmError, *UNAVAILABLE) as error:
            reason = str(error) if isinstance(error, CrmError) else type(error).__name__
            log.warning(
                "tickets.not_opened", contact_id=new.contact_id, type=new.type, reason=reason
            )
            return None


async def _with_types(edit: Edit, new: NewTicket) -> NewTicket:
    """With each field as its type in the form: what is no number stays the text that it is."""
    kind = await kind_of(edit.session, new.type)
    properties = kind.definition.form.get("properties", {})
    form = {name: typed(properties.get(name, {}), text) for name, text in new.form.items()}
    return replace(new, form=form)
