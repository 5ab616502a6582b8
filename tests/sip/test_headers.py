"""Via, CSeq and the words that headers are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip import grammar
from cti_server.sip.errors import SipParseError
from cti_server.sip.headers import CSeq, Via

from .strategies import tokens, vias


def test_a_via_tells_where_the_response_goes() -> None:
    via = Via.parse(
        "SIP/2.0/UDP pc33.example.com:5066;branch=z9hG4bK77;rport=9988;received=192.0.2.1"
    )

    assert via == Via(
        "UDP",
        "pc33.example.com",
        5066,
        (("branch", "z9hG4bK77"), ("rport", "9988"), ("received", "192.0.2.1")),
    )
    assert (via.branch, via.rport, via.received) == ("z9hG4bK77", 9988, "192.0.2.1")


def test_an_empty_rport_asks_for_the_port() -> None:
    via = Via.parse("SIP/2.0/UDP h;rport;branch=z")

    assert via.wants_rport
    assert via.rport is None
    assert str(via.with_param("rport", "5062")) == "SIP/2.0/UDP h;rport=5062;branch=z"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z", "2001:db8::9:1", 5060),
        ("SIP/2.0/UDP [2001:db8::9:1]", "2001:db8::9:1", None),
        ("SIP / 2.0 / TCP\tspindle.example.com : 4000 ; branch = z", "spindle.example.com", 4000),
        ("SIP/2.0/UDP h:65535", "h", 65535),
        ("sip/2.0/udp h", "h", None),
    ],
)
def test_a_via_may_be_written_in_many_ways(text: str, host: str, port: int | None) -> None:
    via = Via.parse(text)

    assert (via.host, via.port) == (host, port)
    assert Via.parse(str(via)) == via


@pytest.mark.parametrize("received", ["2001:db8::9:255", "[2001:db8::9:255]"])
def test_received_is_without_brackets(received: str) -> None:
    """RFC 5118 §4.5: both spellings are seen."""
    assert Via.parse(f"SIP/2.0/UDP [::1];received={received}").received == "2001:db8::9:255"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/2.0 h",
        "SIP/1.0/UDP h",
        "SIP/2.0/U(P h",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP [2001:db8:::1]",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP h;",
        "SIP/2.0/UDP h;;branch=z",
        'SIP/2.0/UDP h;x="',
    ],
)
def test_a_malformed_via_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        Via.parse(text)


def test_a_malformed_rport_is_refused_when_it_is_asked_for() -> None:
    with pytest.raises(SipParseError):
        _ = Via.parse("SIP/2.0/UDP h;rport=x").rport


@given(vias)
def test_any_via_survives_the_wire(via: Via) -> None:
    assert Via.parse(str(via)) == via


@pytest.mark.parametrize(
    ("text", "cseq"),
    [
        ("1 INVITE", CSeq(1, "INVITE")),
        ("0009   INVITE", CSeq(9, "INVITE")),
        ("2147483647\tX-Y", CSeq(2**31 - 1, "X-Y")),
    ],
)
def test_a_cseq_is_a_number_and_a_method(text: str, cseq: CSeq) -> None:
    assert CSeq.parse(text) == cseq


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "INVITE",
        "1 INVITE x",
        "-1 INVITE",
        "2147483648 INVITE",
        "1 IN/VITE",
        "٣ INVITE",
        "1_0 ACK",
    ],
)
def test_a_malformed_cseq_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        CSeq.parse(text)


@given(st.integers(0, 2**31 - 1), tokens)
def test_any_cseq_survives_the_wire(number: int, method: str) -> None:
    assert CSeq.parse(str(CSeq(number, method))) == CSeq(number, method)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a", ["a"]),
        ("a, b,c", ["a", "b", "c"]),
        ('"a,b" <sip:x>, <sip:c,d@e>;q="1,2"', ['"a,b" <sip:x>', '<sip:c,d@e>;q="1,2"']),
        ('"a\\",b" <sip:x>,c', ['"a\\",b" <sip:x>', "c"]),
    ],
)
def test_a_list_is_split_outside_of_quotes_and_brackets(text: str, values: list[str]) -> None:
    assert grammar.split_list(text) == values


@pytest.mark.parametrize("text", ["a,,b", ",a", "a,", ",", '"a, b', "<a, b", '"a\\", b'])
def test_a_malformed_list_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        grammar.split_list(text)


@given(st.text(st.characters(exclude_characters="\r\n")))
def test_any_text_survives_quotes(text: str) -> None:
    quoted = grammar.quote(text)

    assert grammar.unquote(quoted) == text
    assert grammar.past_quote(quoted, 1) == len(quoted)
