"""What a column of a report says, as data: its titles and its formula over sums. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "seconds", "share", "erlangs", "text", "moment"]
Value = str | int | float | None
Sums = Mapping[str, int]
"""What was added up, by name; those that end in ``_ms`` are milliseconds."""

_DIGITS = {"seconds": 3, "share": 4, "erlangs": 6}


@dataclass(frozen=True, slots=True)
class Column:
    """
    The sum of ``over`` or, where there is something ``under`` the line, the quotient of the sums.

    Nothing to divide by is None; so is a sum that is not there, where it ``may_be_unknown``.
    """

    name: str
    zh: str
    en: str
    over: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    unit: Unit = "count"
    may_be_unknown: bool = False
    says: str = ""

    @property
    def formula(self) -> str:
        if self.says:
            return self.says
        above, below = " + ".join(self.over), " + ".join(self.under)
        if not below:
            return above
        return " / ".join(f"({each})" if "+" in each else each for each in (above, below))

    def of(self, sums: Sums) -> Value:
        if self.may_be_unknown and any(name not in sums for name in self.over):
            return None
        above = sum(sums.get(name, 0) for name in self.over)
        if not self.under:
            return above / 1000 if self.unit == "seconds" else above
        below = sum(sums.get(name, 0) for name in self.under)
        if not below:
            return None
        # Of seconds the upper sum is in milliseconds and the lower one a number of things.
        quotient = above / below / 1000 if self.unit == "seconds" else above / below
        return round(quotient, _DIGITS[self.unit])


def count(name: str, zh: str, en: str, *over: str, says: str = "") -> Column:
    return Column(name, zh, en, over or (name,), says=says)


def seconds(name: str, zh: str, en: str, *over: str) -> Column:
    return Column(name, zh, en, over, unit="seconds")


def mean(name: str, zh: str, en: str, over: tuple[str, ...], under: tuple[str, ...]) -> Column:
    return Column(name, zh, en, over, under, "seconds")


def share(name: str, zh: str, en: str, over: tuple[str, ...], under: tuple[str, ...]) -> Column:
    return Column(name, zh, en, over, under, "share")


def text(name: str, zh: str, en: str, says: str = "") -> Column:
    return Column(name, zh, en, unit="text", says=says)
