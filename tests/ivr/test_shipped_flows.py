"""The flows that Hotline ships: their journeys walk every way, and play all that is said."""

import struct
import wave
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import SHIPPED
from ivr.actions import Action, Answer, Digits, Enqueue, HangUp, NoInput, Prompt, Said
from ivr.flow import Flow, check, load
from ivr.inquiries import CalendarSays, LookAtCalendar
from ivr.journeys import JourneyBook, load_journeys
from ivr.nodes import Assignment
from ivr.travelling import Outcome, walk_all
from ivr.walk import Walk

FLOWS = SHIPPED / "flows"
MAIN = load(FLOWS / "main.yaml")
BENCH = load(FLOWS / "bench.yaml")
AFTER_HOURS = load(FLOWS / "after-hours.yaml")
CLOSED = load(FLOWS / "closed.yaml")
SHIPPED_FLOWS = [
    *(MAIN, BENCH, AFTER_HOURS),
    *(
        load(FLOWS / f"{name}.yaml")
        for name in ("balance", "banking", "products", "flights", "fault", "fax")
    ),
]


def prompts_of(flow: Flow) -> set[Prompt]:
    return {Prompt(name, language) for name, by in flow.prompts.items() for language in by}


def opened(walk: Walk, answer: Answer | None = None) -> Action:
    """The next step of a caller who calls while we are open."""
    action = walk.advance(answer)
    while isinstance(action, LookAtCalendar):
        action = walk.advance(CalendarSays(is_open=True))
    return action


def book_of(flow: Flow) -> JourneyBook:
    return load_journeys(FLOWS / "journeys" / f"{flow.name}.yaml")


def outcomes(flow: Flow) -> Sequence[Outcome]:
    return list(walk_all(flow, book_of(flow)))


@pytest.mark.parametrize("flow", SHIPPED_FLOWS, ids=lambda flow: str(flow.name))
def test_the_flow_leads_each_caller_as_its_journey_says(flow: Flow) -> None:
    assert [str(one.fault) for one in outcomes(flow) if one.fault] == []


def ways_of(flow: Flow) -> set[tuple[str, str]]:
    return {
        (name, route.target)
        for name, node in flow.nodes.items()
        for route in node.routes()
        if not (isinstance(node, Assignment) and route.place == ("failed",))  # ours never do
    }


def ways_taken(flow: Flow, walked: Iterable[Outcome]) -> set[tuple[str, str]]:
    """Within this flow alone, as if what it walks through took no time."""
    taken = set[tuple[str, str]]()
    for one in walked:
        nodes = [visit.node for visit in one.visits if visit.flow == flow.name]
        taken |= {way for way in pairwise(nodes) if not flow.nodes[way[0]].leads_on}
    return taken


@pytest.mark.parametrize("flow", SHIPPED_FLOWS, ids=lambda flow: str(flow.name))
def test_the_journeys_take_every_way_through_the_flow(flow: Flow) -> None:
    assert ways_taken(flow, outcomes(flow)) == ways_of(flow)


def test_the_journeys_after_hours_take_every_way_and_hear_every_prompt_of_the_part() -> None:
    walked = outcomes(AFTER_HOURS)
    heard = {Prompt(one.name, one.language) for each in walked for one in each.heard}

    assert ways_taken(CLOSED, walked) == ways_of(CLOSED)
    assert heard >= prompts_of(CLOSED)


@pytest.mark.parametrize("flow", SHIPPED_FLOWS, ids=lambda flow: str(flow.name))
def test_the_journeys_play_every_prompt_in_each_of_its_languages(flow: Flow) -> None:
    heard = {Prompt(one.name, one.language) for each in outcomes(flow) for one in each.heard}

    assert prompts_of(flow) <= heard
    assert heard <= {prompt for one in flow.whole() for prompt in prompts_of(one)}


def test_the_path_and_the_account_number_are_there_for_the_agent() -> None:
    walk = Walk(MAIN, {"caller_number": "13800138000"})
    for answer in [None, Digits("9"), Digits("2"), Digits("12345678"), Said()]:
        opened(walk, answer)

    path = ["hours", "welcome", "main_menu", "account_number", "support_announced", "support"]
    assert walk.path == path
    assert walk.attributes == {"account_number": "12345678"}
    assert walk.language == "en"


def test_whoever_speaks_english_gets_an_agent_who_does() -> None:
    walk = Walk(MAIN)
    for answer in [None, Digits("9"), Digits("1")]:
        opened(walk, answer)

    assert walk.advance(Said()) == Enqueue("sales", requirements={"english": 1}, node="sales")


def test_the_main_hotline_has_the_queues_that_it_names_and_no_others() -> None:
    assert check(MAIN, {"sales", "support", "operator"}) == []
    assert {problem.message for problem in check(MAIN, {"sales"})} == {
        "unknown queue 'support'",
        "unknown queue 'operator'",
    }


def test_a_form_that_nobody_could_fill_in_is_told_at_its_line() -> None:
    banking = load(FLOWS / "banking.yaml")
    forms = {"bank_transfer", "bank_funds", "bank_exchange"}

    [problem] = check(banking, forms=forms)
    assert problem.message == "there is no form 'bank_wealth'"
    assert problem.line == banking.line("nodes", "to_wealth", "form")
    assert check(banking, forms=forms | {"bank_wealth"}) == []


def test_a_journey_to_another_form_is_lost() -> None:
    banking = load(FLOWS / "banking.yaml")
    book = book_of(banking)
    transfer = book.journeys[0]
    last = transfer.walk[-1].model_copy(update={"form": "bank_funds"})
    other = transfer.model_copy(update={"walk": [*transfer.walk[:-1], last]})

    [outcome] = walk_all(banking, replace(book, journeys=[other]))

    assert outcome.fault is not None
    assert outcome.fault.message.endswith("the agent fills in bank_transfer")


def test_the_chinese_prompts_hold_no_figures_and_the_english_no_chinese() -> None:
    for sources in (sources for flow in SHIPPED_FLOWS for sources in flow.prompts.values()):
        for language, source in sources.items():
            text = " ".join(piece for piece in source.pieces if isinstance(piece, str))
            if language == "zh":
                assert not any(letter.isascii() and letter.isalnum() for letter in text)
            else:
                assert text.isascii()
                assert not any(letter.isdigit() for letter in text)


def test_the_bench_prompt_lasts_four_seconds() -> None:
    source = BENCH.prompts["four_seconds"]["en"]
    assert source.wav is not None
    with wave.open(str(source.wav)) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 32000)
        samples = file.readframes(32000)
    loudest = max(abs(sample) for (sample,) in struct.iter_unpack("<h", samples))
    assert 2000 < loudest < 16000


answers = st.one_of(
    st.just(Said()),
    st.just(NoInput()),
    st.none(),
    st.text("0123456789*#ABCD", max_size=10).map(Digits),
)


@given(st.sampled_from([MAIN, BENCH]), st.lists(answers, max_size=40))
def test_whatever_a_caller_does_the_shipped_flows_end_in_a_queue_or_a_hang_up(
    flow: Flow, given_answers: list[Answer | None]
) -> None:
    walk = Walk(flow)
    action = opened(walk)
    for answer in given_answers:
        action = walk.advance(answer)
    for _ in range(12):  # and then falls silent
        action = walk.advance(NoInput())

    assert isinstance(action, Enqueue | HangUp)
    assert walk.advance(Digits("1")) is action
