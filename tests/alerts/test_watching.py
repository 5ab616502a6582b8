"""Who watches the alerts is told what they see, whatever the records take: on virtual time."""

import asyncio
import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.alerts.watching import AGAIN, Sight, WatchedAlerts
from cti_server.wire.events import Event, Logged
from tests.virtual_time import run

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
EVERYBODY, NORTH = Sight(None), Sight(frozenset({"north"}))


class Watched:
    """``north`` sees what the records, asked by a test's leave, say of a contact."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.alerts = OpenAlerts(self.append, lambda: f"a{len(self.told)}")
        self.watched = WatchedAlerts(self.alerts, self.in_sight)
        self.answers = asyncio.Event()
        self.refusals = 0
        self.everybody: list[dict[str, Any]] = []
        self.north: list[dict[str, Any]] = []

    def append(self, event: Event) -> None:
        self.told.append(event)
        self.alerts.hear(Logged(len(self.told), NINE, event))

    async def in_sight(self, sight: Sight, alert_ids: Collection[str]) -> set[str]:
        if self.refusals:
            self.refusals -= 1
            raise TimeoutError
        await self.answers.wait()
        return set(alert_ids)

    async def begin(self) -> None:
        self.watched.start()
        await self.watched.join(lambda told: self.everybody.append(json.loads(told)), EVERYBODY)
        await self.watched.join(lambda told: self.north.append(json.loads(told)), NORTH)


def alerts_of(messages: list[dict[str, Any]]) -> list[list[str]]:
    return [sorted(message["alerts"]) for message in messages]


def test_who_sees_all_is_told_while_the_records_are_asked_what_others_see() -> None:
    async def scenario() -> None:
        it = Watched()
        await it.begin()
        it.alerts.raise_one("complaint", contact_id="k1")
        it.alerts.raise_one("threshold", contact_id=None, team="north", lasting=True)
        await asyncio.sleep(1)
        assert alerts_of(it.everybody) == [[], ["a0", "a1"]]
        assert alerts_of(it.north) == [[], ["a1"]]

        it.answers.set()
        await asyncio.sleep(1)
        assert alerts_of(it.north) == [[], ["a1"], ["a0"]]
        await it.watched.close()

    run(scenario())


def test_what_the_database_could_not_say_while_it_was_away_is_told_when_it_is_back() -> None:
    async def scenario() -> None:
        it = Watched()
        it.refusals = 3
        it.answers.set()
        await it.begin()
        it.alerts.raise_one("complaint", contact_id="k1")
        await asyncio.sleep(2.5 * AGAIN)
        assert (alerts_of(it.everybody), alerts_of(it.north)) == ([[], ["a0"]], [[]])

        await asyncio.sleep(AGAIN)
        assert alerts_of(it.north) == [[], ["a0"]]
        await it.watched.close()

    run(scenario())
