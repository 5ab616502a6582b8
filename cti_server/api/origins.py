"""
Whose pages may use the API: our own, and those that the settings name.

No request is believed for a cookie, so another page cannot act for who is logged in here. This is
for what remains: a page of somebody else's that opens the stream or posts a log-in, and names that
are pointed at our address afterwards (DNS rebinding).
"""

from collections.abc import Awaitable, Callable, Iterable

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from .errors import ForeignOrigin
from .route_patterns import pattern_of

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_READING = {"GET", "HEAD"}


def only_from(origins: Iterable[str]) -> Middleware:
    """A middleware that refuses what a browser sends for another origin's page (RFC 6454 §7)."""
    known = frozenset(origin.rstrip("/").lower() for origin in origins)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and _matters(request) and not _is_ours(request, origin, known):
            log.info("api.origin_refused", origin=origin[:200], path=pattern_of(request))
            raise ForeignOrigin(origin[:200])
        return await handler(request)

    return check


def _matters(request: web.Request) -> bool:
    """A plain read from elsewhere is answered, and the browser keeps the answer from its page."""
    return request.method not in _READING or "Upgrade" in request.headers


def _is_ours(request: web.Request, origin: str, known: frozenset[str]) -> bool:
    """
    By host and port, as the browser says them in both headers.

    The scheme may differ: TLS can end at a proxy in front of us.
    """
    _, _, authority = origin.lower().partition("://")
    return origin.lower() in known or (authority != "" and authority == request.host.lower())
