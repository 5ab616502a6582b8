"""
Values in Mandarin, as operators say them. Pure.

* Digits in pairs from the left (八零、二六), because single syllables out of context are hard to
  make out; 1 is 幺, too alike to 七 otherwise (the custom of telephone services and of radio).
  Letters stand alone.
* Quantities by :func:`.chinese_numbers.quantity`. A bare 2 is 两, for something is counted; before
  千, 万 and 亿 it is 两 at the head of a number and 二 within it, before 百 and 十 always 二
  (吕叔湘,《现代汉语八百词》: 二、两). Decimals follow 点 one by one (GB/T 15835-2011).
* Sums in 元, 角 and 分; 零 where the 角 are missing. Dollars in 美元 and 美分, any other currency
  as the number and the letters of its code (ISO 4217).
* Dates as year, month, day with the year's digits one by one (二零二六年, GB/T 7408), here with 一
  for 1: 幺 is for numbers that are dialled.
* Times by the clock of 24 hours (十七点零五分): it needs no judgement of what is still 上午 or
  already 傍晚, and it is what :mod:`.chinese_numbers` makes of 17:05 in a written text.
* Telephone numbers in their groups (138 0013 8000), a pause between them.

* Durations in the two largest units of 天, 小时, 分钟 and 秒.

A number is cut where its places end: 一千, 二百, 三十四元. What is below a hundred stays whole, and
a unit of one syllable with its figures where there are few of them: alone it has no melody.
"""

import re
import string
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

from ..chinese_numbers import DIGITS, decimals, hour, minutes, quantity, spell
from .values import PAUSE, Clip, Groups, Money, Ordinal, Reading, Signs, paced, told_units

_FROM_ONE: Final = DIGITS[1:]
_CUTS: Final = re.compile(
    rf"""
    [{_FROM_ONE}两][千百]元?
  | [{_FROM_ONE}两][角分万亿]
  | 零[{_FROM_ONE}](?![十百千万亿])[元分]?
  | (?:[{_FROM_ONE}]?十[{_FROM_ONE}]? | [{_FROM_ONE}两])元?
  | 点[{DIGITS}]
  | 零元 | 美元 | 美分
  | .
    """,
    re.VERBOSE,
)
"""Never loses a sign: what fits nothing else is a clip by itself."""

_CENTURIES: Final = ("一九", "二零")
_TOLD_WHOLE: Final = 20  # ordinals up to here are one clip
_SPANS: Final = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}


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
            yield from _cut(_counted(value))
        case Ordinal(number):
            yield from _ordinal(number)
        case Money(amount, currency):
            yield from _money(amount, currency)
        case date():
            yield from _date(value)
        case time():
            yield _clip(hour(value.hour))
            yield from (_clip(minutes(value.minute)),) if value.minute else ()
        case timedelta():
            for count, unit in told_units(value):
                yield from _span(count, _SPANS[unit])


def spelled(signs: str) -> Iterator[Clip]:
    """Digits in pairs, letters alone."""
    for group in re.findall(r"[0-9]{1,2}|[A-Z]", signs):
        yield paced(f"{spell(group)}，" if group.isdigit() else f"{group}。")


def every_clip() -> Iterator[Clip]:
    """All that can be asked for."""
    for sign in string.digits + string.ascii_uppercase:
        yield from spelled(sign)
    for pair in range(100):
        yield from spelled(f"{pair:02}")
    yield from map(_clip, _parts_of_numbers())
    yield from map(_clip, _parts_of_times())


def _parts_of_numbers() -> Iterator[str]:
    yield from (
        "负",
        "元",
        "万",
        "亿",
        "两",
        "两元",
        "两千",
        "两千元",
        "零元",
        "美元",
        "美分",
        "第",
    )
    yield from (f"点{digit}" for digit in DIGITS)
    yield from (f"{digit}{unit}" for digit in "两" + _FROM_ONE for unit in "角分万亿")
    for digit in _FROM_ONE:
        yield from (f"{digit}百", f"{digit}千", f"{digit}百元", f"{digit}千元")
        yield from (f"零{digit}", f"零{digit}元", f"零{digit}分")
    for number in range(100):
        yield quantity(number)
        yield f"{quantity(number)}元"
    for number in range(10, 20):
        yield from (f"一{quantity(number)}", f"一{quantity(number)}元")
    yield from (f"第{quantity(number)}" for number in range(1, _TOLD_WHOLE + 1))


def _parts_of_times() -> Iterator[str]:
    yield from _CENTURIES
    yield from (f"{DIGITS[pair // 10]}{DIGITS[pair % 10]}年" for pair in range(100))
    yield from (f"{quantity(month)}月" for month in range(1, 13))
    yield from (f"{quantity(day)}日" for day in range(1, 32))
    yield from map(hour, range(24))
    yield from map(minutes, range(1, 60))
    yield _SPANS["day"]
    yield f"零{_SPANS['second']}"
    for unit, most in (("hour", 23), ("minute", 59), ("second", 59)):
        yield from (f"{_how_many(count)}{_SPANS[unit]}" for count in range(1, most + 1))


def _clip(words: str) -> Clip:
    return Clip(f"{words}，")


def _cut(words: str) -> Iterator[Clip]:
    yield from map(_clip, _CUTS.findall(words))


def _counted(number: Decimal) -> str:
    if number == 2:
        return "两"
    return ("负" if number < 0 else "") + decimals(format(abs(number), "f"))


def _ordinal(number: int) -> Iterator[Clip]:
    if number <= _TOLD_WHOLE:
        yield _clip(f"第{quantity(number)}")
    else:
        yield _clip("第")
        yield from _cut(quantity(number))


def _money(amount: Decimal, currency: str) -> Iterator[Clip]:
    if currency not in ("CNY", "USD"):
        yield from _cut(_counted(amount.normalize()))
        yield from spelled(currency)
        return
    yield from _cut("负" if amount < 0 else "")
    whole, parts = divmod(int(abs(amount) * 100), 100)
    say = _yuan if currency == "CNY" else _dollars
    yield from _cut(say(whole, parts))


def _yuan(whole: int, parts: int) -> str:
    jiao, fen = divmod(parts, 10)
    said = f"{_how_many(whole)}元" if whole or not parts else ""
    said += f"{_how_many(jiao)}角" if jiao else ""
    gap = "零" if whole and fen and not jiao else ""
    return said + (f"{gap}{_how_many(fen)}分" if fen else "")


def _dollars(whole: int, parts: int) -> str:
    said = f"{_how_many(whole)}美元" if whole or not parts else ""
    return said + (f"{_how_many(parts)}美分" if parts else "")


def _how_many(number: int) -> str:
    return "两" if number == 2 else quantity(number)


def _span(count: int, unit: str) -> Iterator[Clip]:
    if unit == _SPANS["day"]:
        yield from _cut(_how_many(count))
        yield _clip(unit)
    else:
        yield _clip(f"{_how_many(count)}{unit}")


def _date(day: date) -> Iterator[Clip]:
    year = "".join(DIGITS[int(digit)] for digit in f"{day.year:04}")
    century = [year[:2]] if year[:2] in _CENTURIES else year[:2]
    for part in (*century, f"{year[2:]}年", f"{quantity(day.month)}月", f"{quantity(day.day)}日"):
        yield _clip(part)
