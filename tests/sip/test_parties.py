import pytest

from cti_server.sip.parties import caller_number, dialled_number, original_number

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
        ({"P_Asserted_Identity": PAI, "Privacy": "id"}, True, "anonymous"),
        ({"P_Asserted_Identity": PAI, "Privacy": "id;critical"}, True, "anonymous"),
        ({"P_Asserted_Identity": PAI, "Privacy": "header, USER"}, True, "anonymous"),
        ({"P_Asserted_Identity": PAI, "Privacy": "none"}, True, "+4930111"),
        ({"P_Asserted_Identity": PAI, "Privacy": "session"}, True, "+4930111"),
        ({"Privacy": "id"}, False, "anonymous"),
        ({"Remote_Party_ID": RPID + ";privacy=full"}, True, "anonymous"),
        ({"Remote_Party_ID": RPID + ";privacy=off"}, True, "+4930333"),
        ({"Remote_Party_ID": RPID + ";privacy=full"}, False, "ann"),
        ({"Remote_Party_ID": "<sip:9@x>;party=called, " + RPID}, True, "+4930333"),
        (
            {"P_Asserted_Identity": PAI, "Remote_Party_ID": RPID + ";privacy=full"},
            True,
            "anonymous",
        ),
        ({"Remote_Party_ID": "<sip:9@x>;party=called;privacy=full"}, True, "ann"),
        ({"Remote_Party_ID": f"<sip:9@x>;party=called;privacy=full, {RPID}"}, True, "+4930333"),
        ({"P_Asserted_Identity": "<<<"}, True, "ann"),
        ({"P_Asserted_Identity": '"Ann <sip:+4930111@carrier.example>'}, True, "ann"),
        ({"P_Asserted_Identity": '"Ann', "Remote_Party_ID": RPID}, True, "+4930333"),
        ({"P_Asserted_Identity": '<sip:1@x>, "Ann'}, True, "ann"),
        ({"From": "<sip:a%0d%0aX%00%1b%7f%C2%85@b>;tag=1"}, True, "aX"),
        ({"From": "<sip:%E2%80%AE13800@b>;tag=1"}, True, "13800"),
        ({"P_Asserted_Identity": "<sip:%0d%0a@b>"}, True, "ann"),
        ({"P_Asserted_Identity": f"<sip:{'1' * 65}@b>"}, True, "1" * 64),
        ({"P_Asserted_Identity": f"<tel:{'1' * 8000}>"}, True, "1" * 64),
        ({"From": "<sip:%E6%9D%8E%E5%A8%9C@b>;tag=1"}, True, "李娜"),
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


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:1000%0d%0aVia%3a%20x@10.0.0.1", "1000Via: x"),
        (f"sip:{'1' * 8000}@10.0.0.1", "1" * 64),
        ("sip:%0a%0d@10.0.0.1", "hotline"),
    ],
)
def test_the_dialled_number_is_one_line_of_bounded_length(uri: str, number: str) -> None:
    invite = request()
    invite.uri = uri
    assert dialled_number(invite) == number


DIVERTED = "<sip:+4930555@x>;reason=no-answer, <sip:+4930444@x>;reason=unconditional"
HISTORY = "<sip:+4930666@x>;index=1, <sip:+4930777@x>;index=1.1;mp=1"


@pytest.mark.parametrize(
    ("headers", "trusted", "number"),
    [
        ({}, True, ""),
        ({"Diversion": DIVERTED}, True, "+4930444"),
        ({"History_Info": HISTORY}, True, "+4930666"),
        ({"History_Info": HISTORY, "Diversion": DIVERTED}, True, "+4930666"),
        ({"History_Info": HISTORY, "Diversion": DIVERTED}, False, ""),
        ({"Diversion": "<sip:+4930444@x>;privacy=full"}, True, ""),
        ({"Diversion": "<sip:+4930444@x>;privacy=off"}, True, "+4930444"),
        ({"History_Info": "<sip:+4930666@x?Privacy=history>;index=1"}, True, ""),
        ({"History_Info": "<sip:+4930666@x?Reason=SIP%3Bcause%3D302>;index=1"}, True, "+4930666"),
        ({"History_Info": "<<<", "Diversion": DIVERTED}, True, "+4930444"),
        ({"History_Info": HISTORY, "Privacy": "history"}, True, ""),
        ({"Diversion": DIVERTED, "Privacy": "id;history"}, True, ""),
        ({"History_Info": HISTORY, "Privacy": "id"}, True, "+4930666"),
        ({"Diversion": '"broken'}, True, ""),
        ({"Diversion": "<tel:+49-30-444>"}, True, "+4930444"),
    ],
)
def test_what_was_dialled_at_first_is_told_by_trusted_peers_only(
    headers: dict[str, str], trusted: bool, number: str
) -> None:
    assert original_number(request(**headers), trusted=trusted) == number
