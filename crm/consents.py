"""
Whether a customer may be contacted by a channel, for a purpose, at a moment.

Pure. What the customer said counts in this order: a channel that they will not have, a consent
that they withdrew, never gave or let expire, hours in which they want their peace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config.time_zone import ZoneName

Channel = Literal["voice", "sms", "mail", "fax", "chat"]
Purpose = Literal["service", "marketing", "survey"]
Cause = Literal[
    "channel_refused", "consent_withdrawn", "no_consent", "consent_expired", "quiet_hours"
]

OPT_IN: frozenset[str] = frozenset({"marketing"})
"""Purposes that need a consent (PIPL art. 24, 44; ePrivacy Directive art. 13). The others are
allowed until they are refused."""

_LOOK_AHEAD = timedelta(days=8)  # a week of quiet hours has no gap, if there is none until then


def _local(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("a time of day in the customer's own zone")
    return at


LocalTime = Annotated[time, AfterValidator(_local)]


class QuietHours(BaseModel):
    """
    From ``start`` to ``end`` on these ``days`` (ISO: Monday is 1; none named, every day).

    An ``end`` that is not after the ``start`` is the next day's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(max_length=7)] = ()
    start: LocalTime
    end: LocalTime


class Preferences(BaseModel):
    """
    How and when the customer likes to be reached.

    ``preferred``: channels, the best first. ``never``: those by which nobody may write or call.
    ``time_zone`` is the quiet hours'; None: the centre's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preferred: Annotated[tuple[Channel, ...], Field(max_length=5)] = ()
    never: Annotated[tuple[Channel, ...], Field(max_length=5)] = ()
    quiet_hours: Annotated[tuple[QuietHours, ...], Field(max_length=21)] = ()
    time_zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the customer decided on a channel and purpose."""

    channel: str
    purpose: str
    given: bool
    at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that a customer said about being contacted; ``time_zone`` is the centre's."""

    preferences: Preferences = field(default_factory=Preferences)
    decisions: Sequence[Decision] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. ``until``: when it would be allowed, if that is a matter of time."""

    cause: Cause
    until: datetime | None = None


def allows(wishes: Wishes, channel: Channel, purpose: Purpose, at: datetime) -> Refusal | None:
    """None if the customer may be contacted; ``at`` is aware."""
    if channel in wishes.preferences.never:
        return Refusal("channel_refused")
    if cause := _consent(latest(wishes.decisions, channel, purpose), purpose, at):
        return Refusal(cause)
    quiet_until = _quiet_until(wishes, at)
    if quiet_until is not None:
        return Refusal("quiet_hours", quiet_until if quiet_until < at + _LOOK_AHEAD else None)
    return None


def latest(decisions: Sequence[Decision], channel: str, purpose: str) -> Decision | None:
    """The decision that holds; of two at the same moment the refusal."""
    on_this = [each for each in decisions if (each.channel, each.purpose) == (channel, purpose)]
    return max(on_this, key=lambda each: (each.at, not each.given), default=None)


def _consent(decision: Decision | None, purpose: str, at: datetime) -> Cause | None:
    if decision is not None and not decision.given:
        return "consent_withdrawn"
    if purpose not in OPT_IN:
        return None
    if decision is None:
        return "no_consent"
    expired = decision.expires_at is not None and decision.expires_at <= at
    return "consent_expired" if expired else None


def _quiet_until(wishes: Wishes, at: datetime) -> datetime | None:
    """The end of the quiet hours that ``at`` is in, with those that follow at once."""
    zone = ZoneInfo(wishes.preferences.time_zone or wishes.time_zone)
    moment = at
    while moment < at + _LOOK_AHEAD:
        ends = [
            end
            for hours in wishes.preferences.quiet_hours
            for start, end in _spans(hours, moment, zone)
            if start <= moment < end
        ]
        if not ends:
            break
        moment = max(ends)
    return moment if moment > at else None


def _spans(hours: QuietHours, moment: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """These hours as they began yesterday and today, in UTC: a zone may change its clocks."""
    today = moment.astimezone(zone).date()
    spans = []
    for day in (today - timedelta(days=1), today):
        if hours.days and day.isoweekday() not in hours.days:
            continue
        last = day if hours.end > hours.start else day + timedelta(days=1)
        start = datetime.combine(day, hours.start, zone).astimezone(UTC)
        spans.append((start, datetime.combine(last, hours.end, zone).astimezone(UTC)))
    return spans
