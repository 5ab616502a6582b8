"""Customers that may be one, and those that were found to be."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField, UnknownRecord
from crm.merging import Merger, merge
from crm.schema import Field
from cti_server.store.customer_merges import CustomerMerge, CustomerMerges
from cti_server.store.customers import Customer, Customers
from cti_server.store.duplicates import Duplicates, Pair
from cti_server.store.versions import check_version
from cti_server.wire.customers import (
    CustomerView,
    Distinction,
    MergeOrder,
    MergePreview,
    MergeResult,
    MergeView,
    SuspectPage,
    SuspectView,
)

from .customer_views import customer_view
from .customers import rules
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .routing import Routes, answer, answer_many, read

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/customers/{customer_id}/duplicates",
    needs=("customers.read",),
    answers=SuspectView,
    many=True,
)
async def duplicates_of_customer(request: web.Request) -> web.Response:
    """Who may be this customer, the likeliest first."""
    teams = identity(request).teams
    async with parts(request).database.readers() as session:
        customer = await Customers(session).need(request.match_info["customer_id"], teams)
        pairs = await Duplicates(session).of(customer, teams)
        fields = await rules(session)
    return answer_many([_suspect(pair, fields) for pair in pairs])


@routes.add(
    "GET",
    "/api/v1/customer-duplicates",
    needs=("customers.merge",),
    answers=SuspectPage,
    query=PAGING,
)
async def list_duplicates(request: web.Request) -> web.Response:
    """Pairs of customers that may be one."""
    place = after(request, tuple[int])
    async with parts(request).database.readers() as session:
        page = await Duplicates(session).pairs(
            place[0] if place else None, limit(request), identity(request).teams
        )
        fields = await rules(session)
    return answer(
        SuspectPage(
            items=[_suspect(pair, fields) for pair in page.pairs],
            next=None if page.next is None else cursor(page.next),
        )
    )


@routes.add(
    "POST",
    "/api/v1/customer-duplicates/dismiss",
    needs=("customers.merge",),
    body=Distinction,
    status=204,
)
async def dismiss_duplicate(request: web.Request) -> web.Response:
    """Two customers are two, however alike they look; they are not suspected any more."""
    said = await read(request, Distinction)
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        customers = Customers(change.session)
        one = await customers.need(said.customer_id, who.teams)
        other = await customers.need(said.other_id, who.teams)
        if one.id == other.id:
            raise InvalidField("other_id", "is the same customer")
        new = await Duplicates(change.session).distinguish(
            one.id, other.id, who.agent_id, here.clock.now()
        )
        if new:
            for customer in (one, other):
                change.record("customer", customer.id, "distinguished")
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/customers/{customer_id}/merge/preview",
    needs=("customers.merge",),
    body=MergePreview,
    answers=MergeResult,
)
async def preview_merge(request: web.Request) -> web.Response:
    """What would become of the customer, and whose value would survive; nothing is changed."""
    wanted = await read(request, MergePreview)
    async with parts(request).database.readers() as session:
        survivor, merged, merger = await _decide(request, session, wanted)
        survivor.become(merger.after, survivor.updated_at)  # in memory only: nobody commits
        session.expunge_all()
        return answer(_result(None, survivor, merged, merger, await rules(session)))


@routes.add(
    "POST",
    "/api/v1/customers/{customer_id}/merge",
    needs=("customers.merge",),
    body=MergeOrder,
    answers=MergeResult,
)
async def merge_customers(request: web.Request) -> web.Response:
    """Make two customers one; the other's id is a name of this one from now on."""
    wanted = await read(request, MergeOrder)
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        survivor, merged, merger = await _decide(request, change.session, wanted)
        for each in sorted((survivor.id, merged.id)):
            await Customers(change.session).need_whole(each, who.teams, to_change=True)
        check_version(survivor, wanted.version)
        check_version(merged, wanted.merged_version)
        done = await CustomerMerges(change.session, here.new_id).merge(
            survivor, merged, merger, who.agent_id, here.clock.now()
        )
        change.record("customer", survivor.id, "merged", fields=merger.sources)
        change.record("customer", merged.id, "merged_away")
        fields = await rules(change.session)
    return answer(_result(done.id, survivor, merged, merger, fields))


@routes.add(
    "GET",
    "/api/v1/customers/{customer_id}/merges",
    needs=("customers.read",),
    answers=MergeView,
    many=True,
)
async def merges_of_customer(request: web.Request) -> web.Response:
    """What was merged into this customer, the newest first; undone merges, too."""
    here = parts(request)
    async with here.database.readers() as session:
        customers = Customers(session)
        customer = await customers.need(request.match_info["customer_id"], identity(request).teams)
        names = await customers.names_of(customer.id)
        found = await CustomerMerges(session, here.new_id).of(names)
    return answer_many([_view(each) for each in found])


@routes.add(
    "POST",
    "/api/v1/customer-merges/{merge_id}/undo",
    needs=("customers.merge",),
    answers=CustomerView,
    many=True,
)
async def undo_merge(request: web.Request) -> web.Response:
    """Take the two apart again, as they were; a conflict if what the merge brought was edited."""
    merge_id = request.match_info["merge_id"]
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        merges = CustomerMerges(change.session, here.new_id)
        found = await merges.get(merge_id)
        if found is None:
            raise UnknownRecord("merge", merge_id)
        await Customers(change.session).need(found.survivor_id, who.teams)
        both = await merges.undo(found, who.agent_id, here.clock.now())
        for customer in both:
            change.record("customer", customer.id, "merge_undone")
        fields = await rules(change.session)
    return answer_many([customer_view(customer, fields) for customer in both])


async def _decide(
    request: web.Request, session: AsyncSession, wanted: MergePreview
) -> tuple[Customer, Customer, Merger]:
    """Both, and what becomes of them. Raises UnknownRecord and InvalidField."""
    teams, customers = identity(request).teams, Customers(session)
    survivor = await customers.need_present(request.match_info["customer_id"], teams)
    merged = await customers.need_present(wanted.merged_id, teams)
    return survivor, merged, merge(survivor.record, merged.record, wanted.choices)


def _result(
    merge_id: str | None,
    survivor: Customer,
    merged: Customer,
    merger: Merger,
    fields: Sequence[Field],
) -> MergeResult:
    return MergeResult(
        merge_id=merge_id,
        merged_id=merged.id,
        merged_version=merged.version,
        customer=customer_view(survivor, fields),
        sources=merger.sources,
    )


def _suspect(pair: Pair, fields: Sequence[Field]) -> SuspectView:
    return SuspectView(
        customer=customer_view(pair.one, fields),
        other=customer_view(pair.other, fields),
        score=pair.suspicion.score,
        reasons=list(pair.suspicion.reasons),
    )


def _view(merged: CustomerMerge) -> MergeView:
    return MergeView(
        id=merged.id,
        survivor_id=merged.survivor_id,
        merged_id=merged.merged_id,
        merged_at=merged.merged_at,
        merged_by=merged.merged_by,
        undone_at=merged.undone_at,
        undone_by=merged.undone_by,
    )
