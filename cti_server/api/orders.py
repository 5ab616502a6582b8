"""Orders: written by agents, judged by the rules, handed over, and what becomes of them."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm import orders as rules
from crm.errors import InvalidField, NotNow
from crm.tickets import number_of
from crm.timeline import Place
from cti_server.store.customers import Customers
from cti_server.store.orders import Order, OrderLine, OrderMove, Orders, Product
from cti_server.store.ticket_types import next_number
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.orders import (
    OrderCreate,
    OrderEdit,
    OrderLineToAdd,
    OrderLineView,
    OrderMoveView,
    OrderPage,
    OrderReport,
    OrderStep,
    OrderView,
)

from .catalogue import rule_of
from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import named
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer, read

routes = Routes()

_WRITE = ("orders.write", "orders.manage")
_PATH = "/api/v1/orders/{order_id}"
_DONE = {"place": "placed", "hand_over": "handed_over", "cancel": "cancelled"}


@routes.add(
    "GET",
    "/api/v1/orders",
    needs=("orders.read",),
    answers=OrderPage,
    query=(
        *PAGING,
        Query("customer_id"),
        Query("state", "string", ", ".join(rules.TABLE)),
        Query("fulfilment", "string", "delivery (what is to be brought) or pickup"),
    ),
)
async def list_orders(request: web.Request) -> web.Response:
    """Orders, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    state, customer_id = request.query.get("state"), named(request, "customer_id")
    if state is not None and state not in rules.TABLE:
        raise BadRequest(f"state: must be one of {', '.join(rules.TABLE)}")
    fulfilment = request.query.get("fulfilment")
    if fulfilment not in {None, "delivery", "pickup"}:
        raise BadRequest("fulfilment: must be delivery or pickup")
    teams = identity(request).teams
    async with parts(request).database.readers() as session:
        names = await names_of(session, customer_id, teams)
        found = await Orders(session).page(
            teams,
            most + 1,
            state=state,
            fulfilment=fulfilment,
            customer_ids=names,
            place=Place(*place) if place else None,
        )
        page = found[:most]
        lines = await Orders(session).lines([one.id for one in page])
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(OrderPage(items=[_view(one, lines[one.id]) for one in page], next=more))


@routes.add("POST", "/api/v1/orders", needs=_WRITE, body=OrderCreate, answers=OrderView, status=201)
async def create_order(request: web.Request) -> web.Response:
    """Write an order; the server adds it up and says whether it is delivered."""
    wanted, who = await read(request, OrderCreate), identity(request)
    async with editing(request) as edit:
        customer_id = await known_customer(edit, wanted.customer_id, who.teams)
        serial = await next_number(edit.session, "order", first=rules.FIRST_SERIAL)
        order = Order(
            id=edit.new_id(),
            number=number_of(rules.PREFIX, serial),
            state="draft",
            customer_id=customer_id,
            contact_id=wanted.contact_id,
            team=who.team,
            taken_by=edit.by,
            currency="",
            total=0,
            fulfilment="pickup",
            prefers_pickup=wanted.prefers_pickup,
            address=wanted.address,
            note=wanted.note,
            state_since=edit.now,
            created_at=edit.now,
            updated_at=edit.now,
        )
        lines = await _lines(edit, order.id, wanted.lines)
        await _judge(edit, order, lines)
        edit.session.add(order)
        await edit.session.flush()
        edit.session.add_all(lines)
        _moved(edit, order, 0)
        edit.change.record("order", order.id, "created")
        await edit.session.flush()
        view = await _whole(edit.session, order)
    return answer(view, 201)


@routes.add("GET", _PATH, needs=("orders.read",), answers=OrderView)
async def get_order(request: web.Request) -> web.Response:
    """An order with its lines and its way."""
    async with parts(request).database.readers() as session:
        order_id = request.match_info["order_id"]
        order = await Orders(session).need(order_id, identity(request).teams)
        return answer(await _whole(session, order))


@routes.add("PATCH", _PATH, needs=_WRITE, body=OrderEdit, answers=OrderView)
async def edit_order(request: web.Request) -> web.Response:
    """Change a draft; it is added up anew, at the prices of now where its lines are given."""
    wanted = await read(request, OrderEdit)
    changes = wanted.model_dump(exclude={"version", "lines"}, exclude_none=True)
    async with editing(request) as edit:
        order = await _locked(edit, request)
        check_version(order, wanted.version)
        if order.state != "draft":
            raise NotNow(f"an order that is {order.state!r} is not changed any more")
        for name, value in changes.items():
            setattr(order, name, value)
        lines: Sequence[OrderLine]
        if wanted.lines is not None:
            lines = await _lines(edit, order.id, wanted.lines)
            await edit.session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
            edit.session.add_all(lines)
        else:
            lines = (await Orders(edit.session).lines([order.id]))[order.id]
        await _judge(edit, order, lines)
        order.updated_at = edit.now
        edit.change.record(
            "order", order.id, "updated", fields=wanted.model_fields_set - {"version"}
        )
        await edit.session.flush()
        view = await _whole(edit.session, order)
    return answer(view)


@routes.add("POST", f"{_PATH}/place", needs=_WRITE, body=OrderStep, answers=OrderView)
async def place_order(request: web.Request) -> web.Response:
    """The customer orders: the rules of this moment are asked once more."""
    return await _step(request, "place")


@routes.add("POST", f"{_PATH}/hand-over", needs=_WRITE, body=OrderStep, answers=OrderView)
async def hand_over_order(request: web.Request) -> web.Response:
    """Give the order to the system that fulfils it: it hears of it as of every change."""
    return await _step(request, "hand_over")


@routes.add("POST", f"{_PATH}/cancel", needs=_WRITE, body=OrderStep, answers=OrderView)
async def cancel_order(request: web.Request) -> web.Response:
    """Call an order off before it is handed over, or after it failed."""
    return await _step(request, "cancel")


@routes.add(
    "POST",
    f"{_PATH}/reports",
    needs=("orders.manage",),
    body=OrderReport,
    answers=OrderView,
)
async def report_order(request: web.Request) -> web.Response:
    """What the other system says of an order; the same message again changes nothing."""
    wanted = await read(request, OrderReport)
    async with editing(request) as edit:
        order = await _locked(edit, request)
        heard = select(OrderMove.position).where(
            OrderMove.order_id == order.id, OrderMove.message_id == wanted.message_id
        )
        if await edit.session.scalar(heard) is None:
            order.external_id = wanted.external_id or order.external_id
            await _move(edit, order, rules.REPORTS[wanted.state], wanted.note, wanted.message_id)
            edit.change.record("order", order.id, wanted.state, fields=["state"])
            await edit.session.flush()
        view = await _whole(edit.session, order)
    return answer(view)


async def names_of(
    session: AsyncSession, customer_id: str | None, teams: frozenset[str] | None
) -> list[str] | None:
    """All ids that the customer had. Raises UnknownRecord."""
    if customer_id is None:
        return None
    customer = await Customers(session).need(customer_id, teams)
    return list(await Customers(session).names_of(customer.id))


async def known_customer(
    edit: Edit, customer_id: str | None, teams: frozenset[str] | None
) -> str | None:
    """The customer's id by now. Raises UnknownRecord, and NotNow for one that was erased."""
    if customer_id is None:
        return None
    return (await Customers(edit.session).need_whole(customer_id, teams)).id


async def _locked(edit: Edit, request: web.Request) -> Order:
    order_id = request.match_info["order_id"]
    return await Orders(edit.session).need(order_id, identity(request).teams, locked=True)


async def _step(request: web.Request, step: str) -> web.Response:
    """Raises IllegalOrderStep."""
    wanted = await read(request, OrderStep)
    async with editing(request) as edit:
        order = await _locked(edit, request)
        check_version(order, wanted.version)
        if step == "place" and order.state == "draft":
            await _check_placing(edit, order)
        await _move(edit, order, step, wanted.note)
        edit.change.record("order", order.id, _DONE[step], fields=["state"])
        await edit.session.flush()
        view = await _whole(edit.session, order)
    return answer(view)


async def _check_placing(edit: Edit, order: Order) -> None:
    """Raises InvalidField for what cannot be ordered now, or cannot be delivered."""
    lines = (await Orders(edit.session).lines([order.id]))[order.id]
    for line in lines:
        await _sold(edit, line.product_id)
    await _judge(edit, order, lines)
    if order.fulfilment == "delivery" and order.address is None:
        raise InvalidField("address", "is needed for what is delivered")


async def _move(
    edit: Edit, order: Order, step: str, note: str | None, message_id: str | None = None
) -> None:
    order.state = rules.stepped(order.state, step)
    order.state_since = order.updated_at = edit.now
    position = len(await Orders(edit.session).moves(order.id))
    _moved(edit, order, position, note, message_id)


def _moved(
    edit: Edit,
    order: Order,
    position: int,
    note: str | None = None,
    message_id: str | None = None,
) -> None:
    edit.session.add(
        OrderMove(
            order_id=order.id,
            position=position,
            at=edit.now,
            state=order.state,
            moved_by=edit.by,
            note=note,
            message_id=message_id,
        )
    )


async def _sold(edit: Edit, product_id: str) -> Product:
    """Raises InvalidField for what cannot be ordered now."""
    [*found] = await Orders(edit.session).products([product_id])
    if not found or not found[0].sold_at(edit.now):
        raise InvalidField("lines", f"{product_id!r} cannot be ordered now")
    return found[0]


async def _lines(edit: Edit, order_id: str, wanted: Sequence[OrderLineToAdd]) -> list[OrderLine]:
    """At the prices of now. Raises InvalidField."""
    lines = []
    for position, line in enumerate(wanted):
        product = await _sold(edit, line.product_id)
        lines.append(
            OrderLine(
                order_id=order_id,
                position=position,
                product_id=product.id,
                labels=product.labels,
                quantity=line.quantity,
                price=product.price,
                amount=product.price * line.quantity,
            )
        )
    return lines


async def _judge(edit: Edit, order: Order, lines: Sequence[OrderLine]) -> None:
    """Add the order up by the rules in force. Raises InvalidField."""
    stored = Orders(edit.session)
    products = {one.id: one for one in await stored.products({x.product_id for x in lines})}
    tier = None
    if order.customer_id is not None:
        customer = await Customers(edit.session).get(order.customer_id)
        tier = customer.tier if customer is not None else None
    judgement = rules.judged(
        [
            rules.Line(
                line.product_id,
                products[line.product_id].category,
                products[line.product_id].currency,
                line.price,
                line.quantity,
            )
            for line in lines
        ],
        [rule_of(rule) for rule in await stored.rules() if rule.active],
        tier=tier,
        prefers_pickup=order.prefers_pickup,
    )
    order.currency, order.total = judgement.currency, judgement.total
    order.fulfilment = judgement.fulfilment


async def _whole(session: AsyncSession, order: Order) -> OrderView:
    stored = Orders(session)
    lines, moves = await stored.lines([order.id]), await stored.moves(order.id)
    return _view(order, lines[order.id], moves)


def _view(order: Order, lines: Sequence[OrderLine], moves: Sequence[OrderMove] = ()) -> OrderView:
    return OrderView.model_validate(
        {
            **{name: getattr(order, name) for name in _COLUMNS},
            "may": list(rules.TABLE[order.state]),
            "lines": [
                {name: getattr(line, name) for name in OrderLineView.model_fields} for line in lines
            ],
            "moves": [
                {name: getattr(move, name) for name in OrderMoveView.model_fields} for move in moves
            ],
        }
    )


_COLUMNS = OrderView.model_fields.keys() - {"may", "lines", "moves"}
