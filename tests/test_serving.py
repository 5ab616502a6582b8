"""One server's life as its process sees it: signals, and others that take over."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from cti_server import serving
from cti_server.lease import TurnNews
from tests.test_notices import Watcher

Scenario = Callable[["OneCall", Watcher], Awaitable[None]]


class OneCall:
    """Stands for :class:`cti_server.app.Hotline` with a call that goes on until it is cut."""

    def __init__(self, settings: Settings, news: TurnNews, *, died: int | None) -> None:
        self.news = news
        self.started, self.draining, self.cut = (asyncio.Event() for _ in range(3))
        self.switchboard = SimpleNamespace(close=self._cut)
        self.readings: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()
        """Those begun; each lasts until it is told how it ends."""

    async def start(self) -> None:
        self.started.set()

    async def reload(self) -> None:
        ended = asyncio.get_running_loop().create_future()
        self.readings.put_nowait(ended)
        await ended

    async def stop(self, reason: str, *, drain_for: float) -> None:
        self.draining.set()
        async with asyncio.timeout(30):
            await self.cut.wait()

    async def _cut(self) -> None:
        self.cut.set()


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], int]:
    """Runs a server through a scenario; the exit code."""
    address = str(tmp_path / "notices")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setattr(serving, "_spare_the_collector", lambda: None)  # it is the tests' own
    hotlines: list[OneCall] = []

    def hotline(settings: Settings, news: TurnNews, *, died: int | None) -> OneCall:
        hotlines.append(OneCall(settings, news, died=died))
        return hotlines[0]

    monkeypatch.setattr(serving, "Hotline", hotline)

    def run(scenario: Scenario) -> int:
        watcher = Watcher(address)

        async def whole() -> int:
            life = asyncio.create_task(serving.Life(Settings(data=tmp_path), None).live())
            await asyncio.sleep(0)
            await hotlines[0].started.wait()
            await turns()
            assert "READY" in watcher.heard()[-1]
            async with asyncio.timeout(30):
                await scenario(hotlines[0], watcher)
                return await life

        try:
            return asyncio.run(whole())
        finally:
            watcher.close()

    return run


async def turns() -> None:
    """Whatever was begun by now has been done: nothing of it takes more of the loop's turns."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_calls_are_not_let_finish_when_another_server_takes_over(
    live: Callable[[Scenario], int],
) -> None:
    """Its agents are given to the other one's callers: at once, also if it drains already."""

    async def scenario(it: OneCall, _: Watcher) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await it.draining.wait()
        await turns()
        assert not it.cut.is_set()
        it.news.lost()

    assert live(scenario) == serving.SUPERSEDED


def test_who_stops_reads_no_definitions_and_is_not_ready_again(
    live: Callable[[Scenario], int],
) -> None:
    async def scenario(it: OneCall, watcher: Watcher) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        reading = await it.readings.get()
        os.kill(os.getpid(), signal.SIGTERM)
        await it.draining.wait()
        reading.set_result(None)
        os.kill(os.getpid(), signal.SIGHUP)
        await turns()
        told = [each.keys() - {"STATUS", "MONOTONIC_USEC"} for each in watcher.heard()]
        assert told == [{"RELOADING"}, {"STOPPING"}]
        assert it.readings.empty()
        os.kill(os.getpid(), signal.SIGTERM)

    assert live(scenario) == 0


def test_a_reading_that_fails_is_told_and_the_next_one_is_done(
    live: Callable[[Scenario], int],
) -> None:
    async def scenario(it: OneCall, watcher: Watcher) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGHUP)
        (await it.readings.get()).set_exception(ValueError("rows that nobody understands"))
        (await it.readings.get()).set_result(None)
        await turns()
        told = [each.keys() & {"RELOADING", "READY"} for each in watcher.heard()]
        assert told == [{"RELOADING"}, {"READY"}] * 2
        it.news.lost()

    with capture_logs() as logs:
        assert live(scenario) == serving.SUPERSEDED
    failures = [each["event"] for each in logs if each["event"] == "server.reload_failed"]
    assert len(failures) == 1
