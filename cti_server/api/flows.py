"""Flows: published in versions that never change, compared, and rolled back, while calls go on."""

import asyncio
import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import AlreadyThere, NotNow, UnknownRecord
from cti_server.flow_book import KIND, as_written, kept
from cti_server.flow_plans import systems_of, unfit
from cti_server.speech.errors import SpeechError
from cti_server.store.flow_sounds import sha256
from cti_server.store.forms import Forms
from cti_server.store.routing_definitions import (
    DefinitionVersions,
    RoutingDefinition,
    RoutingDefinitions,
)
from cti_server.store.ticket_types import TicketTypes
from cti_server.tickets.forms import forms_of_types
from cti_server.wire.flows import (
    FlowCheck,
    FlowDifference,
    FlowDraft,
    FlowProblem,
    FlowPublication,
    FlowRollBack,
    FlowText,
    FlowVersionPage,
    FlowVersionView,
    FlowView,
    NewFlow,
)
from cti_server.wire.resource import LARGEST_NUMBER
from ivr.checker import check_in_writing
from ivr.errors import FlowInvalid, Problem
from ivr.flow import Flow, check
from ivr.written import WrittenFlow, laid_out, read, told_from, written

from . import paging
from .definition_versions import edited, rolled_back
from .editing import editing
from .paging import PAGING
from .parameters import number, number_in_path
from .parts import Parts, parts
from .routing import Query, Routes, answer, answer_many
from .routing import read as read_body

routes = Routes()

READ = ("floor.read", "routing.manage")
WRITE = ("routing.manage",)
ONE = "/api/v1/flows/{flow}"

LARGEST = 32 * 1024 * 1024  # bytes of a draft with its recordings
_FORMER = 200  # versions looked at for one that is another flow


@routes.add("GET", "/api/v1/flows", needs=READ, answers=FlowView, many=True)
async def list_flows(request: web.Request) -> web.Response:
    """Every flow that was ever published, as it is now."""
    here = parts(request)
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, KIND).all()
    return answer_many([_view(here, one) for one in found])


@routes.add("GET", ONE, needs=READ, answers=FlowView)
async def get_flow(request: web.Request) -> web.Response:
    """One flow: which version is published."""
    here = parts(request)
    async with here.database.readers() as session:
        return answer(_view(here, await RoutingDefinitions(session, KIND).need(_name(request))))


@routes.add("POST", "/api/v1/flows", needs=WRITE, body=NewFlow, answers=FlowView, status=201)
async def make_flow(request: web.Request) -> web.Response:
    """A flow that no file has, published at once: numbers can be led to it."""
    here, wanted = parts(request), await read_body(request, NewFlow, most=LARGEST)
    _check_free(here, wanted.name)
    drafted = WrittenFlow(wanted.name, {wanted.name: wanted.text})
    flow, draft_read = await _rehearsed(here, wanted.name, drafted, 1)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, KIND)
        content = await kept(edit.session, draft_read)
        made = await stored.create(wanted.name, content, edit.by, edit.now, note=wanted.note)
        edit.change.record(KIND, made.id, "created")
        _check_queues(here, flow)
        _check_free(here, wanted.name)
    here.flows.use(flow)
    return answer(_view(here, made), 201)


@routes.add("POST", ONE + "/check", needs=WRITE, body=FlowDraft, answers=FlowCheck)
async def check_flow(request: web.Request) -> web.Response:
    """What keeps a draft, also of a new flow, from being published: with file, line and node."""
    here, name = parts(request), _name(request)
    draft = await read_body(request, FlowDraft, most=LARGEST)
    async with here.database.readers() as session:
        found = await published_now(session, name)
        flow = await completed(session, draft, found)
    if found is not None:
        _need_in_force(here, name)
    try:
        await _rehearsed(here, name, flow, 1 if found is None else found.version + 1)
    except FlowInvalid as error:
        return answer(FlowCheck(problems=[_problem(one) for one in error.problems]))
    return answer(FlowCheck(problems=[]))


@routes.add("POST", ONE + "/publish", needs=WRITE, body=FlowPublication, answers=FlowView)
async def publish_flow(request: web.Request) -> web.Response:
    """Have new calls begin in this flow, once it is checked and rendered; running ones go on."""
    here, name = parts(request), _name(request)
    draft = await read_body(request, FlowPublication, most=LARGEST)
    async with here.database.readers() as session:
        before = await RoutingDefinitions(session, KIND).need_version(name, draft.version)
        drafted = await completed(session, draft, before)
    _need_in_force(here, name)
    flow, draft_read = await _rehearsed(here, name, drafted, draft.version + 1)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, KIND)
        found = await stored.need_version(name, draft.version)
        await edited(edit, stored, found, await kept(edit.session, draft_read), draft.note)
        _check_queues(here, flow)
    here.flows.use(flow)
    return answer(_view(here, found))


@routes.add("POST", ONE + "/roll-back", needs=WRITE, body=FlowRollBack, answers=FlowView)
async def roll_back_flow(request: web.Request) -> web.Response:
    """Have new calls begin in an earlier version again; that is a new version."""
    here, name = parts(request), _name(request)
    wanted = await read_body(request, FlowRollBack)
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, KIND).need_version(name, wanted.version)
        content = await _former(session, found, wanted.to)
        former = await as_written(session, content)
    _need_in_force(here, name)
    flow, _ = await _rehearsed(here, name, former, wanted.version + 1)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, KIND)
        found = await stored.need_version(name, wanted.version)
        await rolled_back(edit, stored, found, content, wanted.note)
        _check_queues(here, flow)
    here.flows.use(flow)
    return answer(_view(here, found))


@routes.add("GET", ONE + "/versions", needs=READ, answers=FlowVersionPage, query=PAGING)
async def list_flow_versions(request: web.Request) -> web.Response:
    """Who published what when, the newest version first."""
    place, most = paging.after(request, tuple[int]), paging.limit(request)
    async with parts(request).database.readers() as session:
        versions = DefinitionVersions(session, KIND)
        found = await versions.page(_name(request), most, None if place is None else place[0])
    following = paging.cursor(found[-1].number) if len(found) == most else None
    items = [
        FlowVersionView(
            number=one.number,
            action=one.action,
            changed_by=one.changed_by,
            changed_at=one.changed_at,
            note=one.note,
        )
        for one in found
    ]
    return answer(FlowVersionPage(items=items, next=following))


@routes.add("GET", ONE + "/versions/{number}", needs=READ, answers=FlowText)
async def get_flow_version(request: web.Request) -> web.Response:
    """What a version says: its YAML, as it was published."""
    wanted = number_in_path(request, "number", of="version")
    async with parts(request).database.readers() as session:
        content = await DefinitionVersions(session, KIND).content(_name(request), wanted)
    return answer(FlowText(number=wanted, **content))


@routes.add(
    "GET",
    ONE + "/difference",
    needs=READ,
    answers=FlowDifference,
    query=(
        Query("of", "integer", "a version"),
        Query("to", "integer", "another one; the published one if not given"),
    ),
)
async def compare_flow_versions(request: web.Request) -> web.Response:
    """What is otherwise in another version, line by line."""
    name = _name(request)
    async with parts(request).database.readers() as session:
        now = (await RoutingDefinitions(session, KIND).need(name)).version
        of, to = (
            number(request, which, default=now, most=LARGEST_NUMBER) for which in ("of", "to")
        )
        versions = DefinitionVersions(session, KIND)
        before, after = await versions.content(name, of), await versions.content(name, to)
    lines = await asyncio.to_thread(lambda: "".join(_difference(before, after)))
    return answer(FlowDifference(of=of, to=to, difference=lines))


@routes.add("POST", ONE + "/difference", needs=WRITE, body=FlowDraft, answers=FlowDifference)
async def compare_flow_draft(request: web.Request) -> web.Response:
    """What is otherwise in a draft than in the published version, line by line."""
    draft = await read_body(request, FlowDraft, most=LARGEST)
    async with parts(request).database.readers() as session:
        found = await RoutingDefinitions(session, KIND).need(_name(request))
        published = found.content
    sounds = {path: sha256(sound) for path, sound in draft.sounds.items()}
    drafted = {"texts": draft.texts, "sounds": {**published["sounds"], **sounds}}
    lines = await asyncio.to_thread(lambda: "".join(_difference(published, drafted)))
    return answer(FlowDifference(of=found.version, to=None, difference=lines))


async def published_now(session: AsyncSession, name: str) -> RoutingDefinition | None:
    """None for a flow that is not there yet."""
    found = await RoutingDefinitions(session, KIND).all()
    return next((one for one in found if one.id == name), None)


async def completed(
    session: AsyncSession, draft: FlowDraft, published: RoutingDefinition | None
) -> WrittenFlow:
    """With the recordings that were not sent."""
    sounds = {} if published is None else (await as_written(session, published.content)).sounds
    return WrittenFlow(draft.main, draft.texts, {**sounds, **draft.sounds})


def _check_free(here: Parts, name: str) -> None:
    """Raises AlreadyThere."""
    if not here.flows.can_be_made(name):
        raise AlreadyThere(f"another flow is called {name!r} already")


def _need_in_force(here: Parts, name: str) -> None:
    """Raises NotNow."""
    if here.flows.named(name) is None:
        raise NotNow(f"no number leads to the flow {name!r}: its file is not in the configuration")


async def _rehearsed(
    here: Parts, name: str, drafted: WrittenFlow, version: int
) -> tuple[Flow, WrittenFlow]:
    """
    As it would be published: checked, and with every prompt rendered; what belongs to it.

    Raises FlowInvalid.
    """
    async with here.database.readers() as session:
        calendars = {one.id for one in await TicketTypes(session).calendars()}
        tickets = await forms_of_types(session)
        forms = {form.id for form, _ in await Forms(session).in_use()}
    with laid_out(drafted) as file:
        flow = await asyncio.to_thread(read, file)
        systems = systems_of(here.connectors, here.queries.lookups)
        problems = unfit(flow, here.queues, calendars, systems, tickets, forms, here.faxes)
        if here.flows.is_read(name):
            problems += [problem for one in flow.whole() for problem in check_in_writing(one)]
        if flow.name != name:
            problems.append(
                Problem(flow.file, flow.line("name"), None, f"its name is not '{name}'")
            )
        if problems:
            raise FlowInvalid([told_from(file.parent, one) for one in problems])
        flow.published_as(version)
        try:
            await here.flows.rehearse(flow)
        except SpeechError as error:
            problem = Problem(str(file), flow.line("prompts"), None, f"prompts: {error}")
            raise FlowInvalid([told_from(file.parent, problem)]) from error
        return flow, written(flow)


def _check_queues(here: Parts, flow: Flow) -> None:
    """
    Once more before it is published: rendering takes a while, and a queue may have been taken away.

    Raises FlowInvalid.
    """
    whole = (one for each in flow.whole() for one in check(each, here.queues))
    if problems := list(dict.fromkeys(whole)):
        raise FlowInvalid([told_from(Path(flow.file).parent, one) for one in problems])


async def _former(
    session: AsyncSession, found: RoutingDefinition, to: int | None
) -> Mapping[str, Any]:
    """What holds again. Raises UnknownRecord."""
    versions = DefinitionVersions(session, KIND)
    if to is not None:
        return await versions.content(found.id, to)
    for one in await versions.page(found.id, _FORMER, found.version):
        if one.content is not None and one.content != found.content:
            return one.content
    raise UnknownRecord("version", f"{KIND} {found.id} before {found.version}")


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = _lines(before), _lines(after)
    for file in sorted({*old, *new}):
        yield from difflib.unified_diff(old.get(file, []), new.get(file, []), file, file)


def _lines(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of each of its files, each with its end."""
    texts = {f"{name}.yaml": text for name, text in content["texts"].items()}
    texts |= {path: f"sha256 {digest}" for path, digest in content["sounds"].items()}
    return {file: [f"{line}\n" for line in text.splitlines()] for file, text in texts.items()}


def _name(request: web.Request) -> str:
    return request.match_info["flow"]


def _problem(one: Problem) -> FlowProblem:
    return FlowProblem(file=one.file, line=one.line, node=one.node, message=one.message)


def _view(here: Parts, found: RoutingDefinition) -> FlowView:
    return FlowView.model_validate(
        {
            "name": found.id,
            "version": found.version,
            "origin": found.origin,
            "sources": here.flows.files_of(found.id),
            "in_force": here.flows.named(found.id) is not None,
            "updated_at": found.updated_at,
        }
    )
