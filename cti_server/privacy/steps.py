"""The steps of an erasure, each of which does the same when it is done twice."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select

from crm.erasure import Likeness, Subject
from cti_server.store.base import Base
from cti_server.store.call_backs import CallBack
from cti_server.store.consents import Consents
from cti_server.store.customer_erasure import erase_customer
from cti_server.store.customers import Customers
from cti_server.store.database import Database
from cti_server.store.erased_recordings import ErasedRecording, ErasedRecordings
from cti_server.store.erasures import Erasure, Erasures
from cti_server.store.legal_holds import LegalHolds
from cti_server.store.log import EventLog
from cti_server.store.personal_records import Person, person
from cti_server.store.recording_approvals import RecordingApprovals
from cti_server.store.saved_recording_searches import SavedRecordingSearches
from cti_server.store.sms_fragments import SmsFragments
from cti_server.wire.events import CallBackClosed

from . import emptying, recordings, subjects
from .customer_files import CustomerFiles, StillAtWork
from .events import redact
from .recordings import Archive

LARGE = 128 * 1024 * 1024
"""
Bytes of a database that is written anew in the quiet hour only: nobody else writes meanwhile, which
took 15 s for 1 GB, and writers wait for 5 s at most.
"""
_AT_ONCE = 200  # contacts of one transaction


class NotYet(Exception):
    """A step cannot be done now; the message says what it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """
    What knows people beside the records.

    ``answers``: those that may be given again (Idempotency-Key); ``numbers``: the memory of whom
    was asked about; ``undelivered``: what waits to be sent is read from the log again; ``unread``:
    what was written to agents of these contacts.
    """

    archive: Archive
    files: CustomerFiles
    answers: Callable[[Likeness], Awaitable[int]]
    numbers: Callable[[Iterable[str]], None]
    undelivered: Callable[[], None]
    unread: Callable[[Collection[str]], None]


class Steps:
    """What is done of an erasure at each of its steps, by name; each says how much it was."""

    def __init__(
        self,
        database: Database,
        log: EventLog,
        elsewhere: Elsewhere,
        *,
        region: str,
        now: Callable[[], datetime],
        quiet: Callable[[datetime], bool],
        large: int = LARGE,
    ) -> None:
        """``quiet``: whether it is the quiet hour, for which a ``large`` database waits."""
        self._database = database
        self._log = log
        self._elsewhere = elsewhere
        self._region = region
        self._now = now
        self._quiet = quiet
        self._large = large
        self._written_anew: set[str] = set()
        """Erasures of which the database's file has nothing left, but its log may."""
        self._steps = {
            "imports": self._forget_files,
            "records": self._empty_records,
            "recordings": self._destroy_recordings,
            "events": self._redact_events,
            "answers": self._forget_answers,
            "space": self._leave_no_traces,
        }

    async def do(self, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        """Its step. Raises NotYet, what the database raises, and StoreError."""
        return await self._steps[erasure.step](erasure, subject)

    async def _forget_files(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        try:
            return {"files": await self._elsewhere.files.forget(subject)}
        except StillAtWork as work:
            raise NotYet(str(work)) from None

    async def _empty_records(self, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        subject = await self._with_returned(erasure, subject)
        subject = await self._with_unlinked(erasure, subject)
        await self._check_free(subject)
        await self._close_call_backs(erasure, subject)
        await self._keep_proofs_alone(subject)
        done = await self._empty(Person(subject.customer_ids, [], [], []))
        pairs = list(zip(subject.contact_ids, subject.call_ids, strict=True))
        for start in range(0, len(pairs), _AT_ONCE):
            some = pairs[start : start + _AT_ONCE]
            of_contacts = Person([], [each for each, _ in some], [each for _, each in some], [])
            done += await self._empty(of_contacts)
        return done + await self._delete_texts(subject)

    async def _delete_texts(self, subject: Subject) -> Counter[str]:
        """Those that are theirs by the number alone."""
        async with self._log.paused(), self._database.sessions.begin() as session:
            await SmsFragments(session).forget([text for _, text in subject.numbers])
            found = await subjects.unlinked_texts(session, subject)
            for name, ids in found.items():
                for some in subjects.slices(ids):
                    rows = [{"id": each} for each in some]
                    await emptying.treat(session, Base.metadata.tables[name], rows)
        return Counter({name: len(ids) for name, ids in found.items()})

    async def _with_returned(self, erasure: Erasure, subject: Subject) -> Subject:
        """With who was made anew of what was under way: an import that an older release let be."""
        async with self._log.paused(), self._database.sessions.begin() as session:
            customers = Customers(session)
            for customer_id in await subjects.returned(session, subject):
                customer = await customers.need(customer_id, None)
                who = await person(session, customer.id, last_of_several=True)
                if await LegalHolds(session).on(who.customer_ids, who.contact_ids, self._now()):
                    raise NotYet(f"a legal hold on {customer.id}")
                ids = await erase_customer(session, customer, self._now())
                subject = msgspec.structs.replace(
                    subject,
                    customer_ids=[*subject.customer_ids, *ids],
                    contact_ids=[*subject.contact_ids, *who.contact_ids],
                    call_ids=[*subject.call_ids, *who.call_ids],
                )
            row = await session.get_one(Erasure, erasure.id)
            row.subject = msgspec.to_builtins(subject)
            row.customer_ids = subject.customer_ids
        return subject

    async def _check_free(self, subject: Subject) -> None:
        """
        Raises NotYet for what is held, or not over yet.

        Of a contact that was not known to be theirs nobody asked before the erasure was taken.
        """
        await self._check_holds(subject)
        async with self._database.readers() as session:
            if live := await subjects.live(session, subject.contact_ids):
                raise NotYet(f"the contact {live[0]} is not over")
            if running := await subjects.being_recorded(session, subject.contact_ids):
                raise NotYet(f"the recording {running[0]} is still being written")

    async def _check_holds(self, subject: Subject) -> None:
        async with self._database.readers() as session:
            holds = await LegalHolds(session).on(
                subject.customer_ids, subject.contact_ids, self._now()
            )
        if holds:
            raise NotYet(f"a legal hold on the {holds[0].record} {holds[0].record_id}")

    async def _with_unlinked(self, erasure: Erasure, subject: Subject) -> Subject:
        """With what there is of their numbers alone: contacts, and calls of other PBXs."""
        likeness = Likeness(subject, self._region)
        async with self._database.readers() as session:
            found = await subjects.unlinked_contacts(session, subject, likeness)
            foreign = await subjects.recorded_elsewhere(session, subject, likeness)
        known = dict(zip(subject.contact_ids, subject.call_ids, strict=True))
        known |= dict(found) | dict(foreign)
        whole = msgspec.structs.replace(
            subject, contact_ids=list(known), call_ids=list(known.values())
        )
        async with self._database.sessions.begin() as session:
            row = await session.get_one(Erasure, erasure.id)
            row.subject = msgspec.to_builtins(whole)
        return whole

    async def _close_call_backs(self, erasure: Erasure, subject: Subject) -> None:
        """Nobody is to call a number that is not there any more."""
        found: list[str] = []
        theirs = {CallBack.id: subject.contact_ids, CallBack.customer_id: subject.customer_ids}
        async with self._database.readers() as session:
            for column, all_ids in theirs.items():
                for ids in subjects.slices(all_ids):
                    open_ones = select(CallBack.id).where(
                        CallBack.closed_at.is_(None), column.in_(ids)
                    )
                    found += await session.scalars(open_ones)
        for each in dict.fromkeys(found):
            closed = CallBackClosed(
                contact_id=each, outcome="removed", closed_by=erasure.requested_by
            )
            self._log.append(closed)

    async def _keep_proofs_alone(self, subject: Subject) -> None:
        """What they agreed to stays, and what was held; not a text of it that names them."""
        likeness = Likeness(subject, self._region)
        async with self._database.sessions.begin() as session:
            for consent in await Consents(session).of(subject.customer_ids):
                if likeness.in_text(consent.source):
                    consent.source = ""
            for ids in subjects.slices([*subject.customer_ids, *subject.contact_ids]):
                for hold in await LegalHolds(session).ever_on(ids):
                    if likeness.in_text(hold.reason):
                        hold.reason = ""

    async def _empty(self, who: Person) -> Counter[str]:
        async with self._log.paused(), self._database.sessions.begin() as session:
            return await emptying.empty(session, who)

    async def _destroy_recordings(self, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        done = 0
        for start in range(0, len(subject.contact_ids), _AT_ONCE):
            some = subject.contact_ids[start : start + _AT_ONCE]
            while count := await self._destroy_some(erasure.id, subject, some):
                done += count
        return {"recording": done}

    async def _destroy_some(
        self, erasure_id: str, subject: Subject, contact_ids: Sequence[str]
    ) -> int:
        await self._check_free(subject)
        async with self._database.readers() as session:
            found = await recordings.of_contacts(session, contact_ids)
        emptied = {
            each.id: await self._elsewhere.archive.destroy(each.id, each.file) for each in found
        }
        async with self._log.paused(), self._database.sessions.begin() as session:
            rows = [await session.get_one(type(each), each.id) for each in found]
            for each in rows:
                ErasedRecordings(session).add(
                    ErasedRecording(
                        erasure_id=erasure_id,
                        recording_id=each.id,
                        stores=[name for name in each.stores if name in emptied[each.id]],
                        destroyed_at=self._now(),
                    )
                )
            await recordings.forget(session, rows, self._now())
        return len(found)

    async def _redact_events(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        contact_ids, call_ids = subject.contact_ids, subject.call_ids
        self._elsewhere.unread(contact_ids)
        return {"event": await redact(self._log, self._database, contact_ids, call_ids)}

    async def _forget_answers(self, _: Erasure, subject: Subject) -> Mapping[str, int]:
        self._elsewhere.numbers(text for _, text in subject.numbers)
        self._elsewhere.undelivered()
        async with self._database.sessions.begin() as session:
            found = await subjects.leads(session, subject)
            rows = [{"id": each} for each in found]
            await emptying.treat(session, Base.metadata.tables["lead"], rows)
            likeness = Likeness(subject, self._region)
            searches = await SavedRecordingSearches(session).forget(likeness.in_text)
            approvals = await RecordingApprovals(session).forget(likeness.in_text)
        answers = await self._elsewhere.answers(likeness)
        return {
            "answers": answers,
            "lead": len(found),
            "saved_recording_search": searches,
            "recording_approval": approvals,
        }

    async def _leave_no_traces(self, erasure: Erasure, _: Subject) -> Mapping[str, int]:
        if erasure.id not in self._written_anew:
            await self._write_anew(erasure)
        if not await self._database.empty_log():
            raise NotYet("those who read from the database")
        self._written_anew.discard(erasure.id)
        return {}

    async def _write_anew(self, erasure: Erasure) -> None:
        """Once for all erasures that have nothing left to do but this."""
        if await self._database.size() > self._large and not self._quiet(self._now()):
            raise NotYet("the quiet hour")
        async with self._database.readers() as session:
            standing = await Erasures(session).standing_at(erasure.step)
        async with self._log.paused():
            await self._database.write_anew()
        self._written_anew = {erasure.id, *standing}
