"""The systems around the demonstration: a bank that knows its customers' PINs, a database."""

import hmac
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web

ACCOUNT, PIN, BALANCE = "62220001", "135790", "8642.50"
"""The one account of the bank."""

_WRONG_ONES: Final = 5
"""PINs after which the account is told nobody any more: callers could try all of them."""


class Bank:
    """As config/outside/bank.yaml says."""

    def __init__(self) -> None:
        self._wrong = Counter[str]()

    async def balance(self, request: web.Request) -> web.Response:
        asked = await request.json()
        account, pin = str(asked["account"]), str(asked["pin"])
        if self._wrong[account] >= _WRONG_ONES:
            return web.Response(status=403)
        if account != ACCOUNT or not hmac.compare_digest(pin, PIN):
            self._wrong[account] += 1
            return web.Response(status=403)
        self._wrong[account] = 0
        return web.json_response(
            {
                "balance": {"amount": BALANCE, "currency": "CNY"},
                "asOf": datetime.now(UTC).date().isoformat(),
            }
        )


@asynccontextmanager
async def bank(port: int) -> AsyncIterator[None]:
    """It listens on loopback."""
    app = web.Application()
    app.router.add_post("/enquiries/balance", Bank().balance)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


def write_information(script: Path, database: Path) -> None:
    """The database of the information lines."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script.read_text(encoding="utf-8"))
