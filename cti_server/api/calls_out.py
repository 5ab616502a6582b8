"""Calls to customers: who is to be called back."""

from aiohttp import web

from cti_server.store.call_backs import CallBack, CallBacks
from cti_server.wire.rest import CallBackView

from .parts import identity, parts
from .routing import Query, Routes, answer_many, number

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/call-backs",
    needs=("calls.dial",),
    answers=CallBackView,
    many=True,
    query=(Query("limit", "integer", "at most this many, 1 to 500"), Query("queue")),
)
async def call_backs(request: web.Request) -> web.Response:
    """Who lost their place in a queue and is to be called back; who waited longest is first."""
    async with parts(request).database.readers() as session:
        found = await CallBacks(session).open(
            number(request, "limit", default=100, most=500), queue=request.query.get("queue")
        )
    return answer_many([_view(each) for each in found])


@routes.add("DELETE", "/api/v1/call-backs/{call_back_id}", needs=("call_backs.remove",), status=204)
async def remove_call_back(request: web.Request) -> web.Response:
    """Take somebody off the list who need not be called any more."""
    call_back_id = request.match_info["call_back_id"]
    await parts(request).call_backs.remove(call_back_id, identity(request).agent_id)
    return web.Response(status=204)


def _view(found: CallBack) -> CallBackView:
    return CallBackView(
        id=found.id,
        number=found.number,
        queue=found.queue,
        queued_at=found.queued_at,
        wanted_at=found.wanted_at,
        reason=found.reason,
        attempts=found.attempts,
        last_agent_id=found.last_agent_id,
        last_contact_id=found.last_contact_id,
        last_dialled_at=found.last_dialled_at,
    )
