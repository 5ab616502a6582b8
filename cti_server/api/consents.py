"""What customers agreed to, and what they refused."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from cti_server.store.consents import Consent, Consents
from cti_server.store.customers import Customer, Customers
from cti_server.wire.customers import ConsentCreate, ConsentView

from .parts import identity, parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

_PATH = "/api/v1/customers/{customer_id}/consents"


@routes.add("GET", _PATH, needs=("customers.read",), answers=ConsentView, many=True)
async def consents_of_customer(request: web.Request) -> web.Response:
    """Every decision of a customer's, the newest first."""
    async with parts(request).database.readers() as session:
        return answer_many(await _views(session, await _named(request, session)))


@routes.add(
    "POST",
    _PATH,
    needs=("customers.write",),
    body=ConsentCreate,
    answers=ConsentView,
    status=201,
)
async def record_consent(request: web.Request) -> web.Response:
    """Record a decision of a customer's; the earlier ones stay, as proof of what held before."""
    wanted = await read(request, ConsentCreate)
    here, who = parts(request), identity(request)
    now = here.clock.now()
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise InvalidField("expires_at", "is over")
    async with here.changes.begin(who.agent_id) as change:
        customer = await Customers(change.session).need_whole(
            request.match_info["customer_id"], who.teams
        )
        consent = Consent(
            id=here.new_id(),
            customer_id=customer.id,
            at=now,
            recorded_by=who.agent_id,
            **wanted.model_dump(),
        )
        Consents(change.session).add(consent)
        change.record(
            "customer",
            customer.id,
            "consented" if wanted.given else "refused",
            fields=[f"consents.{wanted.channel}.{wanted.purpose}"],
        )
    return answer(_view(consent, in_force=True), status=201)


async def _named(request: web.Request, session: AsyncSession) -> Customer:
    """Raises UnknownRecord."""
    return await Customers(session).need(request.match_info["customer_id"], identity(request).teams)


async def _views(session: AsyncSession, customer: Customer) -> list[ConsentView]:
    names = await Customers(session).names_of(customer.id)
    in_force = (await Consents(session).in_force(names)).values()
    found = await Consents(session).of(names)
    return [_view(each, in_force=each.decision in in_force) for each in reversed(found)]


def _view(consent: Consent, *, in_force: bool) -> ConsentView:
    return ConsentView(
        id=consent.id,
        channel=consent.channel,
        purpose=consent.purpose,
        given=consent.given,
        source=consent.source,
        at=consent.at,
        expires_at=consent.expires_at,
        recorded_by=consent.recorded_by,
        in_force=in_force,
    )
