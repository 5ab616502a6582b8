"""
Routes of what is defined as a whole and kept in versions: alert rules, targets, templates.

Each kind has a body of its own, and a look at what it names; the rest is the same for all.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aiohttp import web

from crm.errors import NotNow
from cti_server.store.routing_definitions import (
    Kind,
    RoutingDefinition,
    RoutingDefinitions,
)
from cti_server.tickets.edit import Edit
from cti_server.wire.definitions import DefinitionVersionPage, RollBack
from cti_server.wire.resource import Resource

from .definition_versions import answer_versions, asked_for, edited, removed, rolled_back
from .editing import editing
from .paging import PAGING
from .parameters import VERSION, version_to_delete
from .parts import identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Handler, Routes, answer, answer_many, read

C = TypeVar("C", bound=Resource)
MOST = 200


class EditOf(Protocol[C]):
    """A new content for the version that was read."""

    version: int
    definition: C


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[C]):
    """
    One kind. ``title``: what people call one of them; ``check``: raises what a new content is
    refused for, by whoever asks; ``need_own``: raises NotPermitted for one that is not theirs to
    touch, whether or not what it is about is still there.
    """

    kind: Kind
    title: str
    path: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    content: type[C]
    edit: type[Any]  # an EditOf[C]
    view: type[Any]  # id, version, definition, updated_at
    check: Callable[[web.Request, Edit, Identity, C], Awaitable[None]]
    need_own: Callable[[Identity, C], None]
    may_see: Callable[[Identity, C], bool] = lambda who, content: True

    def show(self, found: RoutingDefinition) -> Any:
        return self.view(
            id=found.id,
            version=found.version,
            definition=self.content.model_validate(found.content),
            updated_at=found.updated_at,
        )


def add_routes(routes: Routes, kept: Kept[C], *, listed: bool = True) -> None:
    """List (unless the kind does that itself), read, define, change, delete, roll back."""
    one, name, what = f"{kept.path}/{{definition_id}}", kept.kind, kept.title

    async def list_all(request: web.Request) -> web.Response:
        async with parts(request).database.readers() as session:
            found = await RoutingDefinitions(session, kept.kind).all()
        return answer_many([kept.show(each) for each in found if sees(request, each)])

    async def get(request: web.Request) -> web.Response:
        async with parts(request).database.readers() as session:
            found = await RoutingDefinitions(session, kept.kind).need(_id(request))
        if not sees(request, found):
            raise NotFound(kept.kind, found.id)
        return answer(kept.show(found))

    async def create(request: web.Request) -> web.Response:
        wanted = await read(request, kept.content)
        async with editing(request) as edit:
            await kept.check(request, edit, identity(request), wanted)
            stored = RoutingDefinitions(edit.session, kept.kind)
            if len(await stored.all()) >= MOST:
                raise NotNow(f"there are {MOST} already; delete one first")
            made = await stored.create(edit.new_id(), _content(wanted), edit.by, edit.now)
            edit.change.record(kept.kind, made.id, "created")
        return answer(kept.show(made), 201)

    async def change(request: web.Request) -> web.Response:
        wanted: EditOf[C] = await read(request, kept.edit)
        async with editing(request) as edit:
            stored = RoutingDefinitions(edit.session, kept.kind)
            found = await stored.need_version(_id(request), wanted.version)
            need_own(request, found)
            await kept.check(request, edit, identity(request), wanted.definition)
            await edited(edit, stored, found, _content(wanted.definition))
        return answer(kept.show(found))

    async def delete(request: web.Request) -> web.Response:
        async with editing(request) as edit:
            stored = RoutingDefinitions(edit.session, kept.kind)
            found = await stored.need_version(_id(request), version_to_delete(request))
            need_own(request, found)
            await removed(edit, stored, found, ())
        return web.Response(status=204)

    def sees(request: web.Request, found: RoutingDefinition) -> bool:
        return kept.may_see(identity(request), kept.content.model_validate(found.content))

    async def versions(request: web.Request) -> web.Response:
        async with parts(request).database.readers() as session:
            found = await RoutingDefinitions(session, kept.kind).need(_id(request), removed=True)
        if not sees(request, found):
            raise NotFound(kept.kind, found.id)
        return await answer_versions(request, kept.kind, _id(request))

    async def roll_back(request: web.Request) -> web.Response:
        wanted = await read(request, RollBack)
        async with editing(request) as edit:
            stored = RoutingDefinitions(edit.session, kept.kind)
            found, content = await asked_for(stored, _id(request), wanted)
            need_own(request, found)
            before = kept.content.model_validate(content)
            await kept.check(request, edit, identity(request), before)
            await rolled_back(edit, stored, found, content)
        return answer(kept.show(found))

    def need_own(request: web.Request, found: RoutingDefinition) -> None:
        """Who may not define such a one may not change it either."""
        kept.need_own(identity(request), kept.content.model_validate(found.content))

    def add(method: str, path: str, handle: Handler, does: str, called: str, **about: Any) -> None:
        handle.__name__, handle.__doc__ = called, does
        routes.add(method, path, **about)(handle)

    reading: dict[str, Any] = {"needs": kept.read, "answers": kept.view}
    writing: dict[str, Any] = {"needs": kept.write, "answers": kept.view}
    if listed:
        add("GET", kept.path, list_all, f"Every {what}.", f"list_{name}s", **reading, many=True)
    add("GET", one, get, f"One {what}.", f"get_{name}", **reading)
    does = f"Define a {what}."
    add("POST", kept.path, create, does, f"create_{name}", **writing, body=kept.content, status=201)
    does = f"Define a {what} anew, as a whole."
    add("PATCH", one, change, does, f"edit_{name}", **writing, body=kept.edit)
    does, gone = f"Take a {what} away; what it was stays among its versions.", (VERSION,)
    add("DELETE", one, delete, does, f"delete_{name}", needs=kept.write, status=204, query=gone)
    does = f"What the {what} was, the newest version first."
    paged = reading | {"answers": DefinitionVersionPage, "query": PAGING}
    add("GET", f"{one}/versions", versions, does, f"list_{name}_versions", **paged)
    does, back = f"Have the {what} be what it was in an earlier version.", f"{one}/roll-back"
    add("POST", back, roll_back, does, f"roll_back_{name}", **writing, body=RollBack)


def _content(definition: Resource) -> dict[str, Any]:
    return definition.model_dump(mode="json", exclude_defaults=True)


def _id(request: web.Request) -> str:
    return request.match_info["definition_id"]
