"""Customers: their records, and who sees how much of them."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.schema import Field
from cti_server.store.customer_fields import CustomerFields
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customers import Customer, Customers
from cti_server.store.versions import check_version
from cti_server.wire.customers import CustomerCreate, CustomerEdit, CustomerPage, CustomerView
from cti_server.wire.events import RecordRead

from .customer_edits import fill
from .customer_views import customer_view
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .routing import Query, Routes, answer, read

routes = Routes()


async def rules(session: AsyncSession) -> Sequence[Field]:
    """The fields that the centre has defined."""
    return [field.rule for field in await CustomerFields(session).all()]


@routes.add(
    "GET",
    "/api/v1/customers",
    needs=("customers.read",),
    answers=CustomerPage,
    query=(*PAGING, Query("owner_id", "string", "whose customers")),
)
async def list_customers(request: web.Request) -> web.Response:
    """The customers, the newest first."""
    most = limit(request)
    async with parts(request).database.readers() as session:
        found = await Customers(session).page(
            most,
            after=after(request, tuple[datetime, str]),
            teams=identity(request).teams,
            owner_id=request.query.get("owner_id"),
        )
        fields = await rules(session)
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(CustomerPage(items=[customer_view(each, fields) for each in found], next=more))


@routes.add(
    "POST",
    "/api/v1/customers",
    needs=("customers.write",),
    body=CustomerCreate,
    answers=CustomerView,
    status=201,
)
async def create_customer(request: web.Request) -> web.Response:
    """Record a new customer."""
    wanted = await read(request, CustomerCreate)
    here, who = parts(request), identity(request)
    now = here.clock.now()
    async with here.changes.begin(who.agent_id) as change:
        fields = await rules(change.session)
        team = None if who.teams is None else who.team
        customer = Customer(
            id=here.new_id(),
            name=wanted.name,
            team=team,
            created_at=now,
            updated_at=now,
            numbers=[],
            contact_points=[],
        )
        named = await fill(
            change.session, customer, wanted, fields, region=here.default_region, who=who
        )
        Customers(change.session).add(customer)
        await CustomerIndex(change.session).note([customer])
        change.record("customer", customer.id, "created", fields=named | {"name"})
    return answer(customer_view(customer, fields), status=201)


@routes.add(
    "GET", "/api/v1/customers/{customer_id}", needs=("customers.read",), answers=CustomerView
)
async def get_customer(request: web.Request) -> web.Response:
    """A customer, with numbers, addresses and sensitive fields masked."""
    async with parts(request).database.readers() as session:
        customer = await _named(request, session)
        return answer(customer_view(customer, await rules(session)))


@routes.add(
    "POST",
    "/api/v1/customers/{customer_id}/reveal",
    needs=("customers.reveal",),
    answers=CustomerView,
)
async def reveal_customer(request: web.Request) -> web.Response:
    """The same, whole; that it was looked at is kept for the audit."""
    here = parts(request)
    async with here.database.readers() as session:
        customer = await _named(request, session)
        view = customer_view(customer, await rules(session), revealed=True)
    here.log.append(
        RecordRead(
            record="customer",
            record_id=customer.id,
            what="numbers, addresses, sensitive fields",
            read_by=identity(request).agent_id,
        )
    )
    return answer(view)


@routes.add(
    "PATCH",
    "/api/v1/customers/{customer_id}",
    needs=("customers.write",),
    body=CustomerEdit,
    answers=CustomerView,
)
async def edit_customer(request: web.Request) -> web.Response:
    """Change what the body names; another edit since the named version is a conflict."""
    wanted = await read(request, CustomerEdit)
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        customer = await Customers(change.session).need_whole(
            request.match_info["customer_id"], who.teams, to_change=True
        )
        check_version(customer, wanted.version)
        fields = await rules(change.session)
        changed = await fill(
            change.session, customer, wanted, fields, region=here.default_region, who=who
        )
        if changed:
            customer.updated_at = here.clock.now()
            await CustomerIndex(change.session).note([customer])
            change.record("customer", customer.id, "updated", fields=changed)
    return answer(customer_view(customer, fields))


async def _named(request: web.Request, session: AsyncSession) -> Customer:
    """Raises UnknownRecord."""
    return await Customers(session).need(request.match_info["customer_id"], identity(request).teams)
