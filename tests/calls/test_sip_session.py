"""Which codecs are offered to a phone and taken from it, and what the worker hears of that."""

import itertools
from typing import cast

import pytest

from cti_server.calls.sip_session import SipSession, SipSessions
from cti_server.media.plane import MediaPlane
from cti_server.sip.offer_answer import LocalMedia, NoCommonCodec, make_offer
from cti_server.sip.sdp import Sdp
from tests.calls.test_leg import new_leg
from tests.fakes.media import FakeMedia, FakePlane


def sessions(codecs: str = "PCMU PCMA", fallback: str = "G722 OPUS") -> SipSessions:
    return SipSessions(itertools.count(1).__next__, tuple(codecs.split()), tuple(fallback.split()))


async def begun(of: SipSessions) -> tuple[SipSession, FakeMedia]:
    leg, media = new_leg(), FakeMedia()
    await leg.open_media(cast(MediaPlane, FakePlane(media)))
    return of.begin(leg), media


def formats(offer: Sdp) -> tuple[str, ...]:
    return offer.media[0].formats


@pytest.mark.parametrize(
    ("like", "codecs"),
    [
        (None, "0 8 9 111"),
        ("PCMU", "0 8 9 111"),
        ("PCMA", "8 0 9 111"),
        ("G722", "9 0 8 111"),
        ("OPUS", "111 0 8 9"),
    ],
)
async def test_the_codec_of_whom_a_phone_is_to_talk_to_comes_first(
    like: str | None, codecs: str
) -> None:
    session, _ = await begun(sessions())

    offer = session.propose(like=like)

    assert formats(offer)[:4] == tuple(codecs.split())
    assert len(set(formats(offer))) == len(formats(offer))


async def test_a_codec_that_the_operator_does_not_want_is_not_offered_whoever_speaks_it() -> None:
    session, _ = await begun(sessions("PCMU", ""))

    assert formats(session.propose(like="G722"))[:2] == ("0", "101")


async def test_the_operators_order_is_the_offers() -> None:
    session, _ = await begun(sessions("G722 PCMA", "OPUS"))

    assert formats(session.propose())[:3] == ("9", "8", "111")


async def test_a_phone_with_opus_only_is_taken_and_the_worker_told_how_it_speaks() -> None:
    offer = Sdp.parse(
        b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 96 97\r\n"
        b"a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\na=ptime:40\r\n"
    )
    session, media = await begun(sessions())

    session.accept(offer)

    assert media.remote["codec"] == "OPUS"
    assert media.remote["payload_type"] == 96
    assert media.remote["dtmf_payload_type"] == media.remote["dtmf_received_as"] == 97
    assert media.remote["dtmf_clock_rate"] == 48000
    assert media.remote["ptime_ms"] == 40


@pytest.mark.parametrize(("events", "clock_rate"), [("8000", 8000), ("48000", 48000)])
async def test_the_worker_is_told_the_clock_of_the_events_that_an_opus_phone_knows(
    events: str, clock_rate: int
) -> None:
    session, media = await begun(sessions())

    session.propose()
    session.answered(
        Sdp.parse(
            b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 111 97\r\n"
            b"a=rtpmap:111 opus/48000/2\r\na=rtpmap:97 telephone-event/%b\r\n" % events.encode()
        )
    )

    assert media.remote["dtmf_clock_rate"] == clock_rate


@pytest.mark.parametrize(("offered", "agreed"), [("0 13", True), ("0", False)])
async def test_comfort_noise_is_agreed_on_with_who_offers_it_and_the_worker_told(
    offered: str, *, agreed: bool
) -> None:
    session, media = await begun(sessions())

    answer = session.accept(
        Sdp.parse(b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP %b\r\n" % offered.encode())
    )

    assert formats(answer) == tuple(offered.split())
    assert media.remote["comfort_noise"] is agreed


@pytest.mark.parametrize("wanted", [True, False])
async def test_comfort_noise_is_offered_only_for_whom_it_can_be_passed_on_to(
    *, wanted: bool
) -> None:
    session, media = await begun(sessions())

    offer = session.propose(comfort_noise=wanted)
    session.answered(Sdp.parse(b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 13\r\n"))

    assert ("13" in formats(offer)) is wanted
    assert media.remote["comfort_noise"] is wanted


async def test_an_answer_that_numbers_events_anew_is_told_with_both_numbers() -> None:
    session, media = await begun(sessions())
    session.propose()

    session.answered(
        Sdp.parse(
            b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 96\r\n"
            b"a=rtpmap:96 telephone-event/8000\r\n"
        )
    )

    assert (media.remote["dtmf_payload_type"], media.remote["dtmf_received_as"]) == (96, 101)


async def test_without_a_second_choice_a_phone_with_g722_only_is_refused() -> None:
    session, _ = await begun(sessions(fallback=""))

    with pytest.raises(NoCommonCodec):
        session.accept(make_offer(LocalMedia("192.0.2.1", 4000, 9, codecs=("G722",))))
