"""Nodes that ask other systems: what they ask with, what they keep, and where each answer leads."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ivr.actions import Answer, Digits, Enqueue, HangUp, Prompt
from ivr.answers import NotKept, Selection
from ivr.errors import FlowInvalid
from ivr.flow import check, parse
from ivr.inquiries import Answered, AskSystem, FirstRow, LookUp, Refused, Unanswered
from ivr.journeys import load_journeys
from ivr.systems import Askable, Systems
from ivr.travelling import walk_all
from ivr.walk import Walk

PIN = "90374615"
FLOW = """\
languages: [zh, en]
start: account
prompts:
  account: {zh: 账号, en: Account}
  pin: {zh: 密码, en: PIN}
  moment: {zh: "账号{account:digits}，请稍候", en: "One moment, {account:digits}"}
nodes:
  account:
    type: collect
    prompt: account
    attribute: account
    min_digits: 4
    max_digits: 4
    exit_keys: {"*": desk}
    then: pin
    otherwise: desk
  pin:
    type: collect
    prompt: pin
    attribute: pin
    secret: true
    min_digits: 8
    max_digits: 8
    then: balance
    otherwise: desk
  balance:
    type: request
    connector: bank
    operation: balance
    values: {account: "{account}", pin: "{pin}", channel: 7, note: "{caller_number}"}
    keep: {sum: balance.amount, due: "due || ''"}
    prompt: moment
    within: 4
    then: tariff
    refused: refused
    failed: failed
  tariff:
    type: look_up
    look_up: tariffs
    values: {account: "{account}"}
    keep: {tariff: name}
    then: desk
    none: none
    failed: failed
  desk: {type: queue, queue: desk, attributes: {told: "{sum} {due} {tariff}"}}
  refused: {type: hang_up, reason: refused}
  failed: {type: hang_up, reason: failed}
  none: {type: hang_up, reason: none}
"""
GOOD = Answered({"balance": {"amount": 12.5}, "due": None})
TARIFF = FirstRow({"name": "Gold"})


def walk(*answers: Answer) -> tuple[Any, Walk]:
    walking = Walk(parse(FLOW, "balance.yaml"), {"caller_number": ""})
    walking.advance()
    action: Any = None
    for answer in (Digits("4711"), Digits(PIN), *answers):
        action = walking.advance(answer)
    return action, walking


def test_a_system_is_asked_with_what_the_caller_pressed_and_the_caller_hears_something() -> None:
    asked, walking = walk()

    assert asked == AskSystem(
        "bank",
        "balance",
        {"account": "4711", "pin": SecretStr(PIN), "channel": "7"},  # who calls is not known
        within=4.0,
        prompts=(Prompt("moment", "zh", ("4711",)),),
        node="balance",
    )
    assert PIN not in repr(asked)
    assert walking.attributes == {"account": "4711"}


def test_what_the_answers_say_is_known_from_then_on() -> None:
    asked, _ = walk(GOOD)
    assert asked == LookUp("tariffs", {"account": "4711"}, within=10.0, node="tariff")

    action, walking = walk(GOOD, TARIFF)
    assert isinstance(action, Enqueue)
    assert action.attributes == {"account": "4711", "told": "12.5  Gold"}
    assert walking.faults == []
    assert PIN not in repr(vars(walking))


@pytest.mark.parametrize(
    ("answers", "end", "fault"),
    [
        ([Refused()], "refused", None),
        ([Unanswered("bank.balance: gone")], "failed", "balance.balance: bank.balance: gone"),
        ([Answered({})], "failed", "balance.balance: 'balance.amount': is not in the answer"),
        ([GOOD, FirstRow(None)], "none", None),
        ([GOOD, Unanswered("tariffs: slow")], "failed", "balance.tariff: tariffs: slow"),
        (
            [GOOD, FirstRow({"name": None})],
            "failed",
            "balance.tariff: 'name': is not in the answer",
        ),
    ],
)
def test_each_way_that_it_can_go_leads_somewhere(
    answers: list[Answer], end: str, fault: str | None
) -> None:
    action, walking = walk(*answers)

    assert isinstance(action, HangUp)
    assert action.reason == end
    assert walking.faults == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("path", "answer", "value"),
    [
        ("a", {"a": "text"}, "text"),
        ("a", {"a": 12.5}, 12.5),
        ("a", {"a": 2**53 - 1}, 2**53 - 1),
        ("a", {"a": True}, True),
        ("a || 'none'", {"a": None}, "none"),
        ("bills[?!paid].amount | [0]", {"bills": [{"paid": True}, {"amount": 3}]}, 3),
        ("length(bills)", {"bills": [1, 2]}, 2),
        ("at", {"at": datetime(2026, 11, 22, 9, tzinfo=UTC)}, "2026-11-22T09:00:00+00:00"),
    ],
)
def test_texts_numbers_and_truths_are_kept(path: str, answer: Any, value: Any) -> None:
    assert Selection(path).of(answer) == value


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("a", {}),
        ("a", {"a": None}),
        ("a", {"a": ["x"]}),
        ("a", {"a": {"b": 1}}),
        ("a", {"a": 2**53}),
        ("a", {"a": 10**400}),
        ("a", {"a": float("inf")}),
        ("a", {"a": float("nan")}),
        ("a", {"a": "x" * 1001}),
        ("a", {"a": "x\x00"}),
        ("a", ["no", "object"]),
        ("avg(a)", {"a": ["x"]}),
        ("join(', ', a)", {"a": 7}),
        ("contains(a, `1`)", {"a": "x"}),
        ("ceil(to_number(a))", {"a": "nan"}),
        ("ceil(to_number(a))", {"a": "inf"}),
    ],
)
def test_what_a_flow_cannot_hold_is_refused_and_not_cut(path: str, answer: Any) -> None:
    with pytest.raises(NotKept) as refused:
        Selection(path).of(answer)
    assert str(refused.value).startswith(f"'{path}': ")


SYSTEMS = Systems(
    {
        "bank": {
            "balance": Askable(
                takes=["account", "pin", "channel", "note"],
                needs=["account", "pin"],
                gives=["balance", "due"],
                in_address=["account"],
            )
        }
    },
    {"tariffs": Askable(takes=["account"], needs=["account"], gives=["name"])},
)


def test_a_flow_that_asks_what_there_is_has_no_fault() -> None:
    assert check(parse(FLOW, "balance.yaml"), systems=SYSTEMS) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("connector: bank", "connector: bunk", "28: node 'balance': unknown connector 'bunk'"),
        (
            "operation: balance",
            "operation: transfer",
            "29: node 'balance': connector 'bank' has no operation 'transfer'",
        ),
        (
            "channel: 7",
            "way: 7",
            "30: node 'balance': takes no value 'way'",
        ),
        ('pin: "{pin}", ', "", "30: node 'balance': value 'pin' is missing"),
        (
            '{account: "{account}", pin: "{pin}"',
            '{account: "{account}{pin}", pin: "{pin}"',
            "30: node 'balance': '{pin}' would be a part of an address, which is no secret",
        ),
        ("sum: balance.amount", "sum: total", "31: node 'balance': 'balance' gives no 'total'"),
        ("look_up: tariffs", "look_up: tarifs", "39: node 'tariff': unknown look-up 'tarifs'"),
        (
            "{tariff: name}",
            "{tariff: title}",
            "41: node 'tariff': 'tariffs' has no column 'title'",
        ),
    ],
)
def test_what_a_system_does_not_know_is_told_with_its_line(old: str, new: str, told: str) -> None:
    assert old in FLOW
    flow = parse(FLOW.replace(old, new), "balance.yaml")

    assert [str(problem) for problem in check(flow, systems=SYSTEMS)] == [f"balance.yaml:{told}"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('told: "{sum}', 'told: "{pin} {sum}', "45: node 'desk': '{pin}' would show a secret"),
        ("{account:digits}", "{pin:digits}", "6: '{pin}' would show a secret"),
        (
            "sum: balance.amount",
            "sum: 'balance['",
            "31: node 'balance': keep.sum: 'balance[' is no JMESPath",
        ),
        (
            "keep: {tariff: name}",
            "keep: {pin: name}",
            "41: node 'tariff': attribute 'pin' is a secret elsewhere",
        ),
        ("within: 4", "within: 61", "33: node 'balance': within: input should be less than"),
        ("{tariff: name}", "{tariff: name, extra: x}", "41: node 'tariff': nothing reads 'extra'"),
        (
            'values: {account: "{account}"}',
            'values: {account: "{a}"}',
            "40: node 'tariff': nothing",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    assert old in FLOW
    with pytest.raises(FlowInvalid) as refused:
        parse(FLOW.replace(old, new), "balance.yaml")
    assert f"balance.yaml:{told}" in str(refused.value)


JOURNEYS = """\
journeys:
  - name: told
    given:
      requests:
        bank.balance:
          answer: {balance: {amount: 12.5}}
          asked: {account: "4711", pin: "90374615", channel: "7"}
      look_ups: {tariffs: {row: {name: Gold}}}
    walk:
      - hears: account
        presses: "4711"
      - hears: pin
        presses: "90374615"
      - queue: desk
        attributes: {account: "4711", told: "12.5  Gold"}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", None),
        ('channel: "7"', 'channel: "8"', "'bank.balance' is asked with {account: 4711, channel: 7"),
        ("answer: {balance", "answer: {bilance", "the flow hangs up: failed"),
        ("{row: {name: Gold}}", "none", "the flow hangs up: none"),
        ("{row: {name: Gold}}", "[failed, none]", "the flow hangs up: failed"),
        (
            "look_ups: {tariffs: {row: {name: Gold}}}",
            "look_ups: {}",
            "given.look_ups does not say what 'tariffs' says the first time",
        ),
    ],
)
def test_a_journey_says_what_other_systems_say(
    tmp_path: Path, old: str, new: str, told: str | None
) -> None:
    file = tmp_path / "balance.yaml"
    file.write_text(JOURNEYS.replace(old, new) if old else JOURNEYS, encoding="utf-8")
    [one] = walk_all(parse(FLOW, "balance.yaml"), load_journeys(file))

    assert (one.fault is None) == (told is None)
    assert (told or "") in str(one.fault)
    if told is None:
        assert Prompt("moment", "zh", ("4711",)) in one.heard


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("{row: {name: Gold}, none: true}", "give one of 'failed', 'none', 'row'"),
        ("lost", "unknown key 'journeys.0.given.look_ups.tariffs.lost'"),
        ("[]", "given.look_ups.tariffs: value should have at least 1 item"),
    ],
)
def test_a_journey_gives_one_thing_at_a_time(tmp_path: Path, new: str, told: str) -> None:
    file = tmp_path / "balance.yaml"
    file.write_text(JOURNEYS.replace("{row: {name: Gold}}", new), encoding="utf-8")

    with pytest.raises(FlowInvalid) as refused:
        load_journeys(file)
    assert "balance.yaml:8: " in str(refused.value)
    assert told in str(refused.value)
