"""Orders and reservations over REST: written, judged, handed over, reported on, booked."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cti_server.store.customers import Customer
from cti_server.wire.events import Logged, RecordChanged

from .asking import Answer, asking
from .conftest import NINE, Centre

LABELS = {"zh": "大米", "en": "Rice"}
RICE: dict[str, Any] = {
    "id": "rice",
    "labels": LABELS,
    "category": "food",
    "currency": "CNY",
    "price": 3300,
}
FROM_99 = {"rule": "delivery_from", "currency": "CNY", "amount": 9900}


@pytest.fixture
async def shop(centre: Centre) -> Centre:
    """One product, delivered from 99 yuan on, and a customer."""
    sun = asking(centre, "sun")
    assert (await sun("POST", "products", RICE)).status == 201
    rule = {"id": "delivery", "labels": LABELS, "definition": FROM_99}
    assert (await sun("POST", "order-rules", rule)).status == 201
    async with centre.parts.database.sessions.begin() as session:
        session.add(Customer(id="c1", name="王伟", tier="gold", created_at=NINE, updated_at=NINE))
    return centre


async def order(shop: Centre, quantity: int = 3, agent: str = "li", **more: Any) -> Answer:
    lines = [{"product_id": "rice", "quantity": quantity}]
    return await asking(shop, agent)("POST", "orders", {"lines": lines, "customer_id": "c1"} | more)


async def step(shop: Centre, answer: Answer, name: str, agent: str = "li") -> Answer:
    body = {"version": answer.body["version"]}
    return await asking(shop, agent)("POST", f"orders/{answer.body['id']}/{name}", body)


async def test_an_order_above_the_least_amount_goes_to_the_door(shop: Centre) -> None:
    above, below = await order(shop, 3), await order(shop, 2)
    homeless = await step(shop, above, "place")
    path = f"orders/{above.body['id']}"
    edit = {"version": above.body["version"], "address": "人民路1号"}
    above = await asking(shop, "li")("PATCH", path, edit)
    placed, placed_below = await step(shop, above, "place"), await step(shop, below, "place")

    assert (above.body["total"], above.body["fulfilment"]) == (9900, "delivery")
    assert (below.body["total"], below.body["fulfilment"]) == (6600, "pickup")
    assert (homeless.status, homeless.body["detail"][:7]) == (422, "address")
    assert (placed.body["state"], placed_below.body["state"]) == ("placed", "placed")
    assert placed.body["lines"][0]["amount"] == 9900
    assert placed.body["may"] == ["hand_over", "cancel"]


async def test_who_fulfils_orders_hears_of_the_hand_over_and_reports_back(shop: Centre) -> None:
    heard: list[tuple[str, str]] = []

    def hear(logged: Logged) -> None:
        if isinstance(logged.event, RecordChanged) and logged.event.record == "order":
            heard.append((logged.event.record_id, logged.event.action))

    made = await order(shop, address="人民路1号")
    shop.parts.log.subscribe(hear)
    placed = await step(shop, made, "place")
    handed_over = await step(shop, placed, "hand-over")
    report = {"message_id": "m1", "state": "in_progress", "external_id": "ERP-7"}
    zhao, path = asking(shop, "zhao"), f"orders/{made.body['id']}/reports"
    first = await zhao("POST", path, report)
    again = await zhao("POST", path, report)
    done = await zhao("POST", path, {"message_id": "m2", "state": "fulfilled"})
    too_late = await zhao("POST", path, {"message_id": "m3", "state": "failed"})
    timeline = await asking(shop, "li")("GET", "customers/c1/timeline")

    assert handed_over.body["state"] == "handed_over"
    assert heard == [
        (made.body["id"], action)
        for action in ("placed", "handed_over", "in_progress", "fulfilled")
    ]
    assert first.body == again.body
    assert (first.body["state"], first.body["external_id"]) == ("in_progress", "ERP-7")
    assert [move["state"] for move in done.body["moves"]] == [
        "draft",
        "placed",
        "handed_over",
        "in_progress",
        "fulfilled",
    ]
    assert (too_late.status, too_late.kind) == (409, "IllegalOrderStep")
    [entry] = timeline.body["items"]
    assert (entry["kind"], entry["data"]["state"], entry["data"]["total"]) == (
        "order",
        "fulfilled",
        9900,
    )
    assert (await asking(shop, "li")("POST", path, report)).status == 403


async def test_a_written_order_keeps_its_price_until_its_lines_are_written_anew(
    shop: Centre,
) -> None:
    made = await order(shop)
    sun, li, path = asking(shop, "sun"), asking(shop, "li"), f"orders/{made.body['id']}"
    await sun("PATCH", "products/rice", {"version": 1, "price": 3000})
    noted = await li("PATCH", path, {"version": made.body["version"], "note": "快"})
    lines = [{"product_id": "rice", "quantity": 3}]
    stale = await li("PATCH", path, {"version": made.body["version"], "lines": lines})
    anew = await li("PATCH", path, {"version": noted.body["version"], "lines": lines})

    assert (noted.body["total"], stale.status) == (9900, 409)
    assert (anew.body["total"], anew.body["fulfilment"]) == (9000, "pickup")


async def test_what_is_not_sold_now_or_not_to_this_customer_is_refused(shop: Centre) -> None:
    sun = asking(shop, "sun")
    over = RICE | {"id": "old", "active_to": (NINE - timedelta(days=400)).isoformat()}
    await sun("POST", "products", over)
    tiers = {"rule": "for_tiers", "category": "food", "tiers": ["platinum"]}
    old = await order(shop, lines=[{"product_id": "old", "quantity": 1}])
    unknown = await order(shop, lines=[{"product_id": "none", "quantity": 1}])
    made = await order(shop, 1)
    await sun("POST", "order-rules", {"id": "vip", "labels": LABELS, "definition": tiers})
    refused = await step(shop, made, "place")

    assert (old.status, unknown.status, refused.status) == (422, 422, 422)
    assert "cannot be ordered now" in old.body["detail"]
    assert "tier" in refused.body["detail"]
    assert [one["id"] for one in (await sun("GET", "products", sold="true")).body] == ["rice"]


async def test_another_teams_order_is_not_there(shop: Centre) -> None:
    made = await order(shop, agent="chen", customer_id=None)
    path = f"orders/{made.body['id']}"

    assert (await asking(shop, "huang")("GET", path)).status == 200
    assert (await asking(shop, "lin")("GET", path)).status == 404
    assert (await step(shop, made, "place", "lin")).status == 404
    assert (await asking(shop, "lin")("GET", "orders")).body["items"] == []


async def test_orders_come_page_by_page_the_newest_first(shop: Centre) -> None:
    made = [(await order(shop)).body["id"] for _ in range(3)]
    li = asking(shop, "li")
    first = (await li("GET", "orders", limit="2", customer_id="c1")).body
    rest = (await li("GET", "orders", after=first["next"])).body

    found = [one["id"] for one in first["items"] + rest["items"]]
    assert found == made[::-1]
    assert (await li("GET", "orders", state="placed")).body["items"] == []
    assert (await li("GET", "orders", state="nowhere")).status == 422


async def test_a_slot_is_booked_up_given_back_and_booked_again(shop: Centre) -> None:
    zhao, li = asking(shop, "zhao"), asking(shop, "li")
    begin = shop.parts.clock.now() + timedelta(days=1)
    slot = await zhao(
        "POST",
        "slots",
        {
            "resource": "fitter",
            "labels": LABELS,
            "starts_at": begin.isoformat(),
            "ends_at": (begin + timedelta(hours=3)).isoformat(),
            "capacity": 2,
        },
    )
    body = {"slot_id": slot.body["id"], "customer_id": "c1"}

    asked = await asyncio.gather(*(li("POST", "reservations", body) for _ in range(4)))
    booked = [one for one in asked if one.status == 201]
    refused = [one.kind for one in asked if one.status != 201]
    path = f"reservations/{booked[0].body['id']}"
    cancelled = await li("POST", f"{path}/cancel", {"version": booked[0].body["version"]})
    twice = await li("POST", f"{path}/cancel", {"version": cancelled.body["version"]})
    again = await li("POST", "reservations", body)
    kept = await li(
        "POST", f"reservations/{again.body['id']}/keep", {"version": again.body["version"]}
    )
    [shown] = (await li("GET", "slots", resource="fitter")).body["items"]
    listed = (await li("GET", "reservations", slot_id=slot.body["id"])).body["items"]

    assert (len(booked), refused) == (2, ["SlotFull", "SlotFull"])
    assert (cancelled.body["state"], twice.status, again.status) == ("cancelled", 409, 201)
    assert kept.body["state"] == "kept"
    assert shown["free"] == 0
    assert sorted(one["state"] for one in listed) == ["booked", "cancelled", "kept"]
