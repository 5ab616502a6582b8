"""Faxes that agents send: looked at, sent, followed; nothing leaves that is wrong."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from config.fax import FaxDocumentSettings
from crm.queries import Lookup
from cti_server.outbox.fax_desk import FaxDesk
from cti_server.wire.events import RecordRead
from tests.outbox.test_fax_documents import MOVEMENTS, STATEMENT, documents, known, ledger

from .asking import Answer, asking
from .conftest import Centre
from .test_templates import DUE

WANG: dict[str, Any] = {
    "name": "王伟",
    "numbers": [{"number": "138 0013 8000"}, {"number": "010-65529988", "use": "fax"}],
}
COVER = {"text": "请查收。\n# 不是标题"}
TEMPLATE = DUE | {"channel": "fax", "document": "201"}
VALUES = {"name": "Wang", "due": "20", "day": "2026-12-01", "late": "false"}


async def customer(centre: Centre, **changes: Any) -> str:
    made = await asking(centre, "li")("POST", "customers", WANG | changes)
    assert made.status == 201, made.body
    return str(made.body["id"])


async def pages(centre: Centre, **wanted: Any) -> list[str]:
    """What is written on each page of the preview."""
    li = asking(centre, "li")
    answer = await centre.client.post(
        "/api/v1/faxes/preview",
        json={"language": "zh"} | wanted,
        headers={"Authorization": f"Bearer {li.token}"},
    )
    body = await answer.read()
    assert (answer.status, answer.content_type) == (200, "application/pdf"), body
    document = pypdfium2.PdfDocument(body)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


async def sent(centre: Centre, **wanted: Any) -> Answer:
    return await asking(centre, "li")("POST", "faxes", {"language": "zh"} | wanted)


async def test_a_cover_says_who_sends_what_to_whom(centre: Centre) -> None:
    wang = await customer(centre)
    [cover] = await pages(centre, customer_id=wang, cover=COVER)
    for said in ("传真", "收件人: 王伟", "+861065529988", "发件人: Li", "页数: 1", "# 不是标题"):
        assert said in cover
    with_document = await pages(centre, customer_id=wang, cover=COVER, document="101")
    assert len(with_document) > 1
    assert f"页数: {len(with_document)}" in with_document[0]
    english = await pages(centre, number="010-65529988", cover={"to": "Ms Li"}, language="en")
    assert "To: Ms Li" in english[0]


async def test_a_document_is_made_from_its_template(centre: Centre) -> None:
    wang = await customer(centre)
    await asking(centre, "sun")("POST", "templates", TEMPLATE)
    [page] = await pages(centre, customer_id=wang, document="201", values=VALUES)
    assert "Wang您好,20.00元应于2026年12月1日前付清。" in page


async def test_what_is_sent_is_in_the_outbox_and_on_the_timeline_and_can_be_followed(
    centre: Centre,
) -> None:
    wang = await customer(centre)
    answer = await sent(centre, customer_id=wang, cover=COVER, document="101")
    assert answer.status == 201, answer.body
    told = {key: answer.body[key] for key in ("title", "state", "held", "pages", "attempts")}
    assert told == {"title": "价目表", "state": "waiting", "held": True, "pages": 0, "attempts": 0}
    assert "65529988" not in answer.body["number"]
    li = asking(centre, "li")
    assert (await li("GET", f"faxes/{answer.body['id']}")).body == answer.body
    entries = (await li("GET", f"customers/{wang}/timeline")).body["items"]
    [entry] = [one for one in entries if one["kind"] == "fax_requested"]
    assert entry["data"]["job_id"] == answer.body["id"]
    jobs = (await asking(centre, "sun")("GET", "outbox", channel="fax")).body["items"]
    assert [one["id"] for one in jobs] == [answer.body["id"]]


async def test_twice_the_same_is_two_faxes(centre: Centre) -> None:
    wang = await customer(centre)
    first, second = [await sent(centre, customer_id=wang, document="101") for _ in range(2)]
    assert first.body["id"] != second.body["id"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"number": "010-65529988"}, "document"),
        ({"document": "101"}, "number"),
        ({"document": "999", "number": "010-65529988"}, "document"),
        ({"document": "101", "number": "110110"}, "number"),
        ({"document": "101", "number": "fax"}, "number"),
        ({"document": "201", "number": "010-65529988"}, "document"),  # without a template
        ({"document": "101", "number": "010-65529988", "language": "de"}, "language"),
        ({"cover": {"text": "x" * 5000}, "number": "010-65529988"}, "cover.text"),
    ],
)
async def test_what_cannot_be_sent_names_the_field_and_nothing_is_kept(
    centre: Centre, wanted: dict[str, Any], field: str
) -> None:
    answer = await sent(centre, **wanted)
    assert answer.status == 422, answer.body
    assert field in str(answer.body)
    assert (await asking(centre, "sun")("GET", "outbox", channel="fax")).body["items"] == []


async def test_a_customer_without_a_fax_needs_a_number(centre: Centre) -> None:
    wang = await customer(centre, numbers=[{"number": "138 0013 8000"}])
    answer = await sent(centre, customer_id=wang, document="101")
    assert (answer.status, "has no fax" in str(answer.body)) == (422, True)


async def test_what_nobody_knows_or_may_see_is_not_there(centre: Centre) -> None:
    number = {"number": "010-65529988", "document": "101"}
    assert (await sent(centre, **number, customer_id="nobody")).status == 404
    assert (await sent(centre, **number, contact_id="none")).status == 404
    assert (await asking(centre, "li")("GET", "faxes/none")).status == 404


async def test_the_documents_that_there_are(centre: Centre) -> None:
    found = (await asking(centre, "li")("GET", "fax-documents")).body
    assert [(one["code"], one["made"]) for one in found] == [("101", False), ("201", True)]


@pytest.mark.parametrize(("offered_to", "theirs"), [({}, True), ({"roles": ["supervisor"]}, False)])
async def test_a_document_is_for_who_may_run_its_look_ups(
    centre: Centre, offered_to: dict[str, Any], theirs: bool
) -> None:
    labels = {"zh": "账", "en": "Bills"}
    look_up = {
        "labels": labels,
        "database": "none",
        "sql": "SELECT 1 AS a",
        "columns": [{"column": "a", "labels": labels}],
        "offered_to": offered_to,
    }
    desk = centre.parts.fax_desk
    restricted = desk.documents["201"].model_copy(update={"look_ups": {"rows": "bills"}})
    desk.documents = {**desk.documents, "201": restricted}
    queries = replace(centre.parts.queries, lookups={"bills": Lookup.model_validate(look_up)})
    object.__setattr__(centre.parts, "queries", queries)
    found = (await asking(centre, "li")("GET", "fax-documents")).body
    assert [one["code"] for one in found] == (["101", "201"] if theirs else ["101"])
    answer = await sent(centre, document="201", number="010-65529988")
    assert ("there is none with this code" in str(answer.body)) is not theirs


async def test_a_look_at_a_customers_document_is_in_the_audit(centre: Centre) -> None:
    wang = await customer(centre)
    await pages(centre, customer_id=wang, document="101")
    told = [
        logged.event
        for logged in await centre.parts.log.since(0)
        if isinstance(logged.event, RecordRead)
    ]
    assert [(one.record_id, one.what, one.read_by) for one in told] == [(wang, "fax", "li")]


def with_statements(centre: Centre, folder: Path) -> None:
    """Document 201 is made of a template and of what a database of others says."""
    here = centre.parts
    made = documents(here.database, ledger(folder))
    settings = FaxDocumentSettings.model_validate(
        {"titles": {"zh": "对账单"}, "look_ups": {"movements": "movements"}}
    )
    desk = FaxDesk({"201": settings}, made, str, here.changes, here.clock, lambda: "fax-1", "CN")
    queries = replace(here.queries, lookups={"movements": Lookup.model_validate(MOVEMENTS)})
    object.__setattr__(here, "queries", queries)
    object.__setattr__(here, "fax_desk", desk)


STATEMENT_WANTED: dict[str, Any] = {
    "document": "201",
    "number": "010-65529988",
    "values": {"account": "6222", "customer": "Wang", "customer_number": "C1"},
}


async def test_each_look_into_another_system_is_in_the_audit(
    centre: Centre, tmp_path: Path
) -> None:
    here = centre.parts
    await known(here.database, STATEMENT)
    with_statements(centre, tmp_path)
    [page] = await pages(centre, **STATEMENT_WANTED)
    answer = await sent(centre, **STATEMENT_WANTED)
    assert answer.status == 201, answer.body
    assert "6222" in page
    told = [
        (logged.event.record, logged.event.record_id, logged.event.what, logged.event.read_by)
        for logged in await here.log.since(0)
        if isinstance(logged.event, RecordRead)
    ]
    assert told == [("saved_query", "movements", "fax, whole", "li")] * 2


async def test_what_cannot_be_made_just_now_is_no_fault_of_who_asks(
    centre: Centre, tmp_path: Path
) -> None:
    await known(centre.parts.database, STATEMENT)
    with_statements(centre, tmp_path)
    (tmp_path / "ledger.db").unlink()
    answer = await sent(centre, **STATEMENT_WANTED)
    assert (answer.status, "does not answer" in str(answer.body)) == (503, True)
    assert (await asking(centre, "sun")("GET", "outbox", channel="fax")).body["items"] == []


async def test_a_page_is_shown_as_it_would_be_faxed(centre: Centre) -> None:
    wanted = {"language": "zh", "number": "010-65529988", "cover": COVER, "document": "101"}
    li = asking(centre, "li")
    first = (await li("POST", "faxes/preview-page", wanted)).body
    last = (await li("POST", "faxes/preview-page", wanted | {"page": 99})).body
    assert (first["page"], last["page"]) == (1, first["pages"])
    assert first["pages"] == last["pages"] > 1
    with Image.open(io.BytesIO(base64.b64decode(first["png"]))) as page:
        assert page.width == 864
        assert page.convert("L").getextrema() == (0, 255)
    assert first["png"] != last["png"]
