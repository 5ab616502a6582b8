"""Who sees which contacts, and what is kept of them: one rule for all that shows any of it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.sql.elements import SQLCoreOperations

from .agents import Agent
from .call_backs import CallBack
from .contacts import Contact, ContactCustomer
from .customers import Customer
from .interactions import Interaction


def seen_by(
    teams: frozenset[str] | None,
    agent_id: str,
    contact_id: SQLCoreOperations[Any] = Contact.id,
    *,
    of_colleagues: bool = False,
) -> list[ColumnElement[bool]]:
    """
    For the WHERE of a query that has a contact's id: their own, nobody's, and their teams'.

    Own are those that the agent was offered, and with ``of_colleagues`` those that any agent of
    ``teams`` was, whoever their customer is: it is the team's work. Nobody's are those without a
    customer whom we know; the teams' those of a customer whom ``teams`` may see (None: all are). Of
    a customer who was merged into another, that other one decides. Each step is a look-up by an
    index, so that a page of the newest costs what it shows and what it passes over.
    """
    if teams is None:
        return []
    link = ContactCustomer.contact_id == contact_id
    own = exists().where(
        Interaction.contact_id == contact_id,
        _theirs(teams, agent_id, Interaction.agent_id, of_colleagues),
    )
    known = exists().where(link, Customer.id == ContactCustomer.customer_id)
    matched = select(*_TEAM).where(link, Customer.id == ContactCustomer.customer_id)
    of_teams = _of_teams(teams, matched.correlate_except(Customer, ContactCustomer))
    return [or_(~known, of_teams, own)]


def customer_seen_by(
    teams: frozenset[str] | None, customer_id: SQLCoreOperations[str | None]
) -> ColumnElement[bool]:
    """The same for the id of a customer: one of ``teams``, or nobody whom we know."""
    if teams is None:
        return true()
    matched = select(*_TEAM).where(Customer.id == customer_id).correlate_except(Customer)
    return or_(~exists().where(Customer.id == customer_id), _of_teams(teams, matched))


def call_backs_seen_by(
    teams: frozenset[str] | None, agent_id: str, *, of_colleagues: bool = False
) -> list[ColumnElement[bool]]:
    """
    The same for call-backs, which know their customer, or the contact that they are for, or both.

    Own are also those that the agent asked for.
    """
    if teams is None:
        return []
    theirs = _theirs(teams, agent_id, Interaction.agent_id, of_colleagues)
    contacts = Interaction.contact_id.in_([CallBack.id, CallBack.last_contact_id])
    return [
        or_(
            and_(
                customer_seen_by(teams, CallBack.customer_id),
                *seen_by(teams, agent_id, CallBack.id),
            ),
            _theirs(teams, agent_id, CallBack.asked_by, of_colleagues),
            exists().where(contacts, theirs),
        )
    ]


def _theirs(
    teams: frozenset[str], agent_id: str, whose: SQLCoreOperations[Any], of_colleagues: bool
) -> ColumnElement[bool]:
    if not of_colleagues:
        return whose == agent_id
    return or_(whose == agent_id, exists().where(Agent.id == whose, Agent.team.in_(teams)))


_TEAM = (Customer.id, Customer.merged_into, Customer.team)


def _of_teams(
    teams: frozenset[str], matched: Select[str, str | None, str | None]
) -> ColumnElement[bool]:
    whose: Any = matched.cte("whose", recursive=True, nesting=True)
    whose = whose.union(select(*_TEAM).where(Customer.id == whose.c.merged_into))
    seen = or_(whose.c.team.is_(None), whose.c.team.in_(teams))
    return exists().where(and_(whose.c.merged_into.is_(None), seen))
