"""
The monitor: one look a second, each of bounded work, at what must hold.

A breach is believed when it is seen at several looks after one another: a moment between two steps
is none. Such a moment lasts for as long as the loop is late: what ends takes several of its turns.
So a look counts only if the loop was in time since the one before; else it begins anew. What is
believed is an incident: told, put right, told again when it is gone.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from acd.invariants import Breach
from cti_server.clock import Clock
from cti_server.metrics import Figures
from cti_server.wire.events import Event, IncidentFound, IncidentHealed

from .pulse import Pulse
from .remedies import Remedies
from .rounds import Round

log = structlog.get_logger()

EVERY = 1.0  # s
TRIED_AGAIN = 10  # looks until what was not put right is tried again
MOST_OPEN = 100  # incidents and suspicions at once; more of the same would only fill the log


@dataclass(slots=True)
class _Case:
    """A breach under suspicion or, with an ``incident_id``, believed."""

    round: Round[Any]
    item: object
    breach: Breach
    seen: int  # looks after one another, before it is believed those that count
    incident_id: str = ""
    action: str = ""


class Monitor:
    """Started once; looks until it is closed."""

    def __init__(
        self,
        rounds: Sequence[Round[Any]],
        remedies: Remedies,
        append: Callable[[Event], object],
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._rounds = rounds
        self._remedies = remedies
        self._append = append
        self._clock = clock
        self._new_id = new_id
        self._cases: dict[tuple[str, str], _Case] = {}
        self._pulse = Pulse()
        self._timer: asyncio.TimerHandle | None = None
        self.looks = self.late_looks = self.found = self.healed = 0
        self.cpu_seconds = self.longest = 0.0

    def start(self) -> None:
        self._pulse.start()
        self._arm()

    async def close(self) -> None:
        self._pulse.close()
        if self._timer is not None:
            self._timer.cancel()
        await self._remedies.close()

    async def figures(self) -> Figures:
        """For ``/metrics``."""
        return {
            "looks_total": self.looks,
            "late_looks_total": self.late_looks,
            "cpu_seconds_total": self.cpu_seconds,
            "longest_look_seconds": self.longest,
            "incidents_found_total": self.found,
            "incidents_healed_total": self.healed,
            "incidents_open": sum(bool(case.incident_id) for case in self._cases.values()),
        }

    def look(self, *, late: bool = False) -> None:
        """
        At what is under suspicion, and at the next few of everything.

        ``late``: the loop was, since the look before; nothing is believed for that.
        """
        before = time.thread_time()
        now = self._clock.now()
        for key, case in list(self._cases.items()):
            breach = case.round.still(case.item, case.breach, now)
            if breach is None:
                self._over(key, case)
                continue
            believed = bool(case.incident_id)
            case.breach, case.seen = breach, 0 if late and not believed else case.seen + 1
            if not believed and case.seen >= case.round.patience:
                self._believe(case)
            elif believed and case.seen % TRIED_AGAIN == 0:
                self._put_right(case)
        for each in self._rounds:
            for item, breach in each.look(now):
                self._suspect(each, item, breach, seen=0 if late else 1)
        self.looks += 1
        self.late_looks += late
        spent = time.thread_time() - before
        self.cpu_seconds += spent
        self.longest = max(self.longest, spent)

    def _suspect(self, each: Round[Any], item: object, breach: Breach, *, seen: int) -> None:
        """Have an eye on it from now on."""
        key = (breach.kind, breach.subject)
        if key not in self._cases and len(self._cases) < MOST_OPEN:
            self._cases[key] = _Case(each, item, breach, seen)

    def tell(self, breach: Breach) -> None:
        """An incident that is over and cannot be put right: a record."""
        self._found(breach, self._new_id())

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._due)

    def _due(self) -> None:
        self._arm()  # first: whatever one look comes upon, the next one comes
        self.look(late=self._pulse.was_late())

    def _believe(self, case: _Case) -> None:
        case.incident_id = self._new_id()
        self._found(case.breach, case.incident_id)
        self._put_right(case)

    def _put_right(self, case: _Case) -> None:
        case.action = self._remedies.apply(case.breach, case.item)

    def _found(self, breach: Breach, incident_id: str) -> None:
        self.found += 1
        log.warning("self_check.incident_found", incident_id=incident_id, kind=str(breach.kind))
        self._append(
            IncidentFound(
                incident_id=incident_id,
                kind=str(breach.kind),
                subject=breach.subject,
                about_agent=breach.agent_id,
                contact_id=breach.contact_id,
                interaction_id=breach.interaction_id,
                leg_id=breach.leg_id,
                detail=breach.detail,
            )
        )

    def _over(self, key: tuple[str, str], case: _Case) -> None:
        del self._cases[key]
        if not case.incident_id:
            return
        self.healed += 1
        log.info("self_check.incident_healed", incident_id=case.incident_id, action=case.action)
        self._append(
            IncidentHealed(
                incident_id=case.incident_id,
                kind=str(case.breach.kind),
                contact_id=case.breach.contact_id,
                action=case.action,
            )
        )
