"""Who is forgotten while a file of customers is taken in: the person does not come back by it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from crm.erasure import ErasureRefused
from cti_server.privacy.steps import NotYet
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.import_jobs import ImportJob
from tests.store.stories import NINE

from .office import (
    NUMBER,
    PERSON,
    TRACE,
    Office,
    a_customer,
    files_with,
    office,
)


async def test_no_erasure_begins_during_an_import_which_would_make_the_person_anew(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await an_import(here, "running", "running", NUMBER)

        with pytest.raises(ErasureRefused, match="being imported: running"):
            await here.erasures.accept(PERSON, None, "asked", "sun")


async def test_whom_an_import_made_anew_meanwhile_goes_with_the_rest(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await a_customer(database, "other", "+8613900139000")
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await a_customer(database, "again")
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            left = {each.id: each.name for each in await session.scalars(select(Customer))}

    assert left == {PERSON: "", "again": "", "other": f"{TRACE} the customer"}


async def test_an_import_that_has_the_person_in_it_is_waited_for_and_one_to_come_goes(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        await an_import(here, "waiting", "uploaded", NUMBER)
        await an_import(here, "broken", "broken_off", NUMBER)
        await an_import(here, "other", "uploaded", "13900139000")
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await an_import(here, "running", "running", NUMBER)  # of a release that let it begin
        with pytest.raises(NotYet, match="the import running"):
            await here.erasures.carry_on(erasure.id)
        async with database.sessions.begin() as session:
            (await session.get_one(ImportJob, "running")).state = "done"
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            jobs = {job.id: job for job in await session.scalars(select(ImportJob))}

    assert {name: job.state for name, job in jobs.items()} == {
        "waiting": "cancelled",
        "broken": "cancelled",
        "running": "done",
        "other": "uploaded",
    }
    assert {job.filename for job in jobs.values()} == {""}
    assert files_with(tmp_path / "imports", "phone") == ["other/source"]


async def an_import(here: Office, name: str, state: str, number: str) -> None:
    folder = here.folder / "imports" / name
    folder.mkdir(parents=True)
    (folder / "source").write_text(f"name,phone\nA,{number}\n")
    async with here.database.sessions.begin() as session:
        session.add(
            ImportJob(
                id=name,
                filename=f"{TRACE} the customer.csv",
                size=1,
                state=state,
                created_by="sun",
                created_at=NINE,
            )
        )
