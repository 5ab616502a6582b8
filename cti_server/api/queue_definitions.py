"""What queues are: defined, changed and taken away while people wait and talk."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from acd.errors import InvalidValue
from config.floor import QueueSettings
from config.overflows import leading_to, misled
from crm.errors import InvalidField
from cti_server.calls.number_plan import unreachable
from cti_server.known_words import skills_by_setting
from cti_server.number_book import numbers_leading_to
from cti_server.opening_hours import calendars_of
from cti_server.queue_book import content_of, settings_of
from cti_server.speech.errors import TextUnspeakable, VoiceMissing
from cti_server.store.call_backs import CallBacks
from cti_server.store.campaigns import Campaign
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.store.ticket_types import TicketTypes
from cti_server.wire.definitions import (
    DefinitionVersionPage,
    QueueChoices,
    QueueDefinitionCreate,
    QueueDefinitionEdit,
    QueueDefinitionView,
    RollBack,
)

from .definition_versions import (
    answer_versions,
    asked_for,
    check_unused,
    edited,
    removed,
    rolled_back,
)
from .editing import editing
from .paging import PAGING
from .parameters import VERSION, version_to_delete
from .parts import Parts, parts
from .problems import BadRequest, faults_of
from .references import need_skills
from .routing import Routes, answer, answer_many, read

routes = Routes()

READ = ("floor.read", "routing.manage")
WRITE = ("routing.manage",)
ONE = "/api/v1/queue-definitions/{queue_id}"


@routes.add("GET", "/api/v1/queue-definitions", needs=READ, answers=QueueDefinitionView, many=True)
async def list_queue_definitions(request: web.Request) -> web.Response:
    """Every queue, with its settings."""
    async with parts(request).database.readers() as session:
        found = await RoutingDefinitions(session, "queue").all()
    return answer_many([_view(one) for one in found])


@routes.add("GET", "/api/v1/queue-choices", needs=READ, answers=QueueChoices)
async def queue_choices(request: web.Request) -> web.Response:
    """What a form for a queue offers: policies, surveys, languages."""
    here = parts(request)
    return answer(
        QueueChoices(
            policies=sorted(here.queues.policies),
            surveys=sorted(here.surveys),
            languages=here.about.languages,
        )
    )


@routes.add("GET", ONE, needs=READ, answers=QueueDefinitionView)
async def get_queue_definition(request: web.Request) -> web.Response:
    """One queue's settings."""
    async with parts(request).database.readers() as session:
        return answer(_view(await RoutingDefinitions(session, "queue").need(_id(request))))


@routes.add(
    "POST",
    "/api/v1/queue-definitions",
    needs=WRITE,
    body=QueueDefinitionCreate,
    answers=QueueDefinitionView,
    status=201,
)
async def create_queue_definition(request: web.Request) -> web.Response:
    """Define a new queue; contacts can be transferred to it at once."""
    wanted, here = await read(request, QueueDefinitionCreate), parts(request)
    settings = await _checked(here, wanted.id, wanted.settings)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "queue")
        made = await stored.create(wanted.id, content_of(settings), edit.by, edit.now)
        edit.change.record("queue", made.id, "created")
    await here.queues.reload()
    return answer(_view(made), 201)


@routes.add("PATCH", ONE, needs=WRITE, body=QueueDefinitionEdit, answers=QueueDefinitionView)
async def edit_queue_definition(request: web.Request) -> web.Response:
    """Change a queue; who waits keeps the place, and what rings or is served goes on."""
    wanted, here, queue_id = await read(request, QueueDefinitionEdit), parts(request), _id(request)
    async with here.database.readers() as session:
        before = await RoutingDefinitions(session, "queue").need_version(queue_id, wanted.version)
    settings = await _checked(here, queue_id, {**before.content, **wanted.settings})
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "queue")
        found = await stored.need_version(queue_id, wanted.version)
        await edited(edit, stored, found, content_of(settings))
    await here.queues.reload()
    return answer(_view(found))


@routes.add("DELETE", ONE, needs=WRITE, status=204, query=(VERSION,))
async def delete_queue_definition(request: web.Request) -> web.Response:
    """Take away a queue that nothing leads to and in which nobody waits or is served."""
    here, queue_id, version = parts(request), _id(request), version_to_delete(request)
    async with here.database.readers() as session:  # nobody is kept out for what cannot be done
        found = await RoutingDefinitions(session, "queue").need_version(queue_id, version)
        check_unused(found, await _users(here, session, queue_id))
    async with here.queues.closed(queue_id), editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "queue")
        found = await stored.need_version(queue_id, version, locked=True)
        await removed(edit, stored, found, await _users(here, edit.session, queue_id))
    return web.Response(status=204)


@routes.add("GET", ONE + "/versions", needs=READ, answers=DefinitionVersionPage, query=PAGING)
async def list_queue_versions(request: web.Request) -> web.Response:
    """What the queue was, the newest version first; also of one that was deleted."""
    return await answer_versions(request, "queue", _id(request))


@routes.add("POST", ONE + "/roll-back", needs=WRITE, body=RollBack, answers=QueueDefinitionView)
async def roll_back_queue(request: web.Request) -> web.Response:
    """Have the queue be what it was in an earlier version; that is a new version."""
    wanted, here, queue_id = await read(request, RollBack), parts(request), _id(request)
    async with here.database.readers() as session:
        _, content = await asked_for(RoutingDefinitions(session, "queue"), queue_id, wanted)
    settings = await _checked(here, queue_id, content)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "queue")
        found = await stored.need_version(queue_id, wanted.version)
        await rolled_back(edit, stored, found, content_of(settings))
    await here.queues.reload()
    return answer(_view(found))


async def _checked(here: Parts, queue_id: str, settings: Mapping[str, Any]) -> QueueSettings:
    """Raises BadRequest, InvalidField and SpeechError."""
    if "name" in settings:
        raise InvalidField("settings.name", "is the id, for ever; people read the title")
    try:
        asked = QueueSettings.model_validate({**settings, "name": queue_id})
    except ValidationError as error:
        raise BadRequest(faults_of(error, "settings")) from error
    if asked.policy not in here.queues.policies:
        there = ", ".join(sorted(here.queues.policies))
        raise InvalidField("settings.policy", f"must be one of {there}")
    if asked.survey is not None and asked.survey not in here.surveys:
        there = ", ".join(sorted(here.surveys)) or "none is configured"
        raise InvalidField("settings.survey", f"must be one of surveys: {there}")
    others = [queue for queue in here.queues.values() if queue.name != queue_id]
    for one in misled([asked, *others]):
        if one.queue == queue_id:
            raise InvalidField(f"settings.{one.field}", one.problem)
    for one in unreachable([asked], here.default_region):
        raise InvalidField(f"settings.{one.field}", one.problem)
    async with here.database.readers() as session:
        for setting, skills in skills_by_setting(asked).items():
            await need_skills(session, here, skills, f"settings.{setting}")
        for field, calendar_id in calendars_of(asked).items():
            if await TicketTypes(session).calendar(calendar_id) is None:
                raise InvalidField(f"settings.{field}", f"there is no calendar {calendar_id!r}")
    try:
        await here.queues.rehearse(asked)
    except InvalidValue as error:
        raise InvalidField("settings.weights", str(error)) from error
    except (VoiceMissing, TextUnspeakable) as error:
        raise InvalidField("settings", f"whisper, overflow and exits: {error}") from error
    return asked


async def _users(here: Parts, session: AsyncSession, queue_id: str) -> list[str]:
    """Everything that leads there, in words."""
    users = [f"number {one}" for one in await numbers_leading_to(queue_id, session)]
    users += [one for one in here.queues.named_by(queue_id) if one not in users]
    users += [f"queue {one}" for one in leading_to(queue_id, here.queues.values())]
    campaigns = select(Campaign.id).where(Campaign.queue == queue_id, Campaign.state != "ended")
    users += [f"campaign {one}" for one in await session.scalars(campaigns.limit(3))]
    waiting = await CallBacks(session).page("open", 3, now=here.clock.now(), queue=queue_id)
    return users + [f"call-back {one.id}" for one in waiting]


def _id(request: web.Request) -> str:
    return request.match_info["queue_id"]


def _view(found: RoutingDefinition) -> QueueDefinitionView:
    return QueueDefinitionView.model_validate(
        {
            "id": found.id,
            "version": found.version,
            "origin": found.origin,
            "settings": settings_of(found),
            "updated_at": found.updated_at,
        }
    )
