"""Whether queues are open: what is known of their calendars, whatever becomes of these."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.floor import QueueSettings
from cti_server.opening_hours import OpeningHours
from cti_server.refusals import StartFailed
from cti_server.store.ticket_types import WorkingCalendar
from tests.fakes.databases import new_sqlite

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NEVER = {"labels": {"zh": "x", "en": "x"}, "time_zone": "Asia/Shanghai", "week": {}}


async def test_a_calendar_that_is_gone_counts_as_it_was_known_last(tmp_path: Path) -> None:
    database = new_sqlite(tmp_path)
    hours = OpeningHours(database)
    calendar = WorkingCalendar(id="never", definition=NEVER, created_at=NOON, updated_at=NOON)
    async with database.sessions.begin() as session:
        session.add(calendar)
    await hours.load()
    async with database.sessions.begin() as session:
        await session.delete(calendar)
    await hours.load()

    assert not hours.is_open("never", NOON)
    assert hours.is_open(None, NOON)
    await database.close()


def test_only_what_the_file_says_keeps_a_server_from_starting(tmp_path: Path) -> None:
    hours = OpeningHours(new_sqlite(tmp_path))
    named = {"name": "sales", "call_backs": {"calendar": "gone"}}
    queue = QueueSettings.model_validate(named)

    hours.check([queue], edited={"sales"})
    with pytest.raises(StartFailed, match=r"queues\.sales\.call_backs\.calendar"):
        hours.check([queue])
