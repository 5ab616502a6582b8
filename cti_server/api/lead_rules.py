"""The rules by which leads are scored and assigned."""

from typing import Any

from aiohttp import web

from crm.leads import FACTS, Definition, Points
from crm.next_action import check
from cti_server.sales.leads import conditions_of
from cti_server.store.leads import LeadRule, Leads
from cti_server.store.versions import check_version
from cti_server.wire.leads import LeadRuleCreate, LeadRuleEdit, LeadRuleView
from cti_server.wire.next_actions import ConditionPart

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

_PATH = "/api/v1/lead-rules/{rule_id}"
_OF_POINTS = {name: kind for name, kind in FACTS.items() if name != "score"}


@routes.add("GET", "/api/v1/lead-rules", needs=("sales.read",), answers=LeadRuleView, many=True)
async def list_lead_rules(request: web.Request) -> web.Response:
    """Every rule, in the order in which they are tried."""
    async with parts(request).database.readers() as session:
        return answer_many([_view(rule) for rule in await Leads(session).rules()])


@routes.add(
    "POST",
    "/api/v1/lead-rules",
    needs=("sales.manage",),
    body=LeadRuleCreate,
    answers=LeadRuleView,
    status=201,
)
async def create_lead_rule(request: web.Request) -> web.Response:
    """Score or assign by this, from the next lead on."""
    wanted = await read(request, LeadRuleCreate)
    conditions = _checked(wanted.conditions, wanted.definition)
    async with editing(request) as edit:
        rule = LeadRule(
            **(wanted.model_dump() | {"conditions": conditions}),
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(rule)
        edit.change.record("lead_rule", rule.id, "created")
        await edit.session.flush()
    return answer(_view(rule), 201)


@routes.add("PATCH", _PATH, needs=("sales.manage",), body=LeadRuleEdit, answers=LeadRuleView)
async def edit_lead_rule(request: web.Request) -> web.Response:
    """Change a rule, or take it out of force; leads that are scored keep their score."""
    wanted = await read(request, LeadRuleEdit)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    async with editing(request) as edit:
        rule = await Leads(edit.session).rule(request.match_info["rule_id"])
        check_version(rule, wanted.version)
        after = _view(rule).model_copy(update={k: getattr(wanted, k) for k in changes})
        changes["conditions"] = _checked(after.conditions, after.definition)
        for name, value in changes.items():
            setattr(rule, name, value)
        rule.updated_at = edit.now
        edit.change.record("lead_rule", rule.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_view(rule))


@routes.add("DELETE", _PATH, needs=("sales.manage",), status=204, query=(VERSION,))
async def delete_lead_rule(request: web.Request) -> web.Response:
    """Go by this rule no more."""
    async with editing(request) as edit:
        rule = await Leads(edit.session).rule(request.match_info["rule_id"])
        check_version(rule, version_to_delete(request))
        await edit.session.delete(rule)
        edit.change.record("lead_rule", rule.id, "deleted")
    return web.Response(status=204)


def _checked(conditions: list[ConditionPart], definition: Definition) -> list[dict[str, Any]]:
    """As they are stored. Raises InvalidField for one that could never hold."""
    stored = [condition.model_dump() for condition in conditions]
    check(conditions_of(stored), _OF_POINTS if isinstance(definition, Points) else FACTS)
    return stored


def _view(rule: LeadRule) -> LeadRuleView:
    return LeadRuleView.model_validate(
        {name: getattr(rule, name) for name in LeadRuleView.model_fields}
    )
