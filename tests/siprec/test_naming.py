"""What a recording is called by the PBX whose call it is."""

from config.siprec import RecordingClientSettings
from cti_server.siprec.naming import CALLS, foreign_call
from cti_server.siprec.sides import Side, Sides, sides_of
from recording.foreign_call import ForeignCall
from recording.siprec_metadata import Metadata, Participant, Session, Stream, StreamsOf

CLIENT = RecordingClientSettings(name="branch", addresses=("192.0.2.1",), agents=("10",))
OUTSIDE = Participant("c", "sip:+8613800138000@pbx.example", "Wang")
OWN = Participant("a", "sip:1001@pbx.example", "Li")


def call(
    first: Participant, second: Participant, *sessions: Session, second_in: str = "s"
) -> Metadata:
    return Metadata(
        sessions={one.id: one for one in sessions},
        participants={one.id: one for one in (first, second)},
        streams={"1": Stream("1", "s", "1"), "2": Stream("2", second_in, "2")},
        voices={
            one.id: StreamsOf(one.id, sends=(label,))
            for label, one in (("1", first), ("2", second))
        },
    )


def named(metadata: Metadata) -> ForeignCall:
    sides = sides_of(["1", "2"], metadata, CLIENT.agents)
    assert sides is not None
    return foreign_call(CLIENT, metadata, sides)


def test_its_session_its_calls_and_the_agent_are_kept_and_nothing_of_the_customer() -> None:
    found = named(call(OUTSIDE, OWN, Session("s", ("theirs@pbx", "other@pbx"))))

    assert found == ForeignCall(
        client="branch",
        session_id="s",
        calls=("theirs@pbx", "other@pbx"),
        agent_aor="sip:1001@pbx.example",
        agent_name="Li",
    )
    assert found.names == ("s", "theirs@pbx", "other@pbx", "sip:1001@pbx.example", "Li")


def test_who_is_none_of_the_pbxs_own_may_be_a_customer_and_is_not_named() -> None:
    found = named(call(OUTSIDE, Participant("d", "sip:13900139000@pbx"), Session("s")))

    assert (found.agent_aor, found.agent_name) == ("", "")


def test_of_two_sessions_the_customers_counts_and_the_calls_of_both() -> None:
    sessions = Session("s", ("one", "both")), Session("t", ("both", "two"))
    found = named(call(OWN, OUTSIDE, *sessions, second_in="t"))

    assert (found.session_id, found.calls) == ("t", ("both", "two", "one"))


def test_no_more_calls_than_are_told_of_one_are_kept() -> None:
    found = named(call(OUTSIDE, OWN, Session("s", tuple(map(str, range(CALLS + 1))))))

    assert found.calls == tuple(map(str, range(CALLS)))


def test_before_anything_is_told_the_client_alone_is_known() -> None:
    sides = Sides(Side("1"), Side("2"))

    assert foreign_call(CLIENT, Metadata(), sides) == ForeignCall(client="branch")


def test_a_call_is_found_by_either_end_of_its_session_id() -> None:
    told = "ab30317f;remote=47755a9d;logme"

    assert ForeignCall(client="branch", calls=(told,)).names == (told, "ab30317f", "47755a9d")
