"""Leads and opportunities over HTTP: scored, assigned, converted, moved, added up."""

from datetime import timedelta
from typing import Any

import pytest

from cti_server.sales import shipped
from cti_server.sales.campaigns import select_some
from cti_server.store.campaigns import Campaigns
from cti_server.tickets import shipped as tickets
from cti_server.tickets.edit import Edit

from .asking import Asking, asking, told
from .conftest import Centre

LEAD = {
    "name": "王小明",
    "source": "referral",
    "number": "138 0013 8000",
    "mail": "Wang.Xiaoming@example.com",
    "interest": "光纤宽带 / fibre",
}
OFFER = {"title": "Fibre for the office", "pipeline_id": "sales", "currency": "CNY"}
LABELS = {"zh": "规则", "en": "Rule"}
CAMPAIGN = {
    "name": "Fibre for regulars",
    "purpose": "service",
    "queue": "sales",
    "conditions": [{"field": "tier", "comparison": "is", "value": "gold"}],
    "responses": {"wants_it": "positive"},
}


@pytest.fixture
async def li(centre: Centre) -> Asking:
    """An agent of a centre with the shipped pipeline and rules."""
    await shipped.load(centre.parts.changes, centre.parts.clock.now())
    return asking(centre, "li")


async def created(who: Asking, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await who("POST", path, body)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.body
    return made


async def test_a_lead_is_scored_and_given_to_the_team_in_turn_by_rules_that_are_data(
    centre: Centre, li: Asking
) -> None:
    zhao = asking(centre, "zhao")
    rule = {
        "id": "promising",
        "position": 1,
        "labels": LABELS,
        "conditions": [{"field": "score", "comparison": "at_least", "value": 60}],
        "definition": {"rule": "assign", "to": {"rule": "team", "team": "north"}},
    }
    await created(zhao, "lead-rules", rule)

    first = await created(zhao, "leads", LEAD)
    second = await created(zhao, "leads", LEAD | {"name": "Li Na"})
    poor = await created(li, "leads", {"name": "Somebody", "source": "fair"})
    path = f"leads/{second['id']}"
    unheard_of = await zhao("PATCH", path, {"version": second["version"], "number": None})
    whole = await zhao("POST", f"{path}/reveal")

    assert (first["score"], second["score"], poor["score"]) == (70, 70, 0)
    assert [first["owner_id"], second["owner_id"], poor["owner_id"]] == ["chen", "huang", None]
    assert (unheard_of.body["score"], unheard_of.body["owner_id"]) == (50, "huang")
    assert first["mail"] != whole.body["mail"] == LEAD["mail"]
    assert (await asking(centre, "lin")("GET", path)).status == 404
    assert ("zhao", "read", "lead", second["id"]) in await told(centre, record="lead")


async def test_points_cannot_depend_on_the_score_that_they_make(centre: Centre, li: Asking) -> None:
    rule = {
        "id": "circle",
        "position": 1,
        "labels": LABELS,
        "conditions": [{"field": "score", "comparison": "at_least", "value": 1}],
        "definition": {"rule": "points", "points": 10},
    }

    refused = await asking(centre, "zhao")("POST", "lead-rules", rule)

    assert (refused.status, "conditions.1.field" in refused.body["detail"]) == (422, True)


async def test_who_may_be_a_customer_already_is_not_made_one_twice(
    centre: Centre, li: Asking
) -> None:
    known = await created(
        li, "customers", {"name": "王小明", "numbers": [{"number": "13800138000"}]}
    )
    lead = await created(li, "leads", LEAD)
    [alike] = (await li("GET", f"leads/{lead['id']}/customers")).body
    path, body = f"leads/{lead['id']}/convert", {"version": lead["version"]}

    refused = await li("POST", path, body)
    joined = await li("POST", path, body | {"customer_id": known["id"]})
    again = await li("POST", path, {"version": joined.body["version"], "are_two": True})

    assert (alike["customer_id"], alike["reasons"]) == (known["id"], ["same_number", "same_name"])
    assert (refused.status, refused.kind) == (409, "LikelyKnown")
    assert (joined.body["state"], joined.body["customer_id"]) == ("converted", known["id"])
    assert (again.status, again.kind) == (409, "IllegalLeadStep")
    assert len((await li("GET", "customers")).body["items"]) == 1


async def test_only_who_manages_sales_gives_an_opportunity_to_another_however_it_is_begun(
    centre: Centre, li: Asking
) -> None:
    lead = await created(li, "leads", LEAD)
    path, body = f"leads/{lead['id']}/convert", {"version": lead["version"]}
    offer = OFFER | {"amount": 100_000}
    for_wu = offer | {"owner_id": "wu"}

    refused = await li("POST", path, body | {"opportunity": for_wu})
    customer = await created(li, "customers", {"name": "李雷"})
    begun = await li("POST", "opportunities", for_wu | {"customer_id": customer["id"]})
    own = await created(li, "opportunities", offer | {"customer_id": customer["id"]})
    given = await li("PATCH", f"opportunities/{own['id']}", {"version": 1, "owner_id": "wu"})
    converted = await li("POST", path, body | {"opportunity": offer | {"owner_id": "li"}})

    assert {one.status for one in (refused, begun, given)} == {403}
    assert (converted.status, converted.body["state"]) == (200, "converted")


async def test_a_lead_that_is_none_says_why_and_may_come_back(centre: Centre, li: Asking) -> None:
    lead = await created(li, "leads", LEAD)
    path, version = f"leads/{lead['id']}", {"version": lead["version"]}

    silent = await li("POST", f"{path}/move", version | {"state": "disqualified"})
    gone = await li("POST", f"{path}/move", version | {"state": "disqualified", "reason": "moved"})
    stale = await li("POST", f"{path}/take", version)
    odd = await li("POST", f"{path}/move", {"version": gone.body["version"], "state": "qualified"})
    back = await li("POST", f"{path}/move", {"version": gone.body["version"], "state": "new"})

    assert (silent.status, stale.status, stale.kind) == (422, 409, "EditConflict")
    assert (gone.body["state"], gone.body["reason"]) == ("disqualified", "moved")
    assert (odd.status, odd.kind, back.body["reason"]) == (409, "IllegalLeadStep", None)


async def test_an_opportunity_keeps_every_stage_that_it_was_in_and_is_in_the_forecast_until_its_end(
    centre: Centre, li: Asking
) -> None:
    customer = await created(li, "customers", {"name": "Acme"})
    offer = OFFER | {"customer_id": customer["id"], "amount": 100_001}
    sure = await created(li, "opportunities", offer | {"expected_on": "2026-12-24"})
    vague = await created(li, "opportunities", offer | {"amount": 333, "probability": 33})
    path = f"opportunities/{sure['id']}"
    moved = await li("POST", f"{path}/move", {"version": sure["version"], "stage": "offer"})
    rows = (await li("GET", "pipelines/sales/forecast")).body["rows"]
    lost = {"version": moved.body["version"], "stage": "lost"}
    why = await li("POST", f"{path}/move", lost)
    over = await li("POST", f"{path}/move", lost | {"lost_reason": "price", "note": "too dear"})
    edited = await li("PATCH", path, {"version": over.body["version"], "amount": 1})
    left = (await li("GET", "pipelines/sales/forecast")).body["rows"]
    again = await li("POST", f"{path}/move", {"version": over.body["version"], "stage": "interest"})

    assert [(row["stage"], row["month"], row["weighted"]) for row in rows] == [
        ("interest", None, 110),
        ("offer", "2026-12", 50_001),
    ]
    assert (why.status, "lost_reason" in why.body["detail"]) == (422, True)
    assert (over.body["lost_reason"], over.body["closed_at"] is not None) == ("price", True)
    assert (edited.status, [row["amount"] for row in left]) == (409, [333])
    stages = [(move["stage"], move["probability"]) for move in again.body["moves"]]
    assert stages == [("interest", 10), ("offer", 50), ("lost", 0), ("interest", 10)]
    assert (again.body["lost_reason"], again.body["closed_at"]) == (None, None)
    assert vague["moves"][0]["moved_by"] == "li"


async def test_a_pipeline_without_an_end_is_none(centre: Centre, li: Asking) -> None:
    [sales] = (await li("GET", "pipelines")).body
    stages = [stage for stage in sales["definition"]["stages"] if stage["ends"] != "won"]

    refused = await asking(centre, "sun")(
        "POST", "pipelines", {"id": "x", "definition": sales["definition"] | {"stages": stages}}
    )

    assert (refused.status, "is won" in refused.body["detail"]) == (422, True)


@pytest.mark.req("CR-01")
async def test_a_customers_leads_sales_marketing_cases_and_time_are_kept_by_the_api(
    centre: Centre, li: Asking
) -> None:
    zhao, now = asking(centre, "zhao"), centre.parts.clock.now()
    due = {"due_at": (now + timedelta(hours=2)).isoformat()}
    await tickets.load(centre.parts.changes, now, centre.parts.new_id)
    await centre.parts.log.stored()

    # Marketing: a campaign among those whom we know, and who may be called.
    regular = await created(li, "customers", {"name": "Gu", "tier": "gold"})
    campaign = await created(zhao, "campaigns", CAMPAIGN)
    for step in ("select", "start"):
        path = f"campaigns/{campaign['id']}"
        campaign = (await zhao("POST", f"{path}/{step}", {"version": campaign["version"]})).body
        async with centre.parts.changes.begin("system") as change:
            edit = Edit(change, now, centre.parts.new_id)
            while (one := await Campaigns(change.session).selecting()) is not None:
                await select_some(edit, one, "Asia/Shanghai")
        campaign = (await zhao("GET", path)).body
    [member] = (await li("GET", f"{path}/members", state="due")).body["items"]
    given = await li("POST", f"{path}/members/{regular['id']}/task", {"title": "Call Gu"} | due)

    # Leads and sales: who was recommended becomes a customer with something to sell.
    lead = await created(li, "leads", LEAD | {"source": "referral", "campaign_id": campaign["id"]})
    offer = OFFER | {"amount": 9_900, "expected_on": "2026-12-24"}
    body = {"version": lead["version"], "opportunity": offer}
    converted = (await li("POST", f"leads/{lead['id']}/convert", body)).body
    sale = (await li("GET", f"opportunities/{converted['opportunity_id']}")).body
    won = await li(
        "POST", f"opportunities/{sale['id']}/move", {"version": sale["version"], "stage": "won"}
    )

    # Service: a case. Time: the calendar has the call, the case, and an appointment.
    customer_id = converted["customer_id"]
    case = {"type": "fault", "subject": "No signal", "customer_id": customer_id, "owner_id": "li"}
    ticket = await created(li, "tickets", case)
    visit = {
        "title": "Visit",
        "kind": "visit",
        "customer_id": customer_id,
        "starts_at": due["due_at"],
    }
    await created(li, "tasks", visit | {"due_at": (now + timedelta(hours=3)).isoformat()})
    days = {"since": now.isoformat(), "until": (now + timedelta(days=30)).isoformat()}
    calendar = (await li("GET", "calendar", agent_id="li", **days)).body["entries"]

    # The contact's record: who it is, what happened, corrected and taken away.
    timeline = (await li("GET", f"customers/{customer_id}/timeline")).body["items"]
    customer = (await li("GET", f"customers/{customer_id}")).body
    edited = await li("PATCH", f"customers/{customer_id}", {"version": 1, "company": "Acme"})
    results = (await zhao("GET", f"{path}/results")).body

    assert (member["customer_id"], member["tier"]) == (regular["id"], "gold")
    assert (given.body["customer_id"], given.body["kind"]) == (regular["id"], "call")
    assert (customer["name"], edited.body["company"]) == ("王小明", "Acme")
    assert (won.body["stage"], won.body["customer_id"]) == ("won", customer_id)
    assert {entry["title"] for entry in calendar} >= {
        "Call Gu",
        "Visit",
        f"{ticket['number']} No signal",
    }
    assert {entry["kind"] for entry in timeline} == {"opportunity", "ticket", "task"}
    assert (results["members"], results["leads"]) == ({"tried": 1}, 1)
    assert (results["opportunities"], results["won"]) == (1, {"CNY": 9_900})
    assert (
        await zhao("DELETE", f"leads/{lead['id']}", version=str(converted["version"]))
    ).status == 204
