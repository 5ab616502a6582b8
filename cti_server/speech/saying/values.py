"""
What a value is, before any language: a number, a sum, a date. Pure.

Strict, because a guess would be heard as a fact: what is not wholly of its kind is Unsayable. What
a sum has below a hundredth is rounded, half away from zero; a number keeps six decimals.
"""

import re
import string
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

import phonenumbers

from ivr.texts import SayAs, Value, written


class Clip(NamedTuple):
    """A rendered piece of speech that values are joined from."""

    text: str
    snug: bool = True
    """Whether no silence is left around it: what follows belongs to the same word."""


def paced(text: str) -> Clip:
    """What somebody writes down: digits and letters, with a breath after each."""
    return Clip(text, snug=False)


PAUSE: Final = paced("")
"""No clip: the caller needs a moment, as between the groups of a telephone number."""

LARGEST: Final = 10**12
LARGEST_ORDINAL: Final = 999_999
LONGEST: Final = 64
"""Signs that are said one by one; nobody listens to more."""

LONGEST_SPAN: Final = 10_000 * 86_400
"""Seconds: 10,000 days."""

_UNITS: Final = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))

HOME_CURRENCY: Final = "CNY"

_DECIMALS: Final = Decimal("0.000001")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_SUM: Final = re.compile(
    r"(?P<before>[A-Z]{3} ?|[¥￥$])?(?P<amount>[^A-Z]+?)(?P<after> ?[A-Z]{3})?"
)
_SYMBOLS: Final = {"¥": "CNY", "￥": "CNY", "$": "USD"}
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?", re.ASCII)
_CLOCK: Final = re.compile(r"(?:.*[T ])?(\d{1,2}):(\d\d)(?::\d\d.*|Z|[+-]\d\d:?\d\d)?", re.ASCII)
_SPAN: Final = re.compile(
    r"P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)
_SIGNS: Final = frozenset(string.digits + string.ascii_uppercase)


class Unsayable(ValueError):
    """The value is none of its kind."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Digits and capital letters."""

    signs: str


@dataclass(frozen=True, slots=True)
class Ordinal:
    number: int


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    """With two decimals."""
    currency: str


@dataclass(frozen=True, slots=True)
class Groups:
    """Digits with a pause between the groups."""

    groups: tuple[str, ...]


Reading = Signs | Decimal | Ordinal | Money | date | time | timedelta | Groups


def read(value: Value, say_as: SayAs, region: str) -> Reading:
    """Raises Unsayable."""
    text = written(value).strip()
    match say_as:
        case SayAs.DIGITS:
            return Signs(_needed(text, _digits(text)))
        case SayAs.LETTERS:
            return Signs(_needed(text, signs(text)))
        case SayAs.NUMBER:
            return _number(text)
        case SayAs.ORDINAL:
            return _ordinal(text)
        case SayAs.MONEY:
            return _money(text)
        case SayAs.DATE:
            return _date(text)
        case SayAs.TIME:
            return _time(text)
        case SayAs.DURATION:
            return _duration(text)
        case SayAs.PHONE:
            return Groups(_groups(text, region))
        case SayAs.TEXT:
            raise Unsayable("words are no clips")


def signs(value: Value) -> str:
    """The digits and letters of it, as capitals."""
    found = [sign for sign in written(value).upper() if sign in _SIGNS]
    return "".join(found[:LONGEST])


def _digits(text: str) -> str:
    return signs(text) if re.fullmatch(r"[\d -]+", text, re.ASCII) else ""


def _needed(text: str, said: str) -> str:
    if not said:
        raise Unsayable("there is nothing to say in it" if text else "it is empty")
    return said


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Unsayable("it is no number")
    number = Decimal(text.replace(",", ""))
    if abs(number) >= LARGEST:
        raise Unsayable("it is too large to be told as a quantity")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        return number.quantize(_DECIMALS).normalize()
    return number


def _ordinal(text: str) -> Ordinal:
    number = _number(text)
    if number != int(number) or not 1 <= number <= LARGEST_ORDINAL:
        raise Unsayable("it is no place in a row")
    return Ordinal(int(number))


def _money(text: str) -> Money:
    found = _SUM.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        raise Unsayable("it is no sum of money")
    currency = (found["before"] or found["after"] or HOME_CURRENCY).strip()
    amount = _number(found["amount"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Money(amount, _SYMBOLS.get(currency, currency))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(found[1] if (found := _DAY.fullmatch(text)) else "")
    except ValueError:
        raise Unsayable("it is no date") from None


def _time(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2])) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise Unsayable("it is no time of day")
    return time(hour, minute)


def _duration(text: str) -> timedelta:
    """Seconds, or what ISO 8601 makes of days, hours, minutes and seconds."""
    if found := _SPAN.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        total = Decimal(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    else:
        total = _number(text)
    whole = int(total.quantize(Decimal(1), ROUND_HALF_UP))
    if not 0 <= whole < LONGEST_SPAN:
        raise Unsayable("it is no length of time")
    return timedelta(seconds=whole)


def told_units(span: timedelta) -> list[tuple[int, str]]:
    """
    The two largest units next to each other, rounded to the smaller: a day and an hour.

    Nobody who is told days wants to know the seconds.
    """
    total = int(span.total_seconds())
    for at, (_, size) in enumerate(_UNITS[:-1]):
        if total >= size:
            finer = _UNITS[at + 1][1]
            rounded = (total + finer // 2) // finer * finer
            if at and rounded >= _UNITS[at - 1][1]:
                return [(1, _UNITS[at - 1][0])]  # 23 h 59 min 40 s
            counts = (rounded // size, _UNITS[at][0]), (rounded % size // finer, _UNITS[at + 1][0])
            return [(count, unit) for count, unit in counts if count]
    return [(total, "second")]


def _groups(text: str, region: str) -> tuple[str, ...]:
    """As it is dialled from the region, grouped as people there write it."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Unsayable("it is no telephone number") from None
    if not phonenumbers.is_valid_number(number):  # a short code, a missing digit: as it is
        return (_needed(text, _digits(text)),)
    dialled = phonenumbers.format_out_of_country_calling_number(number, region)
    return tuple(re.findall(r"\d+", dialled, re.ASCII))
