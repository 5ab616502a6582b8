"""Flows for who reads and types: what is read, what is offered, what an answer comes to."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cti_server.self_service.values import in_region
from ivr.actions import Ask, Digits, Enqueue, HangUp, NoInput, NotUnderstood, Spoken
from ivr.checker import check_in_writing
from ivr.errors import FlowInvalid
from ivr.flow import Flow, load, parse
from ivr.inquiries import FirstRow, LookUp, OpenTicket, TicketOpened
from ivr.journeys import load_journeys
from ivr.nodes import Option
from ivr.reading import Asked, Reader, answer_of, ends_in_silence
from ivr.texts import SayAs, Slot
from ivr.travelling import walk_all
from ivr.vocabulary import Vocabulary
from ivr.walk import Walk

SHIPPED = Path(__file__).parents[2] / "config" / "flows"
say = in_region("CN")

FLOW = """
languages: [zh, en]
start: welcome
person_key: "0"
prompts:
  welcome: {zh: {text: "您好,英语请按九", written: 您好}}
  wish:
    zh: {text: "报修请按一", written: "您要什么?"}
    en: {text: "Press one", written: "What is it?"}
  account: {zh: 请输入账号, en: Your account number}
  pin: {zh: 请输入密码, en: Your PIN}
  told:
    zh:
      text: "余额{balance:money},截至{as_of:date}"
      written: "{as_of:date}的余额:{balance:money}"
    en: "On {as_of:date} it is {balance:money}"
  recorded: {zh: {text: 会被录音, written: ""}, en: {text: It is recorded, written: ""}}
nodes:
  welcome:
    type: menu
    prompt: welcome
    choices: {"9": {go_to: wish, language: en}, "0": person}
    wait_in_writing: false
    attempts: 1
    otherwise: wish
  wish:
    type: menu
    prompt: wish
    choices: {"1": account, "2": wish, "0": person}
    labels: {"1": {zh: 查询余额, en: My balance}, "0": {zh: 人工服务, en: A person}}
    attempts: 2
    otherwise: person
  account:
    type: collect
    prompt: account
    attribute: account
    min_digits: 8
    max_digits: 8
    exit_keys: {"*": person}
    then: pin
    otherwise: person
  pin:
    type: collect
    prompt: pin
    attribute: pin
    secret: true
    min_digits: 4
    max_digits: 6
    then: found
    otherwise: person
  found:
    type: look_up
    look_up: balance
    values: {account: "{account}", pin: "{pin}"}
    keep: {balance: balance, as_of: as_of}
    then: told
    none: person
    failed: person
  told: {type: play, prompt: [told, recorded], then: end}
  end: {type: hang_up}
  person: {type: queue, queue: service}
"""


def reader(flow: Flow, wish: str | None = None) -> Reader:
    return Reader(Walk(flow), say, wish)


def asked(then: object) -> Asked:
    assert isinstance(then, Asked)
    return then


def test_a_flow_is_read_and_answered_to_its_end() -> None:
    customer = reader(parse(FLOW, "read.yaml"))

    begun = customer.advance()
    account = customer.typed("查询余额")
    pin = customer.typed("1234-5678 ")
    look_up = customer.typed("123456")
    told = customer.advance(FirstRow({"balance": "1234.5", "as_of": "2026-11-22"}))

    assert begun.texts == ["您好", "您要什么?"]
    assert asked(begun.then).options == [Option("1", "查询余额"), Option("0", "人工服务")]
    assert not asked(begun.then).open
    assert (account.texts, asked(account.then).open) == (["请输入账号"], True)
    assert asked(account.then).keys == (8, 8)
    assert asked(pin.then).secret
    assert isinstance(look_up.then, LookUp)
    assert told.texts == ["2026年11月22日的余额:1,234.50元"]
    assert told.then == HangUp("completed", node="end")
    assert customer.walk.path == ["welcome", "wish", "account", "pin", "found", "told", "end"]


def test_who_has_named_a_language_reads_nothing_else() -> None:
    customer = reader(parse(FLOW, "read.yaml"), "en")

    begun = customer.advance()

    assert begun.texts == ["What is it?"]
    assert [one.label for one in asked(begun.then).options] == ["My balance", "A person"]
    assert customer.walk.left[0].way == "9"


def test_wrong_answers_are_asked_again_and_lead_where_wrong_keys_lead() -> None:
    customer = reader(parse(FLOW, "read.yaml"))
    customer.advance()

    again, person = customer.typed("什么?"), customer.typed("7")

    assert again.texts == ["您要什么?"]
    assert isinstance(person.then, Enqueue)


def question(*options: Option, ask: Ask | None = None, more: bool = False) -> Asked:
    return Asked("", options, more, False, (1, 1), ask or Ask(()))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("1", Digits("1")),
        (" 1 ", Digits("1")),
        ("\uff11", Digits("1")),  # full width
        ("report", Digits("1")),
        ("REPORT  A FAULT", Digits("1")),
        ("report a fault", Digits("1")),
        ("人工", Digits("0")),
        ("", NoInput()),
        (" \n", NoInput()),
        ("no idea", NotUnderstood()),
        ("12345678901234567890", Digits("12345678901234567890")),  # nothing is cut off
    ],
)
def test_what_a_typed_line_comes_to(line: str, answer: object) -> None:
    options = [Option("1", "Report a fault"), Option("1", "report"), Option("0", "人工")]

    assert answer_of(question(*options), line) == answer


def test_the_key_that_ends_an_entry_may_be_typed_and_a_phrase_is_as_said() -> None:
    ended = question(ask=Ask((), max_digits=9, terminator="#"), more=True)
    spoken = question(ask=Ask((), vocabulary=Vocabulary("en", (("bill", "my bill"),))))

    assert answer_of(ended, "500#") == Digits("500")
    assert answer_of(spoken, "My bill") == Spoken("bill")


@pytest.mark.parametrize(
    ("value", "kind", "zh", "en"),
    [
        ("12.5", SayAs.MONEY, "12.50元", "12.50 CNY"),
        ("1234567 USD", SayAs.MONEY, "1,234,567.00 USD", "1,234,567.00 USD"),
        ("1234567", SayAs.NUMBER, "1,234,567", "1,234,567"),
        ("2026-11-02", SayAs.DATE, "2026年11月2日", "2 November 2026"),
        ("17:05", SayAs.TIME, "17:05", "17:05"),
        ("PT1H30M", SayAs.DURATION, "1小时30分钟", "1 hour 30 minutes"),
        ("22", SayAs.ORDINAL, "第22", "22nd"),
        ("113", SayAs.ORDINAL, "第113", "113th"),
        ("F-1000236", SayAs.LETTERS, "F-1000236", "F-1000236"),
        ("0012", SayAs.DIGITS, "0012", "0012"),
        ("075586012345", SayAs.PHONE, "0755 8601 2345", "0755 8601 2345"),
        ("海德路 8 号", SayAs.TEXT, "海德路 8 号", "海德路 8 号"),
        ("no sum", SayAs.MONEY, "no sum", "no sum"),
        ("2026-02-30", SayAs.DATE, "2026-02-30", "2026-02-30"),
    ],
)
def test_values_as_people_write_them(value: str, kind: SayAs, zh: str, en: str) -> None:
    slot = Slot("value", kind)

    assert (say(value, slot, "zh"), say(value, slot, "en")) == (zh, en)


def problems(text: str) -> Sequence[str]:
    with pytest.raises(FlowInvalid) as caught:
        parse(text, "wrong.yaml")
    return [problem.message for problem in caught.value.problems]


def test_a_label_of_no_answer_or_of_no_language_is_told() -> None:
    wrong = FLOW.replace('labels: {"1"', 'labels: {"7": {zh: 没有}, "1": {de: Nein}, "2"')

    assert problems(wrong) == ["'de' is not among the flow's languages", "'7' is no answer here"]


def test_what_is_read_shows_no_value_that_is_not_said() -> None:
    wrong = FLOW.replace("written: 您好", 'written: "{pin}"')

    assert any("written: '{pin}' is not in the text" in one for one in problems(wrong))


def test_a_recording_without_words_is_nothing_to_read(tmp_path: Path) -> None:
    heard = parse(FLOW.replace('{text: 会被录音, written: ""}', "{wav: told.wav}"), "heard.yaml")
    read = parse(
        FLOW.replace('{text: 会被录音, written: ""}', "{wav: told.wav, written: 会}"), "read.yaml"
    )

    assert [one.message for one in check_in_writing(heard)] == [
        "prompt 'recorded' cannot be read: give 'written'"
    ]
    assert check_in_writing(read) == []


JOURNEYS = """
journeys:
  - name: typed
    given: {look_ups: {balance: {row: {balance: "1", as_of: "2026-11-22"}}}}
    walk:
      - hears: welcome
      - {hears: wish, types: 查询余额}
      - {hears: account, types: "12345678"}
      - {hears: pin, types: "1234"}
      - hears: [told, recorded]
      - hang_up: completed
  - name: typed where nothing is asked
    given: {look_ups: {balance: {row: {balance: "1", as_of: "2026-11-22"}}}}
    walk:
      - hears: welcome
      - {hears: wish, types: "1"}
      - {hears: account, types: "12345678"}
      - {hears: pin, types: "1234"}
      - {hears: [told, recorded], types: ok}
      - hang_up: completed
"""


def test_journeys_may_be_typed(tmp_path: Path) -> None:
    file = tmp_path / "journeys.yaml"
    file.write_text(JOURNEYS, encoding="utf-8")

    typed, astray = walk_all(parse(FLOW, "read.yaml"), load_journeys(file))

    assert typed.fault is None
    assert astray.fault is not None
    assert "nothing is asked here: no line is typed" in astray.fault.message


def test_the_shipped_fault_report_is_the_same_in_writing() -> None:
    customer = reader(load(SHIPPED / "fault.yaml"), "en")
    customer.advance()
    customer.typed("Report a fault")
    customer.typed("12345678")
    code = customer.advance(FirstRow({"account": "12345678", "address": "Haide Road 8"}))
    ticket = customer.typed("No internet")
    told = customer.advance(TicketOpened("F-1000236"))

    assert "press" not in "".join(code.texts)
    assert Option("03", "No internet") in asked(code.then).options
    assert isinstance(ticket.then, OpenTicket)
    assert ticket.then.fields["fault_code"] == "03"
    assert told.texts == ["Your fault has been recorded under the number F-1000236."]


SILENCE = """
languages: [en]
start: told
prompts: {told: {en: Told}}
nodes:
  told: {type: menu, prompt: told, choices: {"1": told, "0": person}, otherwise: OTHERWISE}
  bye: {type: hang_up}
  unserved: {type: hang_up, serves: false}
  ticket: {type: ticket, ticket: fault, subject: Fault, then: bye, failed: bye}
  person: {type: queue, queue: service}
"""


@pytest.mark.parametrize(
    ("otherwise", "ends"),
    [("bye", True), ("unserved", False), ("ticket", False), ("person", False)],
)
def test_who_is_silent_was_served_where_the_flow_ends_by_itself_and_nothing_is_done(
    otherwise: str, ends: bool
) -> None:
    """That is tried out on a walk of its own."""
    text = SILENCE.replace("OTHERWISE", otherwise)
    missing = {"unserved", "ticket", "bye"} - {
        otherwise,
        *(["bye"] if otherwise == "ticket" else []),
    }
    lines = [line for line in text.splitlines() if line.strip().split(":")[0] not in missing]
    customer = reader(parse("\n".join(lines), "silence.yaml"))
    customer.advance()

    assert ends_in_silence(customer.walk) is ends
    assert customer.walk.path == ["told"]
    assert asked(customer.typed("1").then)
