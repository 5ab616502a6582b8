"""One transaction on tickets and tasks: who does it, when, and what is written."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.changes import Change

SYSTEM = "system"
"""Who does what nobody did: a timer, a rule."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Belongs to one :class:`Change`; ``now`` is the moment of all that is done in it."""

    change: Change
    now: datetime
    new_id: Callable[[], str]

    @property
    def session(self) -> AsyncSession:
        return self.change.session

    @property
    def by(self) -> str:
        return self.change.changed_by

    def tell(
        self,
        record: str,
        record_id: str,
        action: str,
        agent_ids: Collection[str],
        *,
        fields: Iterable[str] = (),
    ) -> None:
        """Record what was done, for the desktop of each; for nobody's if there are none."""
        fields = list(fields)
        for agent_id in agent_ids or (None,):
            self.change.record(record, record_id, action, fields=fields, agent_id=agent_id)
