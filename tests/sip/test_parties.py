import pytest

from cti_server.sip.parties import caller_number, dialled_number

from .machines import request

PAI = '"Ann" <sip:+4930111@carrier.example>, <tel:+4930222>'
RPID = "<sip:+4930333@carrier.example>;party=calling"


@pytest.mark.parametrize(
    ("headers", "trusted", "number"),
    [
        ({}, True, "ann"),
        ({"P_Asserted_Identity": PAI}, True, "+4930111"),
        ({"P_Asserted_Identity": "<tel:+49-30-222;phone-context=x>"}, True, "+4930222"),
        ({"Remote_Party_ID": RPID}, True, "+4930333"),
        ({"P_Asserted_Identity": PAI, "Remote_Party_ID": RPID}, True, "+4930111"),
        ({"P_Asserted_Identity": PAI}, False, "ann"),
        ({"P_Asserted_Identity": "<<<"}, True, "ann"),
        ({"From": "<sip:example.com>;tag=1"}, True, ""),
        ({"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'}, True, "anonymous"),
    ],
)
def test_the_caller_is_who_a_trusted_peer_asserts_else_who_says_so(
    headers: dict[str, str], trusted: bool, number: str
) -> None:
    assert caller_number(request(**headers), trusted=trusted) == number


def test_the_dialled_number_is_the_request_uris_user_or_tos() -> None:
    invite = request()
    assert dialled_number(invite) == "hotline"
    invite.uri = "tel:+49-30-1000"
    assert dialled_number(invite) == "+49301000"
    invite.uri = "sip:10.0.0.1"
    assert dialled_number(invite) == "hotline"
    invite.headers.set("To", "<sip:10.0.0.1>")
    assert dialled_number(invite) == ""
