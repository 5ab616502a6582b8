"""How nodes were left, as figures and pictures tell it."""

from typing import Any

import pytest

from ivr.actions import Answer, Digits, LeftQueue, NoInput, Said
from ivr.flow import Flow, parse
from ivr.picture import Seen, mermaid
from ivr.walk import Left, Walk

FLOW = """
name: line
languages: [en]
start: menu
prompts:
  menu: {en: Press one.}
nodes:
  menu:
    type: menu
    prompt: menu
    attempts: 2
    choices: {"1": number, "2": number, "3": hours, "4": part, "0": desk}
    otherwise: number
  number:
    type: collect
    prompt: menu
    attribute: account
    min_digits: 4
    max_digits: 4
    exit_keys: {"*": desk}
    then: desk
    otherwise: desk
  hours: {type: play, prompt: menu, serves: true, then: asked}
  asked:
    type: branch
    cases: [{when: 'caller_number == "1"', go_to: bye}, {when: 'caller_number == "2"', go_to: menu}]
    otherwise: menu
  part: {type: flow, flow: greeting, then: asked}
  desk: {type: queue, queue: 'sales "A"', closed: bye, exits: {"9": menu}}
  bye: {type: hang_up}
"""
GREETING = """
name: greeting
languages: [en]
start: back
nodes:
  back: {type: return}
"""
SILENCE = NoInput()


def line() -> Flow:
    return parse(FLOW, "line.yaml", lambda name: parse(GREETING, f"{name}.yaml"))


def walked(*answers: Answer | str, caller: str = "2") -> Walk:
    walk = Walk(line(), {"caller_number": caller})
    for answer in (None, *answers):
        walk.advance(Digits(answer) if isinstance(answer, str) else answer)
    return walk


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        (["2"], [Left("2", asked=1)]),
        (["7", "1"], [Left("1", asked=2, wrong=1)]),
        ([SILENCE, "7"], [Left("otherwise", asked=2, wrong=1, silent=1)]),
        (["1", "1234"], [Left("1", 1), Left("then", 1)]),
        (["1", "12", "*"], [Left("1", 1), Left("*", 2, wrong=1)]),
        (["1", SILENCE, SILENCE, SILENCE], [Left("1", 1), Left("otherwise", 3, silent=3)]),
        (["3", Said()], [Left("3", 1), Left("then"), Left("cases.1")]),
        (["4"], [Left("4", 1), Left("into"), Left("back"), Left("cases.1")]),
        (["0", LeftQueue("9"), "0", LeftQueue("closed")], [*"0909"]),
    ],
)
def test_each_node_is_left_by_a_way_and_what_was_typed_is_not_among_its_words(
    answers: list[Answer | str], left: list[Any]
) -> None:
    walk = walked(*answers)
    if left == [*"0909"]:
        assert [one.way for one in walk.left] == ["0", "9", "0", "closed"]
        return
    assert walk.left == left
    assert len(walk.visits) == len(walk.left) + 1


def test_who_is_still_asked_stands_with_what_was_answered_so_far() -> None:
    walk = walked("1", "12", SILENCE)

    assert (walk.path[-1], walk.here) == ("number", Left("", asked=2, wrong=1, silent=1))
    assert not walk.served
    assert walked("3").served is False  # it is being said
    assert walked("3", Said()).served is True


def test_the_picture_has_every_node_and_way_with_what_callers_did() -> None:
    seen = Seen(
        10, {"1": 4, "otherwise": 2, "3": 1}, 3, wrong=5, silent=1, inside=1, p50=2, p95=9.5
    )
    plain, counted = mermaid(line()), mermaid(line(), {("line", "menu"): seen})

    drawn = {name: f"n{n}" for n, name in enumerate(["back", *sorted(line().nodes)])}
    menu, number, desk = drawn["menu"], drawn["number"], drawn["desk"]
    assert f"start --> {menu}\n" in plain
    assert f'{menu} -- "1, 2, otherwise" --> {number}\n' in plain
    assert f'{drawn["part"]} -. "into" .-> {drawn["back"]}\n' in plain
    assert f'{desk} -- "9" --> {menu}\n{desk} -- "closed" --> {drawn["bye"]}\n' in plain
    assert f'{desk}(["desk #40;queue#41;<br/>sales #34;A#34;"]):::person\n' in plain
    assert 'subgraph part1["greeting"]\n' in plain
    assert f'{menu} -- "1: 4, 2: 0, otherwise: 2" --> {number}\n' in counted
    told = ("10 came, 1 here now", "3 hung up, 5 wrong keys, 1 silent", "stayed 2.0 s, 95 %: 9.5 s")
    assert "<br/>".join(told) in counted
    assert f"class {menu} lossy\n" in counted
    assert f'{desk}(["desk #40;queue#41;<br/>sales #34;A#34;<br/>0 came"])' in counted
