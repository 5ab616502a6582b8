"""
For machines that watch: is it alive, is it ready, how is it doing.

Where others than this machine can reach the API, strangers learn no more than alive and ready.
"""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from .parts import parts
from .routing import Routes

routes = Routes()


@routes.add("GET", "/healthz", needs=None, media_type="text/plain")
async def alive(request: web.Request) -> web.Response:
    """200 as long as the control process turns its loop."""
    return web.Response(text="ok\n")


@routes.add("GET", "/readyz", needs=None, media_type="text/plain")
async def ready(request: web.Request) -> web.Response:
    """200 if new calls are welcome; 503 otherwise, with the reasons if only this machine asks."""
    here = parts(request)
    problems = await here.problems()
    if problems:
        told = ["not ready"] if here.public else problems
        return web.Response(text="\n".join(told) + "\n", status=503)
    return web.Response(text="ready\n")


@routes.add("GET", "/metrics", needs=("metrics.read",), open_locally=True, media_type="text/plain")
async def metrics(request: web.Request) -> web.Response:
    """Prometheus figures; open if only this machine can ask."""
    body = await parts(request).metrics()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
