"""The classes of data that go: how each is gone through, and what is done to its rows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    delete,
    func,
    not_,
    select,
    true,
    tuple_,
    update,
)

from crm.recording_retention import RecordingRule, before
from cti_server.store.base import Base
from cti_server.store.call_backs import CallBack
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.forms import FilledForm, FormValue
from cti_server.store.import_jobs import RUNNING as IMPORTING
from cti_server.store.import_jobs import ImportJob
from cti_server.store.leads import Lead
from cti_server.store.log import EventLog
from cti_server.store.orders import Order
from cti_server.store.personal_records import Person
from cti_server.store.recording_approvals import RecordingApproval
from cti_server.store.recordings import ERASED, Recording
from cti_server.store.reservations import Reservation, Slot
from cti_server.store.reviews import Review
from cti_server.store.sessions import Session
from cti_server.store.stored_events import StoredEvent
from cti_server.store.tasks import Task
from cti_server.store.tickets import Ticket
from cti_server.store.timeline import TimelineEvent
from cti_server.store.webhooks import DeadLetter

from . import customer_files, emptying, recordings
from .events import redact_stored
from .recordings import Archive

_OF_A_CONTACT = frozenset(
    {
        *("contact", "call", "leg", "disposition", "note_word", "draft", "agent_message"),
        *("fax_document", "fax_attempt", "sms_message"),
    }
)
_LATE = 500  # recordings a day that came too late: there are hardly any
_ORDERS_ENDED = ("fulfilled", "returned", "cancelled")

Row = RowMapping
Treat = Callable[[Sequence[Row]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """
    How one class is gone through, the oldest first.

    ``query`` gives an ``id``, an ``at`` and, as far as there are, ``customer_id``, ``contact_id``
    and ``call_id``, by which a hold is known. Of what is ``emptied`` the rows stay.
    """

    query: Any  # a SELECT of these
    at: Any
    id: Any
    treat: Treat
    emptied: bool = False
    by_id: bool = False  # ids grow with the time, which has no index


class Sweeps:
    """What is done to old rows, in transactions of its own; to do it twice changes nothing."""

    def __init__(
        self,
        database: Database,
        log: EventLog,
        archive: Archive,
        imports: Path,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._archive = archive
        self._imports = imports
        self._now = now

    def by_class(self) -> Mapping[str, Sweep]:
        """How each class is gone through."""
        newest = select(func.max(StoredEvent.sequence)).scalar_subquery()
        return {
            "recordings": self.of_recordings([], None),
            "contacts": _sweep(
                Contact, Contact.arrived_at, self._empty_contacts, "call_id", emptied=True,
                contact_id=Contact.id,
            ),
            "call_backs": _sweep(
                CallBack, CallBack.queued_at, self._empty_below("call_back"), emptied=True,
                where=CallBack.closed_at.is_not(None), contact_id=CallBack.id,
            ),
            "events": Sweep(
                query=select(
                    StoredEvent.sequence.label("id"), StoredEvent.at,
                    StoredEvent.contact_id, StoredEvent.call_id,
                ).where(StoredEvent.sequence < newest),  # by which the log knows where it was
                at=StoredEvent.at, id=StoredEvent.sequence, by_id=True,
                treat=self._delete_events,
            ),
            "timeline_events": _sweep(
                TimelineEvent, TimelineEvent.at, self._empty_below("timeline_event"), "customer_id"
            ),
            "tickets": _sweep(
                Ticket, Ticket.closed_at, self._empty_below("ticket"), "customer_id", "contact_id",
                emptied=True,
            ),
            "tasks": _sweep(
                Task, Task.ended_at, self._empty_below("task"), "customer_id", emptied=True
            ),
            "orders": _sweep(
                Order, Order.state_since, self._empty_below("order"), "customer_id", "contact_id",
                where=Order.state.in_(_ORDERS_ENDED), emptied=True,
            ),
            "reservations": Sweep(
                query=select(
                    Reservation.id, Slot.ends_at.label("at"),
                    Reservation.customer_id, Reservation.contact_id,
                ).join(Slot, Slot.id == Reservation.slot_id),
                at=Slot.ends_at, id=Reservation.id, emptied=True,
                treat=self._empty_below("reservation"),
            ),
            "leads": _sweep(
                Lead, Lead.state_since, self._empty_below("lead"), "customer_id", "contact_id",
                emptied=True,
            ),
            "reviews": _sweep(
                Review, Review.created_at, self._empty_below("review"), "contact_id", emptied=True
            ),
            "recording_approvals": _sweep(
                RecordingApproval, RecordingApproval.created_at, self._delete(RecordingApproval)
            ),
            "sessions": _sweep(Session, Session.expires_at, self._delete(Session)),
            "imports": _sweep(
                ImportJob, ImportJob.created_at, self._forget_imports,
                where=(ImportJob.state != IMPORTING) & (ImportJob.filename != ""),
            ),
            "dead_letters": Sweep(
                query=select(
                    DeadLetter.sequence.label("id"), DeadLetter.failed_at.label("at"),
                    DeadLetter.webhook_id,
                ),
                at=DeadLetter.failed_at, id=DeadLetter.sequence,
                treat=self._delete_letters,
            ),
        }  # fmt: skip

    def of_recordings(self, rules: Sequence[RecordingRule], rule: RecordingRule | None) -> Sweep:
        """Those that are kept by this one of the rules, or by none of them."""
        return _sweep(
            Recording, Recording.started_at, self._destroy, "contact_id", "call_id",
            where=and_(there(), kept_by(rules, rule)), emptied=True,
        )  # fmt: skip

    async def destroy_late(self) -> None:
        """Files of recordings that were stored after they were to be no more."""
        late = select(Recording.id).where(Recording.state == ERASED, Recording.file.is_not(None))
        async with self._database.readers() as session:
            rows = (await session.execute(late.limit(_LATE))).mappings().all()
        if rows:
            await self._destroy(rows)

    async def _destroy(self, rows: Sequence[Row]) -> None:
        async with self._database.readers() as session:
            query = select(Recording).where(Recording.id.in_([row["id"] for row in rows]))
            found = (await session.scalars(query)).all()
        for each in found:
            await self._archive.destroy(each.id, each.file)
        async with self._log.paused(), self._database.sessions.begin() as session:
            gone = [await session.get_one(Recording, each.id) for each in found]
            await recordings.forget(session, gone, self._now())

    async def _empty_contacts(self, rows: Sequence[Row]) -> None:
        contact_ids = [row["id"] for row in rows]
        call_ids = [row["call_id"] for row in rows]
        async with self._log.paused(), self._database.sessions.begin() as session:
            await emptying.empty(session, Person([], contact_ids, call_ids, []), _OF_A_CONTACT)
            forms = select(FilledForm.id).where(FilledForm.contact_id.in_(contact_ids))
            await session.execute(delete(FormValue).where(FormValue.filled_form_id.in_(forms)))
            of_theirs = update(Recording).where(Recording.contact_id.in_(contact_ids))
            await session.execute(of_theirs.values(caller_number="", last_digits=""))
        await redact_stored(self._log, self._database, contact_ids, call_ids)

    def _empty_below(self, record: str) -> Treat:
        async def treat(rows: Sequence[Row]) -> None:
            async with self._log.paused(), self._database.sessions.begin() as session:
                await emptying.empty_below(session, record, [row["id"] for row in rows])

        return treat

    async def _delete_events(self, rows: Sequence[Row]) -> None:
        async with self._log.paused(), self._database.sessions.begin() as session:
            ids = [row["id"] for row in rows]
            await session.execute(delete(StoredEvent).where(StoredEvent.sequence.in_(ids)))

    def _delete(self, record: type[Session] | type[RecordingApproval]) -> Treat:
        async def treat(rows: Sequence[Row]) -> None:
            async with self._log.paused(), self._database.sessions.begin() as session:
                ids = [row["id"] for row in rows]
                await session.execute(delete(record).where(record.id.in_(ids)))

        return treat

    async def _delete_letters(self, rows: Sequence[Row]) -> None:
        keys = [(row["webhook_id"], row["id"]) for row in rows]
        async with self._database.sessions.begin() as session:
            which = tuple_(DeadLetter.webhook_id, DeadLetter.sequence).in_(keys)
            await session.execute(delete(DeadLetter).where(which))

    async def _forget_imports(self, rows: Sequence[Row]) -> None:
        ids = [row["id"] for row in rows]
        for each in ids:
            await asyncio.to_thread(customer_files.remove, self._imports / each)
        async with self._database.sessions.begin() as session:
            await session.execute(
                update(ImportJob).where(ImportJob.id.in_(ids)).values(filename="")
            )


def there() -> ColumnElement[bool]:
    """Recordings that are not destroyed, and no more written."""
    return Recording.state.not_in([ERASED, "running"])


def kept_by(rules: Sequence[RecordingRule], rule: RecordingRule | None) -> ColumnElement[bool]:
    """As :func:`crm.recording_retention.rule_of` tells."""
    fits = true() if rule is None else _fits(rule)
    return and_(fits, *(not_(_fits(other)) for other in before(rules, rule)))


def _fits(rule: RecordingRule) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [true()]
    if rule.queue is not None:
        wanted.append(Recording.queue == rule.queue)
    if rule.kind is not None:
        wanted.append(Recording.kind == rule.kind)
    return and_(*wanted)


def _sweep(
    record: type[Base],
    at: Any,
    treat: Treat,
    *owners: str,
    where: ColumnElement[bool] | None = None,
    emptied: bool = False,
    contact_id: Any = None,
) -> Sweep:
    columns = Base.metadata.tables[record.__tablename__].c
    query = select(columns.id, at.label("at"), *(columns[name] for name in owners))
    if contact_id is not None:
        query = query.add_columns(contact_id.label("contact_id"))
    if where is not None:
        query = query.where(where)
    return Sweep(query=query, at=at, id=columns.id, treat=treat, emptied=emptied)
