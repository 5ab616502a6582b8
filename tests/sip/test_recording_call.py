"""Recording sessions of other PBXs (RFC 7866): who may begin one, and what is said in it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from cti_server.sip.message import Request, Response
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.recorded_streams import answer_streams, listening_offer, offered_streams
from cti_server.sip.recording_call import RecordingCall
from cti_server.sip.sdp import Origin, Sdp
from cti_server.sip.trunks import Trunk

from ..virtual_time import run
from .wire import Ear, Peer, Station, Wire, stations

B = "10.0.0.2"
PBX = (Trunk("branch", ("10.0.0.9",)),)
OFFER = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=label:1\r\na=sendonly\r\n"
    b"m=audio 4002 RTP/AVP 0\r\na=label:2\r\na=sendonly\r\n"
)
XML = b"<recording/>"
BOTH = (
    b"--b\r\nContent-Type: application/sdp\r\n\r\n" + OFFER + b"\r\n"
    b"--b\r\nContent-Type: application/rs-metadata+xml\r\n"
    b"Content-Disposition: recording-session\r\n\r\n" + XML + b"\r\n--b--\r\n"
)
NOBODY_YET = "<sip:hotline@10.0.0.2>"
MIXED = "multipart/mixed;boundary=b"


class Archive(Ear):
    """Takes every session, and writes down what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: str | None = None
        self.began: RecordingCall | None = None

    def __call__(self, call: RecordingCall) -> "Archive":
        self.began = call
        call.answer(self.answer(call.recording_offer.sdp))
        return self

    def answer(self, offer: Sdp) -> Sdp:
        streams = offered_streams(offer, B)
        ports = {stream.place: 30000 + 2 * stream.place for stream in streams}
        return answer_streams(offer, Origin("-", "1", "1", B), streams, ports)

    def told(self, document: bytes) -> str | None:
        self._hear("told", document)
        return self.wrong

    def offer_anew(self, local: Sdp) -> Sdp:
        return listening_offer(local, Origin("-", "1", "2", B))

    def offered(self, offer: Sdp) -> Sdp | None:
        self._hear("offered", offer)
        return self.answer(offer) if self.accepts_offers else None


def session(
    then: Callable[[Peer, Archive], Awaitable[None]],
    *,
    trunks: tuple[Trunk, ...] = (),
    recorded: tuple[Trunk, ...] = PBX,
    archive: Archive | None = None,
) -> tuple[Wire, Archive]:
    wire, taken = Wire(), archive or Archive()
    bob = Station(wire, B, trunks=trunks, recorded=recorded, recording=taken)

    async def scenario() -> None:
        async with stations(bob):
            await then(Peer(wire, bob), taken)

    run(scenario())
    return wire, taken


def answers(wire: Wire, method: str) -> list[Response]:
    found = [sent.message for sent in wire.sent if sent.sender == B]
    return [
        one
        for one in found
        if isinstance(one, Response) and one.cseq.method == method and one.status > 100
    ]


async def begin(peer: Peer, archive: Archive) -> None:
    peer.send(peer.request("INVITE", body=BOTH, Require="siprec", Content_Type=MIXED))
    await asyncio.sleep(0.1)
    peer.send(peer.ack(b""))
    await asyncio.sleep(0.1)


def test_a_session_is_answered_by_a_server_that_only_listens() -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        await peer.bye(2)

    wire, archive = session(then)

    (answer,) = answers(wire, "INVITE")
    assert (answer.status, answer.headers.get("Require")) == (200, "siprec")
    assert (answer.headers.get("Contact") or "").endswith(">;+sip.srs")
    media = Sdp.parse(answer.body).media
    assert [(one.port, one.direction) for one in media] == [
        (30000, "recvonly"),
        (30002, "recvonly"),
    ]
    assert archive.began is not None
    assert archive.began.recording_offer.metadata == XML
    assert archive.began.identity.name == "branch"
    assert archive.what == ["confirmed", "ended"]


@pytest.mark.parametrize(
    ("trunks", "recorded", "headers", "status"),
    [
        ((), (), {}, 403),  # nobody knows it
        (PBX, (), {}, 403),  # a trunk may bring calls, and no recordings
        ((), PBX, {"Require": "siprec, 100rel"}, 420),
        ((), PBX, {"Content_Type": "text/plain"}, 415),
        ((), PBX, {"Content_Type": "application/rs-metadata+xml"}, 400),  # and no offer
        ((), PBX, {"Content_Type": "application/sdp"}, 400),
        ((), PBX, {"Content_Type": "multipart/mixed;boundary=c"}, 400),
        ((), PBX, {"Max_Forwards": "0"}, 483),
        ((), PBX, {"Require": ""}, 403),  # who may be recorded may not call
    ],
)
def test_who_may_not_and_what_cannot_be_recorded_has_its_answer(
    trunks: tuple[Trunk, ...], recorded: tuple[Trunk, ...], headers: dict[str, str], status: int
) -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        usual = {"Require": "siprec", "Content_Type": MIXED}
        peer.send(peer.request("INVITE", number=1, body=BOTH, **(usual | headers)))
        await asyncio.sleep(1)

    wire, archive = session(then, trunks=trunks, recorded=recorded)

    assert [answer.status for answer in answers(wire, "INVITE")] == [status]
    assert archive.began is None


def test_where_nobody_is_recorded_the_extension_is_unknown() -> None:
    wire = Wire()
    bob = Station(wire, B, trunks=PBX)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            peer.send(peer.request("INVITE", body=BOTH, Require="siprec", Content_Type=MIXED))
            await asyncio.sleep(1)

    run(scenario())
    (answer,) = answers(wire, "INVITE")
    assert (answer.status, answer.headers.get("Unsupported")) == (420, "siprec")


def test_metadata_comes_alone_or_with_an_offer() -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        xml = {"Content_Type": "application/rs-metadata+xml"}
        peer.send(peer.request("UPDATE", number=2, body=XML, **xml))
        await asyncio.sleep(0.1)
        muted = BOTH.replace(b"sendonly", b"inactive")
        peer.send(
            peer.request("INVITE", number=3, body=muted, Require="siprec", Content_Type=MIXED)
        )
        await asyncio.sleep(0.1)
        peer.send(peer.ack(b"", number=3))
        await peer.bye(4)

    wire, archive = session(then)

    (updated,) = answers(wire, "UPDATE")
    assert (updated.status, updated.body) == (200, b"")
    assert archive.what == ["confirmed", "told", "told", "offered", "ended"]
    assert archive.heard[1] == ("told", XML)
    again = answers(wire, "INVITE")[-1]
    assert (again.status, again.headers.get("Require")) == (200, "siprec")
    assert [one.direction for one in Sdp.parse(again.body).media] == ["inactive", "inactive"]


def test_metadata_alone_in_a_reinvite_asks_for_what_is_in_force() -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        xml = {"Content_Type": "application/rs-metadata+xml"}
        peer.send(peer.request("INVITE", number=2, body=XML, **xml))
        await asyncio.sleep(0.1)
        peer.send(peer.request("ACK", number=2, body=OFFER))
        await peer.bye(3)

    wire, archive = session(then)

    assert archive.what == ["confirmed", "told", "answered", "ended"]
    assert [one.port for one in Sdp.parse(answers(wire, "INVITE")[-1].body).media] == [30000, 30002]


def test_who_is_muted_and_asks_for_an_offer_is_asked_to_speak() -> None:
    """An answer of "inactive" to one of "inactive" could never be more (RFC 3264 §6.1)."""

    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        muted = OFFER.replace(b"sendonly", b"inactive", 1)
        peer.send(peer.request("UPDATE", number=2, body=muted))
        peer.send(peer.request("INVITE", number=3))
        await asyncio.sleep(0.1)
        peer.send(peer.request("ACK", number=3, body=BOTH, Content_Type=MIXED))
        await peer.bye(4)

    wire, archive = session(then)

    ours = Sdp.parse(answers(wire, "INVITE")[-1].body)
    assert [one.direction for one in ours.media] == ["recvonly", "recvonly"]
    assert ours.origin.version == "2"
    (answer,) = [heard[1] for heard in archive.heard if heard[0] == "answered"]
    assert isinstance(answer, Sdp)
    assert [one.direction for one in answer.media] == ["sendonly", "sendonly"]
    assert archive.what == ["confirmed", "offered", "told", "answered", "ended"]


def test_metadata_that_makes_no_sense_changes_nothing() -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        archive.wrong = "session"
        again = {"Require": "siprec", "Content_Type": MIXED}
        peer.send(peer.request("INVITE", number=2, body=BOTH, **again))
        await asyncio.sleep(0.1)
        await peer.bye(3)

    wire, archive = session(then)

    refused = answers(wire, "INVITE")[-1]
    assert (refused.status, refused.reason) == (400, "Bad Recording Metadata (session)")
    assert archive.what == ["confirmed", "told", "ended"]


def test_streams_that_fit_no_more_leave_the_session_as_it_was() -> None:
    async def then(peer: Peer, archive: Archive) -> None:
        await begin(peer, archive)
        archive.accepts_offers = False
        peer.send(peer.request("UPDATE", number=2, body=OFFER))
        await asyncio.sleep(0.1)
        await peer.bye(3)

    wire, archive = session(then)

    assert [answer.status for answer in answers(wire, "UPDATE")] == [488]
    assert archive.heard[-1] == ("ended", "bye")


def first_invite(peer: Peer, call_id: str, body: bytes) -> Request:
    """Of a session, if the body is one's; else of a call."""
    invite = peer.request("INVITE", body=body, Call_ID=call_id, To=NOBODY_YET)
    if body is BOTH:
        invite.headers.set("Require", "siprec")
        invite.headers.set("Content-Type", MIXED)
    return invite


def test_sessions_take_no_place_in_the_calls_bucket_and_calls_none_in_theirs() -> None:
    wire, archive = Wire(), Archive()
    overload = Overload(OverloadLimits(calls_per_second=1, burst=1))
    bob = Station(wire, B, trunks=PBX, recorded=PBX, recording=archive, overload=overload)

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            for call_id, body in (("r1", BOTH), ("r2", BOTH), ("c1", OFFER), ("c2", OFFER)):
                peer.send(first_invite(peer, call_id, body))
                await asyncio.sleep(0.01)
            bob.incoming.refuse(486)
            await asyncio.sleep(0.1)

    run(scenario())

    said = {(answer.sip_call_id, answer.status) for answer in answers(wire, "INVITE")}
    assert said == {("r1", 200), ("r2", 503), ("c1", 486), ("c2", 503)}


def test_sessions_are_no_calls_that_take_a_place_or_are_lost() -> None:
    """They have a limit of their own; where there is no room for a call there is none for them."""
    wire, archive = Wire(), Archive()
    limits = OverloadLimits(open_calls=1)
    bob = Station(wire, B, trunks=PBX, recorded=PBX, recording=archive, overload=Overload(limits))

    async def scenario() -> None:
        async with stations(bob):
            peer = Peer(wire, bob)
            await begin(peer, archive)
            for call_id, body in (("call", OFFER), ("recorded", BOTH), ("another", OFFER)):
                peer.send(first_invite(peer, call_id, body))
                await asyncio.sleep(0.1)
            bob.incoming.refuse(486)
            await peer.bye(2)

    run(scenario())

    refused = {(answer.sip_call_id, answer.status) for answer in answers(wire, "INVITE")[1:]}
    assert refused == {("recorded", 503), ("another", 503), ("call", 486)}
    assert [call.sip_call_id for call in bob.calls] == ["call"]
    assert bob.refused == [("branch", "overload")]
