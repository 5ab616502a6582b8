"""One's own account: password, authenticator app, recovery codes, sessions."""

import base64
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.access import AccessSettings
from crm.errors import InvalidField
from cti_server.api.password_rules import check_password
from cti_server.api.seal import Seal, SealBroken
from cti_server.api.totp import STEP, app_uri, code_at, matching_step, new_recovery_codes

from .asking import Asking, asking, log_in, told, written_in
from .conftest import NINE, PASSWORD, Centre, opened

CHOSEN = "three brown foxes"


@pytest.fixture
async def strict_centre(tmp_path: Path) -> AsyncIterator[Centre]:
    """One that asks its administrators for a second factor."""
    async with opened(tmp_path, access=AccessSettings(second_factor_for=("admin",))) as centre:
        yield centre


def code_now(centre: Centre, secret: str, steps: int = 0) -> str:
    """What the app shows; ``steps`` of 30 s away from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return code_at(key, int(centre.parts.clock.now().timestamp()) // STEP + steps)


async def enrol(centre: Centre, who: Asking) -> tuple[str, list[str], Asking]:
    """Secret, recovery codes, and the session after it."""
    begun = await who("POST", "account/second-factor", {"password": PASSWORD})
    secret: str = begun.body["secret"]
    code = code_now(centre, secret, -1)
    confirmed = await who("POST", "account/second-factor/confirm", {"code": code})
    assert (begun.status, confirmed.status) == (201, 200), confirmed.body
    return secret, begun.body["recovery_codes"], Asking(centre, confirmed.body["token"])


async def test_who_changes_the_password_has_a_new_session_and_no_other(centre: Centre) -> None:
    stolen, li = asking(centre, "li"), asking(centre, "li")

    body = {"password": PASSWORD, "new_password": CHOSEN}
    wrong = await li("POST", "account/password", {**body, "password": "wrong"})
    changed = await li("POST", "account/password", body)

    assert (wrong.status, changed.status) == (401, 200)
    statuses = [(await each("GET", "queues")).status for each in (stolen, li)]
    assert statuses == [401, 401]
    assert (await Asking(centre, changed.body["token"])("GET", "queues")).status == 200
    assert (await log_in(centre, "li", PASSWORD)).status == 401
    assert (await log_in(centre, "li", CHOSEN)).status == 201


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short one", "at least 10"),
        ("x" * 300, "256"),
        ("Password123", "commonest"),
        ("qwertyuiop", "commonest"),
        ("aaaaaaaaaabb", "repeats"),
        ("my WangWei pass", "name"),
    ],
)
def test_a_password_that_would_be_tried_first_is_refused(password: str, rule: str) -> None:
    with pytest.raises(InvalidField, match=rule):
        check_password(password, shortest=10, names=("wangwei", "Li"))


def test_a_long_password_of_plain_words_is_taken() -> None:
    check_password("three brown foxes", shortest=10, names=("li", "Li Na"))
    check_password("春眠不觉晓处处闻啼鸟", shortest=10, names=("li", "Li Na"))


RFC_6238 = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("at", "code"), RFC_6238)
def test_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    """RFC 6238, appendix B, the last six of the eight digits."""
    assert code_at(b"12345678901234567890", at // STEP) == code


def test_a_code_holds_for_its_step_and_one_more_to_each_side() -> None:
    secret, now = b"12345678901234567890", int(NINE.timestamp()) // STEP

    taken = [matching_step(secret, code_at(secret, now + away), NINE) for away in range(-2, 3)]

    assert taken == [None, now - 1, now, now + 1, None]


def test_the_apps_uri_has_everything_that_an_app_needs() -> None:
    assert app_uri(b"12345678901234567890", "li", "Hotline") == (
        "otpauth://totp/Hotline%3Ali?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hotline"
    )


def test_no_two_recovery_codes_are_alike() -> None:
    codes = new_recovery_codes()

    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)


def test_a_sealed_secret_opens_for_its_owner_and_with_its_key_only() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.close(b"secret", "li")

    assert seal.open(sealed, "li") == b"secret"
    for other, owner in ((seal, "wang"), (Seal(b"x" * 32), "li")):
        with pytest.raises(SealBroken):
            other.open(sealed, owner)


async def test_with_an_authenticator_a_log_in_needs_a_code_and_each_holds_once(
    centre: Centre,
) -> None:
    secret, _, _ = await enrol(centre, asking(centre, "li"))

    without = await log_in(centre, "li", PASSWORD)
    wrong = await log_in(centre, "li", PASSWORD, code="000000")
    code = code_now(centre, secret)
    right, again = [await log_in(centre, "li", PASSWORD, code=code) for _ in range(2)]

    assert [each.kind for each in (without, wrong, again)] == [
        "SecondFactorNeeded",
        "WrongCode",
        "WrongCode",
    ]
    assert right.status == 201


async def test_codes_cannot_be_guessed_one_after_the_other(centre: Centre) -> None:
    await enrol(centre, asking(centre, "li"))

    kinds = [(await log_in(centre, "li", PASSWORD, code=f"{n:06}")).kind for n in range(6)]

    assert kinds == ["WrongCode"] * 5 + ["TooManyFailures"]


async def test_a_recovery_code_opens_once_without_the_app(centre: Centre) -> None:
    _, codes, li = await enrol(centre, asking(centre, "li"))

    first, again = [await log_in(centre, "li", PASSWORD, code=codes[3].upper()) for _ in range(2)]

    assert (first.status, again.kind) == (201, "WrongCode")
    assert (await li("GET", "account")).body["recovery_codes_left"] == 9
    assert ("li", "recovered", "second_factor", "li") in await told(centre, actor="li")


async def test_neither_secret_nor_recovery_codes_are_in_the_database_as_they_are(
    centre: Centre, tmp_path: Path
) -> None:
    secret, codes, _ = await enrol(centre, asking(centre, "li"))
    await centre.parts.log.stored()

    written = written_in(tmp_path)

    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    for kept in (secret.encode(), key, codes[0].encode(), PASSWORD.encode()):
        assert kept not in written


async def test_a_role_that_needs_a_second_factor_does_nothing_before_it_has_one(
    strict_centre: Centre,
) -> None:
    begun = await log_in(strict_centre, "sun", PASSWORD)
    sun = Asking(strict_centre, begun.body["token"])

    early = [await sun("GET", "users"), await sun("GET", "account")]
    _, _, enrolled = await enrol(strict_centre, sun)

    assert begun.body["must"] == ["enrol_second_factor"]
    assert [each.status for each in early] == [403, 200]
    assert (await enrolled("GET", "users")).status == 200
    refused = await enrolled("POST", "account/second-factor/remove", {"password": PASSWORD})
    assert refused.kind == "NotNow"
    assert (await log_in(strict_centre, "li", PASSWORD)).body["must"] == []


async def test_a_second_factor_is_removed_by_its_owner_or_reset_by_an_administrator(
    centre: Centre,
) -> None:
    _, _, li = await enrol(centre, asking(centre, "li"))
    stolen = await li("POST", "account/second-factor/remove", {"password": "wrong"})
    removed = await li("POST", "account/second-factor/remove", {"password": PASSWORD})
    await enrol(centre, asking(centre, "wang"))

    reset = await asking(centre, "sun")("DELETE", "users/wang/second-factor")

    assert (stolen.status, removed.status, reset.status) == (401, 204, 204)
    for name in ("li", "wang"):
        assert (await log_in(centre, name, PASSWORD)).status == 201


async def test_sessions_are_listed_and_closed_by_their_owner(centre: Centre) -> None:
    first = Asking(centre, await centre.token("li"))
    second = Asking(centre, await centre.token("li"))
    listed = (await second("GET", "account/sessions")).body
    other = next(each for each in listed if not each["current"])

    closed = await second("DELETE", f"account/sessions/{other['id']}")

    assert len(listed) == 2
    assert (other["method"], other["address"]) == ("password", "127.0.0.1")
    assert [closed.status, (await first("GET", "queues")).status] == [204, 401]
    assert [each["current"] for each in (await second("GET", "account/sessions")).body] == [True]
    strange = await second("DELETE", f"account/sessions/{asking(centre, 'wang').id}")
    assert strange.status == 404
    assert (await second("DELETE", "account/sessions")).status == 204
    assert (await second("GET", "queues")).status == 401


async def test_a_session_is_renewed_by_its_owner_and_stays_the_same_one(centre: Centre) -> None:
    now = centre.parts.clock.now()
    old = centre.parts.sessions.open("li", now - timedelta(minutes=50))
    li = Asking(centre, old.token)

    renewed = await li("POST", "sessions/current/renewal")
    again = Asking(centre, renewed.body["token"])

    assert renewed.status == 200
    until = datetime.fromisoformat(renewed.body["expires_at"])
    assert until >= now.replace(microsecond=0) + timedelta(hours=1)
    account = (await again("GET", "account")).body
    assert datetime.fromisoformat(account["session_expires_at"]) == until
    assert ("li", "renewed", "session", old.id) in await told(centre, record="session")
    assert (await again("DELETE", "sessions/current")).status == 204
    assert [(await each("GET", "queues")).status for each in (li, again)] == [401, 401]


async def test_an_administrator_closes_anybodys_session(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), Asking(centre, await centre.token("li"))
    [session] = (await sun("GET", "users/li/sessions")).body

    closed = await sun("DELETE", f"users/li/sessions/{session['id']}")

    assert (closed.status, (await li("GET", "queues")).status) == (204, 401)
    assert ("sun", "closed", "session", session["id"]) in await told(centre, record="session")
    again = Asking(centre, await centre.token("li"))
    assert (await sun("DELETE", "users/li/sessions")).status == 204
    assert (await again("GET", "queues")).status == 401
    assert (await sun("GET", "users/li/sessions")).body == []


async def test_log_ins_failures_and_lock_outs_are_in_the_audit_trail_and_unknown_names_not(
    centre: Centre,
) -> None:
    for _ in range(7):
        await log_in(centre, "li", "wrong")
    await log_in(centre, "my-secret-password", "li")
    await centre.token("wang")

    trail = await told(centre)

    assert trail.count(("li", "log_in_failed", "agent", "li")) == 5
    assert trail.count(("li", "locked_out", "agent", "li")) == 1
    assert ("", "log_in_failed", "agent", "") in trail
    assert [entry[:3] for entry in trail if entry[0] == "wang"] == [("wang", "opened", "session")]
    assert "my-secret-password" not in str(trail)
