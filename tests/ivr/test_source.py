import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.settings import SHIPPED
from config.yaml_text import LOADER
from ivr import source
from ivr.source import MOST_CHARACTERS, SourceInvalid, read

FLOWS = SHIPPED / "flows"
NOTHING = "has no value (a bare '#' begins a comment)"


def fault(text: str) -> tuple[int, str]:
    with pytest.raises(SourceInvalid) as raised:
        read(text)
    [only] = raised.value.faults
    return only


def test_every_key_and_item_has_its_line() -> None:
    source = read("start: a\nnodes:\n  a:\n    prompt:\n      - x\n      - {name: y}\n")

    assert source.data == {"start": "a", "nodes": {"a": {"prompt": ["x", {"name": "y"}]}}}
    assert source.lines == {
        ("start",): 1,
        ("nodes",): 2,
        ("nodes", "a"): 3,
        ("nodes", "a", "prompt"): 4,
        ("nodes", "a", "prompt", 0): 5,
        ("nodes", "a", "prompt", 1): 6,
        ("nodes", "a", "prompt", 1, "name"): 6,
    }
    assert source.faults == []


def test_keys_are_text_whatever_yaml_makes_of_them() -> None:
    assert read("1: a\n08: b\nno: c\n1.50: d\n~: e\n").data == {
        "1": "a",
        "08": "b",
        "no": "c",
        "1.50": "d",
        "~": "e",
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-3", -3),
        ("1.5", 1.5),
        ("'5'", "5"),
        ("yes", True),
        ("off", False),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-01-01", "2026-01-01"),
        ("<<", "<<"),
        ("=", "="),
        ("9" * 400, "9" * 400),
    ],
)
def test_a_value_is_a_number_only_where_a_person_would_read_one(
    written: str, value: object
) -> None:
    data = read(f"key: {written}").data

    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_a_key_given_twice_is_a_fault_and_the_first_one_counts() -> None:
    source = read("a: {x: 1,\n  x: 2}\na: 3\n")

    assert source.faults == [
        (2, ("a", "x"), "given twice"),
        (3, ("a",), "given twice"),
    ]
    assert source.data == {"a": {"x": 1}}


def test_an_empty_value_is_a_fault_because_a_hash_may_have_been_meant() -> None:
    source = read("a:\n  terminator: #\n  b: ~\n  c: [x, ]\n")

    assert source.faults == [
        (2, ("a", "terminator"), NOTHING),
        (3, ("a", "b"), NOTHING),
    ]
    assert source.data == {"a": {"c": ["x"]}}


@pytest.mark.parametrize(
    "value",
    ["!!python/object/apply:os.system [ls]", "!!python/name:os.system ''", "!x y", "!!set {a}"],
)
def test_tags_are_refused(value: str) -> None:
    [(line, place, message)] = read(f"a: 1\nb: {value}\n").faults

    assert (line, place) == (2, ("b",))
    assert message.endswith("is not allowed")


def test_a_key_that_is_a_list_is_refused() -> None:
    assert read("a:\n  ? [x, y]\n  : 1\n").faults == [(2, ("a",), "a key must be plain text")]


def test_an_alias_stands_for_what_it_names() -> None:
    assert read("a: &x {k: v}\nb: *x\n").data == {"a": {"k": "v"}, "b": {"k": "v"}}


def test_aliases_of_aliases_cannot_grow_without_bound() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    _, message = fault("\n".join(lines))

    assert message == "too much, or an alias inside itself"


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}"])
def test_an_alias_inside_itself_is_refused(text: str) -> None:
    assert fault(text) == (1, "too much, or an alias inside itself")


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "a: " + "{b: " * 5000, "- " * 5000])
def test_bottomless_nesting_is_refused(text: str) -> None:
    assert fault(text) == (1, "nested more than 20 levels deep")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not YAML: expected ',' or ']', but got ':'"),
        ("a: 1\n\tb: 2\n", 2, "not YAML: found character '\\t' that cannot start any token"),
        ("a: *nobody\n", 1, "not YAML: found undefined alias 'nobody'"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML: but found another document"),
        ("a: 1\nb: \x00\n", 2, "a character that YAML does not allow"),
        ('a: "\\UFFFFFFFF"\n', 1, "an escape that names no character"),
        ("", 1, "a flow is a mapping with 'start', 'prompts' and 'nodes'"),
        ("- a\n", 1, "a flow is a mapping with 'start', 'prompts' and 'nodes'"),
        ("x" * (MOST_CHARACTERS + 1), 1, f"longer than {MOST_CHARACTERS} characters"),
    ],
)
def test_what_is_no_flow_at_all_is_refused_with_its_line(
    text: str, line: int, message: str
) -> None:
    assert fault(text) == (line, message)


@pytest.mark.skipif(LOADER is yaml.SafeLoader, reason="libyaml is not there")
@pytest.mark.parametrize("file", sorted(FLOWS.glob("*.yaml")), ids=lambda file: file.stem)
def test_libyaml_reads_what_python_reads(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.read_text("utf-8")
    by_libyaml = read(text)
    monkeypatch.setattr(source, "LOADER", yaml.SafeLoader)

    assert read(text) == by_libyaml


def test_half_a_character_is_refused() -> None:
    assert fault("a: 1\nb: \ud83d\n") == (2, "a character that YAML does not allow")


@given(st.text("ab1:-{}[]&*!#|>'\"\\\n ~%@`?,<\tuUxF0", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SourceInvalid):
        read(text)
