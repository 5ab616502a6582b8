"""The messages of RFC 4475 (mpart01, an S/MIME body, is not among them)."""

from pathlib import Path

import pytest

from cti_server.sip.errors import SdpError, SipParseError
from cti_server.sip.headers import CSeq, Via
from cti_server.sip.message import Request, Response, StreamFramer, parse
from cti_server.sip.sdp import Sdp

MESSAGES = Path(__file__).parent / "torture"

REFUSED = {
    "baddn": (400, "Bad Display Name"),
    "badinv01": (400, "Empty Value In List"),
    "badvers": (505, "Version Not Supported"),
    "bigcode": (400, "Bad Status Line"),
    "clerr": (400, "Incomplete Body"),
    "insuf": (400, "Missing From"),
    "ltgtruri": (400, "Bad Request Line"),
    "lwsruri": (400, "Bad Request Line"),
    "lwsstart": (400, "Bad Request Line"),
    "mcl01": (400, "Repeated Content-Length"),
    "mismatch01": (400, "CSeq Does Not Match Method"),
    "mismatch02": (400, "CSeq Does Not Match Method"),
    "multi01": (400, "Repeated From"),
    "ncl": (400, "Bad Content-Length"),
    "quotbal": (400, "Unterminated Quoted String"),
    "scalar02": (400, "Bad CSeq"),
    "scalarlg": (400, "Bad CSeq"),
    "trws": (400, "Bad Request Line"),
}
UNANSWERABLE = {"bigcode", "scalarlg"}
"""Responses: they are dropped, whatever is wrong with them."""

ACCEPTED = sorted(path.stem for path in MESSAGES.glob("*.dat") if path.stem not in REFUSED)


def read(name: str) -> bytes:
    return (MESSAGES / f"{name}.dat").read_bytes()


def request(name: str) -> Request:
    message = parse(read(name))
    assert isinstance(message, Request)
    return message


def response(name: str) -> Response:
    message = parse(read(name))
    assert isinstance(message, Response)
    return message


def test_all_messages_are_there() -> None:
    assert len(REFUSED) + len(ACCEPTED) == 48


@pytest.mark.parametrize(("name", "answer"), REFUSED.items())
def test_a_malformed_message_is_refused_with_its_reason(name: str, answer: tuple[int, str]) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(read(name))

    assert (refusal.value.status, refusal.value.reason) == answer


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - UNANSWERABLE))
def test_a_malformed_request_can_still_be_answered(name: str) -> None:
    with pytest.raises(SipParseError) as refusal:
        parse(read(name))

    assert isinstance(refusal.value.message, Request)
    assert refusal.value.message.headers.get("Via")


@pytest.mark.parametrize("name", [name for name in ACCEPTED if name != "regbadct"])
def test_a_well_formed_message_is_read_in_all_its_parts(name: str) -> None:
    message = parse(read(name))

    message.validate()
    assert parse(bytes(message)) == message


def test_wsinv_white_space_and_folding_everywhere() -> None:
    invite = request("wsinv")

    assert invite.request_uri.param("unknownparam") == ""
    assert invite.to.uri.user == "vivekg"
    assert invite.to.tag == "1918181833n"
    assert invite.from_.display == 'J Rosenberg \\"'
    assert invite.from_.tag == "98asjd8"
    assert invite.max_forwards == 68
    assert invite.cseq == CSeq(9, "INVITE")
    assert invite.headers.get("Subject") == ""
    assert invite.headers.get("newfangledheader") == "newfangled value continued newfangled value"
    assert invite.headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    assert invite.vias == [
        Via("UDP", "192.0.2.2", None, (("branch", "390skdjuw"),)),
        Via("TCP", "spindle.example.com", None, (("branch", "z9hG4bK9ikj8"),)),
        Via("UDP", "192.168.255.111", None, (("branch", "z9hG4bK30239"),)),
    ]
    assert invite.routes[0].uri.params == (
        ("lr", None),
        ("unknownwith", "value"),
        ("unknown-no-value", None),
    )
    contact = invite.contacts[0]
    assert contact.display == 'Quoted string ""'
    assert contact.params == (("newparam", "newvalue"), ("secondparam", None), ("q", "0.33"))
    assert len(invite.body) == 150


def test_intmeth_all_characters_that_are_legal() -> None:
    message = request("intmeth")

    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.request_uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.request_uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.request_uri.host == "example.com"
    assert message.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_.display == "token1~` token2'+_ token3*%!.-"
    assert message.from_.param("fromparam''~+*_!.-%") == "работающий"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.sip_call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert message.headers.get("extensionHeader-!.%*+_`'~") == "\ufeff大停電"


def test_esc01_escapes_are_resolved_and_written_back_as_they_came() -> None:
    invite = request("esc01")

    assert invite.request_uri.user == "sips:user@example.com"
    assert invite.to.uri.user == "user"
    assert invite.from_.uri.user == "I have spaces"
    assert invite.contact_uri is not None
    assert invite.contact_uri.params == (("lr", None), ("name", "value%41"))
    assert (
        str(invite.contact_uri) == "sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31"
    )


def test_escnull_an_escaped_zero_is_a_character_like_others() -> None:
    users = [contact.uri.user for contact in request("escnull").contacts]

    assert users == ["\x00", "\x00\x00"]


def test_esc02_a_percent_sign_is_no_escape_outside_of_uris() -> None:
    message = request("esc02")

    assert message.method == "RE%47IST%45R"
    assert message.to.display == "%Z%45"
    assert [contact.uri.user for contact in message.contacts] == ["alias1", "alias3"]
    assert message.headers.get("C%6Fntact") == "<sip:alias2@host2.example.com>"


def test_lwsdisp_no_space_is_needed_before_the_bracket() -> None:
    assert request("lwsdisp").from_.display == "caller"


def test_longreq_long_values_and_many_vias() -> None:
    invite = request("longreq")

    assert len(invite.vias) == 34
    assert invite.via.host == "sip33.example.com"
    assert invite.vias[-1].received == "192.0.2.5"
    assert invite.to.uri.port == 6000


def test_dblreq_what_follows_the_body_is_dropped_from_a_datagram() -> None:
    register = request("dblreq")

    assert (register.method, register.body) == ("REGISTER", b"")


def test_dblreq_comes_out_of_a_stream_as_two_requests() -> None:
    framed = StreamFramer().receive(read("dblreq"))

    assert [item.method for item in framed if isinstance(item, Request)] == ["REGISTER", "INVITE"]


def test_dblreq_has_a_bad_line_in_its_description() -> None:
    invite = StreamFramer().receive(read("dblreq"))[1]
    assert isinstance(invite, Request)

    with pytest.raises(SdpError):
        Sdp.parse(invite.body)


def test_semiuri_a_semicolon_before_the_at_sign_belongs_to_the_user() -> None:
    uri = request("semiuri").request_uri

    assert (uri.user, uri.params) == ("user;par=u@example.net", ())


def test_transports_that_nobody_knows_are_kept() -> None:
    transports = [via.transport for via in request("transports").vias]

    assert transports == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_unreason_and_noreason_any_reason_phrase_will_do() -> None:
    assert response("unreason").reason.startswith("= 2**3 * 5**2 но сто")
    assert (response("noreason").status, response("noreason").reason) == (100, "")


def test_escruri_headers_in_the_request_uri_are_read_as_such() -> None:
    assert request("escruri").request_uri.headers == (("Route", "<sip:example.com>"),)


def test_regbadct_a_contact_with_headers_needs_brackets() -> None:
    register = request("regbadct")

    with pytest.raises(SipParseError, match="Brackets") as refusal:
        _ = register.contacts
    assert refusal.value.message is register


def test_regescrt_with_brackets_they_belong_to_the_uri() -> None:
    contact = request("regescrt").contact_uri

    assert contact is not None
    assert contact.headers == (("Route", "<sip:sip.example.com>"),)


def test_cparam_without_brackets_parameters_belong_to_the_header() -> None:
    outside, inside = request("cparam01").contacts[0], request("cparam02").contacts[0]

    assert (outside.params, outside.uri.params) == ((("unknownparam", None),), ())
    assert (inside.params, inside.uri.params) == ((), (("unknownparam", None),))


def test_badaspec_spaces_around_a_uri_are_forgiven() -> None:
    assert request("badaspec").to.uri.user == "t.watson"


def test_badbranch_and_inv2543_have_no_branch_to_rely_on() -> None:
    assert request("badbranch").via.branch == "z9hG4bK"
    assert request("inv2543").via.branch is None
    assert request("inv2543").from_.tag is None


@pytest.mark.parametrize(
    ("name", "scheme", "opaque"),
    [
        ("unkscm", "nobodyknowsthisscheme", "totallyopaquecontent"),
        ("novelsc", "soap.beep", "//192.0.2.103:3002"),
    ],
)
def test_unknown_schemes_are_kept_as_text(name: str, scheme: str, opaque: str) -> None:
    uri = request(name).request_uri

    assert (uri.scheme, uri.opaque) == (scheme, opaque)
    assert str(uri) == request(name).uri


def test_unksm2_unknown_schemes_in_headers_as_well() -> None:
    register = request("unksm2")

    assert [register.to.uri.scheme, register.from_.uri.scheme] == ["isbn", "http"]
    assert register.contact_uri is not None
    assert register.contact_uri.opaque == "John_Smith"


def test_bext01_lists_are_split() -> None:
    assert request("bext01").headers.get_list("Require") == [
        "nothingSupportsThis",
        "nothingSupportsThisEither",
    ]


def test_zeromf_and_invut_are_for_the_layer_above_to_refuse() -> None:
    assert request("zeromf").max_forwards == 0
    assert request("invut").content_type == "application/unknownformat"


def test_bcast_shows_both_vias_to_the_layer_above() -> None:
    assert [via.host for via in response("bcast").vias] == ["192.0.2.198", "255.255.255.255"]
