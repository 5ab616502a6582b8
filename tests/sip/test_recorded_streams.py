"""Streams that another PBX offers to be recorded, and what we say to them."""

import pytest

from cti_server.sip.errors import SdpError
from cti_server.sip.recorded_streams import OfferedStream, answer_streams, offered_streams
from cti_server.sip.sdp import Origin, Sdp

OURS = "198.51.100.7"
ORIGIN = Origin("-", "7", "1", OURS)


def offer(*lines: str) -> Sdp:
    head = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
    return Sdp.parse("\r\n".join([*head, *lines]).encode())


TWO = offer(
    "m=audio 49170 RTP/AVP 0 8 101",
    "a=rtpmap:101 telephone-event/8000",
    "a=label:96",
    "a=sendonly",
    "m=audio 49172 RTP/AVP 8 0",
    "a=label:97",
    "a=sendonly",
)
BOTH = [
    OfferedStream(0, "96", "192.0.2.1", 49170, "PCMU", 0, sent=True),
    OfferedStream(1, "97", "192.0.2.1", 49172, "PCMA", 8, sent=True),
]


def test_two_streams_are_listened_to() -> None:
    assert offered_streams(TWO, OURS) == BOTH

    answer = answer_streams(TWO, ORIGIN, BOTH, {0: 30000, 1: 30002})

    assert bytes(answer).decode().splitlines() == [
        "v=0",
        "o=- 7 1 IN IP4 198.51.100.7",
        "s=-",
        "c=IN IP4 198.51.100.7",
        "t=0 0",
        "m=audio 30000 RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        "a=label:96",
        "a=recvonly",
        "m=audio 30002 RTP/AVP 8",
        "a=rtpmap:8 PCMA/8000",
        "a=label:97",
        "a=recvonly",
    ]


@pytest.mark.parametrize(
    ("said", "sent", "ours"),
    [
        ("sendonly", True, "recvonly"),
        ("sendrecv", True, "recvonly"),
        ("recvonly", False, "inactive"),
        ("inactive", False, "inactive"),
    ],
)
def test_we_never_send(said: str, sent: bool, ours: str) -> None:
    asked = offer("m=audio 49170 RTP/AVP 0", "a=label:1", f"a={said}")
    (stream,) = offered_streams(asked, OURS)

    assert stream.sent is sent
    assert answer_streams(asked, ORIGIN, [stream], {0: 30000}).media[0].direction == ours


@pytest.mark.parametrize(
    "lines",
    [
        ("m=audio 0 RTP/AVP 0", "a=label:1"),
        ("m=video 49170 RTP/AVP 99", "a=label:1"),
        ("m=audio 49170 RTP/SAVP 0", "a=label:1"),
        ("m=audio 49170 RTP/AVP 9 111", "a=rtpmap:111 opus/48000/2", "a=label:1"),
        ("m=audio 49170 RTP/AVP 0", "c=IN IP6 2001:db8::1", "a=label:1"),
        ("m=audio 49170 RTP/AVP 0", "c=IN IP4 pbx.example", "a=label:1"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_its_place(lines: tuple[str, ...]) -> None:
    asked = offer(*lines, "m=audio 49172 RTP/AVP 8", "a=label:2")
    (stream,) = offered_streams(asked, OURS)
    answer = answer_streams(asked, ORIGIN, [stream], {1: 30000})

    assert (stream.place, stream.label) == (1, "2")
    assert [media.port for media in answer.media] == [0, 30000]
    assert answer.media[0].kind == asked.media[0].kind


def test_a_stream_without_a_label_has_its_place_for_one() -> None:
    asked = offer("m=audio 49170 RTP/AVP 0", "m=audio 49172 RTP/AVP 0")

    assert [stream.label for stream in offered_streams(asked, OURS)] == ["1", "2"]


def test_two_of_one_label_are_nonsense() -> None:
    with pytest.raises(SdpError):
        offered_streams(
            offer("m=audio 1 RTP/AVP 0", "a=label:1", "m=audio 3 RTP/AVP 0", "a=label:1"), OURS
        )
