"""Customers found by what somebody types."""

from aiohttp import web

from crm.search import LONGEST_QUERY, ways
from cti_server.store.customer_search import Place, search
from cti_server.store.customers import Customers
from cti_server.wire.customers import CustomerPage

from .customer_views import customer_view
from .customers import rules
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer

routes = Routes()

_Q = Query(
    "q",
    "string",
    "a name, its Pinyin or initials, a number or its first or last digits, "
    "a word of the notes, any field",
)


@routes.add(
    "GET",
    "/api/v1/customer-search",
    needs=("customers.read",),
    answers=CustomerPage,
    query=(_Q, *PAGING),
)
async def search_customers(request: web.Request) -> web.Response:
    """Customers whom the text may mean, those that it fits whole first; a page may be empty."""
    text = request.query.get("q", "")
    if not text.strip() or len(text) > LONGEST_QUERY:
        raise BadRequest(f"q: must be 1 to {LONGEST_QUERY} characters")
    here, who, most = parts(request), identity(request), limit(request)
    place = after(request, tuple[int, str, str])
    async with here.database.readers() as session:
        fields = await rules(session)
    withheld = frozenset(field.name for field in fields if field.sensitive)
    hidden = frozenset[str]() if who.may("customers.reveal") else withheld
    found = await here.database.in_one_look(
        lambda look: search(
            look,
            ways(text),
            limit=most,
            after=Place(*place) if place else None,
            teams=who.teams,
            hidden=hidden,
        )
    )
    async with here.database.readers() as session:
        customers = {
            customer.id: customer
            for customer in await Customers(session).among(found.customer_ids, who.teams)
        }
    shown = [customers[one] for one in found.customer_ids if one in customers]
    more = found.next
    return answer(
        CustomerPage(
            items=[customer_view(each, fields) for each in shown],
            next=cursor(more.way, more.term, more.customer_id) if more else None,
        )
    )
