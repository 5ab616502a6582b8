"""What a definition was, and how it becomes that again: for whatever is kept in versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from crm.errors import NotNow
from cti_server.store.routing_definitions import (
    DefinitionVersion,
    DefinitionVersions,
    RoutingDefinition,
    RoutingDefinitions,
)
from cti_server.tickets.edit import Edit
from cti_server.wire.definitions import (
    DefinitionVersionPage,
    DefinitionVersionView,
    RollBack,
)

from . import paging
from .parts import parts
from .routing import answer

_NAMED = 5  # users, in a refusal


async def answer_versions(request: web.Request, kind: str, definition_id: str) -> web.Response:
    """A page of them, the newest first. Raises UnknownRecord."""
    place, most = paging.after(request, tuple[int]), paging.limit(request)
    async with parts(request).database.readers() as session:
        found = await DefinitionVersions(session, kind).page(
            definition_id, most, None if place is None else place[0]
        )
    following = paging.cursor(found[-1].number) if len(found) == most else None
    return answer(DefinitionVersionPage(items=[_view(one) for one in found], next=following))


async def edited(
    edit: Edit,
    stored: RoutingDefinitions,
    found: RoutingDefinition,
    content: Mapping[str, Any],
    note: str | None = None,
) -> None:
    """It is this from now on; the record says what of it is another one."""
    names = {*found.content, *content}
    fields = {name for name in names if found.content.get(name) != content.get(name)}
    await stored.put(found, content, edit.by, edit.now, note=note)
    edit.change.record(found.kind, found.id, "updated", fields=fields)


async def rolled_back(
    edit: Edit,
    stored: RoutingDefinitions,
    found: RoutingDefinition,
    content: Mapping[str, Any],
    note: str | None = None,
) -> None:
    """The same, of what it was once: another version, so that this can be rolled back as well."""
    await stored.put(found, content, edit.by, edit.now, action="rolled_back", note=note)
    edit.change.record(found.kind, found.id, "rolled_back")


def check_unused(found: RoutingDefinition, users: Sequence[str]) -> None:
    """Raises NotNow, with the first of its users, while it has any."""
    if users:
        more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
        first = ", ".join(users[:_NAMED])
        raise NotNow(f"the {found.kind} {found.id!r} is named by {first}{more}")


async def removed(
    edit: Edit, stored: RoutingDefinitions, found: RoutingDefinition, users: Sequence[str]
) -> None:
    """Raises NotNow while it has users."""
    check_unused(found, users)
    await stored.remove(found, edit.by, edit.now)
    edit.change.record(found.kind, found.id, "deleted")


async def asked_for(
    stored: RoutingDefinitions, definition_id: str, wanted: RollBack
) -> tuple[RoutingDefinition, dict[str, Any]]:
    """What is now, and what it was. Raises UnknownRecord and EditConflict."""
    found = await stored.need_version(definition_id, wanted.version)
    return found, await stored.versions.content(definition_id, wanted.to)


def _view(version: DefinitionVersion) -> DefinitionVersionView:
    return DefinitionVersionView(
        number=version.number,
        action=version.action,
        content=version.content,
        changed_by=version.changed_by,
        changed_at=version.changed_at,
    )
