"""Campaigns, their members, and the contacts that were made for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.campaigns import Known, MemberState, Response, State
from crm.consents import Channel, Purpose
from crm.errors import UnknownRecord
from crm.timeline import Place

from .base import Base
from .contacts import Contact, ContactCustomer
from .customers import Customer
from .dispositions import Disposition
from .leads import Lead
from .opportunities import Opportunity
from .places import before
from .tickets import Ticket
from .versions import Versioned


class Campaign(Versioned, Base, kw_only=True):
    """
    A number of customers who are to be called for one purpose.

    ``conditions`` say who (:mod:`crm.campaigns`); ``selected_to`` is the last customer looked at
    while they are looked for, in the order of the ids, ``selected_at`` when all had been.
    ``responses``: what a disposition's code means here. ``script`` and ``form_id`` are for the
    agents; ``retry_after`` in seconds.
    """

    __tablename__ = "campaign"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(String)
    channel: Mapped[Channel] = mapped_column(String)
    queue: Mapped[str]
    script: Mapped[dict[str, str]] = mapped_column(default_factory=dict)
    form_id: Mapped[str | None] = mapped_column(ForeignKey("form.id"), default=None)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    responses: Mapped[dict[str, Response]] = mapped_column(JSON, default_factory=dict)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    most_attempts: Mapped[int] = mapped_column(default=3)
    retry_after: Mapped[int] = mapped_column(default=14_400)
    state: Mapped[State] = mapped_column(String, default="draft", index=True)
    state_since: Mapped[datetime]
    selected_to: Mapped[str | None] = mapped_column(default=None)
    selected_at: Mapped[datetime | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]

    def seen_by(self, teams: frozenset[str] | None) -> bool:
        return teams is None or self.team is None or self.team in teams


Index("ix_campaign_created_at_id", Campaign.created_at, Campaign.id)


class CampaignMember(Base, kw_only=True):
    """
    A customer whom a campaign means. ``cause``: why not, or why not yet.

    ``next_at``: from when on to be called; None: not again. ``taken_until``: until then it is
    ``agent_id``'s alone.
    """

    __tablename__ = "campaign_member"

    campaign_id: Mapped[str] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    state: Mapped[MemberState] = mapped_column(String)
    cause: Mapped[str | None] = mapped_column(default=None)
    next_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[str | None] = mapped_column(default=None)
    taken_until: Mapped[datetime | None] = mapped_column(default=None)
    response: Mapped[Response | None] = mapped_column(String, default=None)
    code_id: Mapped[str | None] = mapped_column(default=None)
    responded_at: Mapped[datetime | None] = mapped_column(default=None)
    added_at: Mapped[datetime]


Index(
    "ix_campaign_member_due",
    CampaignMember.campaign_id,
    CampaignMember.state,
    CampaignMember.next_at,
)


class CampaignContact(Base, kw_only=True):
    """A contact that was made for a campaign."""

    __tablename__ = "campaign_contact"

    contact_id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    customer_id: Mapped[str] = mapped_column(index=True)
    agent_id: Mapped[str]
    at: Mapped[datetime]


Index("ix_campaign_contact_campaign_id_at", CampaignContact.campaign_id, CampaignContact.at)


class Campaigns:
    """The stored campaigns. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(
        self, campaign_id: str, teams: frozenset[str] | None, *, locked: bool = False
    ) -> Campaign:
        """Raises UnknownRecord, also for another team's."""
        found = await self._session.get(
            Campaign, campaign_id, with_for_update=locked, populate_existing=locked
        )
        if found is None or not found.seen_by(teams):
            raise UnknownRecord("campaign", campaign_id)
        return found

    async def page(
        self,
        teams: frozenset[str] | None,
        limit: int,
        *,
        place: Place | None,
        state: str | None = None,
    ) -> Sequence[Campaign]:
        """The newest first."""
        query = select(Campaign).where(*before(Campaign.created_at, Campaign.id, place))
        if teams is not None:
            query = query.where(or_(Campaign.team.is_(None), Campaign.team.in_(teams)))
        if state is not None:
            query = query.where(Campaign.state == state)
        query = query.order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def selecting(self) -> Campaign | None:
        """One whose members are being looked for."""
        query = select(Campaign).where(Campaign.state == "selecting").order_by(Campaign.id).limit(1)
        return (await self._session.scalars(query)).one_or_none()

    async def looked_at(self, campaign_id: str, customer_id: str) -> bool:
        """
        Look for members behind this customer from now on; False if that is not wanted any more.

        It is no edit, and leaves the version alone: who ends the campaign is not to lose the race.
        """
        query = (
            update(Campaign)
            .where(Campaign.id == campaign_id, Campaign.state == "selecting")
            .values(selected_to=customer_id)
            .returning(Campaign.id)
        )
        return await self._session.scalar(query) is not None

    async def customers_behind(
        self, customer_id: str | None, team: str | None, limit: int
    ) -> Sequence[Customer]:
        """The next customers by their ids; of a team's campaign only those that it sees."""
        query = select(Customer).where(Customer.merged_into.is_(None), Customer.erased_at.is_(None))
        if customer_id is not None:
            query = query.where(Customer.id > customer_id)
        if team is not None:
            query = query.where(or_(Customer.team.is_(None), Customer.team == team))
        return (await self._session.scalars(query.order_by(Customer.id).limit(limit))).all()

    async def known(self, customer_ids: Collection[str]) -> dict[str, Known]:
        """What is counted of these customers, by these very ids."""
        link = ContactCustomer
        contacts = (
            select(link.customer_id, func.count(), func.max(link.arrived_at))
            .where(link.customer_id.in_(customer_ids))
            .group_by(link.customer_id)
        )
        tickets = (
            select(Ticket.customer_id, func.count().label("number"))
            .where(Ticket.customer_id.in_(customer_ids), Ticket.closed_at.is_(None))
            .group_by(Ticket.customer_id)
        )
        rows = (await self._session.execute(tickets)).all()
        open_tickets = {row.customer_id: row.number for row in rows}
        found = {
            one: Known(open_tickets.get(one, 0), count, last)
            for one, count, last in await self._session.execute(contacts)
        }
        return {
            one: found.get(one, Known(open_tickets=open_tickets.get(one, 0)))
            for one in customer_ids
        }

    async def member(
        self, campaign_id: str, customer_id: str, *, locked: bool = False
    ) -> CampaignMember:
        """Raises UnknownRecord."""
        found = await self._session.get(
            CampaignMember,
            (campaign_id, customer_id),
            with_for_update=locked,
            populate_existing=locked,
        )
        if found is None:
            raise UnknownRecord("campaign_member", customer_id)
        return found

    async def members_among(
        self, campaign_id: str, customer_ids: Collection[str]
    ) -> dict[str, CampaignMember]:
        query = select(CampaignMember).where(
            CampaignMember.campaign_id == campaign_id, CampaignMember.customer_id.in_(customer_ids)
        )
        return {one.customer_id: one for one in await self._session.scalars(query)}

    async def members(
        self,
        campaign_id: str,
        teams: frozenset[str] | None,
        limit: int,
        *,
        state: str | None = None,
        after: str | None = None,
    ) -> Sequence[tuple[CampaignMember, Customer]]:
        """By the customers' ids, behind this one; those whom ``teams`` may see."""
        query = (
            select(CampaignMember, Customer)
            .join(Customer, Customer.id == CampaignMember.customer_id)
            .where(CampaignMember.campaign_id == campaign_id)
        )
        if teams is not None:
            query = query.where(or_(Customer.team.is_(None), Customer.team.in_(teams)))
        if state is not None:
            query = query.where(CampaignMember.state == state)
        if after is not None:
            query = query.where(CampaignMember.customer_id > after)
        query = query.order_by(CampaignMember.customer_id).limit(limit)
        return [(member, customer) for member, customer in await self._session.execute(query)]

    async def due(
        self, campaign_id: str, teams: frozenset[str] | None, agent_id: str, now: datetime
    ) -> CampaignMember | None:
        """Whoever is to be called next and is nobody else's, locked; the agent's own first."""
        member = CampaignMember
        mine = and_(member.agent_id == agent_id, member.taken_until > now)
        query = (
            select(member)
            .join(Customer, Customer.id == member.customer_id)
            .where(*_due(campaign_id, now))
            .where(or_(member.taken_until.is_(None), member.taken_until <= now, mine))
        )
        if teams is not None:
            query = query.where(or_(Customer.team.is_(None), Customer.team.in_(teams)))
        # Not mine.desc(): it is null of one whom nobody has had, and PostgreSQL begins with nulls.
        first = case((mine, 0), else_=1)
        query = query.order_by(first, member.next_at, member.customer_id).limit(1)
        query = query.with_for_update(skip_locked=True, of=member)
        return (await self._session.scalars(query)).one_or_none()

    async def contact(self, contact_id: str) -> CampaignContact | None:
        return await self._session.get(CampaignContact, contact_id)

    async def member_counts(
        self, campaign_id: str
    ) -> Sequence[tuple[str, str | None, str | None, int, int]]:
        """By state, cause and response: how many members, how many attempts."""
        member = CampaignMember
        query = (
            select(
                member.state, member.cause, member.response, func.count(), func.sum(member.attempts)
            )
            .where(member.campaign_id == campaign_id)
            .group_by(member.state, member.cause, member.response)
        )
        return [
            (state, cause, response, count, int(attempts))
            for state, cause, response, count, attempts in await self._session.execute(query)
        ]

    async def contact_counts(self, campaign_id: str) -> tuple[int, int]:
        """How many calls were begun, and how many customers answered them."""
        query = (
            select(func.count(), func.count(Contact.connected_at))
            .select_from(CampaignContact)
            .outerjoin(Contact, Contact.id == CampaignContact.contact_id)
            .where(CampaignContact.campaign_id == campaign_id)
        )
        [(made, answered)] = await self._session.execute(query)
        return made, answered

    async def codes(self, campaign_id: str) -> dict[str, int]:
        """How often which disposition was recorded of its calls."""
        query = (
            select(Disposition.code_id, func.count().label("number"))
            .join(CampaignContact, CampaignContact.contact_id == Disposition.contact_id)
            .where(CampaignContact.campaign_id == campaign_id)
            .group_by(Disposition.code_id)
        )
        return {row.code_id: row.number for row in await self._session.execute(query)}

    async def sold(self, campaign_id: str) -> tuple[int, int, dict[str, int]]:
        """Leads and opportunities that came of it, and what was won, by currency."""
        leads = await self._session.scalar(
            select(func.count()).select_from(Lead).where(Lead.campaign_id == campaign_id)
        )
        one = Opportunity
        opportunities = await self._session.scalar(
            select(func.count()).select_from(one).where(one.campaign_id == campaign_id)
        )
        won = (
            select(one.currency, func.sum(one.amount))
            .where(one.campaign_id == campaign_id, one.closed_at.is_not(None))
            .where(one.lost_reason.is_(None))
            .group_by(one.currency)
        )
        sums = {currency: int(amount) for currency, amount in await self._session.execute(won)}
        return leads or 0, opportunities or 0, sums


def _due(campaign_id: str, now: datetime) -> list[ColumnElement[bool]]:
    return [
        CampaignMember.campaign_id == campaign_id,
        CampaignMember.state.in_(("due", "tried")),
        CampaignMember.next_at <= now,
    ]
