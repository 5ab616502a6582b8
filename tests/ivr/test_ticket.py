"""A flow opens a ticket: what it says of it, and what is refused before anybody calls."""

from pathlib import Path

import pytest

from ivr.actions import Digits, HangUp, Said, Say
from ivr.errors import FlowInvalid
from ivr.flow import check, parse
from ivr.inquiries import OpenTicket, TicketOpened
from ivr.journeys import load_journeys
from ivr.ticket_forms import TicketForm
from ivr.travelling import walk_all
from ivr.walk import Walk

FLOW = """\
languages: [en]
start: account
prompts:
  account: {en: "Your account?"}
  thanks: {en: "Your number is {ticket_number:letters}."}
nodes:
  account:
    type: collect
    prompt: account
    attribute: account
    min_digits: 4
    max_digits: 4
    then: fault
    otherwise: fault
  fault:
    type: ticket
    ticket: fault
    subject: "Fault, account {account}"
    description: "reported from {caller_number}"
    fields: {account: "{account}", fault_code: "7"}
    priority: high
    queue: repair
    keep: ticket_number
    then: thanks
    failed: desk
  thanks: {type: play, prompt: thanks, then: bye}
  bye: {type: hang_up}
  desk: {type: queue, queue: desk}
"""
FORM = TicketForm(["account", "fault_code", "place"])


def test_the_ticket_says_what_the_caller_typed_and_its_number_is_read_back() -> None:
    walk = Walk(parse(FLOW, "fault.yaml"), {"caller_number": "139"})
    walk.advance()
    wanted = OpenTicket(
        "fault",
        "Fault, account 4711",
        "reported from 139",
        {"account": "4711", "fault_code": "7"},
        "high",
        "repair",
        node="fault",
    )

    assert walk.advance(Digits("4711")) == wanted
    told = walk.advance(TicketOpened("F-1000236"))
    assert isinstance(told, Say)
    assert told.prompts[0].values == ("F-1000236",)
    assert walk.advance(Said()) == HangUp("completed", node="bye")


@pytest.mark.parametrize(
    ("serves", "number", "served"),
    [("true", "F-1", True), ("true", None, False), ("false", "F-1", False)],
)
def test_who_has_the_ticket_and_hangs_up_got_what_they_came_for(
    serves: str, number: str | None, served: bool
) -> None:
    flow = FLOW.replace("keep: ticket_number", f"serves: {serves}\n    keep: ticket_number")
    walk = Walk(parse(flow, "fault.yaml"))
    for answer in (None, Digits("4711"), TicketOpened(number)):
        walk.advance(answer)

    assert walk.served is served


def test_what_was_not_typed_is_left_out_and_what_fails_leads_elsewhere() -> None:
    walk = Walk(parse(FLOW, "fault.yaml"))
    walk.advance()
    for _ in range(3):
        wanted = walk.advance()

    assert isinstance(wanted, OpenTicket)
    assert (wanted.fields, wanted.description) == ({"fault_code": "7"}, "reported from ")
    walk.advance(TicketOpened(None))
    assert walk.path[-1] == "desk"


def test_the_callers_message_and_whose_ticket_it_is_come_from_values() -> None:
    text = FLOW.replace(
        "    priority: high\n", '    customer: "{owner}"\n    attach: said\n'
    ).replace("then: fault\n    otherwise", "then: known\n    otherwise")
    known = (
        "  known: {type: set, values: {owner: '\"c7\"', said: '\"r9\"'}, "
        "then: fault, failed: fault}\n"
    )
    walk = Walk(parse(text.replace("  thanks: {type", known + "  thanks: {type"), "fault.yaml"))
    walk.advance()
    wanted = walk.advance(Digits("4711"))

    assert isinstance(wanted, OpenTicket)
    assert (wanted.customer, wanted.recording) == ("c7", "r9")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{account}", "{acount}", "fault.yaml:18: node 'fault': nothing collects '{acount}'"),
        (
            "priority: high",
            "attach: said",
            "fault.yaml:21: node 'fault': nothing collects '{said}'",
        ),
        ("priority: high", "priority: top", "fault.yaml:21: node 'fault': priority: "),
        ("keep: ticket_number", "keep: caller_number", "fault.yaml:23: node 'fault': attribute"),
    ],
)
def test_what_nothing_stands_behind_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(FlowInvalid) as raised:
        parse(FLOW.replace(old, new, 1), "fault.yaml")

    assert any(str(problem).startswith(told) for problem in raised.value.problems)


@pytest.mark.parametrize(
    ("queues", "tickets", "told"),
    [
        ({"desk", "repair"}, {"fault": FORM}, []),
        ({"desk"}, {"fault": FORM}, ["fault.yaml:22: node 'fault': unknown queue 'repair'"]),
        (
            {"desk", "repair"},
            {"complaint": FORM},
            ["fault.yaml:17: node 'fault': there is no ticket type 'fault'"],
        ),
        (
            {"desk", "repair"},
            {"fault": TicketForm(["account"], ["place"])},
            [
                "fault.yaml:20: node 'fault': "
                "tickets of the type 'fault' have no field 'fault_code'",
                "fault.yaml:20: node 'fault': tickets of the type 'fault' need the field 'place'",
            ],
        ),
        ({"desk", "repair"}, {"fault": TicketForm(None)}, []),
    ],
)
def test_a_ticket_that_nobody_could_open_is_told_at_its_line(
    queues: set[str], tickets: dict[str, TicketForm], told: list[str]
) -> None:
    flow = parse(FLOW, "fault.yaml")

    assert [str(problem) for problem in check(flow, queues, tickets=tickets)] == told


def test_journeys_say_which_number_it_gets(tmp_path: Path) -> None:
    file = tmp_path / "fault.yaml"
    hears = "{hears: account, presses: '4711'}"
    ends = "{hears: {name: thanks, values: [F-1]}}, {hang_up: completed}"
    file.write_text(
        "journeys:\n"
        f"  - {{name: x, given: {{tickets: {{fault: F-1}}}}, walk: [{hears}, {ends}]}}\n"
        f"  - {{name: y, given: {{tickets: {{fault: false}}}}, walk: [{hears}, {{queue: desk}}]}}\n"
        f"  - {{name: z, walk: [{hears}, {ends}]}}\n"
    )
    faults = [one.fault for one in walk_all(parse(FLOW, "f.yaml"), load_journeys(file))]

    assert faults[:2] == [None, None]
    assert "given.tickets does not say which number a 'fault' gets" in str(faults[2])
