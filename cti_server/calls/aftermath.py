"""After a crash: calls whose end nobody saw are ended in the log, with a clear cause."""

from collections.abc import Callable

import structlog

from cti_server.store.calls import Calls
from cti_server.store.database import Database
from cti_server.wire.events import CallEnded, ContactEnded, Event, LegEnded

from .termination import SERVER_DIED

log = structlog.get_logger()


async def end_what_was_cut(database: Database, append: Callable[[Event], object]) -> int:
    """Log the end of each call that a dead process left open; how many there were."""
    async with database.readers() as session:
        cut = await Calls(session).unended()
        legs = await Calls(session).legs([call.id for call in cut])
    for leg in legs:
        if leg.ended_at is None:
            append(
                LegEnded(
                    call_id=leg.call_id,
                    leg_id=leg.id,
                    result=SERVER_DIED.result,
                    reason=SERVER_DIED.reason,
                )
            )
    for call in cut:
        append(
            ContactEnded(contact_id=call.contact_id, outcome="failed", reason=SERVER_DIED.reason)
        )
        append(
            CallEnded(
                call_id=call.id,
                contact_id=call.contact_id,
                result=SERVER_DIED.result,
                reason=SERVER_DIED.reason,
            )
        )
    if cut:
        log.warning("server.calls_cut_by_crash", calls=len(cut))
    return len(cut)
