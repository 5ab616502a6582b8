"""Exports as an administrator asks for them: made by a process, and in the audit trail."""

import asyncio
import csv
import io
from typing import Any

from cti_server.store.exports import ExportJob, ExportJobs
from cti_server.wire.events import RecordRead

from .asking import asking, told
from .conftest import Centre

PATH = "customer-exports"
WANG = {"name": "=王伟", "numbers": [{"number": "13800138000"}], "tags": ["a,b"]}


async def exported(centre: Centre, agent_id: str, **wish: Any) -> str:
    """Have one made; its id, when it is over."""
    ended = asyncio.Event()

    def hear(logged: Any) -> None:
        if isinstance(logged.event, RecordRead) and logged.event.record == "customer_export":
            ended.set()

    centre.parts.log.subscribe(hear)
    begun = await asking(centre, agent_id)("POST", PATH, wish)
    assert begun.status == 202, begun.body
    assert begun.body["state"] == "running"
    await asyncio.wait_for(ended.wait(), 60)
    return str(begun.body["id"])


async def rows_of(centre: Centre, agent_id: str, export_id: str) -> list[dict[str, str]]:
    headers = {"Authorization": f"Bearer {asking(centre, agent_id).token}"}
    answer = await centre.client.get(f"/api/v1/{PATH}/{export_id}/file", headers=headers)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))


async def test_a_file_is_made_beside_is_masked_is_its_makers_and_is_in_the_trail(
    centre: Centre,
) -> None:
    sun, zhao = asking(centre, "sun"), asking(centre, "zhao")
    await sun("POST", "customers", WANG)

    export_id = await exported(centre, "sun")
    view = (await sun("GET", f"{PATH}/{export_id}")).body
    [row] = await rows_of(centre, "sun", export_id)

    assert (view["state"], view["rows"], view["revealed"]) == ("done", 1, False)
    assert view["expires_at"] > view["ended_at"]
    assert (row["姓名"], row["标签"]) == ("'=王伟", '"a,b"')
    assert row["电话(已隐藏)"] == "**********8000"
    assert (await zhao("GET", f"{PATH}/{export_id}")).status == 403
    assert [one["id"] for one in (await sun("GET", PATH)).body["items"]] == [export_id]
    trail = await told(centre, record="customer_export")
    assert [(actor, action) for actor, action, _, _ in trail] == [
        ("sun", "created"),
        ("sun", "read"),
        ("sun", "read"),
    ]
    await centre.parts.log.stored()
    entries = (await asking(centre, "qian")("GET", "audit", record="customer_export")).body["items"]
    assert "王伟" not in str(entries)
    assert "1 customers, masked, as csv; filter: none" in str(entries)

    discarded = await sun("POST", f"{PATH}/{export_id}/discard")

    assert discarded.body["state"] == "expired"
    assert not (centre.parts.exports.folder / export_id).exists()
    assert (await sun("GET", f"{PATH}/{export_id}/file")).status == 409
    assert (await sun("POST", f"{PATH}/{export_id}/discard")).status == 409


async def test_nobody_gets_whole_numbers_who_may_not_see_them(centre: Centre) -> None:
    refused = await asking(centre, "sun")("POST", PATH, {"revealed": True})

    assert (refused.status, refused.kind) == (403, "NotPermitted")
    assert ("sun", "refused", "permission", "customers.reveal") in await told(centre, actor="sun")


async def test_what_cannot_be_exported_is_refused_at_once(centre: Centre) -> None:
    sun = asking(centre, "sun")

    unknown = await sun("POST", PATH, {"columns": ["colour"]})
    nothing = await sun("GET", f"{PATH}/nobody")

    assert unknown.status == 422
    assert unknown.body["detail"] == "columns: a customer has no colour"
    assert nothing.status == 404


async def test_what_the_last_server_left_begins_anew_and_one_that_was_cancelled_does_not(
    centre: Centre,
) -> None:
    runs, database = centre.parts.exports, centre.parts.database
    ended = asyncio.Event()
    centre.parts.log.subscribe(
        lambda logged: ended.set() if isinstance(logged.event, RecordRead) else None
    )
    async with database.sessions.begin() as session:
        for number, state in enumerate(("cancelled", "running")):
            job = ExportJob(
                id=state,
                state=state,
                format="csv",
                revealed=False,
                wish={
                    "columns": ["name"],
                    "language": "en",
                    "byte_order_mark": True,
                    "q": None,
                    "owner_id": None,
                },
                scope={"teams": None},
                created_by="sun",
                created_at=centre.parts.clock.now(),
                rows=number,
            )
            ExportJobs(session).add(job)
    (runs.folder / "running").mkdir(parents=True)
    (runs.folder / "running" / "unfinished").write_text("half of it")

    await runs.resume()
    await asyncio.wait_for(ended.wait(), 60)

    assert await rows_of(centre, "sun", "running") == []
    assert [each.name for each in runs.folder.iterdir()] == ["running"]
