"""
A change of a record and the event that says so: both, or neither.

Records that people edit are their own truth; the log, the audit trail, the feed and the webhooks
must still learn of every change. So the event is stored in the transaction of the change, and
leaves that table in the transaction in which the log's mover stores it for good. What a crash in
between leaves there is logged at the next start: exactly once.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from crm.errors import AlreadyThere, EditConflict
from cti_server.wire.events import AnyOutboxEvent, CommittedEvent, Event, RecordChanged

from .base import Base
from .database import Database
from .record_facts import Fact, with_facts

_decode = msgspec.json.Decoder(RecordChanged | AnyOutboxEvent).decode
_encode = msgspec.json.Encoder().encode
_TAKEN = re.compile(
    r"UNIQUE constraint failed: ([\w., ]+)"  # SQLite
    r"|Key \(([\w, ]+)\)=\(.*\) already exists",  # PostgreSQL
    re.DOTALL,
)
_IDS_A_STATEMENT = 500


class UnloggedChange(Base, kw_only=True):
    """An event of a committed change, until the log has stored it."""

    __tablename__ = "unlogged_change"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    payload: Mapped[str]


class Change:
    """One transaction of an editor: its session, and what it did."""

    def __init__(self, session: AsyncSession, changed_by: str, new_id: Callable[[], str]) -> None:
        self.session = session
        self.changed_by = changed_by
        self.happened: list[RecordChanged] = []
        self.told: list[AnyOutboxEvent] = []
        self._new_id = new_id

    def new_id(self) -> str:
        """For the ``change_id`` of an event to :meth:`tell`."""
        return self._new_id()

    def tell(self, event: AnyOutboxEvent) -> None:
        """Say what is more than a change of a record."""
        self.told.append(event)

    def record(
        self,
        record: str,
        record_id: str,
        action: str,
        *,
        fields: Iterable[str] = (),
        agent_id: str | None = None,
        facts: Mapping[str, Fact] | None = None,
    ) -> None:
        """
        Say what was done to which record; ``fields``: names of what changed, never values.

        ``record`` is the table's name, ``action`` a verb in the past tense: "created", "updated",
        "deleted", "merged" … ``agent_id``: whose desktop is to hear of it. ``facts``: what figures
        are made of, where :mod:`.record_facts` does not know it.
        """
        self.happened.append(
            RecordChanged(
                change_id=self._new_id(),
                record=record,
                record_id=record_id,
                action=action,
                fields=sorted(fields),
                changed_by=self.changed_by,
                agent_id=agent_id,
                facts=dict(facts or {}),
            )
        )


class Changes:
    """Where every edit begins."""

    def __init__(
        self,
        database: Database,
        append: Callable[[Event], object],
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._append = append
        self._now = now
        self._new_id = new_id

    @asynccontextmanager
    async def begin(self, changed_by: str) -> AsyncIterator[Change]:
        """
        A writing transaction that commits at the end of the block, and is then in the log.

        Raises EditConflict or AlreadyThere for what somebody else did at the same moment.
        """
        async with self._database.sessions() as session:
            change = Change(session, changed_by, self._new_id)
            try:
                async with session.begin():
                    yield change
                    change.happened = await with_facts(session, change.happened)
                    await self._keep(session, [*change.happened, *change.told])
            except StaleDataError as error:
                raise EditConflict("record", "of this edit") from error
            except IntegrityError as error:
                raise AlreadyThere(_taken(error)) from error
        for event in (*change.happened, *change.told):
            self._append(event)

    async def recover(self) -> int:
        """
        Log what was committed and not logged before a crash; return how many changes that were.

        To be called when the log has stored all that it had, and before the first change.
        """
        async with self._database.readers() as session:
            query = select(UnloggedChange.payload).order_by(UnloggedChange.at, UnloggedChange.id)
            payloads = (await session.scalars(query)).all()
        for payload in payloads:
            self._append(_decode(payload))
        return len(payloads)

    async def _keep(self, session: AsyncSession, events: Sequence[CommittedEvent]) -> None:
        now = self._now()
        session.add_all(
            UnloggedChange(id=event.change_id, at=now, payload=_encode(event).decode())
            for event in events
        )


def _taken(error: IntegrityError) -> str:
    """By the columns that the database names; values are nobody's business."""
    detail = getattr(getattr(error.orig, "__cause__", None), "detail", "")  # asyncpg's own
    found = _TAKEN.search(f"{error.orig} {detail}")
    if found is None:
        return "another record has one of these values already"
    columns = (found[1] or found[2]).strip().split(", ")
    names = (column.rpartition(".")[2] for column in columns)
    return f"another record has this {' and '.join(names)} already"


def forget_logged(connection: Connection, change_ids: Sequence[str]) -> None:
    """The log stores these events in this transaction."""
    for start in range(0, len(change_ids), _IDS_A_STATEMENT):
        some = change_ids[start : start + _IDS_A_STATEMENT]
        connection.execute(delete(UnloggedChange).where(UnloggedChange.id.in_(some)))
