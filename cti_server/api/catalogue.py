"""What can be ordered, and by which rules."""

from aiohttp import web
from pydantic import TypeAdapter

from crm.errors import InvalidField
from crm.orders import Rule, check_rule
from cti_server.store.orders import OrderRule, Orders, Product
from cti_server.store.versions import check_version
from cti_server.wire.orders import (
    OrderRuleCreate,
    OrderRuleEdit,
    OrderRuleView,
    ProductCreate,
    ProductEdit,
    ProductView,
)

from .editing import editing
from .parameters import flag
from .parts import parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def rule_of(stored: OrderRule) -> Rule:
    return _RULE.validate_python(stored.definition)


@routes.add(
    "GET",
    "/api/v1/products",
    needs=("orders.read",),
    answers=ProductView,
    many=True,
    query=(Query("sold", "boolean", "that can, or cannot, be ordered now"),),
)
async def list_products(request: web.Request) -> web.Response:
    """The catalogue."""
    here, sold = parts(request), flag(request, "sold")
    now = here.clock.now()
    async with here.database.readers() as session:
        found = await Orders(session).products()
    return answer_many([_view(one) for one in found if sold in {None, one.sold_at(now)}])


@routes.add(
    "POST",
    "/api/v1/products",
    needs=("catalogue.manage",),
    body=ProductCreate,
    answers=ProductView,
    status=201,
)
async def create_product(request: web.Request) -> web.Response:
    """Add something that can be ordered."""
    wanted = await read(request, ProductCreate)
    async with editing(request) as edit:
        product = Product(
            **(wanted.model_dump() | {"labels": wanted.labels.model_dump()}),
            created_at=edit.now,
            updated_at=edit.now,
        )
        _check_time(product)
        edit.session.add(product)
        edit.change.record("product", product.id, "created")
        await edit.session.flush()
    return answer(_view(product), 201)


@routes.add(
    "PATCH",
    "/api/v1/products/{product_id}",
    needs=("catalogue.manage",),
    body=ProductEdit,
    answers=ProductView,
)
async def edit_product(request: web.Request) -> web.Response:
    """Change a product's words, price and time; null takes a bound of the time away."""
    wanted = await read(request, ProductEdit)
    changes = wanted.model_dump(include=wanted.model_fields_set - {"version"})
    for name in ("labels", "price"):
        if changes.get(name, 0) is None:
            del changes[name]
    async with editing(request) as edit:
        product = await Orders(edit.session).product(request.match_info["product_id"])
        check_version(product, wanted.version)
        for name, value in changes.items():
            setattr(product, name, value)
        _check_time(product)
        product.updated_at = edit.now
        edit.change.record("product", product.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_view(product))


@routes.add("GET", "/api/v1/order-rules", needs=("orders.read",), answers=OrderRuleView, many=True)
async def list_order_rules(request: web.Request) -> web.Response:
    """By which rules orders are judged."""
    async with parts(request).database.readers() as session:
        return answer_many([_rule_view(one) for one in await Orders(session).rules()])


@routes.add(
    "POST",
    "/api/v1/order-rules",
    needs=("catalogue.manage",),
    body=OrderRuleCreate,
    answers=OrderRuleView,
    status=201,
)
async def create_order_rule(request: web.Request) -> web.Response:
    """Add a rule; it holds for what is placed from now on."""
    wanted = await read(request, OrderRuleCreate)
    check_rule(wanted.definition)
    async with editing(request) as edit:
        rule = OrderRule(**wanted.model_dump(), created_at=edit.now, updated_at=edit.now)
        edit.session.add(rule)
        edit.change.record("order_rule", rule.id, "created")
        await edit.session.flush()
    return answer(_rule_view(rule), 201)


@routes.add(
    "PATCH",
    "/api/v1/order-rules/{rule_id}",
    needs=("catalogue.manage",),
    body=OrderRuleEdit,
    answers=OrderRuleView,
)
async def edit_order_rule(request: web.Request) -> web.Response:
    """Change a rule, or take it out of force."""
    wanted = await read(request, OrderRuleEdit)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    if wanted.definition is not None:
        check_rule(wanted.definition)
    async with editing(request) as edit:
        rule = await Orders(edit.session).rule(request.match_info["rule_id"])
        check_version(rule, wanted.version)
        for name, value in changes.items():
            setattr(rule, name, value)
        rule.updated_at = edit.now
        edit.change.record("order_rule", rule.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_rule_view(rule))


def _check_time(product: Product) -> None:
    """Raises InvalidField."""
    begin, end = product.active_from, product.active_to
    if begin is not None and end is not None and end <= begin:
        raise InvalidField("active_to", "must be after active_from")


def _view(product: Product) -> ProductView:
    return ProductView.model_validate(
        {name: getattr(product, name) for name in ProductView.model_fields}
    )


def _rule_view(rule: OrderRule) -> OrderRuleView:
    return OrderRuleView.model_validate(
        {name: getattr(rule, name) for name in OrderRuleView.model_fields}
    )
