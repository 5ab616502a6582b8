from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cti_server.sip.authentication import (
    Denied,
    FailureGuard,
    Identification,
    Identity,
)
from cti_server.sip.digest import Nonces, authorize, ha1
from cti_server.sip.message import Request
from cti_server.sip.registration import Registrar
from cti_server.sip.transport import Flow
from cti_server.sip.trunks import Trunk, TrunkTable

from .machines import request

REALM = "hotline.test"
LOCAL = ("127.0.0.1", 5060)
CARRIER = Flow("udp", "192.0.2.1", 5060, LOCAL)
ELSEWHERE = Flow("udp", "203.0.113.5", 40000, LOCAL)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOME = "<sip:200@hotline.test>;tag=a"


class Phones:
    def ha1(self, username: str, algorithm: str) -> str | None:
        return ha1(username, REALM, "secret", algorithm) if username == "200" else None


BOTH = ("SHA-256", "MD5")


def identification(
    failures: int = 3,
    algorithms: tuple[str, ...] = BOTH,
    *,
    of_source: int = 100,
    registrar: Registrar | None = None,
) -> Identification:
    roaming = tuple(
        (algorithm, ha1("roaming", REALM, "trunk-secret", algorithm))
        for algorithm in ("MD5", "SHA-256")
    )
    return Identification(
        realm=REALM,
        trunks=TrunkTable(
            [Trunk("carrier", ("192.0.2.0/24",)), Trunk("branch", username="roaming", ha1=roaming)]
        ),
        accounts=Phones(),
        nonces=Nonces(b"secret" * 6),
        guard=FailureGuard(failures=failures, failures_of_source=of_source, window=60.0),
        registrar=Registrar() if registrar is None else registrar,
        algorithms=algorithms,
    )


def with_password(
    who: Identification,
    user: str,
    password: str,
    method: str = "INVITE",
    *,
    source: Flow = ELSEWHERE,
    now: float = 0.0,
) -> Request:
    """The second attempt of a phone that was challenged."""
    asked = who.phone(request("REGISTER", From=HOME), source, now)
    assert isinstance(asked, Denied)
    challenges = [value for name, value in asked.headers if name == "WWW-Authenticate"]
    return authorized(challenges, user, password, method)


def authorized(challenges: list[str], user: str, password: str, method: str = "INVITE") -> Request:
    value = authorize(
        challenges,
        method=method,
        uri="sip:hotline@127.0.0.1",
        username=user,
        password=password,
        cnonce="abc",
    )
    return request(method, From=HOME, Authorization=value or "")


def status(known: Identity | Denied) -> int:
    """What comes of it: 200 for somebody we know."""
    return known.status if isinstance(known, Denied) else 200


def fail(who: Identification, user: str, times: int, source: Flow = ELSEWHERE) -> list[int]:
    attempts = [with_password(who, user, "wrong", source=source) for _ in range(times)]
    return [status(who.caller(attempt, source, 0.0)) for attempt in attempts]


def test_a_trunk_is_taken_at_its_address() -> None:
    known = identification().caller(request(), CARRIER, 0.0)
    assert known == Identity("trunk", "carrier", CARRIER)


def test_a_stranger_is_turned_away_without_a_hint() -> None:
    assert identification().caller(request(), ELSEWHERE, 0.0) == Denied(403)


@pytest.mark.parametrize("user", ["200", "nobody"])
def test_whoever_names_our_realm_is_challenged_whether_the_account_exists_or_not(
    user: str,
) -> None:
    asked = identification().caller(
        request(From=f"<sip:{user}@hotline.test>;tag=a"), ELSEWHERE, 0.0
    )
    assert isinstance(asked, Denied)
    assert asked.status == 401
    assert ["SHA-256" in asked.headers[0][1], "MD5" in asked.headers[1][1]] == [True, True]


def test_a_phone_with_its_password_is_known() -> None:
    who = identification()
    known = who.caller(with_password(who, "200", "secret"), ELSEWHERE, 1.0)
    assert known == Identity("phone", "200", ELSEWHERE)


def test_a_trunk_with_its_password_is_known_from_anywhere() -> None:
    who = identification()
    known = who.caller(with_password(who, "roaming", "trunk-secret"), ELSEWHERE, 1.0)
    assert known == Identity("trunk", "branch", ELSEWHERE)
    again = who.phone(with_password(who, "roaming", "trunk-secret", "REGISTER"), ELSEWHERE, 1.0)
    assert again == Denied(403)  # a trunk registers nothing


def test_whoever_names_our_address_as_home_is_challenged_too() -> None:
    invite = request(From="<sip:200@192.0.2.80>;tag=a")
    who = identification()
    assert who.caller(invite, ELSEWHERE, 0.0, here="192.0.2.81") == Denied(403)
    asked = who.caller(invite, ELSEWHERE, 0.0, here="192.0.2.80")
    assert isinstance(asked, Denied)
    assert asked.status == 401


def test_phones_that_read_one_challenge_only_get_one() -> None:
    who = identification(algorithms=("MD5",))
    asked = who.caller(request(From=HOME), ELSEWHERE, 0.0)
    assert isinstance(asked, Denied)
    assert [value.count("algorithm=MD5") for _, value in asked.headers] == [1]
    known = who.caller(with_password(who, "200", "secret"), ELSEWHERE, 1.0)
    assert known == Identity("phone", "200", ELSEWHERE)


def test_credentials_are_good_for_one_request_only() -> None:
    who = identification()
    attempt = with_password(who, "200", "secret")
    who.caller(attempt, ELSEWHERE, 1.0)

    replayed = who.caller(attempt, ELSEWHERE, 2.0)

    assert isinstance(replayed, Denied)
    assert "stale=true" in replayed.headers[0][1]


def test_after_too_many_wrong_passwords_a_user_gets_403_there_for_the_rest_of_the_window() -> None:
    who = identification(failures=3)
    assert fail(who, "200", 3) == [401, 401, 403]

    assert who.caller(with_password(who, "200", "secret"), ELSEWHERE, 59.0) == Denied(403)
    registering = with_password(who, "200", "secret", "REGISTER")
    assert who.phone(registering, ELSEWHERE, 59.0) == Denied(403)
    later = with_password(who, "200", "secret", now=60.0)
    assert status(who.caller(later, ELSEWHERE, 60.0)) == 200


def test_a_phone_with_an_old_password_shuts_out_nobody_else_behind_its_address() -> None:
    who = identification(failures=3)
    assert fail(who, "201", 20)[-1] == 403
    assert status(who.caller(with_password(who, "200", "secret"), ELSEWHERE, 1.0)) == 200


def test_a_user_who_is_shut_out_at_one_address_is_let_in_at_another() -> None:
    who = identification(failures=3)
    fail(who, "200", 3)
    other = replace(ELSEWHERE, host="203.0.113.6")
    attempt = with_password(who, "200", "secret", source=other)
    assert status(who.caller(attempt, other, 1.0)) == 200


def test_a_source_that_tries_very_many_users_is_shut_out_as_a_whole() -> None:
    who = identification(of_source=50)
    last = [fail(who, f"user{number}", 1)[0] for number in range(50)][-1]
    assert last == 401
    attempt = authorized(['Digest realm="x", nonce="y"'], "200", "secret")
    assert who.caller(attempt, ELSEWHERE, 59.0) == Denied(403)
    assert who.phone(request("REGISTER", From=HOME), ELSEWHERE, 59.0) == Denied(403)
    assert status(who.phone(request("REGISTER", From=HOME), ELSEWHERE, 60.0)) == 401


def test_a_source_is_not_shut_out_while_a_phone_is_registered_there() -> None:
    registrar = Registrar()
    who = identification(of_source=50, registrar=registrar)
    registration = request("REGISTER", Contact="<sip:200@10.1.1.1>", Expires="60")
    registrar.register("200", registration, ELSEWHERE, NOW)
    for number in range(60):
        fail(who, f"user{number}", 1)
    assert status(who.caller(with_password(who, "200", "secret"), ELSEWHERE, 1.0)) == 200

    registrar.handle_timer(NOW + timedelta(seconds=60))
    assert who.phone(request("REGISTER", From=HOME), ELSEWHERE, 1.0) == Denied(403)


def test_a_trunks_address_is_never_shut_out() -> None:
    who = identification(of_source=3)
    for number in range(10):
        attempt = with_password(who, f"user{number}", "wrong", "REGISTER", source=CARRIER)
        assert status(who.phone(attempt, CARRIER, 0.0)) == 401
    attempt = with_password(who, "200", "secret", "REGISTER", source=CARRIER)
    assert status(who.phone(attempt, CARRIER, 1.0)) == 200
    assert who.caller(request(), CARRIER, 1.0) == Identity("trunk", "carrier", CARRIER)


def test_a_registered_phone_goes_on_while_another_fails_in_its_name_behind_the_same_address() -> (
    None
):
    registrar = Registrar()
    who = identification(failures=3, registrar=registrar)
    registration = request("REGISTER", Contact="<sip:200@10.1.1.1>", Expires="60")
    registrar.register("200", registration, ELSEWHERE, NOW)
    neighbour = replace(ELSEWHERE, port=40001)
    assert fail(who, "200", 5, neighbour) == [401, 401, 403, 403, 403]

    assert status(who.caller(with_password(who, "200", "secret"), ELSEWHERE, 1.0)) == 200
    attempt = with_password(who, "200", "secret", source=neighbour)
    assert who.caller(attempt, neighbour, 1.0) == Denied(403)


@pytest.mark.parametrize(
    "nonce", ["invented", "of another server", "of another host", "too old", "forged"]
)
def test_failures_that_anybody_could_send_in_anothers_name_are_not_counted(nonce: str) -> None:
    who = identification(failures=3, of_source=3)
    nonces = {
        "invented": 'Digest realm="hotline.test", nonce="made-up", algorithm=MD5, qop="auth"',
        "of another server": Nonces(b"x").challenge(REALM, now=400.0, host=ELSEWHERE.host)[0],
        "of another host": Nonces(b"secret" * 6).challenge(REALM, now=400.0, host="192.0.2.9")[0],
        "too old": Nonces(b"secret" * 6).challenge(REALM, now=0.0, host=ELSEWHERE.host)[0],
        "forged": 'Digest realm="hotline.test", nonce="0.1.00", algorithm=MD5, qop="auth"',
    }
    for password in ["wrong"] * 20 + ["secret"]:
        answered = who.phone(
            authorized([nonces[nonce]], "200", password, "REGISTER"), ELSEWHERE, 400.0
        )
        assert status(answered) == 401
    attempt = with_password(who, "200", "secret", "REGISTER", now=400.0)
    assert status(who.phone(attempt, ELSEWHERE, 400.0)) == 200


def test_malformed_credentials_are_a_bad_request() -> None:
    broken = request(From=HOME, Authorization=f'Digest realm="{REALM}", nonce')
    assert identification().caller(broken, ELSEWHERE, 0.0) == Denied(400)


def test_the_guards_memory_is_bounded() -> None:
    guard = FailureGuard(failures=2, remembered=100)
    for number in range(1000):
        guard.failed(f"10.0.{number >> 8}.{number & 255}", f"user{number}", 0.0)
    assert len(guard) == 200


def test_names_that_differ_only_beyond_reason_are_counted_as_one() -> None:
    guard = FailureGuard(failures=2)
    for number in range(2):
        guard.failed("10.0.0.1", "a" * 64 + str(number), 0.0)
    assert guard.blocks("10.0.0.1", "a" * 8000, 0.0)
    assert len(guard) == 2


def test_slow_failures_never_add_up() -> None:
    guard = FailureGuard(failures=3, failures_of_source=3, window=60.0)
    for minute in range(10):
        guard.failed("10.0.0.1", "200", minute * 61.0)
        assert not guard.blocks("10.0.0.1", "200", minute * 61.0)
        assert not guard.blocks_source("10.0.0.1", minute * 61.0)
