"""What could not be sent, and what people decide of it, over REST."""

from datetime import timedelta
from typing import Any

from cti_server.store.outbox import OutboxJob, OutboxJobs
from tests.store.stories import NINE

from .asking import asking, told
from .conftest import Centre

WANG = {"name": "王伟", "numbers": [{"number": "13800138000"}]}


def job(job_id: str, state: str, **more: Any) -> OutboxJob:
    usual: dict[str, Any] = {
        "key": job_id,
        "channel": "email",
        "recipient": "wang.wei@example.com",
        "content": {},
        "created_at": NINE + timedelta(minutes=int(job_id)),
        "wanted_at": NINE,
        "due_at": NINE + timedelta(days=1),
        "attempts": 3,
    }
    return OutboxJob(id=job_id, state=state, **(usual | more))


async def stored(centre: Centre, *jobs: OutboxJob) -> None:
    async with centre.parts.database.sessions.begin() as session:
        session.add_all(jobs)


async def test_dead_letters_are_found_and_sent_again_and_who_did_is_in_the_trail(
    centre: Centre,
) -> None:
    dead = {"failure": "550 no such user", "due_at": None, "ended_at": NINE}
    await stored(
        centre,
        job("1", "sent"),
        job("2", "dead", **dead),
        job("3", "waiting"),
        job("4", "dead", channel="sms", recipient="+8613800138000", **dead),
        job("5", "sending"),
    )
    zhao, qian, li = (asking(centre, name) for name in ("zhao", "qian", "li"))

    first = await qian("GET", "outbox?limit=2")
    assert [one["id"] for one in first.body["items"]] == ["5", "4"]
    rest = await qian("GET", f"outbox?after={first.body['next']}")
    assert [one["id"] for one in rest.body["items"]] == ["3", "2", "1"]
    [found] = (await zhao("GET", "outbox?state=dead&channel=email")).body["items"]
    assert (found["recipient"], found["failure"]) == ("w***@example.com", "550 no such user")
    assert "13800138000" not in (await zhao("GET", "outbox/4")).body["recipient"]
    waiting = {one["id"]: one["held"] for one in [*first.body["items"], *rest.body["items"]]}
    assert waiting == dict.fromkeys("12345")
    assert (await zhao("GET", "outbox?state=lost")).status == 422
    assert (await zhao("GET", "outbox/9")).status == 404
    assert (await li("GET", "outbox")).status == 403
    assert (await qian("POST", "outbox/2/retry")).status == 403

    again = await zhao("POST", "outbox/2/retry")
    assert (again.status, again.body["state"], again.body["attempts"]) == (200, "waiting", 0)
    assert again.body["due_at"] == again.body["wanted_at"] != found["wanted_at"]
    assert (await zhao("POST", "outbox/3/retry")).status == 200
    assert (await zhao("DELETE", "outbox/4")).status == 204
    for on_its_way in ("1", "5"):
        assert (await zhao("POST", f"outbox/{on_its_way}/retry")).status == 409
        assert (await zhao("DELETE", f"outbox/{on_its_way}")).status == 409
    assert await told(centre, record="outbox_job", record_id="2") == [
        ("zhao", "retried", "outbox_job", "2")
    ]
    assert await told(centre, record="outbox_job", record_id="4") == [
        ("zhao", "withdrawn", "outbox_job", "4")
    ]


async def test_what_nothing_sends_is_held_and_says_so(centre: Centre) -> None:
    """Neither an error nor a dead letter: it waits, whoever has it tried again at once."""
    zhao = asking(centre, "zhao")
    fax = {"channel": "fax", "recipient": "+8675526123456", "attempts": 0}
    await stored(centre, job("1", "waiting", **fax), job("2", "waiting"), job("3", "sent", **fax))

    held = {one["id"]: one["held"] for one in (await zhao("GET", "outbox")).body["items"]}
    assert held == {"1": "no_sender", "2": None, "3": None}
    again = (await zhao("POST", "outbox/1/retry")).body
    assert (again["state"], again["held"], again["failure"]) == ("waiting", "no_sender", None)
    assert (await zhao("GET", "outbox/1")).body["held"] == "no_sender"
    assert (await zhao("GET", "outbox?state=dead")).body["items"] == []


async def test_what_was_withdrawn_is_no_more_but_not_asked_for_anew(centre: Centre) -> None:
    """As of a caller's message, of which a restart asks whether it was put into the outbox."""
    zhao = asking(centre, "zhao")
    await stored(centre, job("1", "waiting", content={"text": "call me"}))

    assert (await zhao("DELETE", "outbox/1")).status == 204

    assert (await zhao("GET", "outbox/1")).status == 404
    assert (await zhao("DELETE", "outbox/1")).status == 404
    assert (await zhao("GET", "outbox")).body["items"] == []
    async with centre.parts.database.sessions.begin() as session:
        jobs = OutboxJobs(session)
        assert not await jobs.put("2", "1", "email", "wang.wei@example.com", {}, NINE)
        kept = await jobs.need("1", [])
        assert (kept.state, kept.content) == ("withdrawn", {})
        assert await jobs.earliest(["email"], []) == kept.due_at
        await jobs.forget_ended(kept.due_at or NINE)
        assert await jobs.put("2", "1", "email", "wang.wei@example.com", {}, NINE)


async def test_what_is_about_another_teams_customer_is_not_shown(centre: Centre) -> None:
    chen, huang, zhao = (asking(centre, name) for name in ("chen", "huang", "zhao"))
    north = (await chen("POST", "customers", WANG)).body["id"]
    lin = asking(centre, "lin")
    south = (await lin("POST", "customers", {"name": "赵敏", "numbers": []})).body["id"]
    await stored(
        centre,
        job("1", "dead", customer_id=north),
        job("2", "dead", customer_id=south),
        job("3", "dead"),
    )

    assert [one["id"] for one in (await zhao("GET", "outbox")).body["items"]] == ["3", "2", "1"]
    assert [one["id"] for one in (await huang("GET", "outbox")).body["items"]] == ["3", "1"]
    assert (await huang("GET", "outbox/2")).status == 404
    assert (await huang("POST", "outbox/2/retry")).status == 404
