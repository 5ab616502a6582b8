"""Callers who come back into the flow from a queue, or from a number where nobody picked up."""

from pathlib import Path

import pytest

from ivr.actions import Digits, Enqueue, HangUp, LeftQueue, NotConnected, Said, Transfer, Ways
from ivr.flow import check, parse
from ivr.inquiries import CallBackPromised, PromiseCallBack
from ivr.journeys import load_journeys
from ivr.travelling import walk_all
from ivr.walk import Walk

FLOW = parse(
    """\
languages: [en]
start: sales
prompts: {still: {en: You are still in the line.}}
nodes:
  sales:
    type: queue
    queue: sales
    attributes: {wish: a bicycle}
    exits: {"1": still, "#": desk}
    full: desk
    waited: {after: 60, go_to: still}
  still: {type: play, prompt: still, then: sales}
  desk: {type: transfer, target: "4711", failed: bye, ring_for: 20}
  bye: {type: hang_up, reason: nobody}
""",
    "sales.yaml",
)
BACK = Ways(frozenset("1#"), full=True, waited=60.0)


def test_the_walk_goes_on_at_the_way_and_what_is_no_way_changes_nothing() -> None:
    walk = Walk(FLOW)
    waits = walk.advance()

    assert waits == Enqueue("sales", attributes={"wish": "a bicycle"}, back=BACK, node="sales")
    for odd in (None, Said(), LeftQueue("2"), LeftQueue("closed"), LeftQueue(""), NotConnected()):
        assert walk.advance(odd) is waits
    walk.advance(LeftQueue("1"))
    assert walk.path == ["sales", "still"]
    assert walk.advance(Said()) == waits
    assert walk.advance(LeftQueue("full")) == Transfer("4711", True, 20.0, node="desk")
    assert walk.advance(LeftQueue("full")) == Transfer("4711", True, 20.0, node="desk")
    assert walk.advance(NotConnected()) == HangUp("nobody", node="bye")
    assert walk.attributes == {"wish": "a bicycle"}


def test_who_waits_with_patience_is_not_taken_for_one_who_gets_nowhere() -> None:
    walk = Walk(FLOW)
    for _ in range(150):
        assert isinstance(walk.advance(), Enqueue)
        walk.advance(LeftQueue("waited"))
        walk.advance(Said())

    assert isinstance(walk.advance(), Enqueue)


def test_a_call_back_is_promised_at_the_number_that_was_typed_or_at_the_callers(
    tmp_path: Path,
) -> None:
    flow = parse(
        """\
languages: [en, zh]
start: ask
prompts: {number: {en: "Your number?", zh: 您的号码？}}
nodes:
  ask: {type: collect, prompt: number, attribute: phone, then: there, otherwise: here,
        min_digits: 3, max_digits: 11, exit_keys: {"#": desk}, terminator: ""}
  there: {type: call_back, queue: sales, number: "+86{phone}", then: bye, failed: here}
  here: {type: call_back, queue: sales, priority: 9, skills: {a: 1},
         language_skills: {en: {b: 2}}, then: bye, failed: desk}
  desk: {type: queue, queue: desk}
  bye: {type: hang_up}
""",
        "later.yaml",
    )
    walk = Walk(flow)
    walk.advance()
    assert walk.advance(Digits("755")) == PromiseCallBack("sales", "+86755", node="there")
    own = PromiseCallBack("sales", None, 9, {"a": 1, "b": 2}, node="here")
    assert walk.advance(CallBackPromised(False)) == own
    assert walk.advance(CallBackPromised(True)) == HangUp("completed", node="bye")
    assert [problem.message for problem in check(flow, ["desk"])] == ["unknown queue 'sales'"] * 2
    file = tmp_path / "later.yaml"
    hears = "{hears: number, presses: '755'}"
    file.write_text(
        "journeys:\n"
        f"  - {{name: x, given: {{call_back: true}}, walk: [{hears}, {{hang_up: completed}}]}}\n"
        f"  - {{name: y, given: {{call_back: false}}, walk: [{hears}, {{queue: desk}}]}}\n"
        f"  - {{name: z, walk: [{hears}, {{queue: desk}}]}}\n"
    )
    faults = [one.fault for one in walk_all(flow, load_journeys(file))]
    assert faults[:2] == [None, None]
    assert "given.call_back does not say whether one can be promised" in str(faults[2])


@pytest.mark.parametrize(
    ("walk", "fault"),
    [
        ("{queue: sales, leaves: full}, {transfer: '4711'}", None),
        (
            "{queue: sales, leaves: '1'}, {hears: still}, {queue: sales, leaves: '#'}, "
            "{transfer: '4711', leaves: failed}, {hang_up: nobody}",
            None,
        ),
        (
            "{queue: sales, leaves: nobody}, {transfer: '4711'}",
            "nobody comes back from queue 'sales' by 'nobody'",
        ),
        (
            "{queue: sales, leaves: '#', attributes: {}}, {transfer: '4711'}",
            "the agent is shown {wish: a bicycle}",
        ),
    ],
)
def test_journeys_tell_by_which_way(tmp_path: Path, walk: str, fault: str | None) -> None:
    file = tmp_path / "sales.yaml"
    file.write_text(f"journeys: [{{name: x, walk: [{walk}]}}]")
    [one] = walk_all(FLOW, load_journeys(file))

    assert one.fault is None if fault is None else fault in str(one.fault)


def test_from_a_transfer_that_is_for_good_nobody_comes_back(tmp_path: Path) -> None:
    flow = parse('languages: [en]\nstart: a\nnodes:\n  a: {type: transfer, target: "1"}', "a.yaml")
    file = tmp_path / "a.yaml"
    file.write_text("journeys: [{name: x, walk: [{transfer: '1', leaves: failed}, {hang_up: x}]}]")
    [one] = walk_all(flow, load_journeys(file))

    assert "nobody comes back from '1'" in str(one.fault)
