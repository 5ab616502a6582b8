"""A centre among other systems: asked and told over REST, by SQL, by files and by webhooks."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.api.targets import Target, listening, signed_by
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems
from tests.running_server import Desktop

from .centre import LI, Centre, centre
from .people import Hire

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

SUN = Hire("sun", "8002", skills=(), roles=("admin",), registers=False)
CUSTOMERS = "name,phone\n李娜,13800138000\n".encode()
SEVEN = ("billing", "trouble_ticket", "erp", "activation", "mail", "warehouse", "fraud")
LABELS = {"zh": "装机", "en": "Installations"}
LOOK_UPS = {
    "installations": {
        "labels": LABELS,
        "database": "plant",
        "sql": "SELECT day FROM installation WHERE line = :line",
        "parameters": [{"name": "line", "type": "text", "labels": LABELS}],
        "columns": [{"column": "day", "labels": LABELS}],
        "offered_to": {"roles": ["agent"]},
    }
}


def plant(folder: Path) -> dict[str, Any]:
    """Another system's database."""
    with closing(sqlite3.connect(folder / "plant.db")) as database, database:
        database.execute("CREATE TABLE installation (line text, day text)")
        database.execute("INSERT INTO installation VALUES ('L1', '2026-11-23')")
    (folder / "lookups.yaml").write_text(yaml.safe_dump(LOOK_UPS), encoding="utf-8")
    databases = {"plant": {"url": f"sqlite:///{folder / 'plant.db'}"}}
    return {"databases": databases, "lookups": str(folder / "lookups.yaml")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, systems: OutsideSystems
) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("connectors")
    (folder / "drop").mkdir()
    changes: dict[str, Any] = {
        "queries": plant(folder),
        "webhooks": {"allow_private_targets": True},
        "drop_folders": {"web_shop": {"folder": "drop", "every": 1}},
        "connectors": {
            name: {
                "settings": {
                    "url": f"{systems.url}/{name}",
                    "headers": {"Authorization": TOKEN},
                    "definition": f"shipped:{name}.yaml",
                }
            }
            for name in SEVEN
        },
    }
    async with centre(folder, LI, SUN, customers=CUSTOMERS, **changes) as it:
        yield it


async def done(desk: Desktop, path: str, **body: Any) -> Any:
    status, answer = await desk.post(f"/api/v1/{path}", **body)
    assert status in {200, 201}, answer
    return answer


async def asked(desk: Desktop, path: str, ticket_id: str | None = None, **values: Any) -> Any:
    """What another system says."""
    found = await done(desk, f"connectors/{path}", values=values, ticket_id=ticket_id)
    return found["answer"]


@pytest.mark.req("CR-26")
async def test_seven_systems_work_with_the_centre_by_rest_sql_files_and_webhooks(
    hotline: Centre, systems: OutsideSystems
) -> None:
    li, sun = hotline.agents["li"].desk, hotline.agents["sun"].desk
    found = await li.get("/api/v1/customer-search?q=13800138000")
    nina = found["items"][0]["id"]

    async with listening() as target:
        hook = await done(sun, "webhooks", url=target.url, names=["ticket.*"])
        ticket = await done(li, "tickets", type="complaint", subject="SIM", customer_id=nina)
        await told(target)

    # by webhook and by REST
    assert signed_by(hook["secret"], *target.received[0])
    assert json.loads(target.received[0][1])["data"]["facts"]["state"] == ticket["state"]
    assert (await asked(li, "billing/balance", account="a 1"))["amount"] == -1250
    assert (await asked(li, "warehouse/stock", product="rice"))["available"] == 7
    opened = await asked(
        li, "trouble_ticket/open", reference=ticket["number"], description="no signal"
    )
    assert (await asked(li, "trouble_ticket/status", id=opened["id"]))["status"] == "inProgress"
    ordered: dict[str, Any] = {"number": "O1", "currency": "CNY", "total": 9900, "lines": []}
    handed = await asked(li, "erp/hand_over", **ordered)
    assert (await asked(li, "erp/status", id=handed["id"]))["state"] == "shipped"
    wish: dict[str, Any] = {"reference": "O1", "line": "L1", "service": "fibre", "wish": "activate"}
    requested = await asked(li, "activation/request", **wish)
    assert (await asked(li, "activation/status", id=requested["id"]))["reason"] == "no free port"
    sent = await asked(li, "mail/send", to="nina@example.cn", template="bill_copy")
    assert (await asked(li, "mail/status", id=sent["id"]))["state"] == "bounced"
    await asked(li, "fraud/check", ticket["id"], account="a1", wish="change_sim")
    assert (await li.get(f"/api/v1/tickets/{ticket['id']}"))["risk"] is True
    assert len(systems.told) == 5
    health = {each["name"]: each["failure"] for each in await li.get("/api/v1/connectors")}
    assert health == dict.fromkeys(SEVEN)

    # by SQL
    _, installations = await li.post(
        "/api/v1/queries/installations/run", reveal=False, parameters={"line": "L1"}
    )
    assert installations["rows"] == [["2026-11-23"]]

    # by file
    visit = {"customer_id": nina, "at": "2026-11-22T09:00:00Z", "kind": "visit", "title": "Basket"}
    drop(hotline.server.folder / "drop", json.dumps(visit | {"external_id": "v1"}))
    await li.when(
        f"/api/v1/customers/{nina}/timeline",
        lambda page: any(each["kind"] == "visit" for each in page["items"]),
    )
    assert (hotline.server.folder / "drop" / "processed" / "visits.jsonl").exists()


def drop(folder: Path, line: str) -> None:
    """As another system does: written under another name, then there at once."""
    (folder / "visits.part").write_text(line + "\n", encoding="utf-8")
    (folder / "visits.part").rename(folder / "visits.jsonl")


async def told(target: Target) -> None:
    """Wait until the target has heard of something."""
    async with asyncio.timeout(30):
        while not target.received:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
