"""The demonstration's server: a process of its own, as an operator starts one, and its REST API."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

START_WITHIN = 300.0  # s; the first start speaks every prompt once
STOP_WITHIN = 30.0


class ServerFailed(Exception):
    """The server did not start, or a command of it failed; the message is its own words."""


def free(port: int, kind: socket.SocketKind) -> int:
    """This port if nobody has it, else any other."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DemoServer:
    """
    ``hotline serve`` on loopback, with the configuration that ``shipped`` holds.

    Its start page tells everybody ``password``, and what stands in ``start-page.yaml`` beside it.
    """

    def __init__(self, shipped: Path, data: Path, password: str) -> None:
        config: dict[str, Any] = yaml.safe_load(shipped.read_text(encoding="utf-8"))
        self.sip_port = free(config["sip"]["listen"][0]["port"], socket.SOCK_DGRAM)
        self.api_port = free(config["api"]["port"], socket.SOCK_STREAM)
        for listen in config["sip"]["listen"]:
            listen["port"] = self.sip_port
        for trunk in config["sip"]["trunks"]:
            if "outbound" in trunk:
                trunk["outbound"]["to"] = f"sip:127.0.0.1:{self.sip_port}"
        config["api"]["port"] = self.api_port
        config["data"] = str(data)
        self.bank_port = free(8090, socket.SOCK_STREAM)
        self.information = data / "information.db"
        bank = config["connectors"]["bank"]["settings"]
        bank["url"] = f"http://127.0.0.1:{self.bank_port}"
        queries = config["queries"]
        queries["databases"]["information"]["url"] = f"sqlite:///{self.information}"
        queries["lookups"] = str(shipped.with_name(queries["lookups"]))
        for document in config["fax"]["documents"].values():
            document["file"] = str(shipped.with_name(document["file"]))
        page = yaml.safe_load(shipped.with_name("start-page.yaml").read_text(encoding="utf-8"))
        config["demo"] = {**page, "password": password}
        self.data = data
        self.config_file = data / "hotline.yaml"
        data.mkdir(parents=True, exist_ok=True)
        self.config_file.touch(mode=0o600)  # the password stands in it
        self.config_file.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def uri(self, number: str) -> str:
        return f"sip:{number}@127.0.0.1:{self.sip_port}"

    async def command(self, *words: str, password: str = "") -> str:
        """Run another ``hotline`` command on the same configuration. Raises ServerFailed."""
        process = await asyncio.create_subprocess_exec(
            *_hotline(*words, "--config", str(self.config_file)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "HOTLINE_PASSWORD": password} if password else None,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise ServerFailed(output.decode(errors="replace").strip())
        return output.decode(errors="replace").strip()

    async def start(self) -> None:
        """Wait until it takes calls. Raises ServerFailed."""
        self._process = await asyncio.create_subprocess_exec(
            *_hotline("serve", "--config", str(self.config_file)),
            start_new_session=True,  # Ctrl-C is for the demonstration, which then stops it
        )
        try:
            async with asyncio.timeout(START_WITHIN), aiohttp.ClientSession() as session:
                while not await self._ready(session):
                    if self._process.returncode is not None:
                        raise ServerFailed(f"it ended with code {self._process.returncode}")
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise ServerFailed(f"it takes no calls after {START_WITHIN:g} seconds") from error

    async def stop(self) -> int:
        """SIGTERM, and its exit code; who speaks for longer than it waits is cut off by SIGKILL."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            return await self._process.wait()

    async def ended(self) -> int:
        """Wait for its end, which should not come by itself."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.api}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _hotline(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "cti_server", *words)


@dataclass
class Desk:
    """An agent's desktop: REST with their token, and what the stream brought."""

    agent_id: str
    session: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def open(cls, api: str, agent_id: str, password: str) -> AsyncIterator["Desk"]:
        """Log in. Raises ServerFailed."""
        async with aiohttp.ClientSession(api) as session:
            body = {"agent_id": agent_id, "password": password}
            async with session.post("/api/v1/sessions", json=body) as answer:
                if answer.status != 201:
                    raise ServerFailed(f"{agent_id} cannot log in: {await answer.text()}")
                token = (await answer.json())["token"]
            session.headers["Authorization"] = f"Bearer {token}"
            yield cls(agent_id, session)

    async def get(self, path: str) -> Any:
        async with self.session.get(path, raise_for_status=True) as answer:
            return await answer.json()

    async def download(self, path: str) -> bytes:
        async with self.session.get(path, raise_for_status=True) as answer:
            return await answer.read()

    async def set_state(self, state: str) -> None:
        path = f"/api/v1/agents/{self.agent_id}/state"
        async with self.session.put(path, json={"state": state}, raise_for_status=True):
            return

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The event stream, after its snapshot."""
        async with self.session.ws_connect("/api/v1/stream") as socket:
            await socket.send_json({"type": "hello"})
            await socket.receive_json(timeout=5)
            yield socket

    async def when(self, path: str, found: Callable[[Any], bool], within: float = 15) -> Any:
        """Ask again until it is there: records follow the calls within a second or so."""
        async with asyncio.timeout(within):
            while not found(answer := await self.get(path)):  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.2)
        return answer
