"""Whether queues are open now: the working calendars at hand, as they were edited last."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from config.floor import QueueSettings
from crm.calendars import Calendar

from .refusals import StartFailed
from .store.database import Database
from .store.ticket_types import TicketTypes
from .tickets.kinds import calendar_of
from .wire.events import Logged, RecordChanged


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

    def check(self, queues: Iterable[QueueSettings]) -> None:
        """Raises StartFailed, with the field's name, where a queue's calendar is not there."""
        for queue in queues:
            named = {"hours": queue.hours, "call_backs.calendar": queue.call_backs.calendar}
            for field, calendar_id in named.items():
                if calendar_id is not None and not self.knows(calendar_id):
                    raise StartFailed(
                        f"queues.{queue.name}.{field}: there is no working calendar {calendar_id!r}"
                    )

    async def load(self) -> None:
        changes = self._changes
        async with self._database.readers() as session:
            found = await TicketTypes(session).calendars()
            self._calendars = {one.id: calendar_of(one) for one in found}
        self._read = changes
        self.changed()

    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case RecordChanged(record="working_calendar"):
                self._changes += 1

    async def earliest(self) -> datetime | None:
        return None if self._read == self._changes else datetime.min.replace(tzinfo=UTC)

    async def do(self, now: datetime) -> None:
        await self.load()
