"""Incidents that last: told when they begin and when they are over, by whichever server it is."""

from collections.abc import Callable, Collection, Iterable

import structlog

from .store.database import Database
from .store.incidents import Incidents
from .wire.events import Event, IncidentFound, IncidentHealed

log = structlog.get_logger()

_MOST = 1000


class OpenIncidents:
    """Those of some kinds that are open, by kind and subject: one of each at a time."""

    def __init__(self, append: Callable[[Event], object], new_id: Callable[[], str]) -> None:
        self._append = append
        self._new_id = new_id
        self._ids: dict[tuple[str, str], str] = {}

    async def load(self, database: Database, kinds: Iterable[str]) -> None:
        """Take on what the last server left open."""
        async with database.readers() as session:
            for kind in kinds:
                for each in await Incidents(session).page(_MOST, kind=kind, only_open=True):
                    self._ids[kind, each.subject] = each.id

    @property
    def open(self) -> Collection[tuple[str, str]]:
        """Kinds and subjects."""
        return list(self._ids)

    def begins(self, kind: str, subject: str, detail: str) -> None:
        """Again is harmless."""
        if (kind, subject) in self._ids:
            return
        incident_id = self._ids[kind, subject] = self._new_id()
        log.error("server.incident_found", kind=kind, subject=subject, detail=detail)
        self._append(
            IncidentFound(incident_id=incident_id, kind=kind, subject=subject, detail=detail)
        )

    def is_over(self, kind: str, subject: str, action: str = "") -> None:
        """Again is harmless."""
        incident_id = self._ids.pop((kind, subject), None)
        if incident_id is not None:
            log.info("server.incident_healed", kind=kind, subject=subject)
            self._append(IncidentHealed(incident_id=incident_id, kind=kind, action=action))
