"""Which running calls whoever asks may come into, as the channel map shows them."""

import asyncio

from cti_server.calls.call import Call
from cti_server.calls.errors import NoSuchCall
from cti_server.channel_map.rows import staff_of

from .channels import sight_of
from .contact_scope import need_contact
from .errors import NotPermitted
from .parts import Parts
from .permissions import Identity

ALL = "rows.all"
STORED_WITHIN = 5.0  # seconds


def call_in_sight(here: Parts, contact_id: str, who: Identity, beside: str | None = None) -> Call:
    """
    ``beside``: the agent who is meant.

    Raises NoSuchCall, also where they are of another team (:class:`.channel_map.watching.Sight`).
    """
    call, sight = here.switchboard.call_of(contact_id), sight_of(here, who)
    if not here.channels.sees(sight, staff_of(call) if beside is None else (beside,)):
        raise NoSuchCall(contact_id)
    return call


async def need_contact_known(here: Parts, contact_id: str, who: Identity) -> None:
    """One whose call runs, or that they may see in the records. Raises NotFound, NotPermitted."""
    try:
        call_in_sight(here, contact_id, who)
    except NoSuchCall:
        async with asyncio.timeout(STORED_WITHIN):  # a call that ended just now is on its way there
            await here.log.stored()
        async with here.database.readers() as session:
            await need_contact(session, contact_id, who)


def need_in_sight(here: Parts, agent_id: str, who: Identity) -> None:
    """Raises NotPermitted for another team's agent."""
    if not here.channels.sees(sight_of(here, who), (agent_id,)):
        raise NotPermitted(ALL)
