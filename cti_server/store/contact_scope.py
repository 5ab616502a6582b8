"""Who sees which contacts, and what is kept of them: one rule for all that shows any of it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.sql.elements import SQLCoreOperations

from .contacts import Contact, ContactCustomer
from .customers import Customer
from .interactions import Interaction


def seen_by(
    teams: frozenset[str] | None,
    agent_id: str,
    contact_id: SQLCoreOperations[str] = Contact.id,
) -> list[ColumnElement[bool]]:
    """
    For the WHERE of a query that has a contact's id: their own, nobody's, and their teams'.

    Own are those that the agent was offered; nobody's those without a customer whom we know; the
    teams' those of a customer whom ``teams`` may see (None: all are). Of a customer who was merged
    into another, that other one decides. Each step is a look-up by an index, so that a page of the
    newest costs what it shows and what it passes over.
    """
    if teams is None:
        return []
    link = ContactCustomer.contact_id == contact_id
    own = exists().where(Interaction.contact_id == contact_id, Interaction.agent_id == agent_id)
    known = exists().where(link, Customer.id == ContactCustomer.customer_id)
    return [or_(~known, _of_teams(teams, link), own)]


def _of_teams(teams: frozenset[str], link: ColumnElement[bool]) -> ColumnElement[bool]:
    columns = (Customer.id, Customer.merged_into, Customer.team)
    matched = select(*columns).where(link, Customer.id == ContactCustomer.customer_id)
    whose: Any = matched.correlate_except(Customer, ContactCustomer).cte(
        "whose", recursive=True, nesting=True
    )
    whose = whose.union(select(*columns).where(Customer.id == whose.c.merged_into))
    seen = or_(whose.c.team.is_(None), whose.c.team.in_(teams))
    return exists().where(and_(whose.c.merged_into.is_(None), seen))
