"""A person is forgotten in every store, on either database, whatever ends the server meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

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
from cti_server.store.interactions import Interaction
from cti_server.store.legal_holds import LegalHold
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.store.recordings import Recording
from cti_server.store.sms_fragments import SmsFragment, SmsFragments
from cti_server.store.sms_messages import SmsMessage, SmsMessages
from cti_server.store.stored_events import StoredEvent
from cti_server.store.webhooks import DeadLetter
from fax_sms_email.texts import ReceivedText
from tests.fakes.databases import new_sqlite
from tests.store.stories import NINE

from .lives import letter, lived, webhook
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
    found_in,
    office,
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
                await SmsFragments(session).add(fragment(number))
                for channel in ("sms", "fax"):
                    key = f"{channel} {number}"
                    await OutboxJobs(session).put(key, key, channel, number, {}, NINE)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            texts = set(await session.scalars(select(SmsMessage.id)))
            jobs = set(await session.scalars(select(OutboxJob.id)))
            fragments = set(await session.scalars(select(SmsFragment.number)))

    assert texts == fragments == {others}
    assert jobs == {f"fax {NUMBER}", f"sms {others}", f"fax {others}"}


def fragment(number: str) -> SmsFragment:
    return SmsFragment(
        id=number,
        gateway="carrier",
        number=number,
        our_number="10690000",
        reference=1,
        total=2,
        part=1,
        data_coding=8,
        octets=TRACE.encode("utf-16-be"),
        at=NINE,
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
