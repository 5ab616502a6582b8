"""Who sees which contacts, and what is kept of them: one rule for all that shows any of it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.sql.elements import SQLCoreOperations

from .agents import Agent
from .contacts import Contact, ContactCustomer
from .customers import Customer
from .interactions import Interaction


def seen_by(
    teams: frozenset[str] | None,
    agent_id: str,
    contact_id: SQLCoreOperations[str] = Contact.id,
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
    whose = Interaction.agent_id == agent_id
    if of_colleagues:
        whose = or_(whose, _of_colleague(teams, Interaction.agent_id))
    own = exists().where(Interaction.contact_id == contact_id, whose)
    known = exists().where(link, Customer.id == ContactCustomer.customer_id)
    return [or_(~known, _of_teams(teams, link), own)]


def _of_colleague(teams: frozenset[str], agent_id: SQLCoreOperations[str]) -> ColumnElement[bool]:
    return exists().where(Agent.id == agent_id, Agent.team.in_(teams))


def _of_teams(teams: frozenset[str], link: ColumnElement[bool]) -> ColumnElement[bool]:
    columns = (Customer.id, Customer.merged_into, Customer.team)
    matched = select(*columns).where(link, Customer.id == ContactCustomer.customer_id)
    whose: Any = matched.correlate_except(Customer, ContactCustomer).cte(
        "whose", recursive=True, nesting=True
    )
    whose = whose.union(select(*columns).where(Customer.id == whose.c.merged_into))
    seen = or_(whose.c.team.is_(None), whose.c.team.in_(teams))
    return exists().where(and_(whose.c.merged_into.is_(None), seen))
