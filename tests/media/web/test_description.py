import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.web.description import (
    BrowserOffer,
    Endpoint,
    OfferRefused,
    WebCodec,
    build_answer,
    read_offer,
)
from cti_server.sip.sdp import Sdp

FINGERPRINT = "sha-256 " + ":".join(f"{octet:02X}" for octet in range(32))
CHROMIUM = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 7d1e
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Gv3k
a=ice-pwd:8nMDmbzNLtpkQnGjmpLkkdzi
a=ice-options:trickle
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:7d1e c2f0
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:2231627014 cname:abc
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:Gv3k
a=ice-pwd:8nMDmbzNLtpkQnGjmpLkkdzi
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
"""
FIREFOX = f"""v=0
o=mozilla...THIS_IS_SDPARTA-99.0 7012 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:{FINGERPRINT}
a=group:BUNDLE 0
a=ice-options:trickle
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=sendrecv
a=ice-pwd:8nMDmbzNLtpkQnGjmpLkkdzi
a=ice-ufrag:73a7
a=mid:0
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000/1
a=setup:actpass
"""
ENDPOINT = Endpoint("ourUfrag", "o" * 24, FINGERPRINT, "192.0.2.20", 40_000, 40_000)


def answered(offer: BrowserOffer, endpoint: Endpoint = ENDPOINT) -> Sdp:
    return Sdp.parse(build_answer(offer, endpoint, 77, 1).encode())


@pytest.mark.parametrize(
    ("text", "ufrag", "dtmf"), [(CHROMIUM, "Gv3k", 126), (FIREFOX, "73a7", 101)]
)
def test_g711_and_the_keys_of_both_browsers_are_taken_up(text: str, ufrag: str, dtmf: int) -> None:
    offer = read_offer(text)

    assert (offer.format.codec, offer.format.payload_type) == ("PCMU", 0)
    assert (offer.dtmf_payload_type, offer.ufrag) == (dtmf, ufrag)
    assert (offer.fingerprint, offer.direction) == (FINGERPRINT, "sendrecv")


@pytest.mark.parametrize(
    ("codecs", "codec", "number"),
    [(("PCMA",), "PCMA", 8), (("OPUS", "PCMU"), "OPUS", 111), (("PCMU", "OPUS"), "PCMU", 0)],
)
def test_our_order_of_codecs_decides(codecs: tuple[WebCodec, ...], codec: str, number: int) -> None:
    offer = read_offer(CHROMIUM, codecs)
    audio = answered(offer).media[0]

    assert (offer.format.codec, offer.format.payload_type) == (codec, number)
    assert audio.formats == (str(number), "126")
    assert (
        audio.rtpmaps()[str(number)].lower()
        == {
            "PCMA": "pcma/8000",
            "OPUS": "opus/48000/2",
            "PCMU": "pcmu/8000",
        }[codec]
    )


def test_the_answer_has_all_that_chromium_asks_for_and_nothing_that_it_refuses() -> None:
    answer = build_answer(read_offer(CHROMIUM), ENDPOINT, 77, 3)

    assert answer.split("\r\n") == [
        "v=0",
        "o=- 77 3 IN IP4 192.0.2.20",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 0",
        "m=audio 40000 UDP/TLS/RTP/SAVPF 0 126",
        "c=IN IP4 192.0.2.20",
        "a=mid:0",
        "a=ice-ufrag:ourUfrag",
        "a=ice-pwd:oooooooooooooooooooooooo",
        f"a=fingerprint:{FINGERPRINT}",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=sendrecv",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:126 telephone-event/8000",
        "a=fmtp:126 0-15",
        "a=ptime:20",
        "a=candidate:1 1 udp 2130706431 192.0.2.20 40000 typ host",
        "a=candidate:2 1 tcp 1520435199 192.0.2.20 40000 typ host tcptype passive",
        "a=end-of-candidates",
        "m=video 0 UDP/TLS/RTP/SAVPF 96 97",
        "a=mid:1",
        "a=inactive",
        "",
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("sendrecv", "sendrecv"),
        ("recvonly", "sendonly"),
        ("sendonly", "recvonly"),
        ("inactive", "inactive"),
    ],
)
def test_the_direction_is_mirrored(theirs: str, ours: str) -> None:
    offer = read_offer(FIREFOX.replace("a=sendrecv", f"a={theirs}"))

    assert offer.direction == ours
    assert answered(offer).media[0].direction == ours


def test_every_line_is_answered_in_its_place_and_one_of_them_taken_up() -> None:
    first, second = CHROMIUM.split("m=audio", 1)
    audio, video = second.split("m=video", 1)
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\n"
    plain = "m=audio 9 RTP/AVP 0\na=mid:9\n"
    text = f"{first}m=video{video}{data}{plain}m=audio{audio}m=audio{audio}"

    offer = read_offer(text)

    assert offer.index == 3
    kinds = [(media.kind, media.port) for media in answered(offer).media]
    assert kinds == [
        ("video", 0), ("application", 0), ("audio", 0), ("audio", 40_000), ("audio", 0),
    ]  # fmt: skip


def test_without_a_tcp_port_there_is_one_candidate() -> None:
    endpoint = Endpoint("u" * 8, "p" * 24, FINGERPRINT, "2001:db8::1", 4000, None)
    answer = build_answer(read_offer(FIREFOX), endpoint, 1, 1)

    assert re.findall("a=candidate:.*", answer) == [
        "a=candidate:1 1 udp 2130706431 2001:db8::1 4000 typ host\r"
    ]
    assert "c=IN IP6 2001:db8::1\r\n" in answer


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        (f"a=fingerprint:{FINGERPRINT}", ""),
        ("a=ice-ufrag:73a7", ""),
        ("a=setup:actpass", "a=setup:passive"),
        ("a=rtcp-mux", ""),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("m=audio 9", "m=audio 0"),
        ("m=audio", "m=video"),
        ("109 9 0 8 101", "109 9"),
    ],
)
def test_an_offer_that_can_t_become_a_call_is_refused_with_a_reason(old: str, new: str) -> None:
    with pytest.raises(OfferRefused, match=r".+"):
        read_offer(FIREFOX.replace(old, new))


def test_an_offer_without_keys_is_taken_up_without_them() -> None:
    offer = read_offer(FIREFOX.replace("a=rtpmap:101 telephone-event/8000/1\n", ""))

    assert offer.dtmf_payload_type is None
    assert answered(offer).media[0].formats == ("0",)


LINES = st.sampled_from([*CHROMIUM.splitlines(), *FIREFOX.splitlines()]) | st.text(max_size=40)


@given(st.lists(LINES, max_size=60))
def test_no_text_at_all_gets_more_than_a_refusal(lines: list[str]) -> None:
    for head in ("", "v=0\n", CHROMIUM):
        try:
            offer = read_offer(head + "\n".join(lines))
        except OfferRefused:
            continue
        assert len(answered(offer).media) == len(offer.sdp.media)
