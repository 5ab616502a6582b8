"""
No input makes the work grow faster than its length.

Each of these inputs is some megabytes long, far beyond the limits of the wire. Work that grew with
the square of it would not end within minutes; that the tests end is the proof.
"""

import contextlib

import pytest

from cti_server.sip import grammar
from cti_server.sip.digest import parse_parameters
from cti_server.sip.errors import SdpError, SipParseError
from cti_server.sip.headers import CSeq, Via
from cti_server.sip.message import Limits, StreamFramer, parse
from cti_server.sip.sdp import Sdp
from cti_server.sip.uri import NameAddr, Uri

from .test_message import INVITE

SIZE = 1_000_000
UNLIMITED = Limits(2**40, 2**40, 2**40, 2**40, 2**40)

PIECES = [
    '"', '""', '"",', '"\\', "\\", '\\"', '"\\"",', '"a" <', "<", "<>", "<>,", ">", "(", "[", "]",
    "[:", ",", ", ", ";", ";a", ";a=1", "=", " ", "\t", " ,", " ;", "a", "a ", "1", ".", "-", ":",
    "::", "@", "?", "&", "a=&", "%", "%4", "%41", "SIP / ", "SIP/2.0/UDP ", "é", "\x85",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("prefix", ["", '"', "<", "sip:", "a;b=", "SIP/2.0/UDP h;a="])
def test_any_long_value_is_read_or_refused(prefix: str, piece: str) -> None:
    text = prefix + piece * (50_000 // len(piece))
    for read in (Uri.parse, NameAddr.parse, Via.parse, CSeq.parse, parse_parameters):
        with contextlib.suppress(SipParseError):
            read(text)


@pytest.mark.parametrize("piece", ['"",', '"\\"",', "<>,", "<>;", '"";', '"\\"";'])
def test_quotes_and_brackets_are_walked_through_once(piece: str) -> None:
    text = piece * (2 * SIZE // len(piece))

    assert len(grammar.split(text, piece[-1])) == 2 * SIZE // len(piece) + 1


@pytest.mark.parametrize("piece", [" ", "a", "\\a", "a ", ";", "<"])
def test_an_open_quote_is_searched_through_once(piece: str) -> None:
    text = '"' + piece * (2 * SIZE // len(piece))

    for read in (NameAddr.parse, lambda text: grammar.split(text, ",")):
        with pytest.raises(SipParseError):
            read(text)


@pytest.mark.parametrize(
    "text",
    [
        "sip:" + "a" * SIZE,
        "sip:" + "%41" * SIZE + "@h",
        "sip:h" + ";a=b" * SIZE,
        "sip:h?" + "a=b&" * SIZE,
        "sip:[" + ":" * SIZE,
        "sip:" + "1" * SIZE + ":" + "1" * SIZE,
    ],
)
def test_a_long_uri_is_walked_through_once(text: str) -> None:
    with contextlib.suppress(SipParseError):
        Uri.parse(text)


@pytest.mark.parametrize(
    "filler",
    [
        b'Contact: "",',
        b'X: "\r\n',
        b"X: " + b" " * 1000 + b"\r\n",
        b"\r\n",
        b"\r",
        b"\n",
        b"\r\nX",
        b": \r\n",
        b"l: 4\r\n",
        b"Via: SIP/2.0/UDP h\r\n",
        b"\xff",
    ],
)
def test_a_long_message_is_read_or_refused(filler: bytes) -> None:
    data = INVITE.replace(b"CSeq:", filler * (SIZE // len(filler)) + b"\r\nCSeq:")

    for limits in (UNLIMITED, Limits()):
        with contextlib.suppress(SipParseError):
            parse(data, limits).validate()


def test_lines_folded_to_the_limit_cost_no_more_than_the_limit_times_the_head() -> None:
    folded = b"X: a\r\n " + b"\r\n ".join([b"c" * 300] * 80)
    data = INVITE.replace(b"CSeq:", folded + b"\r\nCSeq:")

    assert len(parse(data).headers.get("X") or "") > 24_000


def test_a_stream_in_single_octets_is_not_searched_again_and_again() -> None:
    framer = StreamFramer(UNLIMITED)
    framer.receive(b"a" * 8 * SIZE)

    for _ in range(SIZE // 10):
        assert framer.receive(b"a") == []
    assert framer.buffered == 8 * SIZE + SIZE // 10


def test_many_small_messages_in_one_read_are_cut_in_linear_time() -> None:
    framed = StreamFramer().receive(INVITE * 5000 + b"\r\n" * 100_000)

    assert len(framed) == 5000 + 50_000


@pytest.mark.parametrize(
    "line", [b"a=rtpmap:0 X/8000", b"m=audio 9 RTP/AVP 0", b"a=", b"a=" + b":" * 900]
)
def test_a_long_description_is_refused_before_it_costs(line: bytes) -> None:
    data = b"v=0\r\n" + (line + b"\r\n") * (SIZE // len(line))

    with pytest.raises(SdpError):
        Sdp.parse(data)
