"""Tickets that flows open while their callers wait for the number."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from crm.errors import CrmError
from crm.json_form import typed
from cti_server.clock import Clock
from cti_server.store.changes import Changes
from cti_server.store.database import UNAVAILABLE

from .edit import SYSTEM, Edit
from .kinds import kind_of
from .opening import NewTicket, open_ticket

log = structlog.get_logger()

IN_TIME: Final = 3.0
"""Seconds that a caller waits for the number. The database may take longer: a ticket that comes to
be after that is kept, and whoever serves the caller finds it with the contact."""
LAST_MOMENT: Final = 5.0
"""Seconds that a stop of the server leaves to those that are under way."""


class TicketsInCalls:
    """Opens them; each wholly or not at all, also where the caller hangs up meanwhile."""

    def __init__(
        self,
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        in_time: float = IN_TIME,
    ) -> None:
        self._in_time = in_time
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._under_way = set[asyncio.Task[str | None]]()

    async def open(self, new: NewTicket) -> str | None:
        """The number, if the ticket is opened in time. The form's fields are given as texts."""
        work = asyncio.create_task(self._open(new))
        self._under_way.add(work)
        work.add_done_callback(self._done)
        done, _ = await asyncio.wait([work], timeout=self._in_time)
        if not done:
            log.warning("tickets.not_opened_in_time", contact_id=new.contact_id, type=new.type)
            return None
        return work.result()

    async def close(self) -> None:
        """For the end of the server, while there still is a database."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_MOMENT)
        for work in self._under_way:
            work.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _open(self, new: NewTicket) -> str | None:
        try:
            async with self._changes.begin(SYSTEM) as change:
                edit = Edit(change, self._clock.now(), self._new_id)
                ticket = await open_ticket(edit, await _with_types(edit, new))
                return ticket.number
        except (CrmError, *UNAVAILABLE) as error:
            reason = str(error) if isinstance(error, CrmError) else type(error).__name__
            log.warning(
                "tickets.not_opened", contact_id=new.contact_id, type=new.type, reason=reason
            )
            return None

    def _done(self, work: asyncio.Task[str | None]) -> None:
        self._under_way.discard(work)
        if not work.cancelled() and (error := work.exception()) is not None:
            log.error("tickets.failed", exc_info=error)


async def _with_types(edit: Edit, new: NewTicket) -> NewTicket:
    """With each field as its type in the form: what is no number stays the text that it is."""
    kind = await kind_of(edit.session, new.type)
    properties = kind.definition.form.get("properties", {})
    form = {name: typed(properties.get(name, {}), text) for name, text in new.form.items()}
    return replace(new, form=form)
