"""
Service level: the share of contacts that were answered in time. Pure; the formula is stated.

All formulas have the contacts *answered within* the target's time above the line; they differ in
the contacts below it, that is, in what becomes of those who hung up. Time counts from the first
moment in a queue to the agent who takes the contact. Contacts that left for another queue, a
call-back or an outside number count where they are answered, and where they left nowhere.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from .errors import InvalidValue


class Formula(enum.StrEnum):
    """What is below the line; the names on the left are the settings' values."""

    LONG_ABANDONS = "long_abandons"
    """Answered + abandoned later than the short-abandon threshold: the usual one."""

    OFFERED = "offered"
    """Answered + all abandoned: the strictest."""

    ANSWERED = "answered"
    """Answered alone: who hangs up does not count at all."""

    LATE_ABANDONS = "late_abandons"
    """Answered + abandoned later than the target's time: who left before was not failed yet."""

    ABANDONS_IN_TIME = "abandons_in_time"
    """Answered + all abandoned; abandoned within the target's time counts above the line, too."""


class Waited(NamedTuple):
    """How long a contact waited, and whether it was answered then or hung up."""

    time: timedelta
    answered: bool


class Count(NamedTuple):
    """What contacts add above and below the line: sums of these are all that figures keep."""

    met: int = 0
    counted: int = 0

    def __add__(self, other: object) -> "Count":
        if not isinstance(other, Count):
            return NotImplemented
        return Count(self.met + other.met, self.counted + other.counted)

    @property
    def level(self) -> float | None:
        """Between 0 and 1; None while nothing counts."""
        return self.met / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A queue's target: this ``share`` of its contacts is to be answered ``within`` the time."""

    within: timedelta = timedelta(seconds=20)
    share: float = 0.8
    formula: Formula = Formula.LONG_ABANDONS
    short_abandon: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if self.within <= timedelta(0):
            raise InvalidValue("contacts cannot be answered within nothing")
        if not 0 < self.share <= 1:
            raise InvalidValue(f"a share of {self.share:g} is not above 0 and up to 1")
        if self.short_abandon < timedelta(0):
            raise InvalidValue("a short abandon cannot be shorter than nothing")

    def count(self, waited: Waited) -> Count:
        """What this contact adds."""
        in_time = waited.time <= self.within
        if waited.answered:
            return Count(int(in_time), 1)
        match self.formula:
            case Formula.LONG_ABANDONS:
                return Count(0, int(waited.time > self.short_abandon))
            case Formula.OFFERED:
                return Count(0, 1)
            case Formula.ANSWERED:
                return Count(0, 0)
            case Formula.LATE_ABANDONS:
                return Count(0, int(not in_time))
            case Formula.ABANDONS_IN_TIME:
                return Count(int(in_time), 1)

    def of(self, contacts: Iterable[Waited]) -> float | None:
        """The level of these contacts; None if none of them counts."""
        return sum(map(self.count, contacts), Count()).level

    def met_by(self, count: Count) -> bool:
        """Whether the target is reached; where nothing counts, nothing was missed."""
        return count.met >= self.share * count.counted
