"""Files that another system drops: taken once, line by line, and what is wrong comes back."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.connectors import DropFolderSettings
from cti_server.connectors import drop_folder
from cti_server.connectors.drop_folder import LONGEST_LINE, DropFolder
from cti_server.reports import Reports
from cti_server.store.changes import Changes
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.timeline import TimelineEvent
from cti_server.wire.events import Event
from cti_server.wire.timeline import TimelineEventToAdd
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Office:
    """A folder, and the database that its lines go to."""

    def __init__(self, database: Database, folder: Path) -> None:
        numbers = count(1)
        self.database = database
        self.folder = folder
        self.logged: list[Event] = []
        changes = Changes(
            database, self.logged.append, now=lambda: NINE, new_id=lambda: f"change{next(numbers)}"
        )
        self._reports = Reports(
            database,
            changes,
            region="CN",
            now=lambda: NINE,
            new_id=lambda: f"event{next(numbers)}",
        )

    @property
    def drop(self) -> DropFolder:
        return DropFolder("billing", DropFolderSettings(folder=self.folder), self._report)

    async def look(self) -> int:
        """As a server that has just started, and stops again."""
        drop = self.drop
        try:
            return await drop.look()
        finally:
            await drop.close()

    async def _report(self, wanted: TimelineEventToAdd) -> bool:
        return (await self._reports.take(wanted, "connector:billing"))[1]

    def put(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    async def taken(self) -> list[TimelineEvent]:
        async with self.database.readers() as session:
            query = select(TimelineEvent).order_by(TimelineEvent.external_id)
            return list(await session.scalars(query))

    def files(self) -> list[str]:
        """Below the folder."""
        found = (each for each in self.folder.rglob("*") if each.is_file())
        return sorted(str(each.relative_to(self.folder)) for each in found)

    def why(self, name: str) -> list[str]:
        return (self.folder / "rejected" / f"{name}.why").read_text().splitlines()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = new_sqlite(tmp_path)
    async with database.sessions.begin() as session:
        session.add(Customer(id="c1", name="Wang Fang", created_at=NINE, updated_at=NINE))
    folder = tmp_path / "drop"
    folder.mkdir()
    yield Office(database, folder)
    await database.close()


def bill(number: str, **more: Any) -> str:
    at = "2026-11-01T00:00:00Z"
    line = {"customer_id": "c1", "at": at, "kind": "bill", "title": f"Bill {number}"}
    return json.dumps(line | {"external_id": number} | more)


async def test_each_line_is_on_the_timeline_once_and_the_file_is_put_away(office: Office) -> None:
    office.put("bills.jsonl", bill("b1", data={"amount": 8800}), bill("b2"))
    office.put("late.jsonl.part", bill("b9"))  # still being written
    first = await office.look()
    office.put("bills.jsonl", bill("b2"), bill("b3"))
    await office.look()

    assert first == 1
    taken = await office.taken()
    assert [(each.external_id, each.customer_id, each.source) for each in taken] == [
        (number, "c1", "billing") for number in ("b1", "b2", "b3")
    ]
    assert taken[0].data == {"amount": 8800}
    assert taken[0].added_by == "connector:billing"
    assert len(office.logged) == 3
    assert office.files() == [
        "late.jsonl.part",
        "processed/bills.jsonl",
        "processed/bills~2.jsonl",
    ]


async def test_what_is_wrong_comes_back_with_the_reason_and_can_be_mended(office: Office) -> None:
    office.put(
        "visits.csv",
        "customer_id,at,kind,title,external_id,data.page",
        "c1,2026-11-01T10:00:00+08:00,visit,Looked at tariffs,v1,/tariffs",
        "nobody,2026-11-01T10:00:00+08:00,visit,Lost,v2,",
        "c1,yesterday,visit,Late,v3,",
        "c1,2026-11-01T10:00:00+08:00,visit",
        "c1,2026-11-01T10:00:00+08:00,visit,No id,,",
    )
    await office.look()

    [visit] = await office.taken()
    assert (visit.external_id, visit.data) == ("v1", {"page": "/tariffs"})
    reasons = office.why("visits.csv")
    assert [each.partition(":")[0] for each in reasons] == ["line 3", "line 4", "line 5", "line 6"]
    assert "there is no customer 'nobody'" in reasons[0]
    assert "at: " in reasons[1]

    again = (office.folder / "rejected" / "visits.csv").read_text()
    assert len(again.splitlines()) == 5
    office.put("mended.csv", *again.replace("nobody", "c1").splitlines()[:2])
    await office.look()
    assert [each.external_id for each in await office.taken()] == ["v1", "v2"]


async def test_what_a_crash_left_is_read_again_and_nothing_is_doubled(office: Office) -> None:
    office.put("bills.jsonl", bill("b1"), bill("b2"))

    async def dies(wanted: TimelineEventToAdd) -> bool:
        if wanted.external_id == "b2":
            raise OSError("the machine died")
        return await office._report(wanted)  # noqa: SLF001 - as the office does it, once

    dying = DropFolder("billing", DropFolderSettings(folder=office.folder), dies)
    with pytest.raises(OSError, match="died"):
        await dying.look()
    meanwhile = await office.look()
    read_by_nobody_else = await office.taken()
    await dying.close()  # its lock goes, as when the process dies
    await office.look()

    assert (meanwhile, len(read_by_nobody_else)) == (0, 1)
    assert [each.external_id for each in await office.taken()] == ["b1", "b2"]
    assert office.files() == ["processed/bills.jsonl"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("long.jsonl", b"x" * (LONGEST_LINE + 1), "line 1 has more than"),
        ("gbk.csv", "客户\n".encode("gbk"), "not UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_read_is_rejected_whole(
    office: Office, name: str, content: bytes, reason: str
) -> None:
    (office.folder / name).write_bytes(content)
    await office.look()

    assert office.files() == [f"rejected/{name}", f"rejected/{name}.why"]
    assert reason in office.why(name)[0]
    assert await office.taken() == []


async def test_a_line_with_an_open_quote_is_wrong_alone(office: Office) -> None:
    office.put(
        "visits.csv",
        "customer_id,at,kind,title,external_id",
        "c1,2026-11-01T10:00:00+08:00,visit,One,v1",
        'c1,2026-11-01T10:00:00+08:00,visit,"Two,v2',
        "c1,2026-11-01T10:00:00+08:00,visit,Three,v3",
    )
    await office.look()

    assert [each.external_id for each in await office.taken()] == ["v1", "v3"]
    assert [each.partition(":")[0] for each in office.why("visits.csv")] == ["line 3"]


async def test_what_an_earlier_release_left_is_read(office: Office) -> None:
    (office.folder / "taken").mkdir()
    office.put("taken/bills.jsonl", bill("b1"))
    await office.look()

    assert [each.external_id for each in await office.taken()] == ["b1"]
    assert office.files() == ["processed/bills.jsonl"]


async def test_what_cannot_be_opened_keeps_no_other_file_waiting(office: Office) -> None:
    (office.folder / "taken" / "a.jsonl").mkdir(parents=True)
    (office.folder / "taken" / "b.jsonl").symlink_to(office.folder / "nowhere")
    office.put("bills.jsonl", bill("b1"))
    (office.folder / ("c" * 250 + ".csv")).write_bytes(b"\xff")  # its .why has too long a name
    office.put("late.jsonl", bill("b2"))
    await office.look()

    assert [each.external_id for each in await office.taken()] == ["b1", "b2"]
    assert (office.folder / "processed" / "late.jsonl").exists()


async def test_a_file_with_too_much_that_is_wrong_is_rejected_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_folder, "MOST_FAULTY", 1000)
    office.put("bills.jsonl", "{" * 600, "{" * 600, bill("b1"))
    await office.look()

    assert office.files() == ["rejected/bills.jsonl", "rejected/bills.jsonl.why"]
    assert "more than 1000 characters" in office.why("bills.jsonl")[-1]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{",
        "[" * 100_000,
        bill("b1", source="crm"),
        bill("b1", title="a\0b"),
        bill("b1", data={"n": 2**70}),
        bill("b1", customer_number="13800138000"),
        bill("../b1"),
    ],
    ids=["list", "half", "deep", "source", "nul", "large", "two names", "path"],
)
async def test_no_line_makes_a_folder_fail(office: Office, line: str) -> None:
    office.put("bills.jsonl", line[: LONGEST_LINE - 1], bill("b2"))
    await office.look()

    assert [each.external_id for each in await office.taken()] == ["b2"]
    assert office.files() == [
        "processed/bills.jsonl",
        "rejected/bills.jsonl",
        "rejected/bills.jsonl.why",
    ]
