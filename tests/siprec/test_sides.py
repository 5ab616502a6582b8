"""Whose voice is on which side of a recording."""

import pytest

from cti_server.siprec.sides import Side, Sides, sides_of
from recording.siprec_metadata import Metadata, Participant, Session, Stream, StreamsOf

OUTSIDE = Participant("c", "sip:+8613800138000@pbx.example", "Wang")
OWN = Participant("a", "sip:1001@pbx.example", "Li")
COLLEAGUE = Participant("b", "sip:1002@pbx.example", "Zhao")


def call(**speakers: Participant) -> Metadata:
    """Streams by their labels, and who speaks in them."""
    return Metadata(
        sessions={"s": Session("s")},
        participants={one.id: one for one in speakers.values()},
        streams={label: Stream(label, "s", label) for label in speakers},
        voices={one.id: StreamsOf(one.id, sends=(label,)) for label, one in speakers.items()},
    )


@pytest.mark.parametrize(
    ("metadata", "customer", "agent"),
    [
        (call(one=OUTSIDE, two=OWN), "one", "two"),
        (call(one=OWN, two=OUTSIDE), "two", "one"),
        (call(one=OWN, two=COLLEAGUE), "one", "two"),  # nobody is from outside
        (call(one=OUTSIDE), "one", "two"),  # the other is not known yet
        (call(two=OWN), "one", "two"),
        (call(one=OWN), "two", "one"),
        (Metadata(), "one", "two"),
    ],
)
def test_the_pbxs_own_people_are_the_agents_side(
    metadata: Metadata, customer: str, agent: str
) -> None:
    sides = sides_of(["one", "two"], metadata, ("10",))

    assert sides is not None
    assert sides.agent is not None
    assert (sides.customer.label, sides.agent.label) == (customer, agent)


def test_the_agents_number_is_the_pbxs_own_or_not_told() -> None:
    own, outside = Side("1", "a", "1001"), Side("2", "c", "+8613800138000")

    assert Sides(outside, own).number_of_agent(("10",)) == "1001"
    assert Sides(own, outside).number_of_agent(("10",)) == ""
    assert Sides(own, None).number_of_agent(("10",)) == ""


def test_one_stream_is_one_side_and_none_is_nothing() -> None:
    assert sides_of(["one"], call(one=OWN), ("10",)) == Sides(Side("one", "a", "1001"), None)
    assert sides_of([], call(one=OWN), ("10",)) is None


def test_another_name_of_the_same_speaker_is_no_other_side() -> None:
    renamed = Participant(OWN.id, OWN.aor, "Li Na")

    assert sides_of(["one"], call(one=OWN), ()) == sides_of(["one"], call(one=renamed), ())
    moved = Participant(OWN.id, "sip:1009@pbx.example", OWN.name)
    assert sides_of(["one"], call(one=OWN), ()) != sides_of(["one"], call(one=moved), ())


def test_of_two_in_one_stream_who_is_from_outside_is_the_customer_and_both_are_known() -> None:
    mixed = Metadata(
        sessions={"s": Session("s")},
        participants={one.id: one for one in (OWN, OUTSIDE)},
        streams={"one": Stream("one", "s", "one")},
        voices={one.id: StreamsOf(one.id, sends=("one",)) for one in (OWN, OUTSIDE)},
    )

    sides = sides_of(["one"], mixed, ("10",))

    assert sides == Sides(Side("one", "c", "+8613800138000", ("1001",)), None)
    assert sides.customer.numbers == ("+8613800138000", "1001")
