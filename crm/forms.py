"""
Forms that agents fill in: their fields as typed columns. Pure.

A form is flat: each field is one text, number, boolean or moment, or a list of texts. So every
value has a column that can be counted, added up and compared, whatever the form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from .errors import InvalidField
from .json_form import check_schema, check_values, typed

Column = Literal["text", "number", "boolean", "moment"]

PREFIX = "A"
FIRST_SERIAL = 10_001
MOST_FIELDS = 100
LONGEST_LIST = 50


@dataclass(frozen=True, slots=True)
class FormField:
    """``whole``: the number has no fraction. ``many``: a list, of texts."""

    column: Column
    whole: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in its column; ``position`` is its place in a list, else 0."""

    field: str
    position: int = 0
    text: str | None = None
    number: float | None = None
    boolean: bool | None = None
    moment: datetime | None = None


def fields_of(schema: Mapping[str, Any]) -> dict[str, FormField]:
    """
    The fields of a form's schema. Raises InvalidField for what is no flat form.

    A date stays text (2026-11-22 sorts as it should); a date with its time is a moment, in UTC.
    """
    check_schema(schema)
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        raise InvalidField("form.properties", "a form has fields")
    if len(properties) > MOST_FIELDS:
        raise InvalidField("form.properties", f"must be at most {MOST_FIELDS} fields")
    if schema.get("additionalProperties") is not False:
        raise InvalidField("form.additionalProperties", "must be false")
    return {
        name: _field(one, f"form.properties.{name}") for name, one in sorted(properties.items())
    }


def check_definition(schema: Mapping[str, Any]) -> None:
    """
    Raises InvalidField for what cannot be filled in: no flat form, or a choice that is offered
    twice, which would never be exactly one of them. One that is kept is read as it is.
    """
    for name in fields_of(schema):
        field = schema["properties"][name]
        where = f"form.properties.{name}"
        _check_choices(field, where)
        if isinstance(items := field.get("items"), Mapping):
            _check_choices(items, f"{where}.items")


def check_successor(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises InvalidField for a field that would be in another column than up to now."""
    check_definition(after)
    old, new = fields_of(before), fields_of(after)
    for name in sorted(old.keys() & new.keys()):
        if old[name].column != new[name].column:
            raise InvalidField(
                f"form.properties.{name}",
                f"was a {old[name].column} until now; give the field another name",
            )


def cells(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[Cell]:
    """The values, which fit the schema, in their columns; null is no value."""
    fields = fields_of(schema)
    found: list[Cell] = []
    for name, value in values.items():
        if value is None:
            continue
        some = value if fields[name].many else [value]
        found += [_cell(name, place, fields[name], one) for place, one in enumerate(some)]
    return found


def countable(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """
    What of the values figures can be made of, and is nobody's: choices, numbers, yes and no.

    Free text, dates and moments are not among them: they may tell who somebody is.
    """
    fields: Mapping[str, Any] = schema["properties"]
    return {
        name: value
        for name, value in sorted(values.items())
        if value is not None and _is_countable(fields[name])
    }


def values_of(schema: Mapping[str, Any], stored: Iterable[Cell]) -> dict[str, Any]:
    """The values as they were filled in, from their columns."""
    fields = fields_of(schema)
    values: dict[str, Any] = {}
    for cell in sorted(stored, key=lambda one: (one.field, one.position)):
        field = fields[cell.field]
        value = _value(field, cell)
        if field.many:
            values.setdefault(cell.field, []).append(value)
        else:
            values[cell.field] = value
    return values


def taken_over(schema: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """What is known already, of the fields that have its name and take it."""
    found: dict[str, Any] = {}
    fields: Mapping[str, Any] = schema["properties"]
    for name in sorted(fields.keys() & known.keys()):
        alone = {
            "type": "object",
            "properties": {name: fields[name]},
            "additionalProperties": False,
        }
        value = typed(fields[name], known[name])
        try:
            check_values(alone, {name: value})
            cells(alone, {name: value})
        except InvalidField:
            continue  # the agent asks for it
        found[name] = value
    return found


def _field(schema: Any, where: str) -> FormField:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    match kind:
        case "string":
            is_moment = schema.get("format") == "date-time"
            return FormField("moment" if is_moment else "text")
        case "number" | "integer":
            return FormField("number", whole=kind == "integer")
        case "boolean":
            return FormField("boolean")
        case "array":
            items = schema.get("items")
            if isinstance(items, Mapping) and items.get("type") == "string":
                if not 0 < schema.get("maxItems", 0) <= LONGEST_LIST:
                    raise InvalidField(f"{where}.maxItems", f"must be from 1 to {LONGEST_LIST}")
                return FormField("text", many=True)
            raise InvalidField(f"{where}.items", "must be texts")
    raise InvalidField(f"{where}.type", "must be string, number, integer, boolean or array")


def _is_countable(schema: Mapping[str, Any]) -> bool:
    if schema["type"] == "array":
        return _is_countable(schema["items"])
    if schema["type"] != "string":
        return True
    offered = schema.get("oneOf", [])
    return "enum" in schema or (bool(offered) and all("const" in one for one in offered))


def _check_choices(schema: Mapping[str, Any], where: str) -> None:
    choices = [
        one["const"]
        for one in schema.get("oneOf", [])
        if isinstance(one, Mapping) and "const" in one
    ]
    if any(one in choices[:place] for place, one in enumerate(choices)):
        raise InvalidField(f"{where}.oneOf", "offers one choice twice")


def _cell(name: str, position: int, field: FormField, value: Any) -> Cell:
    match field.column:
        case "text":
            return Cell(name, position, text=value)
        case "number":
            return Cell(name, position, number=float(value))
        case "boolean":
            return Cell(name, position, boolean=value)
        case "moment":
            return Cell(name, position, moment=_moment(name, value))


def _moment(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidField(f"form.{name}", "must be a moment with its offset (RFC 3339)")


def _value(field: FormField, cell: Cell) -> Any:
    match field.column:
        case "text":
            return cell.text
        case "number":
            return int(cell.number) if field.whole and cell.number is not None else cell.number
        case "boolean":
            return cell.boolean
        case "moment":
            return cell.moment.isoformat() if cell.moment is not None else None
