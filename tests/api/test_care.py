"""Care over HTTP: its rules, what comes of them, and what customers say to it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cti_server.sales import shipped
from cti_server.sales.care import Caring
from cti_server.store.customers import Customer
from cti_server.tickets import shipped as tickets

from .asking import Asking, asking
from .conftest import Centre

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


@pytest.fixture
async def sun(centre: Centre) -> Asking:
    """
    An administrator of a centre with the shipped rules and three customers.

    Their days are tomorrow's: today's were planned when today began, somewhere in the world.
    """
    here = centre.parts
    now = here.clock.now()
    await shipped.load(here.changes, now)
    await tickets.load(here.changes, now, here.new_id)
    tomorrow = (now + DAY).astimezone(SHANGHAI)
    born = tomorrow.date().replace(year=1980).isoformat()  # a leap year
    people: dict[str, dict[str, Any]] = {
        "born": {"attributes": {"birth_date": born}, "created_at": now},
        "faithful": {"created_at": _four_years_before(tomorrow)},
        "angry": {"created_at": now},
        "hidden": {"attributes": {"birth_date": born}, "created_at": now, "team": "north"},
        "deaf": {
            "attributes": {"birth_date": born},
            "created_at": now,
            "preferences": {"never": ["sms"]},
        },
    }
    async with here.database.sessions.begin() as session:
        for id, values in people.items():
            session.add(Customer(id=id, name=id.title(), updated_at=now, language="en", **values))
    return asking(centre, "sun")


def _four_years_before(local: datetime) -> datetime:
    """The same day there, of 29 February, too."""
    return local.replace(year=local.year - 4, hour=12)


async def switched_on(sun: Asking, *ids: str) -> None:
    for rule in (await sun("GET", "care-rules")).body:
        if rule["id"] in ids:
            definition = rule["definition"] | {"at": "00:00:00"}
            body = {"version": rule["version"], "enabled": True, "definition": definition}
            assert (await sun("PATCH", f"care-rules/{rule['id']}", body)).status == 200


async def caring(centre: Centre, until: datetime) -> None:
    """Let the centre care for what falls due until then."""
    here = centre.parts
    work = Caring(here.database, here.changes, here.new_id, here.time_zone)
    while (due := await work.earliest()) is not None and due <= until:
        await work.do(max(due, here.clock.now()))


@pytest.mark.req("CR-11")
async def test_birthdays_anniversaries_and_settled_complaints_bring_visits_calls_and_messages(
    centre: Centre, sun: Asking
) -> None:
    zhao, li, now = asking(centre, "zhao"), asking(centre, "li"), centre.parts.clock.now()
    complaint = await li(
        "POST",
        "tickets",
        {"type": "complaint", "subject": "Noise", "customer_id": "angry", "owner_id": "li"},
    )
    path, version = f"tickets/{complaint.body['id']}", complaint.body["version"]
    moved = await li("POST", f"{path}/move", {"version": version, "state": "resolved"})
    await li("POST", f"{path}/call-backs", {"reached": True, "satisfied": True})
    version = (await li("GET", path)).body["version"]
    known = {"reason_id": "service_attitude", "cause_id": "people_training"}
    closed = await li("POST", f"{path}/move", {"version": version, "state": "closed"} | known)
    await switched_on(sun, "birthday", "anniversary", "after_complaint")
    rules = {rule["id"]: rule["definition"] for rule in (await sun("GET", "care-rules")).body}
    visit = rules["after_complaint"] | {"means": "visit"}
    own = {"id": "visit_after_complaint", "definition": visit}
    assert (await sun("POST", "care-rules", own)).status == 201
    assert (moved.status, closed.status) == (200, 200)

    await caring(centre, now + 8 * DAY)
    await caring(centre, now + 8 * DAY)  # and not once more

    given = (await zhao("GET", "tasks")).body["items"]
    made = [task for task in given if task["kind"] != "other"]  # of the complaint's workflow
    texts = {(task["customer_id"], task["kind"]): task["notes"] for task in made}
    number = complaint.body["number"]
    occasions = (await zhao("GET", "care-occasions")).body["items"]
    states = {(one["customer_id"], one["rule_id"]): one["state"] for one in occasions}
    [visited] = [one for one in occasions if one["rule_id"] == "visit_after_complaint"]
    feedback = {"version": visited["version"], "feedback": "Content now", "rating": 5}
    answered = await li("POST", f"care-occasions/{visited['id']}/feedback", feedback)
    again = await li("POST", f"care-occasions/{visited['id']}/feedback", feedback)
    [refused] = [one for one in occasions if one["customer_id"] == "deaf"]
    early = await li("POST", f"care-occasions/{refused['id']}/feedback", feedback | {"version": 2})

    assert texts == {
        ("born", "sms"): "Dear Born, we wish you a happy birthday!",
        ("hidden", "sms"): "Dear Hidden, we wish you a happy birthday!",
        ("faithful", "call"): (
            "Dear Faithful, you have been our customer for 4 years: thank you for your trust."
        ),
        ("angry", "call"): (
            f"Dear Angry, your complaint {number} was settled: is everything as you wish by now?"
        ),
        ("angry", "visit"): (
            f"Dear Angry, your complaint {number} was settled: is everything as you wish by now?"
        ),
    }
    assert len(made) == len(texts)
    assert states["deaf", "birthday"] == "refused"
    assert refused["cause"] == "channel_refused"
    assert (answered.body["state"], answered.body["rating"]) == ("answered", 5)
    assert (answered.body["answered_to"], again.status, early.status) == ("li", 409, 409)
    shown = (await asking(centre, "lin")("GET", "care-occasions")).body["items"]
    assert "hidden" not in {one["customer_id"] for one in shown}
    timeline = (await li("GET", "customers/angry/timeline")).body["items"]
    assert {"task", "ticket"} == {entry["kind"] for entry in timeline}


async def test_a_rule_that_cannot_be_is_refused_and_agents_make_none(
    centre: Centre, sun: Asking
) -> None:
    [rule, *_] = (await sun("GET", "care-rules")).body
    bad = rule["definition"] | {"text": {"zh": "{age}", "en": "x"}}

    refused = await sun("POST", "care-rules", {"id": "bad", "definition": bad})
    forbidden = await asking(centre, "li")("POST", "care-rules", {"id": "x", "definition": bad})

    assert (refused.status, "there is no {age}" in refused.body["detail"]) == (422, True)
    assert forbidden.status == 403
