"""A person is forgotten in every store, on either database, whatever ends the server meanwhile."""

import asyncio
import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from crm.erasure import ErasureRefused, Subject
from crm.errors import InvalidField
from cti_server.privacy import events
from cti_server.privacy.steps import NotYet, Steps
from cti_server.store.audit_trail import AuditTrail
from cti_server.store.consents import Consent
from cti_server.store.contacts import Contact
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.erasures import Erasure, Erasures
from cti_server.store.import_jobs import ImportJob
from cti_server.store.interactions import Interaction
from cti_server.store.legal_holds import LegalHold
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.store.recordings import Recording
from cti_server.store.sms_messages import SmsMessage, SmsMessages
from cti_server.store.stored_events import StoredEvent
from cti_server.store.webhooks import DeadLetter, Webhook
from cti_server.wire.events import AgentStateChanged, ContactNoted, RecordChanged, RecordingStarted
from fax_sms_email.texts import ReceivedText
from tests.fakes.databases import new_sqlite
from tests.store.stories import NINE

from .office import (
    NUMBER,
    PERSON,
    TRACE,
    TRACES,
    Office,
    a_call,
    a_customer,
    a_recording,
    files_with,
    fill,
    found_in,
    office,
)


async def lived(here: Office) -> None:
    """What there is of a customer after a while: rows in every table, calls, files."""
    await a_customer(here.database)
    for told in (*a_call(1), *a_call(2, customer_ids=())):
        here.log.append(told)
    await here.log.stored()
    await fill(here.database)
    async with here.database.sessions.begin() as session:
        session.add(
            Consent(
                id="consent1",
                customer_id=PERSON,
                channel="sms",
                purpose="marketing",
                given=False,
                source="phone",
                at=NINE,
                recorded_by="li",
            )
        )
        session.add(webhook())
        await session.flush()
        session.add(letter(sequence=1))
    a_recording(here.folder, 1)
    a_recording(here.folder, 2)
    problems = here.folder / "imports" / "import1" / "problems.csv"
    problems.parent.mkdir(parents=True)
    problems.write_text(
        f"row,problem,name,phone\n2,x,{TRACE} the customer,12\n3,x,Wang Wei,13900139000\n",
        encoding="utf-8-sig",
    )


def webhook() -> Webhook:
    return Webhook(
        id="hook",
        url="https://shop.example",
        names=["*"],
        sealed_secret="x",
        created_at=NINE,
        updated_at=NINE,
    )


def letter(sequence: int) -> DeadLetter:
    """What could not be delivered of an event; the first one is a call's arrival."""
    return DeadLetter(
        webhook_id="hook",
        sequence=sequence,
        name="call.arrived",
        body=f'{{"caller_number": "{NUMBER}"}}',
        attempts=3,
        failure="no answer",
        failed_at=NINE,
    )


async def done(here: Office) -> Erasure:
    async with here.database.readers() as session:
        found = await Erasures(session).of_customer([PERSON])
        assert found is not None
        return found


async def test_nothing_is_left_of_a_person_in_any_column_or_file_and_figures_stay(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await lived(here)
        wav = a_recording(tmp_path, 1)
        before = await found_in(database, *TRACES)
        erasure, new = await here.erasures.accept(PERSON, None, "asked for it", "sun")
        await here.erasures.carry_on(erasure.id)
        await here.log.stored()

        left, files = await found_in(database, *TRACES), files_with(tmp_path, *TRACES)
        logged = await here.log.since(0, 100)
        async with database.readers() as session:
            contacts = (await session.scalars(select(Contact).order_by(Contact.id))).all()
            recordings = (await session.scalars(select(Recording))).all()
            verdict = await AuditTrail(session).verify()
            consent = await session.get(Consent, "consent1")
            interactions = (await session.scalars(select(Interaction))).all()
        finished = await done(here)

    assert len(before) > 25  # the search does find things
    assert new
    assert (left, files) == ({}, [])
    assert [each.id for each in contacts] == ["contact1", "contact2"]
    assert {each.outcome for each in contacts} == {"handled"}
    assert {each.state for each in recordings} == {"erased"}
    assert not wav.exists()
    assert [each.sequence for each in logged] == list(range(1, len(logged) + 1))
    assert verdict.faults == []
    assert consent is not None
    assert interactions == []
    assert (finished.state, finished.subject) == ("done", {})
    assert finished.done["recording"] == 2
    assert "Wang Wei" in (tmp_path / "imports/import1/problems.csv").read_text("utf-8-sig")
    assert here.forgotten == [NUMBER]


async def test_asked_again_it_is_the_same_erasure_found_by_a_number_that_nobody_has(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        first, new = await here.erasures.accept(PERSON, None, "asked", "sun")
        second, again = await here.erasures.accept(PERSON, None, "asked once more", "sun")
        await here.erasures.carry_on(first.id)
        async with database.readers() as session:
            found = await Erasures(session).page(5, digests=here.erasures.digests(NUMBER))
            other = await Erasures(session).page(5, digests=here.erasures.digests("+8613511112223"))

    assert (first.id, new, again) == (second.id, True, False)
    assert ([each.id for each in found], other) == ([first.id], [])


async def test_what_is_under_way_or_held_is_refused_and_says_why(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        *begun, stored = a_call(1)
        for told in begun[:5]:
            here.log.append(told)
        with pytest.raises(ErasureRefused, match="under way: contact1"):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        for told in begun[5:]:
            here.log.append(told)
        with pytest.raises(ErasureRefused, match="still being written: recording1"):
            await here.erasures.preview(PERSON, None)
        here.log.append(stored)
        async with database.sessions.begin() as session:
            hold = LegalHold(
                id="hold1",
                record="recording",
                record_id="recording1",
                reason="a court",
                placed_by="sun",
                placed_at=NINE,
            )
            session.add(hold)
        with pytest.raises(ErasureRefused, match=r"recording \(a court\)"):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        async with database.sessions.begin() as session:
            (await session.get_one(LegalHold, "hold1")).until = NINE + timedelta(days=1)

        preview = await here.erasures.preview(PERSON, None)

    assert preview.expected["recording"] == 1
    assert preview.expected["contact"] == 1


async def test_events_are_redacted_page_by_page_with_what_of_them_is_undelivered(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_PAGE", 3)
    async with office(database, tmp_path) as here:
        for told in (*a_call(1), *a_call(2)):
            here.log.append(told)
        other = len(a_call(1)) + 1
        await here.log.stored()
        async with database.sessions.begin() as session:
            session.add(webhook())
            await session.flush()
            session.add_all([letter(1), letter(other)])
        counted = await events.redact_stored(here.log, database, ["contact1"], ["call1"])
        again = await events.redact_stored(here.log, database, ["contact1"], ["call1"])
        async with database.readers() as session:
            stored = (
                await session.scalars(select(StoredEvent).order_by(StoredEvent.sequence))
            ).all()
            undelivered = (await session.scalars(select(DeadLetter))).all()

    speaks = [each.sequence for each in stored if any(one in each.payload for one in TRACES)]
    assert speaks
    assert min(speaks) >= other
    assert (counted, again) == (len(speaks), 0)  # the two calls are told in the same words
    assert {each.sequence: NUMBER in each.body for each in undelivered} == {1: False, other: True}


async def test_a_number_that_somebody_else_has_too_stays_theirs(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await a_customer(database, "other")
        for told in (*a_call(1, (PERSON, "other")), *a_call(2, ()), *a_call(3, (PERSON,))):
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            numbers = {
                each.id: each.caller_number for each in await session.scalars(select(Contact))
            }
            other = await session.get_one(Customer, "other")

    assert numbers == {"contact1": NUMBER, "contact2": NUMBER, "contact3": ""}
    assert TRACE in other.name


async def test_texts_that_are_theirs_by_the_number_alone_go_with_their_answers(
    database: Database, tmp_path: Path
) -> None:
    """Of two customers of one number, say, before one of them was given another."""
    others = "+8613900139000"
    async with office(database, tmp_path) as here:
        await a_customer(database)
        async with database.sessions.begin() as session:
            for number in (NUMBER, others):
                received = ReceivedText(
                    gateway_id=number, number=number, our_number="10690000", text=TRACE
                )
                await SmsMessages(session).take(number, "kannel", number, received, NINE)
                for channel in ("sms", "fax"):
                    key = f"{channel} {number}"
                    await OutboxJobs(session).put(key, key, channel, number, {}, NINE)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            texts = set(await session.scalars(select(SmsMessage.id)))
            jobs = set(await session.scalars(select(OutboxJob.id)))

    assert texts == {others}
    assert jobs == {f"fax {NUMBER}", f"sms {others}", f"fax {others}"}


async def test_what_comes_late_does_not_bring_the_person_back(
    database: Database, tmp_path: Path
) -> None:
    """The log's mover knows rows as they were before."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1):
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)

        here.log.append(
            RecordingStarted(
                recording_id="late",
                call_id="call1",
                contact_id="contact1",
                interaction_id="i",
                agent_id="li",
                queue="sales",
            )
        )
        here.log.append(ContactNoted(contact_id="contact1", agent_id="li", text="a late word"))
        await here.log.stored()

        touched = {"contact", "call", "leg", "recording", "event"}
        assert await found_in(database, *TRACES, among=touched) == {}


async def test_an_agent_who_is_still_busy_with_a_contact_is_waited_for(
    database: Database, tmp_path: Path
) -> None:
    """After the call, too: what is on their screen would be written down."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1):
            here.log.append(told)
        here.log.append(working("wrap_up", "contact1"))
        with pytest.raises(ErasureRefused, match="under way: contact1"):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        here.log.append(working("ready", None))

        _, new = await here.erasures.accept(PERSON, None, "asked", "sun")

    assert new


def working(state: str, contact_id: str | None) -> AgentStateChanged:
    return AgentStateChanged(agent_id="li", state=state, since=NINE, contact_id=contact_id)


async def test_no_erasure_begins_during_an_import_which_would_make_the_person_anew(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await an_import(here, "running", "running", NUMBER)

        with pytest.raises(ErasureRefused, match="being imported: running"):
            await here.erasures.accept(PERSON, None, "asked", "sun")


async def test_whom_an_import_made_anew_meanwhile_goes_with_the_rest(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await a_customer(database, "other", "+8613900139000")
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await a_customer(database, "again")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            left = {each.id: each.name for each in await session.scalars(select(Customer))}

    assert left == {PERSON: "", "again": "", "other": f"{TRACE} the customer"}


async def test_an_import_that_has_the_person_in_it_is_waited_for_and_one_to_come_goes(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await an_import(here, "waiting", "uploaded", NUMBER)
        await an_import(here, "broken", "broken_off", NUMBER)
        await an_import(here, "other", "uploaded", "13900139000")
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await an_import(here, "running", "running", NUMBER)  # of a release that let it begin
        with pytest.raises(NotYet, match="the import running"):
            await here.erasures.carry_on(erasure.id)
        async with database.sessions.begin() as session:
            (await session.get_one(ImportJob, "running")).state = "done"
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            jobs = {job.id: job for job in await session.scalars(select(ImportJob))}

    assert {name: job.state for name, job in jobs.items()} == {
        "waiting": "cancelled",
        "broken": "cancelled",
        "running": "done",
        "other": "uploaded",
    }
    assert {job.filename for job in jobs.values()} == {""}
    assert files_with(tmp_path / "imports", "phone") == ["other/source"]


async def an_import(here: Office, name: str, state: str, number: str) -> None:
    folder = here.folder / "imports" / name
    folder.mkdir(parents=True)
    (folder / "source").write_text(f"name,phone\nA,{number}\n")
    async with here.database.sessions.begin() as session:
        session.add(
            ImportJob(
                id=name,
                filename=f"{TRACE} the customer.csv",
                size=1,
                state=state,
                created_by="sun",
                created_at=NINE,
            )
        )


async def test_a_reason_that_names_the_person_is_refused_for_it_is_kept(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        with pytest.raises(InvalidField, match="reason"):
            await here.erasures.accept(PERSON, None, f"asked by {NUMBER[3:]}", "sun")


async def test_a_large_database_is_written_anew_in_the_quiet_hour(tmp_path: Path) -> None:
    database, quiet = new_sqlite(tmp_path), [False, True]
    async with office(database, tmp_path) as here:
        steps = Steps(
            database,
            here.log,
            here.elsewhere,
            region="CN",
            now=lambda: NINE,
            quiet=lambda now: quiet.pop(0),
            large=1,
        )
        erasure = Erasure(
            id="e",
            customer_id="c",
            customer_ids=["c"],
            reason="x",
            requested_by="sun",
            requested_at=NINE,
            step="space",
            expected={},
            subject={},
        )
        with pytest.raises(NotYet, match="quiet hour"):
            await steps.do(erasure, Subject(customer_ids=[]))
        assert await steps.do(erasure, Subject(customer_ids=[])) == {}
    await database.close()


def killed_at(folder: Path, nth: int) -> bool:
    """Erase in a process that dies at its nth commit; whether it died."""
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(_erase_and_die(folder, nth))
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


async def _erase_and_die(folder: Path, nth: int) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'hotline.db'}")
    commits = 0

    def die(*_: object) -> None:
        nonlocal commits
        commits += 1
        if commits == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    async with office(database, folder) as here:
        async with database.readers() as session:
            running = await Erasures(session).running()
        event.listen(database.engine.sync_engine, "commit", die)
        if not running and await _is_whole(database):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        async with database.readers() as session:
            running = await Erasures(session).running()
        for each in running:
            await here.erasures.carry_on(each)
        event.remove(database.engine.sync_engine, "commit", die)
    await database.close()


async def _is_whole(database: Database) -> bool:
    async with database.readers() as session:
        return (await session.get_one(Customer, PERSON)).erased_at is None


def test_killed_at_any_commit_it_is_carried_on_to_its_end(tmp_path: Path) -> None:
    """Each life of the server gets a commit further than the one before, then one is left alone."""
    database = new_sqlite(tmp_path)

    async def begin() -> None:
        async with office(database, tmp_path) as here:
            await lived(here)
        await database.close()

    asyncio.run(begin())
    deaths = sum(killed_at(tmp_path, nth) for nth in (1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5))
    killed_at(tmp_path, 1000)

    async def look() -> tuple[dict[str, list[str]], int, str]:
        again = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
        left = await found_in(again, *TRACES)
        async with again.readers() as session:
            all_of_them = (await session.scalars(select(Erasure))).all()
            faults = (await AuditTrail(session).verify()).faults
        await again.close()
        assert faults == []
        return left, len(all_of_them), all_of_them[0].state

    assert asyncio.run(look()) == ({}, 1, "done")
    assert files_with(tmp_path, *TRACES) == []
    assert deaths >= 6


def hold(record: str, record_id: str) -> LegalHold:
    return LegalHold(
        id=f"hold of {record_id}",
        record=record,
        record_id=record_id,
        reason="a court",
        placed_by="sun",
        placed_at=NINE,
    )


async def test_what_is_held_of_contacts_found_only_by_their_number_waits_until_it_is_released(
    database: Database, tmp_path: Path
) -> None:
    """Of these nobody asked when the erasure was taken, and the hold came later still."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1, customer_ids=()):
            here.log.append(told)
        wav = a_recording(tmp_path, 1)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        async with database.sessions.begin() as session:
            session.add(hold("recording", "recording1"))
        with pytest.raises(NotYet, match="a legal hold on the recording recording1"):
            await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            kept = await session.get_one(Contact, "contact1")
        assert (kept.caller_number, wav.exists()) == (NUMBER, True)

        async with database.sessions.begin() as session:
            (await session.get_one(LegalHold, "hold of recording1")).released_at = NINE
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            emptied = await session.get_one(Contact, "contact1")

    assert (emptied.caller_number, wav.exists()) == ("", False)


async def test_a_contact_that_two_customers_share_goes_with_the_second_of_them(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await a_customer(database, "other")
        for told in a_call(1, (PERSON, "other")):
            here.log.append(told)
        wav = a_recording(tmp_path, 1)
        kept = []
        for each in (PERSON, "other"):
            erasure, _ = await here.erasures.accept(each, None, "asked", "sun")
            await here.erasures.carry_on(erasure.id)
            kept.append(wav.exists())
        await here.log.stored()
        left = await found_in(database, *TRACES)

    assert kept == [True, False]
    assert left == {}


async def test_a_recording_that_is_still_written_is_waited_for(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        *begun, stored = a_call(1, customer_ids=())
        for told in begun:
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        with pytest.raises(NotYet, match="recording1 is still being written"):
            await here.erasures.carry_on(erasure.id)
        wav = a_recording(tmp_path, 1)
        here.log.append(stored)
        await here.log.stored()
        await here.erasures.carry_on(erasure.id)

    assert not wav.exists()


async def test_a_recording_that_is_stored_after_it_was_erased_is_not_there_and_its_file_goes(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        *_, stored = events = a_call(1)
        for told in events:
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        here.log.append(stored)
        await here.log.stored()
        wav = a_recording(tmp_path, 1)
        async with database.readers() as session:
            late = await session.get_one(Recording, "recording1")
        await here.retention.begin("sun", dry=False, now=NINE)
        while await here.retention.earliest() == NINE:
            await here.retention.do(NINE)
        async with database.readers() as session:
            gone = await session.get_one(Recording, "recording1")

    assert (late.state, late.caller_number) == ("erased", "")
    assert (gone.state, gone.file, wav.exists()) == ("erased", None, False)


async def test_one_erasure_that_fails_says_so_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, written = new_sqlite(tmp_path), []
    do, write_anew = Steps.do, database.write_anew

    async def fail_for_one(self: Steps, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        if erasure.customer_id == PERSON:
            raise KeyError("nobody expected this")
        return await do(self, erasure, subject)

    async def count_and_write() -> None:
        written.append(1)
        await write_anew()

    monkeypatch.setattr(Steps, "do", fail_for_one)
    monkeypatch.setattr(database, "write_anew", count_and_write)
    async with office(database, tmp_path) as here:
        ended = asyncio.Event()
        here.log.subscribe(
            lambda told: (
                ended.set()
                if isinstance(told.event, RecordChanged) and told.event.action == "completed"
                else None
            )
        )
        taken = []
        for customer_id in (PERSON, "second", "third"):
            await a_customer(database, customer_id)
            taken.append((await here.erasures.accept(customer_id, None, "asked", "sun"))[0].id)
        here.erasures.start()
        async with asyncio.timeout(30):
            while len(await _states(database)) < 3 or (await _states(database))[2] != "done":
                ended.clear()
                await ended.wait()
        states = await _states(database)
        async with database.readers() as session:
            failed = await session.get_one(Erasure, taken[0])

    assert states == ["running", "done", "done"]
    assert "KeyError" in (failed.waiting_for or "")
    assert written == [1]
    await database.close()


async def _states(database: Database) -> list[str]:
    async with database.readers() as session:
        query = select(Erasure.state).order_by(Erasure.requested_at)
        return list(await session.scalars(query))
