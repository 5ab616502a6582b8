"""Where the centre's numbers lead: defined, changed and taken away while calls go on."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from config.numbers import NumberSettings
from crm.errors import AlreadyThere, InvalidField
from cti_server.calls.dialled_numbers import line_of
from cti_server.number_book import KIND, content_of
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.wire.definitions import DefinitionVersionPage, RollBack
from cti_server.wire.numbers import NumberCreate, NumberEdit, OurNumberView

from .definition_versions import answer_versions, asked_for, edited, removed, rolled_back
from .editing import editing
from .numbers import READ, number_view, todays_calls
from .paging import PAGING
from .parameters import VERSION, version_to_delete
from .parts import Parts, parts
from .routing import Routes, answer, read

routes = Routes()

WRITE = ("routing.manage",)
ONE = "/api/v1/numbers/{number}"


@routes.add("GET", ONE, needs=READ, answers=OurNumberView)
async def get_number(request: web.Request) -> web.Response:
    """One number of ours."""
    here = parts(request)
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, KIND).need(_number(request))
    return await _answer(here, found)


@routes.add(
    "POST", "/api/v1/numbers", needs=WRITE, body=NumberCreate, answers=OurNumberView, status=201
)
async def create_number(request: web.Request) -> web.Response:
    """Have calls to another number led somewhere, at once."""
    wanted, here = await read(request, NumberCreate), parts(request)
    async with editing(request) as edit:
        await _check(here, edit.session, wanted.settings)
        stored = RoutingDefinitions(edit.session, KIND)
        line = line_of(wanted.number, here.default_region)
        for one in await stored.all():
            if one.id != wanted.number and line_of(one.id, here.default_region) == line:
                raise AlreadyThere(f"{wanted.number!r} is the number {one.id!r} in another form")
        made = await stored.create(wanted.number, content_of(wanted.settings), edit.by, edit.now)
        edit.change.record(KIND, made.id, "created")
    await here.numbers.reload()
    return await _answer(here, made, 201)


@routes.add("PUT", ONE, needs=WRITE, body=NumberEdit, answers=OurNumberView)
async def edit_number(request: web.Request) -> web.Response:
    """Have calls to a number led elsewhere; those that run go on where they were led."""
    wanted, here = await read(request, NumberEdit), parts(request)
    async with editing(request) as edit:
        await _check(here, edit.session, wanted.settings)
        stored = RoutingDefinitions(edit.session, KIND)
        found = await stored.need_version(_number(request), wanted.version)
        await edited(edit, stored, found, content_of(wanted.settings))
    await here.numbers.reload()
    return await _answer(here, found)


@routes.add("DELETE", ONE, needs=WRITE, status=204, query=(VERSION,))
async def delete_number(request: web.Request) -> web.Response:
    """Have calls to a number turned away; not while pages or the configuration offer it."""
    here, number = parts(request), _number(request)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, KIND)
        found = await stored.need_version(number, version_to_delete(request))
        pages = here.web_calls.settings.numbers if here.web_calls is not None else {}
        await removed(edit, stored, found, ["web_calls.numbers"] if number in pages else [])
    await here.numbers.reload()
    return web.Response(status=204)


@routes.add("GET", ONE + "/versions", needs=READ, answers=DefinitionVersionPage, query=PAGING)
async def list_number_versions(request: web.Request) -> web.Response:
    """Where the number led, the newest version first; also of one that was deleted."""
    return await answer_versions(request, KIND, _number(request))


@routes.add("POST", ONE + "/roll-back", needs=WRITE, body=RollBack, answers=OurNumberView)
async def roll_back_number(request: web.Request) -> web.Response:
    """Have the number lead where it led in an earlier version; that is a new version."""
    wanted, here = await read(request, RollBack), parts(request)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, KIND)
        found, content = await asked_for(stored, _number(request), wanted)
        await _check(here, edit.session, NumberSettings.model_validate(content))
        await rolled_back(edit, stored, found, content)
    await here.numbers.reload()
    return await _answer(here, found)


async def _check(here: Parts, session: AsyncSession, settings: NumberSettings) -> None:
    """
    Raises InvalidField for what leads nowhere, or is in no language that is spoken.

    In the transaction of the edit, till whose end the queues stay: who takes one away in the same
    moment finds the number, or is found here.
    """
    queues = {one.queue for one in settings.destinations if one.queue is not None}
    there = await RoutingDefinitions(session, "queue").held(queues)
    gone = [f"queue {name!r}" for name in sorted(queues - there)]
    if missing := [*here.numbers.missing(settings), *gone]:
        raise InvalidField("settings", f"there is no {missing[0]}")
    spoken = here.about.languages
    for one in settings.destinations:
        if one.language is not None and one.language not in spoken:
            raise InvalidField("settings.language", f"must be one of {', '.join(spoken)}")


async def _answer(here: Parts, found: RoutingDefinition, status: int = 200) -> web.Response:
    today = await todays_calls(here, [found.id])
    return answer(number_view(here, found, today), status)


def _number(request: web.Request) -> str:
    return request.match_info["number"]
