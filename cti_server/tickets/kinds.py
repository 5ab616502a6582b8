"""A ticket's type with its calendar, ready to calculate with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from crm.calendars import Calendar, Hours
from crm.errors import UnknownRecord
from crm.ticket_types import Definition
from cti_server.store.ticket_types import TicketType, TicketTypes, WorkingCalendar

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Kind:
    id: str
    active: bool
    definition: Definition
    calendar_id: str
    calendar: Calendar


def calendar_of(record: WorkingCalendar) -> Calendar:
    return _calendar(_encode(record.definition))


def definition_of(record: TicketType) -> Definition:
    return _definition(_encode(record.definition))


async def kind_of(session: AsyncSession, type_id: str) -> Kind:
    """Raises UnknownRecord."""
    types = TicketTypes(session)
    record = await types.get(type_id)
    calendar = await types.calendar(record.calendar_id) if record is not None else None
    if record is None or calendar is None:
        raise UnknownRecord("ticket_type", type_id)
    return Kind(type_id, record.active, definition_of(record), calendar.id, calendar_of(calendar))


def stored(definition: Definition | Hours) -> dict[str, Any]:
    """As JSON, without what is as it always is."""
    written: Mapping[str, Any] = definition.model_dump(mode="json", exclude_defaults=True)
    return dict(written)


@lru_cache(maxsize=128)
def _definition(text: bytes) -> Definition:
    return Definition.model_validate_json(text)


@lru_cache(maxsize=128)
def _calendar(text: bytes) -> Calendar:
    return Calendar(Hours.model_validate_json(text))
