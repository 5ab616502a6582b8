"""What is to be sent is sent, later if need be, or left to people; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from cti_server.outbox.outbox import MARGIN
from cti_server.store.changes import UnloggedChange
from cti_server.store.database import Database
from cti_server.store.outbox import KEPT, OutboxJob
from cti_server.wire.events import MessageFailed, MessageSent
from fax_sms_email.errors import NotSent
from tests.store.stories import NINE

from .post_office import PostOffice, ToldSender, open_post_office


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_post_office(database, tmp_path) as office:
        yield office


async def test_what_is_put_twice_is_sent_once_and_told_once(office: PostOffice) -> None:
    assert await office.put("wang", key="voicemail 1", contact_id="c-1", customer_id="k-1")
    assert not await office.put("li", key="voicemail 1")

    await office.turn()

    assert office.sender.sent == ["wang"]
    job = await office.job("wang")
    assert (job.state, job.attempts, job.ended_at) == ("sent", 1, NINE)
    [event] = await office.told()
    assert event == MessageSent(
        change_id=event.change_id,
        job_id="job-wang",
        channel="email",
        attempts=1,
        contact_id="c-1",
        customer_id="k-1",
    )
    async with office.database.readers() as session:
        assert (await session.scalars(select(UnloggedChange))).all() == []
    figures = await office.outbox.figures()
    assert (figures["sent_total"], figures["waiting"], figures["dead"]) == (1, 0, 0)


async def test_of_what_is_due_the_more_important_goes_first_and_the_rest_at_its_time(
    office: PostOffice,
) -> None:
    office.sender.at_once = 1
    await office.put("first")
    await office.put("urgent", priority=5)
    await office.put("tonight", not_before=NINE + timedelta(hours=12))
    await office.put("nowhere", channel="fax")

    await office.turn()

    assert office.sender.sent == ["urgent", "first"]
    assert await office.outbox.earliest() == NINE + timedelta(hours=12)
    office.clock.passes(hours=12)
    await office.turn()
    assert office.sender.sent == ["urgent", "first", "tonight"]
    assert (await office.job("nowhere")).state == "waiting"


async def test_what_fails_is_tried_ever_more_slowly_and_then_left_to_people(
    office: PostOffice,
) -> None:
    office.sender.answers = [NotSent("451 try later, wang", permanent=False)] * 2
    office.sender.answers += [NotSent("550 no such user wang", permanent=True)]
    await office.put("wang")

    await office.turn()
    job = await office.job("wang")
    assert (job.state, job.failure) == ("waiting", "451 try later, …")
    assert job.due_at == NINE + timedelta(seconds=10)
    office.clock.passes(seconds=10)
    await office.turn()
    assert (await office.job("wang")).due_at == office.clock.now() + timedelta(seconds=40)
    assert await office.told() == []
    office.clock.passes(seconds=40)
    await office.turn()

    job = await office.job("wang")
    assert (job.state, job.failure, job.attempts) == ("dead", "550 no such user …", 3)
    [event] = await office.told()
    assert isinstance(event, MessageFailed)
    assert event.permanent
    assert await office.outbox.earliest() is None
    figures = await office.outbox.figures()
    assert (figures["failed_total"], figures["given_up_total"], figures["dead"]) == (3, 1, 1)


async def test_a_reason_in_another_encoding_is_noted_all_the_same(office: PostOffice) -> None:
    said = "550 用户不存在\0".encode("gbk").decode("utf-8", "surrogateescape")  # as the client does
    office.sender.answers = [NotSent(said, permanent=True)]
    await office.put("wang")

    async with asyncio.timeout(60):
        await office.turn()

    job = await office.job("wang")
    assert job.state == "dead"
    assert job.failure is not None
    assert job.failure.startswith("550 \N{REPLACEMENT CHARACTER}")


async def test_what_was_on_its_way_when_the_server_died_is_sent_again_once_its_time_is_over(
    office: PostOffice,
) -> None:
    office.sender.answers = ["hang"]
    await office.put("wang")
    await office.outbox.do(NINE)
    async with asyncio.timeout(30):
        await office.sender.asked.wait()
    before = office.outbox
    sender = office.sender = ToldSender()

    office.opened()
    assert await office.outbox.earliest() == NINE + sender.within + MARGIN
    await office.turn()
    assert sender.sent == []  # whoever had it may yet be alive
    office.clock.passes(seconds=50)
    await office.turn()

    assert sender.sent == ["wang"]
    assert (await office.job("wang")).state == "sent"
    await before.close(within=0)


async def test_what_kills_its_sender_each_time_does_so_for_a_day_only(office: PostOffice) -> None:
    office.sender.answers = [ZeroDivisionError()] * 2  # a fault of ours
    await office.put("wang")
    await office.turn()
    assert (await office.job("wang")).state == "sending"
    office.clock.passes(seconds=50)
    await office.turn()
    assert office.sender.sent == ["wang", "wang"]

    office.clock.passes(days=1)
    await office.turn()

    assert office.sender.sent == ["wang", "wang"]
    job = await office.job("wang")
    assert (job.state, job.failure) == ("dead", "whoever sent it has died")


async def test_a_job_whose_customer_is_erased_on_the_way_is_no_more(office: PostOffice) -> None:
    office.sender.answers = [NotSent("451", permanent=False)]
    await office.put("wang")
    await office.outbox.do(NINE)
    async with office.database.sessions.begin() as session:
        await session.delete(await session.get_one(OutboxJob, "job-wang"))
    await office.quiet()

    assert await office.told() == []
    assert await office.outbox.earliest() is None


async def test_what_was_sent_is_forgotten_after_a_month(office: PostOffice) -> None:
    await office.put("wang")
    await office.turn()
    assert not await office.put("wang")
    assert await office.outbox.earliest() == NINE + KEPT
    office.clock.at += KEPT

    await office.outbox.do(office.clock.now())

    assert await office.outbox.earliest() is None
    assert await office.put("wang")


async def test_what_a_dead_server_had_on_its_way_is_sent_at_the_next_start(
    office: PostOffice,
) -> None:
    """However long a sending may take: there is one server, and nobody else has it."""
    await office.put("wang")
    office.sender.answers = ["hang"]
    await office.outbox.do(office.clock.now())
    await office.sender.asked.wait()
    dead = office.outbox
    again = office.opened()
    await again.do(office.clock.now())
    assert office.sender.sent == ["wang"]
    await again.take_up()
    await office.turn()
    assert office.sender.sent == ["wang", "wang"]
    assert (await office.job("wang")).state == "sent"
    await dead.close(within=0)
