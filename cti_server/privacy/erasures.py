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
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.erasure import DONE, STEPS, Likeness, Subject, after, check
from crm.errors import InvalidField
from cti_server.background import Background
from cti_server.clock import Clock
from cti_server.store import erasures as stored
from cti_server.store.changes import Changes
from cti_server.store.customer_erasure import erase_customer
from cti_server.store.customers import Customers
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.erasures import Erasure, Erasures, digest_of
from cti_server.store.errors import StoreError
from cti_server.store.import_jobs import ImportJobs
from cti_server.store.legal_holds import LegalHolds
from cti_server.store.log import EventLog
from cti_server.store.personal_records import Person, person

from . import emptying, subjects
from .steps import Elsewhere, NotYet, Steps

log = structlog.get_logger()

RETRY = 10.0  # seconds until something that stood in the way is looked at again
_NOBODY = "system"


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
        self._region = region
        self._proof_key = proof_key
        self._steps = Steps(database, log, elsewhere, region=region, now=clock.now, quiet=quiet)
        self._new_id = new_id
        self._wanted = asyncio.Event()
        self._running = Background("erasures")

    def start(self) -> None:
        self._wanted.set()
        self._running.start(self._run())

    async def close(self) -> None:
        """What is under way is carried on at the next start."""
        await self._running.close()

    async def preview(self, customer_id: str, teams: frozenset[str] | None) -> Preview:
        """Raises UnknownRecord, NotNow and ErasureRefused."""
        await self._log.stored()
        async with self._database.readers() as session:
            customer = await Customers(session).need_present(customer_id, teams)
            subject, who = await subjects.subject_of(session, customer)
            await self._check(session, subject, who)
            return Preview(customer.id, await emptying.count(session, who), len(who.shared))

    async def accept(
        self, customer_id: str, teams: frozenset[str] | None, reason: str, by: str
    ) -> tuple[Erasure, bool]:
        """
        Begin an erasure, or return the one that was begun before; whether it is new.

        Nobody finds the customer from here on. Raises UnknownRecord, ErasureRefused, and
        InvalidField for a ``reason`` that names them.
        """
        await self._log.stored()
        expected = await self._expected(customer_id, teams)  # before anybody has to wait for us
        async with self._changes.begin(by) as change:
            session, now = change.session, self._clock.now()
            await ImportJobs(session).hold()
            customer = await Customers(session).need(customer_id, teams)
            if await Customers(session).erased_at(customer.id, to_change=True) is not None:
                before = await Erasures(session).of_customer([customer.id])
                if before is not None:
                    return before, False
            subject, who = await subjects.subject_of(session, customer)
            if Likeness(subject, self._region).in_text(reason):
                raise InvalidField("reason", "it is kept, and must not name the person")
            await self._check(session, subject, who)
            erasure = Erasure(
                id=self._new_id(),
                customer_id=customer.id,
                customer_ids=subject.customer_ids,
                reason=reason,
                requested_by=by,
                requested_at=now,
                step=STEPS[0],
                expected=expected,
                subject=msgspec.to_builtins(subject),
            )
            Erasures(session).add(erasure, self._proofs(subject))
            await erase_customer(session, customer, now)
            change.record("customer", customer.id, "erased")
        self._wanted.set()
        return erasure, True

    async def _expected(self, customer_id: str, teams: frozenset[str] | None) -> dict[str, int]:
        """Rows by table. Raises UnknownRecord."""
        async with self._database.readers() as session:
            customer = await Customers(session).need(customer_id, teams)
            if customer.erased_at is not None:
                return {}
            who = await person(session, customer.id, last_of_several=True)
            return dict(await emptying.count(session, who))

    def digests(self, value: str) -> Sequence[str]:
        """Under which an erased number or address is found."""
        return [digest_of(self._proof_key, kind, value) for kind in ("number", "address")]

    async def carry_on(self, erasure_id: str, until: str = DONE) -> None:
        """
        Do what is left of an erasure, ``until`` it stands at this step.

        Raises NotYet, what the database raises, and StoreError; it is to be asked for again then.
        """
        while True:
            async with self._database.readers() as session:
                erasure = await Erasures(session).get(erasure_id)
            if erasure is None or erasure.step in {until, DONE}:
                return
            subject = msgspec.convert(erasure.subject or {"customer_ids": []}, Subject)
            await self._finished(erasure, await self._steps.do(erasure, subject))

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            left = await self._carry_on_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY if left else None):
                    await self._wanted.wait()

    async def _carry_on_all(self) -> bool:
        """
        Whether something is left to do.

        All are brought to the last step first, which is done once for all that stand at it.
        """
        try:
            async with self._database.readers() as session:
                running = await Erasures(session).running()
        except UNAVAILABLE as error:
            log.warning("erasure.database_unavailable", reason=type(error).__name__)
            return True
        ready = [each for each in running if await self._turn(each, STEPS[-1])]
        whole = [each for each in ready if await self._turn(each, DONE)]
        return len(whole) < len(running)

    async def _turn(self, erasure_id: str, until: str) -> bool:
        """
        Whether it came so far.

        The net is needed because one erasure that fails, whatever its reason, must not keep the
        others from being done; it is looked at again with whatever waits.
        """
        try:
            await self.carry_on(erasure_id, until)
        except NotYet as wait:
            reason = str(wait)
        except (*UNAVAILABLE, StoreError, BrokenExecutor) as error:
            log.warning("erasure.postponed", erasure=erasure_id, reason=type(error).__name__)
            return False
        except Exception as error:
            log.exception("erasure.step_failed", erasure=erasure_id)
            reason = f"an error that the server's log tells of: {type(error).__name__}"
        else:
            return True
        try:
            await self._waits(erasure_id, reason)
        except UNAVAILABLE as error:
            log.warning("erasure.database_unavailable", reason=type(error).__name__)
        return False

    async def _check(self, session: AsyncSession, subject: Subject, who: Person) -> None:
        """Raises ErasureRefused."""
        holds = await LegalHolds(session).on(
            subject.customer_ids, subject.contact_ids, self._clock.now()
        )
        check(
            live=await subjects.live(session, [*who.contact_ids, *who.shared]),
            recording=await subjects.being_recorded(session, who.contact_ids),
            holds=[(hold.record, hold.reason) for hold in holds],
            importing=await ImportJobs(session).running(),
        )

    def _proofs(self, subject: Subject) -> Iterable[tuple[str, str]]:
        for _, number in subject.numbers:
            yield "number", digest_of(self._proof_key, "number", number)
        for address in subject.addresses:
            yield "address", digest_of(self._proof_key, "address", address)

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
