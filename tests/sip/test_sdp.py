"""Session descriptions: read tolerantly, written strictly."""

import pytest
from hypothesis import given

from cti_server.sip.errors import SdpError
from cti_server.sip.sdp import MediaDescription, Origin, Sdp

from .strategies import descriptions

OFFER = b"""v=0\r
o=alice 2890844526 2890844527 IN IP4 host.atlanta.example.com\r
s=Call me\r
i=information\r
c=IN IP4 192.0.2.1\r
b=AS:84\r
t=0 0\r
a=sendonly\r
a=tool:x\r
m=audio 49170 RTP/AVP 0 8 97 101\r
i=a title\r
c=IN IP6 2001:db8::1\r
b=TIAS:64000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:97 iLBC/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
a=ptime:20\r
a=recvonly\r
m=video 51372/2 RTP/AVP 31\r
"""


def test_a_description_is_read_in_parts() -> None:
    sdp = Sdp.parse(OFFER)

    assert sdp.origin == Origin("alice", "2890844526", "2890844527", "host.atlanta.example.com")
    assert (sdp.name, sdp.host) == ("Call me", "192.0.2.1")
    assert sdp.lines == ("i=information", "b=AS:84", "t=0 0")
    audio, video = sdp.media
    assert (audio.kind, audio.port, audio.protocol) == ("audio", 49170, "RTP/AVP")
    assert audio.formats == ("0", "8", "97", "101")
    assert audio.rtpmaps() == {"0": "PCMU/8000", "97": "iLBC/8000", "101": "telephone-event/8000"}
    assert audio.fmtps() == {"101": "0-15"}
    assert audio.ptime == 20
    assert audio.lines == ("i=a title", "b=TIAS:64000")
    assert (sdp.host_of(audio), sdp.direction_of(audio)) == ("2001:db8::1", "recvonly")
    assert (video.port, video.rejected) == (51372, False)
    assert (sdp.host_of(video), sdp.direction_of(video)) == ("192.0.2.1", "sendonly")


def test_what_is_not_understood_is_written_back() -> None:
    written = bytes(Sdp.parse(OFFER))

    assert set(written.split(b"\r\n")) == set(
        OFFER.replace(b"51372/2", b"51372")
        .replace(b"IP4 host.atlanta", b"IP4 host.atlanta")
        .split(b"\r\n")
    )


@pytest.mark.parametrize(
    "data",
    [
        OFFER.replace(b"\r\n", b"\n"),
        OFFER.replace(b"t=0 0\r\n", b""),
        OFFER.replace(b"s=Call me\r\n", b"s=\r\n"),
        OFFER.replace(b"s=Call me\r\n", b""),
        OFFER.replace(b"t=0 0\r\n", b"t=0 0\r\nq=what\r\nx=1\r\n\r\n"),
        OFFER + b"\r\n\0",
        OFFER.rstrip(),
        OFFER.replace(b"a=tool:x", b"a=tool:\xff\xfe"),
        b"\r\n" + OFFER,
    ],
)
def test_what_phones_get_wrong_is_forgiven(data: bytes) -> None:
    audio = Sdp.parse(data).media[0]

    assert (audio.port, audio.ptime) == (49170, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"garbage",
        b"v=1\r\n",
        OFFER[5:],
        OFFER.replace(b"o=alice ", b"o="),
        OFFER.replace(b"c=IN IP4 192.0.2.1", b"c=IN IP4"),
        OFFER.replace(b"c=IN IP4 192.0.2.1", b"c=ATM NSAP 1"),
        OFFER.replace(b"m=audio 49170", b"m=audio"),
        OFFER.replace(b"m=audio 49170 ", b"m=audio -1 "),
        OFFER.replace(b"m=audio 49170 ", b"m=audio 65536 "),
        OFFER.replace(b"m=audio 49170 ", "m=audio ٤ ".encode()),
        OFFER.replace(b"a=tool:x", b"m =video"),
        OFFER + b"a" * 20000,
        OFFER + b"a=x\r\n" * 600,
        OFFER + b"m=audio 9 RTP/AVP 0\r\n" * 40,
        OFFER + b"m=audio 9 RTP/AVP" + b" 0" * 65,
    ],
)
def test_what_cannot_be_a_description_is_refused(data: bytes) -> None:
    with pytest.raises(SdpError):
        Sdp.parse(data)


@pytest.mark.parametrize("ptime", ["", "x", "20.5", "-1", "12345", "٢٠"])
def test_a_strange_ptime_counts_as_none(ptime: str) -> None:
    assert MediaDescription("audio", 9, attributes=(("ptime", ptime),)).ptime is None


def test_multicast_suffixes_are_no_part_of_the_address() -> None:
    sdp = Sdp.parse(OFFER.replace(b"192.0.2.1", b"224.2.1.1/127/3"))

    assert sdp.host == "224.2.1.1"


@given(descriptions)
def test_any_description_survives_the_wire(sdp: Sdp) -> None:
    assert Sdp.parse(bytes(sdp)) == sdp
