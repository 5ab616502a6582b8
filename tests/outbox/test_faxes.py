"""Faxes that callers ask for, on both databases: in the outbox once, wholly, in time or not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from config.fax import FaxDocumentSettings
from cti_server.outbox.faxes import FaxRequests, NewFax
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.outbox import OutboxJob
from cti_server.store.timeline import Timeline
from cti_server.wire.events import RecordChanged
from tests.store.stories import NINE

from .post_office import PostOffice, open_post_office

NUMBER = "+8675526123456"
FAX = NewFax(
    document="101",
    title="价目表",
    language="zh",
    number=NUMBER,
    contact_id="k1",
    customer_id=None,
)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_post_office(database, tmp_path) as office:
        yield office


def requests_of(office: PostOffice, **also: Any) -> FaxRequests:
    numbers = count(1)
    return FaxRequests({}, office.changes, office.clock, lambda: f"fax-{next(numbers)}", **also)


async def jobs_of(office: PostOffice) -> list[OutboxJob]:
    async with office.database.readers() as session:
        return list(await session.scalars(select(OutboxJob).order_by(OutboxJob.id)))


async def customer(office: PostOffice, **changes: Any) -> str:
    async with office.database.sessions.begin() as session:
        session.add(
            Customer(
                id="c1", kind="person", name="王芳", created_at=NINE, updated_at=NINE, **changes
            )
        )
    return "c1"


async def timeline_of(office: PostOffice, customer_id: str) -> list[Any]:
    async with office.database.readers() as session:
        return list(await Timeline(session).of([customer_id], limit=9))


async def test_a_fax_waits_in_the_outbox_and_is_on_the_customers_timeline(
    office: PostOffice,
) -> None:
    whose = await customer(office)
    assert await requests_of(office).put(replace(FAX, customer_id=whose))

    [job] = await jobs_of(office)
    assert (job.channel, job.recipient, job.state) == ("fax", NUMBER, "waiting")
    assert job.content == {
        "document": "101",
        "title": "价目表",
        "language": "zh",
        "values": {},
    }
    assert (job.contact_id, job.customer_id, job.due_at) == ("k1", "c1", NINE)
    [entry] = await timeline_of(office, "c1")
    assert (entry.kind, entry.at, entry.data["title"]) == ("fax_requested", NINE, "价目表")
    assert (entry.data["document"], entry.data["job_id"]) == ("101", job.id)
    await office.log.stored()
    told = [one.event for one in await office.log.since(0)]
    assert {one.record for one in told if isinstance(one, RecordChanged)} == {
        "outbox_job",
        "timeline_event",
    }


async def test_it_is_held_as_long_as_nothing_sends_faxes(office: PostOffice) -> None:
    assert await requests_of(office).put(FAX)
    office.clock.passes(days=400)

    assert await office.outbox.earliest() is None  # e-mail alone has a way out
    await office.outbox.do(office.clock.now())
    [job] = await jobs_of(office)
    assert (job.state, job.attempts, job.failure) == ("waiting", 0, None)


async def test_the_same_call_document_and_number_are_one_fax_and_one_entry(
    office: PostOffice,
) -> None:
    whose = await customer(office)
    faxes = requests_of(office)
    theirs = replace(FAX, customer_id=whose)
    others = [
        replace(theirs, document="102"),
        replace(theirs, number="+8675526123457"),
        replace(theirs, contact_id="k2"),
    ]
    assert [await faxes.put(one) for one in (theirs, theirs, *others)] == [True] * 5

    keys = {
        (job.content["document"], job.recipient, job.contact_id) for job in await jobs_of(office)
    }
    assert keys == {(one.document, one.number, one.contact_id) for one in (theirs, *others)}
    assert len(await jobs_of(office)) == len(await timeline_of(office, "c1")) == 4


async def test_of_nobody_known_there_is_the_job_alone(office: PostOffice) -> None:
    assert await requests_of(office).put(FAX)

    [job] = await jobs_of(office)
    assert (job.contact_id, job.customer_id) == ("k1", None)


async def test_who_was_erased_meanwhile_gets_none(office: PostOffice) -> None:
    whose = await customer(office, erased_at=NINE)

    assert not await requests_of(office).put(replace(FAX, customer_id=whose))
    assert await jobs_of(office) == []


async def test_one_that_takes_too_long_is_not_waited_for_and_not_torn(office: PostOffice) -> None:
    """Nor is one whose caller hangs up meanwhile; asked for again it is the same."""
    whose = await customer(office)
    theirs = replace(FAX, customer_id=whose)
    faxes = requests_of(office, in_time=0.05)
    async with office.database.sessions() as session, session.begin():
        await session.execute(update(Customer).values(name="王方"))
        assert not await faxes.put(theirs)
        hangs_up = asyncio.create_task(faxes.put(replace(theirs, document="102")))
        await asyncio.sleep(0)
        hangs_up.cancel()
        await asyncio.wait([hangs_up])
    await faxes.close()

    assert await requests_of(office).put(theirs)
    assert {job.content["document"] for job in await jobs_of(office)} == {"101", "102"}
    assert len(await timeline_of(office, "c1")) == len(await jobs_of(office)) == 2


def test_a_document_is_called_by_its_title_in_the_language_or_by_the_first(tmp_path: Path) -> None:
    file = tmp_path / "prices.pdf"
    file.write_bytes(b"%PDF-1.4")
    both = FaxDocumentSettings(titles={"zh": "价目表", "en": "Price list"}, file=file)

    assert [both.title(one) for one in ("en", "zh", "de")] == ["Price list", "价目表", "价目表"]
