"""Whose contacts somebody sees, as both databases find them."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from cti_server.store.agents import Agent
from cti_server.store.contact_scope import seen_by
from cti_server.store.contacts import Contact, ContactCustomer, Contacts
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.interactions import Interaction

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NORTH = frozenset({"north"})

CUSTOMERS = {
    "nora": ("north", None),
    "sven": ("south", None),
    "anna": (None, None),
    "sven_too": ("north", "sven_once"),  # was merged into one who was merged into sven
    "sven_once": ("north", "sven"),
}
OF = {
    "hers": ["nora"],
    "his": ["sven"],
    "his_too": ["sven_too"],
    "anybodys": ["anna"],
    "either": ["sven", "nora"],
    "nobodys": [],
    "strangers": ["of another system"],
    "rung": ["sven"],
}


async def stored(database: Database) -> None:
    async with database.sessions.begin() as session:
        for name, (team, merged_into) in CUSTOMERS.items():
            session.add(
                Customer(
                    id=name,
                    name=name,
                    team=team,
                    merged_into=merged_into,
                    created_at=NINE,
                    updated_at=NINE,
                )
            )
        for number, (name, customers) in enumerate(OF.items()):
            at = NINE + timedelta(seconds=number)
            session.add(
                Contact(
                    id=name,
                    channel="voice",
                    call_id="",
                    caller_number="",
                    dialled_number="",
                    arrived_at=at,
                )
            )
            for customer in customers:
                link = ContactCustomer(customer_id=customer, contact_id=name, arrived_at=at)
                session.add(link)
        for number, (agent_id, team) in enumerate({"li": "north", "wang": "north"}.items()):
            session.add(Agent(id=agent_id, name=agent_id, number=str(number), team=team))
        session.add(
            Interaction(
                id="i1",
                contact_id="rung",
                call_id=None,
                agent_id="li",
                queue="sales",
                offered_at=NINE,
                expires_at=NINE,
                outcome="timed_out",
            )
        )


async def seen(
    database: Database,
    teams: Collection[str] | None,
    agent_id: str,
    *,
    of_colleagues: bool = False,
) -> set[str]:
    async with database.readers() as session:
        scope = frozenset(teams) if teams is not None else None
        rule = seen_by(scope, agent_id, of_colleagues=of_colleagues)
        found = await Contacts(session).recent(50, seen=rule)
        return {one.id for one in found}


async def test_a_team_sees_its_customers_contacts_nobodys_and_an_agent_those_they_were_offered(
    database: Database,
) -> None:
    await stored(database)

    shared = {"anybodys", "either", "nobodys", "strangers"}
    assert await seen(database, NORTH, "wang") == shared | {"hers"}
    assert await seen(database, {"south"}, "wang") == shared | {"his", "his_too", "rung"}
    assert await seen(database, NORTH, "li") == shared | {"hers", "rung"}
    assert await seen(database, None, "wang") == set(OF)


async def test_who_may_read_what_colleagues_did_sees_what_their_teams_agents_were_offered(
    database: Database,
) -> None:
    await stored(database)

    north = await seen(database, NORTH, "huang", of_colleagues=True)
    west = await seen(database, {"west"}, "huang", of_colleagues=True)

    assert {"hers", "rung"} <= north
    assert not {"his", "his_too"} & north
    assert not {"hers", "his", "rung"} & west


async def test_what_is_kept_of_a_contact_is_seen_by_the_same_rule(database: Database) -> None:
    await stored(database)

    query = select(Interaction.contact_id)
    async with database.readers() as session:
        for agent_id, found in (("wang", []), ("li", ["rung"])):
            seen = seen_by(NORTH, agent_id, Interaction.contact_id)
            assert (await session.scalars(query.where(*seen))).all() == found
