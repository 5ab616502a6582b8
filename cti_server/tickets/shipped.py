"""The calendars, types and reasons that a new centre begins with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from config import yaml_text
from config.settings import SHIPPED
from crm.calendars import Hours
from crm.errors import AlreadyThere
from crm.labels import Labels
from crm.ticket_types import Definition
from cti_server.store.changes import Changes
from cti_server.store.ticket_types import TicketReason, TicketType, WorkingCalendar

from .edit import SYSTEM, Edit
from .kinds import stored

FILE = SHIPPED / "crm" / "tickets.yaml"

HOTLINE = "hotline"
"""The calendar of the shipped main flow: no server starts with that flow without it."""


@dataclass(frozen=True, slots=True)
class _Reason:
    id: str
    kind: str
    parent_id: str | None
    labels: dict[str, str]
    position: int


@dataclass(frozen=True, slots=True)
class _Shipped:
    calendars: dict[str, dict[str, Any]]
    types: dict[str, tuple[str, dict[str, Any]]]
    """By id: the calendar's, and the definition."""
    reasons: list[_Reason]
    """Each parent before its children."""


async def load(changes: Changes, now: datetime, new_id: Callable[[], str]) -> None:
    """
    Put them into a database that has none of them; what a centre made of them stays.

    One of an earlier release gets the calendar that the main flow looks at since.
    """
    try:
        async with changes.begin(SYSTEM) as change:
            edit = Edit(change, now, new_id)
            if await change.session.scalar(select(WorkingCalendar.id).limit(1)) is None:
                await _store(edit, _read())
            elif await change.session.get(WorkingCalendar, HOTLINE) is None:
                _add_calendar(edit, HOTLINE, _read().calendars[HOTLINE])
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


@cache
def _read() -> _Shipped:
    written: dict[str, Any] = yaml_text.load(FILE.read_text(encoding="utf-8"))
    types = {name: dict(kind) for name, kind in written["types"].items()}
    reasons = [*_reasons("reason", written["reasons"]), *_reasons("cause", written["causes"])]
    return _Shipped(
        {name: stored(Hours.model_validate(one)) for name, one in written["calendars"].items()},
        {
            name: (kind.pop("calendar"), stored(Definition.model_validate(kind)))
            for name, kind in types.items()
        },
        sorted(reasons, key=lambda reason: reason.parent_id is not None),
    )


def _reasons(kind: str, written: dict[str, Any]) -> Iterator[_Reason]:
    def reason(name: str, parent: str | None, labels: object, position: int) -> _Reason:
        checked = Labels.model_validate(labels).model_dump()
        return _Reason(name, kind, parent, checked, position)

    for position, (name, group) in enumerate(written.items()):
        yield reason(name, None, group["labels"], position)
        for place, (below, labels) in enumerate(group["below"].items()):
            yield reason(below, name, labels, place)


async def _store(edit: Edit, shipped: _Shipped) -> None:
    now = edit.now
    for name, hours in shipped.calendars.items():
        _add_calendar(edit, name, hours)
    await edit.session.flush()
    for name, (calendar_id, definition) in shipped.types.items():
        edit.session.add(
            TicketType(
                id=name,
                calendar_id=calendar_id,
                definition=definition,
                created_at=now,
                updated_at=now,
            )
        )
        edit.change.record("ticket_type", name, "created")
    for level in (True, False):
        for one in shipped.reasons:
            if (one.parent_id is None) is level:
                edit.session.add(
                    TicketReason(
                        id=one.id,
                        kind=one.kind,
                        parent_id=one.parent_id,
                        labels=one.labels,
                        position=one.position,
                        created_at=now,
                        updated_at=now,
                    )
                )
                edit.change.record("ticket_reason", one.id, "created")
        await edit.session.flush()


def _add_calendar(edit: Edit, name: str, hours: dict[str, Any]) -> None:
    edit.session.add(
        WorkingCalendar(id=name, definition=hours, created_at=edit.now, updated_at=edit.now)
    )
    edit.change.record("working_calendar", name, "created")
