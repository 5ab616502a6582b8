"""Many users' skills are changed in one request: all of the rows, or none."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cti_server.api.desks import INBOX, Desk
from cti_server.store.agents import Agent
from cti_server.wire.users import MOST_ROWS
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import asking, told
from .conftest import Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

MATRIX = "skill-matrix"
FRENCH = {"id": "french", "labels": {"zh": "法语", "en": "French"}}


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """On each of the two databases in turn."""
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


def row(user: str, version: int = 1, **skills: int) -> dict[str, Any]:
    return {"user": user, "version": version, "skills": skills}


async def test_rows_are_changed_together_and_routed_by_at_once(either: Centre) -> None:
    sun, floor = asking(either, "sun"), either.parts.floor
    await sun("POST", "skills", FRENCH)

    rows = [row("li", french=2), row("wang", sales=3), row("chen", sales=5, french=1)]
    changed = await sun("PATCH", MATRIX, {"rows": rows})

    assert (changed.status, changed.body) == (
        200,
        [
            row("li", 2, french=2),
            row("wang", 1, sales=3),  # as it was: not another version
            row("chen", 2, sales=5, french=1),
        ],
    )
    assert floor.profile("li").skills == {"french": 2}
    assert floor.profile("chen").skills == {"sales": 5, "french": 1}
    assert await told(either, record="agent") == [
        ("sun", "updated", "agent", "li"),
        ("sun", "updated", "agent", "chen"),
    ]
    back = await sun("POST", "users/li/roll-back", {"version": 2, "to": 1})
    assert (back.status, back.body["skills"], back.body["version"]) == (200, {"sales": 3}, 3)


async def test_one_row_that_cannot_be_leaves_all_as_they_were(either: Centre) -> None:
    sun = asking(either, "sun")
    good = row("wang", sales=9)
    refused = [
        (row("li", 7, sales=4), 409, "'li'"),
        (row("nobody", sales=4), 404, "'nobody'"),
        (row("li", juggling=1), 422, "rows.1.skills: there is no skill 'juggling'"),
        (row("li", sales=11), 422, "rows.1.skills.sales"),
        (row("wang", sales=4), 422, "rows.1.user: 'wang' has a row already"),
    ]

    for bad, status, said in refused:
        answer = await sun("PATCH", MATRIX, {"rows": [good, bad]})
        assert (answer.status, said in answer.body["detail"]) == (status, True), answer.body

    wang = (await sun("GET", "users/wang")).body
    assert (wang["skills"], wang["version"]) == ({"sales": 3}, 1)
    assert await told(either, record="agent") == []


async def test_nobody_who_watches_the_floor_is_thrown_out_by_the_largest_edit(
    centre: Centre,
) -> None:
    here, sun = centre.parts, asking(centre, "sun")
    names = [f"agent{number}" for number in range(MOST_ROWS)]
    async with here.database.sessions() as session, session.begin():
        session.add_all(Agent(id=name, name=name, number=name) for name in names)
    await here.reload()
    watching = Desk("zhao", floor=True)
    here.desks.join(watching)

    changed = await sun("PATCH", MATRIX, {"rows": [row(name, sales=1) for name in names]})

    assert changed.status == 200, changed.body
    assert MOST_ROWS <= watching.inbox.qsize() <= INBOX / 2
    assert not watching.fell_behind.is_set()


async def test_the_matrix_is_bounded_and_for_who_manages_users(centre: Centre) -> None:
    many = {"rows": [row(f"agent{number}", sales=1) for number in range(201)]}

    too_many = await asking(centre, "sun")("PATCH", MATRIX, many)
    supervisor = await asking(centre, "zhao")("PATCH", MATRIX, {"rows": [row("li", sales=4)]})

    assert (too_many.status, "rows" in too_many.body["detail"]) == (422, True)
    assert (supervisor.status, supervisor.kind) == (403, "NotPermitted")
