from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from ivr.flow import Flow, check
from ivr.walk import STEPS_A_CALL, STEPS_WITHOUT_A_KEY, Walk

Nodes = dict[str, dict[str, Any]]
PERSON = {"type": "queue", "queue": "desk"}


def flow(nodes: Nodes, **more: object) -> Flow:
    """A flow straight from its data, sound or not."""
    return Flow.model_validate(
        {"name": "test", "start": "start", "languages": ["zh", "en"], "nodes": nodes, **more}
    )


def walk(nodes: Nodes, *answers: Answer | str, **variables: str) -> tuple[list[Action], Walk]:
    walking = Walk(flow(nodes), variables)
    given_answers = [Digits(answer) if isinstance(answer, str) else answer for answer in answers]
    return [walking.advance(answer) for answer in [None, *given_answers]], walking


def ask(*names: str, **more: Any) -> Ask:
    return Ask(tuple(Prompt(name, "zh") for name in names), node="start", **more)


def menu(**more: object) -> dict[str, Any]:
    choices = {"1": "one", "2": {"go_to": "start", "language": "en"}}
    return {"type": "menu", "prompt": "menu", "choices": choices, "otherwise": "desk", **more}


def collect(**more: object) -> dict[str, Any]:
    sizes = {"min_digits": 2, "max_digits": 6}
    ways = {"then": "desk", "otherwise": "end"}
    return {"type": "collect", "prompt": "number", "attribute": "pin", **sizes, **ways, **more}


ENDS: Nodes = {
    "one": {"type": "hang_up", "reason": "one"},
    "desk": PERSON,
    "end": {"type": "hang_up"},
}
ONE = HangUp("one", node="one")
DESK = Enqueue("desk", node="desk")
END = HangUp("completed", node="end")
SILENCE = NoInput()


def test_each_repetition_says_what_was_wrong_and_then_asks_in_its_own_words() -> None:
    node = menu(invalid="wrong", no_input="silent", retry=["short", "hint"], attempts=4)

    actions, _ = walk({"start": node, **ENDS}, "7", SILENCE, "#", "1")

    assert actions == [
        ask("menu"),
        ask("wrong", "short", "hint"),
        ask("silent", "short", "hint"),
        ask("wrong", "short", "hint"),
        ONE,
    ]


def test_without_its_own_words_a_repetition_is_the_prompt_again() -> None:
    actions, _ = walk({"start": menu(), **ENDS}, "7", SILENCE, SILENCE)

    assert actions == [ask("menu"), ask("menu"), ask("menu"), DESK]


def test_one_attempt_means_no_repetition() -> None:
    actions, _ = walk({"start": menu(attempts=1), **ENDS}, "7")

    assert actions == [ask("menu"), DESK]


def test_barge_in_and_times_reach_the_question() -> None:
    node = menu(barge_in=False, timeout=2.5)

    actions, _ = walk({"start": node, **ENDS})

    assert actions == [ask("menu", barge_in=False, timeout=2.5)]


def test_a_choice_of_language_holds_from_then_on() -> None:
    actions, walking = walk({"start": menu(), **ENDS}, "2")

    assert actions[-1] == Ask((Prompt("menu", "en"),), node="start")
    assert walking.language == "en"
    assert walking.path == ["start", "start"]


def test_a_prompt_pinned_to_a_language_keeps_it() -> None:
    node = {"type": "play", "prompt": [{"name": "hint", "language": "en"}, "hello"], "then": "end"}

    actions, _ = walk({"start": node, **ENDS}, Said())

    assert actions == [Say((Prompt("hint", "en"), Prompt("hello", "zh")), node="start"), END]


@pytest.mark.parametrize(
    ("node", "keys", "right"),
    [
        (collect(), "12", True),
        (collect(), "123456", True),
        (collect(), "1", False),
        (collect(), "1234567", False),
        (collect(), "", False),
        (collect(), "12*", False),
        (collect(), "1A", False),
        (collect(pattern="[12]+"), "1221", True),
        (collect(pattern="[12]+"), "123", False),
        (collect(pattern="12|34"), "12", True),
        (collect(pattern="12|34"), "1234", False),
        (collect(pattern="[0-9]+\\*[0-9]+"), "1*2", True),
        (collect(max_digits=32, pattern="(1+)+2"), "1" * 32, False),
    ],
)
def test_a_number_is_judged_by_its_length_and_pattern(
    node: dict[str, Any], keys: str, right: bool
) -> None:
    actions, walking = walk({"start": node, **ENDS}, keys)

    assert isinstance(actions[-1], Enqueue) == right
    assert walking.attributes == ({"pin": keys} if right else {})


def test_the_collector_is_told_all_it_needs() -> None:
    node = collect(terminator="*", timeout=9, inter_digit_timeout=2, exit_keys={"#": "desk"})

    actions, _ = walk({"start": node, **ENDS}, "#")

    asked = ask(
        "number",
        min_digits=2,
        max_digits=6,
        terminator="*",
        timeout=9,
        inter_digit_timeout=2,
        exit_keys=frozenset("#"),
    )
    assert actions == [asked, DESK]


def test_an_empty_terminator_is_none() -> None:
    actions, _ = walk({"start": collect(terminator=""), **ENDS})

    assert actions == [ask("number", min_digits=2, max_digits=6)]


def test_after_its_attempts_a_question_gives_up() -> None:
    node = collect(invalid="wrong", no_input="silent", retry="again", attempts=3)

    actions, _ = walk({"start": node, **ENDS}, "1", SILENCE, "1")

    sizes: dict[str, Any] = {"min_digits": 2, "max_digits": 6, "terminator": "#"}
    assert actions == [
        ask("number", **sizes),
        ask("wrong", "again", **sizes),
        ask("silent", "again", **sizes),
        END,
    ]


def test_a_secret_shows_up_nowhere() -> None:
    actions, walking = walk({"start": collect(secret=True), **ENDS}, "9753")

    assert actions == [ask("number", min_digits=2, max_digits=6, terminator="#", secret=True), DESK]
    assert walking.attributes == {}
    assert "9753" not in repr((walking.path, walking.secrets, vars(walking), actions))
    assert walking.secrets["pin"].get_secret_value() == "9753"


def test_pressed_keys_are_not_in_the_repr_of_an_answer() -> None:
    assert repr(Digits("9753")) == "Digits(4 keys)"


def test_a_queue_is_asked_for_with_all_that_was_learnt() -> None:
    desk = {
        "type": "queue",
        "queue": "desk",
        "priority": 5,
        "skills": {"repair": 2, "english": 1},
        "language_skills": {"zh": {"mandarin": 3}, "en": {"english": 4}},
        "attributes": {"summary": "{pin} from {caller_number}, {nothing}"},
    }

    actions, walking = walk(
        {"start": collect(), **ENDS, "desk": desk}, "1234", caller_number="1380"
    )

    attributes = {"pin": "1234", "summary": "1234 from 1380, "}
    assert actions[-1] == Enqueue(
        "desk", 5, {"repair": 2, "english": 1, "mandarin": 3}, attributes, node="desk"
    )
    assert walking.attributes == attributes


def test_a_callers_language_may_ask_for_more_of_a_skill() -> None:
    desk = {**PERSON, "skills": {"english": 1}, "language_skills": {"en": {"english": 4}}}

    actions, _ = walk({"start": menu(), **ENDS, "desk": desk}, "2", *[SILENCE] * 3)

    assert actions[-1] == Enqueue("desk", 0, {"english": 4}, node="desk")


def test_a_transfer_may_name_what_was_learnt() -> None:
    party = {"type": "transfer", "target": "sip:{pin}@pbx"}

    actions, _ = walk({"start": collect(then="party"), **ENDS, "party": party}, "42")

    assert actions[-1] == Transfer("sip:42@pbx", node="party")


def test_what_was_collected_is_not_taken_as_a_placeholder_again() -> None:
    party = {"type": "transfer", "target": "{caller_number}"}

    actions, _ = walk({"start": party}, caller_number="{caller_number}")

    assert actions == [Transfer("%7Bcaller_number%7D", node="start")]


def test_an_answer_that_does_not_fit_counts_as_silence() -> None:
    play = {"type": "play", "prompt": "hello", "then": "menu"}
    node = menu(no_input="silent")

    actions, _ = walk({"start": play, "menu": node, **ENDS}, "1", Said(), "1")

    assert [action.node for action in actions] == ["start", "menu", "menu", "one"]
    assert actions[2] == Ask((Prompt("silent", "zh"), Prompt("menu", "zh")), node="menu")


def test_the_last_action_is_all_there_is_afterwards() -> None:
    walking = Walk(flow({"start": menu(), **ENDS}))
    walking.advance()
    end = walking.advance(Digits("1"))

    assert end == ONE
    assert walking.advance(Digits("1")) is end
    assert walking.advance() is end
    assert walking.path == ["start", "one"]


def test_one_flow_serves_many_calls_apart() -> None:
    shared = flow({"start": menu(), **ENDS})
    first, second = Walk(shared), Walk(shared)
    first.advance()
    first.advance(Digits("2"))
    second.advance()

    assert (first.language, second.language) == ("en", "zh")
    assert second.advance(Digits("1")) == ONE


# --- walks that would not end -------------------------------------------------------------------


def ends_after(walking: Walk, answer: Answer, most: int = 3000) -> tuple[int, Action]:
    action = walking.advance()
    for count in range(most):
        if isinstance(action, Enqueue | Transfer | HangUp):
            return count, action
        action = walking.advance(answer)
    raise AssertionError("it does not end")


def test_announcements_that_go_round_end_the_call() -> None:
    play = {"type": "play", "prompt": "hello", "then": "start"}

    count, action = ends_after(Walk(flow({"start": play})), Said())

    assert action == HangUp("flow-loop", node="start")
    assert count <= STEPS_WITHOUT_A_KEY


def test_menus_that_go_round_in_silence_end_the_call() -> None:
    nodes = {"start": menu(otherwise="other"), "other": menu(otherwise="start"), **ENDS}

    count, action = ends_after(Walk(flow(nodes)), SILENCE)

    assert isinstance(action, HangUp)
    assert action.reason == "flow-loop"
    assert count <= STEPS_WITHOUT_A_KEY


def test_a_caller_who_keeps_pressing_is_let_go_in_the_end() -> None:
    count, action = ends_after(Walk(flow({"start": menu(), **ENDS})), Digits("2"))

    assert action == HangUp("flow-too-long", node="start")
    assert STEPS_WITHOUT_A_KEY < count <= STEPS_A_CALL


NAMES = ["start", "b", "c", "d", "e"]
targets = st.sampled_from(NAMES)
keys = st.sampled_from("0123456789*#")
random_nodes = st.one_of(
    st.fixed_dictionaries({"type": st.just("play"), "prompt": st.just("p"), "then": targets}),
    st.fixed_dictionaries(
        {
            "type": st.just("menu"),
            "prompt": st.just("p"),
            "choices": st.dictionaries(keys, targets, min_size=1, max_size=4),
            "otherwise": targets,
            "attempts": st.integers(1, 4),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("collect"),
            "prompt": st.just("p"),
            "attribute": st.just("number"),
            "min_digits": st.just(1),
            "max_digits": st.integers(1, 4),
            "exit_keys": st.dictionaries(st.just("*"), targets),
            "then": targets,
            "otherwise": targets,
            "secret": st.booleans(),
        }
    ),
    st.just(PERSON),
    st.just({"type": "hang_up"}),
)
random_flows = st.fixed_dictionaries(dict.fromkeys(NAMES, random_nodes)).map(
    lambda nodes: flow(nodes, prompts={"p": {"zh": "x", "en": "x"}})
)
any_answer = st.one_of(
    st.just(Said()), st.just(NoInput()), st.none(), st.text("0123456789*#", max_size=5).map(Digits)
)


@settings(deadline=None)
@given(random_flows, st.lists(any_answer, max_size=50), any_answer)
def test_any_flow_ends_whatever_is_answered(
    random_flow: Flow, some: list[Answer | None], for_ever: Answer | None
) -> None:
    walking = Walk(random_flow)
    action = walking.advance()
    for answer in [*some, *[for_ever] * STEPS_A_CALL]:
        action = walking.advance(answer)

    assert isinstance(action, Enqueue | Transfer | HangUp)
    assert len(walking.path) <= STEPS_A_CALL + 1


@settings(deadline=None)
@given(random_flows, st.lists(any_answer, max_size=20))
def test_where_the_checker_finds_no_loop_silence_always_leads_out(
    random_flow: Flow, some: list[Answer | None]
) -> None:
    looping = any("goes round" in problem.message for problem in check(random_flow))
    walking = Walk(random_flow)
    action = walking.advance()
    for answer in some:
        action = walking.advance(answer)
    for _ in range(STEPS_WITHOUT_A_KEY):
        action = walking.advance(NoInput())

    if not looping:
        assert not isinstance(action, Say | Ask)
        assert not (isinstance(action, HangUp) and action.reason == "flow-loop")


@given(random_flows)
def test_where_the_checker_finds_a_way_to_a_person_some_keys_lead_there(random_flow: Flow) -> None:
    trapped = {
        problem.node for problem in check(random_flow) if problem.message == "no way to a person"
    }
    reached_a_person = _leads_to_a_person(random_flow, "start", set())

    assert ("start" in trapped) == (not reached_a_person)


def _leads_to_a_person(random_flow: Flow, name: str, seen: set[str]) -> bool:
    seen.add(name)
    node = random_flow.nodes[name]
    return node.reaches_person or any(
        _leads_to_a_person(random_flow, route.target, seen)
        for route in node.routes()
        if route.target not in seen
    )
