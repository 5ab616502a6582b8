"""Contacts that are no calls: handed in, taken, done, given back, handed on."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from acd.model import Channel
from cti_server.channels.work import NOBODY, About
from cti_server.store.customers import Customers
from cti_server.wire.screen import ScreenPop
from cti_server.wire.work import NewWork, WorkDone, WorkPlaced, WorkTarget, WorkView

from .parts import identity, parts
from .permissions import Identity
from .references import need_skills
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

OWN = ("contacts.own",)


@routes.add(
    "POST",
    "/api/v1/work",
    needs=("work.create",),
    body=NewWork,
    answers=WorkPlaced,
    status=201,
)
async def hand_in(request: web.Request) -> web.Response:
    """Let a mail, message, fax, chat or task wait for an agent."""
    wanted = await read(request, NewWork)
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        await need_skills(session, here, wanted.requirements, "requirements")
        known = await _customer_id(session, who, wanted.customer_id)
    customer = NOBODY if known is None else await here.customers.of_customer(known)
    contact_id = here.tray.receive(
        About(
            channel=Channel(wanted.channel),
            address=wanted.address,
            subject=wanted.subject,
            attributes=dict(wanted.attributes),
            due_at=wanted.due_at,
        ),
        wanted.queue,
        who.agent_id,
        priority=wanted.priority,
        requirements=wanted.requirements,
        customer=customer,
    )
    return answer(WorkPlaced(contact_id=contact_id), 201)


@routes.add(
    "GET",
    "/api/v1/work",
    needs=("contacts.own", "floor.read"),
    answers=WorkView,
    many=True,
    query=(Query("agent_id", description="whose, by default one's own"),),
)
async def on_desk(request: web.Request) -> web.Response:
    """What rings at an agent's desktop and what they have in hand, calls aside."""
    who = identity(request)
    agent_id = request.query.get("agent_id", who.agent_id)
    if agent_id != who.agent_id:
        who.need("floor.read")
    found = parts(request).tray.on_desk(agent_id)
    return answer_many([_view(pop, held=held) for pop, held in found])


@routes.add("POST", "/api/v1/work/{contact_id}/accept", needs=OWN, status=204)
async def accept(request: web.Request) -> web.Response:
    """Take what rings at one's desktop."""
    parts(request).tray.accept(request.match_info["contact_id"], identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/work/{contact_id}/decline", needs=OWN, status=204)
async def decline(request: web.Request) -> web.Response:
    """Leave it to somebody else; it is not offered again for a while."""
    parts(request).tray.decline(request.match_info["contact_id"], identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/work/{contact_id}/complete", needs=OWN, body=WorkDone, status=204)
async def complete(request: web.Request) -> web.Response:
    """It is done."""
    done = await read(request, WorkDone)
    contact_id = request.match_info["contact_id"]
    parts(request).tray.complete(contact_id, identity(request).agent_id, done.reason)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/work/{contact_id}/give-back", needs=OWN, status=204)
async def give_back(request: web.Request) -> web.Response:
    """Somebody else is to have it: it waits again, from its old place on."""
    parts(request).tray.give_back(request.match_info["contact_id"], identity(request).agent_id)
    return web.Response(status=204)


@routes.add("POST", "/api/v1/work/{contact_id}/transfer", needs=OWN, body=WorkTarget, status=204)
async def transfer(request: web.Request) -> web.Response:
    """Hand it on: to a queue, or to an agent, who is rung and has it when they accept."""
    target = await read(request, WorkTarget)
    tray, me = parts(request).tray, identity(request).agent_id
    contact_id = request.match_info["contact_id"]
    if target.queue is not None:
        tray.transfer_to_queue(contact_id, me, target.queue)
    elif target.agent is not None:
        tray.transfer_to_agent(contact_id, me, target.agent)
    return web.Response(status=204)


@routes.add("DELETE", "/api/v1/work/{contact_id}", needs=("work.withdraw",), status=204)
async def withdraw(request: web.Request) -> web.Response:
    """It is not wanted any more, whoever has it."""
    parts(request).tray.withdraw(request.match_info["contact_id"], "withdrawn")
    return web.Response(status=204)


async def _customer_id(session: AsyncSession, who: Identity, customer_id: str | None) -> str | None:
    """Raises UnknownRecord for one that is not there, or not to be seen by who asks."""
    if customer_id is None:
        return None
    return (await Customers(session).need(customer_id, who.teams)).id


def _view(pop: ScreenPop, *, held: bool) -> WorkView:
    return WorkView(
        contact_id=pop.contact_id,
        interaction_id=pop.interaction_id,
        state="in_hand" if held else "ringing",
        channel=pop.channel,
        queue=pop.queue,
        address=pop.caller_number,
        subject=pop.subject,
        attributes=pop.attributes,
        customer_ids=[one.id for one in pop.customer.customers],
        waiting_seconds=pop.waiting_seconds,
        due_at=pop.due_at,
        expires_at=None if held else pop.expires_at,
        transferred_by=pop.transferred_by,
    )
