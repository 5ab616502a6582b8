"""Calling back, on a real database: one at a time, and once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cti_server.calls.call_backs import CallBacks, CallBackTaken, Claim, NoSuchCallBack
from cti_server.clock import SystemClock
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import CallBackClosed, CallBackDialled, CallBackWanted, Event, Logged
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Office:
    """The call-backs, their log and what was logged."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self.log = log
        self.call_backs = CallBacks(database, log.append)
        self.told: list[Event] = []
        log.subscribe(self._hear)

    def _hear(self, logged: Logged) -> None:
        self.told.append(logged.event)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = new_sqlite(tmp_path)
    log = EventLog(database, tmp_path / "journal", SystemClock(), move_every=0.02)
    await log.start()
    log.append(
        CallBackWanted(
            contact_id="lost", number="139", queue="sales", queued_at=NINE, reason="media-lost"
        )
    )
    await log.stored()
    yield Office(database, log)
    await log.close()
    await database.close()


async def test_it_is_claimed_dialled_and_closed_when_the_customer_was_reached(
    office: Office,
) -> None:
    claim = await office.call_backs.claim("lost", "li")
    office.call_backs.dialled("lost", "new")
    office.call_backs.reached("lost")
    office.call_backs.let_go("lost")

    assert claim == Claim("lost", "139", "sales", NINE)
    assert office.told == [
        CallBackDialled(contact_id="lost", new_contact_id="new", dialled_by="li"),
        CallBackClosed(contact_id="lost", outcome="reached", closed_by="li"),
    ]


async def test_two_agents_do_not_call_the_same_customer(office: Office) -> None:
    await office.call_backs.claim("lost", "li")

    with pytest.raises(CallBackTaken, match="'li' is calling back"):
        await office.call_backs.claim("lost", "wang")
    with pytest.raises(CallBackTaken):
        await office.call_backs.remove("lost", "chief")


async def test_where_nobody_was_reached_it_stays_open(office: Office) -> None:
    await office.call_backs.claim("lost", "li")
    office.call_backs.dialled("lost", "new")
    office.call_backs.let_go("lost")

    assert (await office.call_backs.claim("lost", "wang")).queued_at == NINE


async def test_what_is_closed_is_gone_before_the_records_say_so(office: Office) -> None:
    await office.call_backs.claim("lost", "li")
    office.call_backs.reached("lost")

    with pytest.raises(NoSuchCallBack):
        await office.call_backs.claim("lost", "wang")


async def test_it_can_be_removed_once_and_then_not_dialled(office: Office) -> None:
    await office.call_backs.remove("lost", "chief")

    assert office.told == [CallBackClosed(contact_id="lost", outcome="removed", closed_by="chief")]
    with pytest.raises(NoSuchCallBack):
        await office.call_backs.remove("lost", "chief")
    await office.log.stored()
    with pytest.raises(NoSuchCallBack):
        await office.call_backs.claim("lost", "li")


async def test_what_was_never_offered_cannot_be_claimed_and_leaves_no_trace(
    office: Office,
) -> None:
    for _ in range(2):
        with pytest.raises(NoSuchCallBack):
            await office.call_backs.claim("nobody", "li")
