"""Saved queries over the API: who writes them, whom they are offered to, what is shown of rows."""

from datetime import UTC, datetime
from typing import Any

from cti_server import shipped_queries
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.interactions import Interaction

from .asking import asking, told
from .conftest import Centre

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LABELS = {"zh": "客户电话", "en": "The customer's number"}
BY_NUMBER: dict[str, Any] = {
    "resource": "customers",
    "parameters": [
        {"name": "number", "type": "phone", "fill": "caller_number", "labels": LABELS},
    ],
    "conditions": [{"column": "number", "parameter": "number"}],
    "columns": [
        {"column": "name"},
        {"column": "number", "labels": {"zh": "号码", "en": "Phone"}},
    ],
}
WANG = {"name": "王伟", "numbers": [{"number": "13800138000"}]}


async def contact_of(centre: Centre, customer_id: str, agent_id: str, queue: str) -> None:
    """A contact in the agent's hands, as the log would have stored it."""
    async with centre.parts.database.sessions.begin() as session:
        session.add(
            Contact(
                id="call-1",
                channel="voice",
                call_id="c",
                caller_number="13800138000",
                dialled_number="1000",
                arrived_at=AT,
                customer_match="one",
                customer_ids=[customer_id],
                queue=queue,
                agent_id=agent_id,
            )
        )
        session.add(ContactCustomer(customer_id=customer_id, contact_id="call-1", arrived_at=AT))


async def test_a_query_is_written_in_versions_refused_when_wrong_and_removed(
    centre: Centre,
) -> None:
    sun = asking(centre, "sun")

    made = await sun(
        "POST", "saved-queries", {"id": "by_number", "labels": LABELS, "definition": BY_NUMBER}
    )
    wrong = BY_NUMBER | {"columns": [{"column": "colour"}]}
    refused = await sun("PATCH", "saved-queries/by_number", {"version": 1, "definition": wrong})
    unsaid = BY_NUMBER | {"spoken": {"zh": "姓名{nickname:text}"}}
    nothing = await sun("PATCH", "saved-queries/by_number", {"version": 1, "definition": unsaid})
    fewer = BY_NUMBER | {"columns": [{"column": "name"}]}
    edited = await sun("PATCH", "saved-queries/by_number", {"version": 1, "definition": fewer})
    late = await sun("PATCH", "saved-queries/by_number", {"version": 1, "active": False})
    versions = (await sun("GET", "saved-queries/by_number/versions")).body
    again = await sun(
        "POST", "saved-queries", {"id": "by_number", "labels": LABELS, "definition": BY_NUMBER}
    )
    removed = await sun("DELETE", "saved-queries/by_number", version="2")

    assert (made.status, made.body["latest"]) == (201, 1)
    assert refused.status == 422
    assert refused.body["detail"].startswith("columns.0.column: there is no colour; there is id")
    assert (nothing.status, nothing.body["detail"]) == (
        422,
        "spoken.zh: there is no column 'nickname' in the query",
    )
    assert (edited.status, edited.body["latest"], edited.body["version"]) == (200, 2, 2)
    assert (late.status, again.status, removed.status) == (409, 409, 204)
    assert [(one["number"], len(one["definition"]["columns"])) for one in versions] == [
        (2, 1),
        (1, 2),
    ]
    assert (await sun("GET", "saved-queries/by_number")).status == 404
    assert [entry[:2] for entry in await told(centre, record="saved_query")] == [
        ("sun", "created"),
        ("sun", "updated"),
        ("sun", "deleted"),
    ]


async def test_what_can_be_asked_is_told_with_its_comparisons_and_indexes(centre: Centre) -> None:
    found = (await asking(centre, "sun")("GET", "query-resources")).body
    tickets = next(each for each in found if each["name"] == "tickets")
    columns = {each["name"]: each for each in tickets["columns"]}

    assert columns["customer_id"]["indexed"]
    assert not columns["subject"]["indexed"]
    assert columns["opened_at"]["operators"] == [
        "at_least",
        "empty",
        "filled",
        "last_days",
        "less_than",
        "next_days",
    ]


async def test_the_contact_fills_what_is_asked_and_a_number_is_masked_or_audited(
    centre: Centre,
) -> None:
    sun, li, zhao = (asking(centre, name) for name in ("sun", "li", "zhao"))
    wang = (await sun("POST", "customers", WANG)).body["id"]
    await contact_of(centre, wang, "li", "sales")
    offered_to = {"roles": ["agent", "supervisor"], "queues": ["sales"]}
    await sun(
        "POST",
        "saved-queries",
        {
            "id": "by_number",
            "labels": LABELS,
            "definition": BY_NUMBER | {"offered_to": offered_to},
        },
    )
    run = {"contact_id": "call-1"}

    masked = (await zhao("POST", "queries/by_number/run", run)).body
    whole = (await zhao("POST", "queries/by_number/run", run | {"reveal": True})).body

    assert masked["rows"] == [["王伟", "**********8000"]]
    assert masked["columns"][1]["labels"]["en"] == "Phone"
    assert (masked["number"], masked["more"]) == (1, False)
    assert masked["parameters"] == {"number": "*******8000"}
    assert whole["rows"] == [["王伟", "+8613800138000"]]
    assert ("zhao", "read", "saved_query", "by_number") in await told(centre, record="saved_query")

    # An agent does not reveal, and learns nothing of a contact that is not theirs.
    assert (await li("POST", "queries/by_number/run", run | {"reveal": True})).status == 403
    assert (await li("POST", "queries/by_number/run", run)).status == 403
    # Without a contact of its queue it is not for them, as if it were not there.
    assert (await zhao("POST", "queries/by_number/run", {})).kind == "UnknownRecord"
    assert (await zhao("GET", "queries")).body == []
    [offer] = (await zhao("GET", "queries", contact_id="call-1")).body
    assert (offer["id"], offer["known"], offer["source"]) == ("by_number", ["number"], "records")
    # Who serves nobody is offered nothing: the auditor has no such permission at all.
    assert (await asking(centre, "qian")("GET", "queries")).status == 403
    assert (await sun("POST", "queries/by_number/run", run)).kind == "UnknownRecord"


async def test_a_number_that_agents_are_not_shown_fills_no_query_of_theirs(centre: Centre) -> None:
    sun, li, zhao = (asking(centre, name) for name in ("sun", "li", "zhao"))
    wang = (await sun("POST", "customers", WANG)).body["id"]
    await contact_of(centre, wang, "li", "sales")
    async with centre.parts.database.sessions.begin() as session:
        (await session.get_one(Contact, "call-1")).masked = True
        session.add(
            Interaction(
                id="i1",
                contact_id="call-1",
                call_id="c",
                agent_id="li",
                queue="sales",
                offered_at=AT,
                expires_at=AT,
                outcome="answered",
            )
        )
    written = {"id": "by_number", "labels": LABELS, "definition": BY_NUMBER}
    await sun("POST", "saved-queries", written)
    as_text = BY_NUMBER["parameters"][0] | {"type": "text"}
    definition = BY_NUMBER | {"parameters": [as_text]}
    refused = await sun("POST", "saved-queries", written | {"id": "x", "definition": definition})
    run = {"contact_id": "call-1"}

    [offer] = (await li("GET", "queries", contact_id="call-1")).body
    unfilled = await li("POST", "queries/by_number/run", run)
    by_supervisor = await zhao("POST", "queries/by_number/run", run)

    assert refused.status == 422
    assert refused.body["detail"] == "parameters: number: the caller's number is a phone"
    assert offer["known"] == []
    assert (unfilled.status, unfilled.body["detail"]) == (422, "parameters.number: is required")
    assert by_supervisor.body["rows"] == [["王伟", "**********8000"]]


async def test_parameters_are_checked_and_rows_are_ones_own_teams(centre: Centre) -> None:
    chen, lin = asking(centre, "chen"), asking(centre, "lin")
    wang = (await chen("POST", "customers", WANG)).body["id"]
    await shipped_queries.load(centre.parts.changes, AT)
    path = "queries/open_tickets_of_customer/run"

    nothing = await lin("POST", path, {})
    wrong = await lin("POST", path, {"parameters": {"who": "x"}})
    strange = await lin("POST", path, {"parameters": {"customer": wang}})
    own = await chen("POST", path, {"parameters": {"customer": wang}})
    numbers = {"parameters": {"number": "13800138000"}}
    by_number = [
        (await who("POST", "queries/customers_with_number/run", numbers)).body["rows"]
        for who in (chen, lin)
    ]

    assert nothing.body["detail"] == "parameters.customer: is required"
    assert wrong.body["detail"] == "parameters.who: the query has no such parameter"
    assert (strange.status, strange.kind) == (404, "UnknownRecord")
    assert (own.status, own.body["rows"]) == (200, [])
    assert [len(rows) for rows in by_number] == [1, 0]
    offered = {each["id"] for each in (await chen("GET", "queries")).body}
    assert offered == {each.id for each in shipped_queries.written()}


async def test_one_that_is_not_active_is_not_there(centre: Centre) -> None:
    sun = asking(centre, "sun")
    await shipped_queries.load(centre.parts.changes, AT)
    await shipped_queries.load(centre.parts.changes, AT)  # a centre's own stay as they are

    await sun("PATCH", "saved-queries/product_prices", {"version": 1, "active": False})

    assert (await sun("POST", "queries/product_prices/run", {})).status == 404
    assert "product_prices" not in {each["id"] for each in (await sun("GET", "queries")).body}
