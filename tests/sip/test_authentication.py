import pytest

from cti_server.sip.authentication import (
    Denied,
    FailureGuard,
    Identification,
    Identity,
)
from cti_server.sip.digest import Nonces, authorize, ha1
from cti_server.sip.message import Request
from cti_server.sip.transport import Flow
from cti_server.sip.trunks import Trunk, TrunkTable

from .machines import request

REALM = "hotline.test"
LOCAL = ("127.0.0.1", 5060)
CARRIER = Flow("udp", "192.0.2.1", 5060, LOCAL)
ELSEWHERE = Flow("udp", "203.0.113.5", 40000, LOCAL)
HOME = "<sip:200@hotline.test>;tag=a"


class Phones:
    def ha1(self, username: str, algorithm: str) -> str | None:
        return ha1(username, REALM, "secret", algorithm) if username == "200" else None


BOTH = ("SHA-256", "MD5")


def identification(failures: int = 3, algorithms: tuple[str, ...] = BOTH) -> Identification:
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
        guard=FailureGuard(failures=failures, window=60.0),
        algorithms=algorithms,
    )


def with_password(
    who: Identification, user: str, password: str, method: str = "INVITE", now: float = 0.0
) -> Request:
    """The second attempt of a phone that was challenged."""
    asked = who.caller(request(method, From=HOME), ELSEWHERE, now)
    assert isinstance(asked, Denied)
    value = authorize(
        [value for name, value in asked.headers if name == "WWW-Authenticate"],
        method=method,
        uri="sip:hotline@127.0.0.1",
        username=user,
        password=password,
        cnonce="abc",
    )
    return request(method, From=HOME, Authorization=value or "")


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


def test_after_too_many_wrong_passwords_a_source_gets_403_for_the_rest_of_the_window() -> None:
    who = identification(failures=3)
    statuses = []
    for _ in range(3):
        denied = who.caller(with_password(who, "200", "wrong"), ELSEWHERE, 0.0)
        assert isinstance(denied, Denied)
        statuses.append(denied.status)
    right = with_password_later(who)

    assert statuses == [401, 401, 403]
    assert who.caller(right, ELSEWHERE, 59.0) == Denied(403)
    assert who.phone(right, ELSEWHERE, 59.0) == Denied(403)
    assert who.caller(request(), CARRIER, 59.0) == Identity("trunk", "carrier", CARRIER)
    assert isinstance(who.caller(right, ELSEWHERE, 60.0), Identity)


def with_password_later(who: Identification) -> Request:
    other = Flow("udp", "203.0.113.6", 40000, LOCAL)
    asked = who.caller(request(From=HOME), other, 0.0)
    assert isinstance(asked, Denied)
    value = authorize(
        [asked.headers[0][1]],
        method="INVITE",
        uri="sip:hotline@127.0.0.1",
        username="200",
        password="secret",
        cnonce="abc",
    )
    return request(From=HOME, Authorization=value or "")


def test_malformed_credentials_are_a_bad_request() -> None:
    broken = request(From=HOME, Authorization=f'Digest realm="{REALM}", nonce')
    assert identification().caller(broken, ELSEWHERE, 0.0) == Denied(400)


def test_the_guards_memory_is_bounded() -> None:
    guard = FailureGuard(failures=2, remembered=100)
    for number in range(1000):
        guard.failed(f"10.0.{number >> 8}.{number & 255}", 0.0)
    assert len(guard) == 100


def test_slow_failures_never_add_up() -> None:
    guard = FailureGuard(failures=3, window=60.0)
    for minute in range(10):
        guard.failed("10.0.0.1", minute * 61.0)
        assert not guard.blocks("10.0.0.1", minute * 61.0)
