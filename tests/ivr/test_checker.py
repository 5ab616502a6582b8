"""Faults planted in a sound flow: each is told with its file, line and node, and nothing else."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import SHIPPED
from ivr.actions import Enqueue, NoInput
from ivr.errors import FlowInvalid, Problem
from ivr.flow import check, load, parse
from ivr.inquiries import CalendarSays, LookAtCalendar
from ivr.nodes import AnyNode
from ivr.walk import Walk
from tests.sizes import examples

SOUND = """\
languages: [zh, en]
start: main
prompts:
  ask: {zh: 请按键, en: Press a key}
  account: {zh: 请输入账号, en: Enter your account}
  hint: {en: Nine}
nodes:
  main:
    type: menu
    prompt: [ask, {name: hint, language: en}]
    choices:
      1: sales
      2: number
      9: {go_to: main, language: en}
      0: person
    otherwise: bye
  number:
    type: collect
    prompt: account
    attribute: account_number
    min_digits: 4
    max_digits: 8
    then: sales
    otherwise: bye
  bye:
    type: play
    prompt: ask
    then: end
  end: {type: hang_up}
  sales:
    type: queue
    queue: sales
    attributes: {summary: "account {account_number}"}
  person: {type: transfer, target: "sip:{dialled_number}@desk"}
"""


TYPES = ", ".join(
    f"'{kind.model_fields['type'].default}'" for kind in get_args(get_args(AnyNode)[0])
)


def problems(text: str, file: str = "main.yaml") -> list[str]:
    with pytest.raises(FlowInvalid) as raised:
        parse(text, file)
    assert str(raised.value) == "\n".join(str(problem) for problem in raised.value.problems)
    return [str(problem) for problem in raised.value.problems]


def planted(*changes: tuple[str, str]) -> list[str]:
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} must be there once"
        text = text.replace(old, new)
    return problems(text)


def test_the_sound_flow_is_sound() -> None:
    assert check(parse(SOUND, "main.yaml"), {"sales"}) == []


def test_ways_back_from_a_queue_are_checked_like_all_others() -> None:
    assert planted(
        ("    queue: sales\n", '    queue: sales\n    closed: night\n    exits: {"12": main}\n'),
    ) == [
        "main.yaml:34: node 'sales': exits.12: '12' does not match ^[0-9*#A-D]$",
    ]
    assert planted(
        (
            "    queue: sales\n",
            "    queue: sales\n    full: night\n    waited: {after: 30, go_to: x}\n",
        )
    ) == [
        "main.yaml:33: node 'sales': unknown target 'night'",
        "main.yaml:34: node 'sales': unknown target 'x'",
    ]
    assert planted(
        ("    queue: sales\n", "    queue: sales\n    waited: {after: 0.5, go_to: bye}\n")
    ) == ["main.yaml:33: node 'sales': waited.after: input should be greater than or equal to 1"]
    assert planted(
        ("    queue: sales\n", "    queue: sales\n    nobody: person\n"),
        ('"sip:{dialled_number}@desk"}', '"sip:{dialled_number}@desk", failed: sales}'),
    ) == [
        f"main.yaml:{line}: node '{node}': may send a caller on to itself, without a word between"
        for line, node in [(30, "sales"), (35, "person")]
    ]


def test_a_flow_has_the_name_of_its_file_unless_it_says_another() -> None:
    assert parse(SOUND, "config/After Hours.yaml").name == "after-hours"
    assert parse("name: night\n" + SOUND, "x.yaml").name == "night"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # where arrows lead
        ("start: main", "start: mian", "main.yaml:2: start: unknown target 'mian'"),
        ("1: sales", "1: salse", "main.yaml:12: node 'main': unknown target 'salse'"),
        ("{go_to: main,", "{go_to: mian,", "main.yaml:14: node 'main': unknown target 'mian'"),
        ("then: end", "then: ende", "main.yaml:28: node 'bye': unknown target 'ende'"),
        (
            "max_digits: 8\n",
            "max_digits: 8\n    exit_keys:\n      '*': nowhere\n",
            "main.yaml:24: node 'number': unknown target 'nowhere'",
        ),
        ("      2: number\n", "", "main.yaml:16: node 'number': unreachable from 'main'"),
        # prompts
        (
            "prompt: account",
            "prompt: acount",
            "main.yaml:19: node 'number': unknown prompt 'acount'",
        ),
        (
            "{zh: 请输入账号, en: Enter your account}",
            "{zh: 请输入账号}",
            "main.yaml:19: node 'number': prompt 'account' is missing in 'en'",
        ),
        (
            "{name: hint, language: en}",
            "hint",
            "main.yaml:10: node 'main': prompt 'hint' is missing in 'zh'",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: Nine, fr: Neuf}",
            "main.yaml:6: prompt 'hint': 'fr' is not among the flow's languages",
        ),
        # languages and values
        (
            "queue: sales\n",
            "queue: sales\n    language_skills:\n      fr: {french: 1}\n",
            "main.yaml:34: node 'sales': 'fr' is not among the flow's languages",
        ),
        (
            "{account_number}",
            "{acount}",
            "main.yaml:33: node 'sales': nothing collects '{acount}'",
        ),
        (
            "{dialled_number}",
            "{x}{}",
            "main.yaml:34: node 'person': nothing collects '{x}'\n"
            "main.yaml:34: node 'person': nothing collects '{}'",
        ),
        (
            "min_digits: 4",
            "min_digits: 4\n    secret: true",
            "main.yaml:34: node 'sales': '{account_number}' would show a secret",
        ),
        (
            "    attribute: account_number",
            "    attribute: caller_number",
            "main.yaml:20: node 'number': attribute 'caller_number' is taken by the call\n"
            "main.yaml:33: node 'sales': nothing collects '{account_number}'",
        ),
        # ways through
        (
            "then: end\n",
            "then: main\n",
            "main.yaml:8: node 'main': goes round without a key press: main -> bye -> main\n"
            "main.yaml:29: node 'end': unreachable from 'main'",
        ),
        (
            "start: main",
            "start: main\nperson_key: '8'",
            "main.yaml:12: node 'main': key 8 does not lead to a person\n"
            "main.yaml:18: node 'number': neither an exit key nor 'otherwise' leads to a person",
        ),
        (
            "start: main",
            "start: main\nperson_key: '2'",
            "main.yaml:12: node 'main': key 2 does not lead to a person\n"
            "main.yaml:18: node 'number': neither an exit key nor 'otherwise' leads to a person",
        ),
        # the schema
        (
            "otherwise: bye\n  number",
            "otherwis: bye\n  number",
            "main.yaml:8: node 'main': missing key 'otherwise'\n"
            "main.yaml:16: node 'main': unknown key 'otherwis'",
        ),
        (
            "{go_to: main, l",
            "{goto: main, l",
            "main.yaml:14: node 'main': missing key 'choices.9.go_to'\n"
            "main.yaml:14: node 'main': unknown key 'choices.9.goto'",
        ),
        (
            "{name: hint, l",
            "{name: hint, lang: zh, l",
            "main.yaml:10: node 'main': unknown key 'prompt.1.lang'",
        ),
        ("start: main", "start: main\nstrat: x", "main.yaml:3: unknown key 'strat'"),
        (
            "hint: {en: Nine}",
            "hint: {en: {txt: Nine}}",
            "main.yaml:6: unknown key 'prompts.hint.en.txt'",
        ),
        (
            "type: collect",
            "type: colect",
            "main.yaml:17: node 'number': unknown type 'colect'; there are " + TYPES,
        ),
        ("    type: collect\n", "", "main.yaml:17: node 'number': missing key 'type'"),
        ("  end: {type: hang_up}", "  end: hang_up", "main.yaml:29: node 'end': must be a mapping"),
        (
            "0: person",
            "00: person",
            "main.yaml:15: node 'main': choices.00: '00' does not match ^[0-9*#A-D]$",
        ),
        (
            "0: person",
            "9: person",
            "main.yaml:15: node 'main': choices.9: given twice\n"
            "main.yaml:34: node 'person': unreachable from 'main'",
        ),
        (
            "attribute: account_number",
            "attribute:",
            "main.yaml:20: node 'number': attribute: has no value (a bare '#' begins a comment)",
        ),
        (
            "min_digits: 4",
            "min_digits: 9",
            "main.yaml:17: node 'number': min_digits is greater than max_digits",
        ),
        (
            "min_digits: 4",
            "min_digits: four",
            "main.yaml:21: node 'number': min_digits: input should be a valid integer",
        ),
        (
            "min_digits: 4",
            "min_digits: 4\n    timeout: 900",
            "main.yaml:22: node 'number': timeout: input should be less than or equal to 120",
        ),
        (
            "min_digits: 4",
            "min_digits: 4\n    pattern: '(('",
            "main.yaml:17: node 'number': pattern '((' is not a regular expression",
        ),
        (
            "min_digits: 4",
            "min_digits: 4\n    exit_keys: {'#': person}",
            "main.yaml:17: node 'number': key '#' is both the terminator and an exit key",
        ),
        (
            "languages: [zh, en]",
            "languages: [zh, en, zh]",
            "main.yaml:1: languages: names a language twice",
        ),
        (
            "prompt: account",
            "prompt: []",
            "main.yaml:19: node 'number': prompt: "
            "value should have at least 1 item after validation, not 0",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: {wav: ../x.wav}}",
            "main.yaml:6: prompts.hint.en.wav: must be a path below the flow file's folder",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: {wav: /x.wav}}",
            "main.yaml:6: prompts.hint.en.wav: must be a path below the flow file's folder",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: {wav: x.wav, text: Nine}}",
            "main.yaml:6: prompts.hint.en: give either 'text' or 'wav'",
        ),
        (
            "queue: sales\n",
            "queue: sales\n    skills: {selling: 11}\n",
            "main.yaml:33: node 'sales': skills.selling: input should be less than or equal to 10",
        ),
        (
            "  end: {type: hang_up}",
            "  End: {type: hang_up}",
            "main.yaml:29: node 'End': 'End' does not match ^[a-z][a-z0-9_]{0,63}$",
        ),
        (
            "prompt: account",
            "prompt: {nam: account}",
            "main.yaml:19: node 'number': missing key 'prompt.name'\n"
            "main.yaml:19: node 'number': unknown key 'prompt.nam'",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: {wav: 5}}",
            "main.yaml:6: prompts.hint.en.wav: must be a path below the flow file's folder",
        ),
        (
            "hint: {en: Nine}",
            "hint: {en: ''}",
            "main.yaml:6: prompts.hint.en.text: string should have at least 1 character",
        ),
    ],
)
def test_a_planted_fault_is_told_where_it_is(old: str, new: str, told: str) -> None:
    assert planted((old, new)) == told.split("\n")


def test_faults_in_what_is_written_are_told_all_at_once() -> None:
    assert planted(
        ("start: main", "start: main\nperson_keys: 0"),
        ("0: person", "9: person"),
        ("attribute: account_number", "attribute: #"),
        ("type: play", "type: pray"),
        ("queue: sales\n", "queue: 7\n"),
    ) == [
        "main.yaml:3: unknown key 'person_keys'",
        "main.yaml:16: node 'main': choices.9: given twice",
        "main.yaml:21: node 'number': attribute: has no value (a bare '#' begins a comment)",
        "main.yaml:26: node 'bye': unknown type 'pray'; there are " + TYPES,
        "main.yaml:33: node 'sales': queue: input should be a valid string",
    ]


def test_faults_in_what_is_meant_are_told_all_at_once() -> None:
    assert planted(
        ("hint: {en: Nine}", "hint: {zh: 九}"),
        ("2: number", "2: end"),
        ("then: end", "then: main"),
    ) == [
        "main.yaml:8: node 'main': goes round without a key press: main -> bye -> main",
        "main.yaml:10: node 'main': prompt 'hint' is missing in 'en'",
        "main.yaml:17: node 'number': unreachable from 'main'",
    ]


def test_unknown_targets_are_told_together_but_what_lies_behind_them_is_not_guessed() -> None:
    assert planted(
        ("start: main", "start: mian"), ("then: sales", "then: x"), ("then: end", "then: y")
    ) == [
        "main.yaml:2: start: unknown target 'mian'",
        "main.yaml:23: node 'number': unknown target 'x'",
        "main.yaml:28: node 'bye': unknown target 'y'",
    ]


def test_a_prompt_is_only_needed_in_the_languages_that_are_spoken_where_it_is_played() -> None:
    text = SOUND.replace("      9: {go_to: main, language: en}\n", "")
    text = text.replace("{zh: 请输入账号, en: Enter your account}", "{zh: 请输入账号}")

    assert check(parse(text, "main.yaml")) == []


def test_unknown_queues_are_told_only_when_the_queues_are_known() -> None:
    flow = parse(SOUND, "main.yaml")

    assert check(flow) == []
    assert check(flow, {"sale"}) == [
        Problem("main.yaml", 32, "sales", "unknown queue 'sales'"),
    ]


def test_unknown_calendars_are_told_only_when_the_calendars_are_known() -> None:
    hours = "{type: calendar, calendar: office, open: sales, closed: bye}"
    text = SOUND.replace("1: sales", "1: hours") + f"  hours: {hours}\n"
    flow = parse(text, "main.yaml")

    assert check(flow) == check(flow, calendars={"office"}) == []
    assert check(flow, calendars={"shop"}) == [
        Problem("main.yaml", 35, "hours", "there is no working calendar 'office'"),
    ]


def test_a_flow_without_a_person_says_so_wherever_it_asks() -> None:
    told = problems(
        """\
languages: [en]
start: hello
prompts: {p: {en: Hello}}
nodes:
  hello: {type: play, prompt: p, then: ask}
  ask: {type: menu, prompt: p, choices: {1: number, 2: bye}, otherwise: bye}
  number:
    type: collect
    prompt: p
    attribute: number
    min_digits: 1
    max_digits: 4
    then: bye
    otherwise: bye
  bye: {type: hang_up}
"""
    )

    assert told == [
        "main.yaml:5: node 'hello': no way to a person",
        "main.yaml:6: node 'ask': no way to a person",
        "main.yaml:7: node 'number': no way to a person",
    ]


def test_a_menu_behind_the_last_way_to_a_person_is_a_trap() -> None:
    assert planted(
        ("otherwise: bye\n  number", "otherwise: trap\n  number"),
        ("  end: {type: hang_up}\n", ""),
        (
            "  bye:\n    type: play\n    prompt: ask\n    then: end\n",
            "  bye: {type: hang_up}\n"
            "  trap: {type: menu, prompt: ask, choices: {1: bye}, otherwise: bye}\n",
        ),
    ) == ["main.yaml:26: node 'trap': no way to a person"]


def test_the_person_key_may_lead_over_announcements_but_not_over_questions() -> None:
    keyed = SOUND.replace("start: main", "start: main\nperson_key: '0'")
    keyed = keyed.replace("max_digits: 8", "max_digits: 8\n    exit_keys: {'*': person}")
    announced = keyed.replace("0: person", "0: soon")
    announced += "  soon: {type: play, prompt: ask, then: person}\n"
    asked = announced.replace(
        "soon: {type: play, prompt: ask, then: person}",
        ("soon: {type: menu, prompt: ask, choices: {0: person}, otherwise: person}"),
    )

    assert check(parse(keyed, "main.yaml")) == []
    assert check(parse(announced, "main.yaml")) == []
    assert problems(asked) == ["main.yaml:12: node 'main': key 0 does not lead to a person"]


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        (
            ["a: {type: play, prompt: p, then: a}"],
            ["f.yaml:5: node 'a': goes round without a key press: a -> a"],
        ),
        (
            [
                "a: {type: menu, prompt: p, choices: {1: q}, otherwise: b}",
                "b: {type: play, prompt: p, then: c}",
                "c: {type: menu, prompt: p, choices: {1: q}, otherwise: b}",
            ],
            ["f.yaml:6: node 'b': goes round without a key press: b -> c -> b"],
        ),
        (
            [
                "a: {type: menu, prompt: p, choices: {1: b, 2: c, 0: q}, otherwise: q}",
                "b: {type: play, prompt: p, then: b}",
                "c: {type: play, prompt: p, then: c}",
            ],
            [
                "f.yaml:6: node 'b': goes round without a key press: b -> b",
                "f.yaml:7: node 'c': goes round without a key press: c -> c",
            ],
        ),
        (["a: {type: menu, prompt: p, choices: {1: a, 0: q}, otherwise: q}"], []),
    ],
)
def test_a_loop_that_needs_no_key_is_found_and_one_that_does_is_allowed(
    nodes: list[str], told: list[str]
) -> None:
    lines = [*nodes, "q: {type: queue, queue: q}"]
    text = "languages: [en]\nstart: a\nprompts: {p: {en: Hello}}\nnodes:\n"
    text += "".join(f"  {line}\n" for line in lines)
    if told:
        assert [line for line in problems(text, "f.yaml") if "goes round" in line] == told
    else:
        assert check(parse(text, "f.yaml")) == []


def test_a_secret_may_not_be_collected_openly_elsewhere() -> None:
    assert planted(
        ('{summary: "account {account_number}"}', "{topic: sales}"),
        (
            "  bye:\n",
            "  pin: {type: collect, prompt: account, attribute: account_number, secret: true,"
            " min_digits: 4, max_digits: 6, then: sales, otherwise: bye}\n  bye:\n",
        ),
        ("2: number\n", "2: number\n      3: pin\n"),
    ) == ["main.yaml:21: node 'number': attribute 'account_number' is a secret elsewhere"]


def test_a_flow_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("start: caf\xe9".encode("latin-1"))
    broken = tmp_path / "broken.yaml"
    broken.write_text("start: [\n")

    def told(path: Path) -> str:
        with pytest.raises(FlowInvalid) as raised:
            load(path)
        return str(raised.value)

    assert told(missing) == f"{missing}:1: cannot be read: No such file or directory"
    assert told(tmp_path) == f"{tmp_path}:1: cannot be read: Is a directory"
    assert told(latin) == f"{latin}:1: is not UTF-8 text"
    assert told(broken).startswith(f"{broken}:2: not YAML: ")


def test_a_sound_file_is_found_beside_its_flow_or_missed(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(SOUND.replace("hint: {en: Nine}", "hint: {en: {wav: prompts/nine.wav}}"))
    sound = tmp_path / "prompts" / "nine.wav"

    with pytest.raises(FlowInvalid) as raised:
        load(path)
    assert str(raised.value) == f"{path}:6: prompt 'hint': no file {sound}"

    sound.parent.mkdir()
    sound.write_bytes(b"RIFF")
    assert load(path).prompts["hint"]["en"].wav == sound


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(SOUND, encoding="utf-8-sig")

    assert load(path).start == "main"


CLOSED = load(SHIPPED / "flows" / "closed.yaml")
MAIN_LINES = (SHIPPED / "flows" / "main.yaml").read_text().splitlines()
numbers = st.integers(0, len(MAIN_LINES) - 1)


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_a_flow_edited_to_nonsense_is_refused_with_lines_or_still_leads_out(
    data: st.DataObject,
) -> None:
    lines = list(MAIN_LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        at, other = data.draw(numbers), data.draw(numbers)
        match data.draw(st.sampled_from(["drop", "copy", "swap", "indent", "cut"])):
            case "drop":
                lines[at] = ""
            case "copy":
                lines[at] = lines[other]
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "indent":
                lines[at] = "  " + lines[at]
            case "cut":
                lines[at] = lines[at][: len(lines[at]) // 2]
    try:
        flow = parse("\n".join(lines), "main.yaml", {"closed": CLOSED}.get)
    except FlowInvalid as error:
        told = error.problems
    else:
        told = []
        walk, answer = Walk(flow), None
        for _ in range(60):
            end = walk.advance(answer)
            answer = CalendarSays(is_open=True) if isinstance(end, LookAtCalendar) else NoInput()
        assert isinstance(end, Enqueue)
    assert all(1 <= problem.line <= len(lines) + 1 for problem in told)
