"""Duplicates, merges and consents over HTTP."""

import asyncio
from typing import Any

import pytest

from .conftest import Centre
from .test_customers import Desk, changes, desk, into_teams

PHONE = {"number": "13800138000"}


async def two(agent: Desk) -> tuple[dict[str, Any], dict[str, Any]]:
    """A customer who was recorded twice."""
    one = await agent.do("POST", "/customers", {"name": "王伟", "numbers": [PHONE]})
    other = {
        "name": "Wang Wei",
        "tier": "gold",
        "numbers": [{"number": "+8613800138000"}, {"number": "13900139000"}],
        "addresses": [{"value": "w@example.com"}],
    }
    return one, await agent.do("POST", "/customers", other)


@pytest.mark.req("CR-03")
async def test_a_customer_recorded_twice_is_found_previewed_merged_and_taken_apart(
    centre: Centre,
) -> None:
    zhao = await desk(centre, "zhao")
    one, other = await two(zhao)
    path = f"/customers/{one['id']}"
    order = {"merged_id": other["id"], "choices": {"name": "merged"}}

    [suspect] = await zhao.do("GET", f"{path}/duplicates")
    listed = await zhao.do("GET", "/customer-duplicates")
    shown = await zhao.do("POST", f"{path}/merge/preview", order)
    unchanged = await zhao.do("GET", path)
    versions = {"version": one["version"], "merged_version": other["version"]}
    merged = await zhao.do("POST", f"{path}/merge", {**order, **versions})
    now = await zhao.do("GET", f"/customers/{other['id']}")
    [kept] = await zhao.do("GET", f"{path}/merges")
    apart = await zhao.do("POST", f"/customer-merges/{merged['merge_id']}/undo")

    assert (suspect["other"]["id"], suspect["reasons"]) == (
        other["id"],
        ["same_number", "same_sound"],
    )
    assert [(each["customer"]["id"], each["score"]) for each in listed["items"]] == [
        (min(one["id"], other["id"]), suspect["score"])
    ]
    assert unchanged == one
    assert shown["sources"] == {
        "name": "merged",
        "tier": "merged",
        "numbers": "both",
        "addresses": "merged",
    }
    assert (shown["merge_id"], shown["merged_version"]) == (None, other["version"])
    for result in (shown["customer"], merged["customer"], now):
        assert (result["id"], result["name"], result["tier"]) == (one["id"], "Wang Wei", "gold")
        assert len(result["numbers"]) == 2
    assert (kept["merged_id"], kept["merged_by"], kept["undone_at"]) == (other["id"], "zhao", None)
    assert [_without_version(each) for each in apart] == [
        _without_version(one),
        _without_version(other),
    ]
    told = [(each.action, each.record_id, each.fields) for each in await changes(centre)][2:]
    assert told == [
        ("merged", one["id"], sorted(shown["sources"])),
        ("merged_away", other["id"], []),
        ("merge_undone", one["id"], []),
        ("merge_undone", other["id"], []),
    ]


def _without_version(customer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in customer.items() if k not in {"version", "updated_at"}}


async def test_a_merge_with_oneself_of_another_version_or_another_teams_is_refused(
    centre: Centre,
) -> None:
    await into_teams(centre, zhao="north", wang="south")
    zhao, wang, sun = [await desk(centre, name) for name in ("zhao", "wang", "sun")]
    one, other = await two(sun)
    hidden = await wang.do("POST", "/customers", {"name": "王伟"})
    path = f"/customers/{one['id']}/merge"

    def order(merged_id: str, **more: Any) -> dict[str, Any]:
        return {"merged_id": merged_id, "version": 1, "merged_version": 1, **more}

    for body, status, why in (
        (order(one["id"]), 422, "itself"),
        (order(other["id"], version=2), 409, "version 1"),
        (order(other["id"], merged_version=2), 409, "version 1"),
        (order(hidden["id"]), 404, hidden["id"]),
        (order("nobody"), 404, "nobody"),
        (order(other["id"], choices={"eyes": "merged"}), 422, "choices.eyes"),
    ):
        said = await zhao.refused("POST", path, body)
        assert (said[0], why in said[1]) == (status, True), said
    assert (await wang.refused("POST", path, order(other["id"])))[0] == 403
    assert await zhao.do("GET", f"/customers/{other['id']}") == other


async def test_of_two_who_merge_at_once_one_is_told_of_the_conflict(centre: Centre) -> None:
    zhao = await desk(centre, "zhao")
    one, other = await two(zhao)
    versions = {"version": 1, "merged_version": 1}

    outcomes = await asyncio.gather(
        zhao.ask("POST", f"/customers/{one['id']}/merge", {"merged_id": other["id"], **versions}),
        zhao.ask("POST", f"/customers/{other['id']}/merge", {"merged_id": one["id"], **versions}),
    )

    statuses = sorted(status for status, _ in outcomes)
    assert statuses[0] == 200
    assert statuses[1] in {409, 422}  # "changed meanwhile", or "with itself": they are one by now
    assert len((await zhao.do("GET", "/customers"))["items"]) == 1


async def test_an_undo_that_would_lose_an_edit_is_refused_by_the_fields_name(
    centre: Centre,
) -> None:
    zhao = await desk(centre, "zhao")
    one, other = await two(zhao)
    order = {"merged_id": other["id"], "version": 1, "merged_version": 1}
    merged = await zhao.do("POST", f"/customers/{one['id']}/merge", order)
    edit = {"version": merged["customer"]["version"], "tier": "vip"}
    await zhao.do("PATCH", f"/customers/{one['id']}", edit)

    status, why = await zhao.refused("POST", f"/customer-merges/{merged['merge_id']}/undo")

    assert (status, why.endswith("changed since: tier")) == (409, True)
    assert (await zhao.refused("POST", "/customer-merges/none/undo"))[0] == 404


async def test_two_who_only_look_alike_are_dismissed(centre: Centre) -> None:
    zhao = await desk(centre, "zhao")
    one, other = await two(zhao)
    said = {"customer_id": other["id"], "other_id": one["id"]}

    await zhao.do("POST", "/customer-duplicates/dismiss", said)
    await zhao.do("POST", "/customer-duplicates/dismiss", said)

    assert (await zhao.do("GET", "/customer-duplicates"))["items"] == []
    assert await zhao.do("GET", f"/customers/{one['id']}/duplicates") == []
    oneself = {"customer_id": one["id"], "other_id": one["id"]}
    assert (await zhao.refused("POST", "/customer-duplicates/dismiss", oneself))[0] == 422


async def test_every_decision_is_kept_and_the_newest_holds(centre: Centre) -> None:
    li = await desk(centre, "li")
    made = await li.do("POST", "/customers", {"name": "王伟"})
    path = f"/customers/{made['id']}/consents"
    said = {"channel": "sms", "purpose": "marketing", "source": "call"}

    await li.do("POST", path, {**said, "given": True, "expires_at": "2099-01-01T00:00:00Z"})
    await li.do("POST", path, {**said, "given": False})
    kept = await li.do("GET", path)

    assert [(each["given"], each["in_force"], each["recorded_by"]) for each in kept] == [
        (False, True, "li"),
        (True, False, "li"),
    ]
    told = [(each.action, each.fields) for each in await changes(centre)][1:]
    assert told == [
        ("consented", ["consents.sms.marketing"]),
        ("refused", ["consents.sms.marketing"]),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "pigeon"},
        {"purpose": "spam"},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2099-01-01T00:00:00"},
        {"source": ""},
    ],
)
async def test_a_decision_that_says_nothing_is_refused(
    centre: Centre, wrong: dict[str, Any]
) -> None:
    li = await desk(centre, "li")
    made = await li.do("POST", "/customers", {"name": "王伟"})
    said = {"channel": "sms", "purpose": "marketing", "given": True, "source": "call"}

    assert (await li.refused("POST", f"/customers/{made['id']}/consents", {**said, **wrong}))[
        0
    ] == 422
