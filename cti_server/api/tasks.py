"""Tasks: one's own, and with the permission for it those of others."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import NotNow, UnknownRecord
from crm.timeline import Place
from cti_server.store.tasks import NEVER, Task, Tasks, TaskViewer
from cti_server.store.tickets import Tickets
from cti_server.store.versions import check_version
from cti_server.tickets import todo
from cti_server.tickets.edit import Edit
from cti_server.tickets.reminders import locked_task
from cti_server.wire.tasks import TaskCreate, TaskEdit, TaskEnd, TaskPage, TaskVersion, TaskView

from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, named, version_to_delete
from .parts import identity, parts
from .permissions import Identity
from .routing import Query, Routes, answer, read
from .ticket_views import task_view

routes = Routes()

NEEDS = ("tasks.own", "tasks.any")
_FILTERS = ("assignee_id", "team", "state", "kind", "customer_id", "ticket_id")


def viewer(who: Identity) -> TaskViewer:
    return TaskViewer(
        agent_id=who.agent_id, roles=who.roles, teams=who.teams, any=who.may("tasks.any")
    )


@routes.add(
    "GET",
    "/api/v1/tasks",
    needs=NEEDS,
    answers=TaskPage,
    query=(*PAGING, *(Query(name) for name in _FILTERS)),
)
async def list_tasks(request: web.Request) -> web.Response:
    """The tasks that fit, by their due moment."""
    most, wanted = limit(request), {name: named(request, name) for name in _FILTERS}
    async with parts(request).database.readers() as session:
        found = await Tasks(session).page(
            viewer(identity(request)),
            most,
            place=after(request, Place),
            **wanted,
        )
    last = found[-1] if len(found) == most else None
    more = cursor(last.due_at or NEVER, last.id) if last is not None else None
    return answer(TaskPage(items=[task_view(one) for one in found], next=more))


@routes.add("POST", "/api/v1/tasks", needs=NEEDS, body=TaskCreate, answers=TaskView, status=201)
async def create_task(request: web.Request) -> web.Response:
    """Give oneself a task, or with the permission for it somebody else."""
    wanted, who = await read(request, TaskCreate), identity(request)
    new = todo.NewTask(**{name: getattr(wanted, name) for name in TaskCreate.model_fields})
    if new.assignee_id not in {None, who.agent_id}:
        who.need("tasks.any")
    async with editing(request) as edit:
        if new.ticket_id is not None:
            ticket = await Tickets(edit.session).locked(new.ticket_id)
            if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
                raise UnknownRecord("ticket", new.ticket_id)
        task = await todo.create(edit, new)
        await edit.session.flush()
    return answer(task_view(task), status=201)


@routes.add("GET", "/api/v1/tasks/{task_id}", needs=NEEDS, answers=TaskView)
async def get_task(request: web.Request) -> web.Response:
    """One task."""
    async with parts(request).database.readers() as session:
        return answer(task_view(await _seen(session, request)))


@routes.add("PATCH", "/api/v1/tasks/{task_id}", needs=NEEDS, body=TaskEdit, answers=TaskView)
async def edit_task(request: web.Request) -> web.Response:
    """Change what is given of a task."""
    wanted, who = await read(request, TaskEdit), identity(request)
    values = {name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}}
    if values.get("assignee_id") not in {None, who.agent_id}:
        who.need("tasks.any")
    async with editing(request) as edit:
        task = await _locked(edit, request)
        check_version(task, wanted.version)
        await todo.change(edit, task, values)
        await edit.session.flush()
    return answer(task_view(task))


@routes.add("POST", "/api/v1/tasks/{task_id}/take", needs=NEEDS, body=TaskVersion, answers=TaskView)
async def take_task(request: web.Request) -> web.Response:
    """Make a task one's own that waits for somebody."""
    wanted = await read(request, TaskVersion)
    async with editing(request) as edit:
        task = await _locked(edit, request)
        check_version(task, wanted.version)
        if task.assignee_id not in {None, edit.by}:
            raise NotNow(f"the task is {task.assignee_id}'s")
        await todo.change(edit, task, {"assignee_id": edit.by})
        await edit.session.flush()
    return answer(task_view(task))


@routes.add("POST", "/api/v1/tasks/{task_id}/done", needs=NEEDS, body=TaskEnd, answers=TaskView)
async def complete_task(request: web.Request) -> web.Response:
    """It is done; of a workflow the next step begins."""
    return await _end(request, "done")


@routes.add("POST", "/api/v1/tasks/{task_id}/cancel", needs=NEEDS, body=TaskEnd, answers=TaskView)
async def cancel_task(request: web.Request) -> web.Response:
    """It need not be done; of a workflow the next step begins."""
    return await _end(request, "cancelled")


@routes.add(
    "POST", "/api/v1/tasks/{task_id}/reopen", needs=NEEDS, body=TaskVersion, answers=TaskView
)
async def reopen_task(request: web.Request) -> web.Response:
    """It is to be done after all."""
    wanted = await read(request, TaskVersion)
    async with editing(request) as edit:
        task = await _locked(edit, request)
        check_version(task, wanted.version)
        todo.reopen(edit, task)
        await edit.session.flush()
    return answer(task_view(task))


@routes.add("DELETE", "/api/v1/tasks/{task_id}", needs=NEEDS, status=204, query=(VERSION,))
async def delete_task(request: web.Request) -> web.Response:
    """Remove a task; a step of a workflow is cancelled instead."""
    async with editing(request) as edit:
        task = await _locked(edit, request)
        check_version(task, version_to_delete(request))
        if task.step is not None:
            raise NotNow("a step of a workflow is cancelled, not deleted")
        await edit.session.delete(task)
        edit.change.record("task", task.id, "deleted")
    return web.Response(status=204)


async def _end(request: web.Request, to: str) -> web.Response:
    wanted = await read(request, TaskEnd)
    async with editing(request) as edit:
        task = await _locked(edit, request)
        check_version(task, wanted.version)
        await todo.end(edit, task, to, wanted.outcome)
        await edit.session.flush()
    return answer(task_view(task))


async def _seen(session: AsyncSession, request: web.Request) -> Task:
    """Raises UnknownRecord, also for a task that they may not see."""
    task_id = request.match_info["task_id"]
    task = await Tasks(session).seen(task_id, viewer(identity(request)))
    if task is None:
        raise UnknownRecord("task", task_id)
    return task


async def _locked(edit: Edit, request: web.Request) -> Task:
    """The same, to be changed."""
    task = await locked_task(edit, (await _seen(edit.session, request)).id)
    if task is None:
        raise UnknownRecord("task", request.match_info["task_id"])
    return task
