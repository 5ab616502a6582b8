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


ASKING = """\
languages: [en]
start: ask
prompts: {ask: {en: 'Which?'}}
nodes:
  ask: {type: menu, prompt: ask, choices: {1: back}, otherwise: back}
  back: {type: return}
"""


def with_part(folder: Path, nodes: str, part: str = ASKING, head: str = "") -> list[str]:
    """What is wrong with a flow of these nodes, which walks through that part."""
    text = f"languages: [en]\nstart: part\n{head}nodes:\n"
    (folder / "main.yaml").write_text(
        f"{text}  part: {{type: flow, flow: account, then: more}}\n{nodes}"
    )
    (folder / "account.yaml").write_text(part)
    try:
        load(folder / "main.yaml")
    except FlowInvalid as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


def test_a_menu_in_a_part_has_a_way_to_a_person_in_the_flow_around_it(folder: Path) -> None:
    on = "  more: {type: queue, queue: desk}\n"
    end = "  more: {type: hang_up}\n"

    assert with_part(folder, on) == []
    assert with_part(folder, end) == ["main.yaml:4: node 'part': no way to a person"]


def test_the_key_for_a_person_is_promised_in_parts_too(folder: Path) -> None:
    on, head = "  more: {type: queue, queue: desk}\n", "person_key: '0'\n"
    key = ASKING.replace("{1: back}", "{1: back, 0: back}")
    late = (
        "prompts: {p: {en: 'Which?'}}\n",
        "  more: {type: menu, prompt: p, choices: {0: q}, otherwise: q}\n",
    )
    queue = "  q: {type: queue, queue: desk}\n"

    told = ["account.yaml:5: node 'ask': key 0 does not lead to a person"]
    assert with_part(folder, on, head=head) == told
    assert with_part(folder, on, key, head) == []
    assert with_part(folder, late[1] + queue, key, head + late[0]) == told


def test_a_key_may_lead_to_a_person_over_whatever_does_not_ask(folder: Path) -> None:
    nodes = """\
  more: {type: menu, prompt: p, choices: {0: who}, otherwise: who}
  who: {type: customer, known: open, unknown: desk}
  open: {type: calendar, calendar: office, open: desk, closed: later}
  desk: {type: queue, queue: desk}
  later: {type: queue, queue: later}
"""
    quiet = "languages: [en]\nstart: back\nnodes:\n  back: {type: return}\n"
    head = "person_key: '0'\nprompts: {p: {en: 'Which?'}}\n"

    assert with_part(folder, nodes, quiet, head) == []
    closed = nodes.replace("later: {type: queue, queue: later}", "later: {type: hang_up}")
    assert with_part(folder, closed, quiet, head) == [
        "main.yaml:7: node 'more': key 0 does not lead to a person"
    ]


def test_a_part_may_calculate_for_the_flow_around_it(folder: Path) -> None:
    part = """\
languages: [en]
start: judge
nodes:
  judge: {type: set, values: {vip: "true"}, then: back, failed: back}
  back: {type: return}
"""
    nodes = """\
  more: {type: branch, cases: [{when: vip, go_to: desk}], otherwise: desk}
  desk: {type: queue, queue: desk}
"""

    assert with_part(folder, nodes, part) == []


def test_a_part_that_returns_only_by_a_key_makes_no_silent_ring(folder: Path) -> None:
    part = """\
languages: [en]
start: ask
prompts: {ask: {en: 'Again?'}}
nodes:
  ask: {type: menu, prompt: ask, choices: {1: back}, otherwise: desk}
  back: {type: return}
  desk: {type: queue, queue: desk}
"""
    ring = "  more: {type: flow, flow: account, then: part}\n"

    assert with_part(folder, ring, part) == []
    silent = part.replace("otherwise: desk", "otherwise: back").replace("{1: back}", "{1: desk}")
    assert with_part(folder, ring, silent) == [
        "main.yaml:4: node 'part': goes round without a key press: part -> more -> part"
    ]


def test_a_part_that_changes_no_language_asks_for_no_more_prompts(folder: Path) -> None:
    both = ASKING.replace("[en]", "[en, zh]").replace("{en: 'Which?'}", "{en: 'Which?', zh: 哪个}")
    nodes = "  more: {type: play, prompt: p, then: desk}\n  desk: {type: queue, queue: desk}\n"
    head = "prompts: {p: {en: Thanks}}\n"

    def told(part: str) -> list[str]:
        problems = with_part(folder, nodes, part, head)
        text = (folder / "main.yaml").read_text().replace("languages: [en]", "languages: [en, zh]")
        (folder / "main.yaml").write_text(text)
        assert problems  # it speaks another language than the flow around it, as yet
        try:
            load(folder / "main.yaml")
        except FlowInvalid as error:
            return [str(one).replace(f"{folder}/", "") for one in error.problems]
        return []

    assert told(both) == []
    assert told(both.replace("1: back", "1: {go_to: back, language: zh}")) == [
        "main.yaml:6: node 'more': prompt 'p' is missing in 'zh'"
    ]


def test_a_broken_part_is_told_and_nothing_is_guessed_of_the_flow_around_it(folder: Path) -> None:
    on = "  more: {type: queue, queue: desk, attributes: {x: '{account_number}'}}\n"

    assert with_part(folder, on, ASKING.replace("1: back", "1: bakc")) == [
        "account.yaml:5: node 'ask': unknown target 'bakc'"
    ]
