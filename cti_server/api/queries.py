"""
Saved queries as agents run them while they talk, filled from the contact at hand.

Those into other systems' databases are listed and run in the same way.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from acd.errors import UnknownAgent
from crm.errors import UnknownRecord
from crm.labels import Labels
from crm.numbers import mask
from crm.queries import AtHand, Definition, Lookup, OfferedTo, Parameter, filled
from crm.queries_checks import Resource
from cti_server.saved_queries import masked, resource_of
from cti_server.saved_queries_spoken import SpokenResult, places
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.saved_queries import SavedQueries, SavedQuery, SavedQueryVersion
from cti_server.store.saved_queries_resources import SOURCES, Viewer
from cti_server.wire.events import RecordRead
from cti_server.wire.saved_queries import ColumnOfQuery, OfferedQuery, QueryResult, QueryRun

from .contact_scope import need_contact
from .parameters import named
from .parts import Parts, caught_up, identity, parts
from .permissions import Identity
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_RUN = ("queries.run",)


@dataclass(frozen=True, slots=True)
class _Runnable:
    """A query as whoever runs it sees it, wherever it looks."""

    id: str
    labels: Labels
    parameters: Sequence[Parameter]
    columns: list[ColumnOfQuery]
    what: Definition | Lookup
    number: int | None = None


@routes.add(
    "GET",
    "/api/v1/queries",
    needs=_RUN,
    answers=OfferedQuery,
    many=True,
    query=(Query("contact_id", "string", "for this contact; else for the one at hand, if any"),),
)
async def offered_queries(request: web.Request) -> web.Response:
    """The queries that are for whoever asks, with what the contact at hand fills of each."""
    here, who = parts(request), identity(request)
    at_hand = await _at_hand(here, who, named(request, "contact_id"))
    values = at_hand.values
    async with here.database.readers() as session:
        queries = [pair for pair in await SavedQueries(session).all() if pair[0].active]
        looked_in = {version.definition["resource"] for _, version in queries}
        resources = {name: await resource_of(session, name) for name in looked_in}
    found = [
        _saved(query, version, resources[version.definition["resource"]])
        for query, version in queries
    ]
    found += [_outside(name, lookup) for name, lookup in here.queries.lookups.items()]
    return answer_many(
        [_offer(one, values) for one in found if _is_for(one.what, who, at_hand.queue)]
    )


@routes.add(
    "POST",
    "/api/v1/queries/{query_id}/run",
    needs=_RUN,
    body=QueryRun,
    answers=QueryResult,
)
async def run_query(request: web.Request) -> web.Response:
    """Run a query; what is not given is taken from the contact at hand."""
    wanted = await read(request, QueryRun)
    here, who = parts(request), identity(request)
    if wanted.reveal:
        who.need("customers.reveal")
    at_hand = await _at_hand(here, who, wanted.contact_id)
    async with here.database.readers() as session:
        query = await _runnable(session, here, request.match_info["query_id"])
    if not _is_for(query.what, who, at_hand.queue):
        raise UnknownRecord("query", query.id)
    values = filled(query.parameters, wanted.parameters, at_hand.values)
    if isinstance(query.what, Lookup):
        found = await here.queries.outside.look_up(query.id, query.what, values)
    else:
        found = await here.queries.run(query.what, values, _viewer(who), here.clock.now())
    if wanted.reveal or isinstance(query.what, Lookup):
        _tell(here, who, query, len(found.rows), revealed=wanted.reveal)
    protected = {each.name for each in query.parameters if each.protected}
    result = _spoken_result(here, query, found.rows, at_hand, revealed=wanted.reveal)
    result_id = None if result is None else here.new_id()
    if result is not None and result_id is not None:
        here.queries.shown.keep(who.agent_id, result_id, result, here.clock.now())
    return answer(
        QueryResult(
            id=query.id,
            number=query.number,
            result_id=result_id,
            parameters={
                name: mask(str(value)) if name in protected and not wanted.reveal else value
                for name, value in values.items()
            },
            columns=query.columns,
            rows=[_shown(query.columns, row, revealed=wanted.reveal) for row in found.rows],
            more=found.more,
            revealed=wanted.reveal,
            kind="outside" if isinstance(query.what, Lookup) else "saved",
        )
    )


def _spoken_result(
    here: Parts,
    query: _Runnable,
    rows: Sequence[Sequence[Any]],
    at_hand: AtHand,
    *,
    revealed: bool,
) -> SpokenResult | None:
    """What of the rows can be read to the customer; nothing that the agent is shown masked."""
    spoken = query.what.spoken
    if spoken is None or at_hand.contact is None:
        return None
    named = places(spoken)
    return SpokenResult(
        query=query.id,
        contact=at_hand.contact,
        spoken=spoken,
        rows=[
            {
                column.name: None if column.protected and not revealed else value
                for column, value in zip(query.columns, row, strict=True)
                if column.name in named
            }
            for row in rows
        ],
        revealed=revealed,
        zone=ZoneInfo(here.time_zone),
    )


def _shown(columns: Sequence[ColumnOfQuery], row: Sequence[Any], *, revealed: bool) -> list[Any]:
    return [
        masked(value, column.type) if column.protected and not revealed else value
        for column, value in zip(columns, row, strict=True)
    ]


def _tell(here: Parts, who: Identity, query: _Runnable, rows: int, *, revealed: bool) -> None:
    """Each look into another system, and each whole number, is in the audit trail."""
    what = f"{rows} rows, {'whole' if revealed else 'masked'}"
    here.log.append(
        RecordRead(record="saved_query", record_id=query.id, what=what, read_by=who.agent_id)
    )


async def _runnable(session: AsyncSession, here: Parts, query_id: str) -> _Runnable:
    """Raises UnknownRecord."""
    if query_id in here.queries.lookups:
        return _outside(query_id, here.queries.lookups[query_id])
    stored = SavedQueries(session)
    query = await stored.need(query_id)
    if not query.active:
        raise UnknownRecord("query", query_id)
    version = await stored.version(query.id, query.latest)
    return _saved(query, version, await resource_of(session, version.definition["resource"]))


def _saved(query: SavedQuery, version: SavedQueryVersion, resource: Resource | None) -> _Runnable:
    definition = Definition.model_validate(version.definition)
    known = {} if resource is None else resource.columns
    columns = [
        ColumnOfQuery(
            name=each.column,
            labels=each.labels or known[each.column].labels,
            type=known[each.column].type,
            protected=known[each.column].protected,
        )
        for each in definition.columns
    ]
    labels = Labels.model_validate(query.labels)
    return _Runnable(query.id, labels, definition.parameters, columns, definition, version.number)


def _outside(name: str, lookup: Lookup) -> _Runnable:
    columns = [
        ColumnOfQuery(name=each.column, labels=each.labels, type="any", protected=each.protected)
        for each in lookup.columns
    ]
    return _Runnable(name, lookup.labels, lookup.parameters, columns, lookup)


def _is_for(what: Definition | Lookup, who: Identity, queue: str | None) -> bool:
    """Whether they may see such records at all, and it was written for them."""
    needs = SOURCES[what.resource].needs if isinstance(what, Definition) else _RUN
    offered: OfferedTo = what.offered_to
    return any(map(who.may, needs)) and offered.includes(who.roles, who.team, queue)


def _offer(query: _Runnable, values: Mapping[str, Any]) -> OfferedQuery:
    what = query.what
    return OfferedQuery(
        id=query.id,
        labels=query.labels,
        source=what.database if isinstance(what, Lookup) else "records",
        resource=None if isinstance(what, Lookup) else what.resource,
        parameters=list(query.parameters),
        known=[
            each.name
            for each in query.parameters
            if each.fill is not None and values.get(each.fill) is not None
        ],
        columns=query.columns,
        limit=what.limit,
        spoken=sorted(what.spoken or {}),
    )


def _viewer(who: Identity) -> Viewer:
    return Viewer(
        who.agent_id, who.roles, who.teams, who.may("tasks.any"), who.may("contacts.read")
    )


async def _at_hand(here: Parts, who: Identity, contact_id: str | None) -> AtHand:
    """What is known of the contact; of another's only to who may read all. Raises NotFound."""
    own = contact_id is None
    with contextlib.suppress(UnknownAgent):
        at_hand = here.floor.agent(who.agent_id).contact_id
        own = own or contact_id == at_hand
        contact_id = contact_id or at_hand
    if contact_id is None:
        return AtHand(agent=who.agent_id)
    await caught_up(here)
    async with here.database.readers() as session:
        if not own:
            return _known(await need_contact(session, contact_id, who), who)
        contact = await Contacts(session).get(contact_id)
    return AtHand(agent=who.agent_id) if contact is None else _known(contact, who)


def _known(contact: Contact, who: Identity) -> AtHand:
    """A customer only if it can be no other; no number that they are not shown with the contact."""
    ids = contact.customer_ids
    shown = not contact.masked or who.may("contacts.read")
    return AtHand(
        agent=who.agent_id,
        contact=contact.id,
        customer=ids[0] if len(ids) == 1 else None,
        caller_number=(contact.caller_number or None) if shown else None,
        queue=contact.queue,
        attributes=contact.attributes,
    )
