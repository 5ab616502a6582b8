"""A statement of account, made of other systems' rows for who asks, and faxed to them."""

import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml
from PIL import Image, ImageChops

from cti_server.outbox.fax_documents import drawn_pages
from fax_sms_email.fax.images import page_png
from fax_sms_email.fax.paper import paper

from .carrier import LOOPBACK
from .centre import LI, Centre, centre, queue
from .people import Hire
from .test_fax import OFFICE, office_changes
from .test_fax_line import asked

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

NINA, BANK, LINE = "+8613800138000", "+8675512345678", "1019"
BOSS = Hire("boss", "8002", skills=(), roles=("admin",), registers=False)
LABELS = {"zh": "对账单", "en": "Statement of account"}
MOVEMENTS = {
    "movements": {
        "labels": LABELS,
        "database": "ledger",
        "sql": "SELECT day, what, amount FROM movement WHERE account = :account ORDER BY day",
        "parameters": [{"name": "account", "type": "text", "labels": LABELS}],
        "columns": [{"column": name, "labels": LABELS} for name in ("day", "what", "amount")],
    }
}
TEMPLATE = {
    "labels": LABELS,
    "channel": "fax",
    "document": "201",
    "body": {
        "zh": "# {{ title }}\n\n{{ customer }} 账号 {{ account }}\n\n"
        "| 日期 | 摘要 | 金额 |\n|---|---|--:|\n"
        "{% for row in movements %}"
        "| {{ row.day | date }} | {{ row.what }} | {{ row.amount | money }} |\n"
        "{% endfor %}",
        "en": "# {{ title }}\n\n{{ customer }} {{ account }}\n\n"
        "{% for row in movements %}{{ row.what }}\n{% endfor %}",
    },
    "variables": [
        {"name": "title", "example": "x"},
        {"name": "customer", "example": "Li"},
        {"name": "account", "example": "6222"},
        {
            "name": "movements",
            "type": "table",
            "example": [{"day": "2026-11-22", "what": "x", "amount": 1}],
        },
    ],
}
WRITTEN = """# 对账单

李娜 账号 6222

| 日期 | 摘要 | 金额 |
|---|---|--:|
| 2026年11月1日 | 工资 \\| 十一月 | 12\\,345\\.60元 |
| 2026年11月3日 | 转账 | \\-99\\.50元 |
"""


def ledger(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / "ledger.db")) as database, database:
        database.execute("CREATE TABLE movement (account text, day text, what text, amount real)")
        rows = [
            ("6222", "2026-11-03", "转账", -99.5),
            ("6222", "2026-11-01", "工资 | 十一月", 12345.6),
            ("6333", "2026-11-02", "不是他的", 1),
        ]
        database.executemany("INSERT INTO movement VALUES (?, ?, ?, ?)", rows)
    (folder / "lookups.yaml").write_text(yaml.safe_dump(MOVEMENTS), encoding="utf-8")
    databases = {"ledger": {"url": f"sqlite:///{folder / 'ledger.db'}"}}
    return {"databases": databases, "lookups": str(folder / "lookups.yaml")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Centre, Centre]]:
    """A bank and an office with a fax machine."""
    folder = tmp_path_factory.mktemp("documents")
    async with centre(folder / "office", LI, **office_changes()) as office:
        trunk = {
            "name": "carrier",
            "outbound": {
                "to": f"sip:127.0.0.1:{office.server.sip_port}",
                "caller_id": BANK,
            },
        }
        async with centre(
            folder / "bank",
            BOSS,
            flows=("statement.yaml",),
            queues=[queue("operator")],
            numbers={LINE: {"flow": "statement.yaml"}},
            customers=f"external_id,name,phone\nC1,李娜,{NINA}\n".encode(),
            queries=ledger(folder),
            sip={"trunks": [LOOPBACK, trunk]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
            fax={
                "number": "+86 755 12345678",
                "retry_after": 1,
                "documents": {"201": {"titles": LABELS, "look_ups": {"movements": "movements"}}},
            },
        ) as bank:
            yield bank, office


async def faxed(bank: Centre, account: str) -> str:
    """A caller asks for the statement of this account; the job that it became."""
    caller = bank.caller(number=NINA)
    await caller.dial(LINE)
    await asked(caller, "account", account)
    await asked(caller, "where", OFFICE.replace("+86", "0") + "#")
    await asked(caller, "sent")
    jobs = await bank.chief.when(
        "/api/v1/outbox?channel=fax",
        lambda page: any(job["contact_id"] == caller.contact_id for job in page["items"]),
    )
    (job,) = [job for job in jobs["items"] if job["contact_id"] == caller.contact_id]
    return str(job["id"])


async def taken_up(office: Centre, after: int) -> str:
    """The contact that the next fax is, in Li's hand."""
    came = await office.book.when("contact.received", within=30, channel="fax", after=after)
    contact_id = str(came.data["contact_id"])
    await office.book.when("contact.offered", contact_id=contact_id, agent_id="li")
    await office.agents["li"].desk.post(f"/api/v1/work/{contact_id}/accept")
    return contact_id


async def test_before_there_is_a_template_it_is_a_dead_letter_which_goes_out_once_there_is_one(
    both: tuple[Centre, Centre],
) -> None:
    bank, office = both
    job_id = await faxed(bank, "6333")
    failed = await bank.book.when("message.failed", within=30, job_id=job_id)
    assert failed.data["permanent"]
    why = await bank.chief.get(f"/api/v1/outbox/{job_id}")
    assert "none for faxes has this document's code" in why["failure"]
    boss = bank.agents["boss"].desk
    status, made = await boss.post("/api/v1/templates", **TEMPLATE)
    assert status == 201, made
    status, twice = await boss.post("/api/v1/templates", **TEMPLATE)
    assert (status, "makes it already" in str(twice)) == (422, True)
    await boss.post(f"/api/v1/outbox/{job_id}/retry")
    await bank.book.when("message.sent", within=90, job_id=job_id)
    li = office.agents["li"].desk
    await li.set_state("ready")
    first = await taken_up(office, after=0)
    await li.post(f"/api/v1/work/{first}/complete")


@pytest.mark.req("FX-02")
async def test_what_arrives_is_the_statement_of_that_account_to_the_dot(
    both: tuple[Centre, Centre], tmp_path: Path
) -> None:
    """Chinese, with the rows of the account that was keyed in, at fine resolution."""
    bank, office = both
    after = office.book.last
    job_id = await faxed(bank, "6222")
    await bank.book.when("message.sent", within=90, job_id=job_id)
    contact_id = await taken_up(office, after)
    li = office.agents["li"].desk
    headers = {"Authorization": f"Bearer {li.token}"}
    async with (
        aiohttp.ClientSession(office.server.api, headers=headers) as session,
        session.get(f"/api/v1/contacts/{contact_id}/fax/1.png") as answered,
    ):
        page = await answered.read()
    wanted = tmp_path / "wanted.tif"
    assert drawn_pages(paper(WRITTEN, "zh"), wanted) == 1
    drawn = page_png(wanted.read_bytes(), 1)
    assert drawn is not None
    with Image.open(io.BytesIO(page)) as one, Image.open(io.BytesIO(drawn)) as other:
        assert one.size == other.size
        assert ImageChops.difference(one.convert("L"), other.convert("L")).getbbox() is None
