"""
What agents write down of a contact, for whoever has it next and for the record.

While they talk, until the end of their wrap-up, and of other channels while they have it in hand.
"""

from aiohttp import web
from msgspec import structs

from cti_server.calls.call import Call
from cti_server.calls.errors import NoSuchCall
from cti_server.wire.calls import AttributesToKeep, NoteToKeep
from cti_server.wire.events import ContactAnnotated, ContactNoted
from cti_server.wire.screen import Note

from .call_control import NEEDS, ON_BEHALF, actor
from .parts import Parts, parts
from .routing import Routes, read
from .screens import show_again

routes = Routes()

_WRAP_UP = "wrap_up"


@routes.add(
    "POST",
    "/api/v1/contacts/{contact_id}/notes",
    needs=NEEDS,
    body=NoteToKeep,
    status=204,
    query=ON_BEHALF,
)
async def note(request: web.Request) -> web.Response:
    """
    Write something down for whoever has the contact next, and for the record.

    Until the end of the wrap-up; of other channels, while it is in hand.
    """
    written, here = await read(request, NoteToKeep), parts(request)
    agent_id, contact_id = actor(request), request.match_info["contact_id"]
    call = _call_of(here, contact_id, agent_id)
    made = Note(at=here.clock.now(), agent_id=agent_id, text=written.text)
    if call is not None:
        call.contact.note(agent_id, written.text)
    else:
        here.tray.note(contact_id, made)
        here.log.append(ContactNoted(contact_id=contact_id, agent_id=agent_id, text=written.text))
    show_again(
        here,
        contact_id,
        lambda pop: structs.replace(pop, notes=[*pop.notes, made]),
    )
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/contacts/{contact_id}/attributes",
    needs=NEEDS,
    body=AttributesToKeep,
    status=204,
    query=ON_BEHALF,
)
async def annotate(request: web.Request) -> web.Response:
    """
    Keep fields of a form in progress for whoever has the contact next.

    Until the end of the wrap-up; of other channels, while it is in hand.
    """
    written, here = await read(request, AttributesToKeep), parts(request)
    agent_id, contact_id = actor(request), request.match_info["contact_id"]
    call = _call_of(here, contact_id, agent_id)
    if call is not None:
        call.contact.annotate(written.attributes)
    else:
        here.tray.annotate(contact_id, written.attributes)
        told = dict(written.attributes)
        here.log.append(ContactAnnotated(contact_id=contact_id, attributes=told))
    show_again(
        here,
        contact_id,
        lambda pop: structs.replace(pop, attributes={**pop.attributes, **written.attributes}),
    )
    return web.Response(status=204)


def _call_of(here: Parts, contact_id: str, agent_id: str) -> Call | None:
    """
    The contact's call if it runs; None where it is over, or is none.

    Raises NotInCall, NoSuchCall and NotTheirs for who does not have the contact.
    """
    call = here.switchboard.find(contact_id)
    if _wraps_up(here, contact_id, agent_id):
        return call
    if call is not None:
        call.control.need_in_talk(agent_id)
        return call
    if not here.tray.has(contact_id):
        raise NoSuchCall(contact_id)
    here.tray.need_held(contact_id, agent_id)
    return None


def _wraps_up(here: Parts, contact_id: str, agent_id: str) -> bool:
    agent = here.floor.agent(agent_id)
    return agent.state == _WRAP_UP and agent.contact_id == contact_id
