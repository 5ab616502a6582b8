"""
Who watches the open alerts on the stream, and what they are sent: all of them, then each change.

Those who see the same get the same bytes, encoded once. What somebody of a team sees of an alert
about a contact, the records say, as over REST; a database that is away shows nobody more, and keeps
from nobody what is seen without it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog

from cti_server.background import Background
from cti_server.store.alerts import Alerts, alerts_seen_by
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog
from cti_server.wire.alerts import AlertView
from cti_server.wire.stream import AlertsChanged, AlertsShown

from .open_alerts import OpenAlerts

log = structlog.get_logger()

GATHER: Final = 0.1  # seconds in which what belongs together comes
AGAIN: Final = 5.0  # seconds until a database that is away is asked again
STORED_WITHIN: Final = 10.0  # seconds

Put = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose alerts somebody sees beside those of nobody; None for everybody's."""

    teams: frozenset[str] | None


InSight = Callable[[Sight, Collection[str]], Awaitable[set[str]]]
"""Which of these alerts they see, by the records."""


class WatchedAlerts:
    """``in_sight`` is asked where it is not seen from the alert itself."""

    def __init__(self, alerts: OpenAlerts, in_sight: InSight) -> None:
        self._alerts = alerts
        self._in_sight = in_sight
        self._watchers: defaultdict[Sight, set[Put]] = defaultdict(set)
        self._seen: defaultdict[Sight, dict[str, bool]] = defaultdict(dict)  # as far as known
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._asked: defaultdict[Sight, set[str]] = defaultdict(set)  # of which the records say
        self._questions = asyncio.Event()
        self._telling = Background("watched alerts")
        self._learning = Background("alerts in sight")
        self._encode = msgspec.json.Encoder().encode
        alerts.tell(self._hear)

    def start(self) -> None:
        self._telling.start(self._keep_telling())
        self._learning.start(self._keep_learning())

    async def close(self) -> None:
        await self._telling.close()
        await self._learning.close()

    async def join(self, put: Put, sight: Sight) -> None:
        """Have ``put`` called with all that is open, and with each change."""
        while unknown := self._unknown(sight, [one.id for one in self._alerts.all]):
            if not await self._learn(sight, unknown):
                break  # who joins sees less until the database is back
        self._watchers[sight].add(put)
        shown = {one.id: _as_json(one) for one in self._alerts.all if self._seen[sight].get(one.id)}
        put(self._encode(AlertsShown(alerts=shown)))
        if unknown:
            self._hear(*unknown)

    def leave(self, put: Put, sight: Sight) -> None:
        if sight in self._watchers:
            self._watchers[sight].discard(put)
            if not self._watchers[sight]:
                del self._watchers[sight]
                self._seen.pop(sight, None)

    def _hear(self, *alert_ids: str) -> None:
        if self._watchers:
            self._changed.update(alert_ids)
            self._news.set()

    async def _keep_telling(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER)
            self._news.clear()
            changed, self._changed = self._changed, set()
            for sight in list(self._watchers):
                if unknown := self._unknown(sight, changed):
                    self._asked[sight].update(unknown)
                    self._questions.set()
                self._tell(sight, changed)

    async def _keep_learning(self) -> None:
        while True:
            await self._questions.wait()
            self._questions.clear()
            asked, self._asked = self._asked, defaultdict(set)
            is_away = False
            for sight, alert_ids in asked.items():
                if sight not in self._watchers:
                    continue
                if await self._learn(sight, alert_ids):
                    self._tell(sight, alert_ids)
                else:
                    self._asked[sight] |= alert_ids
                    is_away = True
            if is_away:
                await asyncio.sleep(AGAIN)
                self._questions.set()

    def _tell(self, sight: Sight, changed: Collection[str]) -> None:
        """What they are known to see of it."""
        seen, now = self._seen[sight], dict[str, dict[str, Any] | None]()
        for alert_id in changed:
            view = self._alerts.find(alert_id)
            if seen.get(alert_id):
                now[alert_id] = None if view is None else _as_json(view)
            if view is None:
                seen.pop(alert_id, None)
        if now and (watchers := self._watchers.get(sight)):
            message = self._encode(AlertsChanged(alerts=now))
            for put in list(watchers):
                put(message)

    def _unknown(self, sight: Sight, alert_ids: Collection[str]) -> list[str]:
        """Those of which only the records say whether they are to be seen."""
        seen, unknown = self._seen[sight], []
        for alert_id in alert_ids:
            if alert_id in seen or (view := self._alerts.find(alert_id)) is None:
                continue
            if (sees := _sees(sight, view)) is None:
                unknown.append(alert_id)
            else:
                seen[alert_id] = sees
        return unknown

    async def _learn(self, sight: Sight, alert_ids: Collection[str]) -> bool:
        if not alert_ids:
            return True
        try:
            theirs = await self._in_sight(sight, alert_ids)
        except (*UNAVAILABLE, TimeoutError) as error:
            log.warning("alerts.sight_unknown", reason=type(error).__name__)
            return False
        self._seen[sight].update({one: one in theirs for one in alert_ids})
        return True


def _sees(sight: Sight, alert: AlertView) -> bool | None:
    """None where the contact's customer decides."""
    if sight.teams is None:
        return True
    if alert.team is not None and alert.team not in sight.teams:
        return False
    return True if alert.contact_id is None else None


def _as_json(alert: AlertView) -> dict[str, Any]:
    return alert.model_dump(mode="json")


def sight_by(database: Database, event_log: EventLog) -> InSight:
    async def in_sight(sight: Sight, alert_ids: Collection[str]) -> set[str]:
        async with asyncio.timeout(STORED_WITHIN):
            await event_log.stored()
        async with database.readers() as session:
            return await Alerts(session).in_sight(alert_ids, alerts_seen_by(sight.teams))

    return in_sight
