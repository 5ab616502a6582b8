"""Requests, responses and their header fields."""

import pytest
from hypothesis import given

from cti_server.sip.errors import SipParseError
from cti_server.sip.headers import CSeq, Via
from cti_server.sip.message import (
    Headers,
    Limits,
    Request,
    Response,
    is_keep_alive,
    parse,
    response_to,
)

from .strategies import messages

INVITE = (
    b"INVITE sip:1000@192.0.2.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKa;rport, SIP/2.0/TCP far.example.com\r\n"
    b"v: SIP/2.0/UDP further.example.com\r\n"
    b"Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
    b"record-route: <sip:p3.example.com;lr>\r\n"
    b'f: "Anna" <sip:anna@example.com>;tag=1\r\n'
    b"t: <sip:1000@192.0.2.1>\r\n"
    b"m: <sip:anna@192.0.2.9:5062>\r\n"
    b"i: abc@192.0.2.9\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Max-Forwards: 70\r\n"
    b"c: Application/SDP ;charset=utf-8\r\n"
    b"Expires: 120\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def request(data: bytes = INVITE) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def without(name: bytes) -> bytes:
    return b"".join(line for line in INVITE.splitlines(True) if not line.startswith(name + b":"))


def test_a_request_is_read_in_parts() -> None:
    invite = request()

    assert (invite.method, invite.uri) == ("INVITE", "sip:1000@192.0.2.1")
    assert invite.request_uri.user == "1000"
    assert invite.via == Via("UDP", "192.0.2.9", 5062, (("branch", "z9hG4bKa"), ("rport", None)))
    assert [via.host for via in invite.vias] == [
        "192.0.2.9",
        "far.example.com",
        "further.example.com",
    ]
    assert (invite.from_.display, invite.from_.tag) == ("Anna", "1")
    assert (invite.to.uri.user, invite.to.tag) == ("1000", None)
    assert invite.sip_call_id == "abc@192.0.2.9"
    assert invite.cseq == CSeq(7, "INVITE")
    assert str(invite.contact_uri) == "sip:anna@192.0.2.9:5062"
    assert [str(route.uri) for route in invite.record_routes] == [
        "sip:p1.example.com;lr",
        "sip:p2.example.com;lr",
        "sip:p3.example.com;lr",
    ]
    assert invite.routes == []
    assert (invite.max_forwards, invite.expires) == (70, 120)
    assert invite.content_type == "application/sdp"
    assert invite.body == b"v=0\n"


def test_a_response_is_read_in_parts() -> None:
    data = INVITE.replace(b"INVITE sip:1000@192.0.2.1 SIP/2.0", b"SIP/2.0 486 Busy Here")
    response = parse(data)

    assert isinstance(response, Response)
    assert (response.status, response.reason) == (486, "Busy Here")
    assert response.cseq == CSeq(7, "INVITE")


def test_a_response_without_a_reason_gets_the_usual_one() -> None:
    assert bytes(Response(486)).startswith(b"SIP/2.0 486 Busy Here\r\n")
    assert Response(486, "").reason == ""
    assert Response(499).reason == ""


@given(messages)
def test_any_message_survives_the_wire(message: Request | Response) -> None:
    assert parse(bytes(message)) == message


@given(messages)
def test_writing_what_was_read_changes_nothing_more(message: Request | Response) -> None:
    data = bytes(message)

    assert bytes(parse(data)) == data


def test_the_content_length_is_always_counted_anew() -> None:
    invite = request()
    invite.body = b"longer than before"

    assert bytes(invite).count(b"ength: ") == 1
    assert b"Content-Length: 18\r\n\r\nlonger" in bytes(invite)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"f", "Missing From"),
        (b"t", "Missing To"),
        (b"i", "Missing Call-ID"),
        (b"CSeq", "Missing CSeq"),
    ],
)
def test_a_request_without_a_mandatory_header_can_still_be_answered(
    name: bytes, reason: str
) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(without(name))

    assert (refusal.value.status, refusal.value.reason) == (400, reason)
    assert isinstance(refusal.value.message, Request)
    answer = response_to(refusal.value.message, 400, reason, to_tag="x")
    assert len(answer.vias) == 3


def test_a_request_without_a_via_is_refused() -> None:
    data = without(b"v").replace(b"Via:", b"X-Via:")

    with pytest.raises(SipParseError, match="Missing Via"):
        parse(data)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"sip:1000@192.0.2.1 SIP/2.0", b"sip:1000@192.0.2.1 HTTP/1.1", "Bad Request Line"),
        (b"sip:1000@192.0.2.1 SIP/2.0", b"SIP/2.0", "Bad Request Line"),
        (b"INVITE sip", b"IN(VITE sip", "Bad Request Line"),
        (b"CSeq: 7 INVITE", b"CSeq: 7 BYE", "CSeq Does Not Match Method"),
        (b"CSeq: 7 INVITE", b"CSeq: INVITE", "Bad CSeq"),
        (b"CSeq: 7 INVITE", b"CSeq 7 INVITE", "Bad Header Line"),
        (b"CSeq: 7 INVITE", b"CSeq", "Bad Header Line"),
        (b"CSeq: 7 INVITE", b": 7 INVITE", "Bad Header Line"),
        (b"l: 4", b"l: 4\r\nContent-Length: 4", "Repeated Content-Length"),
        (b"l: 4", b"l: 5", "Incomplete Body"),
        (b"l: 4", b"l: +4", "Bad Content-Length"),
        (b"l: 4", "l: ٤".encode(), "Bad Content-Length"),
        (b"Max-Forwards: 70", b"Max-Forwards: 7\n0", "Bare CR Or LF"),
        (b"Max-Forwards: 70", b"Max-Forwards: 7\r0", "Bare CR Or LF"),
        (b"i: abc", b"i: a bc", "Bad Call-ID"),
        (b"\r\nVia", b"\r\n folded\r\nVia", "Bad Header Line"),
    ],
)
def test_a_malformed_request_is_refused_with_its_reason(
    old: bytes, new: bytes, reason: str
) -> None:
    assert old in INVITE
    with pytest.raises(SipParseError) as refusal:
        parse(INVITE.replace(old, new))

    assert (refusal.value.status, refusal.value.reason) == (400, reason)


@pytest.mark.parametrize("code", [b"099", b"700", b"2000", b"20", b"2x0", "٢٠٠".encode()])
def test_a_status_has_three_digits_from_100_to_699(code: bytes) -> None:
    with pytest.raises(SipParseError, match="Bad Status Line"):
        parse(INVITE.replace(b"INVITE sip:1000@192.0.2.1 SIP/2.0", b"SIP/2.0 " + code + b" X"))


@pytest.mark.parametrize("start", [b"SIP/3.0 200 OK", b"INVITE sip:1000@192.0.2.1 SIP/3.0"])
def test_another_version_is_refused(start: bytes) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(INVITE.replace(b"INVITE sip:1000@192.0.2.1 SIP/2.0", start))
    assert refusal.value.status == 505


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        (b"Max-Forwards: x", "max_forwards"),
        (b"Expires: -1", "expires"),
        (b"Contact: <sip:a@b>, ,", "contacts"),
        (b"Route: sip:a@b?x=y", "routes"),
        (b"Record-Route: <sip:a@b", "record_routes"),
    ],
)
def test_a_malformed_optional_header_is_refused_when_it_is_asked_for(
    header: bytes, attribute: str
) -> None:
    name = header.partition(b":")[0].lower()
    data = b"".join(
        line for line in INVITE.splitlines(True) if not line.lower().startswith(name + b":")
    )
    broken = request(data.replace(b"CSeq:", header + b"\r\nCSeq:").replace(b"m: <", b"X: <"))

    with pytest.raises(SipParseError) as refusal:
        getattr(broken, attribute)
    assert refusal.value.message is broken
    with pytest.raises(SipParseError):
        broken.validate()


def test_validate_reads_the_uris_too() -> None:
    for old, new in [
        (b"INVITE sip:1000", b"INVITE sip:10 00"),
        (b"anna@example", b"anna@exa/mple"),
    ]:
        with pytest.raises(SipParseError) as refusal:
            request(INVITE.replace(old, new)).validate()
        assert refusal.value.message is not None


def test_absurd_numbers_are_cut_to_what_can_be_meant() -> None:
    data = INVITE.replace(b"s: 70", b"s: 300").replace(b"s: 120", b"s: 1" + 5000 * b"0")

    assert (request(data).max_forwards, request(data).expires) == (255, 2**32 - 1)


def test_a_star_is_no_contact_but_all_of_them() -> None:
    star = request(INVITE.replace(b"m: <sip:anna@192.0.2.9:5062>", b"m: *"))

    assert star.contact_is_star
    assert (star.contacts, star.contact_uri) == ([], None)


def test_latin1_display_names_of_old_phones_are_read() -> None:
    invite = request(INVITE.replace(b"Anna", b"J\xfcrgen"))

    assert invite.from_.display == "Jürgen"
    assert '"Jürgen"'.encode() in bytes(response_to(invite, 100))


def test_line_ends_of_unicode_are_no_line_ends_here() -> None:
    invite = request(INVITE.replace(b"Anna", "A\u2028n\x85n\x0ca".encode()))

    assert invite.from_.display == "A\u2028n\x85n\x0ca"


def test_line_ends_before_a_message_are_skipped() -> None:
    assert request(b"\r\n\r\n" + INVITE) == request()


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\r\n", b"\0\0\0\0", b""])
def test_keep_alives_are_no_messages(data: bytes) -> None:
    assert is_keep_alive(data)
    with pytest.raises(SipParseError) as refusal:
        parse(data)
    assert refusal.value.message is None


def test_a_truncated_head_is_refused_and_can_still_be_answered() -> None:
    with pytest.raises(SipParseError, match="Incomplete Header Block") as refusal:
        parse(INVITE[: INVITE.index(b"Expires")])

    assert isinstance(refusal.value.message, Request)


@pytest.mark.parametrize("at", range(0, len(INVITE), 7))
def test_a_truncated_message_is_never_taken_for_a_whole_one(at: int) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(INVITE[:at])
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(datagram=100), 513),
        (Limits(head=100), 513),
        (Limits(line=50), 513),
        (Limits(header_count=5), 513),
        (Limits(body=3), 413),
    ],
)
def test_a_message_beyond_the_limits_is_refused(limits: Limits, status: int) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(INVITE, limits)
    assert refusal.value.status == status


def test_a_response_copies_what_it_must() -> None:
    ringing = response_to(
        request(),
        180,
        to_tag="ours",
        headers=[("Server", "Hotline")],
        body=b"x",
        content_type="a/b",
    )

    assert ringing.headers.get_all("Via") == request().headers.get_all("Via")
    assert ringing.from_ == request().from_
    assert ringing.to.tag == "ours"
    assert ringing.sip_call_id == "abc@192.0.2.9"
    assert ringing.cseq == CSeq(7, "INVITE")
    assert ringing.record_routes == request().record_routes
    assert ringing.headers.get("server") == "Hotline"
    assert ringing.content_type == "a/b"
    assert parse(bytes(ringing)) == ringing


def test_a_tag_that_is_there_already_stays() -> None:
    invite = request(INVITE.replace(b"t: <sip:1000@192.0.2.1>", b"t: <sip:1000@192.0.2.1>;tag=old"))

    assert response_to(invite, 200, to_tag="new").to.tag == "old"


@pytest.mark.parametrize(("status", "copied"), [(100, 0), (183, 3), (200, 3), (300, 0), (486, 0)])
def test_the_route_goes_back_only_where_it_makes_a_dialog(status: int, copied: int) -> None:
    assert len(response_to(request(), status).record_routes) == copied


def test_replacing_the_topmost_via_leaves_the_others() -> None:
    invite = request()
    invite.replace_top_via(invite.via.with_param("received", "198.51.100.1"))

    assert invite.via.received == "198.51.100.1"
    assert [via.host for via in invite.vias][1:] == ["far.example.com", "further.example.com"]


def test_what_was_parsed_is_forgotten_when_a_header_changes() -> None:
    invite = request()
    assert invite.cseq.number == 7

    invite.headers.set("CSeq", "8 INVITE")

    assert invite.cseq.number == 8


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("method", ["add", "add_first", "set", "set_first"])
def test_a_line_break_never_gets_into_a_header(method: str, break_: str) -> None:
    headers = Headers([("X", "1")])

    with pytest.raises(ValueError, match="line break"):
        getattr(headers, method)("X", f"a{break_}Via: evil")
    with pytest.raises(ValueError, match="token"):
        getattr(headers, method)(f"X{break_}Via", "evil")
    assert headers.items() == [("X", "1")]


@pytest.mark.parametrize("evil", ["x\r\nVia: evil", "x\n", "x\r"])
def test_a_line_break_never_gets_into_a_start_line(evil: str) -> None:
    for message in (Request("INVITE", evil), Request(evil, "sip:x"), Response(400, evil)):
        with pytest.raises(ValueError, match="line break"):
            bytes(message)


def test_header_names_are_found_in_every_spelling() -> None:
    headers = Headers([("v", "1"), ("VIA", "2"), ("X-Own", "3")])

    assert headers.get_all("Via") == ["1", "2"]
    assert headers.get("V") == "1"
    assert headers.get("x-oWN") == "3"
    assert "X-OWN" in headers
    assert headers.get("To") is None


def test_headers_are_changed_in_their_place() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3"), ("C", "4")])

    headers.set("B", "two")
    headers.set_first("A", "one")
    assert headers.items() == [("A", "one"), ("B", "two"), ("a", "3"), ("C", "4")]
    headers.set("a", "only")
    assert headers.items() == [("a", "only"), ("B", "two"), ("C", "4")]
    headers.remove("b")
    headers.remove("b")
    headers.add_first("D", "0")
    headers.set("E", "5")
    assert headers.items() == [("D", "0"), ("a", "only"), ("C", "4"), ("E", "5")]
    assert headers.get_all("b") == []
    assert headers.get("D") == "0"


def test_a_copy_of_headers_goes_its_own_way() -> None:
    headers = Headers([("A", "1")])
    copy = headers.copy()
    copy.add("A", "2")

    assert headers.get_all("A") == ["1"]
    assert copy.get_all("A") == ["1", "2"]
