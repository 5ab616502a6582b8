"""A real server in a process of its own, as an operator runs it, on ports of its own."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests import preloaded
from tests.ports import free_port

ROOT = preloaded.ROOT
PROMPT_CACHE = ROOT / "var" / "test-prompts"
"""Kept between runs: speech is rendered once."""

PASSWORD = "correct-horse"


@dataclass
class RunningServer:
    """``hotline serve`` with its configuration, and the ways to it."""

    folder: Path
    config: dict[str, Any]
    sip_port: int
    api: str
    watched: bool = False
    process: asyncio.subprocess.Process | preloaded.Process | None = None
    log_lines: list[dict[str, Any]] = field(default_factory=list)
    _reader: asyncio.Task[None] | None = None
    _desktops: list["Desktop"] = field(default_factory=list)

    @property
    def config_file(self) -> Path:
        return self.folder / "hotline.yaml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def uri(self, number: str) -> str:
        return f"sip:{number}@127.0.0.1:{self.sip_port}"

    @property
    def control_pid(self) -> int:
        """The control process; a watched one is the last that its watcher has started."""
        assert self.process is not None
        if not self.watched:
            return self.process.pid
        lines = [each for each in self.log_lines if each.get("event") == "watchdog.server_started"]
        return int(lines[-1]["pid"])

    async def start(self) -> None:
        await self.launch()
        await self.logged("server.started", within=120)

    async def launch(self) -> None:
        """The same, without waiting for it to serve."""
        self.config_file.write_text(yaml.safe_dump(self.config), encoding="utf-8")
        words = ["serve", "--config", str(self.config_file)]
        environment = {**os.environ, "PYTHONASYNCIODEBUG": ""}
        if self.watched:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cti_server", *words, "--watched"),
                cwd=ROOT,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
            )
            assert self.process.stderr is not None
            log = self.process.stderr
        else:
            self.process = await preloaded.run(*words, environment=environment, output="stderr")
            log = self.process.output
        self._reader = asyncio.create_task(self._read_log(log))

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.wait()

    async def kill(self) -> None:
        """As a crash does it."""
        assert self.process is not None
        self.process.kill()
        await self.wait()

    async def wait(self) -> int:
        assert self.process is not None
        assert self._reader is not None
        async with asyncio.timeout(60):
            code = await self.process.wait()
            await self._reader
        return code

    async def logged(self, event: str, within: float = 60, nth: int = 1) -> dict[str, Any]:
        """Wait for a log line; what it says. A server that has ended is not waited for."""
        async with asyncio.timeout(within):
            while True:
                found = [line for line in self.log_lines if line.get("event") == event]
                if len(found) >= nth:
                    return found[nth - 1]
                assert self._reader is not None
                if self._reader.done():
                    raise AssertionError(f"ended without {event}: {self.log_lines[-20:]}")
                await self._more.wait()
                self._more.clear()

    def __post_init__(self) -> None:
        self._more = asyncio.Event()

    async def _read_log(self, log: asyncio.StreamReader) -> None:
        async for line in log:
            try:
                self.log_lines.append(json.loads(line))
            except ValueError:
                self.log_lines.append({"text": line.decode(errors="replace").rstrip()})
            self._more.set()
        self._more.set()

    # --- what an operator and an agent do ------------------------------------------------------

    async def command(self, *words: str) -> str:
        """Run ``hotline WORDS… --config …``; its output. Fails the test if the command does."""
        process = await preloaded.run(
            *(*words, "--config", str(self.config_file)),
            environment={**os.environ, "HOTLINE_PASSWORD": PASSWORD},
            output="both",
        )
        output = (await process.output.read()).decode()
        assert await process.wait() == 0, output
        return output

    async def when_metric(self, name: str, value: float) -> None:
        """Wait until ``/metrics`` says so."""
        wanted = f"hotline_{name} {value}"
        async with asyncio.timeout(30), aiohttp.ClientSession(self.api) as session:
            while wanted not in await (await session.get("/metrics")).text():  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def add_agent(self, agent_id: str, number: str, *options: str) -> None:
        await self.command(
            "agent", "add", agent_id, "--name", agent_id.title(), "--number", number, *options
        )

    async def log_in(self, agent_id: str) -> "Desktop":
        who = {"agent_id": agent_id, "password": PASSWORD}
        async with (
            aiohttp.ClientSession(self.api) as session,
            session.post("/api/v1/sessions", json=who) as answer,
        ):
            assert answer.status == 201, await answer.text()
            token = (await answer.json())["token"]
        self._desktops.append(Desktop(self.api, agent_id, token))
        return self._desktops[-1]

    async def close_desktops(self) -> None:
        """Those that are still open, as after a test that failed: another one would be blamed."""
        for desktop in self._desktops:
            await desktop.close()


@dataclass
class Desktop:
    """One agent's REST session and stream."""

    api: str
    agent_id: str
    token: str

    def __post_init__(self) -> None:
        self._session = aiohttp.ClientSession(
            self.api, headers={"Authorization": f"Bearer {self.token}"}
        )

    async def close(self) -> None:
        await self._session.close()

    async def get(self, path: str) -> Any:
        answer = await self._session.get(path)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def get_bytes(self, path: str) -> bytes:
        answer = await self._session.get(path)
        assert answer.status == 200, await answer.text()
        return await answer.read()

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        """The status and the answer."""
        answer = await self._session.post(path, json=body or None)
        return answer.status, await answer.json() if answer.status != 204 else None

    async def patch(self, path: str, **body: Any) -> Any:
        answer = await self._session.patch(path, json=body)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def put(self, path: str, **body: Any) -> Any:
        answer = await self._session.put(path, json=body)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def put_wav(self, path: str, sound: bytes) -> Any:
        wav = {"Content-Type": "audio/wav"}
        answer = await self._session.put(path, data=sound, headers=wav)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def delete(self, path: str) -> tuple[int, Any]:
        """The status and the answer."""
        answer = await self._session.delete(path)
        return answer.status, await answer.json() if answer.status != 204 else None

    async def set_state(self, state: str, reason: str | None = None) -> None:
        answer = await self._session.put(
            f"/api/v1/agents/{self.agent_id}/state", json={"state": state, "reason": reason}
        )
        assert answer.status == 200, await answer.text()

    @contextlib.asynccontextmanager
    async def stream(self) -> AsyncIterator["Feed"]:
        async with self._session.ws_connect("/api/v1/stream") as socket:
            await socket.send_json({"type": "hello", "token": self.token})
            feed = Feed(socket)
            feed.snapshot = await feed.next()
            yield feed

    async def when(self, path: str, ready: Any, within: float = 40.0) -> Any:
        """
        Ask until the answer is ``ready``: records follow the calls within a second or so.

        What is not there yet may come, too.
        """
        async with asyncio.timeout(within):
            while True:
                answer = await self._session.get(path)
                if answer.status != 404:
                    assert answer.status == 200, await answer.text()
                    if ready(found := await answer.json()):
                        return found
                await asyncio.sleep(0.1)


class Feed:
    """A stream that remembers the loop time at which each message came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.snapshot: dict[str, Any] = {}
        self.received: list[tuple[float, dict[str, Any]]] = []

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._socket.receive_str(timeout=30))
        self.received.append((asyncio.get_running_loop().time(), message))
        return message

    async def until(self, event: str, **fields: Any) -> dict[str, Any]:
        """The next delta of this event whose data has these fields."""
        while True:
            message = await self.next()
            data = message.get("data", {})
            if data.get("event") == event and fields.items() <= data.items():
                return message


def configuration(folder: Path, **changes: Any) -> tuple[dict[str, Any], int, int]:
    """A small centre for tests on free ports; the SIP and API ports."""
    sip_port, api_port = free_port(), changes.get("api", {}).get("port") or free_port()
    config: dict[str, Any] = {
        "data": str(folder / "data"),
        "sip": {
            "listen": [
                {"transport": "udp", "host": "127.0.0.1", "port": sip_port},
                {"transport": "tcp", "host": "127.0.0.1", "port": sip_port},
            ],
            "trunks": [{"name": "loopback", "addresses": ["127.0.0.1"]}],
        },
        "media": {"workers": 1, "ports": [30000, 32999]},
        "api": {"port": api_port},
        "speech": {"languages": ["en"], "cache": str(PROMPT_CACHE)},
        "numbers": {
            "1000": {"flow": "shipped:bench.yaml"},
            "1001": {"queue": "recorded", "language": "en"},
        },
        "queues": [
            {"name": "recorded", "skills": {"sales": 1}, "wrap_up": 1, "announce_agent": False},
            {"name": "unrecorded", "skills": {"sales": 1}, "wrap_up": 1, "record": False},
        ],
    }
    return {**config, **changes}, sip_port, api_port


@contextlib.asynccontextmanager
async def serving(folder: Path, **changes: Any) -> AsyncIterator[RunningServer]:
    """Start a server; stop it at the end if it still runs, and hold it to exit code 0."""
    config, sip_port, api_port = configuration(folder, **changes)
    server = RunningServer(folder, config, sip_port, f"http://127.0.0.1:{api_port}")
    try:
        await server.start()
        yield server
    finally:
        await server.close_desktops()
        assert server.process is not None
        if server.process.returncode is None:
            assert await server.stop() == 0, server.log_lines[-20:]
        failed = [line for line in server.log_lines if re.search("failed|Traceback", str(line))]
        assert failed == []
