"""The forms that agents fill in for callers, as they are at the moment."""

from collections.abc import Mapping
from datetime import UTC, datetime

from crm.forms import taken_over

from .store.database import Database
from .store.forms import Form, Forms, FormVersion
from .store.log import hears
from .wire.events import Logged, RecordChanged
from .wire.screen import FormShown


class FormsInUse:
    """Read at the start and, as due work, when one has changed: no call waits for the database."""

    name = "forms in use"
    records = frozenset({"form"})

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forms: dict[str, tuple[Form, FormVersion]] = {}
        self._changes = 1
        self._read = 0

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._forms)

    def shown(self, form_id: str, known: Mapping[str, str]) -> FormShown | None:
        """With what is known filled in; None if it is not in use any more."""
        if (found := self._forms.get(form_id)) is None:
            return None
        form, version = found
        return FormShown(
            id=form.id,
            version=version.number,
            labels=form.labels,
            definition=version.definition,
            values=taken_over(version.definition, known),
        )

    async def load(self) -> None:
        changes = self._changes
        async with self._database.readers() as session:
            found = await Forms(session).in_use()
        self._forms = {form.id: (form, version) for form, version in found}
        self._read = changes

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case RecordChanged(record="form"):
                self._changes += 1

    async def earliest(self) -> datetime | None:
        return None if self._read == self._changes else datetime.min.replace(tzinfo=UTC)

    async def do(self, now: datetime) -> None:
        await self.load()
