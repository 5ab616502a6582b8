"""
The systems around a contact centre, each as small as it can be: one HTTP server that listens.

They keep what they are told, do a thing with one key once, and want a token.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TOKEN = "Bearer outside"

LOOK_UPS: dict[str, Any] = {
    "/billing/accounts/a 1/balance": {"amount": -1250, "currency": "CNY", "dueDate": "2026-12-01"},
    "/billing/accounts/a 1/bills": {
        "bills": [
            {"id": "b2", "period": "2026-10", "amount": 8800, "currency": "CNY", "paid": False},
            {"id": "b1", "period": "2026-09", "amount": 7700, "currency": "CNY", "paid": True},
        ]
    },
    "/warehouse/products/rice/stock": {"available": 7, "nextDelivery": "2026-11-30"},
    "/warehouse/products/镕/stock": {"available": 1, "nextDelivery": "镕记"},
}
MADE: dict[str, dict[str, Any]] = {
    "/trouble_ticket/troubleTickets": {"id": "TT1", "status": "acknowledged"},
    "/erp/salesOrders": {"orderId": "SO1", "state": "accepted"},
    "/activation/requests": {"id": "R1", "state": "inProgress"},
    "/mail/messages": {"messageId": "M1", "state": "queued"},
    "/bank/enquiries/balance": {
        "balance": {"amount": "1234.56", "currency": "CNY"},
        "asOf": "2026-11-22",
    },
    "/fraud/assessments": {"score": 91, "level": "high", "signals": [{"code": "sim_swapped"}]},
}
AFTERWARDS: dict[str, Any] = {
    "/trouble_ticket/troubleTickets/TT1": {
        "status": "inProgress",
        "statusChangeReason": "crew on its way",
        "expectedResolutionDate": "2026-11-23T09:00:00Z",
    },
    "/erp/salesOrders/SO1": {"state": "shipped", "shippedAt": "2026-11-22T10:00:00Z"},
    "/activation/requests/R1": {"state": "failed", "error": {"message": "no free port"}},
    "/mail/messages/M1": {"state": "bounced", "bounceReason": "mailbox full"},
}


class OutsideSystems:
    """
    ``next_answers``: what happens instead of an answer: a status, "hang", "large", "text", "deep",
    "gbk" (which it does not say) or "lost": it is done, and the answer does not arrive. ``charset``
    is what the others are in, and say so.
    """

    def __init__(self) -> None:
        self.url = ""
        self.next_answers: list[int | str] = []
        self.usual: int | str | None = None
        self.charset = "utf-8"
        self.told: dict[str, list[Any]] = {}
        """The bodies of what was made, by path; once for each key."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answering = 0
        """How many requests hang."""
        self._keys: set[str | None] = set()
        self._freed = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != TOKEN:
            return web.Response(status=401)
        self.asked.append((request.path, dict(request.query)))
        how = self.next_answers.pop(0) if self.next_answers else self.usual
        match how:
            case int(status):
                return web.Response(status=status, headers={"Location": self.url + "/elsewhere"})
            case "hang":
                self.answering += 1
                try:
                    await self._freed.wait()
                finally:
                    self.answering -= 1
            case "large":
                return web.json_response("x" * 1024 * 1024)
            case "text":
                return web.Response(text="<html>")
            case "deep":
                return web.Response(body=b"[" * 100_000)
            case "gbk":
                return web.Response(body='"大米"'.encode("gbk"))
        if request.method == "POST" and request.path in MADE:
            key = request.headers.get("Idempotency-Key")
            if key is None or key not in self._keys:
                self._keys |= {key} - {None}
                self.told.setdefault(request.path, []).append(await request.json())
            if how == "lost":
                return web.Response(status=504)
            return web.json_response(MADE[request.path], status=201)
        found = (LOOK_UPS | (AFTERWARDS if self.told else {})).get(request.path)
        return web.Response(status=404) if found is None else self._said(found)

    def _said(self, found: Any) -> web.Response:
        body = json.dumps(found, ensure_ascii=False).encode(
            "gbk" if self.charset == "gb2312" else "utf-8"
        )
        return web.Response(
            body=body, headers={"Content-Type": f"application/json; charset={self.charset}"}
        )

    def free(self) -> None:
        self._freed.set()


@asynccontextmanager
async def outside_systems() -> AsyncIterator[OutsideSystems]:
    systems, app = OutsideSystems(), web.Application()
    app.router.add_route("*", "/{path:.*}", systems.answer)
    runner: Any = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    systems.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield systems
    finally:
        systems.free()
        await runner.cleanup()
