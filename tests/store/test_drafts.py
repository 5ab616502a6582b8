"""Drafts that are kept for the first time, twice at once."""

from datetime import UTC, datetime, timedelta

from cti_server.store.database import Database
from cti_server.store.drafts import Draft, Drafts

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_of_two_first_savings_the_newer_stays_whichever_comes_first(
    database: Database,
) -> None:
    for seconds in (1, 2, 0):
        async with database.sessions.begin() as session:
            await Drafts(session, "li").add(
                Draft(
                    agent_id="li",
                    kind="note",
                    about="k1",
                    contact_id="k1",
                    content={"seconds": seconds},
                    updated_at=NINE + timedelta(seconds=seconds),
                )
            )

    async with database.readers() as session:
        [kept] = await Drafts(session, "li").all()
    assert (kept.content, kept.updated_at) == ({"seconds": 2}, NINE + timedelta(seconds=2))
