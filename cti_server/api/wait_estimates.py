"""How long contacts will wait, as the floor has learnt it, and how often that was right."""

from dataclasses import asdict

from aiohttp import web

from cti_server.floor.floor import Floor
from cti_server.wire.wait_estimates import SharesHeld, WaitEstimate, WaitQuantiles

from .parts import parts
from .routing import Routes, answer_many

routes = Routes()


@routes.add("GET", "/api/v1/wait-estimates", needs=("floor.read",), answers=WaitEstimate, many=True)
async def wait_estimates(request: web.Request) -> web.Response:
    """By queue: the wait of who comes now, and how many of the estimates came true."""
    floor = parts(request).floor
    return answer_many([_of(floor, queue.name) for queue in floor.queues()])


def _of(floor: Floor, queue: str) -> WaitEstimate:
    expected = floor.estimates.expected(queue)
    return WaitEstimate(
        queue=queue,
        expected=None if expected is None else WaitQuantiles(**expected._asdict()),
        held=SharesHeld(**asdict(floor.estimates.held(queue))),
    )
