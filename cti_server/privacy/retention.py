"""
What is kept no longer goes: once a day, class by class, a few hundred rows at a time.

Recordings go by the rules of their queues and kinds (``recordings/<rule>``), those without one as
their class says. How far a run is stands in the database after each batch, so that one that was
cut goes on where it was. A class whose rows stay, emptied, remembers up to when it is done; when a
legal hold has ended it is gone through from the beginning once more, for what was held then.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from config.privacy import PrivacySettings
from crm.retention import CLASSES, LONGEST, cutoff, next_run
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.legal_holds import Held, LegalHolds
from cti_server.store.log import EventLog
from cti_server.store.retention import (
    DONE,
    RECORDINGS,
    RecordingRetention,
    Retention,
    RetentionRule,
    RetentionRun,
)
from cti_server.wire.events import Logged

from .events import redact_copies
from .recordings import Archive
from .sweeps import Row, Sweep, Sweeps

log = structlog.get_logger()

BATCH = 200  # rows of one turn: the due timer has other work, too
_EVENTS_AT_ONCE = 1000
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class _Pass:
    """One part of a run: a class, or the recordings of a rule."""

    rule: RetentionRule | RecordingRetention
    sweep: Sweep


class RetentionWork:
    """The due work of a day's run, and of dry runs when they are asked for."""

    name = "retention"
    records = frozenset({"retention_rule", "retention_run", "recording_retention"})

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
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._changes = changes
        self._log = log
        self._settings = settings
        self._zone = zone
        self._new_id = new_id
        self._all = Sweeps(database, log, archive, imports, now)

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
            since = now - timedelta(days=LONGEST) if latest is None else latest.started_at
            if not dry and await LegalHolds(change.session).ended_between(since, now):
                await stored.sweep_anew()
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
            passes = await self._passes(session)
        this = passes.get(name)
        if this is None or this.rule.days is None:
            await self._note(run, name, passes, Counter(), Counter(), None, None)
            return
        until = cutoff(run.started_at, this.rule.days)
        rows = await self._next_rows(this, run, until)
        kept = [row for row in rows if _is_held(row, held)]
        going = [row for row in rows if not _is_held(row, held)]
        if going and not run.dry:
            await this.sweep.treat(going)
        last = rows[-1] if rows else None
        counts, held_counts = Counter({name: len(going)}), Counter({name: len(kept)})
        await self._note(run, name, passes, counts, held_counts, last, until)

    async def _passes(self, session: AsyncSession) -> Mapping[str, _Pass]:
        """What a run goes through, by name and in its order; recordings by their rules."""
        stored, sweeps = Retention(session), self._all.by_class()
        of_recordings = await stored.of_recordings()
        rules = [each.rule for each in of_recordings]
        found: dict[str, _Pass] = {}
        for rule in sorted(await stored.rules(), key=lambda rule: list(CLASSES).index(rule.id)):
            if rule.id != RECORDINGS:
                found[rule.id] = _Pass(rule, sweeps[rule.id])
                continue
            found[rule.id] = _Pass(rule, self._all.of_recordings(rules, None))
            for each in of_recordings:
                sweep = self._all.of_recordings(rules, each.rule)
                found[f"{RECORDINGS}/{each.id}"] = _Pass(each, sweep)
        return found

    async def _next_rows(self, this: _Pass, run: RetentionRun, until: datetime) -> Sequence[Row]:
        sweep, rule, query = this.sweep, this.rule, this.sweep.query
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
        passes: Mapping[str, _Pass],
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
            row.class_now = _following(list(passes), name)
            if until is not None and not run.dry:
                await self._swept(session, run, name, until)

    async def _swept(
        self, session: AsyncSession, run: RetentionRun, name: str, until: datetime
    ) -> None:
        """
        All up to then is done; but for recordings whose rules have changed since the run began.

        Who changes these waits for the class's row, or we for them.
        """
        await session.get(RetentionRule, RECORDINGS, with_for_update=True)
        passes = await self._passes(session)
        this = passes.get(name)
        if this is None or not this.sweep.emptied:
            return
        same = [other for other in passes if other.split("/")[0] == name.split("/")[0]]
        if all(passes[other].rule.updated_at <= run.started_at for other in same):
            this.rule.swept_until = until

    async def _end(self, run: RetentionRun, now: datetime) -> None:
        if not run.dry:
            await self._redact_copies(run)
            await self._all.destroy_late()
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


def _following(names: Sequence[str], name: str) -> str | None:
    """A class, or a rule of recordings, that is gone meanwhile is followed by the next class."""
    if name in names:
        place = names.index(name) + 1
        return names[place] if place < len(names) else None
    order = list(CLASSES)
    this = order.index(name.split("/")[0])
    return next((each for each in names if order.index(each.split("/")[0]) > this), None)


def _is_held(row: Row, held: Held) -> bool:
    return (
        row.get("customer_id") in held.customer_ids
        or row.get("contact_id") in held.contact_ids
        or row.get("call_id") in held.call_ids
    )
