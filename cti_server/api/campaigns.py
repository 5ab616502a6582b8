"""Campaigns: planned, started, ended, and what came of them."""

from typing import Any

from aiohttp import web

from crm.campaigns import FACTS, TABLE, stepped
from crm.errors import InvalidField, NotNow
from crm.next_action import check
from crm.timeline import Place
from cti_server.sales.leads import conditions_of
from cti_server.store.campaigns import Campaign, Campaigns
from cti_server.store.forms import Forms
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.campaigns import (
    CampaignCreate,
    CampaignEdit,
    CampaignPage,
    CampaignResults,
    CampaignStep,
    CampaignView,
)
from cti_server.wire.next_actions import ConditionPart

from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, version_to_delete
from .parts import identity, parts
from .problems import BadRequest
from .references import need_team
from .routing import Query, Routes, answer, read

routes = Routes()

_PATH = "/api/v1/campaigns/{campaign_id}"
_DONE = {"select": "selecting", "start": "started", "pause": "paused", "end": "ended"}
_PLAIN = CampaignView.model_fields.keys() - {"may", "script"}


@routes.add(
    "GET",
    "/api/v1/campaigns",
    needs=("campaigns.read",),
    answers=CampaignPage,
    query=(*PAGING, Query("state", "string", ", ".join(TABLE))),
)
async def list_campaigns(request: web.Request) -> web.Response:
    """The campaigns, the newest first."""
    most, place, state = limit(request), after(request, Place), request.query.get("state")
    if state is not None and state not in TABLE:
        raise BadRequest(f"state: must be one of {', '.join(TABLE)}")
    async with parts(request).database.readers() as session:
        found = await Campaigns(session).page(
            identity(request).teams, most, place=place, state=state
        )
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(CampaignPage(items=[_view(one) for one in found], next=more))


@routes.add(
    "POST",
    "/api/v1/campaigns",
    needs=("campaigns.manage",),
    body=CampaignCreate,
    answers=CampaignView,
    status=201,
)
async def create_campaign(request: web.Request) -> web.Response:
    """Plan a campaign; its members are looked for when that is asked for."""
    wanted, who = await read(request, CampaignCreate), identity(request)
    if wanted.team not in {None, who.team} and who.teams is not None:
        raise InvalidField("team", "is not yours")
    values = wanted.model_dump()
    async with editing(request) as edit:
        await _check(edit, request, wanted.queue, wanted.form_id)
        await need_team(edit.session, wanted.team)
        made = Campaign(
            **values
            | {
                "script": values["script"] or {},
                "conditions": _checked(wanted.conditions),
                "team": wanted.team or (who.team if who.teams is not None else None),
            },
            id=edit.new_id(),
            state_since=edit.now,
            created_by=edit.by,
            created_at=edit.now,
            updated_at=edit.now,
        )
        _check_period(made)
        edit.session.add(made)
        edit.change.record("campaign", made.id, "created")
        await edit.session.flush()
    return answer(_view(made), 201)


@routes.add("GET", _PATH, needs=("campaigns.read",), answers=CampaignView)
async def get_campaign(request: web.Request) -> web.Response:
    """One campaign."""
    async with parts(request).database.readers() as session:
        campaign_id = request.match_info["campaign_id"]
        return answer(_view(await Campaigns(session).need(campaign_id, identity(request).teams)))


@routes.add("PATCH", _PATH, needs=("campaigns.manage",), body=CampaignEdit, answers=CampaignView)
async def edit_campaign(request: web.Request) -> web.Response:
    """Change what is given; who is meant, only before members are looked for."""
    wanted = await read(request, CampaignEdit)
    values: dict[str, Any] = {
        name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}
    }
    if "conditions" in values:
        values["conditions"] = _checked(wanted.conditions)
    if "script" in values:
        values["script"] = wanted.script.model_dump() if wanted.script is not None else {}
    async with editing(request) as edit:
        campaign = await _locked(edit, request, wanted.version)
        if campaign.state == "ended" or (campaign.state != "draft" and "conditions" in values):
            raise NotNow(f"the campaign is {campaign.state}: that is not changed any more")
        await _check(edit, request, values.get("queue"), values.get("form_id"))
        for name, value in values.items():
            setattr(campaign, name, value)
        _check_period(campaign)
        campaign.updated_at = edit.now
        edit.change.record("campaign", campaign.id, "updated", fields=values)
        await edit.session.flush()
    return answer(_view(campaign))


@routes.add(
    "POST", f"{_PATH}/select", needs=("campaigns.manage",), body=CampaignStep, answers=CampaignView
)
async def select_campaign(request: web.Request) -> web.Response:
    """
    Look for its members, which goes on when this is answered.

    Once more: new ones are added, and who declined is asked about again.
    """
    return await _step(request, "select")


@routes.add(
    "POST", f"{_PATH}/start", needs=("campaigns.manage",), body=CampaignStep, answers=CampaignView
)
async def start_campaign(request: web.Request) -> web.Response:
    """Have its members called, within its period."""
    return await _step(request, "start")


@routes.add(
    "POST", f"{_PATH}/pause", needs=("campaigns.manage",), body=CampaignStep, answers=CampaignView
)
async def pause_campaign(request: web.Request) -> web.Response:
    """Call nobody for the time being."""
    return await _step(request, "pause")


@routes.add(
    "POST", f"{_PATH}/end", needs=("campaigns.manage",), body=CampaignStep, answers=CampaignView
)
async def end_campaign(request: web.Request) -> web.Response:
    """Call nobody any more; what came of it stays."""
    return await _step(request, "end")


@routes.add("GET", f"{_PATH}/results", needs=("campaigns.read",), answers=CampaignResults)
async def get_campaign_results(request: web.Request) -> web.Response:
    """What came of it until now."""
    campaign_id = request.match_info["campaign_id"]
    async with parts(request).database.readers() as session:
        stored = Campaigns(session)
        await stored.need(campaign_id, identity(request).teams)
        counts = await stored.member_counts(campaign_id)
        calls, answered = await stored.contact_counts(campaign_id)
        leads, opportunities, won = await stored.sold(campaign_id)
        codes = await stored.codes(campaign_id)
    members: dict[str, int] = {}
    refused: dict[str, int] = {}
    responses: dict[str, int] = {}
    for state, cause, response, count, _ in counts:
        members[state] = members.get(state, 0) + count
        if state == "refused" and cause is not None:
            refused[cause] = refused.get(cause, 0) + count
        if response is not None:
            responses[response] = responses.get(response, 0) + count
    return answer(
        CampaignResults(
            members=members,
            refused=refused,
            responses=responses,
            codes=codes,
            attempts=sum(attempts for *_, attempts in counts),
            calls=calls,
            answered=answered,
            leads=leads,
            opportunities=opportunities,
            won=won,
        )
    )


@routes.add("DELETE", _PATH, needs=("campaigns.manage",), status=204, query=(VERSION,))
async def delete_campaign(request: web.Request) -> web.Response:
    """Remove a draft."""
    async with editing(request) as edit:
        campaign = await _locked(edit, request, version_to_delete(request))
        if campaign.state != "draft":
            raise NotNow(f"the campaign is {campaign.state}; end it")
        await edit.session.delete(campaign)
        edit.change.record("campaign", campaign.id, "deleted")
    return web.Response(status=204)


async def _step(request: web.Request, step: str) -> web.Response:
    """Raises IllegalCampaignStep."""
    wanted = await read(request, CampaignStep)
    async with editing(request) as edit:
        campaign = await _locked(edit, request, wanted.version)
        campaign.state = stepped(campaign.state, step)
        if step == "select":
            campaign.selected_to = None
        campaign.state_since = campaign.updated_at = edit.now
        edit.change.record("campaign", campaign.id, _DONE[step], fields=["state"])
        await edit.session.flush()
    return answer(_view(campaign))


async def _locked(edit: Edit, request: web.Request, version: int) -> Campaign:
    """Raises UnknownRecord and EditConflict."""
    campaign = await Campaigns(edit.session).need(
        request.match_info["campaign_id"], identity(request).teams, locked=True
    )
    check_version(campaign, version)
    return campaign


async def _check(edit: Edit, request: web.Request, queue: str | None, form_id: str | None) -> None:
    """Raises InvalidField, and UnknownRecord for the form."""
    if queue is not None and queue not in {one.name for one in parts(request).floor.queues()}:
        raise InvalidField("queue", "there is no such queue")
    if form_id is not None:
        await Forms(edit.session).need(form_id)


def _check_period(campaign: Campaign) -> None:
    """Raises InvalidField."""
    begin, end = campaign.starts_at, campaign.ends_at
    if begin is not None and end is not None and end <= begin:
        raise InvalidField("ends_at", "must be after starts_at")


def _checked(conditions: list[ConditionPart]) -> list[dict[str, Any]]:
    """As they are stored. Raises InvalidField for one that could never hold."""
    stored = [condition.model_dump() for condition in conditions]
    check(conditions_of(stored), FACTS)
    return stored


def _view(campaign: Campaign) -> CampaignView:
    return CampaignView.model_validate(
        {name: getattr(campaign, name) for name in _PLAIN}
        | {"may": list(TABLE[campaign.state]), "script": campaign.script or None}
    )
