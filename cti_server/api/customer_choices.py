"""Whose contact it is, said by its agent."""

from aiohttp import web

from cti_server.store.customers import Customers
from cti_server.wire.customer_pops import CustomerPop
from cti_server.wire.events import CustomerChosen
from cti_server.wire.timeline import CustomerChoice

from .contact_scope import need_contact
from .parts import caught_up, identity, parts
from .routing import Routes, answer, read
from .screens import customer_known

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/customers/{customer_id}/pop",
    needs=("customers.read",),
    answers=CustomerPop,
)
async def customer_pop(request: web.Request) -> web.Response:
    """What a screen shows of this customer: history, open tickets, advice, in one answer."""
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        customer = await Customers(session).need(request.match_info["customer_id"], who.teams)
    return answer(CustomerPop.of(await here.customers.of_customer(customer.id)))


@routes.add(
    "PUT",
    "/api/v1/contacts/{contact_id}/customer",
    needs=("contacts.own", "contacts.read"),
    body=CustomerChoice,
    answers=CustomerPop,
)
async def choose_customer(request: web.Request) -> web.Response:
    """
    Say whose contact it is, where several match or none did (and one was created).

    The pop of that customer is the answer, is told on the streams of whoever has the contact on
    the screen (``screen``), and is what the next agent sees after a transfer.
    """
    wanted = await read(request, CustomerChoice)
    here, who = parts(request), identity(request)
    contact_id = request.match_info["contact_id"]
    await caught_up(here)
    async with here.database.readers() as session:
        customer = await Customers(session).need(wanted.customer_id, who.teams)
        await need_contact(session, contact_id, who)
    pop = await here.customers.of_customer(customer.id)
    here.log.append(
        CustomerChosen(contact_id=contact_id, customer_id=customer.id, chosen_by=who.agent_id)
    )
    customer_known(here, contact_id, pop)
    return answer(CustomerPop.of(pop))
