"""Forms: which schemas are taken, and which values fit them."""

import time
from typing import Any

import pytest

from crm.errors import InvalidField
from crm.json_form import check_schema, check_values

FAULT = {
    "type": "object",
    "properties": {
        "account": {"type": "string", "pattern": r"^\d{8}$"},
        "since": {"type": "string", "format": "date"},
        "kind": {"enum": ["noise", "dead"]},
        "lines": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 3},
    },
    "required": ["account"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"account": "1234567"}, r"form.account: does not match"),
        ({}, "form: 'account' is a required property"),
        ({"account": "12345678", "kind": "slow"}, "form.kind: must fit enum"),
        ({"account": "12345678", "since": "2026-02-30"}, "form.since: must fit format"),
        ({"account": "12345678", "lines": [1, 0]}, "form.lines.1: must fit minimum"),
        ({"account": "12345678", "colour": "red"}, "form: has a field that the form does not"),
        ({"account": "\ud800"}, "form.account: has characters"),
        ({"account": "1\x00"}, "form.account: has characters"),
        ({"account": "12345678", "lines": [float("inf")]}, "too large"),
        ({"account": "12345678", "lines": [10**40]}, "too large"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_field_and_rule(
    values: dict[str, Any], complaint: str
) -> None:
    check_schema(FAULT)

    with pytest.raises(InvalidField, match=complaint):
        check_values(FAULT, values)


def test_values_that_fit_pass() -> None:
    check_values(FAULT, {"account": "12345678", "since": "2026-11-22", "lines": [1, 2]})


def test_what_a_person_wrote_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(InvalidField) as refused:
        check_values(FAULT, {"account": "12345678", "kind": "secret"})

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "object", "properties": {"a": {"type": "text"}}},
        {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/schema"}}},
        {"type": "object", "allOf": [{"$ref": "#"}]},
        {"type": "object", "properties": {"a": {"pattern": "(?=a)b"}}},
        {"type": "object", "properties": {"a": {"pattern": "("}}},
        {"type": "object", "patternProperties": {"^(a+)+$": {}}},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": 1}},
        {"type": "object", "required": "a"},
    ],
)
def test_what_is_no_form_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidField, match="form"):
        check_schema(schema)


def test_a_schema_that_nests_without_end_is_refused() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(2000):
        schema = {"type": "object", "properties": {"a": schema}}

    with pytest.raises(InvalidField, match="too deep"):
        check_schema(schema)


def test_a_pattern_that_makes_others_search_for_ever_is_matched_at_once() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    check_schema(schema)
    begun = time.process_time()

    with pytest.raises(InvalidField):
        check_values(schema, {"a": "a" * 5000 + "!"})

    assert time.process_time() - begun < 1
