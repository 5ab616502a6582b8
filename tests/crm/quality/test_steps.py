"""Who takes which step of a review, and when."""

import pytest

from crm.errors import NotNow
from crm.quality.errors import NotYours
from crm.quality.steps import STATES, Judged, State, Step, after, check_who

OF = Judged("zhao", "li")
STEPS: tuple[Step, ...] = (
    *("save", "submit", "acknowledge", "object"),
    *("settle", "assign", "withdraw"),
)
TABLE: dict[tuple[State, Step], State] = {
    ("draft", "save"): "draft",
    ("draft", "assign"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "acknowledge"): "acknowledged",
    ("submitted", "object"): "objected",
    ("objected", "settle"): "settled",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_in_every_state(state: State, step: Step) -> None:
    if (state, step) in TABLE:
        assert after(state, step, OF) == TABLE[state, step]
    else:
        with pytest.raises(NotNow, match=state):
            after(state, step, OF)


def test_a_calibration_is_answered_and_submitted_and_about_nobody() -> None:
    of = Judged("zhao", "li", calibrates=True)

    assert after("draft", "submit", of) == "submitted"
    for step in STEPS[2:]:
        with pytest.raises(NotNow, match="calibration"):
            after("submitted", step, of)


@pytest.mark.parametrize(
    ("step", "may"),
    [
        ("save", {"zhao"}),
        ("submit", {"zhao"}),
        ("acknowledge", {"li"}),
        ("object", {"li"}),
        ("settle", {"huang"}),
        ("assign", {"zhao", "huang"}),
        ("withdraw", {"zhao", "huang"}),
    ],
)
def test_each_step_is_somebodys(step: Step, may: set[str]) -> None:
    for who in ("zhao", "li", "huang"):
        if who in may:
            check_who(step, who, OF, manages=True)
        else:
            with pytest.raises(NotYours):
                check_who(step, who, OF, manages=True)
    with pytest.raises(NotYours):
        check_who("settle", "huang", OF, manages=False)
