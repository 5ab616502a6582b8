"""
Arabic numbers in Chinese text, written out the way that an operator says them.

Pure. The rules, first match wins: a clock time, a year before 年, a percentage, a sum of money,
what is a name rather than a quantity (digits one by one), a quantity. In digits one by one, 1 is
幺 (yāo), because 一 (yī) and 七 (qī) are too alike on the telephone; in quantities it is 一.
2 before a measure word is 两, and at the head of a number before 千, 万 and 亿 (within it 二:
三万二千; 吕叔湘,《现代汉语八百词》).
"""

import re
from typing import Final

DIGITS: Final = "零一二三四五六七八九"
SPELLED: Final = "零幺二三四五六七八九"

_WIDE: Final = {0xFF10 + n: str(n) for n in range(10)} | {ord("％"): "%", ord("￥"): "¥"}
_PLACES: Final = ("", "十", "百", "千")
_MYRIADS: Final = ("", "万", "亿", "万亿")
_LONGEST_QUANTITY: Final = 16
_MEASURES: Final = "个位名件次条天周年家张台部遍种项份元块页秒岁路户人层"

_RULES: Final = re.compile(
    rf"""
    (?P<hour>\b[012]?\d)[:：](?P<minute>[0-5]\d)(?![\d:：])
  | (?P<year>(?<![\d.])\d{{4}})(?=年)
  | (?P<percent>-?\d+(?:\.\d+)?)%
  | ¥(?P<money>-?\d+(?:,\d{{3}})*(?:\.\d+)?)
  | (?:(?<=号)|(?<=号码)|(?<=电话)|(?<=热线)|(?<=拨打))(?P<named>[:： ]?\d[\d -]*\d)
  | (?P<groups>\d{{2,}}(?:-\d{{2,}})+)
  | (?P<zeroed>0\d+)(?![\d.])
  | (?P<long>\d{{7,}})(?![\d.])
  | (?P<quantity>-?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|-?\d+(?:\.\d+)?)
    (?P<measure>[{_MEASURES}]|小时|分钟)?
    """,
    re.VERBOSE | re.ASCII,
)


def write_out(text: str) -> str:
    """The text with every number in characters."""
    return _RULES.sub(_words, text.translate(_WIDE))


def spell(digits: str) -> str:
    """Digits one by one, as of a telephone or agent number; anything else is left out."""
    return "".join(SPELLED[int(digit)] for digit in digits if digit in "0123456789")


def quantity(number: int) -> str:
    """How many: 一千二百三十四, 十二, 一百零五. At most 16 digits."""
    if number < 0:
        return "负" + quantity(-number)
    if number == 0:
        return "零"
    groups = [number // 10_000**power % 10_000 for power in range(len(_MYRIADS))]
    said = ""
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if group == 0:
            continue
        gap = said and (group < 1000 or groups[power + 1] == 0)
        said += ("零" if gap else "") + _in_myriads(group, power)
    if said.startswith("二千"):
        return said.replace("二", "两", 1)
    return said.removeprefix("一") if said.startswith("一十") else said


def decimals(number: str) -> str:
    """A quantity with what follows its point, figure by figure: 12.50 is 十二点五零."""
    whole, _, fraction = number.partition(".")
    after = "点" + "".join(DIGITS[int(digit)] for digit in fraction) if fraction else ""
    return quantity(int(whole)) + after


def hour(hour: int) -> str:
    """On the clock of 24: 两点, 十七点."""
    return ("两" if hour == 2 else quantity(hour)) + "点"


def minutes(minute: int) -> str:
    """After the hour; nothing for the full one."""
    return "" if minute == 0 else ("零" if minute < 10 else "") + quantity(minute) + "分"


def _in_myriads(group: int, power: int) -> str:
    count = "两" if group == 2 and power else _below_myriad(group)
    return count + _MYRIADS[power]


def _below_myriad(number: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + _PLACES[place]
        gap = digit == 0
    return said


def _words(match: re.Match[str]) -> str:
    kind, value = match.lastgroup, match.group()
    if kind == "measure":
        return _measured(match["quantity"], match["measure"])
    match kind:
        case "minute":
            return _clock(int(match["hour"]), int(match["minute"]))
        case "year":
            return "".join(DIGITS[int(digit)] for digit in value)
        case "percent":
            return "百分之" + _decimal(match["percent"])
        case "money":
            return _decimal(match["money"]) + "元"
        case "quantity":
            return _decimal(value)
        case _:
            return spell(value)


def _measured(number: str, measure: str) -> str:
    return ("两" if number == "2" else _decimal(number)) + measure


def _clock(hours: int, minute: int) -> str:
    return hour(hours) + minutes(minute)


def _decimal(number: str) -> str:
    whole = number.replace(",", "").partition(".")[0]
    if len(whole.lstrip("-")) > _LONGEST_QUANTITY:
        return spell(whole)
    return ("负" if whole.startswith("-") else "") + decimals(number.replace(",", "").lstrip("-"))
