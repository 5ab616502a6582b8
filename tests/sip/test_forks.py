"""Answers of several parties to one INVITE of ours (RFC 3261 §13.2.2.4), and odd answers."""

import asyncio
from collections.abc import Sequence

from cti_server.sip.message import Request, Response, response_to
from cti_server.sip.offer_answer import LocalMedia, answer_offer
from cti_server.sip.sdp import Sdp
from cti_server.sip.transport import Flow

from ..virtual_time import run
from .wire import OFFER, Ear, Station, Wire, stations

A, B = "10.0.0.1", "10.0.0.2"


def sdp_of(party: int) -> Sdp:
    media = LocalMedia(host=f"10.0.1.{party}", port=30000, session_id=party)
    return answer_offer(OFFER, media)[0]


class Forker:
    """A proxy with several phones behind it: answers INVITEs as a script says, BYEs with 200."""

    def __init__(self, wire: Wire, script: Sequence[tuple[float, int, int, bool]]) -> None:
        """``script``: seconds after the INVITE, party, status, whether it brings SDP."""
        self._wire = wire
        self._script = script
        self.heard: list[Request] = []
        wire.plug((B, 5060), self, "udp")

    def received(self, message: Request | Response, flow: Flow) -> None:
        assert isinstance(message, Request)
        self.heard.append(message)
        loop = asyncio.get_running_loop()
        if message.method == "INVITE" and len(self.heard) == 1:
            for after, party, status, with_sdp in self._script:
                loop.call_later(after, self._answer, message, party, status, with_sdp)
        elif message.method not in ("ACK", "INVITE"):
            self._send(response_to(message, 200))

    def rejected(self, error: object, flow: object) -> None: ...
    def failed(self, flow: object) -> None: ...

    def _answer(self, invite: Request, party: int, status: int, with_sdp: bool) -> None:
        headers = [("Contact", f"<sip:party{party}@{B}:5060>")]
        self._send(
            response_to(
                invite,
                status,
                to_tag=f"party{party}",
                headers=headers,
                body=bytes(sdp_of(party)) if with_sdp else b"",
                content_type="application/sdp" if with_sdp else None,
            )
        )

    def _send(self, response: Response) -> None:
        self._wire.carry(bytes(response), (B, 5060), (A, 5060))

    def requests(self, method: str) -> list[str]:
        return [each.uri for each in self.heard if each.method == method]


def call_out(
    *script: tuple[float, int, int, bool], hang_up_after: float = 10.0
) -> tuple[Ear, Forker, Wire]:
    wire = Wire()
    alice, forker, ear = Station(wire, A), Forker(wire, script), Ear()

    async def scenario() -> None:
        async with stations(alice):
            call = alice.call(B, ear)
            await asyncio.sleep(hang_up_after)
            call.hang_up()

    run(scenario())
    return ear, forker, wire


def test_the_first_2xx_wins_and_the_others_are_acknowledged_and_hung_up() -> None:
    ear, forker, _ = call_out((0.1, 1, 180, False), (0.2, 2, 200, True), (0.3, 1, 200, True))

    assert ear.heard == [("ringing", 180, None), ("answered", sdp_of(2))]
    assert forker.requests("ACK") == [f"sip:party{n}@{B}:5060" for n in (2, 1)]
    assert forker.requests("BYE") == [f"sip:party{n}@{B}:5060" for n in (1, 2)]


def test_every_copy_of_a_2xx_is_acknowledged_again_with_the_same_bytes() -> None:
    _, forker, wire = call_out((0.1, 1, 200, True), (0.6, 1, 200, True), (1.6, 1, 200, True))

    assert len(forker.requests("ACK")) == 3
    assert len({bytes(sent.message) for sent in wire.of("ACK")}) == 1
    assert len(forker.requests("BYE")) == 1


def test_each_party_may_send_its_own_early_media() -> None:
    ear, _, _ = call_out((0.1, 1, 183, True), (0.2, 2, 183, True), (0.5, 2, 200, True))
    assert ear.heard == [
        ("ringing", 183, sdp_of(1)),
        ("ringing", 183, sdp_of(2)),
        ("answered", sdp_of(2)),
    ]


def test_a_2xx_without_sdp_means_what_the_party_said_before() -> None:
    ear, _, _ = call_out((0.1, 1, 183, True), (0.5, 1, 200, False))
    assert ear.heard[-1] == ("answered", sdp_of(1))


def test_a_2xx_that_never_says_where_to_send_media_fails_and_is_hung_up() -> None:
    ear, forker, _ = call_out((0.1, 1, 200, False))
    assert ear.heard == [("failed", 488)]
    assert (len(forker.requests("ACK")), len(forker.requests("BYE"))) == (1, 1)


def test_a_2xx_after_the_session_was_given_up_is_hung_up() -> None:
    ear, forker, _ = call_out((0.1, 1, 180, False), (2.0, 1, 200, True), hang_up_after=1.0)
    assert ear.what == ["ringing"]
    assert (len(forker.requests("CANCEL")), len(forker.requests("ACK"))) == (1, 1)
    assert len(forker.requests("BYE")) == 1


def test_after_a_cancel_silence_is_borne_for_32_seconds_only() -> None:
    _, forker, _ = call_out((0.1, 1, 180, False), hang_up_after=1.0)
    assert len(forker.requests("CANCEL")) == 1  # and stations() saw that nothing is left
