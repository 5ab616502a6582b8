"""Offer and answer, with the examples of RFC 3264 and RFC 4317 that have to do with one audio."""

from dataclasses import replace

import pytest
from hypothesis import given

from cti_server.sip.offer_answer import (
    AudioAgreement,
    LocalMedia,
    NoCommonCodec,
    SdpError,
    answer_offer,
    make_offer,
    read_answer,
)
from cti_server.sip.sdp import Sdp

from .strategies import descriptions

OURS = LocalMedia("198.51.100.7", 20000, session_id=1, version=3)


def describe(*lines: str, host: str = "192.0.2.1") -> Sdp:
    family = "IP6" if ":" in host else "IP4"
    head = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", f"c=IN {family} {host}", "t=0 0"]
    return Sdp.parse("\r\n".join([*head, *lines]).encode())


def lines_of(sdp: Sdp) -> list[str]:
    return bytes(sdp).decode().splitlines()


def test_an_offer_names_all_our_codecs() -> None:
    assert lines_of(make_offer(OURS)) == [
        "v=0",
        "o=- 1 3 IN IP4 198.51.100.7",
        "s=-",
        "c=IN IP4 198.51.100.7",
        "t=0 0",
        "m=audio 20000 RTP/AVP 0 8 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=maxptime:60",
        "a=rtcp-xr:rcvr-rtt=all voip-metrics",
        "a=sendrecv",
    ]


def test_an_offer_follows_our_preference() -> None:
    local = replace(OURS, host="2001:db8::7", codecs=("PCMA",), telephone_event=False)

    assert lines_of(make_offer(local, "inactive"))[1:] == [
        "o=- 1 3 IN IP6 2001:db8::7",
        "s=-",
        "c=IN IP6 2001:db8::7",
        "t=0 0",
        "m=audio 20000 RTP/AVP 8",
        "a=rtpmap:8 PCMA/8000",
        "a=ptime:20",
        "a=maxptime:60",
        "a=rtcp-xr:rcvr-rtt=all voip-metrics",
        "a=inactive",
    ]


def test_an_answer_takes_one_codec_and_the_offered_event_type() -> None:
    """RFC 4733: 96 is theirs; the events of the 48 kHz clock are of no use with G.711."""
    offer = describe(
        "m=audio 49170 RTP/AVP 111 9 8 0 110 96",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:110 telephone-event/48000",
        "a=rtpmap:96 telephone-event/8000",
        "a=ptime:30",
    )

    answer, agreement = answer_offer(offer, OURS)

    assert lines_of(answer)[5:] == [
        "m=audio 20000 RTP/AVP 8 96",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-15",
        "a=ptime:20",
        "a=maxptime:60",
        "a=sendrecv",
    ]
    assert agreement == AudioAgreement("192.0.2.1", 49170, "PCMA", 8, 96, "sendrecv", 30, 96)


@pytest.mark.parametrize("level", ["session", "media"])
def test_who_knows_extended_reports_is_asked_for_them_and_nobody_else(level: str) -> None:
    """As linphone offers them, for the session."""
    audio, known = "m=audio 49170 RTP/AVP 0", "a=rtcp-xr:stat-summary=loss,dup voip-metrics"
    lines = [known, audio] if level == "session" else [audio, known]

    asked, _ = answer_offer(describe(*lines), OURS)
    plain, _ = answer_offer(describe(audio), OURS)

    assert asked.media[0].attribute("rtcp-xr") == "rcvr-rtt=all voip-metrics"
    assert plain.media[0].attribute("rtcp-xr") is None


@pytest.mark.parametrize(
    ("formats", "codec", "payload"),
    [
        (["m=audio 9 RTP/AVP 0"], "PCMU", 0),
        (["m=audio 9 RTP/AVP 8 0"], "PCMA", 8),
        (["m=audio 9 RTP/AVPF 0"], "PCMU", 0),
        (["m=audio 9 RTP/AVP 97 0", "a=rtpmap:97 pcma/8000/1"], "PCMA", 97),
        (["m=audio 9 RTP/AVP 97 0", "a=rtpmap:97 PCMA/16000"], "PCMU", 0),
        (["m=audio 9 RTP/AVP 97 0", "a=rtpmap:97 PCMA/8000/2"], "PCMU", 0),
        (["m=audio 9 RTP/AVP 8 0", "a=rtpmap:8 iLBC/8000"], "PCMU", 0),
        (["m=audio 9 RTP/AVP 128 x 1000 -1 0"], "PCMU", 0),
        (["m=AUDIO 9 rtp/avp 0"], "PCMU", 0),
    ],
)
def test_the_offerers_first_codec_that_is_ours_wins(
    formats: list[str], codec: str, payload: int
) -> None:
    agreement = answer_offer(describe(*formats), OURS)[1]

    assert (agreement.codec, agreement.payload_type) == (codec, payload)
    assert agreement.dtmf_payload_type is None


def test_codecs_that_are_not_ours_are_passed_over() -> None:
    offer = describe("m=audio 9 RTP/AVP 0 8")

    assert answer_offer(offer, replace(OURS, codecs=("PCMA",)))[1].codec == "PCMA"


@pytest.mark.parametrize(
    "media",
    [
        [],
        ["m=audio 9 RTP/AVP 9"],
        ["m=audio 9 RTP/SAVP 0"],
        ["m=audio 9 UDP/TLS/RTP/SAVPF 0"],
        ["m=audio 0 RTP/AVP 0"],
        ["m=video 9 RTP/AVP 0"],
        ["m=image 9 udptl t38"],
        ["m=audio 9 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"],
        ["m=audio 9 RTP/AVP 0", "c=IN IP4 phone.example.com"],
        ["m=audio 9 RTP/AVP 0", "c=IN IP6 2001:db8::1"],
        ["m=audio 9 RTP/AVP"],
    ],
)
def test_an_offer_without_audio_for_us_is_refused(media: list[str]) -> None:
    with pytest.raises(NoCommonCodec):
        answer_offer(describe(*media), OURS)


def test_an_offer_without_any_address_is_refused() -> None:
    with pytest.raises(NoCommonCodec):
        answer_offer(Sdp.parse(b"v=0\r\nm=audio 9 RTP/AVP 0\r\n"), OURS)


def test_the_address_of_the_stream_goes_before_that_of_the_session() -> None:
    offer = describe("m=audio 9 RTP/AVP 0", "c=IN IP4 203.0.113.9")

    assert answer_offer(offer, OURS)[1].host == "203.0.113.9"


def test_ipv6_is_agreed_with_ipv6() -> None:
    local = replace(OURS, host="2001:db8::7")
    answer, agreement = answer_offer(describe("m=audio 9 RTP/AVP 0", host="2001:db8::1"), local)

    assert agreement.host == "2001:db8::1"
    assert "c=IN IP6 2001:db8::7" in lines_of(answer)


def test_only_the_first_usable_stream_is_taken() -> None:
    """RFC 4317 §2.1 offers audio and video; here there is SRTP before and more behind."""
    offer = describe(
        "m=audio 1000 RTP/SAVP 0",
        "m=audio 2000 RTP/AVP 0 8",
        "m=video 3000 RTP/AVP 31",
        "m=audio 4000 RTP/AVP 8",
        "m=application 5000 UDP/DTLS/SCTP webrtc-datachannel",
        "m=audio 0 RTP/AVP 9",
    )

    answer, agreement = answer_offer(offer, OURS)

    assert agreement.port == 2000
    assert [line for line in lines_of(answer) if line.startswith("m=")] == [
        "m=audio 0 RTP/SAVP 0",
        "m=audio 20000 RTP/AVP 0",
        "m=video 0 RTP/AVP 31",
        "m=audio 0 RTP/AVP 8",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        "m=audio 0 RTP/AVP 9",
    ]


@pytest.mark.parametrize(
    ("attribute", "host", "ours"),
    [
        ("sendrecv", "192.0.2.1", "sendrecv"),
        ("sendonly", "192.0.2.1", "recvonly"),
        ("recvonly", "192.0.2.1", "sendonly"),
        ("inactive", "192.0.2.1", "inactive"),
        ("sendrecv", "0.0.0.0", "recvonly"),
        ("sendonly", "0.0.0.0", "recvonly"),
        ("recvonly", "0.0.0.0", "inactive"),
        ("inactive", "0.0.0.0", "inactive"),
    ],
)
def test_hold_is_mirrored(attribute: str, host: str, ours: str) -> None:
    """RFC 3264 §8.4: an address of zeros forbids us to send, whatever the attribute says."""
    answer, agreement = answer_offer(
        describe("m=audio 9 RTP/AVP 0", f"a={attribute}", host=host), OURS
    )

    assert agreement.direction == ours
    assert lines_of(answer)[-1] == f"a={ours}"


def test_a_direction_of_the_session_holds_for_the_stream() -> None:
    offer = describe("a=sendonly", "m=audio 9 RTP/AVP 0")

    assert answer_offer(offer, OURS)[1].direction == "recvonly"


def test_no_events_are_answered_if_we_want_none() -> None:
    offer = describe("m=audio 9 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")
    answer, agreement = answer_offer(offer, replace(OURS, telephone_event=False))

    assert agreement.dtmf_payload_type is None
    assert "m=audio 20000 RTP/AVP 0" in lines_of(answer)


@pytest.mark.parametrize(
    ("answer", "codec", "payload", "events"),
    [
        (["m=audio 9 RTP/AVP 0"], "PCMU", 0, None),
        (["m=audio 9 RTP/AVP 8 0 101", "a=rtpmap:101 telephone-event/8000"], "PCMA", 8, 101),
        (["m=audio 9 RTP/AVP 101 8", "a=rtpmap:101 telephone-event/8000"], "PCMA", 8, 101),
        (["m=audio 9 RTP/AVP 9 0 96", "a=rtpmap:96 telephone-event/8000"], "PCMU", 0, 96),
    ],
)
def test_an_answer_is_read(answer: list[str], codec: str, payload: int, events: int | None) -> None:
    agreement = read_answer(make_offer(OURS), describe(*answer))

    ours = None if events is None else 101
    assert agreement == AudioAgreement(
        "192.0.2.1", 9, codec, payload, events, "sendrecv", None, dtmf_received_as=ours
    )


@pytest.mark.parametrize(
    ("offered", "answered", "ours"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendrecv", "recvonly", "sendonly"),
        ("sendonly", "recvonly", "sendonly"),
        ("sendonly", "sendrecv", "sendonly"),
        ("sendonly", "inactive", "inactive"),
        ("recvonly", "sendonly", "recvonly"),
        ("recvonly", "recvonly", "inactive"),
        ("inactive", "sendrecv", "inactive"),
    ],
)
def test_an_answer_never_widens_what_was_offered(offered: str, answered: str, ours: str) -> None:
    agreement = read_answer(
        make_offer(OURS, offered), describe("m=audio 9 RTP/AVP 0", f"a={answered}")
    )

    assert agreement.direction == ours


@pytest.mark.parametrize(
    "answer",
    [
        ["m=audio 0 RTP/AVP 0"],
        ["m=audio 9 RTP/AVP 9"],
        ["m=audio 9 RTP/SAVP 0"],
        ["m=audio 9 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"],
        ["m=audio 9 RTP/AVP 0", "c=IN IP4 phone.example.com"],
    ],
)
def test_an_answer_that_refuses_the_audio_is_no_agreement(answer: list[str]) -> None:
    with pytest.raises(NoCommonCodec):
        read_answer(make_offer(OURS), describe(*answer))


@pytest.mark.parametrize(
    "answer", [[], ["m=video 9 RTP/AVP 0"], ["m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 31"]]
)
def test_an_answer_that_does_not_fit_its_offer_is_an_error(answer: list[str]) -> None:
    with pytest.raises(SdpError):
        read_answer(make_offer(OURS), describe(*answer))


def test_an_answer_with_a_codec_that_was_not_offered_is_no_agreement() -> None:
    with pytest.raises(NoCommonCodec):
        read_answer(make_offer(replace(OURS, codecs=("PCMA",))), describe("m=audio 9 RTP/AVP 0"))


def test_a_later_offer_keeps_the_places_and_the_event_type() -> None:
    first = describe(
        "m=video 1000 RTP/AVP 31",
        "m=audio 2000 RTP/AVP 0 96",
        "a=rtpmap:96 telephone-event/8000",
    )
    answer, _ = answer_offer(first, OURS)

    again = make_offer(replace(OURS, version=4), "sendonly", after=answer)

    assert [line for line in lines_of(again) if line.startswith(("o=", "m="))] == [
        "o=- 1 4 IN IP4 198.51.100.7",
        "m=video 0 RTP/AVP 31",
        "m=audio 20000 RTP/AVP 0 8 96",
    ]


def test_both_sides_of_our_own_agree() -> None:
    """RFC 3264 §10.1, with both ends ours."""
    theirs = LocalMedia("192.0.2.1", 30000, session_id=2, codecs=("PCMA",))
    offer = Sdp.parse(bytes(make_offer(OURS, "sendonly")))
    answer, at_theirs = answer_offer(offer, theirs)
    at_ours = read_answer(offer, Sdp.parse(bytes(answer)))

    assert at_theirs == AudioAgreement("198.51.100.7", 20000, "PCMA", 8, 101, "recvonly", 20, 101)
    assert at_ours == AudioAgreement("192.0.2.1", 30000, "PCMA", 8, 101, "sendonly", 20, 101)


@given(descriptions)
def test_an_answer_always_fits_its_offer(offer: Sdp) -> None:
    try:
        answer, agreement = answer_offer(offer, OURS)
    except NoCommonCodec:
        return

    assert [media.kind for media in answer.media] == [media.kind for media in offer.media]
    assert [media.protocol for media in answer.media] == [media.protocol for media in offer.media]
    assert sum(not media.rejected for media in answer.media) == 1
    assert agreement.codec in OURS.codecs
    assert Sdp.parse(bytes(answer)) == answer
