import asyncio
from http import HTTPStatus
from typing import Any

from cti_server.store.erasures import Erasure
from cti_server.store.import_jobs import RUNNING, ImportJobs
from cti_server.wire.events import CustomersImported

from .conftest import Centre

CSV = "姓名,手机,类别\n王伟,13800138000,gold\n,13900139000,\n李雷,13700137000,silver\n".encode()
PATH = "/api/v1/customer-imports"


async def ask(
    centre: Centre, method: str, path: str, *, status: int = HTTPStatus.OK, **more: Any
) -> Any:
    headers = await centre.headers("sun")
    answer = await centre.client.request(method, PATH + path, headers=headers, **more)
    assert answer.status == status, await answer.text()
    if answer.content_type == "text/csv":
        return await answer.text(encoding="utf-8-sig")
    return await answer.json()


async def upload(centre: Centre, data: bytes = CSV) -> str:
    found = await ask(centre, "POST", "", data=data, status=HTTPStatus.CREATED)
    return str(found["id"])


async def test_a_file_is_looked_at_then_stored_by_a_process_that_nobody_has_to_wait_for(
    centre: Centre,
) -> None:
    ended = asyncio.Event()
    heard: list[CustomersImported] = []

    def hear(logged: Any) -> None:
        if isinstance(logged.event, CustomersImported):
            heard.append(logged.event)
            ended.set()

    centre.parts.log.subscribe(hear)
    import_id = await upload(centre)
    columns = {"columns": {"类别": "tier"}}

    preview = await ask(centre, "POST", f"/{import_id}/preview", json=columns)
    before = await ask(centre, "GET", f"/{import_id}")
    started = await ask(
        centre, "POST", f"/{import_id}/start", json=columns, status=HTTPStatus.ACCEPTED
    )
    await asyncio.wait_for(ended.wait(), 60)
    after = await ask(centre, "GET", f"/{import_id}")

    assert [(one["header"], one["field"]) for one in preview["columns"]] == [
        ("姓名", "name"),
        ("手机", "numbers"),
        ("类别", "tier"),
    ]
    assert preview["problems"] == [{"row": 3, "field": "name", "rule": "is required"}]
    assert (preview["created"], preview["updated"], preview["whole"]) == (2, 0, True)
    assert (before["state"], before["rows"]) == ("uploaded", 0)
    assert started["state"] == "running"
    assert (after["state"], after["created"], after["refused"]) == ("done", 2, 1)
    assert heard == [CustomersImported(imported_by="sun", created=2, updated=0, refused=1)]
    assert "3,name is required" in await ask(centre, "GET", f"/{import_id}/problems")
    assert not (centre.parts.imports.folder / import_id / "source").exists()

    again = await ask(centre, "POST", f"/{await upload(centre)}/preview", json={})
    assert (again["created"], again["updated"]) == (0, 2)
    assert again["first_rows"][0]["customer_id"] is not None


async def test_what_the_last_server_left_is_gone_on_with(centre: Centre) -> None:
    ended = asyncio.Event()
    centre.parts.log.subscribe(
        lambda logged: ended.set() if isinstance(logged.event, CustomersImported) else None
    )
    import_id = await upload(centre)
    async with centre.parts.database.sessions.begin() as session:
        job = await ImportJobs(session).get(import_id)
        assert job is not None
        job.state = RUNNING

    await centre.parts.imports.resume()
    await asyncio.wait_for(ended.wait(), 60)

    assert (await ask(centre, "GET", f"/{import_id}"))["state"] == "done"


async def test_an_import_that_is_over_neither_starts_nor_is_cancelled_again(
    centre: Centre,
) -> None:
    import_id = await upload(centre)
    assert (await ask(centre, "POST", f"/{import_id}/cancel"))["state"] == "cancelled"

    conflict = HTTPStatus.CONFLICT
    await ask(centre, "POST", f"/{import_id}/start", json={}, status=conflict)
    await ask(centre, "POST", f"/{import_id}/cancel", status=conflict)
    await ask(centre, "POST", f"/{import_id}/preview", json={}, status=conflict)
    await ask(centre, "GET", f"/{import_id}/problems", status=conflict)
    assert [one["id"] for one in (await ask(centre, "GET", ""))["items"]] == [import_id]


async def test_none_starts_while_files_are_searched_for_somebody_who_is_erased(
    centre: Centre,
) -> None:
    import_id = await upload(centre)
    async with centre.parts.database.sessions.begin() as session:
        erasure = Erasure(
            id="e",
            customer_id="c",
            customer_ids=["c"],
            reason="asked",
            requested_by="sun",
            requested_at=centre.parts.clock.now(),
            step="imports",
            expected={},
            subject={},
        )
        session.add(erasure)

    conflict = HTTPStatus.CONFLICT
    answer = await ask(centre, "POST", f"/{import_id}/start", json={}, status=conflict)

    assert "is being erased" in answer["detail"]
    assert (await ask(centre, "GET", f"/{import_id}"))["state"] == "uploaded"


async def test_what_is_no_file_of_customers_is_refused(centre: Centre) -> None:
    refused = HTTPStatus.UNPROCESSABLE_ENTITY
    assert "is empty" in (await ask(centre, "POST", "", data=b"", status=refused))["detail"]
    import_id = await upload(centre, b"colour\nred\n")

    answer = await ask(centre, "POST", f"/{import_id}/preview", json={}, status=refused)

    assert answer["detail"] == "the file has no header with a column that is known"
    await ask(centre, "GET", "/nobody", status=HTTPStatus.NOT_FOUND)
