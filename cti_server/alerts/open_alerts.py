"""The alerts that are open, in memory: what raises them and who watches them begins here."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog

from cti_server.store.alerts import Alerts
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import hears
from cti_server.wire.alerts import AlertView
from cti_server.wire.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertDetailed,
    AlertRaised,
    Event,
    Logged,
)

from .views import detailed, view_of_event, view_of_record

log = structlog.get_logger()

MOST = 500
"""
The oldest that wait for somebody's notice make room; they are in the records, as all are. What
lasts stays: who raised it has to find it, to say when it is over.
"""


class OpenAlerts:
    """``new_id``: of an alert."""

    def __init__(self, append: Callable[[Event], object], new_id: Callable[[], str]) -> None:
        self._append = append
        self._new_id = new_id
        self._open: dict[str, AlertView] = {}  # in the order in which they were raised
        self._closed: set[str] | None = set()  # while the records are read
        self._told: list[Callable[[str], None]] = []

    async def load(self, database: Database) -> None:
        """Those that were open before; without a database those that are raised from now on."""
        try:
            async with database.readers() as session:
                stored = Alerts(session)
                newest = await stored.page(MOST, only_open=True)
                lasting = await stored.lasting()
        except UNAVAILABLE as error:
            log.warning("alerts.unknown", reason=type(error).__name__)
            self._closed = None
            return
        closed, self._closed = self._closed or set(), None
        found = {one.id: one for one in (*lasting, *newest) if one.id not in closed}
        before = sorted(found.values(), key=lambda one: (one.raised_at, one.id))
        self._open = {one.id: view_of_record(one) for one in before} | self._open

    def tell(self, changed: Callable[[str], None]) -> None:
        """Have it called with the id of whichever is raised, noted or over, or made room."""
        self._told.append(changed)

    # --- what is open -------------------------------------------------------------------------

    def find(self, alert_id: str) -> AlertView | None:
        return self._open.get(alert_id)

    @property
    def all(self) -> Collection[AlertView]:
        return self._open.values()

    def of_kinds(self, *kinds: str) -> Sequence[AlertView]:
        return [one for one in self._open.values() if one.kind in kinds]

    # --- what happens -------------------------------------------------------------------------

    def raise_one(self, kind: str, **about: Any) -> str:
        """Its id; ``about``: fields of :class:`AlertRaised`."""
        alert_id = self._new_id()
        self._append(AlertRaised(alert_id=alert_id, kind=kind, **about))
        return alert_id

    def clear(self, alert_id: str, *, agent_id: str | None = None) -> None:
        """What it was about is over. ``agent_id``: whose desktop hears of that as well."""
        found = self._open.get(alert_id)
        contact_id = None if found is None else found.contact_id
        self._append(AlertCleared(alert_id=alert_id, contact_id=contact_id, agent_id=agent_id))

    def detail(self, alert_id: str, details: dict[str, Any]) -> None:
        """More is known about it."""
        self._append(AlertDetailed(alert_id=alert_id, details=details))

    @hears(AlertRaised, AlertDetailed, AlertAcknowledged, AlertCleared)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case AlertRaised(alert_id=alert_id) as raised:
                self._open[alert_id] = view_of_event(raised, logged.at)
                if (oldest := self._made_room()) is not None:
                    self._tell(oldest)
            case AlertDetailed(alert_id=alert_id, details=details):
                if (found := self._open.get(alert_id)) is not None:
                    self._open[alert_id] = detailed(found, details)
            case AlertAcknowledged(alert_id=alert_id, acknowledged_by=who):
                self._change(alert_id, acknowledged_at=logged.at, acknowledged_by=who)
            case AlertCleared(alert_id=alert_id):
                self._change(alert_id, cleared_at=logged.at)
            case _:
                return
        self._tell(alert_id)

    def _tell(self, alert_id: str) -> None:
        for changed in self._told:
            changed(alert_id)

    def _change(self, alert_id: str, **now: Any) -> None:
        found = self._open.get(alert_id)
        if found is None:
            if self._closed is not None:
                self._closed.add(alert_id)
            return
        changed = found.model_copy(update=now)
        if changed.open:
            self._open[alert_id] = changed
        else:
            del self._open[alert_id]

    def _made_room(self) -> str | None:
        """Which of them, if any."""
        if len(self._open) <= MOST:
            return None
        oldest = next((one.id for one in self._open.values() if not one.lasting), None)
        if oldest is not None:
            del self._open[oldest]
            log.warning("alerts.made_room", alert_id=oldest, most=MOST)
        return oldest
