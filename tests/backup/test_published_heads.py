"""The chain's last entry goes to a file and by mail: a chain that is written anew is told by it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from cti_server.backup.published_heads import MailedHeads, NotedHeads
from cti_server.open_incidents import OpenIncidents
from cti_server.store.archive_entries import ArchiveEntries
from cti_server.store.outbox import OutboxJob

from .kept_twice import NINE, KeptTwice

QUIET = datetime(2026, 11, 21, 19, tzinfo=UTC)
"""Three o'clock in Shanghai, after NINE."""


def mailed(it: KeptTwice, woken: list[str]) -> MailedHeads:
    ids = (f"id{number}-{len(woken)}" for number in range(100))
    return MailedHeads(
        ["audit@bank.example", "law@bank.example"],
        it.database,
        quiet_hour=3,
        zone="Asia/Shanghai",
        language="zh",
        begins_at=NINE,
        new_id=lambda: next(ids),
        due_changed=lambda: woken.append("due"),
    )


def noted(it: KeptTwice, file: Path) -> NotedHeads:
    ids = (f"incident{number}" for number in range(100))
    return NotedHeads(
        file,
        it.database,
        OpenIncidents(it.log.append, lambda: next(ids)),
        quiet_hour=3,
        zone="Asia/Shanghai",
        now=it.now,
        again=timedelta(seconds=0.05),
    )


async def head_of(it: KeptTwice) -> str:
    await it.log.stored()
    async with it.database.readers() as session:
        return await ArchiveEntries(session).head()


async def mails(it: KeptTwice) -> list[OutboxJob]:
    async with it.database.readers() as session:
        return list(await session.scalars(select(OutboxJob).order_by(OutboxJob.key)))


async def test_one_mail_a_day_to_each_however_often_the_server_begins(it: KeptTwice) -> None:
    woken = list[str]()
    heads = mailed(it, woken)
    assert await heads.earliest() == NINE
    await heads.do(NINE)
    assert await mails(it) == []  # there is nothing yet

    assert await heads.earliest() == QUIET
    await it.add("r1")
    first = await head_of(it)
    await heads.do(QUIET)
    again = mailed(it, woken)
    await again.do(QUIET + timedelta(hours=1))
    await it.erase("r1")
    second = await head_of(it)
    assert await again.earliest() == QUIET + timedelta(days=1)
    await again.do(QUIET + timedelta(days=1))

    assert first != second
    sent = await mails(it)
    assert [(each.recipient, each.channel) for each in sent] == [
        ("audit@bank.example", "email"),
        ("law@bank.example", "email"),
    ] * 2
    assert [first in each.content["text"] for each in sent] == [True, True, False, False]
    assert all(f"--noted {second}" in each.content["text"] for each in sent[2:])
    assert [each.key.split()[2] for each in sent[1:3]] == ["2026-11-22", "2026-11-23"]  # Shanghai
    assert len(woken) == 4


async def test_a_line_at_the_start_and_again_until_the_file_can_be_written(
    it: KeptTwice, tmp_path: Path
) -> None:
    file = tmp_path / "heads"
    file.mkdir()
    await it.add("r1")
    head = await head_of(it)
    heads = noted(it, file)
    heads.start()
    try:
        async with asyncio.timeout(60):
            while str(file) not in await it.incidents():  # noqa: ASYNC110 - the database says so
                await asyncio.sleep(0.01)
            begun = (await it.incidents())[str(file)]
            file.rmdir()
            it.now.at += timedelta(minutes=1)
            while (await it.incidents())[str(file)].healed_at is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await heads.close()

    assert (begun.kind, begun.detail) == ("head_not_published", "Is a directory")
    assert file.read_text() == f"2026-11-21T10:01:00+00:00 {head}\n"
