"""The media workers, for who operates the server."""

import structlog
from aiohttp import web

from cti_server.media.plane import WorkerAtWork
from cti_server.wire.media_workers import MediaWorkerView

from .parameters import number_in_path
from .parts import identity, parts
from .routing import Routes, answer, answer_many

log = structlog.get_logger()

routes = Routes()

NEEDS = ("workers.drain",)


@routes.add("GET", "/api/v1/media/workers", needs=NEEDS, answers=MediaWorkerView, many=True)
async def media_workers(request: web.Request) -> web.Response:
    """The processes that carry the calls' audio."""
    return answer_many([_view(worker) for worker in parts(request).plane.workers])


@routes.add(
    "POST",
    "/api/v1/media/workers/{number}/drain",
    needs=NEEDS,
    answers=MediaWorkerView,
    status=202,
)
async def drain(request: web.Request) -> web.Response:
    """Put a new process in a worker's place; the old one ends with the last of its calls."""
    number = number_in_path(request, "number", of="media worker")
    worker = await parts(request).plane.drain(number)
    log.info("api.worker_drained", worker=worker.number, agent_id=identity(request).agent_id)
    return answer(_view(worker), status=202)


def _view(worker: WorkerAtWork) -> MediaWorkerView:
    return MediaWorkerView(number=worker.number, legs=worker.legs, successor=worker.successor)
