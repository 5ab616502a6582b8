"""Tells the floor which queues want the outcome of each contact, and when one is there."""

from collections.abc import Callable
from datetime import UTC, datetime

from cti_server.store.log import hears

from .store.database import Database
from .store.dispositions import Dispositions
from .wire.events import Logged, RecordChanged


class RequiredDispositions:
    """Reads the rules at the start and, as due work, when one has changed."""

    name = "required dispositions"
    records = frozenset({"disposition_rule"})

    def __init__(
        self,
        database: Database,
        require: Callable[[str, bool], None],
        recorded: Callable[[str], None],
    ) -> None:
        """``require``: a queue's rule; ``recorded``: the interaction whose outcome is there."""
        self._database = database
        self._require = require
        self._recorded = recorded
        self._required: dict[str, bool] = {}
        self._changes = 1
        self._read = 0

    async def load(self) -> None:
        changes = self._changes
        async with self._database.readers() as session:
            rules = {rule.id: rule.required for rule in await Dispositions(session).rules()}
        for queue, required in rules.items():
            if self._required.get(queue, False) != required:
                self._require(queue, required)
        self._required, self._read = rules, changes

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case RecordChanged(record="disposition_rule"):
                self._changes += 1
            case RecordChanged(record="disposition", record_id=interaction_id):
                self._recorded(interaction_id)

    async def earliest(self) -> datetime | None:
        return None if self._read == self._changes else datetime.min.replace(tzinfo=UTC)

    async def do(self, now: datetime) -> None:
        await self.load()
