"""What somebody has to do, as an iCalendar (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import icalendar

PRODUCT = "-//Hotline//Hotline//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """
    An appointment (with ``starts_at``), or something that is due.

    ``id`` names it for good: a calendar that reads it again replaces what it had by it.
    """

    id: str
    title: str
    notes: str | None = None
    starts_at: datetime | None = None
    due_at: datetime
    remind_at: datetime | None = None
    done_at: datetime | None = None
    changed_at: datetime
    revision: int = 0


def written(activities: Iterable[Activity]) -> bytes:
    """The calendar as a client subscribes to it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for activity in activities:
        calendar.add_component(_event(activity) if activity.starts_at else _to_do(activity))
    text: bytes = calendar.to_ical()
    return text


def _event(activity: Activity) -> icalendar.Event:
    event = icalendar.Event()
    _describe(event, activity)
    event.add("dtstart", activity.starts_at)
    event.add("dtend", activity.due_at)
    return event


def _to_do(activity: Activity) -> icalendar.Todo:
    to_do = icalendar.Todo()
    _describe(to_do, activity)
    to_do.add("due", activity.due_at)
    if activity.done_at is not None:
        to_do.add("completed", activity.done_at.astimezone(UTC))
    to_do.add("status", "COMPLETED" if activity.done_at is not None else "NEEDS-ACTION")
    return to_do


def _describe(component: icalendar.Component, activity: Activity) -> None:
    component.add("uid", f"{activity.id}@hotline")
    component.add("dtstamp", activity.changed_at.astimezone(UTC))
    component.add("sequence", activity.revision)
    component.add("summary", activity.title)
    if activity.notes is not None:
        component.add("description", activity.notes)
    if activity.remind_at is not None:
        component.add_component(_alarm(activity, activity.remind_at))


def _alarm(activity: Activity, at: datetime) -> icalendar.Alarm:
    """RFC 5545 §3.6.6: an alarm at a moment of its own."""
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", activity.title)
    alarm.add("trigger", at.astimezone(UTC))
    return alarm
