"""A real Kannel (bearerbox and smsbox) between us and the phones of a test."""

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_from_bytes

import aiohttp
from aiohttp import web
from yarl import URL

from tests.ports import free_port

USER, PASSWORD, SECRET = "hotline", "sendsecret", "a-secret-of-the-gateway"
OURS = "10690000"
_PLAN = """\
group = core
admin-port = {admin}
admin-password = {password}
admin-interface = 127.0.0.1
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
store-type = file
store-location = {folder}/store
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = http
smsc-id = phones
system-type = kannel
port = {phones}
connect-allow-ip = 127.0.0.1
send-url = "http://127.0.0.1:{air}/"
smsc-username = air
smsc-password = air

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
http-request-retry = 60
http-queue-delay = 1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = {user}
password = {password}
concatenation = true
max-messages = 10
user-allow-ip = 127.0.0.1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
post-url = "http://kannel:{secret}@{api}/api/v1/sms/kannel?id=%I&from=%p&to=%P&coding=%c&charset=%C"
"""


class Air:
    """What is behind Kannel's SMSC (of the kind "http"): all the phones of a test."""

    def __init__(self, port: int) -> None:
        """``port``: of that SMSC."""
        self._smsc = f"http://127.0.0.1:{port}/"
        self._got: defaultdict[str, list[str]] = defaultdict(list)
        self._parts: defaultdict[tuple[str, int], dict[int, bytes]] = defaultdict(dict)
        self._more = asyncio.Condition()

    def phone(self, number: str) -> "Handset":
        return Handset(self, number)

    def got(self, number: str) -> list[str]:
        return self._got[number]

    async def send(self, number: str, text: str) -> None:
        """In 16-bit units, as networks have what is not in their own alphabet."""
        coding, data = ("0", text.encode()) if text.isascii() else ("2", text.encode("utf-16-be"))
        who = f"username=air&password=air&from={quote(number)}&to={OURS}"
        said = f"coding={coding}&text={quote_from_bytes(data, safe='')}"
        url = URL(f"{self._smsc}?{who}&{said}", encoded=True)
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.ok, await answer.text()

    async def until(self, true: Callable[[], bool], within: float) -> None:
        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(true)

    async def take(self, request: web.Request) -> web.Response:
        """A text for a phone; the parts of a long one are put together by their headers."""
        given = dict(parse_qsl(request.rel_url.raw_query_string, encoding="latin-1"))
        number, data = given["to"], given["text"].encode("latin-1")
        if header := given.get("udh", "").encode("latin-1"):
            *_, reference, of, part = header
            parts = self._parts[number, reference]
            parts[part] = data
            if len(parts) == of:
                await self._arrived(number, given, b"".join(parts[n] for n in sorted(parts)))
                del self._parts[number, reference]
        else:
            await self._arrived(number, given, data)
        return web.Response(status=202, text="0: Accepted for delivery")

    async def _arrived(self, number: str, given: Mapping[str, str], data: bytes) -> None:
        text = data.decode("utf-16-be" if given.get("coding") == "2" else "utf-8")
        async with self._more:
            self._got[number].append(text)
            self._more.notify_all()


class Handset:
    """One customer's phone; it remembers what it got."""

    def __init__(self, air: Air, number: str) -> None:
        self._air = air
        self.number = number
        self._read = len(air.got(number))

    @property
    def got(self) -> list[str]:
        """Everything, from the beginning."""
        return list(self._air.got(self.number))

    async def send(self, text: str) -> None:
        await self._air.send(self.number, text)

    async def next(self, within: float = 30.0) -> str:
        """The text after the one that was read last."""
        await self._air.until(lambda: len(self.got) > self._read, within)
        self._read += 1
        return self.got[self._read - 1]

    async def ask(self, text: str, within: float = 30.0) -> str:
        await self.send(text)
        return await self.next(within)


class Kannel:
    """Of one test, on ports of its own."""

    def __init__(self, folder: Path, api_port: int) -> None:
        self.send_port, self._phones, self._air = free_port(), free_port(), free_port()
        self._plan = folder / "kannel.conf"
        self._folder = folder
        self._text = _PLAN.format(
            admin=free_port(),
            boxes=free_port(),
            phones=self._phones,
            air=self._air,
            send=self.send_port,
            folder=folder,
            user=USER,
            password=PASSWORD,
            secret=SECRET,
            api=f"127.0.0.1:{api_port}",
        )

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[Air]:
        await asyncio.to_thread(self._plan.write_text, self._text)
        async with contextlib.AsyncExitStack() as stack:
            air = Air(self._phones)
            stack.push_async_callback(await _served(air, self._air))
            await stack.enter_async_context(self._running("bearerbox"))
            await _is_there(self._phones)
            await stack.enter_async_context(self._running("smsbox"))
            await _is_there(self.send_port)
            yield air

    @contextlib.asynccontextmanager
    async def _running(self, program: str) -> AsyncIterator[None]:
        process = await asyncio.create_subprocess_exec(
            *(f"/usr/sbin/{program}", str(self._plan)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                async with asyncio.timeout(60):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def gateway(kannel: Kannel) -> dict[str, object]:
    """As our configuration has it."""
    return {
        "send_url": f"http://127.0.0.1:{kannel.send_port}/cgi-bin/sendsms",
        "username": USER,
        "password": PASSWORD,
        "secret": SECRET,
    }


_numbers = itertools.count(13_700_000_000)


def new_number() -> str:
    """Of somebody who has not written before, in the form that we write to."""
    return f"+86{next(_numbers)}"


async def _served(air: Air, port: int) -> Callable[[], Awaitable[None]]:
    """How it is ended."""
    app = web.Application()
    app.router.add_get("/", air.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner.cleanup


async def _is_there(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
