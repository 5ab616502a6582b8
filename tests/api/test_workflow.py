"""A workflow over HTTP: whose each step is, when it is due, who gets it when it is not done."""

from datetime import timedelta
from typing import Any

import pytest

from cti_server.tickets import shipped
from cti_server.tickets.escalations import Escalations
from cti_server.tickets.reminders import Reminders
from cti_server.wire.events import RecordChanged

from .asking import Asking, asking
from .conftest import Centre

MINUTE = timedelta(minutes=1)


def step(name: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "labels": {"zh": name, "en": name}, "who": who, **more}


WORKFLOW = [
    step(
        "check",
        {"rule": "team", "team": "north"},
        due=10,
        remind=5,
        then_to={"rule": "agent", "agent": "huang"},
    ),
    step(
        "approve",
        {"rule": "role", "role": "supervisor"},
        when=[{"field": "form.amount", "at_least": 1000}],
    ),
    step("pay", {"rule": "agent", "agent": "lin"}, due=60),
]
FORM = {"type": "object", "properties": {"amount": {"type": "number"}}}


async def open_tasks(who: Asking, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that are to be done now."""
    found = (await who("GET", "tasks", ticket_id=ticket["id"], state="open")).body["items"]
    tasks: list[dict[str, Any]] = found
    return tasks


async def opened(who: Asking, amount: int) -> dict[str, Any]:
    body = {"type": "refund", "subject": "Refund", "form": {"amount": amount}, "owner_id": "li"}
    answer = await who("POST", "tickets", body)
    assert answer.status == 201, answer.body
    ticket: dict[str, Any] = answer.body
    return ticket


@pytest.mark.req("MO-04")
async def test_work_goes_by_rules_from_one_department_to_the_next_and_up_where_it_is_late(
    centre: Centre,
) -> None:
    here, li, sun = centre.parts, asking(centre, "li"), asking(centre, "sun")
    zhao, now = asking(centre, "zhao"), here.clock.now()
    await shipped.load(here.changes, now, here.new_id)
    enquiry = (await sun("GET", "ticket-types/enquiry")).body["definition"]
    late = {"clock": "resolution", "percent": 50, "tell": [{"rule": "role", "role": "supervisor"}]}
    definition = enquiry | {
        "labels": {"zh": "退款", "en": "Refund"},
        "form": FORM,
        "targets": [{"resolution": 60}],
        "escalation": [late],
        "workflow": WORKFLOW,
    }
    made = await sun(
        "POST", "ticket-types", {"id": "refund", "calendar_id": "always", "definition": definition}
    )
    assert made.status == 201, made.body
    large, small = await opened(li, 5000), await opened(li, 10)

    # The first step: of the northern team, in turn, with a reminder.
    [first], [other] = await open_tasks(zhao, large), await open_tasks(zhao, small)
    reminders = Reminders(here.database, here.changes, here.new_id)
    await reminders.do(now + 6 * MINUTE)
    await reminders.do(now + 11 * MINUTE)
    [overdue] = await open_tasks(zhao, large)

    # It is done: the second step is for supervisors, and only where there is much money.
    huang, lin = asking(centre, "huang"), asking(centre, "lin")
    path = f"tasks/{overdue['id']}/done"
    assert (await huang("POST", path, {"version": overdue["version"]})).status == 200
    [approval] = await open_tasks(zhao, large)
    taken = await huang("POST", f"tasks/{approval['id']}/take", {"version": approval["version"]})
    path = f"tasks/{approval['id']}/done"
    assert (await huang("POST", path, {"version": taken.body["version"]})).status == 200
    [payment] = await open_tasks(zhao, large)
    [of_small] = await open_tasks(zhao, small)
    path = f"tasks/{of_small['id']}/done"
    assert (await huang("POST", path, {"version": of_small["version"]})).status == 200
    [unapproved] = await open_tasks(zhao, small)

    # The last is another department's; the ticket itself escalates when half its time is gone.
    path = f"tasks/{payment['id']}/done"
    assert (await lin("POST", path, {"version": payment["version"]})).status == 200
    await Escalations(here.database, here.changes, here.new_id).do(now + 31 * MINUTE)
    told = [
        (event.record, event.action, event.agent_id)
        for event in (logged.event for logged in await here.log.since(0, 10_000))
        if isinstance(event, RecordChanged)
    ]

    assert {first["assignee_id"], other["assignee_id"]} == {"chen", "huang"}  # one after the other
    assert first["step"] == "check"
    assert ("task", "reminded", first["assignee_id"]) in told
    assert (overdue["id"], overdue["assignee_id"]) == (first["id"], "huang")
    assert ("task", "overdue", "huang") in told
    assert (approval["step"], approval["role"], approval["assignee_id"]) == (
        "approve",
        "supervisor",
        None,
    )
    assert (payment["step"], payment["assignee_id"]) == ("pay", "lin")
    assert (unapproved["step"], unapproved["assignee_id"]) == ("pay", "lin")
    assert await open_tasks(zhao, large) == []
    assert ("ticket", "escalated", "zhao") in told
