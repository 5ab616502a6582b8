"""What may happen to a ticket, its number, its workflow and its field repair: pure."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import NotNow
from crm.ticket_types import Definition, Flow, Step, Target
from crm.tickets import IllegalMove, Standing, moved, number_of, opened, serial_of
from crm.work_orders import ENDED, TABLE, cancelled, reported
from crm.workflow import in_turn, next_step

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LABELS = {"zh": "某", "en": "Some"}
FLOW = Flow.model_validate(
    {
        "initial": "new",
        "states": {
            "new": {"labels": LABELS},
            "asked": {"labels": LABELS, "pace": "paused", "responded": True},
            "resolved": {"labels": LABELS, "pace": "stopped"},
            "closed": {"labels": LABELS, "pace": "stopped", "ends": True},
        },
        "moves": {
            "new": ["asked", "resolved"],
            "asked": ["new"],
            "resolved": ["closed", "new"],
            "closed": ["new"],
        },
    }
)

serials = st.integers(1, 10**15)


@given(serials)
def test_a_number_is_read_back_as_it_was_given_with_or_without_its_letters(serial: int) -> None:
    number = number_of("CX", serial)

    for text in (number, number.lower(), number.replace("-", " "), number[3:], f" {number} "):
        assert serial_of(text) == serial


@given(serials, st.data())
def test_one_wrong_digit_or_two_swapped_ones_are_seen(serial: int, data: st.DataObject) -> None:
    digits = list(number_of("C", serial)[2:])
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = digits.copy()
    wrong[place] = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    assert serial_of("".join(wrong)) is None
    for place in range(len(digits) - 1):
        if digits[place] != digits[place + 1]:
            swapped = digits.copy()
            swapped[place : place + 2] = digits[place + 1], digits[place]
            assert serial_of("".join(swapped)) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_or_none(text: str) -> None:
    serial = serial_of(text)

    assert serial is None or number_of("", serial).lstrip("-") in text


@given(st.lists(st.sampled_from(sorted(FLOW.states)), max_size=12))
def test_however_it_moves_a_tickets_moments_fit_its_state(states: list[str]) -> None:
    standing = opened(FLOW, NOON)
    for state in states:
        if state not in FLOW.moves[standing.state]:
            with pytest.raises(IllegalMove):
                moved(FLOW, standing, state, NOON)
            continue
        before, standing = standing, moved(FLOW, standing, state, NOON)
        assert (standing.resolved_at is None) == (state in {"new", "asked"})
        assert (standing.closed_at is None) == (state != "closed")
        again = before.resolved_at is not None and standing.resolved_at is None
        assert standing.reopened == before.reopened + again
        assert before.responded_at is None or standing.responded_at == before.responded_at
        assert state not in {"asked", "resolved"} or standing.responded_at is not None


def test_a_solution_keeps_its_moment_when_the_ticket_is_closed() -> None:
    later = NOON.replace(hour=18)
    resolved = moved(FLOW, opened(FLOW, NOON), "resolved", NOON)

    assert moved(FLOW, resolved, "closed", later) == Standing(
        "closed", later, responded_at=NOON, resolved_at=NOON, closed_at=later
    )


def test_the_target_that_fits_best_counts_tier_before_priority() -> None:
    definition = Definition(
        labels=FLOW.states["new"].labels,
        prefix="C",
        flow=FLOW,
        targets=(
            Target(response=100, resolution=1000),
            Target(priority="urgent", response=50),
            Target(tier="gold", response=40),
            Target(tier="gold", priority="urgent", response=10),
        ),
    )

    for priority, tier, minutes in (
        ("normal", None, 100),
        ("urgent", None, 50),
        ("normal", "gold", 40),
        ("urgent", "gold", 10),
        ("urgent", "silver", 50),
    ):
        assert definition.target("response", priority, tier) == minutes
        assert definition.target("resolution", priority, tier) == 1000


def steps(*given: dict[str, object]) -> list[Step]:
    who = {"rule": "owner"}
    return [
        Step.model_validate({"name": f"step_{n}", "labels": LABELS, "who": who, **one})
        for n, one in enumerate(given)
    ]


def test_the_next_step_is_the_first_whose_conditions_all_hold() -> None:
    some = steps(
        {"when": [{"field": "risk", "equals": True}, {"field": "form.loss", "at_least": 1000}]},
        {"when": [{"field": "priority", "one_of": ["high", "urgent"]}]},
        {},
    )

    for facts, after, name in (
        ({"risk": True, "form.loss": 1000}, None, "step_0"),
        ({"risk": True, "form.loss": 999.5, "priority": "high"}, None, "step_1"),
        ({"risk": True, "form.loss": True}, None, "step_2"),
        ({"risk": False, "priority": "low"}, None, "step_2"),
        ({"priority": "urgent"}, "step_0", "step_1"),
        ({}, "step_1", "step_2"),
    ):
        found = next_step(some, after, facts)
        assert found is not None
        assert found.name == name
    assert next_step(some, "step_2", {}) is None
    assert next_step(some, "of_an_older_type", {}) is None


def test_everybody_of_a_team_has_a_turn_also_when_the_last_one_has_left() -> None:
    assert [in_turn(["wang", "li"], last) for last in (None, "li", "wang", "ma")] == [
        *("li", "wang", "li", "wang"),
    ]
    assert in_turn([], "li") is None


@pytest.mark.parametrize("state", sorted(TABLE))
@pytest.mark.parametrize("report", sorted(TABLE))
def test_a_report_moves_an_order_on_or_came_too_late(state: str, report: str) -> None:
    order = ["sent", "accepted", "en_route", "working"]
    ends = {"done", "failed"} | ({"refused"} if state == "sent" else set())
    expected = None
    if state not in ENDED and (
        report in ends or (report in order and order.index(report) > order.index(state))
    ):
        expected = report

    assert reported(state, report) == expected


def test_what_has_ended_is_not_cancelled() -> None:
    for state in TABLE:
        if state in ENDED:
            with pytest.raises(NotNow, match=state):
                cancelled(state)
        else:
            assert cancelled(state) == "cancelled"
