"""Two teams, three roles, one customer: who sees the record, how much of it, and who is told on."""

import pytest

from cti_server.store.customers import Customer
from cti_server.store.interactions import Interaction
from cti_server.store.recordings import Recording
from cti_server.wire import events

from .asking import Asking, asking, told
from .conftest import NINE, Centre

WANG = {"name": "王伟", "numbers": [{"number": "13800138000"}]}


@pytest.mark.req("CR-20")
async def test_function_role_and_team_decide_on_reading_and_changing_and_the_trail_has_it(
    centre: Centre,
) -> None:
    chen, lin, huang = (asking(centre, name) for name in ("chen", "lin", "huang"))
    made = await chen("POST", "customers", WANG)
    path = f"customers/{made.body['id']}"

    # Function: an auditor reads and does not write; an agent does not merge or export.
    qian = asking(centre, "qian")
    assert (await qian("GET", path)).status == 200
    assert (await qian("PATCH", path, {"version": 1, "name": "x"})).status == 403
    assert (await chen("POST", f"{path}/merge", {})).status == 403

    # Rows: the other team's agent does not learn that the record is there, nor changes it.
    assert made.body["team"] == "north"
    strange = [
        await lin("GET", path),
        await lin("PATCH", path, {"version": 1, "name": "x"}),
    ]
    assert [answer.kind for answer in strange] == ["UnknownRecord"] * 2
    assert (await huang("GET", path)).status == 200

    # So it is with what happened to them.
    told_of = {"channel": "email", "queue": "sales", "subject": "Help"}
    zhao = asking(centre, "zhao")
    mail = await zhao("POST", "work", {**told_of, "customer_id": made.body["id"]})
    await centre.parts.log.stored()
    contact_id = mail.body["contact_id"]
    await _recorded(centre, contact_id)
    assert await _shown(huang, contact_id) == (True, [200] * 5)
    await _moved(centre, made.body["id"], "south")
    assert await _shown(huang, contact_id) == (False, [404] * 5)
    assert await _shown(zhao, contact_id) == (True, [200] * 5)
    await _offered(centre, contact_id, "lin")
    assert await _shown(huang, contact_id) == (False, [404] * 5)
    await _offered(centre, contact_id, "chen")  # the team's own work is its supervisor's to see
    assert await _shown(huang, contact_id) == (True, [200] * 5)
    await _moved(centre, made.body["id"], "north")

    # Fields: the number is masked for an agent and whole for a supervisor who asks for it.
    masked = (await chen("GET", path)).body
    assert masked["numbers"][0]["number"] != "+8613800138000"
    assert (await chen("POST", f"{path}/reveal")).status == 403
    revealed = await huang("POST", f"{path}/reveal")
    assert revealed.body["numbers"][0]["number"] == "+8613800138000"

    # Audited: who changed it, who saw the whole number, who was refused it.
    customer_id = made.body["id"]
    assert await told(centre, record="customer", record_id=customer_id) == [
        ("chen", "created", "customer", customer_id),
        ("huang", "read", "customer", customer_id),
    ]
    refused = await told(centre, action="refused")
    assert ("chen", "refused", "permission", "customers.reveal") in refused


async def test_a_supervisor_of_a_team_neither_sees_nor_moves_another_teams_agent(
    centre: Centre,
) -> None:
    huang, zhao = asking(centre, "huang"), asking(centre, "zhao")
    ready = {"state": "ready"}
    attempts = [
        await huang("GET", "agents/lin"),
        await huang("PUT", "agents/lin/state", ready),
        await huang("POST", "agents/lin/wrap-up/extension", {"seconds": 30}),
    ]

    assert [answer.kind for answer in attempts] == ["NotPermitted"] * 3
    assert (await huang("GET", "agents/chen")).status == 200
    assert (await zhao("GET", "agents/lin")).status == 200
    own = await huang("PUT", "agents/chen/state", ready)
    assert own.kind != "NotPermitted", own.body


async def test_of_several_with_a_number_those_of_another_team_are_not_shown(
    centre: Centre,
) -> None:
    chen, huang, zhao = (asking(centre, name) for name in ("chen", "huang", "zhao"))
    ours, theirs = [
        (await chen("POST", "customers", {"name": name, "numbers": [{"number": number}]})).body[
            "id"
        ]
        for name, number in (("王伟", "13800138000"), ("李娜", "13800138001"))
    ]
    await _moved(centre, theirs, "south")
    numbers = {"caller_number": "02112345678", "dialled_number": "1000"}
    log = centre.parts.log
    log.append(
        events.CallArrived(call_id="c", contact_id="k", sip_call_id="s", trunk="t", **numbers)
    )
    log.append(events.CustomerMatched(contact_id="k", match="several", customer_ids=[ours, theirs]))
    log.append(events.CustomerChosen(contact_id="k", customer_id=theirs, chosen_by="zhao"))
    log.append(events.CustomerMatched(contact_id="k", match="several", customer_ids=[ours, theirs]))
    await log.stored()

    assert [await _named(one) for one in (huang, zhao)] == [{ours}, {ours, theirs}]


async def _named(who: Asking) -> set[str]:
    """The customers whom they find in the contact's list, record and events."""
    (listed,) = (await who("GET", "contacts")).body
    alone = (await who("GET", "contacts/k")).body["contact"]
    told = [one["data"] for one in (await who("GET", "contacts/k/events")).body]
    of_events = {one for data in told for one in data.get("customer_ids", [])}
    chosen = {data["customer_id"] for data in told if "customer_id" in data}
    assert set(listed["customer_ids"]) == set(alone["customer_ids"]) == of_events
    assert chosen <= of_events
    return of_events


async def _shown(who: Asking, contact_id: str) -> tuple[bool, list[int]]:
    """Whether a contact and its recording are in their lists; and each of what is kept of it."""
    listed = [(await who("GET", path)).body for path in ("contacts", "recordings")]
    alone = [
        await who("GET", path)
        for path in (
            f"contacts/{contact_id}",
            f"contacts/{contact_id}/events",
            f"contacts/{contact_id}/explanation",
            f"queries?contact_id={contact_id}",
            "recordings/r1",
        )
    ]
    [in_contacts, in_recordings] = map(bool, listed)
    assert in_contacts == in_recordings
    return in_contacts, [each.status for each in alone]


async def _offered(centre: Centre, contact_id: str, agent_id: str) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add(
            Interaction(
                id=f"i-{agent_id}",
                contact_id=contact_id,
                call_id=None,
                agent_id=agent_id,
                queue="sales",
                offered_at=NINE,
                expires_at=NINE,
                outcome="handled",
            )
        )


async def _recorded(centre: Centre, contact_id: str) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add(
            Recording(
                id="r1",
                call_id="",
                contact_id=contact_id,
                interaction_id="",
                agent_id="",
                queue="sales",
                caller_number="",
                dialled_number="",
                started_at=NINE,
                state="stored",
            )
        )


async def _moved(centre: Centre, customer_id: str, team: str) -> None:
    async with centre.parts.database.sessions.begin() as session:
        customer = await session.get(Customer, customer_id)
        assert customer is not None
        customer.team = team
