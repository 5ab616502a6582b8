"""Who may begin, and what is kept of what was said: bounded, and nothing twice."""

import pytest

from cti_server.self_service.errors import TooManySessions
from cti_server.self_service.sessions import ADDRESSES_KEPT, MINUTE, Openings
from cti_server.self_service.transcript import LONGEST, Transcript


def test_one_address_begins_so_many_in_a_minute_and_others_are_not_hindered() -> None:
    openings = Openings(2)
    openings.admit("a", 0.0)
    openings.admit("a", 1.0)

    with pytest.raises(TooManySessions) as refused:
        openings.admit("a", 20.0)
    openings.admit("b", 20.0)
    openings.admit("a", MINUTE)

    assert refused.value.retry_after == 40
    with pytest.raises(TooManySessions):
        openings.admit("a", MINUTE)


def test_strangers_cannot_fill_the_memory_of_addresses() -> None:
    openings = Openings(1)
    openings.admit("first", 0.0)
    for number in range(ADDRESSES_KEPT):
        openings.admit(str(number), 0.0)

    openings.admit("first", 0.0)  # forgotten


def test_lines_are_numbered_without_a_gap_and_told_from_there_on() -> None:
    lines = Transcript()
    for number in range(3):
        lines.add("service", f"line {number}")

    assert [line.number for line in lines.since(0)] == [1, 2, 3]
    assert [line.text for line in lines.since(2)] == ["line 2"]
    assert lines.since(3) == lines.since(99) == []


def test_agents_are_shown_who_said_what_and_of_much_the_end() -> None:
    lines = Transcript()
    lines.add("service", "Your account?")
    lines.add("customer", "12345678")
    short = lines.for_agents()
    lines.add("customer", "x" * LONGEST)

    assert short == "< Your account?\n> 12345678"
    assert len(lines.for_agents()) == LONGEST
    assert lines.for_agents().endswith("xxx")
