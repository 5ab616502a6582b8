"""Campaigns over HTTP: who is meant, who declines and why, who calls whom next."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti_server.due import DueTimer
from cti_server.sales import campaigns as sales
from cti_server.sales.campaigns import Selection
from cti_server.store.campaigns import Campaign, Campaigns
from cti_server.store.consents import Consent
from cti_server.store.customers import Customer, CustomerNumber
from cti_server.tickets.edit import Edit
from cti_server.wire.events import Logged, RecordChanged

from .asking import Answer, Asking, asking
from .conftest import Centre

PLAN: dict[str, Any] = {
    "name": "New fibre",
    "purpose": "marketing",
    "queue": "sales",
    "script": {"zh": "您好", "en": "Good day"},
    "conditions": [{"field": "tier", "comparison": "is", "value": ["gold", "silver"]}],
    "responses": {"bought": "positive", "later": "again"},
    "most_attempts": 2,
}
SOON = {"quiet_hours": [{"start": "00:00", "end": "23:59"}]}


@pytest.fixture
async def zhao(centre: Centre) -> AsyncIterator[Asking]:
    """A supervisor of a centre with customers of all kinds, where what is due is done."""
    here = centre.parts
    await _people(centre)
    due = DueTimer(here.clock)
    due.add(Selection(here.database, here.changes, here.new_id, here.time_zone))
    here.log.subscribe(due.hear)
    due.start()
    yield asking(centre, "zhao")
    await due.close()


async def _people(centre: Centre) -> None:
    now = centre.parts.clock.now()
    people: dict[str, dict[str, Any]] = {
        "c1": {"tier": "gold"},
        "c2": {"tier": "silver", "team": "north"},
        "c3": {"tier": "standard"},
        "c4": {"tier": "gold", "preferences": {"never": ["voice"]}},
        "c5": {"tier": "gold"},
        "c6": {"tier": "gold", "preferences": SOON},
        "c7": {"tier": "gold", "erased_at": now},
        "c8": {"tier": "gold", "merged_into": "c1"},
    }
    async with centre.parts.database.sessions.begin() as session:
        for id, values in people.items():
            customer = Customer(id=id, name=id, created_at=now, updated_at=now, **values)
            customer.numbers = [
                CustomerNumber(number=f"+861380013800{id[1]}", kind="international", tail=None)
            ]
            session.add(customer)
        await session.flush()
        for id in ("c1", "c2", "c4", "c6"):  # c5 was never asked
            session.add(
                Consent(
                    id=f"consent-{id}",
                    customer_id=id,
                    channel="voice",
                    purpose="marketing",
                    given=True,
                    source="call",
                    at=now,
                    recorded_by="li",
                )
            )


async def step(who: Asking, campaign: Answer, name: str) -> Answer:
    path = f"campaigns/{campaign.body['id']}"
    now = await who("GET", path)
    return await who("POST", f"{path}/{name}", {"version": now.body["version"]})


async def selected(centre: Centre, who: Asking, **other: Any) -> Answer:
    """A campaign whose members were looked for."""
    campaign = await who("POST", "campaigns", PLAN | other)
    assert campaign.status == 201, campaign.body
    done = asyncio.Event()

    def hear(logged: Logged) -> None:
        match logged.event:
            case RecordChanged(record="campaign", action="selected"):
                done.set()

    forget = centre.parts.log.subscribe(hear)
    assert (await step(who, campaign, "select")).status == 200
    async with asyncio.timeout(30):
        await done.wait()
    forget()
    return await who("GET", f"campaigns/{campaign.body['id']}")


async def members(who: Asking, campaign: Answer, **wanted: str) -> dict[str, Any]:
    path = f"campaigns/{campaign.body['id']}/members"
    return {one["customer_id"]: one for one in (await who("GET", path, **wanted)).body["items"]}


async def test_who_declines_is_in_the_list_with_the_reason_and_quiet_hours_are_waited_for(
    centre: Centre, zhao: Asking
) -> None:
    campaign = await selected(centre, zhao)
    found = await members(zhao, campaign)
    results = (await zhao("GET", f"campaigns/{campaign.body['id']}/results")).body
    seen_by_the_south = await members(asking(centre, "lin"), campaign)

    assert (campaign.body["state"], campaign.body["may"]) == ("ready", ["select", "start", "end"])
    assert {id: (one["state"], one["cause"]) for id, one in found.items()} == {
        "c1": ("due", None),
        "c2": ("due", None),
        "c4": ("refused", "channel_refused"),
        "c5": ("refused", "no_consent"),
        "c6": ("due", "quiet_hours"),
    }
    assert found["c6"]["next_at"] > found["c1"]["next_at"]
    assert results["members"] == {"due": 3, "refused": 2}
    assert results["refused"] == {"channel_refused": 1, "no_consent": 1}
    assert seen_by_the_south.keys() == found.keys() - {"c2"}


async def test_who_gives_a_consent_is_due_when_members_are_looked_for_once_more(
    centre: Centre, zhao: Asking
) -> None:
    campaign = await selected(centre, zhao)
    consent = {"channel": "voice", "purpose": "marketing", "given": True, "source": "paper"}
    assert (await zhao("POST", "customers/c5/consents", consent)).status == 201
    await step(zhao, campaign, "select")
    async with asyncio.timeout(30):
        while (await members(zhao, campaign))["c5"]["state"] == "refused":
            await centre.parts.log.stored()

    assert (await members(zhao, campaign, state="due")).keys() == {"c1", "c2", "c5", "c6"}


async def test_each_member_is_one_agents_and_who_declines_meanwhile_is_passed_over(
    centre: Centre, zhao: Asking
) -> None:
    campaign = await selected(centre, zhao)
    path, li, wang = (
        f"campaigns/{campaign.body['id']}",
        asking(centre, "li"),
        asking(centre, "wang"),
    )
    early = await li("POST", f"{path}/next")
    await step(zhao, campaign, "start")

    first, again = await li("POST", f"{path}/next"), await li("POST", f"{path}/next")
    no = {"channel": "voice", "purpose": "marketing", "given": False, "source": "call"}
    assert (await zhao("POST", "customers/c2/consents", no)).status == 201
    nobody = await wang("POST", f"{path}/next")
    taken = await wang("POST", f"{path}/members/c1/dial")
    dialled = await li("POST", f"{path}/members/c1/dial")
    refused = await zhao("POST", f"{path}/members/c2/dial")
    quiet = await zhao("POST", f"{path}/members/c6/dial")

    assert (early.status, early.kind) == (409, "NotDue")
    assert first.body["customer_id"] == again.body["customer_id"] == "c1"
    assert (nobody.status, taken.status, refused.status, quiet.status) == (409, 409, 409, 409)
    assert "consent_withdrawn" in refused.body["detail"]
    assert "to be called from" in quiet.body["detail"]
    assert dialled.kind == "NoTrunkForNumber"  # nobody can be called from here; tests/e2e can
    assert (await members(zhao, campaign))["c2"]["state"] == "refused"
    assert (await members(zhao, campaign))["c1"]["attempts"] == 0


async def test_what_members_say_decides_whether_they_are_called_again(
    centre: Centre, zhao: Asking
) -> None:
    campaign = await selected(centre, zhao)
    await step(zhao, campaign, "start")
    campaign_id = campaign.body["id"]
    for customer_id, contact_id, code in (("c1", "k1", "later"), ("c2", "k2", "bought")):
        async with centre.parts.changes.begin("li") as change:
            edit = Edit(change, centre.parts.clock.now(), centre.parts.new_id)
            stored = Campaigns(change.session)
            plan = await stored.need(campaign_id, None)
            member = await stored.member(campaign_id, customer_id)
            sales.called(edit, plan, member, contact_id)
            await change.session.flush()
            await sales.respond(edit, contact_id, code)
            await sales.respond(edit, "of no campaign", "bought")
    found = await members(zhao, campaign)
    results = (await zhao("GET", f"campaigns/{campaign_id}/results")).body

    assert (found["c1"]["state"], found["c1"]["response"]) == ("tried", "again")
    assert datetime.fromisoformat(found["c1"]["next_at"]) > datetime.now(UTC) + timedelta(hours=3)
    assert (found["c2"]["state"], found["c2"]["next_at"]) == ("responded", None)
    assert (results["responses"], results["attempts"]) == ({"again": 1, "positive": 1}, 2)
    assert results["calls"] == 2


async def test_a_member_who_was_merged_or_is_over_is_called_no_more(
    centre: Centre, zhao: Asking
) -> None:
    campaign = await selected(centre, zhao)
    await step(zhao, campaign, "start")
    path = f"campaigns/{campaign.body['id']}"
    async with centre.parts.database.sessions.begin() as session:
        (await session.get_one(Customer, "c2")).merged_into = "c1"
    merged = await zhao("POST", f"{path}/members/c2/dial")
    excluded = await zhao("POST", f"{path}/members/c1/exclude")
    left_out = await zhao("POST", f"{path}/members/c1/dial")
    ended = await step(zhao, campaign, "end")
    edited = await zhao("PATCH", path, {"version": ended.body["version"], "name": "x"})

    assert (merged.status, "merged" in merged.body["detail"]) == (409, True)
    assert (excluded.body["state"], left_out.status) == ("excluded", 409)
    assert (ended.body["may"], edited.status) == ([], 409)


async def test_a_campaign_can_be_ended_while_its_members_are_looked_for(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, zhao = centre.parts, asking(centre, "zhao")
    now = here.clock.now()
    async with here.database.sessions.begin() as session:
        for number in range(sales.AT_ONCE + 1):
            id = f"c{number:03}"
            session.add(Customer(id=id, name=id, tier="gold", created_at=now, updated_at=now))
    campaign = await zhao("POST", "campaigns", PLAN)
    path = f"campaigns/{campaign.body['id']}"
    begun = await step(zhao, campaign, "select")
    selection = Selection(here.database, here.changes, here.new_id, here.time_zone)
    await selection.do(now)
    async with here.database.readers() as session:
        looking = await Campaigns(session).selecting()
    ended = await zhao("POST", f"{path}/end", {"version": begun.body["version"]})

    async def one_read_before(stored: Campaigns) -> Campaign | None:
        return looking

    monkeypatch.setattr(Campaigns, "selecting", one_read_before)
    await selection.do(now)
    found = await zhao("GET", f"{path}/results")

    assert looking is not None
    assert looking.selected_to == f"c{sales.AT_ONCE - 1:03}"
    assert (ended.status, ended.body["state"]) == (200, "ended")
    assert found.body["members"] == {"refused": sales.AT_ONCE}  # and the last is none any more


@pytest.mark.parametrize(
    ("wrong", "at_fault"),
    [
        ({"queue": "nowhere"}, "queue"),
        ({"conditions": [{"field": "teir", "comparison": "is", "value": "x"}]}, "conditions.1"),
        ({"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z"}, "ends_at"),
        ({"most_attempts": 0}, "most_attempts"),
    ],
)
async def test_a_campaign_that_cannot_be_is_refused_by_name(
    centre: Centre, wrong: dict[str, Any], at_fault: str
) -> None:
    refused = await asking(centre, "zhao")("POST", "campaigns", PLAN | wrong)

    assert (refused.status, at_fault in refused.body["detail"]) == (422, True)
