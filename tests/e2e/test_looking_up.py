"""What an agent looks up and enters while a customer is on the line."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.running_server import Desktop

from .centre import LI, WANG, Centre, centre
from .people import Caller, Hire

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

BOSS = Hire("boss", "8002", skills=(), roles=("admin",), registers=False)
AUDIT = Hire("audit", "8003", skills=(), roles=("auditor",), registers=False)
NINA, LEI = "13800138000", "13800138001"
CUSTOMERS = f"name,phone,tier\n李娜,{NINA},vip\n李雷,{LEI},\n".encode()
LABELS = {"zh": "账单", "en": "Bills"}
BILLS = {
    "bills_of_number": {
        "labels": LABELS,
        "database": "billing",
        "sql": "SELECT month, cents FROM bill WHERE phone = :phone ORDER BY month DESC",
        "parameters": [
            {"name": "phone", "type": "phone", "fill": "caller_number", "labels": LABELS}
        ],
        "columns": [{"column": "month", "labels": LABELS}, {"column": "cents", "labels": LABELS}],
        "offered_to": {"roles": ["agent"], "queues": ["service"]},
    }
}


def billing(folder: Path) -> dict[str, Any]:
    """Another system's database, and the file in which operations say what is asked of it."""
    with closing(sqlite3.connect(folder / "billing.db")) as database, database:
        database.execute("CREATE TABLE bill (phone text, month text, cents integer)")
        rows = [(NINA, "2026-09", 4990), (NINA, "2026-10", 5990), (LEI, "2026-10", 100)]
        database.executemany("INSERT INTO bill VALUES (?, ?, ?)", rows)
    (folder / "lookups.yaml").write_text(yaml.safe_dump(BILLS), encoding="utf-8")
    databases = {"billing": {"url": f"sqlite:///{folder / 'billing.db'}"}}
    return {"databases": databases, "lookups": str(folder / "lookups.yaml")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("looking")
    hires = (LI, WANG, BOSS, AUDIT)
    async with centre(folder, *hires, customers=CUSTOMERS, queries=billing(folder)) as it:
        yield it


@asynccontextmanager
async def talking(hotline: Centre, number: str = NINA) -> AsyncIterator[tuple[Desktop, Caller]]:
    """Li talks with whoever has this number."""
    async with hotline.on_duty("li") as (li,):
        caller = hotline.caller(number=number)
        await caller.dial("2000")
        await caller.happens("interaction.started")
        yield li.desk, caller


async def done(desk: Desktop, path: str, **body: Any) -> Any:
    status, answer = await desk.post(f"/api/v1/{path}", **body)
    assert status in {200, 201}, answer
    return answer


async def run(desk: Desktop, query: str, **body: Any) -> tuple[int, Any]:
    return await desk.post(f"/api/v1/queries/{query}/run", reveal=False, **body)


async def customer_of(desk: Desktop, caller: Caller) -> str:
    found = await desk.get(f"/api/v1/customer-search?q={caller.number}")
    return str(found["items"][0]["id"])


@pytest.mark.req("AG-08")
async def test_an_agent_runs_saved_queries_for_the_customer_on_the_line_and_others_do_not(
    hotline: Centre,
) -> None:
    boss, audit, wang = (hotline.agents[name].desk for name in ("boss", "audit", "wang"))
    refused, _ = await boss.post("/api/v1/saved-queries", id="x", labels=LABELS, definition={})
    whole_table = {
        "resource": "tickets",
        "conditions": [{"column": "subject", "value": "x"}],
        "columns": [{"column": "id"}],
    }
    no_index = await boss.post(
        "/api/v1/saved-queries", id="x", labels=LABELS, definition=whole_table
    )
    for_chiefs = {
        "resource": "tickets",
        "parameters": [{"name": "c", "type": "customer", "fill": "customer", "labels": LABELS}],
        "conditions": [{"column": "customer_id", "parameter": "c"}],
        "columns": [{"column": "number"}],
        "offered_to": {"roles": ["supervisor"]},
    }
    await done(boss, "saved-queries", id="for_chiefs", labels=LABELS, definition=for_chiefs)

    async with talking(hotline) as (li, caller):
        customer = await customer_of(li, caller)
        complaint = {"subject": "No sound", "customer_id": customer}
        ticket = await done(li, "tickets", type="complaint", **complaint)
        offered = {one["id"]: one for one in await li.get("/api/v1/queries")}
        tickets = (await run(li, "open_tickets_of_customer"))[1]
        calls = (await run(li, "calls_from_number", parameters={"days": 1}))[1]
        bills = (await run(li, "bills_of_number"))[1]
        chiefs_only, _ = await run(li, "for_chiefs")
        by_audit, _ = await run(audit, "open_tickets_of_customer")
        without_call, told = await run(wang, "open_tickets_of_customer")
        anothers, _ = await run(wang, "open_tickets_of_customer", contact_id=caller.contact_id)
        chief = (await run(hotline.chief, "for_chiefs", contact_id=caller.contact_id))[1]

    assert offered["open_tickets_of_customer"]["labels"]["en"] == "The customer's open tickets"
    assert offered["open_tickets_of_customer"]["known"] == ["customer"]
    assert offered["bills_of_number"]["source"] == "billing"
    assert "for_chiefs" not in offered
    assert tickets["parameters"] == {"customer": customer}
    assert [row[0] for row in tickets["rows"]] == [ticket["number"]]
    assert tickets["more"] is False
    assert [row[1] for row in calls["rows"]] == ["inbound"]
    assert calls["parameters"]["number"].endswith("8000")
    assert NINA not in str(calls)
    assert bills["rows"] == [["2026-10", 5990], ["2026-09", 4990]]
    assert chief["rows"] == [[ticket["number"]]]
    assert (chiefs_only, by_audit, anothers) == (404, 403, 403)
    assert (without_call, told["detail"]) == (422, "parameters.customer: is required")
    assert (refused, no_index[0]) == (422, 422)
    assert "none that always holds can use an index" in no_index[1]["detail"]
    trail = await audit.get("/api/v1/audit?record=saved_query")
    assert ("li", "read", "bills_of_number") in {
        (one["actor"], one["action"], one["record_id"]) for one in trail["items"]
    }


async def test_a_customer_who_calls_is_another_ones_rows(hotline: Centre) -> None:
    async with talking(hotline, LEI) as (li, _):
        tickets = (await run(li, "open_tickets_of_customer"))[1]
        bills = (await run(li, "bills_of_number"))[1]

    assert tickets["rows"] == []
    assert bills["rows"] == [["2026-10", 100]]


@pytest.mark.req("AG-07")
async def test_an_agent_books_orders_opens_answers_and_enters_while_the_customer_waits(
    hotline: Centre,
) -> None:
    boss = hotline.agents["boss"].desk
    product = {"labels": LABELS, "category": "phones", "currency": "CNY", "price": 12000}
    await done(boss, "products", id="phone", **product)
    begins, ends = "2199-01-02T01:00:00Z", "2199-01-02T03:00:00Z"
    slot = await done(
        boss, "slots", resource="fitter", labels=LABELS, starts_at=begins, ends_at=ends, capacity=1
    )
    moving = {
        "type": "object",
        "properties": {
            "to": {"type": "string", "x-labels": {"zh": "新地址", "en": "New address"}},
            "on": {"type": "string", "format": "date", "x-labels": {"zh": "日期", "en": "When"}},
        },
        "required": ["to"],
        "additionalProperties": False,
    }
    await done(boss, "forms", id="moving_house", labels=LABELS, definition=moving)
    text = {"title": "How to move house", "body": "The line moves with you in three days."}
    article = await done(hotline.chief, "articles", texts={"en": text}, keywords=[], queues=[])
    for who, step in ((hotline.chief, "submit"), (boss, "approve")):
        article = await done(who, f"articles/{article['id']}/{step}", version=article["version"])

    async with talking(hotline) as (li, caller):
        customer = await customer_of(li, caller)
        theirs = {"customer_id": customer, "contact_id": caller.contact_id}
        [hit] = await li.get("/api/v1/articles/search?words=move")
        answer = await li.get(f"/api/v1/articles/{hit['id']}")
        booked = await done(li, "reservations", slot_id=slot["id"], places=1, **theirs)
        full, _ = await li.post("/api/v1/reservations", slot_id=slot["id"], places=1, **theirs)
        order = await done(
            li,
            "orders",
            lines=[{"product_id": "phone", "quantity": 1}],
            address="Main St",
            **theirs,
        )
        placed = await done(li, f"orders/{order['id']}/place", version=order["version"])
        types = {one["id"]: one for one in await li.get("/api/v1/ticket-types")}
        complaint = {"type": "complaint", "subject": "Late", "form": {"about": "the fitter"}}
        ticket = await done(li, "tickets", **complaint, **theirs)
        wrong, _ = await li.post(
            "/api/v1/tickets", type="complaint", subject="x", form={"colour": "red"}
        )
        filled = await done(
            li, "filled-forms", form_id="moving_house", values={"to": "Park Road 7"}, **theirs
        )
        unfilled, _ = await li.post("/api/v1/filled-forms", form_id="moving_house", values={})
        new = await done(li, "customers", name="王小妹", numbers=[{"number": "13800138009"}])
        forms = {one["id"] for one in await li.get("/api/v1/forms?queue=service")}

    assert answer["content"]["texts"]["en"]["body"] == text["body"]
    assert (booked["state"], full) == ("booked", 409)
    assert (placed["state"], placed["total"], placed["fulfilment"]) == ("placed", 12000, "delivery")
    assert "about" in str(types["complaint"])
    assert (ticket["form"], wrong) == ({"about": "the fitter"}, 422)
    assert (filled["values"], unfilled) == ({"to": "Park Road 7"}, 422)
    assert new["name"] == "王小妹"
    assert {"moving_house", "call_back_wish", "purchase_interest"} <= forms
    timeline = await hotline.agents["li"].desk.get(f"/api/v1/customers/{customer}/timeline")
    assert {"contact", "order", "ticket"} <= {one["kind"] for one in timeline["items"]}
