"""
Debian's Firefox ESR, driven by WebDriver BiDi over one WebSocket; its microphone is a tone.

It has no audio connection to a loopback address: the worker has to be at :func:`own_address`.
"""

import asyncio
import contextlib
import itertools
import json
import re
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import websockets

from tests.running_server import PASSWORD

from . import ears
from .tab import Tab

FIREFOX = "/usr/bin/firefox-esr"
START_WITHIN = 30.0  # s

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "network.proxy.type": 0,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
}


def own_address() -> str:
    """This machine's address on the way out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
        return str(probe.getsockname()[0])


class Firefox:
    """One running Firefox; what is asked of it is answered one after the other."""

    def __init__(self, stream: websockets.ClientConnection) -> None:
        self._stream = stream
        self._numbers = itertools.count(1)

    async def ask(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        await self._stream.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await self._stream.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]

    async def tabs(self) -> list[str]:
        """All that are open, the oldest first."""
        tree = await self.ask("browsingContext.getTree")
        return [one["context"] for one in tree["contexts"]]

    async def new_tab(self) -> "FirefoxTab":
        made = await self.ask("browsingContext.create", type="tab")
        return FirefoxTab(self, made["context"])


class FirefoxTab(Tab):
    """One page of the desktop in Firefox."""

    listen = staticmethod(ears.recorded)

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    async def open(self, port: int, script: str = "") -> None:
        """With a script of the test's that runs before the page's own."""
        if script:
            await self._firefox.ask(
                "script.addPreloadScript",
                functionDeclaration=f"() => {{{script}}}",
                contexts=[self._context],
            )
        url = f"http://localhost:{port}/"
        await self._do("browsingContext.navigate", url=url, wait="complete")

    async def reload(self) -> None:
        await self._do("browsingContext.reload", wait="complete")

    async def close(self) -> None:
        await self._do("browsingContext.close")

    async def another(self) -> "FirefoxTab":
        """Opened by this one, so that it begins with a copy of all that the tab remembers."""
        before = await self._firefox.tabs()
        await self.evaluate("void window.open('/')")
        (new,) = set(await self._firefox.tabs()) - set(before)
        return FirefoxTab(self._firefox, new)

    async def evaluate(self, expression: str) -> Any:
        """Numbers, strings, booleans."""
        answer = await self._firefox.ask(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    async def type_in(self, agent_id: str) -> None:
        await self.evaluate(
            f"""{{
                document.getElementById("agent-id").value = "{agent_id}";
                document.getElementById("password").value = "{PASSWORD}";
                document.getElementById("log-in").requestSubmit();
            }}"""
        )

    async def press(self, button: str) -> None:
        """As soon as it is drawn."""
        await self.evaluate(
            f"""(async () => {{
                const until = Date.now() + 10_000;
                const found = () => document.getElementById("{button}");
                while (!found() && Date.now() < until)
                    await new Promise((done) => setTimeout(done, 10));
                found().click();
            }})()"""
        )

    async def _do(self, method: str, **parameters: Any) -> None:
        await self._firefox.ask(method, context=self._context, **parameters)


@contextlib.asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """A Firefox with a profile of its own."""
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});"
        for name, value in PREFERENCES.items()
    ]
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        FIREFOX,
        "--headless",
        "--no-remote",
        "--profile",
        str(folder),
        "--remote-debugging-port=0",
        stderr=PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read(process, address))
    try:
        async with asyncio.timeout(START_WITHIN):
            url = await address
        async with websockets.connect(f"{url}/session", max_size=None, proxy=None) as stream:
            browser = Firefox(stream)
            await browser.ask("session.new", capabilities={})
            yield browser
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading  # its own processes have the pipe, too; only then it is closed


async def _read(process: Process, address: asyncio.Future[str]) -> None:
    """Until nobody can write any more; ``address`` is where it can be driven."""
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(rb"WebDriver BiDi listening on (ws://\S+)", line)
        if found and not address.done():
            address.set_result(found[1].decode())
    if not address.done():
        address.set_exception(AssertionError(f"Firefox ended with {await process.wait()}"))
