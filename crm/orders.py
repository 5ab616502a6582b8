"""
Orders and reservations: what may happen to them, and what a centre's rules make of an order. Pure.

Money is whole numbers of the currency's smallest unit (fen, cents): nothing is ever rounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .errors import InvalidField, NotNow

State = Literal[
    "draft", "placed", "handed_over", "in_progress", "fulfilled", "failed", "returned", "cancelled"
]
Fulfilment = Literal["delivery", "pickup"]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[int, Field(ge=0, le=10**12)]

TABLE: Mapping[str, Mapping[str, State]] = {
    "draft": {"place": "placed", "cancel": "cancelled"},
    "placed": {"hand_over": "handed_over", "cancel": "cancelled"},
    "handed_over": {"begin": "in_progress", "fulfil": "fulfilled", "fail": "failed"},
    "in_progress": {"fulfil": "fulfilled", "fail": "failed"},
    "failed": {"hand_over": "handed_over", "cancel": "cancelled"},
    "fulfilled": {"return": "returned"},
    "returned": {},
    "cancelled": {},
}
"""An order by what is done with it; after the hand-over another system says what becomes of it."""

REPORTS: Mapping[str, str] = {
    "in_progress": "begin",
    "fulfilled": "fulfil",
    "failed": "fail",
    "returned": "return",
}
"""What the other system may report, and the step that it is."""

RESERVATIONS: Mapping[str, Mapping[str, str]] = {
    "booked": {"cancel": "cancelled", "keep": "kept", "miss": "missed"},
    "cancelled": {},
    "kept": {},
    "missed": {},
}

PREFIX = "O"
FIRST_SERIAL = 10_001
MOST_TOTAL = 10**15


class IllegalOrderStep(NotNow):
    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"what is {state!r} cannot {step.replace('_', ' ')}")


class SlotFull(NotNow):
    def __init__(self, places: int) -> None:
        super().__init__(f"there are no {places} places left in this slot")


def stepped(state: str, step: str, table: Mapping[str, Mapping[str, str]] = TABLE) -> str:
    """Raises IllegalOrderStep."""
    to = table[state].get(step)
    if to is None:
        raise IllegalOrderStep(state, step)
    return to


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeliveryFrom(_Rule):
    """From this total on an order is delivered; below it the customer picks it up."""

    rule: Literal["delivery_from"]
    currency: Currency
    amount: Amount


class AtMost(_Rule):
    """So many of a product, or of all products of a category together, in one order."""

    rule: Literal["at_most"]
    product_id: Word | None = None
    category: Word | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class ForTiers(_Rule):
    """A product, or a category, is for customers of these tiers alone."""

    rule: Literal["for_tiers"]
    product_id: Word | None = None
    category: Word | None = None
    tiers: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=50)]


Rule = Annotated[DeliveryFrom | AtMost | ForTiers, Field(discriminator="rule")]


@dataclass(frozen=True, slots=True)
class Line:
    """``price``: of one, in the currency's smallest unit."""

    product_id: str
    category: str
    currency: str
    price: int
    quantity: int

    @property
    def amount(self) -> int:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules make of an order."""

    currency: str
    total: int
    fulfilment: Fulfilment


def judged(
    lines: Sequence[Line], rules: Iterable[Rule], *, tier: str | None, prefers_pickup: bool = False
) -> Judgement:
    """
    The total, and how the goods come to the customer. Raises InvalidField for what no rule allows.

    Without a rule for its currency an order is picked up.
    """
    if not lines:
        raise InvalidField("lines", "an order has at least one")
    currencies = {line.currency for line in lines}
    if len(currencies) > 1:
        raise InvalidField("lines", "must be of one currency")
    [currency] = currencies
    total = sum(line.amount for line in lines)
    if total > MOST_TOTAL:
        raise InvalidField("lines", "come to too much")
    delivered = False
    for rule in rules:
        match rule:
            case DeliveryFrom():
                delivered |= rule.currency == currency and total >= rule.amount
            case AtMost():
                _check_quantity(rule, lines)
            case ForTiers():
                _check_tier(rule, lines, tier)
    by_delivery = delivered and not prefers_pickup
    return Judgement(currency, total, "delivery" if by_delivery else "pickup")


def check_rule(rule: Rule) -> None:
    """Raises InvalidField for a limit that names no goods, or two kinds of them."""
    if not isinstance(rule, DeliveryFrom) and (rule.product_id is None) == (rule.category is None):
        raise InvalidField("definition", "name a product_id or a category")


def _check_quantity(rule: AtMost, lines: Sequence[Line]) -> None:
    quantity = sum(line.quantity for line in lines if _concerns(rule, line))
    if quantity > rule.quantity:
        goods = rule.product_id or rule.category
        raise InvalidField("lines", f"at most {rule.quantity} of {goods!r} in one order")


def _check_tier(rule: ForTiers, lines: Sequence[Line], tier: str | None) -> None:
    if tier not in rule.tiers and any(_concerns(rule, line) for line in lines):
        goods = rule.product_id or rule.category
        raise InvalidField("lines", f"{goods!r} is not for customers of this tier")


def _concerns(rule: AtMost | ForTiers, line: Line) -> bool:
    return line.product_id == rule.product_id or line.category == rule.category
