"""Advice for agents over REST: kept, edited by one at a time, and followed by the next call."""

from typing import Any

import pytest

from crm.numbers import normalise
from cti_server.store.customers import Customer, CustomerNumber, Customers
from cti_server.store.lookup import CustomerLookup

from .conftest import NINE, Centre

RULE: dict[str, Any] = {
    "position": 10,
    "action": "offer_upgrade",
    "labels": {"zh": "推荐升级", "en": "Offer the upgrade"},
    "conditions": [{"field": "tier", "comparison": "is", "value": ["gold", "vip"]}],
}


async def add(centre: Centre, body: dict[str, Any], agent: str = "sun") -> tuple[int, Any]:
    answer = await centre.client.post(
        "/api/v1/next-actions", json=body, headers=await centre.headers(agent)
    )
    return answer.status, await answer.json()


async def test_a_rule_is_followed_from_the_next_call_on_and_no_longer_than_it_is_there(
    centre: Centre,
) -> None:
    async with centre.parts.database.sessions.begin() as session:
        Customers(session).add(
            Customer(
                id="c1",
                name="王伟",
                tier="gold",
                created_at=NINE,
                updated_at=NINE,
                numbers=[CustomerNumber.of(normalise("+8613800138000", "CN"))],
            )
        )
    lookup = CustomerLookup(centre.parts.database, "CN")
    centre.parts.log.subscribe(lookup.hear)
    assert (await lookup.look_up("13800138000")).actions == []

    status, rule = await add(centre, RULE)
    [advice] = (await lookup.look_up("13800138000")).actions
    headers = await centre.headers("sun")
    await centre.client.patch(
        f"/api/v1/next-actions/{rule['id']}",
        json={"version": rule["version"], "enabled": False},
        headers=headers,
    )

    assert status == 201
    assert (advice.action, advice.labels["zh"]) == ("offer_upgrade", "推荐升级")
    assert (await lookup.look_up("13800138000")).actions == []


async def test_two_who_edit_the_same_rule_are_told_apart(centre: Centre) -> None:
    _, rule = await add(centre, RULE)
    headers = await centre.headers("sun")
    path = f"/api/v1/next-actions/{rule['id']}"

    first = await centre.client.patch(path, json={"version": 1, "position": 5}, headers=headers)
    second = await centre.client.patch(path, json={"version": 1, "position": 7}, headers=headers)
    stale = await centre.client.delete(f"{path}?version=1", headers=headers)
    gone = await centre.client.delete(f"{path}?version=2", headers=headers)
    again = await centre.client.delete(f"{path}?version=2", headers=headers)

    assert (first.status, second.status, stale.status) == (200, 409, 409)
    assert (await first.json())["position"] == 5
    assert "version 2" in (await second.json())["detail"]
    assert (gone.status, again.status) == (204, 404)


@pytest.mark.parametrize(
    ("wrong", "at_fault"),
    [
        ({"conditions": [{"field": "teir", "comparison": "is", "value": "x"}]}, "conditions.1"),
        ({"conditions": [{"field": "tags", "comparison": "is", "value": "x"}]}, "comparison"),
        ({"conditions": [{"field": "tier", "comparison": "like", "value": "x"}]}, "comparison"),
        ({"labels": {"zh": "升级"}}, "labels.en"),
        ({"action": "Offer!"}, "action"),
        ({"position": -1}, "position"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_by_name(
    centre: Centre, wrong: dict[str, Any], at_fault: str
) -> None:
    status, answer = await add(centre, RULE | wrong)

    assert status == 422
    assert at_fault in answer["detail"]


async def test_agents_read_the_rules_and_do_not_make_them(centre: Centre) -> None:
    await add(centre, RULE)

    listed = await centre.client.get("/api/v1/next-actions", headers=await centre.headers("li"))

    assert [rule["action"] for rule in await listed.json()] == ["offer_upgrade"]
    assert (await add(centre, RULE, agent="li"))[0] == 403
