"""What became of contacts: the codes, and what agents record while they talk or wrap up."""

import json
from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.dispositions import (
    OWED_FOR,
    Code,
    DispositionMissing,
    check_choice,
    check_moment,
    check_parent,
)
from crm.errors import EditConflict, InvalidField, UnknownRecord
from crm.forms import countable
from cti_server.sales import campaigns
from cti_server.store.database import UNAVAILABLE
from cti_server.store.dispositions import (
    Disposition,
    DispositionCode,
    DispositionRule,
    Dispositions,
)
from cti_server.store.forms import Forms
from cti_server.store.interactions import Interaction, Interactions
from cti_server.store.note_words import put_words
from cti_server.store.record_facts import Fact
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.forms import (
    DispositionCodeCreate,
    DispositionCodeEdit,
    DispositionCodeView,
    DispositionRecord,
    DispositionRuleEdit,
    DispositionRuleView,
    DispositionView,
    OwedDisposition,
)

from .contact_scope import in_sight
from .editing import editing
from .forms import fill
from .parameters import named
from .parts import Parts, identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_WRAP_UP = "wrap_up"


@routes.add(
    "GET",
    "/api/v1/disposition-codes",
    needs=("forms.read",),
    answers=DispositionCodeView,
    many=True,
    query=(Query("queue", "string", "only those that its agents choose from"),),
)
async def disposition_codes(request: web.Request) -> web.Response:
    """The codes of both levels, in their order."""
    queue = named(request, "queue")
    async with parts(request).database.readers() as session:
        found = await Dispositions(session).codes()
    return answer_many(
        [
            _code_view(code)
            for code in found
            if queue is None or (code.active and (not code.queues or queue in code.queues))
        ]
    )


@routes.add(
    "POST",
    "/api/v1/disposition-codes",
    needs=("forms.manage",),
    body=DispositionCodeCreate,
    answers=DispositionCodeView,
    status=201,
)
async def create_disposition_code(request: web.Request) -> web.Response:
    """Add a code, or a group of codes."""
    wanted = await read(request, DispositionCodeCreate)
    async with editing(request) as edit:
        stored = Dispositions(edit.session)
        if wanted.parent_id is not None:
            check_parent(await stored.choice(wanted.parent_id))
        if wanted.form_id is not None:
            await Forms(edit.session).need(wanted.form_id)
        code = DispositionCode(**wanted.model_dump(), created_at=edit.now, updated_at=edit.now)
        edit.session.add(code)
        edit.change.record("disposition_code", code.id, "created")
        await edit.session.flush()
    return answer(_code_view(code), 201)


@routes.add(
    "PATCH",
    "/api/v1/disposition-codes/{code_id}",
    needs=("forms.manage",),
    body=DispositionCodeEdit,
    answers=DispositionCodeView,
)
async def edit_disposition_code(request: web.Request) -> web.Response:
    """Change a code's words, queues and place, or take it out of use."""
    wanted = await read(request, DispositionCodeEdit)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    async with editing(request) as edit:
        code_id = request.match_info["code_id"]
        code = await Dispositions(edit.session).code(code_id)
        if code is None:
            raise UnknownRecord("disposition_code", code_id)
        check_version(code, wanted.version)
        for name, value in changes.items():
            setattr(code, name, value)
        code.updated_at = edit.now
        edit.change.record("disposition_code", code.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_code_view(code))


@routes.add(
    "GET",
    "/api/v1/queues/{queue}/disposition-rule",
    needs=("forms.read",),
    answers=DispositionRuleView,
)
async def disposition_rule(request: web.Request) -> web.Response:
    """Whether this queue's agents have to record a disposition."""
    queue = _queue(request)
    async with parts(request).database.readers() as session:
        rule = await Dispositions(session).rule(queue)
    return answer(DispositionRuleView(queue=queue, required=rule is not None and rule.required))


@routes.add(
    "PUT",
    "/api/v1/queues/{queue}/disposition-rule",
    needs=("forms.manage",),
    body=DispositionRuleEdit,
    answers=DispositionRuleView,
)
async def set_disposition_rule(request: web.Request) -> web.Response:
    """Have agents record a disposition before they end the wrap-up, or leave it to them."""
    wanted, queue = await read(request, DispositionRuleEdit), _queue(request)
    here = parts(request)
    async with editing(request) as edit:
        rule = await Dispositions(edit.session).rule(queue)
        if rule is None:
            rule = DispositionRule(
                id=queue, required=wanted.required, created_at=edit.now, updated_at=edit.now
            )
            edit.session.add(rule)
        rule.required, rule.updated_at = wanted.required, edit.now
        edit.change.record("disposition_rule", queue, "updated", fields=["required"])
    here.floor.require_disposition(queue, wanted.required)  # from the next conversation's end on
    return answer(DispositionRuleView(queue=queue, required=wanted.required))


@routes.add(
    "PUT",
    "/api/v1/interactions/{interaction_id}/disposition",
    needs=("forms.fill",),
    body=DispositionRecord,
    answers=DispositionView,
)
async def record_disposition(request: web.Request) -> web.Response:
    """
    Record what became of the contact, as its agent, while talking or in the wrap-up.

    What is owed (``GET /api/v1/agents/{id}/owed-dispositions``) can be handed in for a day.
    """
    wanted = await read(request, DispositionRecord)
    here, who = parts(request), identity(request)
    await here.log.stored()  # the interaction as it is this moment
    async with editing(request) as edit:
        interaction_id = request.match_info["interaction_id"]
        found = await Interactions(edit.session).get(interaction_id)
        if found is None or found.agent_id != who.agent_id:
            raise UnknownRecord("interaction", interaction_id)
        check_moment(
            started_at=found.started_at,
            ended_at=found.ended_at,
            wrapping_up=_wraps_up(here, found),
            owed=found in await _owed(edit.session, here, who.agent_id),
        )
        code = await Dispositions(edit.session).choice(wanted.code)
        check_choice(code, found.queue, filled=wanted.values is not None)
        recorded = await _record(edit, found, wanted, code, who.team)
        await campaigns.respond(edit, found.contact_id, recorded.code_id)
        await edit.session.flush()
    return answer(_view(recorded))


@routes.add(
    "GET",
    "/api/v1/interactions/{interaction_id}/disposition",
    needs=("forms.fill", "contacts.read"),
    answers=DispositionView,
)
async def get_disposition(request: web.Request) -> web.Response:
    """What was recorded of this interaction."""
    interaction_id, who = request.match_info["interaction_id"], identity(request)
    async with parts(request).database.readers() as session:
        seen = in_sight(who, Disposition.contact_id)
        found = await Dispositions(session).get(interaction_id, seen)
    if found is None or not (found.agent_id == who.agent_id or who.may("contacts.read")):
        raise UnknownRecord("disposition", interaction_id)
    return answer(_view(found))


@routes.add(
    "GET",
    "/api/v1/agents/{agent_id}/owed-dispositions",
    needs=("forms.fill",),
    answers=OwedDisposition,
    many=True,
)
async def owed_dispositions(request: web.Request) -> web.Response:
    """
    The agent's conversations of the last day whose queue needs an outcome, and which have none.

    The one that is being wrapped up is among them; the others' wrap-ups ran out, or a restart of
    the server ended them.
    """
    here, who = parts(request), identity(request)
    agent_id = request.match_info["agent_id"]
    if agent_id != who.agent_id:
        who.need("floor.read")
    await here.log.stored()
    async with here.database.readers() as session:
        found = await _owed(session, here, agent_id)
    return answer_many([_owed_view(one) for one in found])


async def _owed(session: AsyncSession, here: Parts, agent_id: str) -> Sequence[Interaction]:
    return await Dispositions(session).owed(agent_id, here.clock.now() - OWED_FOR)


def _owed_view(interaction: Interaction) -> OwedDisposition:
    return OwedDisposition(
        interaction_id=interaction.id,
        contact_id=interaction.contact_id,
        queue=interaction.queue,
        started_at=interaction.started_at or interaction.offered_at,
        ended_at=interaction.ended_at,
    )


async def check_wrapped_up(here: Parts, agent_id: str) -> None:
    """
    Raises DispositionMissing if the agent wraps up for a queue that needs one, and has none.

    The timer does not end it either (:mod:`acd.wrap_ups`); a database that is away keeps nobody.
    """
    agent = here.floor.agent(agent_id)
    if agent.state != _WRAP_UP or agent.contact_id is None:
        return
    try:
        async with here.database.readers() as session:
            theirs = [
                one
                for one in await Interactions(session).of_contacts([agent.contact_id])
                if one.agent_id == agent_id and one.started_at is not None
            ]
            if not theirs:
                return
            stored, last = Dispositions(session), theirs[-1]
            rule = await stored.rule(last.queue)
            if rule is None or not rule.required or await stored.get(last.id) is not None:
                return
    except UNAVAILABLE:
        return
    raise DispositionMissing(last.queue)


def _queue(request: web.Request) -> str:
    """Raises UnknownRecord."""
    queue = request.match_info["queue"]
    if queue not in parts(request).queues:
        raise UnknownRecord("queue", queue)
    return queue


def _wraps_up(here: Parts, interaction: Interaction) -> bool:
    agent = here.floor.agent(interaction.agent_id)
    return agent.state == _WRAP_UP and agent.contact_id == interaction.contact_id


async def _record(
    edit: Edit,
    interaction: Interaction,
    wanted: DispositionRecord,
    code: Code | None,
    team: str | None,
) -> Disposition:
    """Raises EditConflict where one is there that was not read, and InvalidField."""
    stored = await Dispositions(edit.session).get(interaction.id)
    if stored is not None and wanted.version != stored.version:
        raise EditConflict("disposition", interaction.id, stored.version)
    filled_id: str | None = None
    facts: dict[str, Fact] = {}
    if code is not None and code.form_id is not None and wanted.values is not None:
        filled = await fill(
            edit,
            code.form_id,
            wanted.values,
            form_version=wanted.form_version,
            contact_id=interaction.contact_id,
            customer_id=None,
            team=team,
        )
        filled_id = filled.id
        form = await Forms(edit.session).version(filled.form_id, filled.form_version)
        facts = {
            "form_id": filled.form_id,
            "form_version": filled.form_version,
            "answers": json.dumps(countable(form.definition, wanted.values), ensure_ascii=False),
        }
    elif wanted.form_version is not None:
        raise InvalidField("form_version", "this code has no form")
    action = "created" if stored is None else "updated"
    if stored is None:
        stored = Disposition(
            id=interaction.id,
            contact_id=interaction.contact_id,
            agent_id=interaction.agent_id,
            queue=interaction.queue,
            code_id=wanted.code,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(stored)
    replaced = stored.filled_form_id
    stored.code_id, stored.note, stored.filled_form_id = wanted.code, wanted.note, filled_id
    stored.updated_at = edit.now
    await edit.session.flush()
    await put_words(edit.session, wanted.note, stored.contact_id, stored.id, stored.created_at)
    if replaced is not None:
        await Forms(edit.session).remove(replaced)
    changed = ["code", "note", "values"]
    edit.change.record("disposition", stored.id, action, fields=changed, facts=facts)
    return stored


def _code_view(code: DispositionCode) -> DispositionCodeView:
    return DispositionCodeView.model_validate(
        {name: getattr(code, name) for name in DispositionCodeView.model_fields}
    )


def _view(found: Disposition) -> DispositionView:
    return DispositionView(
        interaction_id=found.id,
        contact_id=found.contact_id,
        agent_id=found.agent_id,
        queue=found.queue,
        code=found.code_id,
        note=found.note,
        filled_form_id=found.filled_form_id,
        version=found.version,
        recorded_at=found.created_at,
    )
