"""An order's whole way: from the catalogue, by the rules, to who fulfils it and back."""

import json
from typing import Any

import pytest

from cti_server.store.customers import Customer

from .asking import Answer, Asking, asking
from .conftest import NINE, Centre
from .targets import listening, signed_by
from .test_keys import made as key_made
from .test_webhooks import running, until

LABELS = {"zh": "大米", "en": "Rice"}


def product(id: str, price: int) -> dict[str, Any]:
    return {
        "id": id,
        "labels": LABELS,
        "category": "lines" if id == "fibre" else "food",
        "currency": "CNY",
        "price": price,
    }


@pytest.fixture
async def li(centre: Centre) -> Asking:
    """An agent of a shop that delivers from 99 yuan on, and sells fibre to gold customers only."""
    sun = asking(centre, "sun")
    for one in (product("rice", 3300), product("fibre", 20_000)):
        assert (await sun("POST", "products", one)).status == 201
    delivery = {"rule": "delivery_from", "currency": "CNY", "amount": 9900}
    eligible = {"rule": "for_tiers", "product_id": "fibre", "tiers": ["gold"]}
    for id, definition in (("delivery", delivery), ("eligible", eligible)):
        rule = {"id": id, "labels": LABELS, "definition": definition}
        assert (await sun("POST", "order-rules", rule)).status == 201
    async with centre.parts.database.sessions.begin() as session:
        for id, tier in (("gu", "gold"), ("bai", "standard")):
            session.add(Customer(id=id, name=id, tier=tier, created_at=NINE, updated_at=NINE))
    return asking(centre, "li")


async def ordered(who: Asking, customer_id: str, **quantities: int) -> Answer:
    lines = [{"product_id": id, "quantity": quantity} for id, quantity in quantities.items()]
    body = {"lines": lines, "customer_id": customer_id, "address": "人民路1号"}
    return await who("POST", "orders", body)


async def step(who: Asking, order: Answer, name: str) -> Answer:
    path = f"orders/{order.body['id']}/{name}"
    return await who("POST", path, {"version": order.body["version"]})


@pytest.mark.req("CR-12", "CR-33")
async def test_what_is_ordered_by_phone_is_judged_handed_over_delivered_and_reported(
    centre: Centre, li: Asking
) -> None:
    scopes = ("orders.read", "orders.manage", "customers.read")
    billing = Asking(centre, (await key_made(centre, *scopes)).body["key"])
    async with listening() as target, running(centre):
        names = ["order.handed_over"]
        hook = await asking(centre, "sun")("POST", "webhooks", {"url": target.url, "names": names})
        catalogue = (await li("GET", "products", sold="true")).body
        not_for_them = await ordered(li, "bai", fibre=1)
        large, small = await ordered(li, "gu", rice=3, fibre=1), await ordered(li, "bai", rice=2)
        placed = await step(li, large, "place")
        jobs = (await billing("GET", "orders", fulfilment="delivery", state="placed")).body["items"]
        await step(li, placed, "hand-over")
        await step(li, await step(li, small, "place"), "hand-over")
        await until(lambda: len(target.received) == 2)
    told = [json.loads(body)["data"]["record_id"] for _, body in target.received]
    signed = [signed_by(hook.body["secret"], headers, body) for headers, body in target.received]
    taken = (await billing("GET", f"orders/{told[0]}")).body
    reports = f"orders/{told[0]}/reports"
    begun = {"message_id": "m1", "state": "in_progress", "external_id": "B-1"}
    for report in (begun, begun, {"message_id": "m2", "state": "fulfilled"}):
        assert (await billing("POST", reports, report)).status == 200
    done = (await li("GET", f"orders/{told[0]}")).body
    late = await step(li, Answer(200, done, {}), "cancel")

    assert {one["id"] for one in catalogue} == {"rice", "fibre"}
    assert (not_for_them.status, "not for customers" in not_for_them.body["detail"]) == (422, True)
    assert (large.body["total"], large.body["fulfilment"]) == (29_900, "delivery")
    assert (small.body["total"], small.body["fulfilment"]) == (6_600, "pickup")
    assert [(job["id"], job["address"]) for job in jobs] == [(large.body["id"], "人民路1号")]
    assert (told, signed) == ([large.body["id"], small.body["id"]], [True, True])
    assert (taken["fulfilment"], taken["address"]) == ("delivery", "人民路1号")
    assert [move["state"] for move in done["moves"]] == [
        "draft",
        "placed",
        "handed_over",
        "in_progress",
        "fulfilled",
    ]
    assert (done["external_id"], done["may"], late.status) == ("B-1", ["return"], 409)
