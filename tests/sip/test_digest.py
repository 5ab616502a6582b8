"""Digest authentication: the examples of the RFCs, and what an attacker may try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.digest import (
    Checked,
    Nonces,
    Verdict,
    authorize,
    ha1,
    parse_parameters,
)
from cti_server.sip.errors import SipParseError

REALM = "hotline.example"
PASSWORDS = {"anna": "secret", 'a"b\\c': "x", "Jürgen": "pässword"}
ACCEPTED = Checked(Verdict.ACCEPTED, "anna")
STALE = Checked(Verdict.STALE, "anna")
WRONG = Checked(Verdict.WRONG, "anna")


def accounts(username: str, algorithm: str) -> str | None:
    password = PASSWORDS.get(username)
    return None if password is None else ha1(username, REALM, password, algorithm)


def answer(
    challenges: list[str],
    username: str = "anna",
    password: str = "secret",
    method: str = "REGISTER",
    count: int = 1,
) -> str:
    value = authorize(
        challenges,
        method=method,
        uri="sip:hotline.example",
        username=username,
        password=password,
        cnonce="0a4f113b",
        nonce_count=count,
    )
    assert value is not None
    return value


def check(nonces: Nonces, *values: str, method: str = "REGISTER", now: float = 1.0) -> Checked:
    return nonces.check(values, realm=REALM, method=method, ha1=accounts, now=now)


@pytest.fixture
def nonces() -> Nonces:
    return Nonces(b"server secret", lifetime=300)


def response_of(value: str | None) -> str:
    assert value is not None
    return parse_parameters(value)[1]["response"]


RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithms", "response"),
    [
        (["MD5"], "8ca523f5e9506fed4657c9700eebdbec"),
        (["SHA-256"], "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        (["MD5", "SHA-256"], "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithms: list[str], response: str) -> None:
    value = authorize(
        [RFC_7616.format(algorithm=algorithm) for algorithm in algorithms],
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle of Life",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )

    assert response_of(value) == response
    assert value is not None
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in value


@pytest.mark.parametrize(
    ("qop", "response"),
    [
        (', qop="auth,auth-int"', "6629fae49393a05397450978507c4ef1"),
        ("", "670fd8c2df070c60b045671b8b24ff02"),
    ],
)
def test_the_example_of_rfc_2617_and_the_form_of_rfc_2069(qop: str, response: str) -> None:
    value = authorize(
        [f'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"{qop}'],
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle Of Life",
        cnonce="0a4f113b",
    )

    assert response_of(value) == response


BODY = b"\r\n".join(
    [
        b"v=0",
        b"o=bob 2890844526 2890844526 IN IP4 media.biloxi.com",
        b"s=-",
        b"c=IN IP4 media.biloxi.com",
        b"t=0 0",
        b"m=audio 49170 RTP/AVP 0",
        b"a=rtpmap:0 PCMU/8000",
        b"m=video 51372 RTP/AVP 31",
        b"a=rtpmap:31 H261/90000",
        b"m=video 53000 RTP/AVP 32",
        b"a=rtpmap:32 MPV/90000",
        b"",
    ]
)


@pytest.mark.parametrize(
    ("qop", "response"),
    [
        ("", "bf57e4e0d0bffc0fbaedce64d59add5e"),
        (', qop="auth"', "89eb0059246c02b2f6ee02c7961d5ea3"),
        (', qop="auth-int"', "bdbeebb2da6adb6bca02599c2239e192"),
    ],
)
def test_the_sip_examples_of_draft_smith_sipping_auth_examples(qop: str, response: str) -> None:
    value = authorize(
        [f'Digest realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"{qop}'],
        method="INVITE",
        uri="sip:bob@biloxi.com",
        username="bob",
        password="zanzibar",
        cnonce="0a4f113b",
        body=BODY,
    )

    assert response_of(value) == response


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "Digest",
        "Basic realm=x",
        'Digest realm="x"',
        'Digest nonce="x"',
        'Digest realm="x", nonce="y", algorithm=MD5-sess',
        'Digest realm="x", nonce="y", qop="other"',
        'Digest realm="x", nonce="y',
        'Digest realm="x", nonce="y", nonce="z"',
    ],
)
def test_a_challenge_beyond_us_is_not_answered(challenge: str) -> None:
    value = authorize(
        [challenge], method="INVITE", uri="sip:x", username="a", password="b", cnonce="c"
    )
    assert value is None


def test_the_challenges_name_the_stronger_algorithm_first(nonces: Nonces) -> None:
    challenges = nonces.challenge(REALM, now=0.0)

    algorithms = [parse_parameters(challenge)[1]["algorithm"] for challenge in challenges]
    assert algorithms == ["SHA-256", "MD5"]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize(("username", "password"), PASSWORDS.items())
def test_the_right_password_is_accepted(
    nonces: Nonces, algorithm: str, username: str, password: str
) -> None:
    challenges = nonces.challenge(REALM, [algorithm], now=0.0)

    assert check(nonces, answer(challenges, username, password)) == Checked(
        Verdict.ACCEPTED, username
    )


def test_the_wrong_password_and_an_unknown_user_look_the_same(nonces: Nonces) -> None:
    challenges = nonces.challenge(REALM, now=0.0)

    assert check(nonces, answer(challenges, password="guess")) == WRONG
    assert check(nonces, answer(challenges, "nobody")).verdict is Verdict.WRONG


def test_credentials_are_good_for_one_method_only(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, now=0.0), method="REGISTER")

    assert check(nonces, value, method="INVITE") == WRONG


def test_a_replay_is_stale(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, now=0.0))

    assert check(nonces, value) == ACCEPTED
    assert check(nonces, value) == STALE


def test_a_nonce_may_be_used_again_with_a_new_count(nonces: Nonces) -> None:
    challenges = nonces.challenge(REALM, now=0.0)
    counts = [1, 2, 5, 4, 3, 5, 100, 36, 37, 37, 200]

    verdicts = [check(nonces, answer(challenges, count=count)) for count in counts]

    assert [verdict is Verdict.ACCEPTED for verdict in (v.verdict for v in verdicts)] == [
        True, True, True, True, True, False, True, False, True, False, True,
    ]  # fmt: skip


@given(st.lists(st.integers(1, 150), min_size=1, max_size=60))
def test_no_count_is_ever_accepted_twice(counts: list[int]) -> None:
    nonces = Nonces(b"s")
    challenges = nonces.challenge(REALM, ["MD5"], now=0.0)

    accepted = [c for c in counts if check(nonces, answer(challenges, count=c)) == ACCEPTED]

    assert len(accepted) == len(set(accepted))
    assert max(accepted) == max(counts)


def test_an_old_nonce_is_stale_and_the_new_challenge_says_so(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, now=0.0))

    assert check(nonces, value, now=300.1) == STALE
    assert all("stale=true" in value for value in nonces.challenge(REALM, now=1.0, stale=True))


def test_a_nonce_of_another_server_is_stale_whether_the_password_is_right_or_not(
    nonces: Nonces,
) -> None:
    foreign = Nonces(b"other secret").challenge(REALM, now=0.0)

    assert check(nonces, answer(foreign)) == STALE
    assert check(nonces, answer(foreign, password="guess")) == STALE


def test_a_nonce_is_stale_from_any_host_but_the_one_that_was_challenged(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, now=0.0, host="192.0.2.1"))

    def verdict(host: str) -> Verdict:
        return nonces.check(
            [value], realm=REALM, method="REGISTER", ha1=accounts, now=1.0, host=host
        ).verdict

    assert verdict("192.0.2.2") is Verdict.STALE
    assert verdict("192.0.2.1") is Verdict.ACCEPTED


@pytest.mark.parametrize("nonce", ["x", "", "0.1.", "zz.1.aa", "-1.-1.aa", "1.1." + "a" * 500])
def test_an_invented_nonce_is_stale(nonces: Nonces, nonce: str) -> None:
    challenge = f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5'

    assert check(nonces, answer([challenge])) == STALE


def test_the_time_of_a_nonce_cannot_be_changed(nonces: Nonces) -> None:
    (challenge,) = nonces.challenge(REALM, ["MD5"], now=0.0)
    nonce = parse_parameters(challenge)[1]["nonce"]
    forged = "493e0" + nonce.removeprefix("0")

    assert forged != nonce
    assert check(nonces, answer([challenge.replace(nonce, forged)]), now=300.5) == STALE


@pytest.mark.parametrize(
    "value",
    ["NoOneKnowsThisScheme opaque-data=here", "Basic YTpi", "", 'Digest realm="elsewhere"'],
)
def test_credentials_that_are_not_for_us_are_none(nonces: Nonces, value: str) -> None:
    assert check(nonces, value) == Checked(Verdict.MISSING)


def test_no_credentials_are_none(nonces: Nonces) -> None:
    assert check(nonces) == Checked(Verdict.MISSING)


def test_ours_are_found_among_those_for_others(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, now=0.0))

    assert check(nonces, 'Digest realm="elsewhere", username="x"', value) == ACCEPTED


def test_an_algorithm_that_was_not_offered_is_not_taken(nonces: Nonces) -> None:
    value = answer(nonces.challenge(REALM, ["MD5"], now=0.0))

    checked = nonces.check(
        [value], realm=REALM, method="REGISTER", ha1=accounts, now=1.0, algorithms=["SHA-256"]
    )
    assert checked == Checked(Verdict.MISSING)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("qop=auth", "qop=auth-int"),
        ("qop=auth, ", ""),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=0000000x"),
        ('cnonce="0a4f113b"', 'x="y"'),
        ('username="anna"', 'user="anna"'),
        ('username="anna"', 'username="anna'),
        ('username="anna"', 'realm="again"'),
        ("uri=", "url="),
        ("response=", "reply="),
        ("nonce=", "once="),
        (", nc=", ",, nc="),
    ],
)
def test_malformed_credentials_are_called_so(nonces: Nonces, old: str, new: str) -> None:
    value = answer(nonces.challenge(REALM, now=0.0))
    assert old in value

    assert check(nonces, value.replace(old, new, 1)) == Checked(Verdict.MALFORMED)


def test_a_count_of_zero_is_never_new(nonces: Nonces) -> None:
    assert check(nonces, answer(nonces.challenge(REALM, now=0.0), count=0)) == STALE


def test_memory_is_bounded_and_what_was_forgotten_is_stale() -> None:
    nonces = Nonces(b"s", capacity=10)
    values = [answer(nonces.challenge(REALM, ["MD5"], now=0.0)) for _ in range(100)]

    verdicts = [check(nonces, value) for value in values]

    assert set(verdicts) == {ACCEPTED}
    assert nonces.remembered <= 10
    assert {check(nonces, value) for value in values} == {STALE}


def test_guesses_leave_nothing_behind() -> None:
    nonces = Nonces(b"s")
    for _ in range(50):
        check(nonces, answer(nonces.challenge(REALM, ["MD5"], now=0.0), password="guess"))

    assert nonces.remembered == 0


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_the_smallest_memory_still_accepts_what_is_new(capacity: int) -> None:
    nonces = Nonces(b"s", capacity=capacity)

    for _ in range(10):
        value = answer(nonces.challenge(REALM, ["MD5"], now=0.0))
        assert check(nonces, value) == ACCEPTED
        assert check(nonces, value) == STALE


def test_parameters_may_be_quoted_or_not() -> None:
    assert parse_parameters('Digest A="1,\\"2\\"" ,b=3') == ("digest", {"a": '1,"2"', "b": "3"})


@pytest.mark.parametrize("text", ["Digest a", "Digest =1", "Digest a=1,,b=2", 'Digest a="'])
def test_malformed_parameters_are_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        parse_parameters(text)
