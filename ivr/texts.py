"""Texts with places that a caller's values fill: ``{name}``, and in prompts ``{name:kind}``."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

Value = str | int | float | bool
"""What a walk can know: plain data, as JSON has it."""

_PLACE = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")


class SayAs(StrEnum):
    """How a value is read aloud."""

    DIGITS = "digits"  # one by one: an account number
    NUMBER = "number"  # how many
    ORDINAL = "ordinal"  # which
    MONEY = "money"
    DATE = "date"  # 2026-11-22
    TIME = "time"  # 17:05
    DURATION = "duration"  # how long: seconds, or PT1H30M
    PHONE = "phone"  # a telephone number
    LETTERS = "letters"  # signs one by one: a booking code
    TEXT = "text"  # as words


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a spoken text, and how its value is said."""

    name: str
    say_as: SayAs


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    One prompt in one language: a key into :attr:`ivr.model.Flow.prompts`.

    ``values`` are for the places in its text, in their order.
    """

    name: str
    language: str
    values: tuple[Value, ...] = field(default=(), repr=False)


class Placeholder(NamedTuple):
    """A place in a text as it is written; ``kind`` is empty if it names none."""

    name: str
    kind: str


def placeholders(text: str) -> Iterator[Placeholder]:
    """The places that the text has."""
    for found in _PLACE.finditer(text):
        yield Placeholder(found[1], found[2] or "")


def filled(text: str, values: Mapping[str, Value]) -> str:
    """The text with its values in it; what nobody knows is empty."""
    return _PLACE.sub(lambda found: written(values.get(found[1], "")), text)


def filled_in(text: str, said: Callable[[Slot], str]) -> str:
    """The text as it is read, each place in it as it is ``said``. Raises as :func:`pieces` does."""
    return _PLACE.sub(lambda found: said(Slot(found[1], _said_as(found[2] or "text"))), text)


def pieces(text: str) -> tuple[str | Slot, ...]:
    """
    A spoken text in what is known beforehand and what is not.

    A place without a kind is said as words. Raises ValueError for a kind that there is not.
    """
    parts: list[str | Slot] = []
    at = 0
    for found in _PLACE.finditer(text):
        parts += _known(text[at : found.start()])
        parts.append(Slot(found[1], _said_as(found[2] or "text")))
        at = found.end()
    return (*parts, *_known(text[at:]))


def _said_as(kind: str) -> SayAs:
    try:
        return SayAs(kind)
    except ValueError:
        known = ", ".join(SayAs)
        raise ValueError(f"'{kind}' is no way to say a value; there are {known}") from None


def _known(text: str) -> list[str]:
    """Without a full stop that stood alone behind a place."""
    return [text.strip()] if any(sign.isalnum() for sign in text) else []


def written(value: Value) -> str:
    """As a person writes it: 12.50 stays what it was, 3.0 is 3, true is a word."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return format(Decimal(repr(value)).normalize(), "f")
        case _:
            return str(value)
