"""A campaign's members: listed with what keeps them, taken by agents, called."""

from dataclasses import dataclass
from typing import get_args

from aiohttp import web

from crm.campaigns import MemberState, NotDue
from crm.consents import Purpose
from cti_server.sales import campaigns as sales
from cti_server.store.campaigns import Campaign, CampaignMember, Campaigns
from cti_server.store.customers import Customer, Customers
from cti_server.tickets import todo
from cti_server.tickets.edit import Edit
from cti_server.wire.calls import PlacedCall
from cti_server.wire.campaigns import MemberPage, MemberTask, MemberView
from cti_server.wire.tasks import TaskView

from .calls_out import dial
from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer, read
from .ticket_views import task_view

routes = Routes()

_PATH = "/api/v1/campaigns/{campaign_id}"
_MEMBER = f"{_PATH}/members/{{customer_id}}"
_STATES = get_args(MemberState)
_OF_CUSTOMER = {"name", "tier"}
_OF_MEMBER = MemberView.model_fields.keys() - _OF_CUSTOMER


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Whom to call, and what for."""

    customer_id: str
    queue: str
    purpose: Purpose
    number: None = None
    number_position: None = None


@routes.add(
    "GET",
    f"{_PATH}/members",
    needs=("campaigns.read",),
    answers=MemberPage,
    query=(*PAGING, Query("state", "string", ", ".join(_STATES))),
)
async def list_members(request: web.Request) -> web.Response:
    """Whom it means; also who declined, with the reason."""
    most, place, state = limit(request), after(request, tuple[str]), request.query.get("state")
    if state is not None and state not in _STATES:
        raise BadRequest(f"state: must be one of {', '.join(_STATES)}")
    teams = identity(request).teams
    async with parts(request).database.readers() as session:
        stored = Campaigns(session)
        campaign = await stored.need(request.match_info["campaign_id"], teams)
        found = await stored.members(
            campaign.id, teams, most, state=state, after=place[0] if place else None
        )
    more = cursor(found[-1][0].customer_id) if len(found) == most else None
    return answer(MemberPage(items=[_view(*pair) for pair in found], next=more))


@routes.add("POST", f"{_PATH}/next", needs=("calls.dial",), answers=MemberView)
async def take_next_member(request: web.Request) -> web.Response:
    """Whom to call next; nobody else gets them for a quarter of an hour."""
    here, teams = parts(request), identity(request).teams
    nobody: NotDue | None = None
    async with editing(request) as edit:
        campaign = await _campaign(edit, request)
        try:
            member = await sales.next_member(edit, campaign, teams, here.time_zone)
        except NotDue as error:
            nobody = error  # who declined by now stays so
        else:
            customer = await Customers(edit.session).need(member.customer_id, teams)
            await edit.session.flush()
    if nobody is not None:
        raise nobody
    return answer(_view(member, customer))


@routes.add("POST", f"{_MEMBER}/dial", needs=("calls.dial",), answers=PlacedCall, status=201)
async def dial_member(request: web.Request) -> web.Response:
    """Call a member who is due: one's own phone rings first, then theirs."""
    here, who = parts(request), identity(request)
    async with editing(request) as edit:
        campaign, member = await _due(edit, request)
        allowed = await sales.may_be_called(edit, campaign, member, here.time_zone)
        if allowed:
            member.agent_id, member.taken_until = edit.by, edit.now + sales.TAKEN_FOR
        declined = f"the member is not to be called: {member.cause}"
    if not allowed:
        raise NotDue(declined)
    wanted = _Wanted(member.customer_id, campaign.queue, campaign.purpose)
    call = await dial(here, who, wanted)
    async with editing(request) as edit:
        campaign = await _campaign(edit, request)
        member = await Campaigns(edit.session).member(campaign.id, wanted.customer_id, locked=True)
        sales.called(edit, campaign, member, call.contact.id)
    return answer(PlacedCall(contact_id=call.contact.id, call_id=call.id), status=201)


@routes.add(
    "POST",
    f"{_MEMBER}/task",
    needs=("campaigns.manage", "calls.dial"),
    body=MemberTask,
    answers=TaskView,
    status=201,
)
async def give_member_task(request: web.Request) -> web.Response:
    """Have somebody do something for a member who is due, another time or another way."""
    here, who = parts(request), identity(request)
    wanted = await read(request, MemberTask)
    if wanted.assignee_id not in {None, who.agent_id}:
        who.need("tasks.any")
    async with editing(request) as edit:
        campaign, member = await _due(edit, request)
        allowed = await sales.may_be_called(edit, campaign, member, here.time_zone)
        declined = f"the member is not to be called: {member.cause}"
        if allowed:
            new = todo.NewTask(
                title=wanted.title,
                notes=campaign.name,
                kind=wanted.kind,
                assignee_id=wanted.assignee_id,
                customer_id=member.customer_id,
                due_at=wanted.due_at,
            )
            task = await todo.create(edit, new)
            sales.given(edit, campaign, member, task.assignee_id)
            await edit.session.flush()
    if not allowed:
        raise NotDue(declined)
    return answer(task_view(task), status=201)


@routes.add("POST", f"{_MEMBER}/exclude", needs=("campaigns.manage",), answers=MemberView)
async def exclude_member(request: web.Request) -> web.Response:
    """Leave somebody in peace."""
    async with editing(request) as edit:
        _, member = await _member(edit, request)
        sales.exclude(member, "by_hand")
        edit.change.record("campaign_member", member.customer_id, "excluded", fields=["state"])
        customer = await Customers(edit.session).need(member.customer_id, None)
        await edit.session.flush()
    return answer(_view(member, customer))


async def _campaign(edit: Edit, request: web.Request) -> Campaign:
    """Raises UnknownRecord."""
    campaign_id = request.match_info["campaign_id"]
    return await Campaigns(edit.session).need(campaign_id, identity(request).teams)


async def _member(edit: Edit, request: web.Request) -> tuple[Campaign, CampaignMember]:
    """Raises UnknownRecord, also for another team's customer."""
    campaign, customer_id = await _campaign(edit, request), request.match_info["customer_id"]
    await Customers(edit.session).need(customer_id, identity(request).teams)
    return campaign, await Campaigns(edit.session).member(campaign.id, customer_id, locked=True)


async def _due(edit: Edit, request: web.Request) -> tuple[Campaign, CampaignMember]:
    """The same; raises NotDue."""
    campaign, member = await _member(edit, request)
    sales.check_due(edit, campaign, member)
    return campaign, member


def _view(member: CampaignMember, customer: Customer) -> MemberView:
    return MemberView.model_validate(
        {name: getattr(member, name) for name in _OF_MEMBER}
        | {name: getattr(customer, name) for name in _OF_CUSTOMER}
    )
