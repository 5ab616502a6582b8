"""
The agents' page at ``/``, the supervisors' channel map at ``/channels``, and the customers' at
``/self-service``: files of :mod:`agent_desktop`, read once, nothing of them is run here.

A page may load from this server only and run nothing that is written into it (CSP level 3).
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from importlib.resources import files

from aiohttp import web

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # asked for again each time, and mostly answered by 304
}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


class _File:
    def __init__(self, name: str, content: bytes) -> None:
        suffix = name[name.rfind(".") :]
        self.type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain"
        self.content = content
        self.tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    async def serve(self, request: web.Request) -> web.Response:
        headers = {**SECURITY, "ETag": self.tag}
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers=headers)
        charset = "utf-8" if self.type.startswith("text/") else None
        return web.Response(
            body=self.content, content_type=self.type, charset=charset, headers=headers
        )


def add_to(app: web.Application, *, self_service: bool) -> None:
    """Serve the pages and what they are made of; the customers' where they are offered anything."""
    _add(app, "page", "/desktop/", {"index.html": "/", "channels.html": "/channels"})
    if self_service:
        pages = {"index.html": "/self-service", "chat.html": "/self-service/chat"}
        _add(app, "self_service", "/self-service/", pages)


def _add(app: web.Application, folder: str, below: str, pages: Mapping[str, str]) -> None:
    for entry in (files("agent_desktop") / folder).iterdir():
        if entry.is_file():
            path = pages.get(entry.name, f"{below}{entry.name}")
            app.router.add_get(path, _File(entry.name, entry.read_bytes()).serve)
