import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane
from tests.ports import port_range

from .phone import HOST, Phone

PORTS = port_range(200)


class Ears:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.digits: list[tuple[str, int]] = []
        self.ways: list[Way] = []  # by which each was told
        self.silences: list[float] = []
        self.resumed = 0
        self.proofs = 0  # of life in silence
        self.lost = 0
        self.peers: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    def digit(self, digit: str, duration_ms: int, way: Way) -> None:
        self.digits.append((digit, duration_ms))
        self.ways.append(way)
        self._changed.set()

    def rtp_silent(self, seconds: float) -> None:
        self.silences.append(seconds)
        self._changed.set()

    def rtcp_heard(self) -> None:
        self.proofs += 1
        self._changed.set()

    def rtp_resumed(self) -> None:
        self.resumed += 1
        self._changed.set()

    def peer_changed(self, state: str, reason: str) -> None:
        self.peers.append((state, reason))
        self._changed.set()

    def media_lost(self) -> None:
        self.lost += 1
        self._changed.set()

    @property
    def keys(self) -> str:
        return "".join(digit for digit, _ in self.digits)

    async def until(self, enough: Callable[["Ears"], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while not enough(self):
                self._changed.clear()
                await self._changed.wait()


class Studio:
    """A running media plane with one worker, and phones that end with the test."""

    def __init__(self, plane: MediaPlane, died: list[tuple[int, list[str]]]) -> None:
        self.plane = plane
        self.died = died
        self._legs: list[MediaLeg] = []
        self._phones: list[Phone] = []
        self._count = 0

    async def web_leg(self, *, beside: MediaLeg | None = None) -> tuple[MediaLeg, Ears]:
        """A browser's leg, and who is told about it."""
        self._count += 1
        ears = Ears()
        leg = await self.plane.open_leg(f"leg-{self._count}", ears, beside=beside, transport="web")
        self._legs.append(leg)
        return leg, ears

    async def leg(self, *, beside: MediaLeg | None = None) -> tuple[MediaLeg, Phone, Ears]:
        """A leg, a phone that sends to it, and who is told about it."""
        self._count += 1
        ears = Ears()
        leg = await self.plane.open_leg(f"leg-{self._count}", ears, beside=beside)
        self._legs.append(leg)
        return leg, self.phone(leg), ears

    def phone(self, leg: MediaLeg, host: str = HOST) -> Phone:
        """One more phone that sends to this leg, from ``host``."""
        phone = Phone(leg, host)
        self._phones.append(phone)
        return phone

    async def obeyed(self) -> None:
        """The worker has done all that it was told so far."""
        await self.plane.statistics()

    async def clear(self) -> None:
        for leg in self._legs:
            await leg.close()
        for phone in self._phones:
            phone.close()
        self._legs.clear()
        self._phones.clear()

    def open_files(self) -> int:
        """How many file descriptors the worker holds."""
        (pid,) = self.plane.process_ids
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_studio(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Studio]:
    died: list[tuple[int, list[str]]] = []
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=PORTS,
        run_folder=tmp_path_factory.mktemp("run"),
        on_worker_died=lambda number, legs: died.append((number, legs)),
    )
    await plane.start()
    yield Studio(plane, died)
    await plane.close()


@pytest_asyncio.fixture(loop_scope="module")
async def studio(running_studio: Studio) -> AsyncIterator[Studio]:
    yield running_studio
    await running_studio.clear()


def prompt(folder: Path, name: str, payload: bytes) -> Path:
    file = folder / f"{name}.ulaw"
    file.write_bytes(payload)
    return file
