"""Orders and reservations: catalogue, rules, orders, slots. Money is in the smallest unit."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.labels import Labels
from crm.orders import Amount, Currency, Rule

from .resource import Identifier, Line, Moment, Page, Resource, Text, Version, Word

Quantity = Annotated[int, Field(ge=1, le=100_000)]
Places = Annotated[int, Field(ge=1, le=1_000)]


class ProductCreate(Resource):
    """``price``: of one, in the currency's smallest unit. ``active_to`` is exclusive."""

    id: Word
    labels: Labels
    category: Word
    currency: Currency
    price: Amount
    active_from: Moment | None = None
    active_to: Moment | None = None


class ProductEdit(Resource):
    """What is not named stays; orders that are written keep their prices."""

    version: Version
    labels: Labels | None = None
    price: Amount | None = None
    active_from: Moment | None = None
    active_to: Moment | None = None


class ProductView(Resource):
    id: str
    version: int
    labels: Labels
    category: str
    currency: str
    price: int
    active_from: datetime | None
    active_to: datetime | None


class OrderRuleCreate(Resource):
    id: Word
    labels: Labels
    definition: Rule
    active: bool = True


class OrderRuleEdit(Resource):
    version: Version
    labels: Labels | None = None
    definition: Rule | None = None
    active: bool | None = None


class OrderRuleView(Resource):
    id: str
    version: int
    labels: Labels
    definition: Rule
    active: bool


class OrderLineToAdd(Resource):
    product_id: Word
    quantity: Quantity


class OrderCreate(Resource):
    """``prefers_pickup``: not delivered, even where it could be."""

    lines: Annotated[list[OrderLineToAdd], Field(min_length=1, max_length=200)]
    customer_id: Identifier | None = None
    contact_id: Identifier | None = None
    prefers_pickup: bool = False
    address: Line | None = None
    note: Text | None = None


class OrderEdit(Resource):
    """Of a draft; what is not named stays."""

    version: Version
    lines: Annotated[list[OrderLineToAdd], Field(min_length=1, max_length=200)] | None = None
    prefers_pickup: bool | None = None
    address: Line | None = None
    note: Text | None = None


class OrderStep(Resource):
    version: Version
    note: Line | None = None


class OrderReport(Resource):
    """What the other system says; a message that comes twice is heard once."""

    message_id: Identifier
    state: Literal["in_progress", "fulfilled", "failed", "returned"]
    external_id: Identifier | None = None
    note: Line | None = None


class OrderLineView(Resource):
    product_id: str
    labels: Labels
    quantity: int
    price: int
    amount: int


class OrderMoveView(Resource):
    at: datetime
    state: str
    moved_by: str
    note: str | None


class OrderView(Resource):
    """``may``: the steps that can be taken now. ``moves`` only where one order is read."""

    id: str
    number: str
    version: int
    state: str
    state_since: datetime
    may: list[str]
    customer_id: str | None
    contact_id: str | None
    taken_by: str
    currency: str
    total: int
    fulfilment: str
    prefers_pickup: bool
    address: str | None
    note: str | None
    external_id: str | None
    lines: list[OrderLineView]
    moves: list[OrderMoveView]
    created_at: datetime
    updated_at: datetime


class OrderPage(Page[OrderView]):
    """The newest first."""


class SlotCreate(Resource):
    resource: Word
    labels: Labels
    starts_at: Moment
    ends_at: Moment
    capacity: Annotated[int, Field(ge=1, le=100_000)]


class SlotView(Resource):
    id: str
    resource: str
    labels: Labels
    starts_at: datetime
    ends_at: datetime
    capacity: int
    free: int


class SlotPage(Page[SlotView]):
    """The earliest first."""


class ReservationCreate(Resource):
    slot_id: Identifier
    places: Places = 1
    customer_id: Identifier | None = None
    contact_id: Identifier | None = None
    note: Line | None = None


class ReservationStep(Resource):
    version: Version


class ReservationView(Resource):
    id: str
    version: int
    slot_id: str
    state: str
    places: int
    customer_id: str | None
    contact_id: str | None
    taken_by: str
    note: str | None
    created_at: datetime


class ReservationPage(Page[ReservationView]):
    """The newest first."""
