"""Saved queries as administrators write them down: checked, and kept in all their versions."""

from aiohttp import web

from crm.errors import AlreadyThere
from crm.labels import Labels
from crm.queries import Definition
from cti_server.saved_queries import checked, resource_of
from cti_server.store.saved_queries import SavedQueries, SavedQuery, SavedQueryVersion
from cti_server.store.saved_queries_resources import SOURCES
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.saved_queries import (
    QueryResourceView,
    ResourceColumnView,
    SavedQueryCreate,
    SavedQueryEdit,
    SavedQueryPage,
    SavedQueryVersionView,
    SavedQueryView,
)

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

_MANAGE = ("queries.manage",)
_PATH = "/api/v1/saved-queries/{query_id}"


@routes.add("GET", "/api/v1/query-resources", needs=_MANAGE, answers=QueryResourceView, many=True)
async def query_resources(request: web.Request) -> web.Response:
    """What queries can look in: the columns, how each can be compared, and by an index or not."""
    async with parts(request).database.readers() as session:
        found = {name: await resource_of(session, name) for name in SOURCES}
    return answer_many(
        [
            QueryResourceView(
                name=name,
                labels=Labels(zh=SOURCES[name].zh, en=SOURCES[name].en),
                small=resource.small,
                columns=[
                    ResourceColumnView(
                        name=column_name,
                        labels=column.labels,
                        type=column.type,
                        operators=sorted(column.operators),
                        indexed=column.indexed,
                        protected=column.protected,
                        shown=column.shown,
                    )
                    for column_name, column in resource.columns.items()
                ],
            )
            for name, resource in found.items()
            if resource is not None
        ]
    )


@routes.add("GET", "/api/v1/saved-queries", needs=_MANAGE, answers=SavedQueryPage)
async def list_saved_queries(request: web.Request) -> web.Response:
    """All saved queries, each as it is run now."""
    async with parts(request).database.readers() as session:
        found = await SavedQueries(session).all()
    return answer(SavedQueryPage(items=[_view(query, version) for query, version in found]))


@routes.add(
    "POST",
    "/api/v1/saved-queries",
    needs=_MANAGE,
    body=SavedQueryCreate,
    answers=SavedQueryView,
    status=201,
)
async def create_saved_query(request: web.Request) -> web.Response:
    """Write a query down; one that makes no sense, or could use no index, is refused."""
    wanted = await read(request, SavedQueryCreate)
    if wanted.id in parts(request).queries.lookups:
        raise AlreadyThere(f"{wanted.id} is the name of a look-up into another database")
    async with editing(request) as edit:
        await checked(edit.session, wanted.definition)
        query = SavedQuery(
            id=wanted.id,
            labels=wanted.labels.model_dump(),
            created_at=edit.now,
            updated_at=edit.now,
        )
        SavedQueries(edit.session).add(query)
        await edit.session.flush()
        version = _version(edit, query, wanted.definition)
        edit.change.record("saved_query", query.id, "created")
        await edit.session.flush()
    return answer(_view(query, version), 201)


@routes.add("GET", _PATH, needs=_MANAGE, answers=SavedQueryView)
async def get_saved_query(request: web.Request) -> web.Response:
    """A query as it is run now."""
    async with parts(request).database.readers() as session:
        stored = SavedQueries(session)
        query = await stored.need(request.match_info["query_id"])
        return answer(_view(query, await stored.version(query.id, query.latest)))


@routes.add("PATCH", _PATH, needs=_MANAGE, body=SavedQueryEdit, answers=SavedQueryView)
async def edit_saved_query(request: web.Request) -> web.Response:
    """Change what is named; another definition is another version."""
    wanted = await read(request, SavedQueryEdit)
    changes = wanted.model_dump(exclude={"version", "definition"}, exclude_none=True)
    async with editing(request) as edit:
        stored = SavedQueries(edit.session)
        query = await stored.need(request.match_info["query_id"])
        check_version(query, wanted.version)
        for name, value in changes.items():
            setattr(query, name, value)
        version = await stored.version(query.id, query.latest)
        if wanted.definition is not None:
            await checked(edit.session, wanted.definition)
            query.latest += 1
            version = _version(edit, query, wanted.definition)
        query.updated_at = edit.now
        edit.change.record(
            "saved_query", query.id, "updated", fields=wanted.model_fields_set - {"version"}
        )
        await edit.session.flush()
    return answer(_view(query, version))


@routes.add("DELETE", _PATH, needs=_MANAGE, query=(VERSION,), status=204)
async def delete_saved_query(request: web.Request) -> web.Response:
    """Remove a query with all its versions."""
    read_version = version_to_delete(request)
    async with editing(request) as edit:
        query = await SavedQueries(edit.session).need(request.match_info["query_id"])
        check_version(query, read_version)
        await edit.session.delete(query)
        edit.change.record("saved_query", query.id, "deleted")
    return web.Response(status=204)


@routes.add("GET", f"{_PATH}/versions", needs=_MANAGE, answers=SavedQueryVersionView, many=True)
async def saved_query_versions(request: web.Request) -> web.Response:
    """What the query was, the newest first."""
    async with parts(request).database.readers() as session:
        stored = SavedQueries(session)
        query = await stored.need(request.match_info["query_id"])
        found = await stored.versions(query.id)
    return answer_many(
        [
            SavedQueryVersionView(
                query_id=one.query_id,
                number=one.number,
                definition=Definition.model_validate(one.definition),
                written_by=one.written_by,
                written_at=one.written_at,
            )
            for one in found
        ]
    )


def _version(edit: Edit, query: SavedQuery, definition: Definition) -> SavedQueryVersion:
    version = SavedQueryVersion(
        query_id=query.id,
        number=query.latest,
        definition=definition.model_dump(mode="json"),
        written_by=edit.by,
        written_at=edit.now,
    )
    edit.session.add(version)
    return version


def _view(query: SavedQuery, version: SavedQueryVersion) -> SavedQueryView:
    return SavedQueryView(
        id=query.id,
        version=query.version,
        labels=Labels.model_validate(query.labels),
        active=query.active,
        latest=query.latest,
        definition=Definition.model_validate(version.definition),
        created_at=query.created_at,
        updated_at=query.updated_at,
    )
