"""
Values in American English, as operators say them. Pure.

* Digits and letters one by one; 0 is "zero", for "oh" is a letter too.
* Quantities without "and" (Chicago Manual of Style 9.5: one hundred one), decimals after "point"
  one by one.
* Sums in dollars and cents; yuan with decimals (point five six yuan), as English bills in China
  say them: callers do not know what a fen is. Any other currency is the number and the letters of
  its code (ISO 4217).
* Dates as month, ordinal day, year; years in two halves (twenty twenty-six), but "two thousand
  nine".
* Times by the clock of twelve hours: five oh five P.M.; noon and midnight by name, because
  12 A.M. is either to somebody (NIST, "Times of day FAQs").
* Durations in the two largest units of days, hours, minutes and seconds.
* Telephone numbers in their groups, a pause between them.
"""

import string
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

from .values import PAUSE, Clip, Groups, Money, Ordinal, Reading, Signs, paced, told_units

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_HALVES: Final = ("A.M.", "P.M.")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_IRREGULAR: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip


def said(value: Reading) -> Iterator[Clip]:
    """The clips of a value."""
    match value:
        case Signs(signs):
            yield from spelled(signs)
        case Groups(groups):
            for index, group in enumerate(groups):
                yield from (PAUSE,) if index else ()
                yield from spelled(group)
        case Decimal():
            yield from _number(value)
        case Ordinal(number):
            yield from _ordinal(number)
        case Money(amount, currency):
            yield from _money(amount, currency)
        case date():
            yield _clip(_MONTHS[value.month - 1])
            yield _clip(ordinal_below_hundred(value.day))
            yield from _year(value.year)
        case time():
            yield from _time(value)
        case timedelta():
            for count, unit in told_units(value):
                yield from _quantity(count)
                yield _clip(unit if count == 1 else f"{unit}s")


def spelled(signs: str) -> Iterator[Clip]:
    """Digits and letters one by one."""
    for sign in signs:
        yield paced(f"{_SMALL[int(sign)]}," if sign.isdigit() else f"{sign}.")


def below_hundred(number: int) -> str:
    """Such as "forty-five"."""
    if number < 20:
        return _SMALL[number]
    tens, rest = _TENS[number // 10 - 2], number % 10
    return f"{tens}-{_SMALL[rest]}" if rest else tens


def ordinal_below_hundred(number: int) -> str:
    """Such as "twenty-second"."""
    head, hyphen, last = below_hundred(number).rpartition("-")
    if last in _IRREGULAR:
        return head + hyphen + _IRREGULAR[last]
    return head + hyphen + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def every_clip() -> Iterator[Clip]:
    """All that can be asked for."""
    yield from spelled(string.digits + string.ascii_uppercase)
    yield from map(_clip, _words())
    yield from map(Clip, _HALVES)
    yield from (Clip(f"{half}.") for half in ("noon", "midnight"))


def _words() -> Iterator[str]:
    yield from map(below_hundred, range(100))
    yield from map(ordinal_below_hundred, range(1, 100))
    yield from (f"{_SMALL[digit]} hundred" for digit in range(1, 10))
    yield from (word for _, word in _SCALES)
    yield from ("hundred", "hundredth", "thousandth", "minus", "point")
    yield from ("yuan", "dollar", "dollars", "cent", "cents")
    for unit in ("day", "hour", "minute", "second"):
        yield from (unit, f"{unit}s")
    yield from _MONTHS
    yield from (f"oh {_SMALL[digit]}" for digit in range(1, 10))


def _clip(words: str) -> Clip:
    return Clip(f"{words},")


def _number(number: Decimal) -> Iterator[Clip]:
    if number < 0:
        yield _clip("minus")
    whole, _, fraction = format(abs(number), "f").partition(".")
    yield from _quantity(int(whole))
    if fraction:
        yield _clip("point")
        yield from (_clip(_SMALL[int(digit)]) for digit in fraction)


def _quantity(number: int) -> Iterator[Clip]:
    if number < 100:
        yield _clip(below_hundred(number))
        return
    for size, word in _SCALES:
        if number >= size:
            yield from _quantity(number // size)
            yield _clip(word)
            number %= size
    if number >= 100:
        yield _clip(f"{_SMALL[number // 100]} hundred")
        number %= 100
    if number:
        yield _clip(below_hundred(number))


def _ordinal(number: int) -> Iterator[Clip]:
    rest, hundreds = number % 100, number // 100 % 10
    if rest:
        yield from _quantity(number - rest) if number > rest else ()
        yield _clip(ordinal_below_hundred(rest))
    elif hundreds:
        yield from _quantity(number // 1000 * 1000) if number >= 1000 else ()
        yield from (_clip(_SMALL[hundreds]), _clip("hundredth"))
    else:
        yield from _quantity(number // 1000)
        yield _clip("thousandth")


def _money(amount: Decimal, currency: str) -> Iterator[Clip]:
    if currency == "USD":
        yield from _dollars(amount)
        return
    yield from _number(amount.normalize())
    yield from (_clip("yuan"),) if currency == "CNY" else spelled(currency)


def _dollars(amount: Decimal) -> Iterator[Clip]:
    if amount < 0:
        yield _clip("minus")
    whole, cents = divmod(int(abs(amount) * 100), 100)
    if whole or not cents:
        yield from _quantity(whole)
        yield _clip("dollar" if whole == 1 else "dollars")
    if cents:
        yield _clip(below_hundred(cents))
        yield _clip("cent" if cents == 1 else "cents")


def _year(year: int) -> Iterator[Clip]:
    century, rest = divmod(year, 100)
    if century < 10 or (century % 10 == 0 and rest < 10):
        yield from _quantity(year)  # two thousand nine
        return
    yield _clip(below_hundred(century))
    if rest == 0:
        yield _clip("hundred")
    else:
        yield _clip(f"oh {_SMALL[rest]}" if rest < 10 else below_hundred(rest))


def _time(moment: time) -> Iterator[Clip]:
    if moment in (time(0), time(12)):
        yield Clip("noon." if moment.hour else "midnight.")
        return
    yield _clip(_SMALL[(moment.hour - 1) % 12 + 1])
    if moment.minute:
        minute = moment.minute
        yield _clip(f"oh {_SMALL[minute]}" if minute < 10 else below_hundred(minute))
    yield Clip(_HALVES[moment.hour // 12])
