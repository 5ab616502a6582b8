"""
The surges of queues and of our numbers: looked at each minute, against the weeks before.

What is usual is read from the counted quarters of an hour, once a quarter; what arrives
:mod:`.arriving` counts. Of whom a surge is, the records say when it is found: that is told when it
is known, and neither the alert nor the next minute waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from crm.queries import QueryTooSlow
from cti_server.background import Background
from cti_server.clock import Clock
from cti_server.live.errors import FiguresNotReady
from cti_server.live.snapshot import Snapshot
from cti_server.process_turns import answer_of
from cti_server.reporting.counting import begin_of, quarter_of
from cti_server.store.arrivals import arrived_in, who_arrived
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import hears
from cti_server.wire.events import CallArrived, Logged
from cti_server.wire.surges import ArrivalForecast

from .arriving import BUDGET, STORED_WITHIN, Arriving, Key
from .breakdown import broken_down
from .open_alerts import OpenAlerts
from .regions import Numbers, regions_of
from .surge import FEWEST_WEEKS, Forecast, Surge, forecast, is_over, surging
from .views import SURGE

log = structlog.get_logger()

WEEKS: Final = 8
AROUND: Final = (2, 3)  # quarters before this one, and with it after
COMPARED_WITH: Final = 4  # weeks
AGAIN: Final = 60.0  # seconds until records that were not to be had are asked again

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A surge whose breakdown is to be told of its alert."""

    alert_id: str
    key: Key
    surge: Surge
    weeks: int
    at: datetime


class Quarters(Protocol):
    """Which quarters of an hour are counted: :class:`cti_server.reporting.keeping`'s."""

    @property
    def counted(self) -> range: ...

    @property
    def first(self) -> int: ...


class SurgeWatch:
    """``figures``: the live figures of the moment; ``stored``: until the records have all."""

    def __init__(
        self,
        alerts: OpenAlerts,
        figures: Callable[[], Snapshot],
        quarters: Quarters,
        database: Database,
        clock: Clock,
        *,
        stored: Callable[[], Awaitable[None]],
        zone: str,
        region: str,
    ) -> None:
        self._alerts = alerts
        self._arriving = Arriving(figures, database, stored)
        self._quarters = quarters
        self._database = database
        self._clock = clock
        self._stored = stored
        self._zone = ZoneInfo(zone)
        self._region = region
        self._history: Mapping[Key, Sequence[int]] = {}
        self._weeks: Sequence[range] = ()
        self._quarter = 0  # of which the history is
        self._raised: dict[Key, str] = {}  # the alert of each
        self._found = asyncio.Queue[Found]()
        self._work = Background("surges")
        self._breaking_down = Background("surges' breakdowns")

    def start(self) -> None:
        self.adopt()
        self._work.start(self._go_on())
        self._breaking_down.start(self._keep_breaking_down())

    async def close(self) -> None:
        await self._work.close()
        await self._breaking_down.close()

    @hears(CallArrived)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        if isinstance(logged.event, CallArrived):
            self._arriving.call(logged.event)

    def adopt(self) -> None:
        """What an earlier process raised stands until it is over; also of whom nobody calls."""
        for alert in self._alerts.of_kinds(SURGE):
            if alert.surge is not None:
                subject, name = alert.surge.subject, alert.surge.name
                self._raised[subject, name] = alert.id
                if (it := alert.surge).parts is None:
                    surge = Surge(it.window_minutes, it.count, it.expected)
                    found = Found(alert.id, (subject, name), surge, it.weeks, alert.raised_at)
                    self._found.put_nowait(found)
                if subject == "number":
                    self._arriving.watch(name)

    async def _go_on(self) -> None:
        while True:
            now = self._clock.now().timestamp()
            await asyncio.sleep(60 - now % 60)
            await self.look()

    def forecasts(self) -> list[ArrivalForecast]:
        """What is usual now, of everything that ever was, or is, arrived at."""
        found = []
        for subject, name in sorted(self._arriving.known | self._history.keys()):
            usual = self._usual((subject, name))
            per_hour = None if usual is None else round(usual.per_minute * 60, 1)
            found.append(
                ArrivalForecast.model_validate(
                    {
                        "subject": subject,
                        "name": name,
                        "expected_per_hour": per_hour,
                        "weeks": len(self._weeks),
                        "weeks_needed": FEWEST_WEEKS,
                    }
                )
            )
        return found

    async def look(self) -> None:
        """Count this minute, and see whether that is usual."""
        now = self._clock.now()
        try:
            there = self._arriving.count(now)
            for key in self._raised.keys() - there:
                self._alerts.clear(self._raised.pop(key))
            await self._learn(now)
            await self._arriving.recall(now)
        except FiguresNotReady:
            return
        except (*UNAVAILABLE, QueryTooSlow) as error:
            log.warning("alerts.arrivals_unknown", reason=type(error).__name__)
        for key, counts in self._arriving.counts(now):
            if (usual := self._usual(key)) is None:
                continue
            if key in self._raised:
                if is_over(counts, usual):
                    self._alerts.clear(self._raised.pop(key))
            elif (surge := surging(counts, usual)) is not None:
                self._raise(key, surge, usual, now)

    def _usual(self, key: Key) -> Forecast | None:
        counts = self._history.get(key, [0] * len(self._weeks))
        return forecast(counts, sum(AROUND) * 15)

    async def _learn(self, now: datetime) -> None:
        if (quarter := quarter_of(now)) == self._quarter:
            return
        weeks = self._known_weeks(now)
        self._history = await self._database.in_slow_look(
            BUDGET, lambda it, _: arrived_in(it, weeks)
        )
        self._weeks, self._quarter = weeks, quarter

    def _known_weeks(self, now: datetime) -> list[range]:
        weeks = [self._of(now, back) for back in range(1, WEEKS + 1)]
        return [week for week in weeks if self._is_counted(week)]

    def _of(self, now: datetime, back: int) -> range:
        """The quarters around the same time by the clock, so many weeks ago."""
        middle = quarter_of(now.astimezone(self._zone) - timedelta(weeks=back))
        return range(middle - AROUND[0], middle + AROUND[1])

    def _is_counted(self, week: range) -> bool:
        counted = self._quarters.counted
        return week.start >= max(counted.start, self._quarters.first) and week.stop <= counted.stop

    # --- what it is made of -------------------------------------------------------------------

    def _raise(self, key: Key, surge: Surge, usual: Forecast, now: datetime) -> None:
        subject, name = key
        self._raised[key] = alert_id = self._alerts.raise_one(
            SURGE,
            severity="critical",
            labels={"zh": f"话务激增：{name}", "en": f"Surge of arrivals: {name}"},
            queue=name if subject == "queue" else None,
            lasting=True,
            details=_details(key, surge, usual.weeks, None),
        )
        self._found.put_nowait(Found(alert_id, key, surge, usual.weeks, now))

    async def _keep_breaking_down(self) -> None:
        while True:
            if not await self.break_down():
                await asyncio.sleep(AGAIN)

    async def break_down(self) -> bool:
        """
        Tell what is new about the surge that waits longest for it, as soon as there is one.

        False, and it waits again while it goes on, if the records are not to be had.
        """
        found = await self._found.get()
        parts = await self._parts(found)
        if parts is not None:
            details = _details(found.key, found.surge, found.weeks, parts)
            self._alerts.detail(found.alert_id, details)
        elif self._alerts.find(found.alert_id) is not None:
            self._found.put_nowait(found)
        return parts is not None

    async def _parts(self, found: Found) -> list[dict[str, Any]] | None:
        """None if the records are not to be had."""
        key, now = found.key, found.at
        since = now - timedelta(minutes=found.surge.window)
        weeks = self._known_weeks(now)[:COMPARED_WITH]
        if not weeks:  # it is not known yet which quarters are counted
            return None
        spans = [(begin_of(week.start), begin_of(week.stop)) for week in weeks]
        look = self._database.in_slow_look
        try:
            async with asyncio.timeout(STORED_WITHIN):
                await self._stored()
            new = await look(BUDGET, lambda it, _: who_arrived(it, *key, [(since, now)]))
            old = await look(BUDGET, lambda it, _: who_arrived(it, *key, spans))
            numbers = sorted({row.caller_number for row in (*new, *old)})
            regions = await answer_of(regions_of, Numbers(numbers, self._region))
        except (*UNAVAILABLE, QueryTooSlow, TimeoutError, BrokenExecutor) as error:
            log.warning("alerts.surge_unknown", reason=type(error).__name__)
            return None
        english = dict(regions.values())
        parts = broken_down(
            [_known(row, regions) for row in new], [_known(row, regions) for row in old]
        )
        return [
            {
                "dimension": part.dimension,
                "name": part.name,
                "labels": {"zh": part.name, "en": english[part.name]}
                if part.dimension == "region"
                else None,
                "count": part.count,
                "share": round(part.share, 4),
                "share_before": round(part.share_before, 4),
            }
            for part in parts
        ]


def _details(
    key: Key, surge: Surge, weeks: int, parts: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """As :class:`cti_server.wire.surges.SurgeFound` has them."""
    subject, name = key
    return {
        "subject": subject,
        "name": name,
        "window_minutes": surge.window,
        "count": surge.count,
        "expected": round(surge.expected, 1),
        "weeks": weeks,
        "parts": parts,
    }


def _known(row: Any, regions: Mapping[str, tuple[str, str]]) -> Row:
    return {
        "reason": row.code_id or "",
        "menu_path": f"{row.flow}: {' > '.join(row.path)}" if row.flow and row.path else "",
        "number": row.dialled_number,
        "queue": row.queue or "",
        "region": regions.get(row.caller_number, ("", ""))[0],
        "product": row.attributes.get("product", ""),
    }
