"""Whether queues are open now: the working calendars at hand, as they were edited last."""

from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime

import structlog

from config.floor import QueueSettings
from crm.calendars import Calendar
from cti_server.store.log import hears

from .refusals import StartFailed
from .store.database import Database
from .store.ticket_types import TicketTypes
from .tickets.kinds import calendar_of
from .wire.events import Logged, RecordChanged

log = structlog.get_logger()


def calendars_of(queue: QueueSettings) -> dict[str, str]:
    """The working calendars that a queue goes by, by the field that names them."""
    named = {"hours": queue.hours, "call_backs.calendar": queue.call_backs.calendar}
    return {field: calendar_id for field, calendar_id in named.items() if calendar_id is not None}


class OpeningHours:
    """
    Reads the calendars anew, as due work, when one has changed.

    While the database is away, and for a calendar that it has not, what was known last counts; a
    queue of whose hours nothing is known is open.
    """

    name = "opening hours"
    records = frozenset({"working_calendar"})

    def __init__(self, database: Database) -> None:
        self.changed: Callable[[], None] = lambda: None
        """Called when the calendars were read anew."""
        self._database = database
        self._calendars: dict[str, Calendar] = {}
        self._changes = 1
        self._read = 0

    def calendar(self, calendar_id: str | None) -> Calendar | None:
        """None for no id, and for one of which nothing is known."""
        return self._calendars.get(calendar_id) if calendar_id is not None else None

    def is_open(self, calendar_id: str | None, now: datetime) -> bool:
        """By the calendar of that id; without one it always is."""
        calendar = self.calendar(calendar_id)
        return calendar is None or calendar.is_open(now)

    def knows(self, calendar_id: str) -> bool:
        return calendar_id in self._calendars

    @property
    def ids(self) -> frozenset[str]:
        """Of the calendars that are known."""
        return frozenset(self._calendars)

    def check(self, queues: Iterable[QueueSettings], edited: Container[str] = ()) -> None:
        """
        Raises StartFailed, with the field's name, where a queue's calendar is not there.

        What somebody ``edited`` over REST keeps no server from starting: that is told in the log.
        """
        for queue in queues:
            for field, calendar_id in calendars_of(queue).items():
                if self.knows(calendar_id):
                    continue
                if queue.name not in edited:
                    raise StartFailed(
                        f"queues.{queue.name}.{field}: there is no working calendar {calendar_id!r}"
                    )
                log.error("queue.calendar_gone", queue=queue.name, calendar=calendar_id)

    async def load(self) -> None:
        changes = self._changes
        async with self._database.readers() as session:
            found = await TicketTypes(session).calendars()
            self._calendars |= {one.id: calendar_of(one) for one in found}
        self._read = changes
        self.changed()

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case RecordChanged(record="working_calendar"):
                self._changes += 1

    async def earliest(self) -> datetime | None:
        return None if self._read == self._changes else datetime.min.replace(tzinfo=UTC)

    async def do(self, now: datetime) -> None:
        await self.load()
