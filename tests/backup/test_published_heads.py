"""The chain's last entry goes to a file and by mail: a chain that is written anew is told by it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from config.archive import PublishSettings
from cti_server.backup.published_heads import PublishedHeads
from cti_server.open_incidents import OpenIncidents
from cti_server.store.archive_entries import ArchiveEntries
from cti_server.store.outbox import OutboxJob

from .kept_twice import NINE, KeptTwice

QUIET = datetime(2026, 11, 21, 19, tzinfo=UTC)
"""Three o'clock in Shanghai, after NINE."""


def published(it: KeptTwice, settings: PublishSettings, woken: list[str]) -> PublishedHeads:
    ids = (f"id{number}" for number in range(100))
    return PublishedHeads(
        settings,
        it.database,
        OpenIncidents(it.log.append, lambda: next(ids)),
        quiet_hour=3,
        zone="Asia/Shanghai",
        language="zh",
        begins_at=NINE,
        new_id=lambda: next(ids),
        due_changed=lambda: woken.append("due"),
    )


async def head_of(it: KeptTwice) -> str:
    await it.log.stored()
    async with it.database.readers() as session:
        return await ArchiveEntries(session).head()


async def mails(it: KeptTwice) -> list[OutboxJob]:
    async with it.database.readers() as session:
        return list(await session.scalars(select(OutboxJob).order_by(OutboxJob.key)))


async def test_a_line_each_quiet_hour_and_one_mail_a_day_to_each(
    it: KeptTwice, tmp_path: Path
) -> None:
    file, woken = tmp_path / "heads", list[str]()
    settings = PublishSettings(file=file, mail=("audit@bank.example", "law@bank.example"))
    heads = published(it, settings, woken)
    assert await heads.earliest() == NINE
    await heads.do(NINE)
    assert (file.exists(), await mails(it)) == (False, [])  # there is nothing yet

    assert await heads.earliest() == QUIET
    await it.add("r1")
    first = await head_of(it)
    await heads.do(QUIET)
    again = published(it, settings, woken)  # the server began once more on that day
    await again.do(QUIET + timedelta(hours=1))
    await it.erase("r1")
    second = await head_of(it)
    assert await again.earliest() == QUIET + timedelta(days=1)
    await again.do(QUIET + timedelta(days=1))

    assert first != second
    assert file.read_text().splitlines() == [
        f"2026-11-21T19:00:00+00:00 {first}",
        f"2026-11-21T20:00:00+00:00 {first}",
        f"2026-11-22T19:00:00+00:00 {second}",
    ]
    sent = await mails(it)
    assert [(each.recipient, each.channel) for each in sent] == [
        ("audit@bank.example", "email"),
        ("law@bank.example", "email"),
    ] * 2
    assert [first in each.content["text"] for each in sent] == [True, True, False, False]
    assert all(f"--noted {second}" in each.content["text"] for each in sent[2:])
    assert len(woken) == 4


async def test_a_file_that_cannot_be_written_is_an_incident_until_it_can(
    it: KeptTwice, tmp_path: Path
) -> None:
    file = tmp_path / "heads"
    file.mkdir()
    heads = published(it, PublishSettings(file=file), [])
    await it.add("r1")
    await it.log.stored()
    await heads.do(QUIET)
    begun = (await it.incidents())[str(file)]
    file.rmdir()
    await heads.do(QUIET + timedelta(days=1))
    over = (await it.incidents())[str(file)]

    assert (begun.kind, begun.detail, begun.healed_at) == (
        "head_not_published", "Is a directory", None,
    )  # fmt: skip
    assert over.healed_at is not None
    assert len(file.read_text().splitlines()) == 1
