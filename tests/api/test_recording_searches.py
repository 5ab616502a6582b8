"""Searches of recordings that are saved, offered, run and forgotten, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.erasure import Likeness, Subject
from cti_server.api.recording_searches import MOST
from cti_server.store.saved_recording_searches import SavedRecordingSearch, SavedRecordingSearches
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking, told
from .conftest import NINE, Centre, opened
from .test_recording_search import HIDDEN, NUMBER, stored

__all__ = ["database_url", "postgres", "postgres_url"]

PATH = "recording-searches"
LONG = {"name": "Long ones of li", "search": {"agent_id": "li", "shortest": 1}}


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as it:
        yield it


async def saved(centre: Centre, who: str = "zhao", **changes: Any) -> dict[str, Any]:
    answer = await asking(centre, who)("POST", PATH, LONG | changes)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def run(centre: Centre, who: str, search_id: str, **query: str) -> Answer:
    return await asking(centre, who)("GET", f"{PATH}/{search_id}/recordings", **query)


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.body["items"]]


async def test_a_search_is_kept_under_a_name_run_changed_and_deleted(centre: Centre) -> None:
    await stored(centre, "r1", duration=9.0)
    await stored(centre, "r2", "r3", duration=99.0)
    await stored(centre, "r4", agent_id="wang", duration=99.0)
    zhao = asking(centre, "zhao")

    made = await saved(centre, search={"agent_id": "li", "shortest": 60})

    path = f"{PATH}/{made['id']}"
    assert (await zhao("GET", path)).body == made
    first = await run(centre, "zhao", made["id"], limit="1", total="true")
    assert (ids(first), first.body["total"]) == (["r3"], 2)
    assert ids(await run(centre, "zhao", made["id"], after=first.body["next"])) == ["r2"]
    wanted = {"name": "wang", "search": {"agent_id": "wang"}, "version": made["version"]}
    changed = await zhao("PUT", path, wanted)
    assert (changed.status, changed.body["name"]) == (200, "wang")
    assert (await zhao("PUT", path, wanted)).kind == "EditConflict"
    assert ids(await run(centre, "zhao", made["id"])) == ["r4"]
    late = await zhao("DELETE", path, version=str(made["version"]))
    assert late.status == 409
    gone = await zhao("DELETE", path, version=str(changed.body["version"]))
    assert (gone.status, (await zhao("GET", path)).status) == (204, 404)
    trail = [each[1:] for each in await told(centre, record="saved_recording_search")]
    assert trail == [
        (action, "saved_recording_search", made["id"])
        for action in ("created", "updated", "deleted")
    ]


async def test_days_are_counted_back_from_when_it_is_run(centre: Centre) -> None:
    now = centre.parts.clock.now()
    await stored(centre, "old", started_at=now - timedelta(days=8))
    await stored(centre, "new", started_at=now - timedelta(days=6))

    made = await saved(centre, search={}, days=7)

    assert ids(await run(centre, "zhao", made["id"])) == ["new"]
    refused = await asking(centre, "zhao")(
        "POST", PATH, LONG | {"days": 7, "search": {"since": NINE.isoformat()}}
    )
    assert (refused.status, "days" in refused.body["detail"]) == (422, True)


async def test_it_is_ones_own_unless_it_is_offered(
    centre: Centre,
) -> None:
    own = await saved(centre)
    to_auditors = await saved(centre, name="for auditors", search={}, roles=["auditor"])
    to_sales = await saved(centre, name="of sales", search={}, queues=["sales"])

    async def names(who: str) -> list[str]:
        return [each["name"] for each in (await asking(centre, who)("GET", PATH)).body["items"]]

    assert await names("zhao") == ["Long ones of li", "for auditors", "of sales"]
    assert await names("sun") == ["of sales"]
    none = await asking(centre, "sun")("PUT", "recording-rights/user/sun", {"list": []})
    assert (none.status, await names("sun")) == (200, [])
    for search, status in ((own, 404), (to_auditors, 200)):
        assert (await run(centre, "qian", search["id"])).status == status
    assert (await asking(centre, "qian")("GET", f"{PATH}/{own['id']}")).status == 404
    change = {"name": "mine", "search": {}, "version": to_auditors["version"]}
    qian = asking(centre, "qian")
    assert (await qian("PUT", f"{PATH}/{to_auditors['id']}", change)).status == 404
    version = str(to_sales["version"])
    assert (await qian("DELETE", f"{PATH}/{to_sales['id']}", version=version)).status == 404
    sun = asking(centre, "sun")
    assert (await sun("DELETE", f"{PATH}/{to_sales['id']}", version=version)).status == 204


async def test_rows_are_those_of_who_runs_it(centre: Centre) -> None:
    await stored(centre, "r1")
    await stored(centre, "r2", queue="desk")
    made = await saved(centre, search={}, roles=["auditor"])
    said = await asking(centre, "sun")("PUT", "recording-rights/user/qian", {"list": ["sales"]})
    assert said.status == 200

    assert ids(await run(centre, "zhao", made["id"])) == ["r2", "r1"]
    assert ids(await run(centre, "qian", made["id"])) == ["r1"]


async def test_a_customers_number_is_hidden_from_who_may_not_see_it(centre: Centre) -> None:
    await stored(centre, "r1")
    whole = await saved(centre, search={"number": "138 0013 8000"}, roles=["auditor"])
    part = await saved(centre, name="end", search={"number": "*8000"}, roles=["auditor"])

    shown = (await asking(centre, "qian")("GET", f"{PATH}/{whole['id']}")).body
    assert (whole["search"]["number"], shown["search"]["number"]) == (NUMBER, HIDDEN)
    found = await run(centre, "qian", whole["id"])
    assert (ids(found), found.body["items"][0]["caller_number"]) == (["r1"], HIDDEN)
    assert (await run(centre, "qian", part["id"])).status == 403
    mine = {"name": "x", "search": {"number": "*8000"}}
    assert (await asking(centre, "qian")("POST", PATH, mine)).status == 403


async def test_what_is_no_search_any_more_is_refused_by_the_field(centre: Centre) -> None:
    made = await saved(centre)
    async with centre.parts.database.sessions.begin() as session:
        row = await session.get_one(SavedRecordingSearch, made["id"])
        row.search = {"agent_id": "li", "mood": "cross"}  # as a later release may find one

    shown = await asking(centre, "zhao")("GET", f"{PATH}/{made['id']}")
    refused = await run(centre, "zhao", made["id"])

    assert shown.body["search"]["mood"] == "cross"
    assert (refused.status, refused.body["detail"].split(": ")[0]) == (422, "search.mood")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"search": {"number": "nobody"}}, "search.number"),
        ({"search": {"colour": "red"}}, "search.colour"),
        ({"name": " "}, "name"),
        ({"roles": ["boss"]}, "roles"),
        ({"queues": ["nowhere"]}, "queues"),
        ({"days": 0}, "days"),
        ({"search": None}, "search"),
    ],
)
async def test_nonsense_is_refused_by_its_field(
    centre: Centre, changes: dict[str, Any], named: str
) -> None:
    refused = await asking(centre, "zhao")("POST", PATH, LONG | changes)

    assert (refused.status, named in refused.body["detail"]) == (422, True)


async def test_nobody_keeps_more_than_so_many(centre: Centre) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add_all(
            SavedRecordingSearch(
                id=f"s{number}",
                name="one",
                search={},
                owner_id="zhao",
                created_at=NINE,
                updated_at=NINE,
            )
            for number in range(MOST)
        )

    refused = await asking(centre, "zhao")("POST", PATH, LONG)

    assert (refused.status, refused.kind) == (409, "NotNow")
    await saved(centre, "qian", search={})


async def test_one_that_names_a_person_goes_with_them(centre: Centre) -> None:
    for name, search in (
        ("by number", {"number": NUMBER}),
        ("of Zheng Xiaoyu", {"agent_id": "li"}),
        ("by note", {"notes": "zheng xiaoyu"}),
        ("other", {"number": "+8613900139000"}),
    ):
        await saved(centre, name=name, search=search, roles=["auditor"])
    subject = Subject(
        customer_ids=["c1"], names=["Zheng Xiaoyu"], numbers=[("international", NUMBER)]
    )

    async with centre.parts.database.sessions.begin() as session:
        likeness = Likeness(subject, "CN")
        assert await SavedRecordingSearches(session).forget(likeness.in_text) == 3

    left = (await asking(centre, "zhao")("GET", PATH)).body["items"]
    assert [each["name"] for each in left] == ["other"]
