"""What becomes of requests that found no call: each has its answer, and none leaves anything."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from cti_server.sip.digest import authorize, ha1, parse_parameters
from cti_server.sip.errors import SipParseError
from cti_server.sip.inspection import note_source
from cti_server.sip.message import Request, Response, parse
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.registration import Registrar
from cti_server.sip.transport import Flow
from cti_server.sip.trunks import Trunk

from ..virtual_time import run
from .machines import request as plain_request
from .wire import OFFER, Ear, Peer, Station, Wire, accept, stations

A, B = "10.0.0.1", "10.0.0.2"
REALM = "hotline.test"


class Phones:
    def ha1(self, username: str, algorithm: str) -> str | None:
        if not username.isdigit():
            return None
        return ha1(username, REALM, f"pw{username}", algorithm)


def exchange(
    *build: Callable[[Peer], Request], trunks: tuple[Trunk, ...] = (Trunk("all", ("10.0.0.0/8",)),)
) -> Wire:
    """Send requests by hand, one after the other; see what comes back."""
    wire = Wire()
    bob = Station(wire, B, trunks=trunks)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            for each in build:
                peer.send(each(peer))
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)

    run(scenario())
    return wire


def first_answer(wire: Wire) -> Response:
    answers = [s.message for s in wire.sent if s.sender == B and s.name != "100 INVITE"]
    assert isinstance(answers[0], Response)
    return answers[0]


@pytest.mark.parametrize(
    ("build", "status", "header"),
    [
        (lambda p: p.request("OPTIONS"), 200, ("Accept", "application/sdp")),
        (lambda p: p.request("SUBSCRIBE"), 405, ("Allow", "INVITE")),
        (lambda p: p.request("MESSAGE"), 405, ("Allow", "BYE")),
        (lambda p: p.request("FROBNICATE"), 501, ("Allow", "INVITE")),
        (lambda p: p.request("BYE"), 481, None),
        (lambda p: p.request("INFO", To="<sip:x@y>;tag=gone"), 481, None),
        (lambda p: p.request("INVITE", To="<sip:x@y>;tag=gone"), 481, None),
        (lambda p: p.request("CANCEL"), 481, None),
        (lambda p: p.request("INVITE", Require="100rel, x"), 420, ("Unsupported", "100rel, x")),
        (lambda p: p.request("OPTIONS", Require="x"), 420, ("Unsupported", "x")),
        (lambda p: p.request("INVITE", Max_Forwards="0"), 483, None),
        (lambda p: p.request("INVITE", Max_Forwards="x"), 400, None),
        (lambda p: p.request("OPTIONS", Max_Forwards="0"), 200, None),
        (
            lambda p: p.request("INVITE", body=b"<x/>", Content_Type="text/xml"),
            415,
            ("Accept", "application/sdp"),
        ),
        (
            lambda p: p.request("INVITE", body=bytes(OFFER), Content_Encoding="gzip"),
            415,
            ("Accept-Encoding", "identity"),
        ),
        (lambda p: p.request("INVITE", body=b"nonsense"), 400, None),
        (lambda p: p.request("INVITE", body=bytes(OFFER), Contact="*"), 400, None),
        (lambda p: p.request("REGISTER"), 401, ("WWW-Authenticate", "Digest")),
    ],
)
def test_a_request_that_cannot_be_acted_on_has_its_answer(
    build: Callable[[Peer], Request], status: int, header: tuple[str, str] | None
) -> None:
    answer = first_answer(exchange(build))
    assert answer.status == status
    assert answer.to.tag
    if header is not None:
        assert header[1] in (answer.headers.get(header[0]) or "")


def test_an_uri_of_an_unknown_scheme_is_refused() -> None:
    def build(peer: Peer) -> Request:
        invite = peer.request("INVITE", body=bytes(OFFER))
        invite.uri = "http://example.com"
        return invite

    assert first_answer(exchange(build)).status == 416


def test_what_can_be_read_only_in_part_is_answered_if_the_answer_can_be_matched() -> None:
    wire = Wire()
    bob = Station(wire, B)
    good = bytes(plain_request("OPTIONS"))

    async def scenario() -> None:
        async with stations(bob):
            for broken in (
                good.replace(b"Max-Forwards: 70", b"CSeq: 2 OPTIONS"),
                good.replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia"),
                good.replace(b"From", b"Form"),
                good.replace(b"Via", b"Viaduct"),
            ):
                with pytest.raises(SipParseError) as error:
                    parse(broken)
                bob.agent.rejected(error.value, SOURCE)

    run(scenario())
    assert wire.names() == ["505 OPTIONS"]  # the 400 repeats both CSeqs, so this wire drops it
    figures = bob.agent.statistics
    assert (figures.sent["4xx"], figures.sent["5xx"], figures.malformed) == (1, 1, 4)


def test_a_stray_ack_is_ignored() -> None:
    assert exchange(lambda p: p.request("ACK")).names(B) == []


def test_an_invite_that_comes_by_two_paths_is_served_once() -> None:
    wire = exchange(
        lambda p: p.request("INVITE", body=bytes(OFFER)),
        lambda p: p.request("INVITE", body=bytes(OFFER), To="<sip:hotline@10.0.0.2>"),
        lambda p: p.request("CANCEL", Via="SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKpeer1"),
    )
    assert wire.names(B)[:4] == ["100 INVITE", "482 INVITE", "200 CANCEL", "487 INVITE"]


def test_copies_of_a_refused_request_get_the_same_tag() -> None:
    wire = Wire()
    bob = Station(wire, B)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            options = peer.request("BYE")
            peer.send(options)
            peer.send(options)
            await asyncio.sleep(1)

    run(scenario())
    first, second = (sent.message.to.tag for sent in wire.of("481 BYE"))
    assert first == second


def test_beyond_the_limits_calls_get_503_and_when_to_try_again() -> None:
    wire = Wire()
    overload = Overload(OverloadLimits(open_calls=1, retry_after=9))
    alice = Station(wire, A)
    bob = Station(wire, B, overload=overload, answering=accept)

    async def scenario() -> list[Ear]:
        ears = [Ear(), Ear()]
        async with stations(alice, bob):
            calls = []
            for ear in ears:
                calls.append(alice.call(B, ear))
                await asyncio.sleep(1)
            assert bob.agent.statistics.calls_open == 1
            calls[0].hang_up()
        return ears

    first, second = run(scenario())
    assert (first.what, second.heard) == (["answered"], [("failed", 503)])
    assert wire.of("503 INVITE")[0].message.headers.get("Retry-After") == "9"
    assert bob.agent.statistics.overload_refused == 1
    assert bob.refused == [("peers", "overload")]


def test_the_legs_to_agents_are_not_counted_as_calls_that_came_in() -> None:
    wire = Wire()
    alice = Station(wire, A, answering=accept)
    overload = Overload(OverloadLimits(open_calls=2))
    bob = Station(wire, B, overload=overload, answering=accept)

    async def scenario() -> list[Ear]:
        callers = [Ear(), Ear(), Ear()]
        async with stations(alice, bob):
            calls = []
            for caller in callers:
                calls += [alice.call(B, caller), bob.call(A, Ear())]
                await asyncio.sleep(1)
            assert bob.agent.statistics.calls_open == 5
            calls[0].hang_up()
            await asyncio.sleep(1)
            again = Ear()
            calls.append(alice.call(B, again))
            await asyncio.sleep(1)
            for call in calls:
                call.hang_up()
        return [*callers, again]

    heard = run(scenario())
    assert [ear.heard[0][0] for ear in heard] == ["answered", "answered", "failed", "answered"]


def test_while_draining_new_calls_get_503_and_running_ones_go_on() -> None:
    wire = Wire()
    alice, bob = Station(wire, A), Station(wire, B, answering=accept)

    async def scenario() -> list[Ear]:
        ears = [Ear(), Ear()]
        async with stations(alice, bob):
            call = alice.call(B, ears[0])
            await asyncio.sleep(1)
            bob.agent.draining = True
            alice.call(B, ears[1])
            await asyncio.sleep(1)
            Peer(wire, bob).send(Peer(wire, bob).request("OPTIONS"))
            call.hang_up()
            await asyncio.sleep(1)
        return ears

    first, second = run(scenario())
    assert (first.what, second.heard) == (["answered"], [("failed", 503)])
    assert "503 OPTIONS" in wire.names(B)
    assert wire.names()[-1] == "200 BYE"


def test_strangers_are_refused_and_beyond_a_rate_not_even_answered() -> None:
    wire = Wire()
    bob = Station(wire, B, trunks=())

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            for _ in range(1500):
                peer.send(peer.request("INVITE", body=bytes(OFFER)))
            await asyncio.sleep(1)

    run(scenario())
    assert 1000 <= len(wire.of("403 INVITE")) <= 1010
    assert bob.agent.statistics.strangers_ignored == 1500 - len(wire.of("403 INVITE"))
    assert bob.ears == []


def test_a_phone_with_an_account_may_call_after_a_challenge() -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, trunks=(), accounts=Phones(), answering=accept)
    home = f"sip:200@{REALM}"

    async def scenario() -> list[Ear]:
        ears = [Ear(), Ear(), Ear()]
        async with stations(alice, bob):
            call = alice.call(B, ears[0], from_uri=home, credentials=("200", "pw200"))
            alice.call(B, ears[1], from_uri=home, credentials=("200", "wrong"))
            alice.call(B, ears[2], from_uri=home)
            await asyncio.sleep(1)
            call.hang_up()
        return ears

    right, wrong, none = run(scenario())
    assert right.what == ["answered"]
    assert wrong.heard == none.heard == [("failed", 401)]
    (call,) = bob.calls
    assert (call.identity.kind, call.identity.name) == ("phone", "200")
    acks = [s.message for s in wire.of("ACK") if "Authorization" in s.message.headers]
    assert len(acks) >= 1


@pytest.mark.parametrize("algorithms", [("SHA-256", "MD5"), ("MD5", "SHA-256"), ("SHA-256",)])
def test_a_caller_who_can_do_sha_256_answers_that_challenge(algorithms: tuple[str, ...]) -> None:
    wire = Wire()
    alice = Station(wire, A)
    bob = Station(wire, B, trunks=(), accounts=Phones(), algorithms=algorithms, answering=accept)

    async def scenario() -> Ear:
        ear = Ear()
        async with stations(alice, bob):
            home = f"sip:200@{REALM}"
            call = alice.call(B, ear, from_uri=home, credentials=("200", "pw200"))
            await asyncio.sleep(1)
            call.hang_up()
        return ear

    assert run(scenario()).what == ["answered"]
    (challenge,) = wire.of("401 INVITE")
    offered = challenge.message.headers.get_all("WWW-Authenticate")
    assert [parse_parameters(each)[1]["algorithm"] for each in offered] == list(algorithms)
    _, again = wire.of("INVITE")
    assert "algorithm=SHA-256" in (again.message.headers.get("Authorization") or "")


def register(peer: Peer, user: str, password: str | None, challenge: str, port: int) -> Request:
    request = peer.request(
        "REGISTER",
        number=1 if password is None else 2,
        From=f"<sip:{user}@{REALM}>;tag=r",
        To=f"<sip:{user}@{REALM}>",
        Call_ID=f"register-{user}",
        Contact=f"<sip:{user}@{Peer.HOST}:{port}>",
    )
    if password is not None:
        value = authorize(
            [challenge],
            method="REGISTER",
            uri=request.uri,
            username=user,
            password=password,
            cnonce="c",
        )
        request.headers.add("Authorization", value or "")
    return request


def test_a_hundred_phones_register_at_once_and_can_be_called() -> None:
    wire, registrar = Wire(), Registrar()
    bob = Station(wire, B, trunks=(), accounts=Phones(), registrar=registrar)
    users = [str(number) for number in range(200, 300)]

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            for user in users:
                peer.send(register(peer, user, None, "", 7000))
            await asyncio.sleep(0.1)
            challenges = {
                sent.message.to.uri.user: sent.message.headers.get("WWW-Authenticate") or ""
                for sent in wire.of("401 REGISTER")
            }
            for number, user in enumerate(users):
                peer.send(register(peer, user, f"pw{user}", challenges[user], 7000 + number))
            await asyncio.sleep(0.1)
            for user in users:
                (binding,) = bob.agent.registered(f"sip:{user}@{REALM}")
                assert binding.contact_uri == f"sip:{user}@{Peer.HOST}:{7000 + int(user) - 200}"
            assert bob.agent.statistics.bindings == len(registrar) == 100
            await asyncio.sleep(3601)
            assert bob.agent.registered("200") == []
            assert bob.agent.statistics.bindings == 0

    run(scenario())
    assert len(wire.of("200 REGISTER")) == 100


def test_nobody_registers_another_ones_account() -> None:
    wire = Wire()
    bob = Station(wire, B, trunks=(), accounts=Phones())

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            peer.send(register(peer, "200", None, "", 7000))
            await asyncio.sleep(0.1)
            challenge = wire.of("401 REGISTER")[0].message.headers.get("WWW-Authenticate")
            theft = register(peer, "200", "pw200", challenge or "", 7000)
            theft.headers.set("To", f"<sip:201@{REALM}>")
            peer.send(theft)
            await asyncio.sleep(0.1)
            assert bob.agent.statistics.bindings == 0

    run(scenario())
    assert wire.names(B) == ["401 REGISTER", "403 REGISTER"]


LOCAL = ("10.0.0.2", 5060)
SOURCE = Flow("udp", "10.0.0.7", 40000, LOCAL)


def test_responses_go_to_the_source_address_and_the_port_of_the_via() -> None:
    invite = plain_request(Via="SIP/2.0/UDP phone.example.com:5071;branch=z9hG4bK1")
    assert note_source(invite, SOURCE) == replace(SOURCE, port=5071)
    assert invite.via.received == "10.0.0.7"
    assert "received=10.0.0.7" in (invite.headers.get("Via") or "")


def test_with_rport_responses_go_to_where_the_request_came_from() -> None:
    invite = plain_request(Via="SIP/2.0/UDP 10.0.0.7:5071;rport;branch=z9hG4bK1")
    assert note_source(invite, SOURCE) == SOURCE
    assert (invite.via.received, invite.via.rport) == ("10.0.0.7", 40000)


def test_a_via_without_port_means_5060_and_a_connection_is_answered_on_itself() -> None:
    invite = plain_request(Via="SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK1")
    assert note_source(invite, SOURCE) == replace(SOURCE, port=5060)
    connection = Flow("tcp", "10.0.0.7", 40000, LOCAL)
    assert note_source(invite, connection) is connection


def test_only_the_topmost_via_of_a_shared_line_is_noted() -> None:
    line = "SIP/2.0/UDP p.example.com;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK0"
    invite = plain_request(Via=line)
    note_source(invite, SOURCE)
    assert [via.received for via in invite.vias] == ["10.0.0.7", None]
