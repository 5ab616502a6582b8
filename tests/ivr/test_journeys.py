"""Journeys: what a file of them may say, and what is told where a flow goes otherwise."""

from pathlib import Path

import pytest

from ivr.errors import FlowInvalid
from ivr.flow import parse
from ivr.journeys import load_journeys
from ivr.travelling import Outcome, walk_all

FLOW = """\
languages: [en, zh]
start: hours
prompts:
  ask: {en: "Your account?", zh: 您的账号？}
  thanks: {en: "Thank you, {account:digits}.", zh: "谢谢，{account:digits}。"}
nodes:
  hours: {type: calendar, calendar: office, open: who, closed: sorry}
  who: {type: customer, known: vip, unknown: ask}
  vip:
    type: branch
    cases: [{when: 'customer_tier == "gold"', go_to: desk, language: zh}]
    otherwise: ask
  ask:
    type: collect
    prompt: ask
    attribute: account
    min_digits: 2
    max_digits: 6
    exit_keys: {"*": desk}
    then: thanks
    otherwise: sorry
  thanks: {type: play, prompt: thanks, then: desk}
  desk: {type: queue, queue: desk}
  sorry: {type: hang_up, reason: sorry}
"""
WALK = """\
journeys:
  - name: the usual one
    given: {calendars: {office: true}}
    walk:
      - hears: ask
        language: en
        presses: "4711#"
      - hears: {name: thanks, values: ["4711"]}
      - queue: desk
        attributes: {account: "4711"}
"""


def walked(tmp_path: Path, journeys: str) -> list[Outcome]:
    file = tmp_path / "main.yaml"
    file.write_text(journeys)
    return list(walk_all(parse(FLOW, "flow.yaml"), load_journeys(file)))


def fault(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = WALK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    [one] = walked(tmp_path, text)
    return str(one.fault).replace(f"{tmp_path}/", "")


def test_a_journey_that_the_flow_takes_has_no_fault(tmp_path: Path) -> None:
    [one] = walked(tmp_path, WALK)

    assert one.arrived
    assert [visit.node for visit in one.visits] == ["hours", "who", "ask", "thanks", "desk"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            [("hears: ask", "hears: asks")],
            "main.yaml:5: node 'ask': 'the usual one': the flow asks ask (en)",
        ),
        (
            [("language: en", "language: zh")],
            "main.yaml:5: node 'ask': 'the usual one': the flow asks ask (en)",
        ),
        (
            [('values: ["4711"]', 'values: ["4712"]')],
            "main.yaml:8: node 'thanks': 'the usual one': the flow says thanks (en)",
        ),
        (
            [("queue: desk", "queue: sales")],
            "main.yaml:9: node 'desk': 'the usual one': the flow leads to queue 'desk'",
        ),
        (
            [('{account: "4711"}', "{}")],
            "main.yaml:9: node 'desk': 'the usual one': the agent is shown {account: 4711}",
        ),
        (
            [('"4711#"', '"4711#3"')],
            "main.yaml:5: node 'ask': 'the usual one': after '4711#' no more keys are asked for",
        ),
        (
            [('"4711"]}', '"4711"]}\n        presses: "1"')],
            "main.yaml:8: node 'thanks': 'the usual one': nothing is asked here: no key is pressed",
        ),
        (
            [("{office: true}", "{}")],
            "main.yaml:5: node 'hours': 'the usual one': "
            "given.calendars does not say whether 'office' is open",
        ),
        (
            [("office: true", "office: false")],
            "main.yaml:5: node 'sorry': 'the usual one': the flow hangs up: sorry",
        ),
        (
            [('        presses: "4711#"\n', "")],
            "main.yaml:7: node 'ask': 'the usual one': the flow asks ask (en)",
        ),
    ],
)
def test_the_first_thing_that_is_otherwise_is_told_with_its_line(
    tmp_path: Path, changes: list[tuple[str, str]], told: str
) -> None:
    assert fault(tmp_path, *changes) == told.replace(
        "main.yaml:8: node 'ask'", "main.yaml:7: node 'ask'"
    )


def test_who_calls_is_given_too(tmp_path: Path) -> None:
    [one] = walked(
        tmp_path,
        """
journeys:
  - name: a good customer
    given: {calendars: {office: true}, customer: {customer_tier: gold}}
    walk:
      - queue: desk
        attributes: {}
""",
    )

    assert one.arrived


@pytest.mark.parametrize(
    ("journeys", "told"),
    [
        ("journeys: []", "main.yaml:1: journeys: "),
        ("journeys:\n  - name: x\n    walk: []", "main.yaml:3: journeys.0.walk: "),
        (
            "journeys:\n  - name: x\n    walk: [{hears: a}]",
            "main.yaml:2: journeys.0: the last step, and no other, says where the caller ends",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{queue: a, hang_up: b}]",
            "main.yaml:3: journeys.0.walk.0: give one of 'hears', 'records', 'says_nothing', "
            "'queue', 'transfer', 'hang_up'",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{queue: a, presses: '1'}]",
            "main.yaml:3: journeys.0.walk.0: nobody presses keys where the flow ends",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{hears: a, presses: '1x'}, {queue: a}]",
            "main.yaml:3: journeys.0.walk.0.presses: '1x' does not match ^[0-9*#A-D]{0,64}$",
        ),
        (
            "journeys:\n  - name: x\n    speed: 3\n    walk: [{queue: a}]",
            "main.yaml:3: unknown key 'journeys.0.speed'",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{queue: a, leaves: closed}]",
            "main.yaml:2: journeys.0: the last step, and no other, says where the caller ends",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{hears: a, leaves: '1'}, {queue: a}]",
            "main.yaml:3: journeys.0.walk.0: 'leaves' is said of a queue or a transfer",
        ),
        (
            "journeys:\n  - name: x\n    walk: [{transfer: a, leaves: full}, {queue: a}]",
            "main.yaml:3: journeys.0.walk.0: a transfer is left by 'failed'",
        ),
        ("journeys: [", "main.yaml:1: not YAML: "),
    ],
)
def test_what_is_no_journey_is_refused_at_its_line(
    tmp_path: Path, journeys: str, told: str
) -> None:
    with pytest.raises(FlowInvalid) as raised:
        walked(tmp_path, journeys)

    assert str(raised.value.problems[0]).replace(f"{tmp_path}/", "").startswith(told)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FlowInvalid, match=r"gone\.yaml:1: cannot be read"):
        load_journeys(tmp_path / "gone.yaml")
