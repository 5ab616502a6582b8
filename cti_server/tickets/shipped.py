"""The calendars, types and reasons that a new centre begins with."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import select

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


async def load(changes: Changes, now: datetime, new_id: Callable[[], str]) -> None:
    """Put them into a database that has none of them; what a centre made of them stays."""
    written: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    try:
        async with changes.begin(SYSTEM) as change:
            if await change.session.scalar(select(WorkingCalendar.id).limit(1)) is None:
                await _store(Edit(change, now, new_id), written)
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


async def _store(edit: Edit, written: dict[str, Any]) -> None:
    now = edit.now
    for name, hours in written["calendars"].items():
        definition = stored(Hours.model_validate(hours))
        edit.session.add(
            WorkingCalendar(id=name, definition=definition, created_at=now, updated_at=now)
        )
        edit.change.record("working_calendar", name, "created")
    await edit.session.flush()
    for name, kind in written["types"].items():
        calendar_id = kind.pop("calendar")
        definition = stored(Definition.model_validate(kind))
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
    for level in (1, 2):
        for kind, section in (("reason", "reasons"), ("cause", "causes")):
            for position, (name, parent, labels) in enumerate(_reasons(written[section], level)):
                edit.session.add(
                    TicketReason(
                        id=name,
                        kind=kind,
                        parent_id=parent,
                        labels=Labels.model_validate(labels).model_dump(),
                        position=position,
                        created_at=now,
                        updated_at=now,
                    )
                )
                edit.change.record("ticket_reason", name, "created")
        await edit.session.flush()


def _reasons(
    written: dict[str, Any], level: int
) -> Iterator[tuple[str, str | None, dict[str, str]]]:
    for name, group in written.items():
        if level == 1:
            yield name, None, group["labels"]
        else:
            for below, labels in group["below"].items():
                yield below, name, labels
