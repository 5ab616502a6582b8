"""What is kept of what was said: bounded, and nothing twice."""

from cti_server.self_service.transcript import LONGEST, Transcript


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
