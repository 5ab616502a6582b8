"""
The desktop at ``/`` and below the paths of its pages, and the customers' page at
``/self-service``: files of :mod:`agent_desktop`, read once, nothing of them is run here.

A page may load from this server only and run nothing that is written into it (CSP level 3);
pictures and sounds, also what it has fetched itself (blob:), with whose session it is. What
the desktop is built of has its hash in its name, and is asked for once.
"""

import functools
import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import structlog
from aiohttp import web

log = structlog.get_logger()

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # asked for again each time, and mostly answered by 304
}
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
_SMALL: Final = 1024  # bytes; what is smaller is not worth packing
FOR_EVER: Final = "public, max-age=31536000, immutable"
CLIENT_PATHS: Final = (
    *("/", "/supervisor", "/administrator", "/recordings", "/targets", "/wall", "/start"),
    "/channels",  # where the channel map was by itself
)
"""What the desktop shows by itself, and all below; each is the same page."""


class _File:
    def __init__(self, name: str, content: bytes, *, kept: bool = False) -> None:
        suffix = name[name.rfind(".") :]
        self.type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain"
        self.content = content
        self.tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        packed = gzip.compress(content, 9, mtime=0) if len(content) > _SMALL else content
        self.packed = packed if len(packed) < len(content) else None
        self.caching = {"Cache-Control": FOR_EVER} if kept else {}

    async def serve(self, request: web.Request) -> web.Response:
        headers = {**SECURITY, **self.caching, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == self.tag:
            return web.Response(status=304, headers=headers)
        body = self.content
        if self.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = self.packed, "gzip"
        charset = "utf-8" if self.type.startswith("text/") else None
        return web.Response(body=body, content_type=self.type, charset=charset, headers=headers)


def add_to(app: web.Application, *, self_service: bool) -> None:
    """Serve the pages and what they are made of; the customers' where they are offered anything."""
    add_desktop(app, _desktop())
    if self_service:
        pages = {"index.html": "/self-service", "chat.html": "/self-service/chat"}
        _add(app, "self_service", "/self-service/", pages)


def add_desktop(app: web.Application, desktop: tuple[_File, Mapping[str, _File]] | None) -> None:
    """What the web client was built to; where it was not, whoever asks is told so."""
    if desktop is None:
        log.warning("api.desktop_not_built")
        app.router.add_get("/", _not_built)
        return
    page, assets = desktop
    for path in CLIENT_PATHS:
        app.router.add_get(path, page.serve)
        if path != "/":
            app.router.add_get(path + "/{below:.*}", page.serve)
    for name, asset in assets.items():
        app.router.add_get(f"/desktop/assets/{name}", asset.serve)


@functools.cache
def _desktop() -> tuple[_File, dict[str, _File]] | None:
    """The page and what it is made of, read and packed once; None if it was not built."""
    built = files("agent_desktop") / "built"
    if not (built / "index.html").is_file():
        return None
    assets = {
        entry.name: _File(entry.name, entry.read_bytes(), kept=True)
        for entry in (built / "assets").iterdir()
    }
    return _File("index.html", (built / "index.html").read_bytes()), assets


async def _not_built(request: web.Request) -> web.Response:
    text = "The desktop was not built: run 'make setup', or install the packed Hotline."
    return web.Response(status=503, text=text, headers=SECURITY)


def _add(app: web.Application, folder: str, below: str, pages: Mapping[str, str]) -> None:
    for entry in (files("agent_desktop") / folder).iterdir():
        if entry.is_file():
            path = pages.get(entry.name, f"{below}{entry.name}")
            app.router.add_get(path, _File(entry.name, entry.read_bytes()).serve)
