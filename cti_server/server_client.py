"""A running server as the commands ask it: the client of its REST API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .refusals import CommandRefused

_ANSWERED_WITHIN = 600  # seconds: every prompt of a flow may be new


class ServerRefused(CommandRefused):
    """The server did not do what it was asked to; the message is its own."""


class ServerUnreachable(CommandRefused):
    """Nobody answers there."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    key: str = field(repr=False)


class Asking:
    """Made by :func:`asking`."""

    def __init__(self, session: aiohttp.ClientSession, path: str) -> None:
        self._session = session
        self._path = path

    async def __call__(
        self, method: str, path: str, body: Any = None, *, wav: bytes | None = None
    ) -> Any:
        """Send JSON, or a recording. Raises ServerRefused and ServerUnreachable."""
        more = (
            {"json": body}
            if wav is None
            else {"data": wav, "headers": {"Content-Type": "audio/wav"}}
        )
        try:
            async with self._session.request(method, f"{self._path}{path}", **more) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ServerUnreachable(f"no server of ours answers there: {error}") from error
        if not answer.ok:
            detail = told.get("detail") if isinstance(told, dict) else None
            raise ServerRefused(str(detail or answer.reason))
        return told


@asynccontextmanager
async def asking(server: Server, path: str) -> AsyncIterator[Asking]:
    """Asks about what is below this path of the API."""
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=aiohttp.ClientTimeout(total=_ANSWERED_WITHIN),
    ) as session:
        yield Asking(session, f"{server.url.rstrip('/')}/api/v1/{path}")
