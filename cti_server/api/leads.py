"""Leads: recorded, scored, assigned, called, and made customers."""

from typing import Any

from aiohttp import web

from crm.leads import TABLE, moved
from crm.masking import mask_address
from crm.numbers import mask
from crm.timeline import Place
from cti_server.sales import leads as sales
from cti_server.sales import opportunities
from cti_server.store.leads import Lead, Leads
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.tickets.opening import check_agent
from cti_server.wire.calls import PlacedCall
from cti_server.wire.events import RecordRead
from cti_server.wire.leads import (
    LeadConvert,
    LeadCreate,
    LeadDial,
    LeadEdit,
    LeadMove,
    LeadPage,
    LeadVersion,
    LeadView,
    LikelyCustomer,
)

from .customers import rules as customer_fields
from .editing import editing
from .opportunities import check_owner
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, named, version_to_delete
from .parts import identity, parts
from .permissions import Identity
from .problems import BadRequest
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

WRITE = ("sales.write", "sales.manage")
_PATH = "/api/v1/leads/{lead_id}"
_FILTERS = ("state", "owner_id", "team", "source", "campaign_id", "customer_id")
_MASKED = {"number", "mail", "may_become"}
_PLAIN = LeadView.model_fields.keys() - _MASKED


@routes.add(
    "GET",
    "/api/v1/leads",
    needs=("sales.read",),
    answers=LeadPage,
    query=(*PAGING, *(Query(name) for name in _FILTERS)),
)
async def list_leads(request: web.Request) -> web.Response:
    """The leads that fit, the newest first."""
    who, most, place = identity(request), limit(request), after(request, Place)
    wanted = {name: named(request, name) for name in _FILTERS}
    async with parts(request).database.readers() as session:
        found = await Leads(session).page(who.teams, who.agent_id, most, place=place, **wanted)
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(LeadPage(items=[_view(one) for one in found], next=more))


@routes.add("POST", "/api/v1/leads", needs=WRITE, body=LeadCreate, answers=LeadView, status=201)
async def create_lead(request: web.Request) -> web.Response:
    """Record somebody who may become a customer; the rules score it and say whose it is."""
    wanted, who, here = await read(request, LeadCreate), identity(request), parts(request)
    _check_assignment(who, wanted.model_fields_set, wanted.owner_id)
    async with editing(request) as edit:
        await check_agent(edit, "owner_id", wanted.owner_id)
        lead = Lead(
            **wanted.model_dump(exclude={"number", "mail", "team"}),
            id=edit.new_id(),
            number=sales.number_of(wanted.number, here.default_region),
            mail=sales.mail_of(wanted.mail),
            team=wanted.team or who.team,
            state_since=edit.now,
            created_by=edit.by,
            created_at=edit.now,
            updated_at=edit.now,
        )
        await sales.judge(edit, lead, give=lead.owner_id is None)
        Leads(edit.session).add(lead)
        told = lead.owner_id if lead.owner_id != edit.by else None
        edit.change.record("lead", lead.id, "created", agent_id=told)
        await edit.session.flush()
    return answer(_view(lead), 201)


@routes.add("GET", _PATH, needs=("sales.read",), answers=LeadView)
async def get_lead(request: web.Request) -> web.Response:
    """One lead, with number and address masked."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        return answer(_view(await Leads(session).need(_id(request), who.teams, who.agent_id)))


@routes.add("POST", f"{_PATH}/reveal", needs=("customers.reveal",), answers=LeadView)
async def reveal_lead(request: web.Request) -> web.Response:
    """The same, whole; that it was looked at is kept for the audit."""
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        lead = await Leads(session).need(_id(request), who.teams, who.agent_id)
    here.log.append(
        RecordRead(record="lead", record_id=lead.id, what="number, mail", read_by=who.agent_id)
    )
    return answer(_view(lead, revealed=True))


@routes.add("PATCH", _PATH, needs=WRITE, body=LeadEdit, answers=LeadView)
async def edit_lead(request: web.Request) -> web.Response:
    """Change what is given of a lead; it is scored anew."""
    wanted, who, here = await read(request, LeadEdit), identity(request), parts(request)
    values: dict[str, Any] = {
        name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}
    }
    _check_assignment(who, values.keys(), values.get("owner_id"))
    if "number" in values:
        values["number"] = sales.number_of(wanted.number, here.default_region)
    if "mail" in values:
        values["mail"] = sales.mail_of(wanted.mail)
    async with editing(request) as edit:
        lead = await _locked(edit, request, wanted.version)
        await check_agent(edit, "owner_id", values.get("owner_id"))
        fields = {name for name, value in values.items() if getattr(lead, name) != value}
        for name in fields:
            setattr(lead, name, values[name])
        await sales.judge(edit, lead, give=False)
        if fields:
            lead.updated_at = edit.now
            told = lead.owner_id if "owner_id" in fields and lead.owner_id != edit.by else None
            edit.change.record("lead", lead.id, "updated", fields=fields, agent_id=told)
        await edit.session.flush()
    return answer(_view(lead))


@routes.add("POST", f"{_PATH}/take", needs=WRITE, body=LeadVersion, answers=LeadView)
async def take_lead(request: web.Request) -> web.Response:
    """Make it one's own."""
    wanted = await read(request, LeadVersion)
    async with editing(request) as edit:
        lead = await _locked(edit, request, wanted.version)
        lead.owner_id, lead.updated_at = edit.by, edit.now
        edit.change.record("lead", lead.id, "taken", fields=["owner_id"])
        await edit.session.flush()
    return answer(_view(lead))


@routes.add("POST", f"{_PATH}/move", needs=WRITE, body=LeadMove, answers=LeadView)
async def move_lead(request: web.Request) -> web.Response:
    """Say how far it has come, or that it is none."""
    wanted = await read(request, LeadMove)
    async with editing(request) as edit:
        lead = await _locked(edit, request, wanted.version)
        lead.state = moved(lead.state, wanted.state)
        if wanted.state == "disqualified" and wanted.reason is None:
            raise BadRequest("reason: say why it is no lead any more")
        lead.reason, lead.state_since, lead.updated_at = wanted.reason, edit.now, edit.now
        edit.change.record("lead", lead.id, wanted.state, fields=["state"])
        await edit.session.flush()
    return answer(_view(lead))


@routes.add("GET", f"{_PATH}/customers", needs=("sales.read",), answers=LikelyCustomer, many=True)
async def likely_customers(request: web.Request) -> web.Response:
    """The customers whom the lead may be, the likeliest first."""
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        lead = await Leads(session).need(_id(request), who.teams, who.agent_id)
        found = await sales.likely(session, lead, here.default_region, who.teams)
    return answer_many(
        [
            LikelyCustomer(
                customer_id=one.id, name=one.name, score=sure.score, reasons=list(sure.reasons)
            )
            for one, sure in found
        ]
    )


@routes.add("POST", f"{_PATH}/convert", needs=WRITE, body=LeadConvert, answers=LeadView)
async def convert_lead(request: web.Request) -> web.Response:
    """Make the lead a customer, and if wanted begin an opportunity; both or neither."""
    wanted, who, here = await read(request, LeadConvert), identity(request), parts(request)
    if wanted.opportunity is not None:
        check_owner(who, wanted.opportunity.owner_id)
    async with editing(request) as edit:
        lead = await _locked(edit, request, wanted.version)
        customer = await sales.convert(
            edit,
            lead,
            customer_id=wanted.customer_id,
            attributes=wanted.attributes,
            are_two=wanted.are_two,
            fields=await customer_fields(edit.session),
            region=here.default_region,
            teams=who.teams,
        )
        await edit.session.flush()
        if wanted.opportunity is not None:
            begun = await opportunities.begin(
                edit,
                wanted.opportunity,
                customer.id,
                lead.team,
                lead_id=lead.id,
                campaign_id=lead.campaign_id,
            )
            lead.opportunity_id = begun.id
        await edit.session.flush()
    return answer(_view(lead))


@routes.add(
    "POST", f"{_PATH}/dial", needs=("calls.dial",), body=LeadDial, answers=PlacedCall, status=201
)
async def dial_lead(request: web.Request) -> web.Response:
    """Call the lead: one's own phone rings first, then theirs."""
    wanted, here, who = await read(request, LeadDial), parts(request), identity(request)
    async with here.database.readers() as session:
        lead = await Leads(session).need(_id(request), who.teams, who.agent_id)
    if lead.number is None:
        raise BadRequest("the lead has no number")
    call = await here.dial_pad.dial(
        who.agent_id,
        lead.number,
        wanted.queue,
        purpose=wanted.purpose,
        customer_id=lead.customer_id,
    )
    return answer(PlacedCall(contact_id=call.contact.id, call_id=call.id), status=201)


@routes.add("DELETE", _PATH, needs=("sales.manage",), status=204, query=(VERSION,))
async def delete_lead(request: web.Request) -> web.Response:
    """Remove a lead, with all that is known of the person."""
    async with editing(request) as edit:
        lead = await _locked(edit, request, version_to_delete(request))
        await edit.session.delete(lead)
        edit.change.record("lead", lead.id, "deleted")
    return web.Response(status=204)


def _check_assignment(who: Identity, named: Any, owner_id: str | None) -> None:
    """To take a lead, or let go of one, is anybody's. Raises NotPermitted."""
    if ("owner_id" in named and owner_id not in {None, who.agent_id}) or "team" in named:
        who.need("sales.manage")


def _id(request: web.Request) -> str:
    return request.match_info["lead_id"]


async def _locked(edit: Edit, request: web.Request, version: int) -> Lead:
    """Raises UnknownRecord and EditConflict."""
    who = identity(request)
    lead = await Leads(edit.session).need(_id(request), who.teams, who.agent_id, locked=True)
    check_version(lead, version)
    return lead


def _view(lead: Lead, *, revealed: bool = False) -> LeadView:
    number, mail = lead.number, lead.mail
    if not revealed:
        number = None if number is None else mask(number)
        mail = None if mail is None else mask_address("mail", mail)
    return LeadView.model_validate(
        {name: getattr(lead, name) for name in _PLAIN}
        | {"number": number, "mail": mail, "may_become": list(TABLE[lead.state])}
    )
