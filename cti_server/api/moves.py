"""Supervisors move who waits to another queue: theirs is gone, or cannot serve them."""

from aiohttp import web

from cti_server.wire.calls import QueueToWaitIn

from .parts import identity, parts
from .routing import Routes, read

routes = Routes()


@routes.add(
    "POST",
    "/api/v1/contacts/{contact_id}/move",
    needs=("contacts.control",),
    body=QueueToWaitIn,
    status=204,
)
async def move(request: web.Request) -> web.Response:
    """Have a contact that waits, of whatever channel, wait elsewhere from its own first moment."""
    wanted, here = await read(request, QueueToWaitIn), parts(request)
    contact_id, moved_by = request.match_info["contact_id"], identity(request).agent_id
    if (call := here.switchboard.find(contact_id)) is not None:
        call.course.move(wanted.queue, moved_by)
    else:
        here.tray.move(contact_id, wanted.queue, moved_by)
    return web.Response(status=204)
