"""Orders: their states, what the rules make of them, and slots that are never overbooked."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count, product

import pytest
from pydantic import TypeAdapter, ValidationError

from crm.errors import InvalidField
from crm.orders import (
    RESERVATIONS,
    TABLE,
    AtMost,
    DeliveryFrom,
    ForTiers,
    IllegalOrderStep,
    Judgement,
    Line,
    Rule,
    SlotFull,
    check_rule,
    judged,
    stepped,
)
from cti_server import shipped_orders
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.orders import Orders
from cti_server.store.reservations import Reservations, Slot

STEPS = ("place", "hand_over", "cancel", "begin", "fulfil", "fail", "return")
ALLOWED = {
    ("draft", "place"): "placed",
    ("draft", "cancel"): "cancelled",
    ("placed", "hand_over"): "handed_over",
    ("placed", "cancel"): "cancelled",
    ("handed_over", "begin"): "in_progress",
    ("handed_over", "fulfil"): "fulfilled",
    ("handed_over", "fail"): "failed",
    ("in_progress", "fulfil"): "fulfilled",
    ("in_progress", "fail"): "failed",
    ("failed", "hand_over"): "handed_over",
    ("failed", "cancel"): "cancelled",
    ("fulfilled", "return"): "returned",
}
FROM_99 = DeliveryFrom(rule="delivery_from", currency="CNY", amount=9900)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def line(
    product_id: str = "rice",
    quantity: int = 1,
    *,
    price: int = 3300,
    category: str = "food",
    currency: str = "CNY",
) -> Line:
    return Line(product_id, category, currency, price, quantity)


@pytest.mark.parametrize(("state", "step"), list(product(TABLE, STEPS)))
def test_each_step_of_an_order_leads_where_it_should_or_nowhere(state: str, step: str) -> None:
    if (state, step) in ALLOWED:
        assert stepped(state, step) == ALLOWED[state, step]
    else:
        with pytest.raises(IllegalOrderStep, match=state):
            stepped(state, step)


@pytest.mark.parametrize(("state", "step"), list(product(RESERVATIONS, ("cancel", "keep", "miss"))))
def test_only_what_is_booked_is_cancelled_kept_or_missed(state: str, step: str) -> None:
    ends = {"cancel": "cancelled", "keep": "kept", "miss": "missed"}
    if state == "booked":
        assert stepped(state, step, RESERVATIONS) == ends[step]
    else:
        with pytest.raises(IllegalOrderStep):
            stepped(state, step, RESERVATIONS)


@pytest.mark.parametrize(
    ("lines", "pickup", "expected"),
    [
        ([line(quantity=3)], False, Judgement("CNY", 9900, "delivery")),
        ([line(quantity=2), line("tea", price=3299)], False, Judgement("CNY", 9899, "pickup")),
        ([line(quantity=3)], True, Judgement("CNY", 9900, "pickup")),
        ([line(quantity=9, currency="HKD")], False, Judgement("HKD", 29700, "pickup")),
    ],
)
def test_from_the_least_amount_on_an_order_is_delivered(
    lines: list[Line], pickup: bool, expected: Judgement
) -> None:
    assert judged(lines, [FROM_99], tier=None, prefers_pickup=pickup) == expected


def test_quantities_count_over_all_lines_of_an_order() -> None:
    rules = [
        AtMost(rule="at_most", product_id="rice", quantity=3),
        AtMost(rule="at_most", category="food", quantity=5),
    ]

    judged([line(quantity=3), line("tea", 2)], rules, tier=None)
    with pytest.raises(InvalidField, match="at most 3 of 'rice'"):
        judged([line(quantity=2), line(quantity=2)], rules, tier=None)
    with pytest.raises(InvalidField, match="at most 5 of 'food'"):
        judged([line(quantity=3), line("tea", 3)], rules, tier=None)
    judged([line(quantity=3), line("pan", 9, category="kitchen")], rules, tier=None)


def test_some_goods_are_for_customers_of_some_tiers() -> None:
    rules = [ForTiers(rule="for_tiers", category="vip", tiers=["gold", "platinum"])]

    judged([line("wine", category="vip")], rules, tier="gold")
    judged([line()], rules, tier=None)
    for tier in (None, "standard"):
        with pytest.raises(InvalidField, match="'vip' is not for customers of this tier"):
            judged([line("wine", category="vip")], rules, tier=tier)


def test_an_order_has_lines_of_one_currency_that_come_to_something_finite() -> None:
    with pytest.raises(InvalidField, match="at least one"):
        judged([], [], tier=None)
    with pytest.raises(InvalidField, match="one currency"):
        judged([line(), line(currency="USD")], [], tier=None)
    with pytest.raises(InvalidField, match="too much"):
        judged([line(price=10**12, quantity=10**5)], [], tier=None)


@pytest.mark.parametrize(
    "definition",
    [
        {"rule": "at_most", "quantity": 3},
        {"rule": "at_most", "quantity": 3, "product_id": "a", "category": "b"},
        {"rule": "for_tiers", "tiers": ["gold"]},
    ],
)
def test_a_limit_names_its_goods(definition: dict[str, object]) -> None:
    rules: TypeAdapter[Rule] = TypeAdapter(Rule)
    with pytest.raises(InvalidField, match="product_id or a category"):
        check_rule(rules.validate_python(definition))
    with pytest.raises(ValidationError):
        rules.validate_python({"rule": "free_lunch"})


async def test_of_many_who_book_at_once_as_many_get_places_as_there_are(
    database: Database,
) -> None:
    async with database.sessions.begin() as session:
        session.add(
            Slot(
                id="morning",
                resource="fitter",
                labels={"zh": "上午", "en": "Morning"},
                starts_at=NOW,
                ends_at=NOW + timedelta(hours=3),
                capacity=7,
            )
        )

    async def book() -> bool:
        try:
            async with database.sessions.begin() as session:
                await Reservations(session).take("morning", 2)
        except SlotFull:
            return False
        return True

    booked = await asyncio.gather(*(book() for _ in range(12)))
    async with database.sessions.begin() as session:
        await Reservations(session).take("morning", -2)
    async with database.readers() as session:
        slot = await Reservations(session).slot("morning")

    assert sum(booked) == 3
    assert slot.taken == 4


async def test_a_new_centre_delivers_from_99_yuan_on_until_it_says_otherwise(
    database: Database,
) -> None:
    numbers = count()
    changes = Changes(database, id, now=lambda: NOW, new_id=lambda: f"id{next(numbers)}")

    await shipped_orders.load(changes, NOW)
    async with database.sessions.begin() as session:
        [rule] = await Orders(session).rules()
        rule.active = False
    await shipped_orders.load(changes, NOW)

    async with database.readers() as session:
        [rule] = await Orders(session).rules()
    assert rule.definition == FROM_99.model_dump()
    assert set(rule.labels) == {"zh", "en"}
    assert not rule.active
