"""
Supervisors in running calls, over REST: their own phone rings, and they hear the call.

What becomes of it is told on the stream; each listening is in the log for the audit.
"""

from aiohttp import web

from cti_server.calls.listening import Mode
from cti_server.calls.supervision import Supervision
from cti_server.wire.events import CoachingNoted
from cti_server.wire.supervision import CoachingNote, ListenTo, Nudge

from .calls_in_sight import call_in_sight, need_contact_known
from .parts import identity, parts
from .routing import Routes, read

routes = Routes()

NEEDS = ("calls.listen",)


@routes.add("POST", "/api/v1/contacts/{contact_id}/listen", needs=NEEDS, body=ListenTo, status=204)
async def listen(request: web.Request) -> web.Response:
    """Hear a call; or, who hears it already, be heard by others than before."""
    wanted = await read(request, ListenTo)
    here, who, contact_id = parts(request), identity(request), request.match_info["contact_id"]
    call = call_in_sight(here, contact_id, who, wanted.agent_id)
    call.supervision.listen(who.agent_id, Mode(wanted.mode), wanted.agent_id)
    return web.Response(status=204)


@routes.add("DELETE", "/api/v1/contacts/{contact_id}/listen", needs=NEEDS, status=204)
async def stop_listening(request: web.Request) -> web.Response:
    """Leave the call, wherever it went meanwhile; the others go on."""
    call = parts(request).switchboard.call_of(request.match_info["contact_id"])
    call.supervision.stop(identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/contacts/{contact_id}/take-over", needs=NEEDS, status=204)
async def take_over(request: web.Request) -> web.Response:
    """Have the customer from now on; the agent is free."""
    _supervision(request).take_over(identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/contacts/{contact_id}/nudge", needs=NEEDS, body=Nudge, status=204)
async def nudge(request: web.Request) -> web.Response:
    """Write a line to the agent's screen; nobody else sees it."""
    line = await read(request, Nudge)
    _supervision(request).nudge(identity(request).agent_id, line.text, line.agent_id)
    return web.Response(status=204)


@routes.add(
    "POST", "/api/v1/contacts/{contact_id}/coaching", needs=NEEDS, body=CoachingNote, status=204
)
async def coach(request: web.Request) -> web.Response:
    """Keep advice for an agent with the contact, during the call or after it."""
    note = await read(request, CoachingNote)
    here, contact_id = parts(request), request.match_info["contact_id"]
    here.floor.profile(note.agent_id)  # raises UnknownAgent
    await need_contact_known(here, contact_id, identity(request))
    here.log.append(
        CoachingNoted(
            contact_id=contact_id,
            coached=note.agent_id,
            supervisor_id=identity(request).agent_id,
            text=note.text,
        )
    )
    return web.Response(status=204)


def _supervision(request: web.Request) -> Supervision:
    """Raises NoSuchCall, also for a call of another team's agents."""
    here, contact_id = parts(request), request.match_info["contact_id"]
    return call_in_sight(here, contact_id, identity(request)).supervision
