"""Old data goes, class by class; what is held stays, and a run that was cut goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from cti_server import shipped_retention
from cti_server.clock import Clock
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.legal_holds import LegalHold
from cti_server.store.recording_approvals import RecordingApproval
from cti_server.store.recordings import Recording
from cti_server.store.retention import DONE, RetentionRule, RetentionRun
from cti_server.store.stored_events import StoredEvent
from cti_server.store.tickets import Ticket

from .office import (
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

LONG_AGO = datetime(2020, 1, 1, 9, tzinfo=UTC)


class SetClock(Clock):
    """Told what time it is."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


async def ran(here: Office, clock: SetClock, *, dry: bool = False) -> RetentionRun:
    """A run, turn by turn, each as the due timer gives one."""
    run = await here.retention.begin("sun", dry=dry, now=clock.now())
    while True:
        await here.retention.do(clock.now())
        async with here.database.readers() as session:
            run = await session.get_one(RetentionRun, run.id)
        if run.state == DONE:
            return run


async def lived_long_ago(here: Office) -> None:
    await shipped_retention.load(here.changes, LONG_AGO)
    await a_customer(here.database)
    for told in (*a_call(1), *a_call(2)):
        here.log.append(told)
    await here.log.stored()
    await fill(here.database)
    a_recording(here.folder, 1)
    a_recording(here.folder, 2)
    async with here.database.sessions.begin() as session:
        await session.execute(update(Ticket).values(closed_at=LONG_AGO))
        await session.execute(update(Recording).values(started_at=LONG_AGO))


async def contacts(here: Office) -> dict[str, str]:
    async with here.database.readers() as session:
        return {each.id: each.caller_number for each in await session.scalars(select(Contact))}


async def test_what_is_old_is_emptied_or_deleted_but_for_what_is_held_until_it_is_released(
    database: Database, tmp_path: Path
) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await lived_long_ago(here)
        async with database.sessions.begin() as session:
            session.add(
                LegalHold(
                    id="hold1",
                    record="recording",
                    record_id="recording2",
                    reason="a court",
                    placed_by="sun",
                    placed_at=LONG_AGO,
                )
            )
        clock.at = LONG_AGO + timedelta(days=2000)
        dry = await ran(here, clock, dry=True)
        untouched = await contacts(here)
        run = await ran(here, clock)
        after = await contacts(here)
        clock.at += timedelta(days=1)
        idle = await ran(here, clock)
        async with database.sessions.begin() as session:
            hold = await session.get_one(LegalHold, "hold1")
            hold.released_at = clock.now() + timedelta(hours=1)
        clock.at += timedelta(days=1)
        last = await ran(here, clock)
        left = await found_in(database, *TRACES)
        async with database.readers() as session:
            tickets = await session.scalar(select(func.count()).select_from(Ticket))
            newest = await session.scalar(select(func.max(StoredEvent.sequence)))

    assert set(untouched.values()) != {""}
    assert dry.counts == run.counts
    assert dry.held == run.held
    assert run.counts["contacts"] == 1
    assert (run.held["contacts"], run.held["recordings"]) == (1, 1)
    assert (after["contact1"], after["contact2"] != "") == ("", True)
    assert idle.counts.get("contacts", 0) == 0
    assert (last.counts["contacts"], last.held.get("contacts", 0)) == (2, 0)
    assert await contacts_empty(left)
    assert not list_of_wavs(tmp_path)
    assert tickets == 1  # counted on
    assert newest == here.log.last_sequence
    assert files_with(tmp_path / "journal", *TRACES) == []


async def contacts_empty(left: dict[str, list[str]]) -> bool:
    """Customers who still are some keep their record, and what is kept for them."""
    gone = {"contact", "call", "leg", "event", "disposition", "form_value", "ticket", "recording"}
    gone.add("fax_document")
    return not gone & left.keys()


def list_of_wavs(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


async def test_a_run_is_due_each_day_and_one_that_was_cut_is_due_at_once(
    database: Database, tmp_path: Path
) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        assert await here.retention.earliest() is None
        await shipped_retention.load(here.changes, LONG_AGO)
        first = await here.retention.earliest()
        assert first is not None
        clock.at = first
        await here.retention.do(clock.now())
        await here.retention.do(clock.now())
        cut = await here.retention.earliest()
    async with office(database, tmp_path, clock) as again:
        begun = await again.retention.earliest()
        run = await ran(again, clock)
        following = await again.retention.earliest()

    assert LONG_AGO < first <= LONG_AGO + timedelta(days=1)
    assert cut == begun == first
    assert run.asked_by == "system"
    assert following == first + timedelta(days=1)


async def test_a_class_without_days_is_kept_for_good(database: Database, tmp_path: Path) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await lived_long_ago(here)
        async with database.sessions.begin() as session:
            await session.execute(update(RetentionRule).values(days=None))
        clock.at = LONG_AGO + timedelta(days=9000)
        run = await ran(here, clock)

        assert (run.counts, run.held) == ({}, {})
        assert "" not in (await contacts(here)).values()


@pytest.mark.parametrize("days", [399, 401])
async def test_approvals_go_with_what_was_searched_and_why(
    database: Database, tmp_path: Path, days: int
) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await shipped_retention.load(here.changes, LONG_AGO)
        async with database.sessions.begin() as session:
            session.add(
                RecordingApproval(
                    id="one", action="export", fingerprint="f", about={"search": {"text": "Wang"}},
                    reason="Mr Wang asks", asked_by="li", person_id="li", created_at=LONG_AGO,
                    updated_at=LONG_AGO,
                )
            )  # fmt: skip
        clock.at = LONG_AGO + timedelta(days=days)
        run = await ran(here, clock)
        async with database.readers() as session:
            left = await session.get(RecordingApproval, "one")

    assert run.counts.get("recording_approvals", 0) == (days > 400)
    assert (left is None) == (days > 400)


@pytest.mark.parametrize("days", [1, 400])
async def test_imports_go_with_their_files(database: Database, tmp_path: Path, days: int) -> None:
    from cti_server.store.import_jobs import ImportJob

    clock = SetClock(LONG_AGO)
    folder = tmp_path / "imports" / "one"
    folder.mkdir(parents=True)
    (folder / "problems.csv").write_text("row,problem\n")
    async with office(database, tmp_path, clock) as here:
        await shipped_retention.load(here.changes, LONG_AGO)
        async with database.sessions.begin() as session:
            session.add(
                ImportJob(
                    id="one", filename="x.csv", size=1, created_by="sun", created_at=LONG_AGO,
                    state="done",
                )
            )  # fmt: skip
        clock.at = LONG_AGO + timedelta(days=days)
        run = await ran(here, clock)

    assert run.counts.get("imports", 0) == (days > 30)
    assert folder.exists() == (days <= 30)
