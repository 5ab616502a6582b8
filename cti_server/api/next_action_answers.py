"""What customers said to the advice that their agents were given, and how often."""

from collections.abc import Sequence

from aiohttp import web

from crm.errors import UnknownRecord
from cti_server.store.next_action_answers import NextActionAnswers
from cti_server.store.next_actions import NextActionRules
from cti_server.wire.customer_pops import ActionFigures, NextActionAnswer
from cti_server.wire.events import NextActionAnswered

from .contact_scope import need_contact
from .contacts import moment
from .parts import caught_up, identity, parts
from .routing import Query, Routes, answer_many, read

routes = Routes()


@routes.add(
    "POST",
    "/api/v1/contacts/{contact_id}/next-actions",
    needs=("contacts.own",),
    body=NextActionAnswer,
    status=204,
)
async def answer_next_action(request: web.Request) -> web.Response:
    """Record what the customer said to a piece of advice; said again, the last word counts."""
    said = await read(request, NextActionAnswer)
    here, who = parts(request), identity(request)
    contact_id = request.match_info["contact_id"]
    await caught_up(here)
    async with here.database.readers() as session:
        found = await need_contact(session, contact_id, who)
        rule = await NextActionRules(session).get(said.rule_id)
    if rule is None:
        raise UnknownRecord("next_action_rule", said.rule_id)
    here.log.append(
        NextActionAnswered(
            contact_id=contact_id,
            agent_id=who.agent_id,
            customer_id=_only(found.customer_ids),
            rule_id=rule.id,
            action=rule.action,
            accepted=said.answer == "accepted",
        )
    )
    return web.Response(status=204)


@routes.add(
    "GET",
    "/api/v1/next-actions/figures",
    needs=("reports.read",),
    answers=ActionFigures,
    many=True,
    query=(
        Query("since", "string", "answers from this moment on (ISO 8601)"),
        Query("until", "string", "and before this one"),
    ),
)
async def next_action_figures(request: web.Request) -> web.Response:
    """How often each action was accepted and declined."""
    since, until = moment(request, "since"), moment(request, "until")
    async with parts(request).database.readers() as session:
        counted = await NextActionAnswers(session).counted(since, until)
    return answer_many(
        [
            ActionFigures(rule_id=rule_id, action=action, accepted=yes, declined=no)
            for rule_id, action, yes, no in counted
        ]
    )


def _only(customer_ids: Sequence[str]) -> str | None:
    """The customer, if it is certain who it is."""
    return customer_ids[0] if len(customer_ids) == 1 else None
