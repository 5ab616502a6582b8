"""Flows that walk through others, each a file beside theirs."""

from pathlib import Path

import pytest

from ivr.actions import Ask, Digits, Enqueue, HangUp, Prompt
from ivr.errors import FlowInvalid
from ivr.flow import Flow, load
from ivr.walk import Visit, Walk

MAIN = """\
languages: [en]
start: identify
nodes:
  identify: {type: flow, flow: account, then: desk}
  desk: {type: queue, queue: desk, attributes: {who: "account {account_number}"}}
"""
ACCOUNT = """\
languages: [en]
start: ask
prompts: {ask: {en: "Your account, {caller_number:phone}?"}}
nodes:
  ask:
    type: collect
    prompt: ask
    attribute: account_number
    min_digits: 4
    max_digits: 4
    then: done
    otherwise: gone
  done: {type: return}
  gone: {type: hang_up, reason: no-account}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.yaml").write_text(MAIN)
    (tmp_path / "account.yaml").write_text(ACCOUNT)
    return tmp_path


def flow(folder: Path, *changes: tuple[str, str], name: str = "main") -> Flow:
    for file in folder.glob("*.yaml"):
        text = file.read_text()
        for old, new in changes:
            text = text.replace(old, new)
        file.write_text(text)
    return load(folder / f"{name}.yaml")


def problems(folder: Path, *changes: tuple[str, str]) -> list[str]:
    with pytest.raises(FlowInvalid) as raised:
        flow(folder, *changes)
    return [str(problem).replace(f"{folder}/", "") for problem in raised.value.problems]


def test_the_caller_walks_through_the_part_and_comes_back_with_what_it_learnt(folder: Path) -> None:
    walk = Walk(flow(folder), {"caller_number": "13800001111"})

    actions = [walk.advance(), walk.advance(Digits("4711"))]

    prompt = Prompt("ask", "en", ("13800001111",))
    attributes = {"account_number": "4711", "who": "account 4711"}
    assert actions == [
        Ask((prompt,), 4, 4, "#", node="ask"),
        Enqueue("desk", attributes=attributes, node="desk"),
    ]
    assert walk.visits == [
        Visit("main", "identify"),
        Visit("account", "ask"),
        Visit("account", "done"),
        Visit("main", "desk"),
    ]


def test_a_part_that_a_number_leads_to_ends_when_it_would_return(folder: Path) -> None:
    walk = Walk(flow(folder, name="account"))

    assert [walk.advance(), walk.advance(Digits("4711"))][-1] == HangUp("completed", node="done")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            [("flow: account", "flow: acount")],
            ["main.yaml:4: node 'identify': unknown flow 'acount'"],
        ),
        (
            [("{type: return}", "{type: queue, queue: desk}")],
            ["main.yaml:4: node 'identify': flow 'account' never returns"],
        ),
        (
            [("languages: [en]\nstart: identify", "languages: [en, zh]\nstart: identify")],
            ["main.yaml:4: node 'identify': flow 'account' does not speak the same: 'zh'"],
        ),
        (
            [("start: ask", "start: ask\ntakes: [region]")],
            ["main.yaml:4: node 'identify': nothing collects '{region}'"],
        ),
        (
            [("{caller_number:phone}", "{region}")],
            ["account.yaml:3: nothing collects '{region}'"],
        ),
        (
            [("then: done", "then: nobody")],
            ["account.yaml:11: node 'ask': unknown target 'nobody'"],
        ),
        (
            [("  done: {type: return}", "  done: {type: flow, flow: main, then: gone}")],
            ["account.yaml:1: walks through itself: main -> account -> main"],
        ),
        (
            [("attribute: account_number", "attribute: account_number\n    secret: true")],
            ["main.yaml:5: node 'desk': '{account_number}' would show a secret"],
        ),
    ],
)
def test_what_does_not_fit_together_is_told(
    folder: Path, changes: list[tuple[str, str]], told: list[str]
) -> None:
    assert [one for one in problems(folder, *changes) if one in told] == told


def test_a_person_may_be_in_the_part(folder: Path) -> None:
    (folder / "main.yaml").write_text(
        MAIN.replace("then: desk", "then: end").rpartition("  desk:")[0]
        + "  end: {type: hang_up}\n"
    )

    assert problems(folder) == [
        "main.yaml:4: node 'identify': no way to a person",
    ]
    text = (folder / "account.yaml").read_text()
    text = text.replace("{type: hang_up, reason: no-account}", "{type: queue, queue: desk}")
    (folder / "account.yaml").write_text(text)
    assert flow(folder).parts.keys() == {"account"}
