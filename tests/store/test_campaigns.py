"""Campaigns in both databases: who is called next, and how far members were looked for."""

from datetime import UTC, datetime, timedelta

import pytest

from cti_server.store.campaigns import Campaign, CampaignMember, Campaigns
from cti_server.store.customers import Customer
from cti_server.store.database import Database

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def campaign(database: Database) -> Campaign:
    made = Campaign(
        id="fibre",
        name="Fibre",
        purpose="service",
        channel="voice",
        queue="sales",
        state="selecting",
        state_since=NOW,
        created_by="zhao",
        created_at=NOW,
        updated_at=NOW,
    )
    async with database.sessions.begin() as session:
        session.add(made)
    return made


def member(
    customer_id: str,
    next_at: datetime,
    *,
    agent_id: str | None = None,
    taken_until: datetime | None = None,
) -> CampaignMember:
    return CampaignMember(
        campaign_id="fibre",
        customer_id=customer_id,
        state="due",
        next_at=next_at,
        agent_id=agent_id,
        taken_until=taken_until,
        added_at=NOW,
    )


async def test_the_member_whom_an_agent_holds_comes_before_one_whom_nobody_ever_had(
    database: Database, campaign: Campaign
) -> None:
    async with database.sessions.begin() as session:
        for id in ("held", "new", "over"):
            session.add(Customer(id=id, name=id, created_at=NOW, updated_at=NOW))
        session.add_all(
            [
                member("held", NOW, agent_id="li", taken_until=NOW + HOUR),
                member("new", NOW - HOUR),
                member("over", NOW - 2 * HOUR, agent_id="wu", taken_until=NOW - HOUR),
            ]
        )
    found = {}
    async with database.sessions.begin() as session:
        for agent_id in ("li", "chen"):
            due = await Campaigns(session).due(campaign.id, None, agent_id, NOW)
            found[agent_id] = due and due.customer_id

    assert found == {"li": "held", "chen": "over"}


async def test_looking_for_members_is_no_edit_and_stops_when_the_campaign_was_ended(
    database: Database, campaign: Campaign
) -> None:
    async with database.sessions.begin() as session:
        begun = await Campaigns(session).looked_at(campaign.id, "c100")
    async with database.sessions.begin() as session:
        stored = await session.get_one(Campaign, campaign.id)
        at, version = stored.selected_to, stored.version
        stored.state = "ended"
    async with database.sessions.begin() as session:
        ended = await Campaigns(session).looked_at(campaign.id, "c200")

    assert (begun, at, version) == (True, "c100", 1)
    assert not ended
