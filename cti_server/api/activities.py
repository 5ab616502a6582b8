"""The calendar of activities: appointments, tasks and tickets that are due, also as iCalendar."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.activity_calendar import Activity, written
from crm.errors import InvalidField
from cti_server.store.tasks import Task, Tasks
from cti_server.store.tickets import Ticket, TicketFilter, Tickets
from cti_server.wire.tasks import ActivityCalendar, CalendarEntry

from .parameters import moment, named
from .parts import identity, parts
from .routing import Query, Routes, answer
from .tasks import NEEDS, viewer

routes = Routes()

_MOST = 1000  # of tasks, and of tickets
_LONGEST = timedelta(days=366)
_QUERY = (
    Query("since", "string", "from when on (RFC 3339); today if not given"),
    Query("until", "string", "until when; seven days if not given, a year at most"),
    Query("agent_id", "string", "whose; one's own if not given, everybody's by `any`"),
)
ANYBODY = "any"


@dataclass(frozen=True, slots=True)
class _Wanted:
    agent_id: str | None
    since: datetime
    until: datetime


@routes.add("GET", "/api/v1/calendar", needs=NEEDS, answers=ActivityCalendar, query=_QUERY)
async def get_calendar(request: web.Request) -> web.Response:
    """What one has to do in a time, or somebody else."""
    wanted = _wanted(request)
    async with parts(request).database.readers() as session:
        tasks, tickets = await _found(session, request, wanted)
    entries = [_of_task(task) for task in tasks] + [_of_ticket(one, at) for one, at in tickets]
    return answer(
        ActivityCalendar(
            agent_id=wanted.agent_id,
            since=wanted.since,
            until=wanted.until,
            complete=len(tasks) < _MOST and len(tickets) < _MOST,
            entries=sorted(entries, key=lambda entry: (entry.starts_at, entry.id)),
        )
    )


@routes.add(
    "GET",
    "/api/v1/calendar.ics",
    needs=NEEDS,
    query=_QUERY,
    media_type="text/calendar",
)
async def get_icalendar(request: web.Request) -> web.Response:
    """The same as iCalendar (RFC 5545)."""
    wanted = _wanted(request)
    async with parts(request).database.readers() as session:
        tasks, tickets = await _found(session, request, wanted)
    activities = [_activity(task, task.due_at) for task in tasks if task.due_at is not None]
    activities += [
        Activity(
            id=f"{ticket.id}-due",
            title=f"{ticket.number} {ticket.subject}",
            due_at=due_at,
            changed_at=ticket.updated_at,
            revision=ticket.version - 1,
        )
        for ticket, due_at in tickets
    ]
    return web.Response(
        body=written(activities),
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="hotline.ics"'},
    )


def _wanted(request: web.Request) -> _Wanted:
    """Raises NotPermitted for another's calendar, and InvalidField."""
    who, agent_id = identity(request), named(request, "agent_id")
    if agent_id not in {None, who.agent_id}:
        who.need("tasks.any")
    today = parts(request).clock.now().astimezone(UTC)
    since = moment(request, "since") or today.replace(hour=0, minute=0, second=0, microsecond=0)
    until = moment(request, "until") or since + timedelta(days=7)
    if not timedelta(0) < until - since <= _LONGEST:
        raise InvalidField("until", "must be after since, by a year at most")
    return _Wanted(None if agent_id == ANYBODY else agent_id or who.agent_id, since, until)


async def _found(
    session: AsyncSession, request: web.Request, wanted: _Wanted
) -> tuple[list[Task], list[tuple[Ticket, datetime]]]:
    who = identity(request)
    tasks = await Tasks(session).between(
        wanted.agent_id, viewer(who), wanted.since, wanted.until, _MOST
    )
    if not who.may("tickets.read"):
        return list(tasks), []
    theirs = TicketFilter(owner_id=wanted.agent_id, teams=who.teams, agent_id=who.agent_id)
    tickets = await Tickets(session).most_urgent(
        theirs, _MOST, since=wanted.since, until=wanted.until
    )
    return list(tasks), list(tickets)


def _of_task(task: Task) -> CalendarEntry:
    ends_at = task.due_at
    assert ends_at is not None  # noqa: S101 - the query asks for it
    return CalendarEntry(
        kind="appointment" if task.starts_at is not None else "task",
        id=task.id,
        title=task.title,
        starts_at=task.starts_at or ends_at,
        ends_at=ends_at,
        state=task.state,
        assignee_id=task.assignee_id,
        customer_id=task.customer_id,
        ticket_id=task.ticket_id,
    )


def _of_ticket(ticket: Ticket, due_at: datetime) -> CalendarEntry:
    return CalendarEntry(
        kind="ticket",
        id=ticket.id,
        title=f"{ticket.number} {ticket.subject}",
        starts_at=due_at,
        ends_at=due_at,
        state=ticket.state,
        assignee_id=ticket.owner_id,
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
    )


def _activity(task: Task, due_at: datetime) -> Activity:
    return Activity(
        id=task.id,
        title=task.title,
        notes=task.notes,
        starts_at=task.starts_at,
        due_at=due_at,
        remind_at=task.remind_at,
        done_at=task.ended_at if task.state == "done" else None,
        changed_at=task.updated_at,
        revision=task.version - 1,
    )
