"""Nodes that decide by what is known: branch, set, calendar, customer; the choice of a language."""

from typing import Any

import pytest

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
)
from ivr.flow import Flow
from ivr.inquiries import CalendarSays, LookAtCalendar, Recognise, Recognised
from ivr.texts import Value
from ivr.walk import Walk

Nodes = dict[str, dict[str, Any]]
ENDS: Nodes = {
    name: {"type": "hang_up", "reason": name} for name in ("one", "two", "three", "failed")
}


def walk(nodes: Nodes, *answers: Answer | str, **variables: Value) -> tuple[list[Action], Walk]:
    data = {"name": "test", "start": "start", "languages": ["zh", "en"], "nodes": nodes | ENDS}
    walking = Walk(Flow.model_validate(data), variables)
    given = [Digits(answer) if isinstance(answer, str) else answer for answer in answers]
    return [walking.advance(answer) for answer in [None, *given]], walking


def ended(name: str) -> HangUp:
    return HangUp(name, node=name)


BRANCH: dict[str, Any] = {
    "type": "branch",
    "cases": [
        {"when": "int(amount) > 100", "go_to": "one"},
        {"when": 'tier == "gold"', "go_to": "two", "language": "en"},
    ],
    "otherwise": "three",
}


@pytest.mark.parametrize(
    ("values", "end", "language"),
    [
        ({"amount": "200", "tier": "gold"}, "one", "zh"),
        ({"amount": "7", "tier": "gold"}, "two", "en"),
        ({"amount": "7", "tier": "basic"}, "three", "zh"),
        ({"amount": 200}, "one", "zh"),
    ],
)
def test_the_first_case_that_holds_leads_on(
    values: dict[str, Value], end: str, language: str
) -> None:
    actions, walking = walk({"start": BRANCH}, **values)

    assert actions == [ended(end)]
    assert walking.language == language
    assert walking.faults == []


def test_a_case_that_cannot_be_told_does_not_hold_and_its_author_hears_of_it() -> None:
    actions, walking = walk({"start": BRANCH}, amount="many", tier="gold")

    assert actions == [ended("two")]
    [fault] = walking.faults
    assert fault.startswith("test.start: 'int(amount) > 100': ")


def test_values_are_calculated_from_those_before_and_not_shown_to_the_agent() -> None:
    counting: Nodes = {
        "start": {"type": "set", "values": {"tries": "0"}, "then": "again", "failed": "failed"},
        "again": {
            "type": "set",
            "values": {"tries": "tries + 1"},
            "then": "enough",
            "failed": "failed",
        },
        "enough": {
            "type": "branch",
            "cases": [{"when": "tries < 3", "go_to": "again"}],
            "otherwise": "desk",
        },
        "desk": {"type": "queue", "queue": "desk", "attributes": {"seen": "after {tries}"}},
    }

    actions, walking = walk(counting)

    assert actions == [Enqueue("desk", attributes={"seen": "after 3"}, node="desk")]
    assert walking.path.count("again") == 3
    assert walking.attributes == {"seen": "after 3"}


def test_what_cannot_be_calculated_changes_nothing() -> None:
    node = {
        "type": "set",
        "values": {"a": "1", "b": "1 / int(a)"},
        "then": "one",
        "failed": "failed",
    }

    actions, walking = walk({"start": node}, a="0")

    assert actions == [ended("failed")]
    assert walking.faults[0].startswith("test.start: '1 / int(a)': division by zero")


@pytest.mark.parametrize(("is_open", "end"), [(True, "one"), (False, "two")])
def test_opening_hours_are_asked_for_when_the_caller_is_there(is_open: bool, end: str) -> None:
    node = {"type": "calendar", "calendar": "office", "open": "one", "closed": "two"}

    actions, _ = walk({"start": node}, CalendarSays(is_open))

    assert actions == [LookAtCalendar("office", node="start"), ended(end)]


WHO: Nodes = {
    "start": {"type": "customer", "known": "greet", "unknown": "two"},
    "greet": {"type": "play", "prompt": "hello", "then": "one"},
}


def test_a_customer_who_is_known_is_called_by_name() -> None:
    prompts = {"hello": {"zh": "{customer_name:text}，您好。"}}
    data = {"name": "test", "start": "start", "languages": ["zh"], "prompts": prompts}
    walking = Walk(Flow.model_validate({**data, "nodes": WHO | ENDS}))

    actions = [
        walking.advance(answer) for answer in (None, Recognised({"customer_name": "王芳"}), Said())
    ]

    hello = Say((Prompt("hello", "zh", ("王芳",)),), node="greet")
    assert actions == [Recognise(node="start"), hello, ended("one")]
    assert "王芳" not in repr(actions)
    assert walking.attributes == {}


def test_who_is_not_known_goes_another_way() -> None:
    actions, _ = walk(WHO, Recognised())

    assert actions == [Recognise(node="start"), ended("two")]


LANGUAGE: dict[str, Any] = {
    "type": "language",
    "prompt": "choose",
    "choices": {"1": "zh", "2": "en"},
    "then": "one",
    "otherwise": "two",
}


@pytest.mark.parametrize(
    ("key", "language", "end"), [("1", "zh", "one"), ("2", "en", "one"), ("7", "zh", "two")]
)
def test_a_language_is_chosen_in_all_of_them(key: str, language: str, end: str) -> None:
    actions, walking = walk({"start": LANGUAGE}, key)

    both = (Prompt("choose", "zh"), Prompt("choose", "en"))
    assert actions == [Ask(both, node="start"), ended(end)]
    assert walking.language == language


def test_who_presses_nothing_goes_on_in_the_first_language() -> None:
    actions, walking = walk({"start": LANGUAGE}, NoInput())

    assert actions[-1] == ended("two")
    assert walking.language == "zh"
