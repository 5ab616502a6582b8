"""Tickets over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from crm.tickets import serial_of
from cti_server.api.desks import Desk
from cti_server.due import DueTimer
from cti_server.store.agents import Agent
from cti_server.store.contacts import Contact
from cti_server.store.customers import Customer
from cti_server.tickets import shipped
from cti_server.tickets.escalations import Escalations
from cti_server.wire.events import RecordChanged

from .asking import Asking, asking
from .conftest import Centre

COMPLAINT = {
    "type": "complaint",
    "subject": "账单多收费 / Billed twice",
    "form": {"about": "Bill of October", "happened_on": "2026-10-31"},
    "customer_id": "gu",
    "owner_id": "li",
    "reason_id": "billing_wrong_amount",
}


@pytest.fixture
async def li(centre: Centre) -> Asking:
    """An agent of a centre with the shipped types, two customers and a contact."""
    now = centre.parts.clock.now()
    await shipped.load(centre.parts.changes, now, centre.parts.new_id)
    async with centre.parts.database.sessions.begin() as session:
        for id, tier in (("gu", "gold"), ("bai", "standard")):
            session.add(Customer(id=id, name=id, tier=tier, created_at=now, updated_at=now))
        session.add(
            Contact(
                id="contact-1",
                channel="call",
                call_id="call-1",
                caller_number="+8613800138000",
                dialled_number="8000",
                arrived_at=now,
            )
        )
    return asking(centre, "li")


async def create(who: Asking, **given: Any) -> dict[str, Any]:
    answer = await who("POST", "tickets", {**COMPLAINT, **given})
    assert answer.status == 201, answer.body
    ticket: dict[str, Any] = answer.body
    return ticket


async def act(who: Asking, ticket: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    """Do what must succeed; the ticket after it."""
    version = {"version": ticket["version"]} if verb in {"move", "take"} else {}
    answer = await who("POST", f"tickets/{ticket['id']}/{verb}", {**version, **body})
    assert answer.status in {200, 201}, answer.body
    after: dict[str, Any] = (await who("GET", f"tickets/{ticket['id']}")).body
    return after


async def test_a_ticket_has_a_number_that_finds_it_and_a_typo_in_it_is_seen(li: Asking) -> None:
    ticket = await create(li)
    number = str(ticket["number"])
    digits = number.removeprefix("C-")
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)

    for text in (number, digits, number.lower()):
        found = await li("GET", "tickets", number=text)
        assert [each["id"] for each in found.body["items"]] == [ticket["id"]]
    assert (await li("GET", "tickets", number=wrong)).status == 422
    assert serial_of(wrong) is None


async def test_a_complaint_from_its_opening_to_the_call_back_and_its_end(li: Asking) -> None:
    ticket = await create(li, contact_id="contact-1")
    assert (ticket["state"], ticket["may_become"]) == (
        "new",
        ["in_progress", "waiting", "resolved"],
    )
    assert {clock["kind"]: clock["target"] for clock in ticket["clocks"]} == {
        "response": 120 * 60,
        "resolution": 27 * 3600,
    }

    ticket = await act(li, ticket, "comments", text="We look into it", to_customer=True)
    assert ticket["responded_at"] is not None
    ticket = await act(li, ticket, "move", state="resolved", resolution="Refunded")
    refused = await li(
        "POST",
        f"tickets/{ticket['id']}/move",
        {"version": ticket["version"], "state": "closed", "cause_id": "system_data"},
    )
    assert (refused.status, refused.kind) == (409, "CallBackMissing")
    await act(li, ticket, "call-backs", reached=True, satisfied=True, contact_id="contact-1")
    ticket = await act(li, ticket, "move", state="closed", cause_id="system_data")

    assert (ticket["state"], ticket["cause_id"]) == ("closed", "system_data")
    history = (await li("GET", f"tickets/{ticket['id']}/history")).body
    assert [move["state"] for move in history["moves"]] == ["new", "resolved", "closed"]
    assert [one["satisfied"] for one in history["call_backs"]] == [True]
    assert [one["contact_id"] for one in history["contacts"]] == ["contact-1"]

    ticket = await act(li, ticket, "move", state="in_progress", note="Charged again")
    assert (ticket["reopened"], ticket["closed_at"]) == (1, None)


async def test_of_two_edits_at_once_the_second_is_told_of_the_first(li: Asking) -> None:
    ticket = await create(li)
    path, version = f"tickets/{ticket['id']}", ticket["version"]

    first = await li("PATCH", path, {"version": version, "priority": "urgent", "owner_id": None})
    second = await li("PATCH", path, {"version": version, "subject": "Something else"})

    assert (first.status, first.body["priority"], first.body["owner_id"]) == (200, "urgent", None)
    assert (second.status, second.kind) == (409, "EditConflict")
    assert f"version {first.body['version']}" in second.body["detail"]


async def test_a_bad_ticket_is_refused_by_its_field(li: Asking) -> None:
    for given, complaint in (
        ({"form": {"about": 5}}, "form.about"),
        ({"form": {"colour": "red"}}, "form"),
        ({"type": "quarrel"}, "ticket_type"),
        ({"customer_id": "nobody"}, "customer_id"),
        ({"owner_id": "nobody"}, "owner_id"),
        ({"reason_id": "people"}, "reason_id"),
        ({"priority": "immediately"}, "priority"),
        ({"subject": "  "}, "subject"),
        ({"subject": "two\nlines"}, "subject"),
    ):
        answer = await li("POST", "tickets", {**COMPLAINT, **given})
        assert answer.status in {404, 422}, given
        assert complaint in answer.body["detail"]
    assert (await li("GET", "tickets")).body["items"] == []


async def test_tickets_are_listed_page_by_page_and_by_what_is_due_first(li: Asking) -> None:
    usual = await create(li, type="enquiry", form={}, reason_id=None)
    urgent = await create(li, priority="urgent")
    other = await create(li, customer_id="bai", risk=True)

    first = (await li("GET", "tickets", limit="2")).body
    second = (await li("GET", "tickets", limit="2", after=first["next"])).body
    ids = [each["id"] for each in first["items"] + second["items"]]
    assert ids == [other["id"], urgent["id"], usual["id"]]

    due = (await li("GET", "tickets", order="due")).body["items"]
    assert [each["id"] for each in due] == [urgent["id"], usual["id"], other["id"]]
    for query, found in (
        ({"customer_id": "bai"}, [other]),
        ({"risk": "true"}, [other]),
        ({"type": "enquiry"}, [usual]),
        ({"owner_id": "li", "priority": "urgent"}, [urgent]),
        ({"open": "false"}, []),
    ):
        listed = (await li("GET", "tickets", **query)).body["items"]
        assert [each["id"] for each in listed] == [each["id"] for each in found], query
    assert (await li("GET", "tickets", open="perhaps")).status == 422
    assert (await li("GET", "tickets", order="due", due_before="tomorrow")).status == 422


async def test_a_team_sees_its_own_tickets_and_nobodys(centre: Centre, li: Asking) -> None:
    chen, lin = asking(centre, "chen"), asking(centre, "lin")  # of north and of south
    north, nobodys = await create(li, team="north"), await create(li)
    given = await create(li, team="north", owner_id="lin")

    assert len((await chen("GET", "tickets")).body["items"]) == 3
    seen = {each["id"] for each in (await lin("GET", "tickets")).body["items"]}
    assert seen == {nobodys["id"], given["id"]}
    path = f"tickets/{north['id']}"
    for method, body in (("GET", None), ("PATCH", {"version": 1, "priority": "low"})):
        assert (await lin(method, path, body)).status == 404
    assert (await lin("GET", "tickets", number=str(north["number"]))).status == 404
    assert (await lin("POST", f"{path}/comments", {"text": "Mine?"})).status == 404


async def test_a_merged_customers_tickets_are_the_survivors(centre: Centre, li: Asking) -> None:
    before = await create(li, customer_id="bai")
    async with centre.parts.database.sessions.begin() as session:
        merged = await session.get_one(Customer, "bai")
        merged.merged_into = "gu"

    after = await create(li, customer_id="bai")

    assert after["customer_id"] == "gu"
    listed = (await li("GET", "tickets", customer_id="gu")).body["items"]
    assert {each["id"] for each in listed} == {before["id"], after["id"]}


async def test_a_field_repair_is_ordered_and_its_reports_move_the_ticket(
    centre: Centre, li: Asking
) -> None:
    crew = asking(centre, "sun")
    ticket = await create(li, type="fault", form={"account": "12345678"})
    order = (
        await li(
            "POST",
            f"tickets/{ticket['id']}/work-orders",
            {"instructions": "Line dead, check the box", "address": "1 Main Street"},
        )
    ).body
    assert (await li("GET", f"tickets/{ticket['id']}")).body["state"] == "in_the_field"
    waiting = (await crew("GET", "work-orders", state="sent")).body["items"]
    assert [each["number"] for each in waiting] == [order["number"]]
    again = await li("POST", f"tickets/{ticket['id']}/work-orders", {"instructions": "Again"})
    assert again.status == 409

    path, at = f"work-orders/{order['id']}/reports", "2026-11-23T10:00:00+08:00"
    for message_id, state in (("m-2", "working"), ("m-1", "en_route"), ("m-2", "working")):
        answer = await crew("POST", path, {"message_id": message_id, "state": state, "at": at})
        assert (answer.status, answer.body["state"]) == (200, "working")
    done = {"message_id": "m-3", "state": "done", "at": at, "note": "Cable replaced"}
    await crew("POST", path, done)

    ticket = (await li("GET", f"tickets/{ticket['id']}")).body
    assert (ticket["state"], ticket["resolved_at"] is not None) == ("resolved", True)
    comments = (await li("GET", f"tickets/{ticket['id']}/comments")).body["items"]
    assert [each["text"] for each in comments] == [f"{order['number']} done: Cable replaced"]
    reports = (await li("GET", f"work-orders/{order['id']}")).body
    assert [each["message_id"] for each in reports["reports"]] == ["m-2", "m-1", "m-3"]
    assert (await li("POST", f"work-orders/{order['id']}/cancel")).status == 409
    assert (await li("POST", path, done)).status == 403


async def test_who_is_out_sees_what_is_open_of_their_team_and_says_how_it_goes(
    centre: Centre, li: Asking
) -> None:
    gao, huang = asking(centre, "gao"), asking(centre, "huang")  # of no team, and of north
    orders = []
    for team in (None, "south"):
        ticket = await create(li, type="fault", form={"account": "12345678"}, team=team)
        path = f"tickets/{ticket['id']}/work-orders"
        orders.append((await li("POST", path, {"instructions": "Line dead"})).body["id"])

    async def listed(who: Asking, **query: str) -> list[str]:
        return [one["id"] for one in (await who("GET", "work-orders", **query)).body["items"]]

    assert await listed(gao, open="true") == orders
    assert await listed(huang, open="true") == orders[:1]
    at = "2026-11-23T10:00:00+08:00"
    done = {"message_id": "done-1", "state": "done", "at": at}
    unseen = await huang("POST", f"work-orders/{orders[1]}/reports", done)
    assert (unseen.status, unseen.kind) == (404, "UnknownRecord")
    assert (await gao("POST", f"work-orders/{orders[1]}/reports", done)).status == 200
    assert await listed(gao, open="true") == orders[:1]
    assert await listed(gao, open="false") == orders[1:]
    assert await listed(gao) == orders


async def test_what_is_no_fault_is_not_dispatched(li: Asking) -> None:
    ticket = await create(li)

    refused = await li("POST", f"tickets/{ticket['id']}/work-orders", {"instructions": "Go"})

    assert (refused.status, refused.kind) == (409, "NoFieldRepair")


async def test_the_pareto_adds_up_reasons_by_week_type_and_queue(
    centre: Centre, li: Asking
) -> None:
    zhao = asking(centre, "zhao")
    for reason in ("billing_unclear", "billing_wrong_amount", "service_waiting", None):
        await create(li, reason_id=reason, queue="sales")
    await create(li, type="fault", form={}, reason_id="network_dead")

    weekly = (await zhao("GET", "tickets/pareto", type="complaint")).body
    [week] = weekly["groups"]
    year, number, _ = (datetime.now(UTC) + timedelta(hours=14)).isocalendar()
    assert weekly["last_week"] == f"{year}-W{number:02}"
    assert [(r["reason_id"], r["tickets"], r["share"], r["cumulative"]) for r in week["rows"]] == [
        ("billing", 2, 50.0, 50.0),
        (None, 1, 25.0, 75.0),
        ("service", 1, 25.0, 100.0),
    ]
    assert week["rows"][0]["labels"] == {"zh": "账单与费用", "en": "Bills and charges"}

    by_type = (await zhao("GET", "tickets/pareto", group="type", level="2")).body["groups"]
    assert [(group["key"], group["tickets"]) for group in by_type] == [
        ("complaint", 4),
        ("fault", 1),
    ]
    by_queue = (await zhao("GET", "tickets/pareto", group="queue", of="cause")).body["groups"]
    assert [(group["key"], group["tickets"]) for group in by_queue] == [("sales", 4), (None, 1)]
    [became] = (await zhao("GET", "tickets/outcomes", type="complaint")).body["rows"]
    assert (became["tickets"], became["resolved"], became["heard_back"]) == (4, 0, 0)
    for wrong in ({"group": "colour"}, {"since": "yesterday"}, {"since": "2030-01-01"}):
        assert (await zhao("GET", "tickets/pareto", **wrong)).status == 422
    assert (await li("GET", "tickets/pareto")).status == 403


async def test_contacts_are_linked_once_and_unlinked(li: Asking) -> None:
    ticket = await create(li)
    path = f"tickets/{ticket['id']}/contacts"

    for _ in range(2):
        assert (await li("POST", path, {"contact_id": "contact-1"})).status == 201
    assert (await li("POST", path, {"contact_id": "nothing"})).status == 422
    history = (await li("GET", f"tickets/{ticket['id']}/history")).body
    assert [one["contact_id"] for one in history["contacts"]] == ["contact-1"]

    assert (await li("DELETE", f"{path}/contact-1")).status == 204
    assert (await li("DELETE", f"{path}/contact-1")).status == 404


async def test_a_ticket_that_is_given_to_somebody_is_told_to_them(
    centre: Centre, li: Asking
) -> None:
    ticket = await create(li, owner_id=None)
    await li("PATCH", f"tickets/{ticket['id']}", {"version": ticket["version"], "owner_id": "wang"})

    events = [one.event for one in await centre.parts.log.since(0)]
    told = [
        (event.action, event.agent_id)
        for event in events
        if isinstance(event, RecordChanged) and event.record_id == ticket["id"]
    ]
    assert told == [("created", None), ("assigned", "wang")]


async def test_who_has_no_team_is_handed_a_teams_work_by_name_only(
    centre: Centre, li: Asking
) -> None:
    async with centre.parts.database.readers() as session:
        assert (await session.get_one(Agent, "li")).team is None
    ticket = await create(li, owner_id=None, priority="urgent")

    tasks = (await li("GET", "tasks", ticket_id=ticket["id"])).body["items"]

    assert [(task["step"], task["assignee_id"]) for task in tasks] == [("look_into", None)]
    assert datetime.fromisoformat(tasks[0]["due_at"]) > datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.req("CR-37")
async def test_a_problem_that_a_customer_declares_is_flagged_as_a_risk(li: Asking) -> None:
    await create(li)
    problem = await create(
        li,
        type="problem",
        subject="Charged for a line that was cancelled",
        form={"loss": 1200, "public": True},
        risk_note="Has written to a newspaper",
    )

    assert (problem["risk"], problem["risk_note"]) == (True, "Has written to a newspaper")
    listed = (await li("GET", "tickets", risk="true")).body["items"]
    assert [each["id"] for each in listed] == [problem["id"]]


@pytest.mark.req("CR-06", "SV-03")
async def test_a_complaint_is_escalated_resolved_called_back_closed_and_re_opened(
    centre: Centre, li: Asking
) -> None:
    zhao, sun = asking(centre, "zhao"), asking(centre, "sun")
    shipped_type = (await sun("GET", "ticket-types/complaint")).body
    tell = [{"rule": "role", "role": "supervisor"}]
    step = {"clock": "resolution", "percent": 1, "tell": tell, "raise_to": "urgent"}
    definition = shipped_type["definition"] | {
        "targets": [{"response": 1, "resolution": 1}],  # a hundredth of a minute is 0.6 s
        "escalation": [step],
    }
    changed = {"version": 1, "calendar_id": "always", "definition": definition}
    assert (await sun("PUT", "ticket-types/complaint", changed)).status == 200
    desk = Desk("zhao", floor=False)
    centre.parts.desks.join(desk)
    parts = centre.parts
    timer = DueTimer(parts.clock)
    timer.add(Escalations(parts.database, parts.changes, parts.new_id))
    parts.log.subscribe(timer.hear)
    timer.start()
    try:
        ticket = await create(li)
        async with asyncio.timeout(60):
            told = msgspec.json.decode(await desk.inbox.get())
    finally:
        await timer.close()
    assert (told["data"]["action"], told["data"]["record_id"]) == ("escalated", ticket["id"])
    opened_at = datetime.fromisoformat(ticket["opened_at"])
    assert datetime.fromisoformat(told["at"]) - opened_at >= timedelta(seconds=0.6)

    ticket = (await zhao("GET", f"tickets/{ticket['id']}")).body
    assert (ticket["priority"], ticket["owner_id"]) == ("urgent", "li")
    ticket = await act(zhao, ticket, "take")
    ticket = await act(zhao, ticket, "move", state="resolved", resolution="Refunded")
    await act(zhao, ticket, "call-backs", reached=True, satisfied=False)
    ticket = await act(zhao, ticket, "move", state="in_progress", note="The fee is still there")
    assert (ticket["reopened"], ticket["resolved_at"], ticket["owner_id"]) == (1, None, "zhao")
    ticket = await act(zhao, ticket, "move", state="resolved", cause_id="system_data")
    await act(zhao, ticket, "call-backs", reached=True, satisfied=True)
    ticket = await act(zhao, ticket, "move", state="closed")

    history = (await li("GET", f"tickets/{ticket['id']}/history")).body
    assert [(one["clock"], one["told"]) for one in history["escalations"]] == [
        ("resolution", ["zhao"])
    ]
    [report] = (await zhao("GET", "tickets/outcomes", type="complaint")).body["rows"]
    wanted = ("tickets", "resolved", "closed", "reopened", "late_resolutions", "heard_back")
    assert [report[name] for name in wanted] == [1, 1, 1, 1, 0, 1]
    assert (report["satisfied"], report["dissatisfied"]) == (1, 0)
