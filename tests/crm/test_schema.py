import math
from typing import Any

import pytest

from crm.errors import InvalidField
from crm.schema import Field, changed, checked, complete

LIMIT = Field(name="limit", type="money", minimum=0, maximum=1000)
SCORE = Field(name="score", type="number", minimum=0, maximum=10)
COLOUR = Field(name="colour", type="choice", choices=("red", "blue"))
STAFF = Field(name="staff", type="number", applies_to="company")
NEEDED = Field(name="needed", type="text", required=True)
OLD = Field(name="old", type="text", retired=True)


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (LIMIT, {"amount": "12.50", "currency": "CNY"}, {"amount": "12.50", "currency": "CNY"}),
        (LIMIT, {"amount": "1E+2", "currency": "CNY"}, {"amount": "100", "currency": "CNY"}),
        (SCORE, 10, 10),
        (COLOUR, "red", "red"),
        (Field(name="day", type="date"), "2028-02-29", "2028-02-29"),
        (Field(name="text", type="text"), " 钓鱼\n登山 ", "钓鱼\n登山"),
        (Field(name="yes", type="boolean"), False, False),
    ],
)
def test_a_value_of_the_fields_type_is_kept(field: Field, value: Any, stored: Any) -> None:
    assert checked(field, value) == stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (LIMIT, 12.5),
        (LIMIT, {"amount": 12.5, "currency": "CNY"}),
        (LIMIT, {"amount": "-1", "currency": "CNY"}),
        (LIMIT, {"amount": "1000.01", "currency": "CNY"}),
        (LIMIT, {"amount": "NaN", "currency": "CNY"}),
        (LIMIT, {"amount": "1e999999", "currency": "CNY"}),
        (LIMIT, {"amount": "1", "currency": "yuan"}),
        (LIMIT, {"amount": "1", "currency": "CNY", "note": ""}),
        (SCORE, True),
        (SCORE, "7"),
        (SCORE, math.nan),
        (SCORE, 10**400),
        (COLOUR, "green"),
        (COLOUR, ["red"]),
        (Field(name="day", type="date"), "2027-02-29"),
        (Field(name="day", type="date"), "20270228"),
        (Field(name="text", type="text"), "a\0b"),
        (Field(name="text", type="text"), "  "),
        (Field(name="text", type="text"), {"deep": []}),
        (Field(name="yes", type="boolean"), 1),
    ],
)
def test_a_value_of_another_kind_is_refused_by_the_fields_name(field: Field, value: Any) -> None:
    with pytest.raises(InvalidField) as refused:
        checked(field, value)

    assert refused.value.field == f"attributes.{field.name}"


def test_an_edit_changes_what_it_names_and_null_removes() -> None:
    before = {"score": 7, "colour": "red"}

    assert changed([SCORE, COLOUR], "person", before, {"score": 8}) == {**before, "score": 8}
    assert changed([SCORE, COLOUR], "person", before, {"colour": None}) == {"score": 7}
    assert before == {"score": 7, "colour": "red"}


@pytest.mark.parametrize("patch", [{"staff": 5}, {"old": "x"}, {"unknown": 1}, {"needed": None}])
def test_a_field_that_is_not_this_records_or_is_needed_is_refused(patch: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        changed([STAFF, OLD, NEEDED], "person", {"needed": "x"}, patch)


def test_a_new_record_has_what_is_required_of_its_kind() -> None:
    staff = Field(name="staff", type="number", applies_to="company", required=True)

    complete([staff], "person", {})
    with pytest.raises(InvalidField, match=r"attributes\.staff"):
        complete([staff], "company", {})
