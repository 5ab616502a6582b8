"""Flows as a running server is asked to publish them: the client of its REST API."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from ivr.flow import load
from ivr.written import written

from .refusals import CommandRefused

_RENDERED_WITHIN = 600  # seconds: every prompt may be new


class ServerRefused(CommandRefused):
    """The server did not do what it was asked to; the message is its own."""


class ServerUnreachable(CommandRefused):
    """Nobody answers there."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    key: str = field(repr=False)


async def publish_flow(server: Server, file: Path) -> tuple[str, int]:
    """The flow's name, and as which version it is published. Raises FlowInvalid."""
    flow = load(file)
    draft = written(flow)
    sounds = {path: base64.b64encode(sound).decode() for path, sound in draft.sounds.items()}
    async with _flow(server, flow.name) as ask:
        version = (await ask("GET", ""))["version"]
        body = {
            "version": version,
            "main": draft.main,
            "texts": dict(draft.texts),
            "sounds": sounds,
        }
        return flow.name, (await ask("POST", "/publish", body))["version"]


async def roll_back_flow(server: Server, name: str, to: int | None) -> int:
    """As which version the earlier one is published now."""
    async with _flow(server, name) as ask:
        version = (await ask("GET", ""))["version"]
        made: int = (await ask("POST", "/roll-back", {"version": version, "to": to}))["version"]
        return made


async def versions_of(server: Server, name: str) -> list[Mapping[str, Any]]:
    """The newest first."""
    found, after = list[Mapping[str, Any]](), ""
    async with _flow(server, name) as ask:
        while True:
            page = await ask("GET", f"/versions?limit=200{after}")
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&after={quote(page['next'])}"


class _Asking:
    def __init__(self, session: aiohttp.ClientSession, path: str) -> None:
        self._session = session
        self._path = path

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Raises ServerRefused and ServerUnreachable."""
        try:
            async with self._session.request(method, f"{self._path}{path}", json=body) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ServerUnreachable(f"no server of ours answers there: {error}") from error
        if not answer.ok:
            detail = told.get("detail") if isinstance(told, dict) else None
            raise ServerRefused(str(detail or answer.reason))
        return told


@asynccontextmanager
async def _flow(server: Server, name: str) -> AsyncIterator[_Asking]:
    """Asks about one flow."""
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=aiohttp.ClientTimeout(total=_RENDERED_WITHIN),
    ) as session:
        yield _Asking(session, f"{server.url.rstrip('/')}/api/v1/flows/{quote(name, safe='')}")
