"""
A caller's values as people write them. Pure; strict as what is said of them is.

What is none of its kind is shown as it came: nobody takes a text for a fact that was not read.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

from cti_server.speech.saying.values import (
    Groups,
    Money,
    Ordinal,
    Reading,
    Signs,
    Unsayable,
    read,
    told_units,
)
from ivr.reading import SayInWriting
from ivr.texts import SayAs, Slot, Value, written

_UNITS_ZH: Final = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def in_region(region: str) -> SayInWriting:
    """``region``: where telephone numbers are written for."""

    def say(value: Value, slot: Slot, language: str) -> str:
        text = written(value).strip()
        if slot.say_as in (SayAs.TEXT, SayAs.LETTERS):
            return text
        try:
            reading = read(value, slot.say_as, region)
        except Unsayable:
            return text
        return _LANGUAGES.get(language.partition("-")[0], _english)(reading)

    return say


def _chinese(reading: Reading) -> str:
    match reading:
        case Ordinal(number):
            return f"第{number}"
        case Money(amount, "CNY"):
            return f"{amount:,f}元"
        case date():
            return f"{reading.year}年{reading.month}月{reading.day}日"
        case timedelta():
            return "".join(f"{count}{_UNITS_ZH[unit]}" for count, unit in told_units(reading))
        case _:
            return _anywhere(reading)


def _english(reading: Reading) -> str:
    match reading:
        case Ordinal(number):
            return f"{number}{_ending(number)}"
        case date():
            return f"{reading.day} {_MONTHS[reading.month - 1]} {reading.year}"
        case timedelta():
            units = told_units(reading)
            return " ".join(f"{count} {unit}{'s' * (count != 1)}" for count, unit in units)
        case _:
            return _anywhere(reading)


def _anywhere(reading: Reading) -> str:
    match reading:
        case Signs(signs):
            return signs
        case Groups(groups):
            return " ".join(groups)
        case Money(amount, currency):
            return f"{amount:,f} {currency}"
        case time():
            return f"{reading:%H:%M}"
        case Decimal():
            return f"{reading:,f}"
        case _:
            return str(reading)


def _ending(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else _ENDINGS.get(number % 10, "th")


_LANGUAGES: Final[Mapping[str, Callable[[Reading], str]]] = {"zh": _chinese, "en": _english}
