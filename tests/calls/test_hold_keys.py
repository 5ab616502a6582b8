"""A phone's own hold key: what its re-INVITE says of it (RFC 3264 §8.4)."""

from typing import cast

import pytest

from cti_server.calls.leg import Leg
from cti_server.calls.sip_session import SipSession
from cti_server.media.plane import MediaPlane
from cti_server.sip.sdp import Sdp
from tests.fakes.media import FakeMedia, FakePlane

from .test_leg import new_leg

HELD = ["sendonly", "inactive"]


def offer(direction: str, host: str = "192.0.2.7") -> Sdp:
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        "m=audio 4000 RTP/AVP 0 101",
        "a=rtpmap:101 telephone-event/8000",
        f"a={direction}",
        "",
    ]
    return Sdp.parse("\r\n".join(lines).encode())


async def a_phone() -> tuple[Leg, SipSession, list[bool]]:
    """A leg that talks by SIP, and what is heard of its hold key."""
    leg = new_leg()
    await leg.open_media(cast("MediaPlane", FakePlane(FakeMedia())))
    session, told = SipSession(leg, 1), list[bool]()
    leg.on_hold_changed = lambda: told.append(leg.held_by_phone)
    session.accept(offer("sendrecv"))
    return leg, session, told


@pytest.mark.parametrize("direction", HELD)
async def test_a_phone_that_only_sends_or_neither_holds(direction: str) -> None:
    leg, session, told = await a_phone()

    assert session.offered(offer(direction)) is not None

    assert leg.held_by_phone
    assert told == [True]


@pytest.mark.parametrize("direction", HELD)
async def test_sending_and_receiving_again_it_has_resumed(direction: str) -> None:
    leg, session, told = await a_phone()
    session.offered(offer(direction))
    session.offered(offer("sendrecv"))

    assert not leg.held_by_phone
    assert told == [True, False]


async def test_an_address_of_zeros_is_the_hold_of_old_phones() -> None:
    leg, session, told = await a_phone()

    session.offered(offer("sendrecv", host="0.0.0.0"))

    assert leg.held_by_phone
    assert told == [True]


async def test_a_phone_that_only_listens_holds_nobody() -> None:
    leg, session, told = await a_phone()

    session.offered(offer("recvonly"))

    assert not leg.held_by_phone
    assert told == []


async def test_the_same_again_is_told_once() -> None:
    _, session, told = await a_phone()

    session.offered(offer("sendonly"))
    session.offered(offer("inactive"))

    assert told == [True]


async def test_an_offer_that_is_refused_changes_nothing() -> None:
    leg, session, told = await a_phone()
    text = bytes(offer("sendonly")).replace(b"RTP/AVP 0 101", b"RTP/AVP 18")

    assert session.offered(Sdp.parse(text)) is None
    assert not leg.held_by_phone
    assert told == []
