"""URIs and name-addrs: the examples of RFC 3261 §19.1 and §20.10, and any other value."""

import pytest
from hypothesis import given

from cti_server.sip.errors import SipParseError
from cti_server.sip.uri import NameAddr, Uri

from .strategies import name_addrs, uris


def test_a_uri_is_read_in_parts() -> None:
    uri = Uri.parse("sips:alice:secret@[2001:db8::1]:5061;transport=TCP;lr?Subject=a%20b&X=1")

    assert uri == Uri(
        "sips",
        "alice",
        "secret",
        "2001:db8::1",
        5061,
        (("transport", "TCP"), ("lr", None)),
        (("Subject", "a b"), ("X", "1")),
    )
    assert uri.param("transport") == "TCP"
    assert uri.param("lr") == ""
    assert uri.param("maddr") is None


def test_a_uri_without_a_user_has_none() -> None:
    assert Uri.parse("sip:example.com") == Uri("sip", host="example.com")


def test_a_parsed_uri_is_written_as_it_came() -> None:
    text = "SIP:%61lice@Example.COM;Transport=udp"

    assert str(Uri.parse(text)) == text
    assert str(Uri.parse(text).host) == "Example.COM"


def test_what_a_uri_cannot_hold_is_escaped() -> None:
    uri = Uri("sip", "I have @ spaces", "a:b", "h", None, (("p;q", "x y=z"),), (("To", "a&b"),))

    assert str(uri) == "sip:I%20have%20%40%20spaces:a%3Ab@h;p%3Bq=x%20y%3Dz?To=a%26b"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sip:+4930123456;phone-context=x@example.com;user=phone", "+4930123456"),
        ("sip:1000@example.com", "1000"),
        ("tel:+49-30-(123)45.6;ext=5", "+4930123456"),
        ("sip:example.com", None),
        ("urn:service:sos", None),
    ],
)
def test_the_number_is_the_user_without_its_parameters(text: str, number: str | None) -> None:
    assert Uri.parse(text).number == number


@pytest.mark.parametrize("octets", ["%ff", "%E4"])
def test_octets_that_are_no_utf8_are_read_as_latin1(octets: str) -> None:
    uri = Uri.parse(f"sip:{octets}@example.com")

    assert uri.user is not None
    assert uri.user.encode()
    assert str(uri) == f"sip:{octets}@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip",
        "sip:",
        ":x",
        "1sip:x",
        "sip:@example.com",
        "sip:a@",
        "sip:a@b:",
        "sip:a@b:x",
        "sip:a@b:65536",
        "sip:a@b:٣",
        "sip:a@[::1",
        "sip:a@[::1]5060",
        "sip:a@[2001:db8:::1]",
        "sip:2001:db8::10",
        "sip:a@[fe80::1%eth0]",
        "sip:a@b c",
        "sip:a@b\r\nX: y",
        "sip:<a@b>",
        'sip:"a"@b',
        "sip:a%4@b",
        "sip:a%zz@b",
        "sip:a@b;;lr",
        "sip:a@b;=x",
        "sip:a@b/c",
        "tel:1 2",
    ],
)
def test_a_malformed_uri_is_refused(text: str) -> None:
    with pytest.raises(SipParseError) as refusal:
        Uri.parse(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:a%2cb@h", "sip:a%2Cb@h"),
        ("tel:+1", "TEL:+1"),
    ],
)
def test_uris_that_the_rfc_calls_equal(one: str, other: str) -> None:
    assert Uri.parse(one).equivalent(Uri.parse(other))
    assert Uri.parse(other).equivalent(Uri.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sips:a@h"),
        ("sip:a@h", "sip:a:b@h"),
        ("sip:a@h", "sip:h"),
        ("sip:a@h", "sip:a@h;maddr=1.2.3.4"),
        ("sip:a;b@h", "sip:a%3Bb@h"),
        ("tel:+1", "tel:+2"),
        ("tel:+1", "sip:+1@h"),
    ],
)
def test_uris_that_the_rfc_calls_different(one: str, other: str) -> None:
    assert not Uri.parse(one).equivalent(Uri.parse(other))
    assert not Uri.parse(other).equivalent(Uri.parse(one))


@given(uris)
def test_any_uri_survives_the_wire(uri: Uri) -> None:
    read = Uri.parse(str(uri))

    assert read == uri
    assert read.equivalent(uri)
    assert str(read) == str(uri)


@pytest.mark.parametrize(
    ("text", "display", "uri", "params"),
    [
        ("<sip:a@b>", None, "sip:a@b", ()),
        ("sip:a@b;tag=1", None, "sip:a@b", (("tag", "1"),)),
        ("<sip:a@b;lr>;tag=1", None, "sip:a@b;lr", (("tag", "1"),)),
        ('"A. \\"B\\"" <sip:a@b> ; TAG = 1', 'A. "B"', "sip:a@b", (("tag", "1"),)),
        ("Anna Example <sip:a@b>", "Anna Example", "sip:a@b", ()),
        ('"" <sip:a@b>', "", "sip:a@b", ()),
        ('"A,B;<C>"<sip:a@b>;x="1;2"', "A,B;<C>", "sip:a@b", (("x", '"1;2"'),)),
        ("Müller <sip:a@b>", "Müller", "sip:a@b", ()),
    ],
)
def test_a_name_addr_is_read_in_parts(
    text: str, display: str | None, uri: str, params: tuple[tuple[str, str], ...]
) -> None:
    read = NameAddr.parse(text)

    assert (read.display, str(read.uri), read.params) == (display, uri, params)


@pytest.mark.parametrize(
    "text",
    [
        '"A <sip:a@b>',
        '"A" sip:a@b',
        "<sip:a@b",
        "<sip:a@b> tag=1",
        "A, B <sip:a@b>",
        "sip:a@b?x=y",
        "<sip:a@b>;",
        "<sip:a@b>;;x",
        '<sip:a@b>;x="1',
    ],
)
def test_a_malformed_name_addr_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        NameAddr.parse(text)


def test_the_uri_of_a_name_addr_is_read_when_it_is_asked_for() -> None:
    address = NameAddr.parse("<sip:a@>;tag=1")

    assert address.tag == "1"
    with pytest.raises(SipParseError):
        _ = address.uri


def test_a_parameter_is_unquoted_when_it_is_asked_for() -> None:
    contact = NameAddr.parse('<sip:a@b>;+sip.instance="<urn:uuid:1>";ob')

    assert contact.param("+sip.instance") == "<urn:uuid:1>"
    assert contact.param("ob") == ""
    assert contact.param("q") is None
    assert str(contact) == '<sip:a@b>;+sip.instance="<urn:uuid:1>";ob'


def test_a_line_break_never_gets_into_a_display_name() -> None:
    with pytest.raises(ValueError, match="line break"):
        str(NameAddr(Uri.parse("sip:a@b"), "A\r\nVia: evil"))


@given(name_addrs)
def test_any_name_addr_survives_the_wire(address: NameAddr) -> None:
    read = NameAddr.parse(str(address))

    assert read == address
    assert hash(read) == hash(address)
