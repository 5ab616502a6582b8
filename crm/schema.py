"""
The fields that a centre adds to its customers' records, and what their values may be.

Pure. A field is data: its name, type, choices and bounds; the values are plain JSON.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import InvalidField

LONGEST_TEXT = 2_000  # characters
_MONEY_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    What a value of this field may be.

    ``type`` is text, number, money, date, choice or boolean; ``applies_to`` person, company or
    both. A ``retired`` field takes no new values; those that records have stay.
    """

    name: str
    type: str
    applies_to: str = "both"
    required: bool = False
    sensitive: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    retired: bool = False

    def concerns(self, kind: str) -> bool:
        return self.applies_to in {"both", kind}


def changed(
    fields: Iterable[Field], kind: str, before: Mapping[str, Any], patch: Mapping[str, Any]
) -> dict[str, Any]:
    """
    The attributes of a record of this kind after an edit; None in the ``patch`` removes a value.

    Raises InvalidField. A field that became required after the record was made does not stand in
    the way of other edits; it cannot be removed.
    """
    known = {field.name: field for field in fields}
    after = dict(before)
    for name, value in patch.items():
        field = known.get(name)
        if field is None or field.retired or not field.concerns(kind):
            raise InvalidField(f"attributes.{name}", f"no such field of a {kind}")
        if value is not None:
            after[name] = checked(field, value)
        elif field.required:
            raise InvalidField(f"attributes.{name}", "is required")
        else:
            after.pop(name, None)
    return after


def complete(fields: Iterable[Field], kind: str, attributes: Mapping[str, Any]) -> None:
    """Raises InvalidField if a new record lacks what is required."""
    for field in fields:
        needed = field.required and not field.retired and field.concerns(kind)
        if needed and field.name not in attributes:
            raise InvalidField(f"attributes.{field.name}", "is required")


def checked(field: Field, value: Any) -> Any:
    """The value in the form in which it is stored; raises InvalidField."""
    try:
        stored = _CHECKS[field.type](value)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise InvalidField(f"attributes.{field.name}", _RULES[field.type]) from error
    if field.type == "choice" and stored not in field.choices:
        raise InvalidField(f"attributes.{field.name}", f"one of {', '.join(field.choices)}")
    _within(field, stored)
    return stored


def _within(field: Field, stored: Any) -> None:
    amount = float(stored["amount"]) if field.type == "money" else stored
    if field.type not in {"number", "money"}:
        return
    if field.minimum is not None and amount < field.minimum:
        raise InvalidField(f"attributes.{field.name}", f"at least {field.minimum:g}")
    if field.maximum is not None and amount > field.maximum:
        raise InvalidField(f"attributes.{field.name}", f"at most {field.maximum:g}")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TEXT:
        raise ValueError
    if not all(c.isprintable() or c in "\r\n\t" for c in value):
        raise ValueError
    return value.strip()


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value) or abs(value) > 10**_MONEY_DIGITS:
        raise ValueError
    return value


def _money(value: Any) -> dict[str, str]:
    """An amount as text, for no binary fraction is a cent, and its currency (ISO 4217)."""
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise TypeError
    amount, currency = value["amount"], value["currency"]
    if not isinstance(amount, str) or len(amount) > _MONEY_DIGITS + 5 or not amount.isascii():
        raise TypeError
    exact = Decimal(amount)
    if not exact.is_finite() or abs(exact) >= 10**_MONEY_DIGITS:
        raise ValueError
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isascii():
        raise TypeError
    if not (currency.isalpha() and currency.isupper()):
        raise ValueError
    return {"amount": f"{exact:f}", "currency": currency}


def _date(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 10:
        raise TypeError
    return date.fromisoformat(value).isoformat()


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_CHECKS = {
    "text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _text,
    "boolean": _boolean,
}
_RULES = {
    "text": f"text of 1 to {LONGEST_TEXT} characters that can be printed",
    "number": "a number",
    "money": 'an amount and a currency, {"amount": "12.50", "currency": "CNY"}',
    "date": "a date, YYYY-MM-DD",
    "choice": "one of the choices",
    "boolean": "true or false",
}
TYPES = tuple(_CHECKS)
