"""Orders: the catalogue, the rules, orders with their lines and ways."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.timeline import Place, TimelineEntry

from .base import Base
from .places import before
from .versions import Versioned


class Product(Versioned, Base, kw_only=True):
    """
    Something that can be ordered. ``price``: of one, in the currency's smallest unit.

    ``active_from`` and ``active_to`` (exclusive): when it can be ordered.
    """

    __tablename__ = "product"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    category: Mapped[str]
    currency: Mapped[str]
    price: Mapped[int] = mapped_column(BigInteger)
    active_from: Mapped[datetime | None] = mapped_column(default=None)
    active_to: Mapped[datetime | None] = mapped_column(default=None)

    def sold_at(self, at: datetime) -> bool:
        begun = self.active_from is None or self.active_from <= at
        return begun and (self.active_to is None or at < self.active_to)


class OrderRule(Versioned, Base, kw_only=True):
    """``definition``: a rule of :mod:`crm.orders`."""

    __tablename__ = "order_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    definition: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)


class Order(Versioned, Base, kw_only=True):
    """
    What a customer orders. ``total`` is the server's sum, in the currency's smallest unit.

    ``external_id``: what the system calls it that it was handed over to.
    """

    __tablename__ = "order"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    customer_id: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    taken_by: Mapped[str]
    currency: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger)
    fulfilment: Mapped[str]
    prefers_pickup: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)
    external_id: Mapped[str | None] = mapped_column(default=None)
    state_since: Mapped[datetime]

    def seen_by(self, teams: frozenset[str] | None) -> bool:
        return teams is None or self.team is None or self.team in teams


Index("ix_order_created_at_id", Order.created_at, Order.id)
Index("ix_order_customer_id_created_at", Order.customer_id, Order.created_at)
Index("ix_order_state_created_at", Order.state, Order.created_at)


class OrderLine(Base, kw_only=True):
    """The product as it was named and priced when the order was written."""

    __tablename__ = "order_line"

    order_id: Mapped[str] = mapped_column(
        ForeignKey("order.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"))
    labels: Mapped[dict[str, str]]
    quantity: Mapped[int]
    price: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class OrderMove(Base, kw_only=True):
    """
    The order came into a state. ``message_id``: of the report that said so, the same of which is
    heard once.
    """

    __tablename__ = "order_move"

    order_id: Mapped[str] = mapped_column(
        ForeignKey("order.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    state: Mapped[str]
    moved_by: Mapped[str]
    note: Mapped[str | None] = mapped_column(default=None)
    message_id: Mapped[str | None] = mapped_column(default=None)


Index("uq_order_move_message", OrderMove.order_id, OrderMove.message_id, unique=True)


class Orders:
    """The stored orders. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(
        self, order_id: str, teams: frozenset[str] | None, *, locked: bool = False
    ) -> Order:
        """Raises UnknownRecord, also for another team's."""
        query = select(Order).where(Order.id == order_id)
        if locked:
            query = query.with_for_update()
        order = (await self._session.scalars(query)).one_or_none()
        if order is None or not order.seen_by(teams):
            raise UnknownRecord("order", order_id)
        return order

    async def page(
        self,
        teams: frozenset[str] | None,
        limit: int,
        *,
        state: str | None = None,
        fulfilment: str | None = None,
        customer_ids: Sequence[str] | None = None,
        place: Place | None = None,
    ) -> Sequence[Order]:
        """The newest first."""
        query = select(Order).where(*before(Order.created_at, Order.id, place))
        if teams is not None:
            query = query.where(Order.team.is_(None) | Order.team.in_(teams))
        if state is not None:
            query = query.where(Order.state == state)
        if fulfilment is not None:
            query = query.where(Order.fulfilment == fulfilment)
        if customer_ids is not None:
            query = query.where(Order.customer_id.in_(customer_ids))
        query = query.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def lines(self, order_ids: Collection[str]) -> dict[str, list[OrderLine]]:
        query = select(OrderLine).where(OrderLine.order_id.in_(order_ids))
        found: defaultdict[str, list[OrderLine]] = defaultdict(list)
        for line in await self._session.scalars(query.order_by(OrderLine.position)):
            found[line.order_id].append(line)
        return found

    async def moves(self, order_id: str) -> Sequence[OrderMove]:
        query = select(OrderMove).where(OrderMove.order_id == order_id)
        return (await self._session.scalars(query.order_by(OrderMove.position))).all()

    async def products(self, product_ids: Collection[str] | None = None) -> Sequence[Product]:
        query = select(Product).order_by(Product.id)
        if product_ids is not None:
            query = query.where(Product.id.in_(product_ids))
        return (await self._session.scalars(query)).all()

    async def product(self, product_id: str) -> Product:
        """Raises UnknownRecord."""
        product = await self._session.get(Product, product_id)
        if product is None:
            raise UnknownRecord("product", product_id)
        return product

    async def rules(self) -> Sequence[OrderRule]:
        return (await self._session.scalars(select(OrderRule).order_by(OrderRule.id))).all()

    async def rule(self, rule_id: str) -> OrderRule:
        """Raises UnknownRecord."""
        rule = await self._session.get(OrderRule, rule_id)
        if rule is None:
            raise UnknownRecord("order_rule", rule_id)
        return rule


async def orders_on_timeline(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    """The newest first, each at the moment at which it was written."""
    found = await Orders(session).page(None, limit, customer_ids=customer_ids, place=place)
    return [
        TimelineEntry(
            at=order.created_at,
            kind="order",
            id=order.id,
            data={
                "order_number": order.number,
                "state": order.state,
                "total": order.total,
                "currency": order.currency,
                "fulfilment": order.fulfilment,
                "contact_id": order.contact_id,
            },
        )
        for order in found
    ]
