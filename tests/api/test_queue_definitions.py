"""Queues, skills, teams and calendars are defined over HTTP while contacts wait and are served."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.model import ContactId, WaitingContact
from config.floor import QueueSettings
from config.recording import RecordingRuleSettings, RecordingSettings
from cti_server import known_words
from cti_server.queue_book import QueueBook
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Asking, asking, told
from .conftest import SALES, Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

DEFINITIONS = "queue-definitions"
SALES_DEFINITION = f"{DEFINITIONS}/sales"
LABELS = {"zh": "英语", "en": "English"}


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """On each of the two databases in turn."""
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


def waiting(centre: Centre, name: str, queue: str = "sales") -> WaitingContact:
    contact = WaitingContact(ContactId(name), queue, centre.parts.clock.now())
    centre.parts.floor.enqueue(contact)
    return contact


async def change(who: Asking, path: str, version: int, **settings: Any) -> Any:
    answer = await who("PATCH", path, {"version": version, "settings": settings})
    assert answer.status == 200, answer.body
    return answer.body


async def test_a_queue_lives_from_its_definition_to_its_end(either: Centre) -> None:
    sun, floor = asking(either, "sun"), either.parts.floor
    assert (await sun("POST", "skills", {"id": "french", "labels": LABELS})).status == 201
    french = {"title": {"zh": "法语", "en": "French"}, "skills": {"french": 2}, "ring_for": 9}
    made = await sun("POST", DEFINITIONS, {"id": "french", "settings": french})
    assert (made.status, made.body["version"], made.body["origin"]) == (201, 1, "edited")
    assert made.body["settings"]["ring_for"] == "PT9S"
    assert (await sun("POST", DEFINITIONS, {"id": "french", "settings": {}})).status == 409
    waiting(either, "call", "french")

    busy = await sun("DELETE", f"{DEFINITIONS}/french", version="1")
    assert (busy.status, busy.kind) == (409, "QueueInUse")
    floor.withdraw("call")
    assert (await sun("DELETE", f"{DEFINITIONS}/french", version="7")).kind == "EditConflict"
    assert (await sun("DELETE", f"{DEFINITIONS}/french", version="1")).status == 204

    assert [queue.name for queue in floor.queues()] == ["sales"]
    assert (await sun("GET", f"{DEFINITIONS}/french")).status == 404
    again = await sun("POST", DEFINITIONS, {"id": "french", "settings": {}})
    assert again.body["version"] == 3  # what it was is still known
    versions = (await sun("GET", f"{DEFINITIONS}/french/versions")).body["items"]
    assert [(one["number"], one["action"]) for one in versions] == [
        (3, "created"),
        (2, "deleted"),
        (1, "created"),
    ]
    assert await told(either, record="queue") == [
        ("system", "created", "queue", "sales"),
        *(("sun", action, "queue", "french") for action in ("created", "deleted", "created")),
    ]


async def test_who_waits_and_who_talks_are_there_through_every_change(either: Centre) -> None:
    """More is asked, less is asked, it is rolled back: the places stay, and the talk goes on."""
    sun, floor = asking(either, "sun"), either.parts.floor
    floor.log_in("li")
    floor.set_ready("li")
    waiting(either, "talk")
    talk = floor.agent("li").interaction_id
    assert talk is not None
    floor.accept(talk)
    for name in ("first", "second"):
        waiting(either, name)

    harder = await change(sun, SALES_DEFINITION, 1, skills={"sales": 9}, max_served=1)
    floor.log_in("wang")
    floor.set_ready("wang")
    assert floor.agent("wang").state == "ready"  # not good enough any more
    title = {"en": "Sales", "zh": "销售"}
    renamed = await change(sun, SALES_DEFINITION, 2, title=title)
    (live,) = (await asking(either, "li")("GET", "queues")).body
    assert (live["name"], live["title"]) == ("sales", title)
    assert [floor.position(name) for name in ("first", "second")] == [1, 2]
    assert floor.agent("wang").state == "ready"
    back = {"version": renamed["version"], "to": 1}
    rolled = await sun("POST", f"{SALES_DEFINITION}/roll-back", back)

    assert (harder["version"], rolled.status, rolled.body["version"]) == (2, 200, 4)
    assert rolled.body["settings"]["title"] == {}
    assert (floor.agent("wang").state, floor.agent("wang").contact_id) == ("ringing", "first")
    assert (floor.agent("li").interaction_id, floor.agent("li").state) == (talk, "talking")
    assert floor.position("second") == 1
    stale = await sun("POST", f"{SALES_DEFINITION}/roll-back", back)
    nothing = await sun("POST", f"{SALES_DEFINITION}/roll-back", {"version": 4, "to": 17})
    assert (stale.kind, nothing.kind) == ("EditConflict", "UnknownRecord")
    page = (await sun("GET", f"{SALES_DEFINITION}/versions", limit="3")).body
    rest = (await sun("GET", f"{SALES_DEFINITION}/versions", after=page["next"])).body
    who = [(one["number"], one["changed_by"]) for one in [*page["items"], *rest["items"]]]
    assert who == [(4, "sun"), (3, "sun"), (2, "sun"), (1, "system")]
    assert rest["items"][0]["content"] == page["items"][0]["content"]


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"ring_for": 0}, "settings.ring_for: "),
    ({"weights": {"luck": 1}}, "settings.weights: policy 'longest_idle' does not"),
    ({"skills": {"juggling": 1}}, "settings.skills: there is no skill 'juggling'"),
    ({"relax": [{"after": 5, "skills": {"juggling": 1}}]}, "settings.relax"),
    ({"skills": {"sales": 11}}, "skills.sales"),
    ({"colour": "red"}, "colour"),
    ({"name": "shop"}, "settings.name"),
    ({"policy": "os:abort"}, "settings.policy"),
    ({"policy": "scored", "weights": {"luck": 1}}, "luck"),
    ({"relax": [{"after": 5}, {"after": 5}]}, "steps"),
    ({"whisper": {"xx": "Hello"}}, "xx"),
    ({"announce_position_every": 0}, "announce_position_every"),
    ({"customer_ring_for": -1}, "customer_ring_for"),
    ({"customer_ring_for": "P999999999D"}, "customer_ring_for"),
    ({"max_waiting": 10**40}, "max_waiting"),
    ({"call_backs": {"offer_abandoned_after": "P9D"}}, "offer_abandoned_after"),
    ({"caller_id": "\r\nX: y"}, "caller_id"),
    ({"exits": {"1": {"then": "number:not a number"}}}, "settings.exits.1.then"),
    ({"exits": {"1": {"then": "number:110"}}}, "emergency"),
    ({"overflow": [{"when": "closed", "then": "number:sip:"}]}, "settings.overflow.0.then"),
]


async def test_what_no_queue_can_be_is_refused_by_its_name(centre: Centre) -> None:
    sun = asking(centre, "sun")
    for settings, words in INVALID:
        refused = await sun("PATCH", SALES_DEFINITION, {"version": 1, "settings": settings})
        assert refused.status == 422, refused.body
        assert words in refused.body["detail"]
        new = await sun("POST", DEFINITIONS, {"id": "shop", "settings": settings})
        assert (new.status, words in new.body["detail"]) == (422, True)
    assert dict(centre.parts.queues) == {"sales": SALES}


async def test_what_nobody_has_defined_is_named_by_no_user_team_work_key_or_customer(
    centre: Centre,
) -> None:
    sun, profile = asking(centre, "sun"), {"labels": LABELS}
    tomorrow = (centre.parts.clock.now() + timedelta(days=1)).isoformat()
    user = {"id": "zhou", "name": "Zhou", "number": "8100"}
    mail = {"channel": "email", "queue": "sales", "subject": "?"}
    key = {"name": "k", "scopes": ["customers.read"], "expires_at": tomorrow}
    customer = {"name": "王伟"}
    for path, body, field, what in (
        ("users", user | {"team": "nrth"}, "team", "team 'nrth'"),
        ("users", user | {"skills": {"sales": 1, "salse": 1}}, "skills", "skill 'salse'"),
        ("users", user | {"queues": {"salse": 1}}, "queues", "queue 'salse'"),
        (
            "teams",
            {"id": "west", "profile": profile | {"queues": {"salse": 1}}},
            "profile.queues",
            "queue 'salse'",
        ),
        (
            "teams",
            {"id": "west", "profile": profile | {"skills": {"salse": 1}}},
            "profile.skills",
            "skill 'salse'",
        ),
        ("work", mail | {"requirements": {"salse": 1}}, "requirements", "skill 'salse'"),
        ("api-keys", key | {"team": "nrth"}, "team", "team 'nrth'"),
        ("customers", customer | {"team": "nrth"}, "team", "team 'nrth'"),
    ):
        refused = await sun("POST", path, body)
        assert (refused.status, refused.body["detail"]) == (422, f"{field}: there is no {what}")
    version = (await sun("GET", "users/li")).body["version"]
    for change in ({"team": "nrth"}, {"skills": {"salse": 1}}, {"queues": {"salse": 1}}):
        refused = await sun("PATCH", "users/li", {"version": version, **change})
        assert (refused.status, refused.kind) == (422, "InvalidField")


async def test_a_queue_that_numbers_and_campaigns_name_is_not_taken_away(centre: Centre) -> None:
    sun = asking(centre, "sun")
    refused = await sun("DELETE", SALES_DEFINITION, version="1")
    assert (refused.status, "number 3000" in refused.body["detail"]) == (409, True)
    waiting(centre, "still open")  # nothing was closed on the way
    assert (await sun("DELETE", f"{DEFINITIONS}/nowhere", version="1")).status == 404


async def test_the_file_speaks_of_a_queue_until_somebody_has_edited_it(either: Centre) -> None:
    parts, sun = either.parts, asking(either, "sun")

    async def restarted(*configured: QueueSettings) -> QueueBook:
        book = QueueBook(parts.database, parts.changes, configured)
        await book.load(parts.clock.now())
        return book

    shop = QueueSettings(name="shop")
    longer = SALES.model_copy(update={"ring_for": timedelta(seconds=33)})
    book = await restarted(longer, shop)
    assert dict(book) == {"sales": longer, "shop": shop}
    assert dict(await restarted(longer)) == {"sales": longer}  # it is in the file no more
    await change(sun, SALES_DEFINITION, 2, ring_for=44)

    edited = (await restarted(SALES, shop))["sales"]

    assert edited.ring_for == timedelta(seconds=44)
    assert dict(await restarted(SALES, shop)) == {"sales": edited, "shop": shop}
    definition = (await sun("GET", SALES_DEFINITION)).body
    assert (definition["version"], definition["origin"]) == (3, "edited")


async def test_a_team_says_what_its_agents_are_until_they_say_so_themselves(
    either: Centre,
) -> None:
    """Chen is of the north, Lin of the south; both can sell."""
    sun, parts = asking(either, "sun"), either.parts
    relax = [{"after": 20, "reach": 2}]
    await change(sun, SALES_DEFINITION, 1, reach=1, relax=relax)
    assert (await sun("POST", "skills", {"id": "law", "labels": LABELS})).status == 201
    north = {"labels": {"zh": "北方", "en": "North"}, "queues": {"sales": 2}, "skills": {"law": 4}}
    made = await sun("POST", "teams", {"id": "north", "profile": north})
    assert (made.status, made.body["asked_after"]) == (201, {"sales": 20.0})

    assert parts.floor.profile("chen").queues == {"sales": 2}
    assert parts.floor.profile("chen").skills == {"sales": 3, "law": 4}
    assert parts.floor.profile("lin").queues is None
    user = (await sun("GET", "users/chen")).body
    own = {"version": user["version"], "queues": {"sales": 1}, "skills": {"law": 9}}
    assert (await sun("PATCH", "users/chen", own)).status == 200
    assert parts.floor.profile("chen").queues == {"sales": 1}
    assert parts.floor.profile("chen").skills == {"law": 9}
    assert parts.floor.profile("huang").queues == {"sales": 2}

    never = {**north, "queues": {"sales": 3}}
    edited = await sun("PATCH", "teams/north", {"version": 1, "profile": never})
    assert edited.body["asked_after"] == {"sales": None}
    rolled = await sun("POST", "teams/north/roll-back", {"version": 2, "to": 1})
    assert (rolled.body["version"], rolled.body["profile"]["queues"]) == (3, {"sales": 2})
    assert parts.floor.profile("huang").queues == {"sales": 2}
    refused = await sun("DELETE", "teams/north", version="3")
    assert (refused.kind, "chen" in refused.body["detail"]) == ("NotNow", True)
    empty = {"id": "west", "profile": {"labels": LABELS}}
    assert (await sun("POST", "teams", empty)).status == 201
    assert (await sun("DELETE", "teams/west", version="1")).status == 204
    assert [one["id"] for one in (await sun("GET", "teams")).body] == ["north"]


async def test_what_a_user_is_to_routing_can_be_rolled_back(either: Centre) -> None:
    sun, floor = asking(either, "sun"), either.parts.floor
    one = (await sun("GET", "users/li")).body["version"]
    changes: list[dict[str, Any]] = [{"skills": {}, "queues": {"sales": 3}}, {"name": "Li Na"}]
    for version, changed in enumerate(changes, one):
        edited = await sun("PATCH", "users/li", {"version": version, **changed})
        assert edited.status == 200
    assert floor.profile("li").queues == {"sales": 3}

    rolled = await sun("POST", "users/li/roll-back", {"version": one + 2, "to": one})

    assert (rolled.body["skills"], rolled.body["queues"]) == ({"sales": 3}, None)
    assert rolled.body["name"] == "Li Na"  # what is no matter of routing stays
    assert (floor.profile("li").skills, floor.profile("li").queues) == ({"sales": 3}, None)
    versions = (await sun("GET", "users/li/versions")).body["items"]
    assert [(one["number"], one["action"]) for one in versions] == [
        (one + 3, "rolled_back"),
        (one + 1, "updated"),
        (one, "found"),
    ]
    west = {"id": "west", "profile": {"labels": LABELS}}
    assert (await sun("POST", "teams", west)).status == 201
    for version, team in enumerate(("west", None), one + 3):
        body = {"version": version, "team": team}
        assert (await sun("PATCH", "users/li", body)).status == 200
    assert (await sun("DELETE", "teams/west", version="1")).status == 204
    gone = await sun("POST", "users/li/roll-back", {"version": one + 5, "to": one + 4})
    assert (gone.status, "west" in str(gone.body)) == (422, True)
    assert (await sun("DELETE", "users/li", version=str(one + 5))).status == 204
    assert (await sun("GET", "users/li/versions")).status == 404
    new = {"id": "li", "name": "Li", "number": "8001"}
    assert (await sun("POST", "users", new)).status == 201  # somebody else


async def test_a_skill_is_renamed_freely_and_stays_while_somebody_uses_it(either: Centre) -> None:
    sun = asking(either, "sun")
    for skill in ("sales", "french", "german"):
        made = await sun("POST", "skills", {"id": skill, "labels": LABELS})
        assert made.status == 201
    french = {"zh": "法语", "en": "French"}
    edited = await sun("PATCH", "skills/french", {"version": 1, "labels": french})
    assert (edited.body["version"], edited.body["labels"]) == (2, french)
    assert (await sun("GET", "skills/french")).body == edited.body
    rolled = await sun("POST", "skills/french/roll-back", {"version": 2, "to": 1})
    assert (rolled.body["version"], rolled.body["labels"]) == (3, LABELS)

    used = await sun("DELETE", "skills/sales", version="1")

    assert (used.status, used.kind) == (409, "NotNow")
    assert "queue sales, user chen, user gao, user huang, user li and 6 more" in used.body["detail"]
    asked = {"relax": [{"after": 5, "any_of": [{"french": 1, "german": 2}]}]}
    await change(sun, SALES_DEFINITION, 1, **asked)
    assert (await sun("DELETE", "skills/french", version="3")).status == 409
    await change(sun, SALES_DEFINITION, 2, relax=[])
    assert (await sun("DELETE", "skills/french", version="3")).status == 204
    assert (await sun("GET", "skills/french/versions")).body["items"][0]["action"] == "deleted"
    assert [one["id"] for one in (await sun("GET", "skills")).body] == ["german", "sales"]


async def test_skills_and_teams_that_are_in_use_are_known_before_anybody_names_them(
    centre: Centre,
) -> None:
    parts, sun = centre.parts, asking(centre, "sun")
    named = {"id": "south", "profile": {"labels": {"zh": "南方", "en": "South"}}}
    assert (await sun("POST", "teams", named)).status == 201
    asked = QueueSettings.model_validate({"name": "law", "any_of": [{"law": 1, "tax": 2}]})
    for _ in range(2):
        await known_words.take_in(parts.changes, [SALES, asked], [], parts.clock.now())

    skills, teams = (await sun("GET", "skills")).body, (await sun("GET", "teams")).body
    assert [one["id"] for one in skills] == ["law", "sales", "tax"]
    assert [one["profile"]["labels"]["en"] for one in teams] == ["north", "South"]


async def test_a_calendar_has_versions_too(either: Centre) -> None:
    sun, path = asking(either, "sun"), "working-calendars/shop"
    hours = {"labels": LABELS, "time_zone": "Asia/Shanghai", "week": {"mon": [["09:00", "18:00"]]}}
    assert (await sun("POST", "working-calendars", {"id": "shop", "hours": hours})).status == 201
    closed = {**hours, "week": {}}
    assert (await sun("PUT", path, {"version": 1, "hours": closed})).status == 200

    rolled = await sun("POST", f"{path}/roll-back", {"version": 2, "to": 1})

    assert (await sun("GET", path)).body == rolled.body
    assert rolled.body["hours"]["week"] == hours["week"]
    versions = (await sun("GET", f"{path}/versions")).body["items"]
    assert [one["action"] for one in versions] == ["rolled_back", "updated", "created"]
    assert (await sun("DELETE", path, version="3")).status == 204
    assert (await sun("POST", "working-calendars", {"id": "shop", "hours": hours})).status == 201


async def test_a_calendar_stays_as_long_as_a_flow_looks_at_it(either: Centre) -> None:
    sun = asking(either, "sun")
    hours = {"labels": LABELS, "time_zone": "Asia/Shanghai", "week": {}}
    assert (await sun("POST", "working-calendars", {"id": "office", "hours": hours})).status == 201

    used = await sun("DELETE", "working-calendars/office", version="1")

    assert (used.status, "the flow 'office'" in str(used.body)) == (409, True)


async def test_a_calendar_stays_as_long_as_a_rule_of_recording_names_it(
    tmp_path: Path, database_url: str
) -> None:
    """The next start would be refused for want of it."""
    by_day = RecordingRuleSettings(name="by-day", record="always", hours="day")
    rules = RecordingSettings(rules=(by_day,))
    async with opened(tmp_path, database_url=database_url, recording=rules) as centre:
        sun = asking(centre, "sun")
        hours = {"labels": LABELS, "time_zone": "Asia/Shanghai", "week": {}}
        for made in ("day", "night"):
            wanted = {"id": made, "hours": hours}
            assert (await sun("POST", "working-calendars", wanted)).status == 201

        used = await sun("DELETE", "working-calendars/day", version="1")

        assert (used.status, "recording.rules.by-day.hours" in str(used.body)) == (409, True)
        assert (await sun("DELETE", "working-calendars/night", version="1")).status == 204


async def test_ways_out_of_a_queue_lead_to_queues_that_are_there_and_hours_to_a_calendar(
    either: Centre,
) -> None:
    sun = asking(either, "sun")
    night = {"id": "night", "settings": {"exits": {"1": {"then": "queue:sales"}}}}
    assert (await sun("POST", DEFINITIONS, night)).status == 201
    kept = await sun("DELETE", f"{DEFINITIONS}/sales", version="1")
    assert (kept.status, "queue night" in str(kept.body)) == (409, True)

    def asked(then: str) -> dict[str, Any]:
        rule = {"when": "closed", "then": then, "say": {"en": "We are closed."}}
        return {"version": 1, "settings": {"overflow": [rule]}}

    for settings, field in (
        (asked("queue:moon"), "settings.overflow.0.then"),
        (asked("queue:sales"), "settings.overflow.0.then"),
        ({"version": 1, "settings": {"hours": "moonlight"}}, "settings.hours"),
        (
            {"version": 1, "settings": {"call_backs": {"calendar": "moonlight"}}},
            "settings.call_backs.calendar",
        ),
    ):
        refused = await sun("PATCH", SALES_DEFINITION, settings)
        assert refused.status == 422
        assert field in str(refused.body)
    assert (await sun("PATCH", SALES_DEFINITION, asked("queue:night"))).status == 200
    back = {"version": 1, "settings": {"overflow": [{"when": "closed", "then": "queue:sales"}]}}
    nights = {"labels": LABELS, "time_zone": "Asia/Shanghai", "week": {}}
    made = await sun("POST", "working-calendars", {"id": "nights", "hours": nights})
    assert made.status == 201
    by: list[dict[str, Any]] = [
        {"hours": "nights"},
        {"hours": None, "call_backs": {"calendar": "nights"}},
    ]
    for version, named in enumerate(by, 2):
        await change(sun, SALES_DEFINITION, version, **named)
        used = await sun("DELETE", "working-calendars/nights", version="1")
        assert (used.status, "sales" in str(used.body)) == (409, True)
    ring = await sun("PATCH", f"{DEFINITIONS}/night", back)
    assert (ring.status, "settings.overflow.0.then" in str(ring.body)) == (422, True)


async def test_a_form_for_a_queue_knows_what_its_settings_can_name(centre: Centre) -> None:
    choices = (await asking(centre, "sun")("GET", "queue-choices")).body

    assert {"longest_idle", "scored"} <= {*choices["policies"]}
    assert (choices["surveys"], choices["languages"]) == (["after_call"], ["zh", "en"])
