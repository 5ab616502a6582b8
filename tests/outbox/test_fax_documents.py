"""The documents that are faxed: files, and what templates make of what is known."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from config.fax import FaxDocumentSettings
from config.queries import OutsideDatabaseSettings
from config.settings import SHIPPED
from crm.queries import Lookup
from cti_server.outbox.fax_documents import FaxDocuments, drawn_pages
from cti_server.saved_queries import Queries
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.outside_data import OutsideData
from cti_server.store.routing_definitions import RoutingDefinitions
from fax_sms_email.errors import NotSent
from fax_sms_email.fax.paper import paper
from fax_sms_email.letters import Document
from tests.store.stories import NINE

LABELS = {"zh": "对账单", "en": "Statement"}
STATEMENT: dict[str, Any] = {
    "labels": LABELS,
    "channel": "fax",
    "document": "201",
    "body": {
        "zh": "# {{ title }}\n\n{{ customer }}({{ customer_number }}) {{ account }} {{ date }}\n\n"
        "| 日期 | 金额 |\n|---|--:|\n"
        "{% for row in movements %}| {{ row.day }} | {{ row.amount | money }} |\n{% endfor %}",
        "en": "# {{ title }}\n\n{{ customer }} ({{ customer_number }}) {{ account }} {{ date }}\n\n"
        "| Date | Amount |\n|---|--:|\n"
        "{% for row in movements %}| {{ row.day }} | {{ row.amount | money }} |\n{% endfor %}",
    },
    "variables": [
        {"name": "title", "example": "x"},
        {"name": "customer", "example": "Li"},
        {"name": "customer_number", "example": "C1"},
        {"name": "account", "example": "6222"},
        {"name": "date", "type": "date", "example": "2026-11-22"},
        {"name": "movements", "type": "table", "example": [{"day": "x", "amount": 1}]},
    ],
}
MOVEMENTS = {
    "labels": LABELS,
    "database": "ledger",
    "sql": "SELECT day, amount FROM movement WHERE account = :account ORDER BY day",
    "parameters": [{"name": "account", "type": "text", "labels": LABELS}],
    "columns": [{"column": "day", "labels": LABELS}, {"column": "amount", "labels": LABELS}],
    "limit": 3,
}


def ledger(folder: Path, rows: int = 2) -> OutsideData:
    file = folder / "ledger.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE movement (account text, day text, amount numeric)")
        found = [("6222", f"2026-11-{one + 1:02d}", 1234.5 * (one + 1)) for one in range(rows)]
        database.executemany("INSERT INTO movement VALUES (?, ?, ?)", found)
    settings = OutsideDatabaseSettings.model_validate({"url": f"sqlite:///{file}"})
    return OutsideData({"ledger": settings})


def documents(database: Database, outside: OutsideData) -> FaxDocuments:
    queries = Queries(
        database=database,
        outside=outside,
        lookups={"movements": Lookup.model_validate(MOVEMENTS)},
        budget=timedelta(seconds=5),
        region="CN",
    )
    titles = {"zh": "对账单"}
    return FaxDocuments(
        {
            "101": FaxDocumentSettings.model_validate(
                {"titles": titles, "file": str(SHIPPED / "demo" / "price-list.pdf")}
            ),
            "201": FaxDocumentSettings.model_validate(
                {"titles": titles, "look_ups": {"movements": "movements"}}
            ),
        },
        queries,
        database,
        ThreadPoolExecutor(1),
        lambda: NINE,
        ZoneInfo("Asia/Shanghai"),
    )


def wanted(document: str = "201", language: str = "zh", **values: str) -> Document:
    return Document(
        document=document,
        title="对账单",
        language=language,
        number="+862155550001",
        customer_id="c1",
        values={"account": "6222", **values},
    )


async def known(database: Database, *templates: dict[str, Any]) -> None:
    async with database.sessions.begin() as session:
        session.add(
            Customer(
                id="c1",
                kind="person",
                name="王|芳",
                external_id="C1",
                created_at=NINE,
                updated_at=NINE,
            )
        )
        for number, template in enumerate(templates):
            await RoutingDefinitions(session, "template").create(
                f"t{number}", template, "sun", NINE
            )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "zh",
            "# 对账单\n\n王\\|芳(C1) 6222 2026年3月2日\n\n| 日期 | 金额 |\n|---|--:|\n"
            "| 2026\\-11\\-01 | 1\\,234\\.50元 |\n| 2026\\-11\\-02 | 2\\,469\\.00元 |\n",
        ),
        (
            "en",
            "# 对账单\n\n王\\|芳 (C1) 6222 2 March 2026\n\n| Date | Amount |\n|---|--:|\n"
            "| 2026\\-11\\-01 | 1\\,234\\.50 CNY |\n| 2026\\-11\\-02 | 2\\,469\\.00 CNY |\n",
        ),
    ],
)
async def test_a_template_is_made_with_what_is_known_and_what_look_ups_say(
    database: Database, tmp_path: Path, language: Any, text: str
) -> None:
    await known(database, STATEMENT)
    made, expected = tmp_path / "made.tif", tmp_path / "expected.tif"
    await documents(database, ledger(tmp_path)).make(wanted(language=language), made)
    drawn_pages(paper(text, language), expected)
    assert made.read_bytes() == expected.read_bytes()


async def test_a_file_is_faxed_as_it_is(database: Database, tmp_path: Path) -> None:
    await documents(database, ledger(tmp_path)).make(wanted("101"), tmp_path / "made.tif")
    assert (tmp_path / "made.tif").stat().st_size > 1000


@pytest.mark.parametrize(
    ("document", "templates", "rows", "why", "permanent"),
    [
        ("999", [STATEMENT], 2, "no document '999'", True),
        ("201", [], 2, "template: none for faxes has this document's code", True),
        ("201", [STATEMENT | {"document": None}], 2, "template: none for faxes", True),
        ("201", [STATEMENT], 4, "look_ups.movements: has more than 3 rows", True),
        (
            "201",
            [
                STATEMENT
                | {"variables": [*STATEMENT["variables"], {"name": "branch", "example": "x"}]}
            ],
            2,
            "values.branch: is missing",
            True,
        ),
    ],
)
async def test_what_cannot_be_made_says_why(
    database: Database,
    tmp_path: Path,
    document: str,
    templates: list[dict[str, Any]],
    rows: int,
    why: str,
    permanent: bool,
) -> None:
    await known(database, *templates)
    with pytest.raises(NotSent, match=why) as refused:
        await documents(database, ledger(tmp_path, rows)).make(wanted(document), tmp_path / "x.tif")
    assert refused.value.permanent is permanent


async def test_another_system_that_is_away_is_asked_again_later(
    database: Database, tmp_path: Path
) -> None:
    await known(database, STATEMENT)
    outside = ledger(tmp_path)
    (tmp_path / "ledger.db").unlink()
    with pytest.raises(NotSent, match="does not answer") as refused:
        await documents(database, outside).make(wanted(), tmp_path / "x.tif")
    assert not refused.value.permanent


async def test_a_look_up_gets_what_the_flow_gave_and_nothing_of_the_callers_number(
    database: Database, tmp_path: Path
) -> None:
    await known(database, STATEMENT)
    without = msgspec.structs.replace(wanted(), values={})
    with pytest.raises(NotSent, match=r"parameters\.account: is required"):
        await documents(database, ledger(tmp_path)).make(without, tmp_path / "x.tif")
