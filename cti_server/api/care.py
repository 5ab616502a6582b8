"""Care: its rules, its occasions, and what customers said to it."""

from aiohttp import web

from crm.errors import NotNow
from crm.timeline import Place
from cti_server.sales.care import plan_from
from cti_server.store.care import Care, CareOccasion, CareRule
from cti_server.store.customers import Customers
from cti_server.store.versions import check_version
from cti_server.wire.care import (
    CareFeedback,
    CareRuleCreate,
    CareRuleEdit,
    CareRuleView,
    OccasionPage,
    OccasionView,
)

from .editing import editing
from .orders import names_of
from .paging import PAGING, after, cursor, limit
from .parameters import named
from .parts import identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_FILTERS = ("rule_id", "state")


@routes.add("GET", "/api/v1/care-rules", needs=("customers.read",), answers=CareRuleView, many=True)
async def list_care_rules(request: web.Request) -> web.Response:
    """On which occasions customers are cared for."""
    async with parts(request).database.readers() as session:
        return answer_many([_rule_view(rule) for rule in await Care(session).rules()])


@routes.add(
    "POST",
    "/api/v1/care-rules",
    needs=("care.manage",),
    body=CareRuleCreate,
    answers=CareRuleView,
    status=201,
)
async def create_care_rule(request: web.Request) -> web.Response:
    """Care on one more occasion, from this day on."""
    wanted = await read(request, CareRuleCreate)
    async with editing(request) as edit:
        rule = CareRule(
            id=wanted.id,
            definition=wanted.definition.model_dump(mode="json"),
            enabled=wanted.enabled,
            created_at=edit.now,
            updated_at=edit.now,
        )
        plan_from(rule, edit.now)
        edit.session.add(rule)
        edit.change.record("care_rule", rule.id, "created")
        await edit.session.flush()
    return answer(_rule_view(rule), 201)


@routes.add(
    "PATCH",
    "/api/v1/care-rules/{rule_id}",
    needs=("care.manage",),
    body=CareRuleEdit,
    answers=CareRuleView,
)
async def edit_care_rule(request: web.Request) -> web.Response:
    """Change a rule, or switch it on or off; what was planned by it is done as it is now."""
    wanted = await read(request, CareRuleEdit)
    async with editing(request) as edit:
        rule = await Care(edit.session).rule(request.match_info["rule_id"], locked=True)
        check_version(rule, wanted.version)
        if wanted.definition is not None:
            rule.definition = wanted.definition.model_dump(mode="json")
        if wanted.enabled is not None:
            rule.enabled = wanted.enabled
        plan_from(rule, edit.now)
        rule.updated_at = edit.now
        fields = wanted.model_fields_set - {"version"}
        edit.change.record("care_rule", rule.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_rule_view(rule))


@routes.add(
    "GET",
    "/api/v1/care-occasions",
    needs=("customers.read",),
    answers=OccasionPage,
    query=(*PAGING, Query("customer_id"), *(Query(name) for name in _FILTERS)),
)
async def list_care_occasions(request: web.Request) -> web.Response:
    """Occasions of customers whom one may see, the newest first; a page may be short."""
    most, place, teams = limit(request), after(request, Place), identity(request).teams
    wanted = {name: named(request, name) for name in _FILTERS}
    customer_id = named(request, "customer_id")
    async with parts(request).database.readers() as session:
        names = await names_of(session, customer_id, teams)
        found = await Care(session).page(most, place=place, customer_ids=names, **wanted)
        owners = await Customers(session).among({one.customer_id for one in found}, teams)
        seen = {one.id for one in owners} | set(names or ())
    more = cursor(found[-1].at, found[-1].id) if len(found) == most else None
    items = [_view(one) for one in found if one.customer_id in seen]
    return answer(OccasionPage(items=items, next=more))


@routes.add(
    "POST",
    "/api/v1/care-occasions/{occasion_id}/feedback",
    needs=("customers.write",),
    body=CareFeedback,
    answers=OccasionView,
)
async def record_care_feedback(request: web.Request) -> web.Response:
    """What the customer said to it."""
    wanted, who = await read(request, CareFeedback), identity(request)
    async with editing(request) as edit:
        stored = Care(edit.session)
        occasion = await stored.occasion(request.match_info["occasion_id"], locked=True)
        await Customers(edit.session).need_whole(occasion.customer_id, who.teams)
        check_version(occasion, wanted.version)
        if occasion.state not in {"done", "answered"}:
            raise NotNow(f"the occasion is {occasion.state}: nobody has been in touch for it")
        occasion.state, occasion.feedback, occasion.rating = (
            "answered",
            wanted.feedback,
            wanted.rating,
        )
        occasion.contact_id = wanted.contact_id
        occasion.answered_at, occasion.answered_to = edit.now, edit.by
        occasion.updated_at = edit.now
        edit.change.record("care_occasion", occasion.id, "answered", fields=["feedback", "rating"])
        await edit.session.flush()
    return answer(_view(occasion))


def _rule_view(rule: CareRule) -> CareRuleView:
    return CareRuleView.model_validate(
        {name: getattr(rule, name) for name in CareRuleView.model_fields}
    )


def _view(occasion: CareOccasion) -> OccasionView:
    return OccasionView.model_validate(
        {name: getattr(occasion, name) for name in OccasionView.model_fields}
    )
