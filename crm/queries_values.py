"""The values of saved queries: what somebody gives as JSON, as what it is compared as. Pure."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from .errors import InvalidField

LONGEST = 200  # characters
_LARGEST = 2**53 - 1  # RFC 8259 §6
_YEARS = range(1900, 2200)

Type = Literal["text", "number", "boolean", "moment", "phone", "customer", "contact"]
Scalar = bool | int | float | Annotated[str, StringConstraints(max_length=LONGEST)]
Value = bool | int | float | str | datetime


def read(kind: str, given: Any, where: str) -> Value:
    """Raises InvalidField."""
    try:
        return _READERS[kind](given)
    except (ValueError, TypeError, OverflowError):
        raise InvalidField(where, _RULES[kind]) from None


def _text(given: Any) -> str:
    if not isinstance(given, str) or not 0 < len(given.strip()) <= LONGEST:
        raise ValueError
    if not given.isprintable():
        raise ValueError
    return given.strip()


def _number(given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError
    if not math.isfinite(given) or abs(given) > _LARGEST:
        raise ValueError
    return given


def _boolean(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError
    return given


def _moment(given: Any) -> datetime:
    if isinstance(given, datetime):
        return given
    at = datetime.fromisoformat(_text(given))
    if at.tzinfo is None or at.year not in _YEARS:
        raise ValueError
    return at.astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "moment": _moment,
    "phone": _text,
    "customer": _text,
    "contact": _text,
}
_RULES = {
    "text": f"1 to {LONGEST} characters that can be printed",
    "number": "a number",
    "boolean": "true or false",
    "moment": "a moment with its offset (RFC 3339)",
    "phone": "a telephone number",
    "customer": "a customer's id",
    "contact": "a contact's id",
}
