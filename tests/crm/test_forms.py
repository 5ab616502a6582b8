"""Forms in typed columns, and when a disposition may and must be recorded."""

from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from crm.dispositions import Code, NotWorkedOn, check_choice, check_moment, check_parent
from crm.errors import InvalidField
from crm.forms import (
    Cell,
    cells,
    check_definition,
    check_successor,
    countable,
    fields_of,
    taken_over,
    values_of,
)
from crm.json_form import LONGEST_SCRIPT
from cti_server import shipped_dispositions, shipped_forms
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.dispositions import Dispositions
from cti_server.store.forms import FilledForm, Form, Forms, FormValue, FormVersion

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SURVEY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "score": {"type": "integer", "minimum": 0},
        "amount": {"type": "number"},
        "again": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "why": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    },
    "additionalProperties": False,
}
VALUES = {
    "name": "王伟",
    "score": 9,
    "amount": 12.5,
    "again": False,
    "at": "2026-11-22T17:30:00+08:00",
    "day": "2026-11-22",
    "why": ["price", "speed"],
}


SAID = {"zh": "请说", "en": "Say it"}


def with_field(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": schema}, "additionalProperties": False}


def test_each_value_is_in_the_column_of_its_kind_and_comes_back_as_it_was() -> None:
    found = cells(SURVEY, VALUES)

    assert Cell("score", number=9.0) in found
    assert Cell("again", boolean=False) in found
    assert Cell("at", moment=datetime(2026, 11, 22, 9, 30, tzinfo=UTC)) in found
    assert Cell("day", text="2026-11-22") in found
    assert Cell("why", 1, text="speed") in found
    assert values_of(SURVEY, found) == VALUES | {"at": "2026-11-22T09:30:00+00:00"}
    assert isinstance(values_of(SURVEY, found)["score"], int)


@pytest.mark.parametrize(
    ("schema", "at_fault"),
    [
        (with_field(type="object"), "form.properties.x.type"),
        (with_field(type="array", items={"type": "object"}, maxItems=3), "items"),
        (with_field(type="array", items={"type": "string"}), "maxItems"),
        (with_field(enum=["a"]), "form.properties.x.type"),
        ({"type": "object", "additionalProperties": False}, "form.properties"),
        ({"type": "object", "properties": {"x": {"type": "string"}}}, "additionalProperties"),
        ({"type": "object", "properties": {"x": {"$ref": "http://x"}}}, "ref"),
        (with_field(type="string", **{"x-script": "Say it"}), "form.properties.x.x-script"),
        (with_field(type="string", **{"x-script": SAID | {"de": "x"}}), "x.x-script.de"),
        (with_field(type="string", **{"x-script": {"en": "Say it"}}), "x.x-script.zh"),
        (with_field(type="string", **{"x-script": SAID | {"en": " "}}), "x.x-script.en"),
        (with_field(type="string", **{"x-hint": {"en": "As printed"}}), "x.x-hint.zh"),
        (
            with_field() | {"x-script": SAID | {"zh": "长" * (LONGEST_SCRIPT + 1)}},
            "form.x-script.zh",
        ),
    ],
)
def test_a_form_that_has_no_columns_is_refused(schema: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(InvalidField, match=at_fault.replace(".", r"\.")):
        fields_of(schema)


def test_what_can_be_counted_of_it_is_chosen_said_yes_to_or_a_number_and_no_text() -> None:
    one_of = {"type": "string", "oneOf": [{"const": "price"}, {"const": "other"}]}
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "mail": {"type": "string", "oneOf": [{"pattern": "@"}, {"const": "none"}]},
            "born": {"type": "string", "format": "date"},
            "why": one_of,
            "because": {"type": "array", "items": one_of, "maxItems": 2},
            "of": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "plan": {"type": "string", "enum": ["a", "b"]},
            "sure": {"type": "boolean"},
            "months": {"type": "integer"},
            "amount": {"type": "number"},
        },
        "additionalProperties": False,
    }
    values: dict[str, Any] = {
        "name": "Wang Fang",
        "mail": "fang@example.com",
        "born": "1980-01-01",
        "why": "price",
        "because": ["price", "other"],
        "of": ["Fang"],
        "plan": "b",
        "sure": False,
        "months": 24,
        "amount": None,
    }
    assert countable(schema, values) == {
        "because": ["price", "other"],
        "months": 24,
        "plan": "b",
        "sure": False,
        "why": "price",
    }


@pytest.mark.parametrize("many", [False, True])
def test_a_choice_that_is_offered_twice_could_never_be_chosen(many: bool) -> None:
    def form(*choices: str) -> dict[str, Any]:
        one_of = {"type": "string", "oneOf": [{"const": choice} for choice in choices]}
        if not many:
            return with_field(**one_of)
        return with_field(type="array", items=one_of, maxItems=2)

    check_definition(form("a", "b"))
    for refused in (check_definition, partial(check_successor, form("a", "b"))):
        with pytest.raises(InvalidField, match=r"form\.properties\.x\..*oneOf.*twice"):
            refused(form("a", "b", "a"))
    assert fields_of(form("a", "a")).keys() == {"x"}  # what is kept already is read


def test_a_field_stays_in_its_column_whatever_the_version() -> None:
    check_successor(with_field(type="integer"), with_field(type="number"))
    with pytest.raises(InvalidField, match="was a number"):
        check_successor(with_field(type="integer"), with_field(type="string"))


def test_what_to_say_belongs_to_the_form_and_to_each_of_its_fields() -> None:
    form = with_field(type="string", **{"x-script": SAID}) | {"x-script": SAID}

    assert fields_of(form).keys() == {"x"}


def test_what_is_known_already_is_taken_over_as_the_fields_type_where_it_fits() -> None:
    known = {
        "name": "王伟",
        "score": "9",
        "amount": "12.5",
        "again": "true",
        "at": "today",
        "day": "2026-11-22",
        "why": "price",
        "pin": "135790",
    }

    assert taken_over(SURVEY, known) == {
        "name": "王伟",
        "score": 9,
        "amount": 12.5,
        "again": True,
        "day": "2026-11-22",
    }
    assert taken_over(SURVEY, {"score": "-1", "amount": "inf", "again": "yes"}) == {}


def test_a_moment_without_its_offset_is_none() -> None:
    with pytest.raises(InvalidField, match=r"form\.at"):
        cells(SURVEY, {"at": "2026-11-22T17:30:00"})


@pytest.mark.parametrize(
    ("code", "filled", "complaint"),
    [
        (None, False, "there is no such code"),
        (Code(id="x", active=False), False, "there is no such code"),
        (Code(id="x", queues=["billing"]), False, "not for contacts"),
        (Code(id="x", has_children=True), False, "group"),
        (Code(id="x", form_id="f"), False, "form 'f' is needed"),
        (Code(id="x"), True, "has none"),
    ],
)
def test_a_code_that_does_not_suit_is_refused(
    code: Code | None, filled: bool, complaint: str
) -> None:
    with pytest.raises(InvalidField, match=complaint):
        check_choice(code, "sales", filled=filled)


def test_codes_have_two_levels() -> None:
    check_parent(Code(id="group"))
    check_choice(Code(id="x", queues=["sales"], form_id="f"), "sales", filled=True)
    for parent in (None, Code(id="x", parent_id="group"), Code(id="x", form_id="f")):
        with pytest.raises(InvalidField, match="parent_id"):
            check_parent(parent)


def test_a_disposition_is_recorded_from_the_first_word_to_the_end_of_the_wrap_up() -> None:
    check_moment(started_at=NOW, ended_at=None, wrapping_up=False, owed=False)
    check_moment(started_at=NOW, ended_at=NOW, wrapping_up=True, owed=False)
    check_moment(started_at=NOW, ended_at=NOW, wrapping_up=False, owed=True)
    with pytest.raises(NotWorkedOn):
        check_moment(started_at=NOW, ended_at=NOW, wrapping_up=False, owed=False)
    with pytest.raises(NotWorkedOn):
        check_moment(started_at=None, ended_at=None, wrapping_up=False, owed=True)


async def test_filled_forms_can_be_added_up_and_read_by_the_version_of_then(
    database: Database,
) -> None:
    async with database.sessions.begin() as session:
        form = Form(
            id="survey",
            labels={"zh": "调查", "en": "Survey"},
            queues=[],
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(form)
        await session.flush()
        session.add(
            FormVersion(
                form_id="survey", number=1, definition=SURVEY, written_by="sun", written_at=NOW
            )
        )
        await session.flush()
        for number, score in enumerate((3, 9), 1):
            filled = FilledForm(
                id=f"f{number}", form_id="survey", form_version=1, filled_by="li", filled_at=NOW
            )
            await Forms(session).fill(filled, cells(SURVEY, VALUES | {"score": score}))

    async with database.readers() as session:
        mean: Select[Any] = select(func.avg(FormValue.number)).where(
            FormValue.form_id == "survey", FormValue.field == "score"
        )
        early = select(FormValue.filled_form_id).where(
            FormValue.field == "at", FormValue.moment < datetime(2026, 11, 22, 10, tzinfo=UTC)
        )
        assert (await session.execute(mean)).scalar_one() == 6
        assert set(await session.scalars(early)) == {"f1", "f2"}
        stored = await Forms(session).cells(["f1"])
        assert values_of(SURVEY, stored["f1"])["score"] == 3


async def test_a_new_centre_has_codes_in_both_languages_once(database: Database) -> None:
    numbers = count()
    changes = Changes(database, id, now=lambda: NOW, new_id=lambda: f"id{next(numbers)}")

    await shipped_dispositions.load(changes, NOW)
    await shipped_dispositions.load(changes, NOW)

    async with database.readers() as session:
        codes = {code.id: code for code in await Dispositions(session).codes()}
        choice = await Dispositions(session).choice("call_back")
        group = await Dispositions(session).choice("open")
    assert all(code.labels["zh"] and code.labels["en"] for code in codes.values())
    assert choice is not None
    assert (choice.parent_id, choice.form_id) == ("open", "call_back_wish")
    assert group is not None
    assert group.has_children


async def test_the_forms_of_shipped_flows_are_there_and_what_a_centre_made_of_them_stays(
    database: Database,
) -> None:
    numbers = count()
    changes = Changes(database, id, now=lambda: NOW, new_id=lambda: f"id{next(numbers)}")
    await shipped_forms.load(changes, NOW)
    async with database.sessions.begin() as session:
        (await Forms(session).need("bank_funds")).active = False

    await shipped_forms.load(changes, NOW)

    async with database.readers() as session:
        forms = {form.id: version for form, version in await Forms(session).in_use()}
    assert forms.keys() == {"bank_transfer", "bank_exchange", "bank_wealth"}
    for version in forms.values():
        fields = version.definition["properties"]
        assert version.definition["x-script"].keys() == {"zh", "en"}
        assert set(version.definition["required"]) <= fields.keys()
        assert "pin" not in fields
