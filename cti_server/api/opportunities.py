"""Opportunities: begun, changed, moved through their pipelines, added up."""

from collections.abc import Sequence

from aiohttp import web

from crm.opportunities import forecast
from crm.timeline import Place
from cti_server.sales import opportunities as sales
from cti_server.store.opportunities import (
    Opportunities,
    Opportunity,
    OpportunityMove,
    SalesPipeline,
)
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.opportunities import (
    Forecast,
    ForecastRow,
    OpportunityCreate,
    OpportunityEdit,
    OpportunityMoveTo,
    OpportunityMoveView,
    OpportunityPage,
    OpportunityView,
    PipelineCreate,
    PipelineEdit,
    PipelineView,
)

from .editing import editing
from .orders import known_customer, names_of
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, flag, named, version_to_delete
from .parts import identity, parts
from .permissions import Identity
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_WRITE = ("sales.write", "sales.manage")
_PATH = "/api/v1/opportunities/{opportunity_id}"
_FILTERS = ("pipeline_id", "stage", "owner_id", "campaign_id")
_COLUMNS = OpportunityView.model_fields.keys() - {"moves"}


@routes.add(
    "GET",
    "/api/v1/opportunities",
    needs=("sales.read",),
    answers=OpportunityPage,
    query=(
        *PAGING,
        Query("customer_id"),
        Query("open", "boolean", "neither won nor lost, or one of the two"),
        *(Query(name) for name in _FILTERS),
    ),
)
async def list_opportunities(request: web.Request) -> web.Response:
    """The opportunities that fit, the newest first."""
    who, most, place = identity(request), limit(request), after(request, Place)
    wanted = {name: named(request, name) for name in _FILTERS}
    open, customer_id = flag(request, "open"), named(request, "customer_id")
    async with parts(request).database.readers() as session:
        found = await Opportunities(session).page(
            who.teams,
            who.agent_id,
            most,
            place=place,
            customer_ids=await names_of(session, customer_id, who.teams),
            open=open,
            **wanted,
        )
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(OpportunityPage(items=[_view(one) for one in found], next=more))


@routes.add(
    "POST",
    "/api/v1/opportunities",
    needs=_WRITE,
    body=OpportunityCreate,
    answers=OpportunityView,
    status=201,
)
async def create_opportunity(request: web.Request) -> web.Response:
    """A customer may buy something."""
    wanted, who = await read(request, OpportunityCreate), identity(request)
    check_owner(who, wanted.owner_id)
    async with editing(request) as edit:
        customer_id = await known_customer(edit, wanted.customer_id, who.teams)
        one = await sales.begin(edit, wanted, customer_id or "", who.team)
        await edit.session.flush()
        view = await _whole(edit, one)
    return answer(view, 201)


@routes.add("GET", _PATH, needs=("sales.read",), answers=OpportunityView)
async def get_opportunity(request: web.Request) -> web.Response:
    """An opportunity, with every stage that it was in."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        stored = Opportunities(session)
        one = await stored.need(request.match_info["opportunity_id"], who.teams, who.agent_id)
        return answer(_view(one, await stored.moves(one.id)))


@routes.add("PATCH", _PATH, needs=_WRITE, body=OpportunityEdit, answers=OpportunityView)
async def edit_opportunity(request: web.Request) -> web.Response:
    """Change what is given of an open one."""
    wanted, who = await read(request, OpportunityEdit), identity(request)
    values = {name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}}
    check_owner(who, values.get("owner_id"))
    if "expected_on" in values:
        day = wanted.expected_on
        values["expected_on"] = None if day is None else day.isoformat()
    async with editing(request) as edit:
        one = await _locked(edit, request, wanted.version)
        await sales.change(edit, one, values)
        await edit.session.flush()
        view = await _whole(edit, one)
    return answer(view)


@routes.add("POST", f"{_PATH}/move", needs=_WRITE, body=OpportunityMoveTo, answers=OpportunityView)
async def move_opportunity(request: web.Request) -> web.Response:
    """Into another stage of its pipeline; what is lost says why."""
    wanted = await read(request, OpportunityMoveTo)
    async with editing(request) as edit:
        one = await _locked(edit, request, wanted.version)
        await sales.move(edit, one, wanted.stage, wanted.lost_reason, wanted.note)
        await edit.session.flush()
        view = await _whole(edit, one)
    return answer(view)


@routes.add("DELETE", _PATH, needs=("sales.manage",), status=204, query=(VERSION,))
async def delete_opportunity(request: web.Request) -> web.Response:
    """Remove what was none."""
    async with editing(request) as edit:
        one = await _locked(edit, request, version_to_delete(request))
        await edit.session.delete(one)
        edit.change.record("opportunity", one.id, "deleted")
    return web.Response(status=204)


@routes.add("GET", "/api/v1/pipelines", needs=("sales.read",), answers=PipelineView, many=True)
async def list_pipelines(request: web.Request) -> web.Response:
    """The pipelines with their stages."""
    async with parts(request).database.readers() as session:
        found = await Opportunities(session).pipelines()
        return answer_many([_pipeline_view(one) for one in found])


@routes.add(
    "POST",
    "/api/v1/pipelines",
    needs=("sales.manage",),
    body=PipelineCreate,
    answers=PipelineView,
    status=201,
)
async def create_pipeline(request: web.Request) -> web.Response:
    """Add a way of selling."""
    wanted = await read(request, PipelineCreate)
    async with editing(request) as edit:
        made = SalesPipeline(
            id=wanted.id,
            definition=wanted.definition.model_dump(mode="json"),
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(made)
        edit.change.record("sales_pipeline", made.id, "created")
        await edit.session.flush()
    return answer(_pipeline_view(made), 201)


@routes.add(
    "PATCH",
    "/api/v1/pipelines/{pipeline_id}",
    needs=("sales.manage",),
    body=PipelineEdit,
    answers=PipelineView,
)
async def edit_pipeline(request: web.Request) -> web.Response:
    """Change its stages, or take it out of use; what is in a stage that goes stays there."""
    wanted = await read(request, PipelineEdit)
    async with editing(request) as edit:
        stored = await Opportunities(edit.session).pipeline(request.match_info["pipeline_id"])
        check_version(stored, wanted.version)
        if wanted.definition is not None:
            stored.definition = wanted.definition.model_dump(mode="json")
        if wanted.active is not None:
            stored.active = wanted.active
        stored.updated_at = edit.now
        fields = wanted.model_fields_set - {"version"}
        edit.change.record("sales_pipeline", stored.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_pipeline_view(stored))


@routes.add(
    "GET",
    "/api/v1/pipelines/{pipeline_id}/forecast",
    needs=("sales.read",),
    answers=Forecast,
    query=(Query("owner_id", "string", "of this owner's only"),),
)
async def get_forecast(request: web.Request) -> web.Response:
    """What may come in of all that is open, by stage and month."""
    who, owner_id = identity(request), named(request, "owner_id")
    async with parts(request).database.readers() as session:
        stored = Opportunities(session)
        pipeline = await stored.pipeline(request.match_info["pipeline_id"])
        sums = await stored.sums(pipeline.id, who.teams, who.agent_id, owner_id)
    expected = forecast(sales.pipeline_of(pipeline), sums)
    rows = [
        ForecastRow(**{name: getattr(one, name) for name in ForecastRow.model_fields})
        for one in expected
    ]
    return answer(Forecast(pipeline_id=pipeline.id, rows=rows))


def check_owner(who: Identity, owner_id: str | None) -> None:
    """To have one oneself, or leave it nobody's, is anybody's. Raises NotPermitted."""
    if owner_id not in {None, who.agent_id}:
        who.need("sales.manage")


async def _locked(edit: Edit, request: web.Request, version: int) -> Opportunity:
    """Raises UnknownRecord and EditConflict."""
    who = identity(request)
    one = await Opportunities(edit.session).need(
        request.match_info["opportunity_id"], who.teams, who.agent_id, locked=True
    )
    check_version(one, version)
    return one


async def _whole(edit: Edit, one: Opportunity) -> OpportunityView:
    return _view(one, await Opportunities(edit.session).moves(one.id))


def _view(one: Opportunity, moves: Sequence[OpportunityMove] = ()) -> OpportunityView:
    return OpportunityView.model_validate(
        {name: getattr(one, name) for name in _COLUMNS}
        | {
            "moves": [
                {name: getattr(move, name) for name in OpportunityMoveView.model_fields}
                for move in moves
            ]
        }
    )


def _pipeline_view(one: SalesPipeline) -> PipelineView:
    return PipelineView.model_validate(
        {name: getattr(one, name) for name in PipelineView.model_fields}
    )
