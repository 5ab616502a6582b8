"""What is said to systemd, or to our own watcher, in the words of sd_notify(3)."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cti_server.notices import Notices
from tests.virtual_time import VirtualTimeLoop, run


class Watcher:
    """The other end."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def heard(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while True:
            try:
                lines = self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return found
            found.append(dict(line.split("=", 1) for line in lines))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["in a folder", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"@{tmp_path.name}" if request.param == "abstract" else str(tmp_path / "notices")


@pytest.fixture
def watcher(address: str) -> Iterator[Watcher]:
    watcher = Watcher(address)
    yield watcher
    watcher.close()


def test_a_life_is_told_from_its_start_to_its_end(watcher: Watcher, address: str) -> None:
    async def live() -> None:
        notices = Notices.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "8000000"})
        notices.start()
        assert watcher.heard() == [{"WATCHDOG": "1", "EXTEND_TIMEOUT_USEC": "12000000"}]
        await asyncio.sleep(5)
        assert len(watcher.heard()) == 2
        notices.ready("serving")
        await asyncio.sleep(2)
        notices.reloading()
        [ready, beat, reloading] = watcher.heard()
        assert ready == {"READY": "1", "STATUS": "serving"}
        assert beat == {"WATCHDOG": "1"}
        assert reloading.keys() == {"RELOADING", "MONOTONIC_USEC"}
        notices.stopping("draining")
        await asyncio.sleep(2)
        assert watcher.heard() == [
            {"STOPPING": "1", "STATUS": "draining"},
            {"WATCHDOG": "1", "EXTEND_TIMEOUT_USEC": "12000000"},
        ]
        notices.close()
        await asyncio.sleep(60)
        assert watcher.heard() == []

    run(live())


def test_a_loop_that_does_not_turn_says_nothing(watcher: Watcher, address: str) -> None:
    async def hang() -> None:
        notices = Notices.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "8000000"})
        notices.start()
        watcher.heard()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.stall(100)
        assert watcher.heard() == []
        notices.close()

    run(hang())


def test_a_watcher_that_is_gone_hurts_nobody(address: str) -> None:
    async def live() -> None:
        notices = Notices.of({"NOTIFY_SOCKET": address})
        notices.start()
        notices.ready("serving")
        await asyncio.sleep(60)
        notices.close()

    run(live())


def test_a_watcher_that_is_behind_is_not_one_that_is_gone(watcher: Watcher, address: str) -> None:
    """It hears the next word; and when it is gone later, that is told, once."""

    async def live() -> None:
        notices = Notices.of({"NOTIFY_SOCKET": address})
        notices.start()
        for _ in range(1000):  # more than a socket's queue holds (net.unix.max_dgram_qlen)
            notices.ready("serving")
        assert 0 < len(watcher.heard()) < 1000
        notices.ready("still serving")
        assert watcher.heard() == [{"READY": "1", "STATUS": "still serving"}]
        assert logs == []
        watcher.close()
        for _ in range(2):
            notices.ready("serving")
        notices.close()

    with capture_logs() as logs:
        run(live())
    assert [each["event"] for each in logs] == ["server.nobody_watches"]


def test_who_is_watched_by_nobody_says_nothing_and_a_childs_watchdog_is_not_ours() -> None:
    async def live() -> None:
        notices = Notices.of({})
        notices.start()
        notices.ready("serving")
        notices.close()

    run(live())
    others = {"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": str(os.getppid())}
    assert Notices.of(others).every == Notices.of({}).every
