"""Journeys through the flows that Hotline ships: what the caller does, what each step says."""

import struct
import wave
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import SHIPPED
from ivr.actions import (
    Action,
    Answer,
    Ask,
    Digits,
    Enqueue,
    HangUp,
    NoInput,
    Prompt,
    Said,
    Say,
    Transfer,
)
from ivr.flow import Flow, check, load
from ivr.walk import Walk

MAIN = load(SHIPPED / "flows" / "main.yaml")
BENCH = load(SHIPPED / "flows" / "bench.yaml")
SILENCE = NoInput()


def prompts(language: str, *names: str) -> tuple[Prompt, ...]:
    return tuple(Prompt(name, language) for name in names)


def main_menu(language: str, *notice: str) -> Ask:
    return Ask(prompts(language, *notice, "main_menu"), timeout=5, node="main_menu")


def account(language: str, *names: str) -> Ask:
    return Ask(
        prompts(language, *(names or ["account_number"])),
        min_digits=8,
        max_digits=8,
        terminator="#",
        timeout=8,
        inter_digit_timeout=4,
        exit_keys=frozenset("*"),
        node="account_number",
    )


def announced(language: str, where: str, node: str) -> Say:
    return Say(prompts(language, where, "recorded"), node=node)


def queued(queue: str, language: str, **attributes: str) -> Enqueue:
    needs = {"english": 1} if language == "en" else {}
    return Enqueue(queue, requirements=needs, attributes=attributes, node=queue)


WELCOME = Ask((Prompt("welcome", "zh"), Prompt("for_english", "en")), timeout=1.5, node="welcome")
SALES = "sales_announced"
SUPPORT = "support_announced"
OPERATOR = "operator_announced"


def hours(language: str) -> Say:
    return Say(prompts(language, "opening_hours"), barge_in=True, node="opening_hours")


@dataclass(frozen=True)
class Journey:
    name: str
    answers: Sequence[str | Answer]  # keys as they are; after a Say the answer is Said by itself
    actions: Sequence[Action]

    def __str__(self) -> str:
        return self.name


def travel(flow: Flow, journey: Journey) -> tuple[list[Action], Walk]:
    walk = Walk(flow)
    actions = [walk.advance()]
    answers = iter(journey.answers)
    while not isinstance(actions[-1], Enqueue | Transfer | HangUp):
        if isinstance(actions[-1], Say):
            actions.append(walk.advance(Said()))
        else:
            answer = next(answers)
            actions.append(walk.advance(Digits(answer) if isinstance(answer, str) else answer))
    assert list(answers) == [], "the journey ended before the caller was done"
    return actions, walk


def direct(language: str) -> list[Journey]:
    """What a caller who makes no mistake can reach from the main menu, and back."""
    first: list[str | Answer] = [SILENCE] if language == "zh" else ["9"]
    begin = [WELCOME, main_menu(language)]

    def journey(name: str, keys: Sequence[str | Answer], *actions: Action) -> Journey:
        return Journey(f"{language}: {name}", [*first, *keys], [*begin, *actions])

    to_sales = announced(language, "to_sales", SALES)
    to_support = announced(language, "to_support", SUPPORT)
    to_operator = announced(language, "to_operator", OPERATOR)
    not_understood = announced(language, "not_understood", "not_understood")
    return [
        journey("sales", ["1"], to_sales, queued("sales", language)),
        journey(
            "fault report",
            ["2", "12345678"],
            account(language),
            to_support,
            queued("support", language, account_number="12345678"),
        ),
        journey(
            "fault report without the number",
            ["2", "*"],
            account(language),
            to_support,
            queued("support", language),
        ),
        journey(
            "fault report, number right at the second go",
            ["2", "1234", "12345678"],
            account(language),
            account(language, "wrong_account_number", "account_number_again"),
            to_support,
            queued("support", language, account_number="12345678"),
        ),
        journey(
            "fault report, no number to be had",
            ["2", "1234567", SILENCE, "123"],
            account(language),
            account(language, "wrong_account_number", "account_number_again"),
            account(language, "no_account_number", "account_number_again"),
            not_understood,
            queued("operator", language),
        ),
        journey(
            "opening hours, then a person",
            ["3", "0"],
            hours(language),
            main_menu(language),
            to_operator,
            queued("operator", language),
        ),
        journey("operator", ["0"], to_operator, queued("operator", language)),
        journey(
            "heard again, and in English",
            ["*", "9", "0"],
            main_menu(language),
            main_menu("en"),
            announced("en", "to_operator", OPERATOR),
            queued("operator", "en"),
        ),
        journey(
            "one wrong key, then sales",
            ["7", "1"],
            main_menu(language, "wrong_key"),
            to_sales,
            queued("sales", language),
        ),
        journey(
            "hearing it again wipes the mistakes out",
            ["7", "7", "*", "7", SILENCE, "1"],
            main_menu(language, "wrong_key"),
            main_menu(language, "wrong_key"),
            main_menu(language),
            main_menu(language, "wrong_key"),
            main_menu(language, "no_key"),
            to_sales,
            queued("sales", language),
        ),
        journey(
            "three wrong keys",
            ["7", "#", "8"],
            main_menu(language, "wrong_key"),
            main_menu(language, "wrong_key"),
            not_understood,
            queued("operator", language),
        ),
        journey(
            "silence",
            [SILENCE, SILENCE, SILENCE],
            main_menu(language, "no_key"),
            main_menu(language, "no_key"),
            not_understood,
            queued("operator", language),
        ),
    ]


def shortcuts() -> list[Journey]:
    """Keys pressed into the greeting."""
    operator: list[Action] = [announced("zh", "to_operator", OPERATOR), queued("operator", "zh")]
    sales: list[Action] = [announced("zh", "to_sales", SALES), queued("sales", "zh")]
    support: list[Action] = [announced("zh", "to_support", SUPPORT), queued("support", "zh")]
    return [
        Journey("greeting: sales", ["1"], [WELCOME, *sales]),
        Journey("greeting: fault", ["2", "*"], [WELCOME, account("zh"), *support]),
        Journey("greeting: hours", ["3", "0"], [WELCOME, hours("zh"), main_menu("zh"), *operator]),
        Journey("greeting: operator", ["0"], [WELCOME, *operator]),
        Journey("greeting: wrong key", ["5", "0"], [WELCOME, main_menu("zh"), *operator]),
    ]


JOURNEYS = [*direct("zh"), *direct("en"), *shortcuts()]


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_the_main_hotline_leads_the_caller_exactly_so(journey: Journey) -> None:
    actions, _ = travel(MAIN, journey)

    assert actions == journey.actions


def test_the_journeys_take_every_way_through_the_main_hotline() -> None:
    ways = {(name, route.target) for name, node in MAIN.nodes.items() for route in node.routes()}
    taken = set[tuple[str, str]]()
    for journey in JOURNEYS:
        _, walk = travel(MAIN, journey)
        taken |= set(zip(walk.path, walk.path[1:], strict=False))

    assert taken == ways


def test_the_journeys_play_every_prompt_of_the_main_hotline_in_each_of_its_languages() -> None:
    played = {
        prompt
        for journey in JOURNEYS
        for action in journey.actions
        if isinstance(action, Say | Ask)
        for prompt in action.prompts
    }

    assert played == {
        Prompt(name, language) for name, sources in MAIN.prompts.items() for language in sources
    }


def test_the_path_and_the_account_number_are_there_for_the_agent() -> None:
    walk = Walk(MAIN, {"caller_number": "13800138000"})
    for answer in [None, Digits("9"), Digits("2"), Digits("12345678"), Said()]:
        walk.advance(answer)

    assert walk.path == ["welcome", "main_menu", "account_number", SUPPORT, "support"]
    assert walk.attributes == {"account_number": "12345678"}
    assert walk.language == "en"


def test_the_main_hotline_has_the_queues_that_it_names_and_no_others() -> None:
    assert check(MAIN, {"sales", "support", "operator"}) == []
    assert [problem.message for problem in check(MAIN, {"sales"})] == [
        "unknown queue 'support'",
        "unknown queue 'operator'",
    ]


def test_the_chinese_prompts_hold_no_figures_and_the_english_no_chinese() -> None:
    for sources in MAIN.prompts.values():
        for language, source in sources.items():
            text = source.text or ""
            if language == "zh":
                assert not any(letter.isascii() and letter.isalnum() for letter in text)
            else:
                assert text.isascii()
                assert not any(letter.isdigit() for letter in text)


FOUR_SECONDS = Ask(prompts("en", "four_seconds"), node="choice")

BENCH_JOURNEYS = [
    Journey("recorded", ["1"], [FOUR_SECONDS, Enqueue("recorded", node="recorded")]),
    Journey("unrecorded", ["3"], [FOUR_SECONDS, Enqueue("unrecorded", node="unrecorded")]),
    Journey(
        "right at last",
        ["2", SILENCE, "1"],
        [FOUR_SECONDS, FOUR_SECONDS, FOUR_SECONDS, Enqueue("recorded", node="recorded")],
    ),
    Journey(
        "nothing",
        [SILENCE, "2", SILENCE],
        [FOUR_SECONDS, FOUR_SECONDS, FOUR_SECONDS, HangUp("no-choice", node="nothing_chosen")],
    ),
]


@pytest.mark.parametrize("journey", BENCH_JOURNEYS, ids=str)
def test_the_bench_menu_leads_the_caller_exactly_so(journey: Journey) -> None:
    actions, _ = travel(BENCH, journey)

    assert actions == journey.actions


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
    action = walk.advance()
    for answer in given_answers:
        action = walk.advance(answer)
    for _ in range(12):  # and then falls silent
        action = walk.advance(NoInput())

    assert isinstance(action, Enqueue | HangUp)
    assert walk.advance(Digits("1")) is action
