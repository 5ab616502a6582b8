"""Who waits in a queue, over REST; who watches it does so on the stream."""

from aiohttp import web

from cti_server.waiting_list.rows import Sight
from cti_server.wire.waiting import QueueWaitingView

from .parameters import number
from .parts import identity, parts
from .permissions import Identity
from .routing import Query, Routes, answer

routes = Routes()

NEEDS = "floor.read"
USUAL, MOST = 100, 1000


@routes.add(
    "GET",
    "/api/v1/queues/{queue}/waiting",
    needs=(NEEDS,),
    answers=QueueWaitingView,
    query=(Query("limit", "integer", f"how many of the first, to {MOST}; {USUAL} if not given"),),
)
async def waiting(request: web.Request) -> web.Response:
    """Who waits in a queue at this moment: who is being offered to an agent, then by place."""
    most = number(request, "limit", default=USUAL, most=MOST)
    sight = sight_of(identity(request))
    return answer(parts(request).waiting.now(request.match_info["queue"], sight, most))


def sight_of(who: Identity) -> Sight:
    """As contacts have it."""
    return Sight(
        teams=who.teams,
        numbers=who.may("contacts.read"),
        customers=who.may("contacts.read") and who.may("customers.read"),
    )
