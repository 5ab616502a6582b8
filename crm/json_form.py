"""
Forms as JSON Schema (2020-12): which schemas a centre may write, and whether values fit one.

Pure. The keywords are those that a form needs. References and expressions whose search may take
for ever are none of them: patterns are matched by pydantic's engine, which needs linear time.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter
from pydantic import ValidationError as NoMatch
from pydantic_core import SchemaError as BadPattern

from .errors import InvalidField

KEYWORDS = frozenset(
    {
        *("$schema", "title", "description", "default", "examples", "x-labels", "x-order"),
        *("x-script", "x-hint"),
        *("type", "enum", "const", "properties", "required", "additionalProperties"),
        *("minProperties", "maxProperties", "dependentRequired", "format", "pattern"),
        *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"),
        *("exclusiveMaximum", "multipleOf", "items", "minItems", "maxItems", "uniqueItems"),
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
    }
)
LONGEST_SCRIPT = 2000
DEEPEST = 8
_LARGEST = 2**53 - 1  # RFC 8259 §6
_SUBSCHEMA = ("items", "not", "if", "then", "else", "additionalProperties")
_SUBSCHEMAS = ("allOf", "anyOf", "oneOf")


Said = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_SCRIPT)
]


class Told(BaseModel):
    """
    What an agent reads in their language: ``x-script``, what they say to the customer, of a form
    at its beginning, of a field to ask for it; ``x-hint``, what a field is filled in with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    zh: Said
    en: Said


@lru_cache(maxsize=512)
def _expression(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])


def _pattern(
    validator: Any, pattern: str, instance: object, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        try:
            _expression(pattern).validate_python(instance)
        except NoMatch:
            yield ValidationError(f"does not match {pattern!r}")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def check_schema(schema: Mapping[str, Any], field: str = "form") -> None:
    """Raises InvalidField for what is no schema of a form: an object's, of the keywords above."""
    _check_plain(schema, field, DEEPEST * 2)
    _check_keywords(schema, field, DEEPEST)
    if schema.get("type") != "object":
        raise InvalidField(field, "must be the schema of an object")
    try:
        _Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join([field, *map(str, error.absolute_path)])
        raise InvalidField(where, error.message[:200]) from None


def check_values(schema: Mapping[str, Any], values: Mapping[str, Any], field: str = "form") -> None:
    """Raises InvalidField, which names the first field at fault and its rule."""
    _check_plain(values, field, DEEPEST)
    validator = _Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    faults = sorted(validator.iter_errors(values), key=lambda fault: list(map(str, fault.path)))
    if faults:
        where = ".".join([field, *map(str, faults[0].absolute_path)])
        raise InvalidField(where, _rule(faults[0]))


def typed(schema: Mapping[str, Any], text: str) -> str | int | float | bool:
    """A text as the field's type; what is none of it stays the text that it is."""
    try:
        match schema.get("type"):
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text]
    except (ValueError, KeyError):
        pass  # the form refuses it, and says why
    return text


def _rule(fault: ValidationError) -> str:
    """What was expected; never the value, which may be a person's."""
    match fault.validator:
        case "required" | "dependentRequired":
            return fault.message
        case "additionalProperties":
            return "has a field that the form does not"
        case "pattern":
            return fault.message
        case keyword:
            return f"must fit {keyword} {fault.validator_value!r}"[:200]


def _check_keywords(schema: object, field: str, depth: int) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise InvalidField(field, "must be a schema")
    if depth == 0:
        raise InvalidField(field, "is too deep")
    for keyword, value in schema.items():
        here = f"{field}.{keyword}"
        if keyword not in KEYWORDS:
            raise InvalidField(here, "this keyword is not for forms")
        if keyword == "pattern":
            _check_pattern(value, here)
        elif keyword in {"x-script", "x-hint"}:
            _check_told(value, here)
        elif keyword == "properties" and isinstance(value, Mapping):
            for name, inner in value.items():
                _check_keywords(inner, f"{here}.{name}", depth - 1)
        elif keyword in _SUBSCHEMA:
            _check_keywords(value, here, depth - 1)
        elif keyword in _SUBSCHEMAS and isinstance(value, list):
            for inner in value:
                _check_keywords(inner, here, depth - 1)


def _check_pattern(pattern: object, field: str) -> None:
    try:
        _expression(str(pattern))
    except BadPattern:
        raise InvalidField(field, "is no expression that can be matched in linear time") from None


def _check_told(told: object, field: str) -> None:
    try:
        Told.model_validate(told)
    except NoMatch as error:
        [first, *_] = error.errors(include_url=False, include_input=False)
        where = ".".join([field, *map(str, first["loc"])])
        raise InvalidField(where, first["msg"]) from None


def _check_plain(value: object, field: str, depth: int) -> None:
    """Raises InvalidField for what JSON readers and databases do not keep as it is."""
    if depth == 0:
        raise InvalidField(field, "is too deep")
    match value:
        case str():
            if not all(c.isprintable() or c in "\r\n\t" for c in value):
                raise InvalidField(field, "has characters that cannot be printed")
        case bool() | None:
            return
        case int() | float():
            if not math.isfinite(value) or abs(value) > _LARGEST:
                raise InvalidField(field, "is too large a number")
        case Mapping():
            for name, inner in value.items():
                _check_plain(name, field, depth)
                _check_plain(inner, f"{field}.{name}", depth - 1)
        case list() | tuple():
            for inner in value:
                _check_plain(inner, field, depth - 1)
        case _:
            raise InvalidField(field, "is not JSON")
