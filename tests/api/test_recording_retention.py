"""Rules of how long recordings are kept, over REST: made, tried out before, edited, refused."""

from datetime import timedelta
from typing import Any

from cti_server import shipped_retention
from cti_server.store.recordings import Recording

from .asking import asking, told
from .conftest import Centre

RULES = "retention/recordings"


async def recorded(centre: Centre, name: str, queue: str, days_ago: int) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add(
            Recording(
                id=name,
                call_id=name,
                contact_id=name,
                interaction_id="",
                agent_id="",
                queue=queue,
                caller_number="",
                dialled_number="",
                started_at=centre.parts.clock.now() - timedelta(days=days_ago),
                state="stored",
                size=1000,
            )
        )


async def test_a_rule_is_tried_out_made_edited_and_removed_and_all_of_it_is_audited(
    centre: Centre,
) -> None:
    await shipped_retention.load(centre.parts.changes, centre.parts.clock.now())
    await recorded(centre, "r1", "sales", 40)
    await recorded(centre, "r2", "closed-down", 40)
    sun, auditor = asking(centre, "sun"), asking(centre, "qian")

    nothing = await auditor("GET", f"{RULES}/preview")
    thought = await auditor("GET", f"{RULES}/preview", queue="sales", days="30")
    made = await sun("POST", RULES, {"queue": "sales", "days": 30})
    twice = await sun("POST", RULES, {"queue": "sales", "days": 31})
    old_queue = await sun("POST", RULES, {"queue": "closed-down", "kind": "message", "days": None})
    rule_id, version = made.body["id"], made.body["version"]
    edited = await sun("PATCH", f"{RULES}/{rule_id}", {"version": version, "days": 50})
    stale = await sun("PATCH", f"{RULES}/{rule_id}", {"version": version, "days": 60})
    again = await auditor("GET", f"{RULES}/preview", queue="sales", days="35")
    listed = await auditor("GET", RULES)
    removed = await sun("DELETE", f"{RULES}/{rule_id}")
    gone = await sun("DELETE", f"{RULES}/{rule_id}")

    assert [each["recordings"] for each in nothing.body] == [0]
    assert [(each["rule_id"], each["recordings"], each["bytes"]) for each in thought.body] == [
        (None, 0, 0),
        ("new", 1, 1000),
    ]
    assert (made.status, made.body["queue"], made.body["kind"]) == (201, "sales", None)
    assert (twice.status, twice.kind) == (409, "AlreadyThere")
    assert (old_queue.status, old_queue.body["days"]) == (201, None)
    assert (edited.body["days"], stale.status) == (50, 409)
    assert [(each["queue"], each["days"], each["recordings"]) for each in again.body] == [
        (None, 365, 0),
        ("closed-down", None, 0),
        ("sales", 35, 1),  # in the place of the rule that there is
    ]
    assert [each["queue"] for each in listed.body] == ["closed-down", "sales"]
    assert (removed.status, gone.status) == (204, 404)
    trail = [each[1] for each in await told(centre, record="recording_retention")]
    assert trail == ["created", "created", "updated", "deleted"]


async def test_rules_of_nonsense_are_refused_by_their_field(centre: Centre) -> None:
    sun = asking(centre, "sun")

    async def refused(**rule: Any) -> str:
        answer = await sun("POST", RULES, rule)
        assert answer.status == 422, answer.body
        return str(answer.body["detail"])

    assert "queue: or kind is needed" in await refused(days=3)
    assert "days: " in await refused(queue="sales", days=0)
    assert "days: Field required" in await refused(queue="sales")
    assert "kind: " in await refused(kind="fax", days=3)
    assert "there is no queue 'dreams'" in await refused(queue="dreams", days=3)
    preview = await sun("GET", f"{RULES}/preview", days="3")
    assert (preview.status, "queue: or kind" in preview.body["detail"]) == (422, True)
    assert (await sun("PATCH", f"{RULES}/none", {"version": 1, "days": 3})).status == 404
