"""Live figures beside a log: shown once in a while, and the same after a restart."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.estimates import Estimates
from config.floor import QueueSettings
from cti_server.floor.profile import AgentProfile
from cti_server.live import checkpoint
from cti_server.live.audience import Scope
from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.figures import LiveFigures
from cti_server.live.ledger import Terms
from cti_server.live.staff import Staff
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import AgentStateChanged, ServerStarted
from tests.acd.build import router

from .days import LEVEL, NINE, ZONE, Day, at

PEOPLE = {
    name: AgentProfile(name, name.title(), "", skills={"sales": 1}) for name in ("li", "wang")
}
QUEUES = {name: QueueSettings(name=name, skills={"sales": 1}) for name in ("sales", "law")}
EVERY = 0.2  # seconds; a server's is one
TEAMS = {"wang": "north"}


class SetClock:
    """Stands still until somebody sets it."""

    def __init__(self) -> None:
        self.at: datetime = at(0)

    def now(self) -> datetime:
        return self.at


class Screen:
    """What came on one stream, and when by the loop's clock."""

    def __init__(self) -> None:
        self.came: list[tuple[float, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def put(self, message: bytes) -> None:
        self.came.append((asyncio.get_running_loop().time(), json.loads(message)))
        self._more.set()

    async def next(self, number: int) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while len(self.came) < number:
                self._more.clear()
                await self._more.wait()
        return self.came[number - 1][1]


class Office:
    """A log that is written by hand, with the figures beside it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.clock = SetClock()
        self.log = EventLog(database, folder / "journal", self.clock, move_every=0.02)
        self.figures = LiveFigures(
            self.log,
            database,
            self.clock,
            Staff(lambda: PEOPLE, QUEUES),
            Terms(lambda queue: LEVEL, frozenset({"carrier"})),
            EstimatedWaits(Estimates(router())),
            lines={"carrier": 2},
            zone=ZONE,
            interval=timedelta(minutes=15),
            file=folder / "figures.state",
            team_of=TEAMS.get,
            every=EVERY,
        )
        self.screen = Screen()

    def happens(self, day: Day) -> None:
        for logged in day.log:
            self.clock.at = logged.at
            self.log.append(logged.event)

    async def shown(self) -> Mapping[str, Any]:
        """The figures as they are when they have caught up."""
        self.figures.audience.join(self.screen.put, Scope())
        message = await self.screen.next(1)
        assert message["sequence"] == self.log.last_sequence
        figures: Mapping[str, Any] = message["figures"]
        return figures


@asynccontextmanager
async def office(database: Database, folder: Path, now: datetime = NINE) -> AsyncIterator[Office]:
    it = Office(database, folder)
    it.clock.at = now
    await it.log.start()
    await it.log.stored()
    it.figures.start()
    try:
        yield it
    finally:
        await it.figures.close()
        await it.log.close()


def some_hours() -> Day:
    """From before midnight to nine: somebody is there all the time, somebody talks over it."""
    day = Day()
    day.state(-12 * 3600, "li", "ready")
    day.queued(-9 * 3600 - 20, "night")
    day.connected(-9 * 3600 - 10, "night", "wang")
    day.released(-9 * 3600 + 50, "night", "wang")
    day.ends(-9 * 3600 + 50, "night", "handled")
    day.arrives(0, "c1")
    day.queued(0, "c1")
    day.connected(7, "c1", "li")
    day.queued(8, "c2")
    day.released(67, "c1", "li", wrap_up=10)
    day.ends(67, "c1", "handled")
    day.state(90, "wang", "not_ready")
    return day


@pytest.mark.parametrize("dies", ["at once", "after a checkpoint", "in order"])
async def test_a_restart_changes_no_figure_of_the_day(
    database: Database, tmp_path: Path, dies: str
) -> None:
    day, file = some_hours(), tmp_path / "figures.state"
    async with office(database, tmp_path, day.log[0].at) as first:
        first.happens(day)
        before = await first.shown()
        half = Day()
        for logged in day.log[: len(day.log) // 2]:
            half.fold.take(logged)
    match dies:
        case "at once":
            file.unlink()
        case "after a checkpoint":
            checkpoint.write(file, checkpoint.encode(half.fold.state))
    async with office(database, tmp_path, day.log[-1].at) as second:
        after = await second.shown()

    assert after == before
    today = after["queues"]["sales"]["today"]
    assert (today["offered"], today["answered"], today["handled"]) == (2, 1, 2)
    assert after["agents"]["li"]["today"]["staffed_seconds"] == 9 * 3600 + 90
    assert after["centre"]["calls"]["today"]["arrived"] == 1


async def test_a_checkpoint_that_cannot_be_read_or_is_of_another_log_is_not_taken_up(
    database: Database, tmp_path: Path
) -> None:
    file, other = tmp_path / "figures.state", Day()
    other.queued(0, "c9")
    other.fold.state.sequence = 10_000
    for content in (b"\xc1nonsense", checkpoint.encode(other.fold.state)):
        file.write_bytes(content)
        async with office(database, tmp_path) as it:
            assert (await it.shown())["queues"]["sales"]["waiting"] == 0


async def test_what_changed_is_told_once_in_a_while_to_those_whom_it_concerns(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as it:
        north, mine, audience = Screen(), Screen(), it.figures.audience
        await it.shown()
        audience.join(north.put, Scope(teams=frozenset({"south"})))
        audience.join(mine.put, Scope(agent_id="li"))
        for agent in ("li", "wang"):
            it.log.append(AgentStateChanged(agent_id=agent, state="ready", since=at(0)))
        first = await it.screen.next(2)
        it.log.append(AgentStateChanged(agent_id="wang", state="not_ready", since=at(0)))
        second = await it.screen.next(3)
        it.log.append(ServerStarted(version="1"))

        assert first["type"] == "figures.changed"
        assert set(first["patch"]["agents"]) == {"li", "wang"}
        came = {"agents": {"ready": 2}, "fairness": {"agents": 2}}
        assert first["patch"]["queues"]["law"] == came
        assert second["patch"]["queues"]["sales"] == {"agents": {"ready": 1, "not_ready": 1}}
        assert second["patch"]["agents"] == {"wang": {"state": "not_ready"}}
        assert it.screen.came[2][0] - it.screen.came[1][0] >= EVERY - 0.01
        assert [set(told["patch"].get("agents", ())) for _, told in north.came[1:]] == [
            {"li"},
            set(),
        ]
        assert [kind["type"] for _, kind in mine.came] == ["figures", "figures.changed"]
        assert set(mine.came[0][1]["figures"]) == {"day", "interval_from", "agents"}


async def test_those_who_see_the_same_get_the_same_bytes(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as it:
        await it.shown()
        got: list[bytes] = []
        for _ in range(3):
            it.figures.audience.join(lambda message: got.append(message), Scope())
        it.log.append(AgentStateChanged(agent_id="li", state="ready", since=at(0)))
        await it.screen.next(2)

        assert len(got) == 6
        assert len({id(message) for message in got}) == 2
