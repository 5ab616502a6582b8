"""The rules by which agents are advised what to do for whoever calls."""

import msgspec
from aiohttp import web

from crm.errors import UnknownRecord
from crm.next_action import Condition, check
from cti_server.store.next_actions import NextActionRule, NextActionRules
from cti_server.store.versions import check_version
from cti_server.wire.next_actions import (
    ConditionPart,
    NextActionRuleEdit,
    NextActionRuleToAdd,
    NextActionRuleView,
)

from .parameters import number
from .parts import identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_RECORD = NextActionRule.__tablename__


@routes.add(
    "GET",
    "/api/v1/next-actions",
    needs=("customers.read",),
    answers=NextActionRuleView,
    many=True,
)
async def next_action_rules(request: web.Request) -> web.Response:
    """Every rule, in the order in which they are tried."""
    async with parts(request).database.readers() as session:
        return answer_many([_view(rule) for rule in await NextActionRules(session).all()])


@routes.add(
    "POST",
    "/api/v1/next-actions",
    needs=("customers.schema",),
    body=NextActionRuleToAdd,
    answers=NextActionRuleView,
    status=201,
)
async def add_next_action_rule(request: web.Request) -> web.Response:
    """Advise agents from the next call on."""
    wanted = await read(request, NextActionRuleToAdd)
    here = parts(request)
    now = here.clock.now()
    rule = NextActionRule(
        id=here.new_id(),
        position=wanted.position,
        action=wanted.action,
        labels=wanted.labels.model_dump(),
        conditions=_checked(wanted.conditions),
        enabled=wanted.enabled,
        created_at=now,
        updated_at=now,
    )
    async with here.changes.begin(identity(request).agent_id) as change:
        NextActionRules(change.session).add(rule)
        change.record(_RECORD, rule.id, "created", fields=wanted.model_fields_set)
    return answer(_view(rule), 201)


@routes.add(
    "PATCH",
    "/api/v1/next-actions/{rule_id}",
    needs=("customers.schema",),
    body=NextActionRuleEdit,
    answers=NextActionRuleView,
)
async def edit_next_action_rule(request: web.Request) -> web.Response:
    """Change a rule; it holds from the next call on."""
    wanted = await read(request, NextActionRuleEdit)
    here = parts(request)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    if wanted.conditions is not None:
        changes["conditions"] = _checked(wanted.conditions)
    async with here.changes.begin(identity(request).agent_id) as change:
        rule = await _needed(NextActionRules(change.session), request)
        check_version(rule, wanted.version)
        for name, value in changes.items():
            setattr(rule, name, value)
        rule.updated_at = here.clock.now()
        change.record(_RECORD, rule.id, "updated", fields=changes)
    return answer(_view(rule))


@routes.add(
    "DELETE",
    "/api/v1/next-actions/{rule_id}",
    needs=("customers.schema",),
    status=204,
    query=(Query("version", "integer", "the version that was read"),),
)
async def remove_next_action_rule(request: web.Request) -> web.Response:
    """Give this advice no more."""
    here = parts(request)
    version = number(request, "version", default=0, most=2**53 - 1)
    async with here.changes.begin(identity(request).agent_id) as change:
        rules = NextActionRules(change.session)
        rule = await _needed(rules, request)
        check_version(rule, version)
        await rules.remove(rule)
        change.record(_RECORD, rule.id, "deleted")
    return web.Response(status=204)


async def _needed(rules: NextActionRules, request: web.Request) -> NextActionRule:
    rule_id = request.match_info["rule_id"]
    rule = await rules.get(rule_id)
    if rule is None:
        raise UnknownRecord("next_action_rule", rule_id)
    return rule


def _checked(conditions: list[ConditionPart]) -> list[dict[str, object]]:
    """As they are stored. Raises InvalidField for one that could never hold."""
    stored = [condition.model_dump() for condition in conditions]
    check(msgspec.convert(one, Condition) for one in stored)
    return stored


def _view(rule: NextActionRule) -> NextActionRuleView:
    return NextActionRuleView.model_validate(
        {
            "id": rule.id,
            "version": rule.version,
            "position": rule.position,
            "action": rule.action,
            "labels": rule.labels,
            "conditions": rule.conditions,
            "enabled": rule.enabled,
            "updated_at": rule.updated_at,
        }
    )
