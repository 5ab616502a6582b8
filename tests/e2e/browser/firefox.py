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

FIREFOX = "/usr/bin/firefox-esr"
MICROPHONE = 1000  # Hz of Firefox's own pretended one
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
    """One page in one Firefox."""

    def __init__(self, stream: websockets.ClientConnection) -> None:
        self._stream = stream
        self._numbers = itertools.count(1)
        self._page = ""

    async def begin(self) -> None:
        await self._do("session.new", capabilities={})
        tree = await self._do("browsingContext.getTree")
        self._page = tree["contexts"][0]["context"]

    async def open(self, url: str) -> None:
        await self._do("browsingContext.navigate", context=self._page, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression, or of the promise that it is; numbers, strings, booleans."""
        answer = await self._do(
            "script.evaluate",
            expression=expression,
            target={"context": self._page},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    async def log_in(self, agent_id: str) -> None:
        await self.evaluate(
            f"""{{
                document.getElementById("agent-id").value = "{agent_id}";
                document.getElementById("password").value = "{PASSWORD}";
                document.getElementById("log-in").requestSubmit();
            }}"""
        )
        await self.when("desk.link === 'up' && desk.agent.unfit.length === 0")

    async def press(self, button: str) -> None:
        await self.evaluate(f"document.getElementById('{button}').click()")

    async def when(self, condition: str, within: float = 15.0) -> None:
        happened = await self.evaluate(
            f"""(async () => {{
                const until = Date.now() + {1000 * within};
                while (Date.now() < until) {{
                    if (globalThis.desk && ({condition})) return true;
                    await new Promise((done) => setTimeout(done, 10));
                }}
                return false;
            }})()"""
        )
        assert happened, f"not within {within:g} s: {condition}; {await self.desk()}"

    async def desk(self) -> Any:
        return await self.evaluate(
            """JSON.stringify(globalThis.desk && {agent: desk.agent, path: desk.path,
                calls: [...desk.calls.values()], microphone: desk.microphone.state,
                ice: desk.call && desk.softphone.peer(desk.call.id)?.iceConnectionState,
                alert: document.getElementById("alert").textContent})"""
        )

    async def _do(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        await self._stream.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await self._stream.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]


@contextlib.asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """A Firefox with a profile of its own, and its one page."""
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
    try:
        async with asyncio.timeout(START_WITHIN):
            url = await _listens_at(process)
        drain = asyncio.create_task(_drain(process))
        async with websockets.connect(f"{url}/session", max_size=None, proxy=None) as stream:
            page = Firefox(stream)
            await page.begin()
            yield page
        drain.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens_at(process: Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(rb"WebDriver BiDi listening on (ws://\S+)", line)
        if found:
            return found[1].decode()
    raise AssertionError(f"Firefox ended with {await process.wait()}")


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    async for _ in process.stderr:
        pass
