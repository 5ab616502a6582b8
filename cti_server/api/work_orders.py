"""Field repairs: sent for a ticket, read and reported on by the crew's own system."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from crm.timeline import Place
from cti_server.store.tickets import Tickets
from cti_server.store.work_orders import WorkOrder, WorkOrders
from cti_server.tickets import field_repairs
from cti_server.wire.work_orders import (
    WorkOrderCreate,
    WorkOrderPage,
    WorkOrderReportCreate,
    WorkOrderReports,
    WorkOrderReportView,
    WorkOrderView,
)

from .editing import editing, locked_ticket
from .paging import PAGING, after, cursor, limit
from .parameters import flag, named
from .parts import identity, parts
from .permissions import Identity
from .routing import Query, Routes, answer, read
from .ticket_views import work_order_view
from .tickets import WRITE

routes = Routes()

CREW = ("work_orders.report", "tickets.manage")


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/work-orders",
    needs=WRITE,
    body=WorkOrderCreate,
    answers=WorkOrderView,
    status=201,
)
async def order_field_repair(request: web.Request) -> web.Response:
    """Send a crew; its system hears of the order by the event feed or a webhook, and reads it."""
    wanted = await read(request, WorkOrderCreate)
    new = field_repairs.NewOrder(
        **{name: getattr(wanted, name) for name in WorkOrderCreate.model_fields}
    )
    async with editing(request) as edit:
        ticket, kind = await locked_ticket(edit, request)
        made = await field_repairs.order(edit, ticket, kind, new)
        await edit.session.flush()
    return answer(work_order_view(made), status=201)


@routes.add(
    "GET",
    "/api/v1/work-orders",
    needs=("tickets.read", "work_orders.report"),
    answers=WorkOrderPage,
    query=(
        *PAGING,
        Query("state"),
        Query("ticket_id"),
        Query("open", "boolean", "not ended yet, or ended"),
    ),
)
async def list_work_orders(request: web.Request) -> web.Response:
    """The work orders, the oldest first: with ``state=sent``, what a crew has to answer."""
    most, who = limit(request), identity(request)
    async with parts(request).database.readers() as session:
        found = await WorkOrders(session).page(
            most,
            place=after(request, Place),
            state=named(request, "state"),
            open=flag(request, "open"),
            ticket_id=named(request, "ticket_id"),
            teams=who.teams,
            agent_id=who.agent_id,
        )
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(WorkOrderPage(items=[work_order_view(one) for one in found], next=more))


@routes.add(
    "GET",
    "/api/v1/work-orders/{order_id}",
    needs=("tickets.read", "work_orders.report"),
    answers=WorkOrderReports,
)
async def get_work_order(request: web.Request) -> web.Response:
    """A work order and everything that was reported of it."""
    order_id, who = request.match_info["order_id"], identity(request)
    async with parts(request).database.readers() as session:
        made = await _in_sight(session, order_id, who)
        reports = await WorkOrders(session).reports(order_id)
    names = WorkOrderReportView.model_fields
    return answer(
        WorkOrderReports(
            order=work_order_view(made),
            reports=[
                WorkOrderReportView(**{name: getattr(one, name) for name in names})
                for one in reports
            ],
        )
    )


@routes.add(
    "POST",
    "/api/v1/work-orders/{order_id}/reports",
    needs=CREW,
    body=WorkOrderReportCreate,
    answers=WorkOrderView,
)
async def report_on_work_order(request: web.Request) -> web.Response:
    """A message of the crew's, or of its system; the ticket moves where its type says."""
    wanted = await read(request, WorkOrderReportCreate)
    order_id, who = request.match_info["order_id"], identity(request)
    said = field_repairs.Report(
        **{name: getattr(wanted, name) for name in WorkOrderReportCreate.model_fields}
    )
    async with editing(request) as edit:
        await _in_sight(edit.session, order_id, who)
        made = await field_repairs.report(edit, order_id, said)
        await edit.session.flush()
    return answer(work_order_view(made))


@routes.add(
    "POST",
    "/api/v1/work-orders/{order_id}/cancel",
    needs=WRITE,
    answers=WorkOrderView,
)
async def cancel_work_order(request: web.Request) -> web.Response:
    """Take an order back that has not ended."""
    order_id, who = request.match_info["order_id"], identity(request)
    async with editing(request) as edit:
        orders = WorkOrders(edit.session)
        made = await orders.need(order_id)
        ticket = await Tickets(edit.session).locked(made.ticket_id)
        if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
            raise UnknownRecord("work_order", order_id)
        made = await orders.locked(order_id)
        await field_repairs.cancel(edit, made)
        await edit.session.flush()
    return answer(work_order_view(made))


async def _in_sight(session: AsyncSession, order_id: str, who: Identity) -> WorkOrder:
    """Raises UnknownRecord, also for one of another team's tickets."""
    made = await WorkOrders(session).need(order_id)
    ticket = await Tickets(session).get(made.ticket_id)
    if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
        raise UnknownRecord("work_order", order_id)
    return made
