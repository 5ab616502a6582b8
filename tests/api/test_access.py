"""Who gets in, and what each role may do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cti_server.api.access import (
    PERMISSIONS,
    FailedLogIns,
    NotLoggedIn,
    Sessions,
    TooManyFailures,
    secret_of,
)
from cti_server.api.server import ROUTES

from .conftest import PASSWORD, Centre

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_token_tells_who_it_was_made_for_until_it_expires() -> None:
    sessions = Sessions(b"k" * 32, HOUR)
    token, expires_at = sessions.open("li", ("agent",), NINE)

    assert sessions.identify(token, expires_at - timedelta(seconds=1)).agent_id == "li"
    with pytest.raises(NotLoggedIn, match="expired"):
        sessions.identify(token, expires_at)


def test_a_token_signed_by_somebody_else_is_refused() -> None:
    token, _ = Sessions(b"x" * 32, HOUR).open("li", ("admin",), NINE)

    with pytest.raises(NotLoggedIn, match="not one of ours"):
        Sessions(b"k" * 32, HOUR).identify(token, NINE)


def test_a_revoked_session_is_over_and_others_are_not() -> None:
    sessions = Sessions(b"k" * 32, HOUR)
    first, _ = sessions.open("li", ("agent",), NINE)
    second, _ = sessions.open("li", ("agent",), NINE)

    sessions.revoke(sessions.identify(first, NINE), NINE)

    with pytest.raises(NotLoggedIn, match="closed"):
        sessions.identify(first, NINE)
    assert sessions.identify(second, NINE).agent_id == "li"


def test_after_five_wrong_passwords_a_name_waits_a_minute() -> None:
    failures = FailedLogIns()
    for _ in range(5):
        failures.check("li", NINE)
        failures.failed("li", NINE)

    with pytest.raises(TooManyFailures):
        failures.check("li", NINE)
    failures.check("wang", NINE)
    failures.check("li", NINE + timedelta(seconds=61))


def test_the_servers_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "session.key"

    assert secret_of(file) == secret_of(file)
    assert len(secret_of(file)) == 32
    assert file.stat().st_mode & 0o077 == 0


def test_every_permission_that_a_route_needs_is_some_roles() -> None:
    granted = set().union(*PERMISSIONS.values())

    assert {permission for route in ROUTES for permission in route.needs or ()} <= granted


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(centre: Centre) -> None:
    answers = [
        await centre.client.post("/api/v1/sessions", json={"agent_id": name, "password": "wrong"})
        for name in ("li", "nobody")
    ]

    assert [answer.status for answer in answers] == [401, 401]
    assert await answers[0].json() == await answers[1].json()


async def test_logging_in_puts_the_agent_on_the_floor_and_out_takes_them_off(
    centre: Centre,
) -> None:
    headers = await centre.headers("li")
    assert centre.parts.floor.agent("li").state == "not_ready"

    answer = await centre.client.delete("/api/v1/sessions/current", headers=headers)

    assert answer.status == 204
    assert centre.parts.floor.agent("li").state == "logged_out"
    again = await centre.client.get("/api/v1/queues", headers=headers)
    assert again.status == 401


ALLOWED = {
    "/api/v1/agents": {"zhao", "sun"},
    "/api/v1/agents/li": {"li", "zhao", "sun"},
    "/api/v1/queues": {"li", "wang", "zhao", "sun"},
    "/api/v1/contacts": {"zhao", "qian", "sun"},
    "/api/v1/agents/li/states": {"li", "zhao", "qian", "sun"},
    "/api/v1/recordings": {"zhao", "qian", "sun"},
}


@pytest.mark.parametrize("path", ALLOWED)
async def test_each_role_reads_what_it_may_and_nothing_else(centre: Centre, path: str) -> None:
    people = ("li", "wang", "zhao", "qian", "sun")
    statuses = {
        who: (await centre.client.get(path, headers=await centre.headers(who))).status
        for who in people
    }

    assert statuses == {who: 200 if who in ALLOWED[path] else 403 for who in people}


async def test_without_a_token_every_route_but_the_public_ones_answers_401(centre: Centre) -> None:
    for route in ROUTES:
        if route.needs is None:
            continue
        path = route.path.replace("{", "").replace("}", "")
        answer = await centre.client.request(route.method, path)
        assert answer.status == 401, route.path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await answer.json())["type"] == "NotLoggedIn"


async def test_passwords_are_not_in_the_log(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    await centre.client.post(
        "/api/v1/sessions", json={"agent_id": "li", "password": "not-" + PASSWORD}
    )

    assert PASSWORD not in "".join(capsys.readouterr())
