"""Who is known goes first, is greeted, and gets the agent they know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from config.floor import QueueSettings
from crm.pop import UNAVAILABLE, CustomerSummary, PastContact, Pop
from cti_server.calls import acquaintance

CREDITS = {"gold": 5, "vip": 95, "late": -3}


def customer(tier: str) -> CustomerSummary:
    return CustomerSummary(id=tier, kind="person", name=tier, tier=tier)


def past(agent_id: str | None) -> PastContact:
    arrived_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return PastContact(contact_id="c", channel="call", arrived_at=arrived_at, agent_id=agent_id)


@pytest.mark.parametrize(
    ("tiers", "wished", "priority"),
    [([], 7, 7), (["gold"], 1, 6), (["gold", "vip"], 1, 96), (["vip"], 50, 100), (["new"], 2, 2)],
)
def test_a_tier_adds_to_the_menus_priority_within_the_bounds(
    tiers: list[str], wished: int, priority: int
) -> None:
    pop = Pop.of([customer(tier) for tier in tiers], 1.0)
    assert acquaintance.priority(pop, wished, CREDITS) == priority


def test_only_the_one_customer_that_it_is_is_greeted() -> None:
    assert acquaintance.greeted_tier(Pop.of([customer("gold")], 1.0)) == "gold"
    assert acquaintance.greeted_tier(Pop.of([customer("gold"), customer("vip")], 1.0)) is None
    assert acquaintance.greeted_tier(UNAVAILABLE) is None


def test_a_contact_is_kept_for_whom_the_queue_says() -> None:
    mine = msgspec.structs.replace(customer("gold"), owner_id="ann")
    served_by_bob = [past("bob")]
    pop = Pop.of([mine], 1.0, served_by_bob)
    strangers = Pop.of([customer("gold")], 1.0, served_by_bob)
    twins = Pop.of([mine, customer("vip")], 1.0, served_by_bob)

    def kept(pop: Pop, keep_for: Any, seconds: float = 20) -> tuple[str | None, str | None]:
        for_whom = QueueSettings(
            name="sales", keep_for=keep_for, keep_for_agent=timedelta(seconds=seconds)
        )
        return acquaintance.wanted(pop, for_whom)

    assert kept(pop, "owner") == ("ann", None)
    assert kept(pop, "last") == ("bob", None)
    assert kept(pop, "owner_then_last") == ("ann", "bob")
    assert kept(pop, "owner_then_last", seconds=0) == (None, None)
    assert kept(strangers, "owner") == (None, None)
    assert kept(strangers, "owner_then_last") == (None, "bob")
    assert kept(twins, "owner_then_last") == (None, "bob")
    assert kept(UNAVAILABLE, "owner_then_last") == (None, None)


def test_the_last_agent_is_the_newest_one_who_served() -> None:
    pop = Pop.of([], 0.0, [past(None), past("li"), past("wang")])
    assert acquaintance.last_agent(pop) == "li"
    assert acquaintance.last_agent(UNAVAILABLE) is None
