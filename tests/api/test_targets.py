"""Targets over REST: how they stand, their history, and what is done about them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti_server.wire import events

from .conftest import Centre

PATH = "/api/v1/targets"
TARGET: dict[str, Any] = {
    "kpi": "abandon_rate",
    "subject": "queue",
    "name": "sales",
    "green": 0.1,
    "yellow": 0.4,
    "valid_from": "2020-01-01",
}


async def asks(centre: Centre, who: str, method: str, path: str = "", body: Any = None) -> Any:
    """The status and the answer."""
    headers = await centre.headers(who)
    async with centre.client.request(method, PATH + path, json=body, headers=headers) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def until_light(centre: Centre, light: str) -> dict[str, Any]:
    """The first target, when its lights are this: today's, and the live figures'."""
    async with asyncio.timeout(60):
        while True:
            status, found = await asks(centre, "zhao", "GET")
            assert status == 200, found
            one = dict(found[0])
            if {one["light"], one["interval"]["light"], one["recent"]["light"]} == {light}:
                return one
            await asyncio.sleep(0.3)


async def abandons(centre: Centre, contact_id: str) -> None:
    """Somebody came into the queue and has left it."""
    log = centre.parts.log
    log.append(
        events.CallArrived(
            call_id=f"call-{contact_id}", contact_id=contact_id, sip_call_id="s", trunk="t",
            caller_number="13800138000", dialled_number="1000",
        )
    )  # fmt: skip
    log.append(
        events.ContactQueued(
            contact_id=contact_id,
            queue="sales",
            queued_at=datetime.now(UTC) - timedelta(minutes=1),
            priority=0,
            requirements={},
        )
    )
    log.append(
        events.ContactEnded(contact_id=contact_id, outcome="abandoned", reason="caller-hung-up")
    )
    await log.stored()


async def test_a_target_turns_red_and_what_is_done_is_in_its_history(centre: Centre) -> None:
    status, made = await asks(centre, "zhao", "POST", body=TARGET)
    assert status == 201, made
    one = f"/{made['id']}"
    assert (await until_light(centre, "none"))["value"] is None

    await abandons(centre, "k1")
    stands = await until_light(centre, "red")
    assert (stands["value"], stands["in_force"], stands["actions_open"]) == (1.0, True, 0)
    assert stands["recent"]["value"] == stands["interval"]["value"] == 1.0

    today = datetime.now(UTC).date()
    action = {"measure": "Two more agents.", "owner": "zhao", "begun_on": str(today)}
    status, noted = await asks(centre, "zhao", "POST", f"{one}/actions", action)
    assert (status, noted["light_before"], noted["value_before"]) == (201, "red", 1.0)
    _, history = await asks(centre, "qian", "GET", f"{one}/history?by=all")
    assert [each["id"] for each in history["actions"]] == [noted["id"]]
    assert [point["light"] for point in history["points"]] == ["red"]
    assert (await until_light(centre, "red"))["actions_open"] == 1

    changed = f"{one}/actions/{noted['id']}"
    outcome = {"version": 1, "outcome": "Fewer leave.", "ended_on": str(today)}
    assert (await asks(centre, "zhao", "PATCH", changed, outcome))[1]["outcome"] == "Fewer leave."
    assert (await asks(centre, "zhao", "PATCH", changed, outcome))[0] == 409
    backwards = {"version": 2, "ended_on": str(today - timedelta(days=2))}
    assert (await asks(centre, "zhao", "PATCH", changed, backwards))[0] == 422
    [listed] = (await asks(centre, "zhao", "GET", f"{one}/actions"))[1]
    assert (listed["version"], listed["ended_on"]) == (2, str(today))


async def test_a_figure_has_one_target_a_day_and_who_may_define_it(centre: Centre) -> None:
    _, made = await asks(centre, "sun", "POST", body={**TARGET, "valid_until": "2026-11-30"})
    status, problem = await asks(
        centre, "zhao", "POST", body={**TARGET, "valid_from": "2026-11-30"}
    )
    assert (status, "valid_from" in problem["detail"]) == (422, True)
    assert (await asks(centre, "zhao", "POST", body={**TARGET, "valid_from": "2026-12-01"}))[
        0
    ] == 201
    anew = {"version": 1, "definition": {**TARGET, "valid_until": "2026-11-29"}}
    assert (await asks(centre, "zhao", "PATCH", f"/{made['id']}", anew))[0] == 200
    for who in ("li", "qian"):
        assert (await asks(centre, who, "POST", body=TARGET))[0] == 403


@pytest.mark.parametrize("subject", ["centre", "team"])
async def test_the_centre_and_teams_have_targets_and_a_team_sees_its_own(
    centre: Centre, subject: str
) -> None:
    """huang is of the team "north"."""
    name = None if subject == "centre" else "south"
    body = {**TARGET, "kpi": "occupancy", "green": 0.8, "yellow": 0.6, "subject": subject}
    status, made = await asks(centre, "zhao", "POST", body={**body, "name": name})
    assert status == 201, made

    seen = [one["id"] for one in (await asks(centre, "huang", "GET"))[1]]
    assert seen == ([made["id"]] if subject == "centre" else [])
    for of_it in ("history", "versions"):
        status, _ = await asks(centre, "huang", "GET", f"/{made['id']}/{of_it}")
        assert status == (200 if subject == "centre" else 404)
    assert (await asks(centre, "zhao", "DELETE", f"/{made['id']}?version=1"))[0] == 204
    status, _ = await asks(centre, "huang", "GET", f"/{made['id']}/versions")
    assert status == (200 if subject == "centre" else 404)
