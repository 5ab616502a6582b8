"""Who gets in, and what each role may do."""

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from cti_server.api.errors import NotLoggedIn, TooManyFailures, TooManyLogIns
from cti_server.api.lock_out import NAMES_KEPT, FailedLogIns
from cti_server.api.passwords import PLACES, Passwords, nobodys
from cti_server.api.permissions import PERMISSIONS
from cti_server.api.revocations import Revocations
from cti_server.api.server import ROUTES
from cti_server.api.tokens import Sessions, secret_of
from cti_server.store.agents import Agent, Agents
from recording.disk import Disk

from .conftest import PASSWORD, Centre

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Occupied(ThreadPoolExecutor):
    """The loop's default threads, when nobody may take them."""

    def submit(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("the default threads serve the database")


def sessions_in(
    folder: Path,
    roles: dict[str, tuple[str, ...]] | None = None,
    key: bytes = b"k" * 32,
    wall: timedelta = HOUR,
) -> Sessions:
    """A server's sessions, as after a start with this data folder."""
    known = {"li": ("agent",), "wang": ("agent",)} if roles is None else roles
    revocations = Revocations(folder / "revoked.json", NINE)
    return Sessions(key, HOUR, 3 * HOUR, wall=wall, roles_of=known.get, revocations=revocations)


def test_a_token_tells_who_it_was_made_for_until_it_expires(tmp_path: Path) -> None:
    sessions = sessions_in(tmp_path)
    token, expires_at, _ = sessions.open("li", NINE)

    assert sessions.identify(token, expires_at - timedelta(seconds=1)).agent_id == "li"
    with pytest.raises(NotLoggedIn, match="expired"):
        sessions.identify(token, expires_at)


def test_a_token_signed_by_somebody_else_is_refused(tmp_path: Path) -> None:
    token, *_ = sessions_in(tmp_path, key=b"x" * 32).open("li", NINE)

    with pytest.raises(NotLoggedIn, match="not one of ours"):
        sessions_in(tmp_path).identify(token, NINE)


def test_a_renewed_session_holds_longer_up_to_its_longest_life(tmp_path: Path) -> None:
    sessions = sessions_in(tmp_path)
    first, _, opened = sessions.open("li", NINE, only=["account.own"])
    minutes = []

    token = first
    for minute in (50, 100, 150, 170):
        now = NINE + timedelta(minutes=minute)
        token, expires_at, same = sessions.renew(sessions.identify(token, now), now)
        minutes.append((expires_at - NINE) / timedelta(minutes=1))
        assert same == opened
        assert sessions.identify(token, now).granted == frozenset({"account.own"})

    assert minutes == [110, 160, 180, 180]
    with pytest.raises(NotLoggedIn, match="expired"):
        sessions.identify(first, NINE + HOUR)


def test_a_wall_screens_session_holds_long_and_is_nobody_elses(tmp_path: Path) -> None:
    roles: dict[str, tuple[str, ...]] = {"tv": ("wall",), "li": ("agent", "wall")}
    sessions = sessions_in(tmp_path, roles, wall=24 * HOUR)
    screen, person = sessions.open("tv", NINE), sessions.open("li", NINE)
    temporary = sessions.open("tv", NINE, only=["account.own"])
    late = NINE + 23 * HOUR
    renewed = sessions.renew(sessions.identify(screen.token, late), late)

    assert [(each.expires_at - NINE) / HOUR for each in (screen, person, temporary, renewed)] == [
        24,
        1,
        1,
        24,
    ]
    roles["tv"] = ("agent",)
    assert sessions.identify(screen.token, NINE).expires_at == NINE + 3 * HOUR
    with pytest.raises(NotLoggedIn, match="expired"):
        sessions.identify(screen.token, NINE + 3 * HOUR)


async def test_what_is_connected_by_a_session_stays_when_it_is_renewed(tmp_path: Path) -> None:
    sessions = sessions_in(tmp_path)
    connected = sessions.identify(sessions.open("li", NINE).token, NINE)
    with sessions.watched("li") as changed:
        renewed = sessions.renew(connected, NINE + HOUR / 2)

        assert changed.is_set()
    assert sessions.confirm(connected, NINE + HOUR).expires_at == renewed.expires_at
    with pytest.raises(NotLoggedIn, match="expired"):
        sessions.confirm(connected, renewed.expires_at)


async def test_a_session_that_is_closed_by_an_old_token_is_closed_for_renewed_ones(
    tmp_path: Path,
) -> None:
    sessions = sessions_in(tmp_path)
    old = sessions.identify(sessions.open("li", NINE).token, NINE)
    later = NINE + HOUR / 2
    renewed = sessions.renew(old, later).token
    await sessions.revoke(old, later)
    await sessions.revoke(  # what has expired is forgotten
        sessions.identify(sessions.open("wang", NINE).token, NINE), old.expires_at
    )

    for after in (sessions, sessions_in(tmp_path)):
        with pytest.raises(NotLoggedIn, match="closed"):
            after.identify(renewed, old.expires_at)


async def test_a_revoked_session_is_over_and_others_are_not(tmp_path: Path) -> None:
    sessions = sessions_in(tmp_path)
    first, *_ = sessions.open("li", NINE)
    second, *_ = sessions.open("li", NINE)

    await sessions.revoke(sessions.identify(first, NINE), NINE)

    with pytest.raises(NotLoggedIn, match="closed"):
        sessions.identify(first, NINE)
    assert sessions.identify(second, NINE).agent_id == "li"


async def test_a_revoked_session_stays_closed_after_a_restart(tmp_path: Path) -> None:
    before = sessions_in(tmp_path)
    first, *_ = before.open("li", NINE)
    second, *_ = before.open("wang", NINE)
    await before.revoke(before.identify(first, NINE), NINE)

    after = sessions_in(tmp_path)

    with pytest.raises(NotLoggedIn, match="closed"):
        after.identify(first, NINE)
    assert after.identify(second, NINE).agent_id == "wang"


async def test_what_has_expired_anyway_is_not_kept(tmp_path: Path) -> None:
    sessions = sessions_in(tmp_path)
    first, *_ = sessions.open("li", NINE)
    second, *_ = sessions.open("li", NINE + 3 * HOUR)

    old, young = sessions.identify(first, NINE), sessions.identify(second, NINE + 3 * HOUR)
    await sessions.revoke(old, NINE)
    await sessions.revoke(young, NINE + 3 * HOUR)

    kept = (tmp_path / "revoked.json").read_text()
    assert young.token_id in kept
    assert old.token_id not in kept


async def test_a_closed_session_is_remembered_no_longer_than_its_tokens_were_made_for(
    tmp_path: Path,
) -> None:
    sessions = sessions_in(tmp_path)
    brief = sessions.identify(sessions.open("li", NINE).token, NINE)
    renewed = sessions.identify(sessions.open("li", NINE).token, NINE)
    sessions.renew(renewed, NINE + HOUR / 2)
    for one in (brief, renewed):
        await sessions.revoke(one, NINE + HOUR / 2)
    last = sessions.identify(sessions.open("wang", NINE + HOUR).token, NINE + HOUR)

    await sessions.revoke(last, NINE + HOUR)

    kept = msgspec.json.decode((tmp_path / "revoked.json").read_bytes())["closed"]
    assert sorted(kept) == sorted([renewed.token_id, last.token_id])


async def test_a_session_that_was_renewed_before_a_restart_is_closed_for_good(
    tmp_path: Path,
) -> None:
    before = sessions_in(tmp_path)
    opened = NINE - HOUR / 2
    old = before.identify(before.open("li", opened).token, opened)
    renewed = before.renew(old, NINE - HOUR / 4).token
    sessions = sessions_in(tmp_path)
    await sessions.revoke(old, NINE)

    await sessions.revoke(
        sessions.identify(sessions.open("wang", NINE).token, NINE), old.expires_at
    )

    with pytest.raises(NotLoggedIn, match="closed"):
        sessions.identify(renewed, old.expires_at)


async def test_sessions_that_are_closed_while_the_file_is_written_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    free = threading.Event()

    def write(disk: Disk, file: Path, content: list[bytes]) -> None:
        assert free.wait(30)
        written.append(len(msgspec.json.decode(content[0])["closed"]))

    monkeypatch.setattr(Disk, "write_atomically", write)
    sessions = sessions_in(tmp_path)
    many = [sessions.identify(sessions.open("li", NINE).token, NINE) for _ in range(20)]

    async with asyncio.TaskGroup() as tasks:
        for one in many:
            tasks.create_task(sessions.revoke(one, NINE))
        await asyncio.sleep(0)
        free.set()

    assert written[-1] == 20
    assert len(written) <= 2


@pytest.mark.parametrize("content", ["", "{", '{"closed": {"x": "yesterday"}}', "\xff"])
def test_revocations_that_cannot_be_read_end_every_session_from_before(
    tmp_path: Path, content: str
) -> None:
    old, *_ = sessions_in(tmp_path).open("li", NINE - timedelta(seconds=1))
    (tmp_path / "revoked.json").write_text(content, encoding="latin-1")

    for restarted in (sessions_in(tmp_path), sessions_in(tmp_path)):
        with pytest.raises(NotLoggedIn, match="closed"):
            restarted.identify(old, NINE)
        young, *_ = restarted.open("li", NINE + timedelta(microseconds=5))
        assert restarted.identify(young, NINE).agent_id == "li"


def test_a_token_has_the_roles_of_now_and_holds_for_nobody_who_is_gone(tmp_path: Path) -> None:
    roles: dict[str, tuple[str, ...]] = {"li": ("supervisor",)}
    sessions = sessions_in(tmp_path, roles)
    token, *_ = sessions.open("li", NINE)

    roles["li"] = ("agent",)
    assert not sessions.identify(token, NINE).may("floor.read")
    del roles["li"]
    with pytest.raises(NotLoggedIn, match="not defined"):
        sessions.identify(token, NINE)


def test_after_five_wrong_passwords_a_name_waits_a_minute() -> None:
    failures = FailedLogIns()
    for _ in range(5):
        failures.attempt("li", NINE)

    with pytest.raises(TooManyFailures) as refused:
        failures.attempt("li", NINE + timedelta(seconds=20))
    assert refused.value.retry_after == 40
    failures.attempt("wang", NINE)
    failures.attempt("li", NINE + timedelta(seconds=61))


def test_many_names_are_forgotten_when_their_minute_is_over() -> None:
    failures = FailedLogIns()
    for _ in range(5):
        failures.attempt("li", NINE)
    for number in range(NAMES_KEPT - 1):
        failures.attempt(f"nobody-{number}", NINE + timedelta(seconds=1))

    with pytest.raises(TooManyFailures):
        failures.attempt("li", NINE + timedelta(seconds=1))


async def test_wrong_passwords_count_before_they_are_checked(centre: Centre) -> None:
    async def status(name: str) -> int:
        answer = await centre.client.post(
            "/api/v1/sessions", json={"agent_id": name, "password": "wrong"}
        )
        return answer.status

    for name in ("li", "nobody"):
        statuses = await asyncio.gather(*[status(name) for _ in range(20)])
        assert sorted(statuses) == [401] * 5 + [429] * 15, name


async def test_whoever_waits_for_a_password_leaves_the_default_threads_alone() -> None:
    asyncio.get_running_loop().set_default_executor(Occupied())
    passwords = Passwords(CHEAP)

    async with asyncio.timeout(30):
        assert await passwords.match(passwords.hash("right"), "right")
        assert not await passwords.match(None, "right")
    passwords.close()


def test_nobodys_password_costs_as_much_to_check_as_anybodys() -> None:
    drawn = nobodys(CHEAP)

    assert extract_parameters(drawn) == extract_parameters(CHEAP.hash("right"))
    with pytest.raises(VerifyMismatchError):
        CHEAP.verify(drawn, "right")


def test_beyond_the_places_nobody_waits_for_a_password() -> None:
    passwords = Passwords(CHEAP, places=2)

    with passwords.place():
        with passwords.place(), pytest.raises(TooManyLogIns), passwords.place():
            pass
        with passwords.place():
            pass


async def test_too_many_log_ins_at_once_are_told_when_to_come_back(centre: Centre) -> None:
    body = {"agent_id": "li", "password": PASSWORD}
    with contextlib.ExitStack() as crowd:
        for _ in range(PLACES):
            crowd.enter_context(centre.parts.passwords.place())
        answer = await centre.client.post("/api/v1/sessions", json=body)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert (await answer.json())["type"] == "TooManyLogIns"
    assert (await centre.client.post("/api/v1/sessions", json=body)).status == 201


async def test_an_agent_who_is_removed_or_demoted_is_so_at_once(centre: Centre) -> None:
    headers = {who: await centre.headers(who) for who in ("zhao", "li")}
    async with centre.parts.database.sessions.begin() as session:
        await Agents(session).remove("li")
        zhao = await session.get_one(Agent, "zhao")
        zhao.roles = ["agent"]

    await centre.definitions.reload()

    answers = [
        await centre.client.get("/api/v1/agents", headers=headers["zhao"]),
        await centre.client.get("/api/v1/queues", headers=headers["zhao"]),
        await centre.client.get("/api/v1/queues", headers=headers["li"]),
    ]
    assert [answer.status for answer in answers] == [403, 200, 401]


async def test_an_agent_whom_the_server_has_not_read_yet_is_asked_to_wait(centre: Centre) -> None:
    new = Agent(id="new", name="New", number="9", password_hash=centre.parts.passwords.hash("pw"))
    async with centre.parts.database.sessions.begin() as session:
        Agents(session).add(new)
    body = {"agent_id": "new", "password": "pw"}

    early = await centre.client.post("/api/v1/sessions", json=body)
    await centre.definitions.reload()
    later = await centre.client.post("/api/v1/sessions", json=body)

    assert (early.status, early.headers["Retry-After"], later.status) == (503, "1", 201)


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
        if route.needs is None or route.open_locally:
            continue
        path = route.path.replace("{", "").replace("}", "")
        answer = await centre.client.request(route.method, path)
        assert answer.status == 401, route.path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await answer.json())["type"] == "NotLoggedIn"


async def test_on_a_public_address_strangers_get_neither_figures_nor_reasons(
    public_centre: Centre,
) -> None:
    client = public_centre.client
    people = ("li", "zhao", "qian", "sun")
    statuses = {
        who: (await client.get("/metrics", headers=await public_centre.headers(who))).status
        for who in people
    }
    public_centre.not_ready.append("the database does not answer")
    ready = await client.get("/readyz")

    assert statuses == {"li": 403, "zhao": 200, "qian": 200, "sun": 200}
    assert (await client.get("/metrics")).status == 401
    assert (ready.status, await ready.text()) == (503, "not ready\n")
    assert (await client.get("/healthz")).status == 200


async def test_passwords_are_not_in_the_log(
    centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    await centre.client.post(
        "/api/v1/sessions", json={"agent_id": "li", "password": "not-" + PASSWORD}
    )

    assert PASSWORD not in "".join(capsys.readouterr())
