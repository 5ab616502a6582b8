"""A webhook's target for tests: a real HTTP server that answers as it is told to."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web


class Target:
    """``answers`` are the next ones' statuses, or "hang" or "drop"; then ``usual`` ones."""

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.usual: int | str = 204
        self.retry_after: str | None = None
        self.received: list[tuple[dict[str, str], str]] = []
        self.url = ""
        self._freed = asyncio.Event()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]

    @property
    def nodes(self) -> list[str]:
        """Of the events taken or refused, in order of arrival."""
        return [msgspec.json.decode(body)["data"]["node"] for _, body in self.received]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, body))
        how = self.answers.pop(0) if self.answers else self.usual
        if how == "hang":
            await self._freed.wait()
        if how == "drop":
            assert request.transport is not None
            request.transport.abort()
        if how == "babble":
            response = web.StreamResponse(status=200)
            await response.prepare(request)
            while not self._freed.is_set():
                await response.write(b"x" * 65536)
            return response
        status = how if isinstance(how, int) else 200
        headers = {"Location": self.url + "/elsewhere"}
        if self.retry_after is not None:
            headers["Retry-After"] = self.retry_after
        return web.Response(status=status, headers=headers)

    def free(self) -> None:
        self._freed.set()


def signed_by(secret: str, headers: dict[str, str], body: str) -> bool:
    """As a receiver checks it (standardwebhooks.com, "Verifying webhook authenticity")."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


@asynccontextmanager
async def listening() -> AsyncIterator[Target]:
    target, app = Target(), web.Application()
    app.router.add_post("/{path:.*}", target.answer)
    app.router.add_get("/{path:.*}", target.answer)
    runner: Any = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield target
    finally:
        target.free()
        await runner.cleanup()
