"""API keys: what they open, what they never do, and what is kept of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cti_server.api.permissions import OWN, PERMISSIONS

from .asking import Answer, Asking, asking, told, written_in
from .conftest import Centre


async def made(centre: Centre, *scopes: str, **more: Any) -> Answer:
    expires_at = (centre.parts.clock.now() + timedelta(days=30)).isoformat()
    body = {"name": "the kiosk", "scopes": list(scopes), "expires_at": expires_at, **more}
    return await asking(centre, "sun")("POST", "api-keys", body)


async def test_a_key_opens_its_scopes_and_nothing_else(centre: Centre) -> None:
    key = Asking(centre, (await made(centre, "queues.read")).body["key"])

    statuses = [(await key("GET", path)).status for path in ("queues", "users", "account")]

    assert key.token.startswith("hk_")
    assert statuses == [200, 403, 403]
    assert (await key("DELETE", "sessions/current")).status == 403


async def test_a_key_is_shown_once_and_kept_as_a_hash(centre: Centre, tmp_path: Path) -> None:
    answer = await made(centre, "queues.read")
    secret = answer.body["key"].split("_", 2)[2]
    await centre.parts.log.stored()

    listed = (await asking(centre, "sun")("GET", "api-keys")).body

    assert secret not in str(listed)
    assert [each["name"] for each in listed["items"]] == ["the kiosk"]
    assert secret.encode() not in written_in(tmp_path)


async def test_a_revoked_key_and_a_wrong_secret_open_nothing(centre: Centre) -> None:
    answer = await made(centre, "queues.read")
    key = Asking(centre, answer.body["key"])
    forged = [Asking(centre, key.token + "x"), Asking(centre, "hk_"), Asking(centre, "hk__")]
    assert [(await each("GET", "queues")).status for each in forged] == [401] * 3

    revoked = await asking(centre, "sun")("DELETE", f"api-keys/{answer.body['made']['id']}")

    assert (revoked.status, (await key("GET", "queues")).status) == (204, 401)
    await centre.parts.keys.load(centre.parts.clock.now())
    assert (await key("GET", "queues")).status == 401


async def test_an_expired_key_opens_nothing(centre: Centre) -> None:
    now = centre.parts.clock.now()
    answer = await made(centre, "queues.read")
    identify = centre.parts.keys.identify
    assert identify(answer.body["key"], now, "").may("queues.read")

    with pytest.raises(Exception, match="expired"):
        identify(answer.body["key"], now + timedelta(days=31), "")


async def test_the_use_of_a_key_is_seen_in_its_list_and_in_the_audit_trail(centre: Centre) -> None:
    answer = await made(centre, "queues.read")
    key, key_id = Asking(centre, answer.body["key"]), answer.body["made"]["id"]
    for _ in range(3):
        await key("GET", "queues")

    used = await told(centre, actor=f"key:{key_id}")

    assert used == [(f"key:{key_id}", "used", "api_key", key_id)]
    [listed] = (await asking(centre, "sun")("GET", "api-keys")).body["items"]
    assert listed["last_used_from"] == "127.0.0.1"
    assert listed["last_used_at"] is not None


@pytest.mark.parametrize("scope", [*sorted(OWN), "everything"])
async def test_what_only_a_person_does_is_no_scope(centre: Centre, scope: str) -> None:
    answer = await made(centre, scope)

    assert (answer.status, answer.kind) == (422, "InvalidField")


@pytest.mark.parametrize("days", [-1, 0, 3000])
async def test_a_key_ends_some_day(centre: Centre, days: int) -> None:
    expires_at = (centre.parts.clock.now() + timedelta(days=days)).isoformat()

    assert (await made(centre, "queues.read", expires_at=expires_at)).status == 422


async def test_a_key_of_a_team_sees_that_teams_records(centre: Centre) -> None:
    answer = await made(centre, "customers.read", team="south")
    who = centre.parts.keys.identify(answer.body["key"], centre.parts.clock.now(), "")

    assert who.teams == frozenset({"south"})


async def test_the_matrix_page_has_every_role_and_scope(centre: Centre) -> None:
    page = (await asking(centre, "qian")("GET", "permissions")).body

    assert {role: set(granted) for role, granted in page["roles"].items()} == PERMISSIONS
    assert set(page["scopes"]) == set().union(*PERMISSIONS.values()) - OWN
    assert page["masked"]["customer.numbers"] == "customers.reveal"


async def test_a_key_is_no_way_into_the_stream(centre: Centre) -> None:
    key = (await made(centre, "floor.read")).body["key"]

    async with centre.client.ws_connect("/api/v1/stream") as socket:
        await socket.send_json({"type": "hello", "token": key, "floor": True})
        await socket.receive(timeout=5)

        assert socket.close_code == 4401
