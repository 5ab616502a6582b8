"""Flows as a running server is asked to publish them: the client of its REST API."""

import base64
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ivr.flow import load
from ivr.written import written

from .server_client import Asking, Server, asking


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


def _flow(server: Server, name: str) -> AbstractAsyncContextManager[Asking]:
    """Asks about one flow."""
    return asking(server, f"flows/{quote(name, safe='')}")
