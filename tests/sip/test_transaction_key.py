from cti_server.sip.transaction_key import client_key, merge_key, server_key

from .machines import answer, request

OLD_VIA = "SIP/2.0/UDP 127.0.0.1:5071;branch=1"


def test_an_ack_has_the_key_of_its_invite_and_a_cancel_has_its_own() -> None:
    assert server_key(request("ACK")) == server_key(request("INVITE"))
    assert server_key(request("CANCEL")) != server_key(request("INVITE"))
    assert server_key(request("CANCEL"), "INVITE") == server_key(request("INVITE"))


def test_branch_sent_by_and_cseq_number_tell_transactions_apart() -> None:
    usual = server_key(request())
    other_port = request(Via="SIP/2.0/UDP 127.0.0.1:5072;branch=z9hG4bKinvite1")
    other_branch = request(Via="SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKinvite2")
    other_number = request(CSeq="2 INVITE")
    assert usual not in {server_key(each) for each in (other_port, other_branch, other_number)}


def test_the_received_parameter_that_we_add_changes_nothing() -> None:
    noted = request(Via="SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKinvite1;received=10.0.0.1")
    assert server_key(noted) == server_key(request())


def test_a_branch_of_nothing_but_the_cookie_is_not_unique() -> None:
    via = "SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bK"
    assert server_key(request(Via=via))[0] == "2543"


def test_an_old_peers_ack_finds_its_invite_though_it_carries_our_tag() -> None:
    invite = request("INVITE", Via=OLD_VIA)
    ack = request("ACK", Via=OLD_VIA, To="<sip:hotline@127.0.0.1>;tag=ours")
    assert server_key(ack) == server_key(invite)


def test_old_peers_calls_are_told_apart_by_call_id_tag_and_number() -> None:
    usual = server_key(request(Via=OLD_VIA))
    others = [
        request(Via=OLD_VIA, Call_ID="other"),
        request(Via=OLD_VIA, From="<sip:ann@example.com>;tag=other"),
        request(Via=OLD_VIA, CSeq="2 INVITE"),
    ]
    assert usual not in {server_key(each) for each in others}


def test_two_copies_by_two_paths_have_one_merge_key() -> None:
    other_path = request(Via="SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKother")
    assert merge_key(other_path) == merge_key(request())
    assert server_key(other_path) != server_key(request())


def test_a_response_is_matched_by_branch_and_method() -> None:
    assert client_key(answer(200)) == ("z9hG4bKinvite1", "INVITE")
