import pytest

from cti_server.sip.dialog import Dialog, Hop, NoRemoteTarget, new_target, way_back
from cti_server.sip.errors import SipParseError
from cti_server.sip.message import Request, Response, response_to
from cti_server.sip.transport import Flow
from cti_server.sip.uri import Uri

from .machines import request

VIA = "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKnew"


def with_routes(message: Request | Response, *routes: str) -> None:
    for route in routes:
        message.headers.add("Record-Route", route)


def server_dialog(*routes: str) -> Dialog:
    invite = request()
    with_routes(invite, *routes)
    return Dialog.as_server(invite, "ours")


def client_dialog(*routes: str) -> Dialog:
    invite = request()
    response = response_to(
        invite, 200, to_tag="theirs", headers=[("Contact", "<sip:bob@127.0.0.1:5080>")]
    )
    with_routes(response, *routes)
    return Dialog.as_client(invite, response)


def test_a_server_and_a_client_see_the_same_dialog_from_two_sides() -> None:
    server, client = server_dialog(), client_dialog()
    assert server.id == ("call1@example.com", "ours", "from1")
    assert client.id == ("call1@example.com", "from1", "theirs")
    assert server.remote_target == "sip:ann@127.0.0.1:5071"
    assert client.remote_target == "sip:bob@127.0.0.1:5080"


def test_a_request_swaps_from_and_to_and_counts_up() -> None:
    dialog = client_dialog()
    bye = dialog.request("BYE", via=VIA)
    assert (bye.uri, str(bye.cseq)) == ("sip:bob@127.0.0.1:5080", "2 BYE")
    assert (bye.from_.tag, bye.to.tag) == ("from1", "theirs")
    assert str(dialog.request("OPTIONS", via=VIA).cseq) == "3 OPTIONS"
    assert str(dialog.request("ACK", via=VIA, sequence=1).cseq) == "1 ACK"
    back = server_dialog().request("BYE", via=VIA)
    assert (back.from_.tag, back.to.tag, str(back.cseq)) == ("ours", "from1", "1 BYE")


def test_the_route_set_is_the_record_routes_reversed_for_the_client() -> None:
    routes = ("<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>, <sip:p3.example.com;lr>")
    p1, p2, p3 = (f"<sip:p{n}.example.com;lr>" for n in (1, 2, 3))
    assert server_dialog(*routes).route_set == (p1, p2, p3)
    assert client_dialog(*routes).route_set == (p3, p2, p1)


def test_a_loose_route_stands_in_the_route_header_and_is_the_next_hop() -> None:
    dialog = server_dialog("<sip:p1.example.com:5062;lr>", "<sip:p2.example.com;lr>")
    bye = dialog.request("BYE", via=VIA)
    assert bye.uri == "sip:ann@127.0.0.1:5071"
    assert len(bye.headers.get_all("Route")) == 2
    assert dialog.next_hop() == Hop("udp", "p1.example.com", 5062)


def test_a_strict_router_gets_its_own_uri_and_the_target_goes_last() -> None:
    dialog = server_dialog("<sip:strict.example.com>", "<sip:p2.example.com;lr>")
    bye = dialog.request("BYE", via=VIA)
    assert bye.uri == "sip:strict.example.com"
    assert bye.headers.get_all("Route") == [
        "<sip:p2.example.com;lr>",
        "<sip:ann@127.0.0.1:5071>",
    ]


def test_a_new_target_moves_the_next_hop_but_never_the_route_set() -> None:
    dialog = server_dialog()
    assert dialog.next_hop() == Hop("udp", "127.0.0.1", 5071)
    dialog.retarget(new_target(request(Contact="<sip:ann@127.0.0.1:5099;transport=tcp>")))
    assert dialog.next_hop() == Hop("tcp", "127.0.0.1", 5099)
    dialog.retarget(None)
    assert dialog.next_hop() == Hop("tcp", "127.0.0.1", 5099)


def test_requests_that_come_too_late_are_out_of_order() -> None:
    dialog = server_dialog()
    orders = [dialog.in_order(request("INFO", CSeq=f"{n} INFO")) for n in (2, 5, 4, 5, 6)]
    assert orders == [True, True, False, False, True]


@pytest.mark.parametrize("contact", ["*", "<tel:+4930>", "<sip:>", "<"])
def test_without_a_usable_contact_there_is_no_dialog(contact: str) -> None:
    with pytest.raises(SipParseError):
        Dialog.as_server(request(Contact=contact), "ours")


def test_a_missing_contact_is_fatal_in_an_invite_and_forgiven_in_a_2xx() -> None:
    invite = request()
    forgetful = Dialog.as_client(invite, response_to(invite, 200, to_tag="x"))
    assert forgetful.remote_target == invite.uri
    invite.headers.remove("Contact")
    with pytest.raises(NoRemoteTarget):
        Dialog.as_server(invite, "ours")


def test_an_old_peer_has_no_tag() -> None:
    invite = request(From="<sip:old@example.com>")
    assert Dialog.as_server(invite, "ours").id == ("call1@example.com", "ours", "")


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:a@example.com", Hop("udp", "example.com", 5060)),
        ("sip:a@example.com:5070;transport=TCP", Hop("tcp", "example.com", 5070)),
        ("sips:a@example.com", Hop("tls", "example.com", 5061)),
        ("sip:a@example.com;maddr=10.0.0.1", Hop("udp", "10.0.0.1", 5060)),
        ("sip:a@[2001:db8::1]", Hop("udp", "2001:db8::1", 5060)),
    ],
)
def test_the_next_hop_is_read_from_the_uri(uri: str, hop: Hop) -> None:
    assert Hop.of(Uri.parse(uri)) == hop


def test_a_phone_is_kept_on_its_connection_or_the_hole_in_its_nat() -> None:
    direct = Flow("udp", "10.0.0.1", 5060, ("10.0.0.2", 5060))
    tcp = Flow("tcp", "10.0.0.1", 40000, ("10.0.0.2", 5060))
    assert way_back(Uri.parse("sip:a@10.0.0.1:5070"), direct) is None
    assert way_back(Uri.parse("sip:a@192.168.0.9"), direct) is direct
    assert way_back(Uri.parse("sip:a@10.0.0.1"), tcp) is tcp
