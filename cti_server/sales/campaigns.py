"""Campaigns: their members looked for, given to agents, called, and what they answered."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from crm import campaigns as rules
from crm.campaigns import NotDue, Standing
from crm.consents import allows
from crm.errors import EditConflict
from crm.next_action import Condition, Fact
from cti_server.store.campaigns import Campaign, CampaignContact, CampaignMember, Campaigns
from cti_server.store.changes import Changes
from cti_server.store.consents import Consents
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.tickets.edit import SYSTEM, Edit

from .leads import conditions_of

AT_ONCE = 100  # customers looked at in one transaction: some milliseconds of the loop
TAKEN_FOR = timedelta(minutes=15)
"""A member is one agent's alone; then somebody else's turn."""

_COLUMNS = ("tier", "kind", "language", "company", "tags", "owner_id", "team")
_MOST_PASSED_OVER = 50  # who decline, for one request of an agent


class Selection:
    """The due work of looking for members: some customers a transaction, from where it stood."""

    name = "campaign members"
    records = frozenset({"campaign"})

    def __init__(
        self,
        database: Database,
        changes: Changes,
        new_id: Callable[[], str],
        time_zone: str,
    ) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id
        self._time_zone = time_zone

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            campaign = await Campaigns(session).selecting()
            return None if campaign is None else campaign.state_since

    async def do(self, now: datetime) -> None:
        try:
            async with self._changes.begin(SYSTEM) as change:
                campaign = await Campaigns(change.session).selecting()
                if campaign is not None:
                    await select_some(Edit(change, now, self._new_id), campaign, self._time_zone)
        except EditConflict:
            return  # somebody changed the campaign meanwhile; if it still looks, it comes again


async def select_some(edit: Edit, campaign: Campaign, time_zone: str) -> None:
    """
    Look at the next customers; behind the last one the campaign is ready.

    Raises EditConflict if it was ended meanwhile.
    """
    stored = Campaigns(edit.session)
    customers = await stored.customers_behind(campaign.selected_to, campaign.team, AT_ONCE)
    meant = await _meant(edit, campaign, customers)
    said = await Consents(edit.session).wishes(meant, time_zone)
    there = await stored.members_among(campaign.id, [one.id for one in meant])
    for one in meant:
        refusal = allows(said[one.id], campaign.channel, campaign.purpose, edit.now)
        standing = rules.judged(refusal, edit.now)
        member = there.get(one.id)
        if member is None:
            edit.session.add(_member(edit, campaign, one.id, standing))
        elif member.state == "refused":
            _put(member, standing)
    if customers and not await stored.looked_at(campaign.id, customers[-1].id):
        raise EditConflict("campaign", campaign.id)
    if len(customers) < AT_ONCE:
        campaign.state, campaign.state_since, campaign.selected_at = "ready", edit.now, edit.now
        campaign.updated_at = edit.now
        edit.change.record("campaign", campaign.id, "selected", fields=["state"])


async def next_member(
    edit: Edit, campaign: Campaign, teams: frozenset[str] | None, time_zone: str
) -> CampaignMember:
    """
    Whom this agent is to call next, theirs for a while; who declines by now is passed over.

    Raises NotDue where there is nobody.
    """
    _check_running(edit, campaign)
    for _ in range(_MOST_PASSED_OVER):
        member = await Campaigns(edit.session).due(campaign.id, teams, edit.by, edit.now)
        if member is None:
            break
        if await may_be_called(edit, campaign, member, time_zone):
            member.agent_id, member.taken_until = edit.by, edit.now + TAKEN_FOR
            return member
        await edit.session.flush()
    raise NotDue("nobody is to be called now")


async def may_be_called(
    edit: Edit, campaign: Campaign, member: CampaignMember, time_zone: str
) -> bool:
    """Whether the member still wishes it, and is still there; what is not so is kept of them."""
    customer = await Customers(edit.session).get(member.customer_id)
    if customer is None or customer.erased_at is not None:
        exclude(member, "erased")
        return False
    if customer.id != member.customer_id:
        # The one who they are by now may be a member as well, and is called but once.
        others = await Campaigns(edit.session).members_among(campaign.id, [customer.id])
        if customer.id in others:
            exclude(member, "merged")
            return False
    said = await Consents(edit.session).wishes([customer], time_zone)
    refusal = allows(said[customer.id], campaign.channel, campaign.purpose, edit.now)
    if refusal is None:
        return True
    standing = rules.judged(refusal, edit.now)
    member.state = "refused" if standing.state == "refused" else member.state
    member.next_at, member.cause = standing.next_at, standing.cause
    return False


def check_due(edit: Edit, campaign: Campaign, member: CampaignMember) -> None:
    """Raises NotDue: also for a member whom somebody else has taken."""
    standing = Standing(member.state, member.next_at, member.cause)
    rules.check_due(
        campaign.state,
        standing,
        edit.now,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
    )
    taken = member.taken_until is not None and member.taken_until > edit.now
    if taken and member.agent_id != edit.by:
        raise NotDue("another agent has taken this member")


def called(edit: Edit, campaign: Campaign, member: CampaignMember, contact_id: str) -> None:
    """A call to the member was begun; unless they answer, it is tried again."""
    member.attempts += 1
    retry_after = timedelta(seconds=campaign.retry_after)
    _put(member, rules.tried(member.attempts, campaign.most_attempts, retry_after, edit.now))
    member.agent_id, member.taken_until = edit.by, edit.now + TAKEN_FOR
    edit.session.add(
        CampaignContact(
            contact_id=contact_id,
            campaign_id=campaign.id,
            customer_id=member.customer_id,
            agent_id=edit.by,
            at=edit.now,
        )
    )
    facts = {"campaign_id": campaign.id, "contact_id": contact_id}
    edit.change.record(
        "campaign_member", member.customer_id, "called", agent_id=edit.by, facts=facts
    )


async def respond(edit: Edit, contact_id: str, code_id: str) -> None:
    """A disposition was recorded of a contact; if that was for a campaign, it is the response."""
    stored = Campaigns(edit.session)
    made = await stored.contact(contact_id)
    if made is None:
        return
    campaign = await stored.need(made.campaign_id, None)
    member = await stored.member(made.campaign_id, made.customer_id, locked=True)
    answer = campaign.responses.get(code_id, "neutral")
    retry_after = timedelta(seconds=campaign.retry_after)
    _put(
        member,
        rules.responded(answer, member.attempts, campaign.most_attempts, retry_after, edit.now),
    )
    member.response, member.code_id, member.responded_at = answer, code_id, edit.now
    member.taken_until = None
    edit.change.record(
        "campaign_member",
        member.customer_id,
        "responded",
        fields=["response"],
        facts={"campaign_id": campaign.id, "contact_id": contact_id, "response": answer},
    )


def given(edit: Edit, campaign: Campaign, member: CampaignMember, agent_id: str | None) -> None:
    """Somebody has a task for the member, who is not called meanwhile: it is an attempt."""
    member.attempts += 1
    retry_after = timedelta(seconds=campaign.retry_after)
    _put(member, rules.tried(member.attempts, campaign.most_attempts, retry_after, edit.now))
    member.agent_id = agent_id
    facts = {"campaign_id": campaign.id}
    edit.change.record(
        "campaign_member", member.customer_id, "given", agent_id=agent_id, facts=facts
    )


def exclude(member: CampaignMember, cause: str) -> None:
    """Nobody calls them for this campaign."""
    _put(member, Standing("excluded", None, cause))


async def _meant(
    edit: Edit, campaign: Campaign, customers: Sequence[Customer]
) -> Sequence[Customer]:
    """Those for whom all conditions hold."""
    conditions: tuple[Condition, ...] = conditions_of(campaign.conditions)
    known = await Campaigns(edit.session).known([one.id for one in customers])
    return [
        one
        for one in customers
        if all(
            condition.holds(rules.facts(record_of(one), one.created_at, known[one.id], edit.now))
            for condition in conditions
        )
    ]


def record_of(customer: Customer) -> dict[str, Fact]:
    """What a condition may ask for of the record."""
    return {name: getattr(customer, name) for name in _COLUMNS} | {
        f"attributes.{name}": value for name, value in customer.attributes.items()
    }


def _check_running(edit: Edit, campaign: Campaign) -> None:
    """Raises NotDue."""
    now = Standing("due", edit.now)
    rules.check_due(
        campaign.state, now, edit.now, starts_at=campaign.starts_at, ends_at=campaign.ends_at
    )


def _member(edit: Edit, campaign: Campaign, customer_id: str, standing: Standing) -> CampaignMember:
    return CampaignMember(
        campaign_id=campaign.id,
        customer_id=customer_id,
        state=standing.state,
        cause=standing.cause,
        next_at=standing.next_at,
        added_at=edit.now,
    )


def _put(member: CampaignMember, standing: Standing) -> None:
    member.state, member.cause, member.next_at = standing.state, standing.cause, standing.next_at
