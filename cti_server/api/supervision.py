"""
Supervisors in running calls, over REST: their own phone rings, and they hear the call.

What becomes of it is told on the stream; each listening is in the log for the audit.
"""

from aiohttp import web

from cti_server.calls.supervision import Mode, Supervision
from cti_server.wire.rest import ListenTo

from .parts import identity, parts
from .routing import Routes, read

routes = Routes()

NEEDS = ("calls.listen",)


@routes.add("POST", "/api/v1/contacts/{contact_id}/listen", needs=NEEDS, body=ListenTo, status=204)
async def listen(request: web.Request) -> web.Response:
    """Hear a call; or, who hears it already, be heard by others than before."""
    wanted = await read(request, ListenTo)
    who = identity(request).agent_id
    _supervision(request).listen(who, Mode(wanted.mode), wanted.agent_id)
    return web.Response(status=204)


@routes.add("DELETE", "/api/v1/contacts/{contact_id}/listen", needs=NEEDS, status=204)
async def stop_listening(request: web.Request) -> web.Response:
    """Leave the call; the others go on."""
    _supervision(request).stop(identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/contacts/{contact_id}/take-over", needs=NEEDS, status=204)
async def take_over(request: web.Request) -> web.Response:
    """Have the customer from now on; the agent is free."""
    _supervision(request).take_over(identity(request).agent_id)
    return web.Response(status=204)


def _supervision(request: web.Request) -> Supervision:
    """Raises NoSuchCall."""
    return parts(request).switchboard.call_of(request.match_info["contact_id"]).supervision
