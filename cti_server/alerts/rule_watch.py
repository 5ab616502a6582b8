"""
The alert rules at work: about once a second the figures in memory are judged by each.

What stood before a restart goes on standing, until it is found to be over. While the database is
away the rules that were read last go on being judged by.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from cti_server.background import Background
from cti_server.clock import Clock
from cti_server.live.errors import FiguresNotReady
from cti_server.live.snapshot import Snapshot
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import hears
from cti_server.store.routing_definitions import RoutingDefinitions
from cti_server.wire.alert_rules import AlertRule
from cti_server.wire.events import Logged, RecordChanged

from .judging import Standing, judged
from .measures import Measures, TeamOf
from .open_alerts import OpenAlerts
from .views import THRESHOLD

log = structlog.get_logger()

EVERY: Final = 1.0  # seconds between two looks
AGAIN: Final = 5.0  # seconds until a database that is away is asked again
RULE: Final = "alert_rule"

Key = tuple[str, str]
"""A rule's id, and the name of what it is about."""


class RuleWatch:
    """``figures``: the live figures of the moment; raises FiguresNotReady."""

    def __init__(
        self,
        alerts: OpenAlerts,
        figures: Callable[[], Snapshot],
        team_of: TeamOf,
        clock: Clock,
        database: Database,
    ) -> None:
        self._alerts = alerts
        self._figures = figures
        self._team_of = team_of
        self._clock = clock
        self._database = database
        self._rules: Mapping[str, AlertRule] | None = None  # they were never read
        self._standing: dict[Key, Standing] = {}
        self._raised: dict[Key, str] = {}  # the alert of each
        self._changed = asyncio.Event()
        self._changed.set()
        self._reading = Background("alert rules' definitions")
        self._looking = Background("alert rules")

    def start(self) -> None:
        self.adopt()
        self._reading.start(self._keep_reading())
        self._looking.start(self._keep_looking())

    async def close(self) -> None:
        await self._reading.close()
        await self._looking.close()

    def adopt(self) -> None:
        """What an earlier process raised stands until it is found to be over."""
        for alert in self._alerts.of_kinds(THRESHOLD):
            if alert.rule_id is not None and alert.threshold is not None:
                key = (alert.rule_id, alert.threshold.name or "")
                self._raised[key], self._standing[key] = alert.id, Standing(raised=True)

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        if isinstance(logged.event, RecordChanged) and logged.event.record == RULE:
            self._changed.set()

    async def _keep_looking(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    async def _keep_reading(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self.read():
                await asyncio.sleep(AGAIN)
                self._changed.set()

    async def read(self) -> bool:
        """The rules as they are defined now; False, and as they were, if the database is away."""
        try:
            async with self._database.readers() as session:
                found = await RoutingDefinitions(session, RULE).all()
        except UNAVAILABLE as error:
            log.warning("alerts.rules_unknown", reason=type(error).__name__)
            return False
        rules = {one.id: AlertRule.model_validate(one.content) for one in found}
        self._rules = {rule_id: rule for rule_id, rule in rules.items() if rule.enabled}
        return True

    def look(self) -> None:
        """Judge everything by the figures of this moment; by no rule nothing would be over."""
        if self._rules is None:
            return
        try:
            snapshot = self._figures()
        except FiguresNotReady:
            return
        now = self._clock.now()
        measures, standing = Measures(snapshot, self._team_of, now), dict[Key, Standing]()
        for rule_id, rule in self._rules.items():
            for name, value in measures.of(rule):
                key = (rule_id, name)
                before = self._standing.get(key, Standing())
                standing[key] = now_is = judged(rule, before, value, now)
                if now_is.raised and not before.raised and value is not None:
                    self._raise(key, rule, value)
        self._standing = standing
        for key in [key for key in self._raised if not standing.get(key, Standing()).raised]:
            self._alerts.clear(self._raised.pop(key))

    def _raise(self, key: Key, rule: AlertRule, value: float) -> None:
        rule_id, name = key
        self._raised[key] = self._alerts.raise_one(
            THRESHOLD,
            severity=rule.severity,
            labels=rule.labels.model_dump(),
            rule_id=rule_id,
            queue=name if rule.subject == "queue" else None,
            team=name if rule.subject == "team" else None,
            lasting=True,
            details=_details(rule, name, value),
        )


def _details(rule: AlertRule, name: str, value: float) -> dict[str, Any]:
    """As :class:`cti_server.wire.alert_rules.ThresholdCrossed` has them."""
    return {
        "subject": rule.subject,
        "name": name or None,
        "measure": rule.measure,
        "window": rule.window if rule.is_counted else None,
        "value": round(value, 4),
        "above": rule.above,
        "below": rule.below,
    }
