"""A flow tried out by somebody at a desk."""

from pathlib import Path

import pytest

from ivr.flow import Flow, load
from ivr.given import Given
from ivr.texts import Prompt
from ivr.trial import Deed, Trial, try_out

FLOW = """
languages: [en]
start: hours
prompts:
  closed: {en: Nobody is here.}
  menu: {en: "1 for sales, 2 to leave a message."}
nodes:
  hours: {type: calendar, calendar: office, open: menu, closed: sorry}
  sorry: {type: play, prompt: closed, then: bye}
  bye: {type: hang_up, reason: closed}
  menu: {type: menu, prompt: menu, choices: {"1": desk}, otherwise: bye}
  desk: {type: queue, queue: sales, closed: bye}
"""


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    file = tmp_path / "office.yaml"
    file.write_text(FLOW)
    return load(file)


def tried(flow: Flow, *deeds: Deed, is_open: bool | None = True) -> Trial:
    calendars = {} if is_open is None else {"office": is_open}
    return try_out(flow, deeds, Given(calendars=calendars), text_of)


def text_of(flow: Flow, prompt: Prompt) -> str:
    return flow.prompts[prompt.name][prompt.language].text or ""


def steps(trial: Trial) -> list[tuple[str, str, str]]:
    return [(each.visit.node, each.kind, each.what) for each in trial.happened]


def test_it_stops_where_somebody_has_to_say_what_the_caller_does(flow: Flow) -> None:
    trial = tried(flow)

    assert (trial.ended, trial.wanted) == (False, "deed")
    assert steps(trial) == [
        ("hours", "asks_outside", "LookAtCalendar"),
        ("menu", "asks", ""),
    ]
    assert trial.happened[-1].texts == ["1 for sales, 2 to leave a message."]


def test_it_goes_on_to_the_queue_and_out_of_it_again(flow: Flow) -> None:
    waits = tried(flow, Deed(presses="1"))
    left = tried(flow, Deed(presses="1"), Deed(leaves="closed"), Deed(presses="7"))

    assert (waits.ended, steps(waits)[-1]) == (True, ("desk", "queue", "sales"))
    assert (left.ended, steps(left)[-1], left.unused) == (True, ("bye", "hang_up", "closed"), 1)


def test_what_it_needs_to_know_and_is_not_told_is_named(flow: Flow) -> None:
    trial = tried(flow, is_open=None)

    assert (trial.ended, trial.wanted) == (False, "given")
    assert "'office'" in trial.missing


@pytest.mark.parametrize(
    "deeds",
    [
        (Deed(presses="11"),),
        (Deed(says="sales"),),
        (Deed(records=3),),
        (Deed(presses="1"), Deed(leaves="full")),
    ],
)
def test_what_nobody_asks_for_is_told(flow: Flow, deeds: tuple[Deed, ...]) -> None:
    trial = tried(flow, *deeds)

    assert (trial.ended, trial.wanted) == (False, "other_deed")
    assert trial.missing


def test_the_calendar_decides_as_it_is_given(flow: Flow) -> None:
    trial = tried(flow, is_open=False)

    assert steps(trial)[1:] == [("sorry", "says", ""), ("bye", "hang_up", "closed")]
    assert trial.ended
