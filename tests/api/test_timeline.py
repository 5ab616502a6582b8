"""A customer's timeline over REST: pages, reports of other systems, notes, whose contact it is."""

from datetime import timedelta
from typing import Any

import pytest

from crm.numbers import normalise
from cti_server.store.customers import Customer, CustomerNumber, Customers
from cti_server.wire import events

from .conftest import NINE, Centre

NUMBER = "+8613800138000"


@pytest.fixture
async def customer(centre: Centre) -> Customer:
    customer = Customer(
        id="c1",
        external_id="4711",
        name="王伟",
        created_at=NINE,
        updated_at=NINE,
        numbers=[CustomerNumber.of(normalise(NUMBER, "CN"))],
    )
    async with centre.parts.database.sessions.begin() as session:
        Customers(session).add(customer)
    return customer


def visit(**more: Any) -> dict[str, Any]:
    return {
        "customer_external_id": "4711",
        "at": NINE.isoformat(),
        "kind": "web_visit",
        "title": "Tariffs",
        "source": "web",
        "external_id": "v1",
        "data": {"page": "/tariffs"},
    } | more


async def timeline(centre: Centre, query: str = "", agent: str = "li") -> dict[str, Any]:
    answer = await centre.client.get(
        f"/api/v1/customers/c1/timeline{query}", headers=await centre.headers(agent)
    )
    assert answer.status == 200, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def report(centre: Centre, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await centre.client.post(
        "/api/v1/timeline-events", json=body, headers=await centre.headers("sun")
    )
    return answer.status, await answer.json()


async def call(centre: Centre, number: int, customer_ids: list[str]) -> None:
    """A call of the customer's, as the log tells it."""
    append = centre.parts.log.append
    append(
        events.CallArrived(
            call_id=f"call{number}",
            contact_id=f"contact{number}",
            sip_call_id="x",
            caller_number=NUMBER,
            dialled_number="1000",
            trunk="carrier",
        )
    )
    append(
        events.CustomerMatched(
            contact_id=f"contact{number}", match="one", customer_ids=customer_ids
        )
    )
    await centre.parts.log.stored()


@pytest.mark.usefixtures("customer")
async def test_calls_reports_and_notes_are_one_list(centre: Centre) -> None:
    assert (await report(centre, visit()))[0] == 201
    await call(centre, 1, ["c1"])
    noted = await centre.client.post(
        "/api/v1/customers/c1/notes",
        json={"text": "Calls back on Friday"},
        headers=await centre.headers("li"),
    )
    assert noted.status == 201

    items = (await timeline(centre))["items"]

    assert [item["kind"] for item in items] == ["note", "contact", "web_visit"]
    assert items[0]["data"]["text"] == "Calls back on Friday"
    assert items[2]["data"]["page"] == "/tariffs"


@pytest.mark.usefixtures("customer")
async def test_numbers_are_whole_for_those_only_who_may_see_them(centre: Centre) -> None:
    await call(centre, 1, ["c1"])

    [agents] = (await timeline(centre, agent="li"))["items"]
    [supervisors] = (await timeline(centre, agent="zhao"))["items"]

    assert agents["data"]["number"] == "**********8000"
    assert supervisors["data"]["number"] == NUMBER


@pytest.mark.usefixtures("customer")
async def test_pages_follow_one_another(centre: Centre) -> None:
    for number in range(5):
        at = (NINE + timedelta(minutes=number)).isoformat()
        await report(centre, visit(external_id=f"v{number}", at=at, title=f"Page {number}"))

    first = await timeline(centre, "?limit=3")
    second = await timeline(centre, f"?limit=3&after={first['next']}")

    titles = [item["data"]["title"] for item in first["items"] + second["items"]]
    assert titles == [f"Page {number}" for number in (4, 3, 2, 1, 0)]
    assert second["next"] is None


@pytest.mark.usefixtures("customer")
async def test_the_same_report_again_is_the_same_event(centre: Centre) -> None:
    status, first = await report(centre, visit())
    again, second = await report(centre, visit(title="Another title"))

    assert (status, again) == (201, 200)
    assert second == first


@pytest.mark.parametrize(
    ("named", "status", "at_fault"),
    [
        ({"customer_external_id": None, "customer_number": "13800138000"}, 201, None),
        ({"customer_external_id": None, "customer_id": "c1"}, 201, None),
        ({"customer_external_id": "nobody"}, 404, "nobody"),
        ({"customer_external_id": None, "customer_number": "13900000000"}, 404, "0000"),
        ({"customer_external_id": None}, 422, "name exactly one of"),
        ({"customer_id": "c1"}, 422, "name exactly one of"),
        ({"at": "2026-11-21T09:00:00"}, 422, "at"),
        ({"kind": "Web Visit"}, 422, "kind"),
        ({"title": "a\u0000b"}, 422, "title"),
        ({"data": {"x" * 65: 1}}, 422, "data"),
    ],
)
@pytest.mark.usefixtures("customer")
async def test_a_report_names_its_customer_and_nothing_unclear(
    centre: Centre, named: dict[str, Any], status: int, at_fault: str | None
) -> None:
    body = {key: value for key, value in (visit() | named).items() if value is not None}
    got, answer = await report(centre, body)

    assert got == status, answer
    if at_fault:
        assert at_fault in answer["detail"]


async def test_a_number_of_two_customers_names_neither(centre: Centre, customer: Customer) -> None:
    async with centre.parts.database.sessions.begin() as session:
        Customers(session).add(
            Customer(
                id="c2",
                name="王芳",
                created_at=NINE,
                updated_at=NINE,
                numbers=[CustomerNumber.of(normalise(NUMBER, "CN"))],
            )
        )
    body = visit(customer_number=NUMBER)
    del body["customer_external_id"]

    status, answer = await report(centre, body)

    assert (status, answer["detail"]) == (422, "customer_number: is that of 2 customers")


@pytest.mark.parametrize("after", ["x", "W10", "WzEsMl0", "%00", "bnVsbA"])
@pytest.mark.usefixtures("customer")
async def test_a_place_that_no_page_gave_is_refused(centre: Centre, after: str) -> None:
    answer = await centre.client.get(
        f"/api/v1/customers/c1/timeline?after={after}", headers=await centre.headers("li")
    )

    assert answer.status == 422
    assert "after" in (await answer.json())["detail"]


@pytest.mark.usefixtures("customer")
async def test_a_contact_of_several_becomes_the_one_customers_who_it_is(centre: Centre) -> None:
    await call(centre, 1, ["c1", "c2"])
    async with centre.parts.database.sessions.begin() as session:
        Customers(session).add(Customer(id="c2", name="李强", created_at=NINE, updated_at=NINE))

    chosen = await centre.client.put(
        "/api/v1/contacts/contact1/customer",
        json={"customer_id": "c2"},
        headers=await centre.headers("zhao"),
    )
    await centre.parts.log.stored()

    assert chosen.status == 200
    assert [one["id"] for one in (await chosen.json())["customers"]] == ["c2"]
    assert (await timeline(centre))["items"] == []


@pytest.mark.usefixtures("customer")
async def test_an_agent_says_that_of_contacts_of_their_own_only(centre: Centre) -> None:
    await call(centre, 1, ["c1"])

    refused = await centre.client.put(
        "/api/v1/contacts/contact1/customer",
        json={"customer_id": "c1"},
        headers=await centre.headers("li"),
    )

    assert refused.status == 403
