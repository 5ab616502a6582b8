"""A person's rights, as an operator and the law see them: asked, masked, told, forgotten, aged."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.leaks import leaks

from .centre import LI, Centre, centre
from .people import Hire, passed

NUMBER, NAME, ADDRESS = "13812349876", "欧阳晓雨测试", "郁金香路七十七号"
TRACES = (NUMBER, NAME, ADDRESS)
MAIL = "ouyang.xiaoyu@example.org"
BOSS = Hire("boss", "8003", skills=(), roles=("admin",), registers=False)
VISIT = {
    "customer_number": NUMBER,
    "at": "2019-05-04T10:00:00+08:00",
    "kind": "web_visit",
    "title": f"{NAME} looked around",
    "source": "shop",
}
REFUSED = f"姓名,手机\n{NAME},123abc\n王伟,13900139000\n"


def traced(folder: Path, *traces: str) -> set[str]:
    """The files of the data folder that have one of these in them, as UTF-8 or as JSON escapes."""
    wanted = [trace.encode() for trace in traces]
    wanted += [json.dumps(trace)[1:-1].encode() for trace in traces]
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in wanted)
    }


async def ask(
    hotline: Centre, method: str, path: str, *, key: str | None = None, **more: Any
) -> tuple[int, Any]:
    """As the administrator; the answer's JSON, or its bytes. ``key``: of a request done once."""
    headers = {"Authorization": f"Bearer {hotline.agents['boss'].desk.token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    async with aiohttp.ClientSession(hotline.server.api, headers=headers) as session:
        answer = await session.request(method, f"/api/v1/{path}", **more)
        if answer.content_type.endswith("json"):
            return answer.status, await answer.json(content_type=None)
        return answer.status, await answer.read()


async def when(hotline: Centre, path: str, state: str) -> Any:
    """Ask until it has this state."""
    async with asyncio.timeout(60):
        while True:
            _, found = await ask(hotline, "GET", path)
            if found["state"] == state:
                return found
            await asyncio.sleep(0.1)


async def a_life(hotline: Centre) -> Mapping[str, str]:
    """A customer of whom every store knows something: their id, and their contact's."""
    li, chief = hotline.agents["li"], hotline.chief
    _, customer = await ask(
        hotline, "POST", "customers",
        json={
            "name": NAME,
            "numbers": [{"number": NUMBER}],
            "addresses": [{"kind": "mail", "value": MAIL}],
            "attributes": {"address": ADDRESS},
            "notes": f"{NAME}, {ADDRESS}",
            "tags": [NAME],
        },
    )  # fmt: skip
    assert "id" in customer, customer
    customer_id = customer["id"]
    async with hotline.on_duty("li"):
        caller = hotline.caller(number=NUMBER)
        await caller.dial("2000")
        at_li = await li.rung()
        await caller.happens("interaction.started")
        await passed(at_li, 0.3)
        caller.call.hang_up()
        await caller.over()
        await caller.happens("recording.stored")
        contact_id = caller.contact_id
        made = [
            await li.desk.post(
                "/api/v1/tickets", type="complaint", subject=f"{NAME} waits",
                customer_id=customer_id, description=ADDRESS, contact_id=contact_id,
                form={"wish": f"call {NUMBER}"},
            ),
            await li.desk.post(f"/api/v1/customers/{customer_id}/notes", text=f"{NAME} calls"),
            await li.desk.post(
                "/api/v1/tasks", title=f"call {NAME}", notes=NUMBER, customer_id=customer_id
            ),
            await li.desk.post(
                f"/api/v1/customers/{customer_id}/consents", channel="voice", purpose="marketing",
                given=False, source=f"call from {NUMBER}",
            ),
            await ask(
                hotline, "POST", "products",
                json={
                    "id": "rice", "labels": {"zh": "米饭", "en": "Rice"}, "category": "food",
                    "currency": "CNY", "price": 300,
                },
            ),
            await li.desk.post(
                "/api/v1/orders", customer_id=customer_id, address=ADDRESS, note=NAME,
                lines=[{"product_id": "rice", "quantity": 2}],
            ),
            await ask(hotline, "POST", "timeline-events", json=VISIT, key="visit-1"),
        ]  # fmt: skip
    assert {status for status, _ in made} == {201}, made
    _, uploaded = await ask(
        hotline,
        "POST",
        "customer-imports",
        data=REFUSED.encode(),
        params={"filename": f"{NAME}.csv"},
    )
    await ask(hotline, "POST", f"customer-imports/{uploaded['id']}/start", json={})
    await when(hotline, f"customer-imports/{uploaded['id']}", "done")
    await ask(hotline, "POST", "customer-imports", data=f"姓名,手机\n{NAME},{NUMBER}\n".encode())
    await chief.get(f"/api/v1/contacts/{contact_id}")
    return {"customer": customer_id, "contact": contact_id}


async def exported(hotline: Centre, customer_id: str) -> str:
    status, body = await ask(hotline, "GET", f"customers/{customer_id}/export")
    assert status == 200
    archive = zipfile.ZipFile(io.BytesIO(body))
    return "".join(archive.read(name).decode() for name in archive.namelist())


async def aged(hotline: Centre, *, dry: bool) -> Any:
    """A run of retention; only one thing is older than it may be."""
    _, run = await ask(hotline, "POST", "retention/runs", json={"dry": dry})
    return await when(hotline, f"retention/runs/{run['id']}", "done")


@pytest.mark.req("CR-25")
@pytest.mark.asyncio
async def test_a_person_is_masked_asked_told_and_forgotten_down_to_the_last_file(
    tmp_path: Path,
) -> None:
    async with centre(tmp_path, LI, BOSS) as hotline:
        data = hotline.server.data
        theirs = await a_life(hotline)
        customer = f"customers/{theirs['customer']}"
        li = hotline.agents["li"].desk

        seen = await li.get(f"/api/v1/{customer}")
        advertised, why = await li.post(
            "/api/v1/contacts", customer_id=theirs["customer"], queue="service", purpose="marketing"
        )
        told = await exported(hotline, theirs["customer"])
        before = await asyncio.to_thread(traced, data, *TRACES)
        recordings = list((data / "archive").rglob("*.sealed"))

        dry, run = await aged(hotline, dry=True), await aged(hotline, dry=False)

        _, hold = await ask(
            hotline, "POST", "legal-holds",
            json={"record": "contact", "record_id": theirs["contact"], "reason": "a court asks"},
        )  # fmt: skip
        held, because = await ask(hotline, "POST", f"{customer}/erase", json={"reason": "asked"})
        await ask(hotline, "DELETE", f"legal-holds/{hold['id']}")
        begun, erasure = await ask(hotline, "POST", f"{customer}/erase", json={"reason": "asked"})
        done = await when(hotline, f"{customer}/erasure", "done")
        again, same = await ask(hotline, "POST", f"{customer}/erase", json={"reason": "asked"})

        left = await asyncio.to_thread(traced, data, *TRACES, NUMBER[-10:], MAIL)
        replayed, _ = await ask(hotline, "POST", "timeline-events", json=VISIT, key="visit-1")
        _, rules = await ask(hotline, "GET", "retention")
        history = await hotline.chief.get(f"/api/v1/contacts/{theirs['contact']}")
        proofs = (await ask(hotline, "GET", "erasures", params={"reached_by": NUMBER}))[1]["items"]
        consents = (await ask(hotline, "GET", f"{customer}/consents"))[1]
        _, certificate = await ask(hotline, "GET", f"erasures/{erasure['id']}/certificate")
        shown = tmp_path / "certificate.json"
        shown.write_text(json.dumps(certificate), encoding="utf-8")
        certified = await hotline.server.command("archive", "certificate", str(shown))
        verified = await hotline.server.command("archive", "verify", "--files", "all")
        assert await hotline.server.stop() == 0
        left |= await asyncio.to_thread(traced, data, *TRACES, NUMBER[-10:], MAIL)
        logged = hotline.server.log_lines

    assert NUMBER not in str(seen["numbers"])  # masked
    assert (advertised, why["type"]) == (409, "CustomerDeclines"), why
    assert all(trace in told for trace in TRACES)
    assert {"hotline.db", "hotline.db-wal"} & before
    assert any(name.startswith("journal/") for name in before)
    assert any(name.endswith("problems.csv") for name in before)
    assert any(name.endswith("source") for name in before)
    assert len(recordings) == 1
    [destroyed] = certificate["recordings"]
    assert [each["action"] for each in destroyed["chain"]] == ["stored", "erased"]
    assert (destroyed["stores"], certificate["requested_by"]) == (["local"], "boss")
    assert not any(trace in json.dumps(certificate) for trace in (*TRACES, NUMBER[-10:]))
    assert certified == f"erasure {erasure['id']}, 1 recordings: 0 faults\n"
    assert verified.startswith("2 entries, 1 recordings, the files of 0 opened"), verified
    assert dry["counts"] == run["counts"] == {"timeline_events": 1}
    assert replayed == 410
    assert (held, because["type"]) == (409, "ErasureRefused")
    assert "a court asks" in because["detail"]
    assert (begun, again, same["id"]) == (202, 200, erasure["id"])
    assert {"contact", "ticket", "order", "task", "recording"} <= erasure["expected"].keys()
    assert (done["done"]["recording"], done["done"]["files"]) == (1, 2)
    assert left == set()
    assert not any(path.exists() for path in recordings)
    assert [found for trace in TRACES for found in leaks(trace, logged)] == []
    assert history["contact"]["outcome"] == "handled"
    assert history["contact"]["caller_number"] == ""
    assert [each["id"] for each in proofs] == [erasure["id"]]
    assert [(each["purpose"], each["given"]) for each in consents] == [("marketing", False)]
    assert {rule["id"] for rule in rules["rules"]} >= {"recordings", "contacts", "events"}
