"""How much each agent has to do beside contacts: the tickets that are theirs and not closed."""

from collections.abc import Callable
from datetime import UTC, datetime

from cti_server.store.database import Database
from cti_server.store.log import hears
from cti_server.store.tickets import Tickets
from cti_server.wire.events import Logged, RecordChanged


class OpenWork:
    """
    Tells the floor, as due work: at the start, and when tickets or agents have changed.

    However many have changed meanwhile, it is counted once. For routing by workload (AC-06).
    """

    name = "open_work"
    records = frozenset({"ticket", "agent"})

    def __init__(self, database: Database, tell: Callable[[dict[str, int]], None]) -> None:
        """``tell``: of each agent's open tickets; who is not named has none."""
        self._database = database
        self._tell = tell
        self._changes = 1
        self._counted = 0

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        match logged.event:
            case RecordChanged(record=record) if record in self.records:
                self._changes += 1

    async def earliest(self) -> datetime | None:
        return None if self._counted == self._changes else datetime.min.replace(tzinfo=UTC)

    async def do(self, now: datetime) -> None:
        changes = self._changes
        async with self._database.readers() as session:
            self._tell(await Tickets(session).open_by_owner())
        self._counted = changes
