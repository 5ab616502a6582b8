"""What a call and the work on it leave in the warehouse, as an analyst finds it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from click.testing import CliRunner

from cti_server.cli import main
from tests.leaks import leaks

from .centre import LI, Centre, centre
from .people import Hire

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

SUN = Hire("sun", "8002", skills=(), roles=("admin",))
CUSTOMERS = "name,phone,tier\n李娜,13800138000,vip\n王芳,13900139000,\n".encode()
NINA = "13800138000"
LABELS = {"zh": "大米", "en": "Rice"}
RICE = {"id": "rice", "labels": LABELS, "category": "food", "currency": "CNY", "price": 5000}
COMPLAINT = {"type": "complaint", "subject": "too dear", "form": {"about": "the price"}}

ALL_OF = "SELECT * FROM {table} ORDER BY 1"
OF_THE_CUSTOMER = """
    SELECT survivor.customer_id, fact.* FROM {table} AS fact
    JOIN dw_customer AS version ON version.key = fact.customer_key
    JOIN dw_customer AS survivor ON survivor.key = version.survivor
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("warehouse")
    async with centre(folder, LI, SUN, customers=CUSTOMERS) as it:
        yield it


def asked(hotline: Centre, query: str) -> list[dict[str, Any]]:
    """What an analyst reads beside the running server."""
    with closing(sqlite3.connect(hotline.server.data / "hotline.db")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def of_customer(hotline: Centre, table: str) -> list[dict[str, Any]]:
    return asked(hotline, OF_THE_CUSTOMER.format(table=table))


def everything(hotline: Centre) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but the newest events, which come while one looks."""
    tables = ("customer", "contact", "order", "ticket", "promotion", "disposition")
    return {table: asked(hotline, ALL_OF.format(table=f"dw_{table}")) for table in tables}


async def worked(hotline: Centre) -> str:
    """Nina calls li; what follows is written down. Her id."""
    async with hotline.on_duty("li"):
        caller = hotline.caller(number=NINA)
        await caller.dial("2001")
        [nina] = (await caller.happens("contact.customer_matched")).data["customer_ids"]
        started = (await caller.happens("interaction.started")).data
        about = {"customer_id": nina, "contact_id": caller.contact_id}
        line = {"product_id": "rice", "quantity": 2}
        consent = {"channel": "sms", "purpose": "marketing", "given": True, "source": "call"}
        disposition = f"PUT interactions/{started['interaction_id']}/disposition"
        await done(hotline, "sun", "POST products", RICE)
        await done(hotline, "li", f"POST customers/{nina}/consents", consent)
        await done(hotline, "li", "POST orders", {"lines": [line], **about})
        await done(hotline, "li", "POST tickets", COMPLAINT | about)
        await done(hotline, "li", disposition, {"code": "answered"})
    await hotline.settled()
    return str(nina)


async def done(hotline: Centre, who: str, what: str, body: dict[str, Any]) -> None:
    method, _, path = what.partition(" ")
    headers = {"Authorization": f"Bearer {hotline.agents[who].desk.token}"}
    async with (
        aiohttp.ClientSession(hotline.server.api, headers=headers) as session,
        session.request(method, f"/api/v1/{path}", json=body) as answer,
    ):
        assert answer.status in {200, 201}, await answer.text()


async def command(hotline: Centre, word: str) -> str:
    """What ``hotline warehouse WORD`` says, which must be satisfied; in a thread of its own."""
    words = ["warehouse", word, "--config", str(hotline.server.config_file)]
    ended = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert ended.exit_code == 0, ended.output
    return ended.output


async def caught_up(hotline: Centre) -> None:
    await hotline.server.when_metric("warehouse_behind", 0.0)


@pytest.mark.req("DW-01")
@pytest.mark.req("DW-02")
async def test_all_that_was_captured_is_typed_linked_and_counted_and_made_anew_the_same(
    hotline: Centre,
) -> None:
    nina = await worked(hotline)
    await caught_up(hotline)

    # descriptive: also of the customer whom nobody has spoken with
    known = asked(hotline, "SELECT * FROM dw_customer WHERE valid_to IS NULL ORDER BY tier")
    assert [(row["customer_id"] == nina, row["tier"]) for row in known] == [
        (False, "standard"),
        (True, "vip"),
    ]
    # promotional
    [promotion] = of_customer(hotline, "dw_promotion")
    assert (promotion["customer_id"], promotion["kind"]) == (nina, "consent")
    assert (promotion["channel"], promotion["outcome"]) == ("sms", "consented")
    # transactional
    [contact] = of_customer(hotline, "dw_contact")
    assert (contact["customer_id"], contact["queue"], contact["agent_id"]) == (nina, "quick", "li")
    assert contact["outcome"] == "handled"
    [order] = of_customer(hotline, "dw_order")
    assert (order["customer_id"], order["total"], order["currency"]) == (nina, 10_000, "CNY")
    [ticket] = of_customer(hotline, "dw_ticket")
    assert (ticket["customer_id"], ticket["type"]) == (nina, "complaint")
    [disposition] = of_customer(hotline, "dw_disposition")
    assert (disposition["customer_id"], disposition["code_id"]) == (nina, "answered")

    # everything: a fact for each event of the log, counted by the command
    assert "differ" not in await command(hotline, "check")
    logged = asked(hotline, "SELECT sequence, name FROM event ORDER BY sequence")
    loaded = asked(hotline, "SELECT sequence, name FROM dw_event ORDER BY sequence")
    assert loaded == logged[: len(loaded)]
    assert len(loaded) > 50
    assert leaks(NINA, asked(hotline, "SELECT * FROM dw_event")) == []

    # again from nothing, beside the running server
    before = everything(hotline)
    await command(hotline, "rebuild")
    assert everything(hotline) == before
    assert "differ" not in await command(hotline, "check")
