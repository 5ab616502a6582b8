"""Messages that callers leave: what they press after the tone, and what becomes of the message."""

from pathlib import Path

import pytest

from ivr.actions import Action, Answer, Ask, Digits, HangUp, NoInput, Prompt, Said, Say
from ivr.errors import FlowInvalid
from ivr.flow import check, load, parse
from ivr.journeys import load_journeys
from ivr.messages import (
    DropMessage,
    KeepMessage,
    Mailbox,
    MessageDropped,
    MessageKept,
    MessagePlayed,
    NotRecorded,
    PlayMessage,
    Record,
    Recorded,
)
from ivr.travelling import walk_all
from ivr.walk import STEPS_A_CALL, Walk

FLOW = """
languages: [en]
start: leave
prompts:
  leave: {en: After the tone.}
  review: {en: To keep it press one.}
  wrong: {en: No such key.}
nodes:
  leave:
    type: voicemail
    mailbox: sales
    subject: "Message from {caller_number}"
    attributes: {topic: "asked at {dialled_number}"}
    prompt: leave
    max_seconds: 60
    silence: 3
    min_seconds: 2
    then: kept
    silent: nothing
    failed: broken
    review: {prompt: review, invalid: wrong, discarded: dropped, choices: {"0": person}}
  person: {type: queue, queue: sales}
  kept: {type: hang_up, reason: kept}
  nothing: {type: hang_up, reason: nothing}
  broken: {type: hang_up, reason: broken}
  dropped: {type: hang_up, reason: dropped}
"""
RECORD = Record(
    max_seconds=60,
    silence=3,
    min_seconds=2,
    terminator="#",
    kept_if_hung_up=True,
    mailbox=Mailbox("sales", "Message from 139", 0, {"topic": "asked at 1000"}),
    node="leave",
)
SAID, RECORDED, PLAYED = Said(), Recorded("m1", 12.5), MessagePlayed()
LEAVE = Say((Prompt("leave", "en"),), True, node="leave")
REVIEW = Ask((Prompt("review", "en"),), timeout=5.0, node="leave")


def walked(*answers: Answer | None, flow: str = FLOW) -> tuple[list[Action], Walk]:
    walk = Walk(parse(flow, "mail.yaml"), {"caller_number": "139", "dialled_number": "1000"})
    return [walk.advance(answer) for answer in [None, *answers]], walk


def test_a_message_is_heard_again_and_kept_by_its_key() -> None:
    actions, _ = walked(SAID, RECORDED, PLAYED, Digits("1"), MessageKept("m1"))

    asked = [LEAVE, RECORD, PlayMessage(node="leave"), REVIEW, KeepMessage(node="leave")]
    assert actions == [*asked, HangUp("kept", node="kept")]


def test_who_says_nothing_to_the_review_keeps_the_message() -> None:
    actions, _ = walked(SAID, RECORDED, PLAYED, NoInput())

    assert actions[-1] == KeepMessage(node="leave")


def test_another_one_is_recorded_in_its_stead_after_the_same_words() -> None:
    actions, _ = walked(SAID, RECORDED, PLAYED, Digits("2"), SAID, RECORDED)

    assert actions[4:] == [LEAVE, RECORD, PlayMessage(node="leave")]


@pytest.mark.parametrize(("key", "target"), [("3", "dropped"), ("0", "person")])
def test_by_any_other_key_of_the_review_it_is_thrown_away_first(key: str, target: str) -> None:
    actions, walk = walked(SAID, RECORDED, PLAYED, Digits(key), MessageDropped(target))

    assert actions[4] == DropMessage(target, node="leave")
    assert walk.path == ["leave", target]


def test_a_wrong_key_asks_again_without_playing_it_again() -> None:
    actions, _ = walked(SAID, RECORDED, PLAYED, Digits("7"))

    assert actions[-1] == Ask(
        (Prompt("wrong", "en"), Prompt("review", "en")), timeout=5.0, node="leave"
    )


@pytest.mark.parametrize(("reason", "end"), [("silent", "nothing"), ("failed", "broken")])
def test_what_is_no_message_has_a_way_of_its_own(reason: str, end: str) -> None:
    actions, _ = walked(SAID, NotRecorded(reason))

    assert actions[-1] == HangUp(end, node=end)


def test_a_message_that_could_not_be_kept_after_all_is_a_failure() -> None:
    actions, _ = walked(SAID, RECORDED, PLAYED, Digits("1"), NotRecorded("failed"))

    assert actions[-1] == HangUp("broken", node="broken")


@pytest.mark.parametrize("key", ["2", "7"])
def test_who_presses_on_and_on_has_left_a_message_in_the_end(key: str) -> None:
    _, walk = walked()
    replies: dict[type[Action], Answer] = {
        Say: SAID,
        Record: RECORDED,
        PlayMessage: PLAYED,
        Ask: Digits(key),
    }
    action, steps = walk.advance(SAID), 0
    while not isinstance(action, KeepMessage):
        action, steps = walk.advance(replies[type(action)]), steps + 1
        assert steps < STEPS_A_CALL

    assert walk.advance(MessageKept("m1")) == HangUp("kept", node="kept")


def test_a_recording_without_review_is_kept_at_once_and_its_id_is_a_value() -> None:
    flow = """
languages: [en]
start: leave
nodes:
  leave: {type: record, keep: complaint, hung_up: discard, then: shown, silent: end, failed: end}
  shown: {type: queue, queue: sales, attributes: {complaint: "{complaint}"}}
  end: {type: hang_up}
"""
    actions, walk = walked(RECORDED, MessageKept("m1"), flow=flow)

    [record, keep, _] = actions
    assert isinstance(record, Record)
    assert (record.mailbox, record.kept_if_hung_up) == (None, False)
    assert keep == KeepMessage(node="leave")
    assert walk.attributes == {"complaint": "m1"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("mailbox: sales", "mailbox: nobody", "mail.yaml:11: node 'leave': unknown queue 'nobody'"),
        (
            "{caller_number}",
            "{account}",
            "mail.yaml:12: node 'leave': nothing collects '{account}'",
        ),
        ("silent: nothing", "silent: nowhere", "mail.yaml:19: node 'leave': unknown target"),
        ('{"0": person}', '{"1": person}', "mail.yaml:21: node 'leave': review: key '1' means"),
        ("max_seconds: 60", "max_seconds: 601", "mail.yaml:15: node 'leave': max_seconds: "),
        ("prompt: review,", "prompt: revue,", "mail.yaml:21: node 'leave': unknown prompt 'revue'"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_line(old: str, new: str, told: str) -> None:
    text = FLOW.replace(old, new)
    assert text != FLOW
    try:
        problems = check(parse(text, "mail.yaml"), queues={"sales"})
    except FlowInvalid as error:
        problems = list(error.problems)

    assert any(str(problem).startswith(told) for problem in problems), problems


def test_the_flow_as_it_stands_is_right() -> None:
    assert check(parse(FLOW, "mail.yaml"), queues={"sales"}) == []


JOURNEYS: list[tuple[str, str]] = [
    ("- {records: 12.5}\n    - {hears: review, presses: '1'}\n    - {hang_up: kept}", ""),
    ("- {records: 12.5}\n    - {hears: review, presses: '3'}\n    - {hang_up: dropped}", ""),
    (
        "- {records: 9}\n    - {hears: review, presses: '2'}\n    - {hears: leave}\n"
        "    - {records: 7}\n    - {hears: review}\n    - {hang_up: kept}",
        "",
    ),
    ("- {says_nothing: true}\n    - {hang_up: nothing}", ""),
    ("- {records: 1.9}\n    - {hang_up: nothing}", ""),
    ("- {hang_up: nothing}", "mail.yaml:6: node 'leave': 'x': the flow records: give"),
    ("- {hears: review}\n    - {hang_up: kept}", "mail.yaml:6: node 'leave': 'x': the flow rec"),
    (
        "- {says_nothing: true}\n    - {hang_up: kept}",
        "mail.yaml:7: node 'nothing': 'x': the flow hangs up",
    ),
]


@pytest.mark.parametrize(("steps", "told"), JOURNEYS)
def test_journeys_record_or_say_nothing(tmp_path: Path, steps: str, told: str) -> None:
    outcome = travelled(tmp_path, steps)

    assert outcome == told or (told and outcome.startswith(told)), outcome


def test_a_journey_may_meet_a_full_disk(tmp_path: Path) -> None:
    assert travelled(tmp_path, "- {hang_up: broken}", "given: {disk_full: true}") == ""


def travelled(folder: Path, steps: str, given: str = "given: {}") -> str:
    """The journey's fault, if it has one; the recording's prompt is heard before ``steps``."""
    flow, book = folder / "flow.yaml", folder / "mail.yaml"
    flow.write_text(f"name: mail\n{FLOW}", encoding="utf-8")
    book.write_text(
        f"journeys:\n  - name: x\n    {given}\n    walk:\n    - {{hears: leave}}\n    {steps}\n",
        encoding="utf-8",
    )
    [outcome] = walk_all(load(flow), load_journeys(book))
    return str(outcome.fault or "").replace(f"{folder}/", "")
