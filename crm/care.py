"""
Care: on which day a customer is to be called, visited or written to, by rules that are data. Pure.

An *occasion* is a day in the customer's own time zone, and a key under which it comes only once.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from .consents import Channel, LocalTime, Purpose
from .labels import Labels
from .ticket_types import InTurn, Named, Role, Word

Means = Literal["call", "visit", "sms", "mail"]
CREATED = "created_at"
"""The field of an anniversary of being a customer, where no attribute of the centre's has it."""

CHANNEL: Mapping[Means, Channel] = {"call": "voice", "visit": "voice", "sms": "sms", "mail": "mail"}
"""Which wishes of the customer's count; a visit is agreed on by telephone."""

LATE = 7
"""Days after which what was missed (no server ran) is not made up for: late wishes are none."""

_FIRST = timedelta(hours=14)  # where each day begins first (Kiritimati), and no zone is before it
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = frozenset({"name", "years", "number"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Yearly(_Part):
    """
    Each year on the day of ``field``: an attribute that is a date, or "created_at".

    ``leap_day``: when somebody of 29 February has it in other years.
    """

    trigger: Literal["yearly"]
    field: Word
    leap_day: Literal["february_28", "march_1"] = "february_28"


class AfterTicket(_Part):
    """So many days after a ticket of this type was closed, if it still is."""

    trigger: Literal["after_ticket"]
    type: Word
    days: Annotated[int, Field(ge=1, le=366)]


class AfterOrder(_Part):
    """So many days after an order was fulfilled, if it still is."""

    trigger: Literal["after_order"]
    days: Annotated[int, Field(ge=1, le=366)]
    fulfilment: Literal["delivery", "pickup"] | None = None


class NoContact(_Part):
    """So many months after the last contact, or after the record was made if there was none."""

    trigger: Literal["no_contact"]
    months: Annotated[int, Field(ge=1, le=120)]


class OwnerOf(_Part):
    """Whose customer it is; of nobody's customer the next of ``team``, or whoever has ``role``."""

    rule: Literal["customer_owner"]
    team: Word | None = None
    role: Word = "agent"


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Texts(_Part):
    """In both languages; ``{name}``, ``{years}`` and ``{number}`` (of the ticket or order)."""

    zh: Text
    en: Text

    @field_validator("zh", "en")
    @classmethod
    def _are_filled(cls, text: str) -> str:
        if unknown := sorted(set(_PLACEHOLDER.findall(text)) - _PLACEHOLDERS):
            raise ValueError(f"there is no {{{unknown[0]}}}")
        return text


class Rule(_Part):
    """
    When, by what means, for what purpose, whose it is, and what is said.

    ``at`` is the time of day there; the task is due ``within`` days.
    """

    labels: Labels
    when: Annotated[Yearly | AfterTicket | AfterOrder | NoContact, Field(discriminator="trigger")]
    means: Means
    purpose: Purpose
    at: LocalTime = time(9)
    who: Annotated[OwnerOf | InTurn | Named | Role, Field(discriminator="rule")]
    within: Annotated[int, Field(ge=1, le=90)] = 3
    text: Texts

    @model_validator(mode="after")
    def _has_its_numbers(self) -> Self:
        has = {"yearly": {"name", "years"}, "no_contact": {"name"}}
        known = has.get(self.when.trigger, {"name", "number"})
        for text in (self.text.zh, self.text.en):
            if unknown := sorted(set(_PLACEHOLDER.findall(text)) - known):
                raise ValueError(f"text: there is no {{{unknown[0]}}} on such an occasion")
        return self


@dataclass(frozen=True, slots=True)
class Occasion:
    """``key``: under which it comes once; ``years`` of an anniversary."""

    key: str
    at: datetime
    years: int | None = None
    number: str | None = None


def planned_for(day: date, at: time) -> datetime:
    """When the occasions of a day are looked for: it is this time where the day begins first."""
    return datetime.combine(day, at, UTC) - _FIRST


def day_to_plan(now: datetime, at: time) -> date:
    """The latest day whose occasions are to be looked for by now."""
    return (now + _FIRST - timedelta(hours=at.hour, minutes=at.minute)).date()


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def moment_of(day: date, at: time, zone: str) -> datetime:
    """In UTC; of a time that the clocks skip, as much later."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def anniversary(born: date, year: int, leap_day: str = "february_28") -> date:
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28) if leap_day == "february_28" else date(year, 3, 1)
    return born.replace(year=year)


def yearly(rule: Rule, when: Yearly, born: date, day: date, zone: str) -> Occasion | None:
    """The anniversary that is this day; the day itself is none."""
    years = day.year - born.year
    if years < 1 or anniversary(born, day.year, when.leap_day) != day:
        return None
    return Occasion(f"{day.year}", moment_of(day, rule.at, zone), years=years)


def born_on(when: Yearly, day: date) -> list[str]:
    """Months and days ("02-29") of whose anniversary this day may be."""
    days = [f"{day:%m-%d}"]
    if not calendar.isleap(day.year):
        leap = date(day.year, 2, 28) if when.leap_day == "february_28" else date(day.year, 3, 1)
        if day == leap:
            days.append("02-29")
    return days


def after(
    rule: Rule, days: int, happened_at: datetime, key: str, number: str, zone: str
) -> Occasion:
    """So many days after something, by the customer's calendar."""
    day = local_day(happened_at, zone) + timedelta(days=days)
    return Occasion(key, moment_of(day, rule.at, zone), number=number)


def silence(rule: Rule, months: int, last_at: datetime, zone: str) -> Occasion:
    """So many months after the last contact; the next contact makes another occasion possible."""
    last = local_day(last_at, zone)
    return Occasion(f"{last}", moment_of(months_after(last, months), rule.at, zone))


def months_after(day: date, months: int) -> date:
    """The same day of a later month (earlier: negative), or the month's last where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def filled(texts: Texts, language: str, *, name: str, occasion: Occasion) -> str:
    """What is said, in the customer's language: Chinese or, for all others, English."""
    text = texts.zh if language.split("-")[0] == "zh" else texts.en
    values = {
        "name": name,
        "years": "" if occasion.years is None else str(occasion.years),
        "number": occasion.number or "",
    }
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
