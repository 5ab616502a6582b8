"""
Erasures at work: one after the other, each step as often as it takes.

What is asked for is stored with whom it is about; each step that is done is stored, too. Whatever
ends the server, the next one goes on with the step that was not finished, and each step does the
same when it is done twice. Whom it was about is forgotten before the last step, which writes the
database's file anew.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.erasure import DONE, STEPS, Likeness, Subject, after, check
from cti_server.clock import Clock
from cti_server.store import erasures as stored
from cti_server.store.base import Base
from cti_server.store.call_backs import CallBack
from cti_server.store.changes import Changes
from cti_server.store.consents import Consents
from cti_server.store.customer_erasure import erase_customer
from cti_server.store.customers import Customers
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.erasures import Erasure, Erasures, digest_of
from cti_server.store.errors import StoreError
from cti_server.store.legal_holds import LegalHolds
from cti_server.store.log import EventLog
from cti_server.store.personal_records import Person
from cti_server.wire.events import CallBackClosed

from . import emptying, recordings, subjects
from .customer_files import CustomerFiles, StillAtWork
from .events import redact
from .recordings import Archive

log = structlog.get_logger()

RETRY = 10.0  # seconds until something that stood in the way is looked at again
LARGE = 1024 * 1024 * 1024  # bytes of a database that is written anew in the quiet hour only
_AT_ONCE = 200  # contacts of one transaction
_NOBODY = "system"


class NotYet(Exception):
    """A step cannot be done now; the message says what it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """
    What knows people beside the records.

    ``answers``: those that may be given again (Idempotency-Key); ``numbers``: the memory of whom
    was asked about; ``undelivered``: what waits to be sent is read from the log again.
    """

    archive: Archive
    files: CustomerFiles
    answers: Callable[[Likeness], Awaitable[int]]
    numbers: Callable[[Iterable[str]], None]
    undelivered: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would find."""

    customer_id: str
    expected: Mapping[str, int]
    shared_contacts: int


class ErasureRuns:
    """Takes erasures, and carries them out."""

    def __init__(
        self,
        database: Database,
        changes: Changes,
        log: EventLog,
        clock: Clock,
        elsewhere: Elsewhere,
        *,
        region: str,
        proof_key: bytes,
        quiet: Callable[[datetime], bool],
        new_id: Callable[[], str],
    ) -> None:
        """``proof_key``: of the digests that are kept; ``quiet``: whether it is the quiet hour."""
        self._database = database
        self._changes = changes
        self._log = log
        self._clock = clock
        self._elsewhere = elsewhere
        self._region = region
        self._proof_key = proof_key
        self._quiet = quiet
        self._new_id = new_id
        self._wanted = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._wanted.set()
        self._running = asyncio.create_task(self._run(), name="erasures")
        self._running.add_done_callback(_tell_of_failure)

    async def close(self) -> None:
        """What is under way is carried on at the next start."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def preview(self, customer_id: str, teams: frozenset[str] | None) -> Preview:
        """Raises UnknownRecord, NotNow and ErasureRefused."""
        await self._log.stored()
        async with self._database.readers() as session:
            customer = await Customers(session).need_whole(customer_id, teams)
            subject, who = await subjects.subject_of(session, customer)
            await self._check(session, subject, who)
            return Preview(customer.id, await emptying.count(session, who), len(who.shared))

    async def accept(
        self, customer_id: str, teams: frozenset[str] | None, reason: str, by: str
    ) -> tuple[Erasure, bool]:
        """
        Begin an erasure, or return the one that was begun before; whether it is new.

        Nobody finds the customer from here on. Raises UnknownRecord and ErasureRefused.
        """
        await self._log.stored()
        async with self._changes.begin(by) as change:
            session, now = change.session, self._clock.now()
            customer = await Customers(session).need(customer_id, teams)
            if customer.erased_at is not None:
                before = await Erasures(session).of_customer([customer.id])
                if before is not None:
                    return before, False
            subject, who = await subjects.subject_of(session, customer)
            await self._check(session, subject, who)
            erasure = Erasure(
                id=self._new_id(),
                customer_id=customer.id,
                customer_ids=subject.customer_ids,
                reason=reason,
                requested_by=by,
                requested_at=now,
                step=STEPS[0],
                expected=await emptying.count(session, who),
                subject=msgspec.to_builtins(subject),
            )
            Erasures(session).add(erasure, self._proofs(subject))
            await erase_customer(session, customer, now)
            change.record("customer", customer.id, "erased")
        self._wanted.set()
        return erasure, True

    def digests(self, value: str) -> Sequence[str]:
        """Under which an erased number or address is found."""
        return [digest_of(self._proof_key, kind, value) for kind in ("number", "address")]

    async def carry_on(self, erasure_id: str) -> None:
        """
        Do what is left of an erasure.

        Raises NotYet, what the database raises, and StoreError; it is to be asked for again then.
        """
        while True:
            async with self._database.readers() as session:
                erasure = await Erasures(session).get(erasure_id)
            if erasure is None or erasure.state == stored.DONE:
                return
            subject = msgspec.convert(erasure.subject or {"customer_ids": []}, Subject)
            steps = {
                "imports": self._forget_files,
                "records": self._empty_records,
                "recordings": self._destroy_recordings,
                "events": self._redact_events,
                "answers": self._forget_answers,
                "space": self._leave_no_traces,
            }
            done = await steps[erasure.step](erasure, subject)
            await self._finished(erasure, done)

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            left = await self._carry_on_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY if left else None):
                    await self._wanted.wait()

    async def _carry_on_all(self) -> bool:
        """Whether something is left to do."""
        try:
            async with self._database.readers() as session:
                running = await Erasures(session).running()
        except UNAVAILABLE as error:
            log.warning("erasure.database_unavailable", reason=type(error).__name__)
            return True
        left = False
        for erasure_id in running:
            try:
                await self.carry_on(erasure_id)
            except NotYet as wait:
                await self._waits(erasure_id, str(wait))
                left = True
            except (*UNAVAILABLE, StoreError, BrokenExecutor) as error:
                log.warning("erasure.postponed", erasure=erasure_id, reason=type(error).__name__)
                left = True
        return left

    async def _check(self, session: AsyncSession, subject: Subject, who: Person) -> None:
        """Raises ErasureRefused."""
        holds = await LegalHolds(session).on(
            subject.customer_ids, subject.contact_ids, self._clock.now()
        )
        check(
            live=await subjects.live(session, [*who.contact_ids, *who.shared]),
            recording=await subjects.being_recorded(session, who.contact_ids),
            holds=[(hold.record, hold.reason) for hold in holds],
        )

    def _proofs(self, subject: Subject) -> Iterable[tuple[str, str]]:
        for _, number in subject.numbers:
            yield "number", digest_of(self._proof_key, "number", number)
        for address in subject.addresses:
            yield "address", digest_of(self._proof_key, "address", address)

    # --- the steps ----------------------------------------------------------------------------

    async def _forget_files(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        try:
            return {"files": await self._elsewhere.files.forget(subject)}
        except StillAtWork as work:
            raise NotYet(str(work)) from None

    async def _empty_records(self, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        subject = await self._with_unlinked(erasure, subject)
        async with self._database.readers() as session:
            if live := await subjects.live(session, subject.contact_ids):
                raise NotYet(f"the contact {live[0]} is not over")
        await self._close_call_backs(erasure, subject)
        await self._keep_proofs_alone(subject)
        done = await self._empty(Person(subject.customer_ids, [], [], []))
        pairs = list(zip(subject.contact_ids, subject.call_ids, strict=True))
        for start in range(0, len(pairs), _AT_ONCE):
            some = pairs[start : start + _AT_ONCE]
            of_contacts = Person([], [each for each, _ in some], [each for _, each in some], [])
            done += await self._empty(of_contacts)
        return done

    async def _with_unlinked(self, erasure: Erasure, subject: Subject) -> Subject:
        """With the contacts of their numbers that nobody knew to be theirs."""
        likeness = Likeness(subject, self._region)
        async with self._database.readers() as session:
            found = await subjects.unlinked_contacts(session, subject, likeness)
        known = dict(zip(subject.contact_ids, subject.call_ids, strict=True)) | dict(found)
        whole = msgspec.structs.replace(
            subject, contact_ids=list(known), call_ids=list(known.values())
        )
        async with self._database.sessions.begin() as session:
            row = await session.get_one(Erasure, erasure.id)
            row.subject = msgspec.to_builtins(whole)
        return whole

    async def _close_call_backs(self, erasure: Erasure, subject: Subject) -> None:
        """Nobody is to call a number that is not there any more."""
        async with self._database.readers() as session:
            open_ones = select(CallBack.id).where(
                CallBack.closed_at.is_(None), CallBack.id.in_(subject.contact_ids)
            )
            for call_back_id in await session.scalars(open_ones):
                self._log.append(
                    CallBackClosed(
                        contact_id=call_back_id, outcome="removed", closed_by=erasure.requested_by
                    )
                )

    async def _keep_proofs_alone(self, subject: Subject) -> None:
        """What they agreed to stays, but a source that names them: "call from 138…"."""
        likeness = Likeness(subject, self._region)
        async with self._database.sessions.begin() as session:
            for consent in await Consents(session).of(subject.customer_ids):
                if likeness.in_text(consent.source):
                    consent.source = ""

    async def _empty(self, who: Person) -> Counter[str]:
        async with self._log.paused(), self._database.sessions.begin() as session:
            return await emptying.empty(session, who)

    async def _destroy_recordings(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        done = 0
        for start in range(0, len(subject.contact_ids), _AT_ONCE):
            some = subject.contact_ids[start : start + _AT_ONCE]
            while count := await self._destroy_some(some):
                done += count
        return {"recording": done}

    async def _destroy_some(self, contact_ids: Sequence[str]) -> int:
        async with self._database.readers() as session:
            found = await recordings.of_contacts(session, contact_ids)
        for each in found:
            await asyncio.to_thread(self._elsewhere.archive.destroy, each.id, each.file)
        async with self._log.paused(), self._database.sessions.begin() as session:
            for each in found:
                recordings.forget(await session.get_one(type(each), each.id))
        return len(found)

    async def _redact_events(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        contact_ids, call_ids = subject.contact_ids, subject.call_ids
        new = self._database.sessions
        return {"event": await redact(self._log, new, contact_ids, call_ids)}

    async def _forget_answers(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        self._elsewhere.numbers(text for _, text in subject.numbers)
        self._elsewhere.undelivered()
        async with self._database.sessions.begin() as session:
            found = await subjects.leads(session, subject)
            rows = [{"id": each} for each in found]
            await emptying.treat(session, Base.metadata.tables["lead"], rows)
        answers = await self._elsewhere.answers(Likeness(subject, self._region))
        return {"answers": answers, "lead": len(found)}

    async def _leave_no_traces(self, _: Erasure, __: Subject) -> Mapping[str, int]:
        if await self._database.size() > LARGE and not self._quiet(self._clock.now()):
            raise NotYet("the quiet hour")
        async with self._log.paused():
            if not await self._database.leave_no_traces():
                raise NotYet("those who read from the database")
        return {}

    # --- how far it is ------------------------------------------------------------------------

    async def _finished(self, before: Erasure, done: Mapping[str, int]) -> None:
        """A step is: note it, and forget whom it was about as soon as nobody needs it."""
        step = after(before.step)
        async with self._changes.begin(_NOBODY) as change:
            erasure = await change.session.get_one(Erasure, before.id)
            erasure.step, erasure.waiting_for = step, None
            erasure.done = dict(Counter(erasure.done) + Counter(done))
            if step in {STEPS[-1], DONE}:
                erasure.subject = {}
            if step == DONE:
                erasure.state, erasure.ended_at = stored.DONE, self._clock.now()
                change.record("erasure", erasure.id, "completed")
        log.info("erasure.step_done", erasure=before.id, step=before.step)

    async def _waits(self, erasure_id: str, reason: str) -> None:
        async with self._database.sessions.begin() as session:
            erasure = await session.get_one(Erasure, erasure_id)
            erasure.waiting_for = reason


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("erasure.failed", exc_info=error)
