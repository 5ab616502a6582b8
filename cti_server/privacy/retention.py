"""
What is kept no longer goes: once a day, class by class, a few hundred rows at a time.

How far a run is stands in the database after each batch, so that one that was cut goes on where it
was. A class whose rows stay, emptied, remembers up to when it is done; when a legal hold has ended
it is gone through from the beginning once more, for what was held then.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, RowMapping, delete, func, select, tuple_, update

from config.privacy import PrivacySettings
from crm.retention import CLASSES, cutoff, next_run
from cti_server.store.base import Base
from cti_server.store.call_backs import CallBack
from cti_server.store.changes import Changes
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.forms import FilledForm, FormValue
from cti_server.store.import_jobs import RUNNING as IMPORTING
from cti_server.store.import_jobs import ImportJob
from cti_server.store.legal_holds import Held, LegalHolds
from cti_server.store.log import EventLog
from cti_server.store.orders import Order
from cti_server.store.personal_records import Person
from cti_server.store.recordings import Recording
from cti_server.store.reservations import Reservation, Slot
from cti_server.store.retention import DONE, Retention, RetentionRule, RetentionRun
from cti_server.store.sessions import Session
from cti_server.store.stored_events import StoredEvent
from cti_server.store.tasks import Task
from cti_server.store.tickets import Ticket
from cti_server.store.timeline import TimelineEvent
from cti_server.store.webhooks import DeadLetter
from cti_server.wire.events import Logged

from . import customer_files, emptying, recordings
from .events import redact_copies, redact_stored
from .recordings import ERASED, Archive

log = structlog.get_logger()

BATCH = 200  # rows of one turn: the due timer has other work, too
_EVENTS_AT_ONCE = 1000
SYSTEM = "system"
_OF_A_CONTACT = frozenset({"contact", "call", "leg", "disposition"})
_ORDERS_ENDED = ("fulfilled", "returned", "cancelled")

Row = RowMapping


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
    treat: Callable[[Sequence[Row]], Awaitable[None]]
    emptied: bool = False
    by_id: bool = False  # ids grow with the time, which has no index


class RetentionWork:
    """The due work of a day's run, and of dry runs when they are asked for."""

    name = "retention"
    records = frozenset({"retention_rule", "retention_run"})

    def __init__(
        self,
        database: Database,
        changes: Changes,
        log: EventLog,
        *,
        archive: Archive,
        imports: Path,
        settings: PrivacySettings,
        zone: str,
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._changes = changes
        self._log = log
        self._archive = archive
        self._imports = imports
        self._settings = settings
        self._zone = zone
        self._new_id = new_id
        self._sweeps = self._all_sweeps()

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            if (run := await Retention(session).unfinished()) is not None:
                return run.started_at
        return await self.next_run()

    async def next_run(self) -> datetime | None:
        """None in a database without rules."""
        async with self._database.readers() as session:
            stored = Retention(session)
            latest = await stored.latest()
            rules = await stored.rules()
        since = [latest.started_at] if latest is not None else [rule.created_at for rule in rules]
        if not since:
            return None
        return next_run(min(since), self._settings.quiet_hour, self._zone)

    async def do(self, now: datetime) -> None:
        """One batch; the last one ends the run."""
        async with self._database.readers() as session:
            run = await Retention(session).unfinished()
            held = await LegalHolds(session).held(now)
        if run is None:
            await self.begin(SYSTEM, dry=False, now=now)
            return
        await self._go_on(run, held, now)

    async def begin(self, asked_by: str, *, dry: bool, now: datetime) -> RetentionRun:
        """A run, or the one that is under way."""
        async with self._changes.begin(asked_by) as change:
            stored = Retention(change.session)
            if (running := await stored.unfinished()) is not None:
                return running
            latest = await stored.latest()
            since = now - timedelta(days=36525) if latest is None else latest.started_at
            if not dry and await LegalHolds(change.session).ended_between(since, now):
                await change.session.execute(update(RetentionRule).values(swept_until=None))
            run = RetentionRun(
                id=self._new_id(),
                dry=dry,
                asked_by=asked_by,
                started_at=now,
                class_now=next(iter(CLASSES)),
            )
            change.session.add(run)
            change.record("retention_run", run.id, "began")
        return run

    async def _go_on(self, run: RetentionRun, held: Held, now: datetime) -> None:
        name = run.class_now
        if name is None:
            await self._end(run, now)
            return
        async with self._database.readers() as session:
            rule = await Retention(session).rule(name)
        if rule is None or rule.days is None:
            await self._note(run, name, Counter(), Counter(), None, None)
            return
        until = cutoff(run.started_at, rule.days)
        rows = await self._next_rows(self._sweeps[name], rule, run, until)
        kept = [row for row in rows if _is_held(row, held)]
        going = [row for row in rows if not _is_held(row, held)]
        if going and not run.dry:
            await self._sweeps[name].treat(going)
        last = rows[-1] if rows else None
        await self._note(
            run, name, Counter({name: len(going)}), Counter({name: len(kept)}), last, until
        )

    async def _next_rows(
        self, sweep: Sweep, rule: RetentionRule, run: RetentionRun, until: datetime
    ) -> Sequence[Row]:
        query = sweep.query
        if sweep.by_id:
            reached = int(run.reached_id or 0)
            query = query.where(sweep.id > reached).order_by(sweep.id).limit(_EVENTS_AT_ONCE)
        else:
            query = query.where(sweep.at < until).order_by(sweep.at, sweep.id).limit(BATCH)
            if run.reached_at is not None and run.reached_id is not None:
                reached_id = sweep.id.type.python_type(run.reached_id)
                query = query.where(tuple_(sweep.at, sweep.id) > (run.reached_at, reached_id))
            elif sweep.emptied and rule.swept_until is not None:
                query = query.where(sweep.at >= rule.swept_until)
        async with self._database.readers() as session:
            found = (await session.execute(query)).mappings().all()
        return [row for row in found if row["at"] < until]

    async def _note(
        self,
        run: RetentionRun,
        name: str,
        counts: Counter[str],
        held: Counter[str],
        last: Row | None,
        until: datetime | None,
    ) -> None:
        """How far it is: after this row, or at the beginning of the next class."""
        async with self._database.sessions.begin() as session:
            row = await session.get_one(RetentionRun, run.id)
            row.counts = dict(Counter(row.counts) + counts)
            row.held = dict(Counter(row.held) + held)
            if last is not None:
                row.reached_at, row.reached_id = last["at"], str(last["id"])
                return
            row.reached_at = row.reached_id = None
            names = list(CLASSES)
            following = names.index(name) + 1
            row.class_now = names[following] if following < len(names) else None
            if until is not None and not run.dry and self._sweeps[name].emptied:
                rule = await session.get_one(RetentionRule, name)
                rule.swept_until = until

    async def _end(self, run: RetentionRun, now: datetime) -> None:
        if not run.dry:
            await self._redact_copies(run)
        async with self._changes.begin(run.asked_by) as change:
            row = await change.session.get_one(RetentionRun, run.id)
            row.state, row.ended_at = DONE, now
            change.record("retention_run", run.id, "ended")
        log.info("retention.run_ended", dry=run.dry, counts=run.counts, held=run.held)

    async def _redact_copies(self, run: RetentionRun) -> None:
        """Of contacts that are older than they may be, the journal says nothing either."""
        async with self._database.readers() as session:
            rule = await Retention(session).rule("contacts")
            held = await LegalHolds(session).held(run.started_at)
        if rule is None or rule.days is None:
            return
        until = cutoff(run.started_at, rule.days)

        def concerned(logged: Logged) -> bool:
            event = logged.event
            return (
                logged.at < until
                and getattr(event, "contact_id", None) not in held.contact_ids
                and getattr(event, "call_id", None) not in held.call_ids
            )

        await redact_copies(self._log, concerned)

    # --- the classes --------------------------------------------------------------------------

    def _all_sweeps(self) -> Mapping[str, Sweep]:
        newest = select(func.max(StoredEvent.sequence)).scalar_subquery()
        return {
            "recordings": _sweep(
                Recording, Recording.started_at, self._destroy, "contact_id", "call_id",
                where=Recording.state.not_in([ERASED, "running"]), emptied=True,
            ),
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
            "sessions": _sweep(Session, Session.expires_at, self._delete_sessions),
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

    async def _destroy(self, rows: Sequence[Row]) -> None:
        async with self._database.readers() as session:
            query = select(Recording).where(Recording.id.in_([row["id"] for row in rows]))
            found = (await session.scalars(query)).all()
        for each in found:
            await asyncio.to_thread(self._archive.destroy, each.id, each.file)
        async with self._log.paused(), self._database.sessions.begin() as session:
            for each in found:
                recordings.forget(await session.get_one(Recording, each.id))

    async def _empty_contacts(self, rows: Sequence[Row]) -> None:
        contact_ids = [row["id"] for row in rows]
        call_ids = [row["call_id"] for row in rows]
        async with self._log.paused(), self._database.sessions.begin() as session:
            await emptying.empty(session, Person([], contact_ids, call_ids, []), _OF_A_CONTACT)
            forms = select(FilledForm.id).where(FilledForm.contact_id.in_(contact_ids))
            await session.execute(delete(FormValue).where(FormValue.filled_form_id.in_(forms)))
            of_theirs = update(Recording).where(Recording.contact_id.in_(contact_ids))
            await session.execute(of_theirs.values(caller_number=""))
        await redact_stored(self._log, self._database.sessions, contact_ids, call_ids)

    def _empty_below(self, record: str) -> Callable[[Sequence[Row]], Awaitable[None]]:
        async def treat(rows: Sequence[Row]) -> None:
            async with self._log.paused(), self._database.sessions.begin() as session:
                await emptying.empty_below(session, record, [row["id"] for row in rows])

        return treat

    async def _delete_events(self, rows: Sequence[Row]) -> None:
        async with self._log.paused(), self._database.sessions.begin() as session:
            ids = [row["id"] for row in rows]
            await session.execute(delete(StoredEvent).where(StoredEvent.sequence.in_(ids)))

    async def _delete_sessions(self, rows: Sequence[Row]) -> None:
        async with self._log.paused(), self._database.sessions.begin() as session:
            ids = [row["id"] for row in rows]
            await session.execute(delete(Session).where(Session.id.in_(ids)))

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


def _sweep(
    record: type[Base],
    at: Any,
    treat: Callable[[Sequence[Row]], Awaitable[None]],
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


def _is_held(row: Row, held: Held) -> bool:
    return (
        row.get("customer_id") in held.customer_ids
        or row.get("contact_id") in held.contact_ids
        or row.get("call_id") in held.call_ids
    )
