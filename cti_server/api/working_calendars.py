"""Working calendars: when somebody is there, by which the clocks of tickets run."""

from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.calendars import Hours
from crm.errors import NotNow, UnknownRecord
from cti_server.opening_hours import calendars_of
from cti_server.store.routing_definitions import DefinitionVersions
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_types import TicketType, TicketTypes, WorkingCalendar
from cti_server.store.versions import check_version
from cti_server.tickets import clocks
from cti_server.tickets.edit import SYSTEM, Edit
from cti_server.tickets.kinds import calendar_of, stored
from cti_server.wire.definitions import DefinitionVersionPage, RollBack
from cti_server.wire.ticket_types import (
    WorkingCalendarCreate,
    WorkingCalendarEdit,
    WorkingCalendarView,
    WorkingTime,
)

from .definition_versions import answer_versions
from .editing import editing
from .paging import PAGING
from .parameters import VERSION, moment, number, version_to_delete
from .parts import parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_A_YEAR = 366 * 24 * 60  # minutes
_KIND = "working_calendar"


@routes.add(
    "GET",
    "/api/v1/working-calendars",
    needs=("tickets.read",),
    answers=WorkingCalendarView,
    many=True,
)
async def list_working_calendars(request: web.Request) -> web.Response:
    """Every calendar of opening hours."""
    async with parts(request).database.readers() as session:
        found = await TicketTypes(session).calendars()
    return answer_many([_view(one) for one in found])


@routes.add(
    "POST",
    "/api/v1/working-calendars",
    needs=("tickets.types",),
    body=WorkingCalendarCreate,
    answers=WorkingCalendarView,
    status=201,
)
async def create_working_calendar(request: web.Request) -> web.Response:
    """Define a new calendar."""
    wanted = await read(request, WorkingCalendarCreate)
    async with editing(request) as edit:
        made = WorkingCalendar(
            id=wanted.id,
            definition=stored(wanted.hours),
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(made)
        edit.change.record("working_calendar", made.id, "created")
        await _keep(edit, made, "created")
    return answer(_view(made), status=201)


@routes.add(
    "GET",
    "/api/v1/working-calendars/{calendar_id}",
    needs=("tickets.read",),
    answers=WorkingCalendarView,
)
async def get_working_calendar(request: web.Request) -> web.Response:
    """One calendar."""
    async with parts(request).database.readers() as session:
        return answer(_view(await _need(session, request)))


@routes.add(
    "PUT",
    "/api/v1/working-calendars/{calendar_id}",
    needs=("tickets.types",),
    body=WorkingCalendarEdit,
    answers=WorkingCalendarView,
)
async def edit_working_calendar(request: web.Request) -> web.Response:
    """Define its hours anew; the clocks that run by it are read as if it had always been so."""
    wanted = await read(request, WorkingCalendarEdit)
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, wanted.version)
        await _redefine(edit, found, stored(wanted.hours), "updated")
    return answer(_view(found))


@routes.add(
    "DELETE",
    "/api/v1/working-calendars/{calendar_id}",
    needs=("tickets.types",),
    status=204,
    query=(VERSION,),
)
async def delete_working_calendar(request: web.Request) -> web.Response:
    """Remove a calendar that nothing goes by."""
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, version_to_delete(request))
        for used in (TicketType.calendar_id, TicketClock.calendar_id):
            if await edit.session.scalar(select(used).where(used == found.id).limit(1)):
                raise NotNow("the clocks of tickets run by this calendar")
        for queue in parts(request).queues.values():
            for field, named in calendars_of(queue).items():
                if named == found.id:
                    raise NotNow(f"the queue {queue.name!r} goes by this calendar: {field}")
        for rule in parts(request).recording.rules:
            if rule.hours == found.id:
                raise NotNow(f"recording.rules.{rule.name}.hours names this calendar")
        for flow in parts(request).flows.values():
            for part in flow.whole():
                if found.id in part.calendars:
                    raise NotNow(f"the flow {part.name!r} looks at this calendar")
        await edit.session.delete(found)
        await DefinitionVersions(edit.session, _KIND).forget(found.id)
        edit.change.record("working_calendar", found.id, "deleted")
    return web.Response(status=204)


@routes.add(
    "GET",
    "/api/v1/working-calendars/{calendar_id}/time",
    needs=("tickets.read",),
    answers=WorkingTime,
    query=(
        Query("since", "string", "from when on (RFC 3339); now if not given"),
        Query("minutes", "integer", "of opening hours; 0 if not given"),
    ),
)
async def get_working_time(request: web.Request) -> web.Response:
    """Whether it is open at a moment, and when so many minutes of opening hours have passed."""
    here = parts(request)
    since = moment(request, "since") or here.clock.now()
    minutes = number(request, "minutes", default=0, most=_A_YEAR)
    async with here.database.readers() as session:
        calendar = calendar_of(await _need(session, request))
    at = calendar.after(since, timedelta(minutes=minutes))
    return answer(WorkingTime(open_now=calendar.is_open(since), at=at))


@routes.add(
    "GET",
    "/api/v1/working-calendars/{calendar_id}/versions",
    needs=("tickets.read",),
    answers=DefinitionVersionPage,
    query=PAGING,
)
async def list_calendar_versions(request: web.Request) -> web.Response:
    """What the calendar was, the newest version first."""
    return await answer_versions(request, _KIND, request.match_info["calendar_id"])


@routes.add(
    "POST",
    "/api/v1/working-calendars/{calendar_id}/roll-back",
    needs=("tickets.types",),
    body=RollBack,
    answers=WorkingCalendarView,
)
async def roll_back_calendar(request: web.Request) -> web.Response:
    """Have its hours be what they were in an earlier version; that is a new version."""
    wanted = await read(request, RollBack)
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, wanted.version)
        hours = await DefinitionVersions(edit.session, _KIND).content(found.id, wanted.to)
        await _redefine(edit, found, hours, "rolled_back")
    return answer(_view(found))


async def _redefine(
    edit: Edit, found: WorkingCalendar, definition: dict[str, Any], action: str
) -> None:
    await DefinitionVersions(edit.session, _KIND).keep_found(
        found.id, found.version, found.definition, SYSTEM, found.updated_at
    )
    found.definition, found.updated_at = definition, edit.now
    await _keep(edit, found, action)
    await clocks.look_again(edit.session, edit.now, TicketClock.calendar_id == found.id)
    edit.change.record(_KIND, found.id, action, fields=["hours"])


async def _keep(edit: Edit, found: WorkingCalendar, action: str) -> None:
    """What it is from this version on."""
    await edit.session.flush()
    DefinitionVersions(edit.session, _KIND).keep(
        found.id, found.version, action, found.definition, edit.by, edit.now
    )


async def _need(session: AsyncSession, request: web.Request) -> WorkingCalendar:
    """Raises UnknownRecord."""
    calendar_id = request.match_info["calendar_id"]
    found = await TicketTypes(session).calendar(calendar_id)
    if found is None:
        raise UnknownRecord("working_calendar", calendar_id)
    return found


def _view(found: WorkingCalendar) -> WorkingCalendarView:
    return WorkingCalendarView(
        id=found.id,
        hours=Hours.model_validate(found.definition),
        version=found.version,
        updated_at=found.updated_at,
    )
