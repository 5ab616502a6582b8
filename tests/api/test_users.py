"""Users over REST: defined, changed, disabled, removed; a running server knows at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti_server.sip.digest import ha1
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import asking, log_in, told
from .conftest import PASSWORD, Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

NEW = {"id": "zhou", "name": "Zhou Yu", "number": "8100", "roles": ["agent"], "team": "south"}
TEMPORARY, CHOSEN = "swallows over water", "three brown foxes"


async def test_a_new_user_chooses_a_password_and_then_serves(centre: Centre) -> None:
    sun = asking(centre, "sun")
    made = await sun("POST", "users", {**NEW, "skills": {"sales": 4}, "password": TEMPORARY})

    first = await log_in(centre, "zhou", TEMPORARY)
    new = type(sun)(centre, first.body["token"])
    early = await new("GET", "queues")
    chosen = await new("POST", "account/password", {"password": TEMPORARY, "new_password": CHOSEN})
    later = await type(sun)(centre, chosen.body["token"])("GET", "queues")

    assert (made.status, made.body["version"], made.body["skills"]) == (201, 1, {"sales": 4})
    assert first.body["must"] == ["change_password"]
    assert (early.status, later.status, chosen.body["must"]) == (403, 200, [])
    assert centre.parts.floor.profile("zhou").skills == {"sales": 4}
    assert centre.definitions.team_of("zhou") == "south"


async def test_a_user_is_changed_by_whoever_has_read_the_version(centre: Centre) -> None:
    sun = asking(centre, "sun")
    before = (await sun("GET", "users/li")).body

    changed = await sun(
        "PATCH", "users/li", {"version": before["version"], "name": "Li Na", "team": "north"}
    )
    late = await sun("PATCH", "users/li", {"version": before["version"], "name": "Li Bai"})
    no_team = await sun("PATCH", "users/li", {"version": changed.body["version"], "team": None})

    assert (changed.status, changed.body["name"], changed.body["team"]) == (200, "Li Na", "north")
    assert (late.status, late.kind) == (409, "EditConflict")
    assert (no_team.body["team"], no_team.body["name"]) == (None, "Li Na")
    assert centre.parts.floor.profile("li").name == "Li Na"


async def test_who_is_disabled_is_out_at_once_and_back_when_enabled(centre: Centre) -> None:
    sun = asking(centre, "sun")
    li = type(sun)(centre, await centre.token("li"))
    version = (await sun("GET", "users/li")).body["version"]

    disabled = await sun("PATCH", "users/li", {"version": version, "enabled": False})

    assert (await li("GET", "queues")).status == 401
    assert (await log_in(centre, "li", PASSWORD)).kind == "WrongPassword"
    enabled = await sun("PATCH", "users/li", {"version": disabled.body["version"], "enabled": True})
    assert enabled.status == 200
    assert (await li("GET", "queues")).status == 401, "an old session does not come back"
    assert (await log_in(centre, "li", PASSWORD)).status == 201


async def test_a_removed_user_is_gone_with_phone_and_sessions(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    phone = await sun("POST", "users/li/phone-password")
    realm, password = centre.parts.realm, phone.body["password"]
    assert centre.definitions.ha1("li", "SHA-256") == ha1("li", realm, password, "SHA-256")

    stale = await sun("DELETE", "users/li", version="9")
    removed = await sun("DELETE", "users/li", version="1")

    assert (stale.status, removed.status) == (409, 204)
    assert [(await li("GET", "queues")).status, (await sun("GET", "users/li")).status] == [401, 404]
    assert centre.definitions.ha1("li", "MD5") is None


async def test_a_reset_password_ends_every_session_and_a_lock_out(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    for _ in range(6):
        locked = await log_in(centre, "li", "wrong")

    reset = await sun("POST", "users/li/password", {"password": TEMPORARY})

    assert (locked.status, reset.status) == (429, 204)
    assert (await li("GET", "queues")).status == 401
    assert (await log_in(centre, "li", TEMPORARY)).body["must"] == ["change_password"]


async def test_the_last_administrator_stays(centre: Centre) -> None:
    sun = asking(centre, "sun")

    refusals = [
        await sun("DELETE", "users/sun", version="1"),
        await sun("PATCH", "users/sun", {"version": 1, "roles": ["agent"]}),
        await sun("PATCH", "users/sun", {"version": 1, "enabled": False}),
    ]
    await sun("POST", "users", {**NEW, "roles": ["admin"]})
    handed_over = await sun("PATCH", "users/sun", {"version": 1, "roles": ["agent"]})

    assert [answer.kind for answer in refusals] == ["NotNow"] * 3
    assert handed_over.status == 200
    assert (await sun("GET", "users")).status == 403


async def test_users_are_listed_page_by_page(centre: Centre) -> None:
    qian, seen = asking(centre, "qian"), []
    query: dict[str, str] = {}
    while True:
        page = (await qian("GET", "users", limit="3", **query)).body
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query = {"after": page["next"]}

    assert seen == ["chen", "gao", "huang", "li", "lin", "qian", "screen", "sun", "wang", "zhao"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../etc"},
        {"number": "12a"},
        {"roles": ["owner"]},
        {"roles": []},
        {"skills": {"sales": 11}},
        {"queues": {"sales": 0}},
        {"region": ["CN", "浙江"]},
        {"phone": "1001"},
        {"team": "South"},
        {"name": "a\nb"},
        {"password": "zhou zhou zhou"},
        {"password": "qwertyuiop"},
        {"unknown": 1},
    ],
)
async def test_what_no_user_can_be_is_refused_by_name(
    centre: Centre, wrong: dict[str, object]
) -> None:
    answer = await asking(centre, "sun")("POST", "users", {**NEW, **wrong})

    assert answer.status == 422
    assert next(iter(wrong)) in answer.body["detail"]


async def test_two_users_cannot_have_one_id_or_number(centre: Centre) -> None:
    sun = asking(centre, "sun")

    for taken in ({"id": "li"}, {"number": "8001"}):
        refused = await sun("POST", "users", {**NEW, **taken})
        assert refused.kind == "AlreadyThere"
        assert refused.body["detail"] == f"another record has this {next(iter(taken))} already"
    assert (await sun("DELETE", "users/li")).body["detail"] == "version: say which version was read"


async def test_every_change_of_a_user_is_in_the_audit_trail_without_a_value(centre: Centre) -> None:
    sun = asking(centre, "sun")
    await sun("POST", "users", {**NEW, "password": TEMPORARY})
    await sun("PATCH", "users/zhou", {"version": 1, "team": "north"})
    await sun("POST", "users/zhou/password", {"password": CHOSEN})
    await sun("DELETE", "users/zhou", version="3")

    assert await told(centre, record="agent", record_id="zhou") == [
        ("sun", "created", "agent", "zhou"),
        ("sun", "updated", "agent", "zhou"),
        ("sun", "updated", "agent", "zhou"),
        ("sun", "sessions_closed", "agent", "zhou"),
        ("sun", "deleted", "agent", "zhou"),
        ("sun", "sessions_closed", "agent", "zhou"),
    ]
    trail = (await asking(centre, "qian")("GET", "audit", record_id="zhou")).body
    assert TEMPORARY not in str(trail)
    assert "north" not in str(trail)


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """On each of the two databases in turn."""
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


FOUND: list[tuple[dict[str, str], list[str]]] = [
    ({"q": "HEN"}, ["chen"]),
    ({"q": "8001"}, ["li"]),
    ({"q": "%"}, []),
    ({"role": "supervisor"}, ["huang", "zhao"]),
    ({"role": "visor"}, []),
    ({"team": "north"}, ["chen", "huang"]),
    ({"team": "north", "role": "agent"}, ["chen"]),
    ({"team": "", "role": "agent"}, ["li", "wang"]),
]


async def test_users_are_found_by_name_role_and_team(either: Centre) -> None:
    sun = asking(either, "sun")
    for query, expected in FOUND:
        found = (await sun("GET", "users", **query)).body
        assert [user["id"] for user in found["items"]] == expected, query


async def test_an_agents_team_is_told_with_their_state(centre: Centre) -> None:
    agents = (await asking(centre, "sun")("GET", "agents")).body

    assert {each["id"]: each["team"] for each in agents if each["id"] in {"li", "chen"}} == {
        "li": None,
        "chen": "north",
    }
