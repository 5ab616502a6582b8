"""Leads: scored, assigned, and made customers."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from crm.contact_points import address
from crm.duplicates import Facts, Suspicion
from crm.errors import InvalidField
from crm.leads import Definition, LikelyKnown, Rule, assignee, check_convertible, scored
from crm.next_action import Condition, Fact
from crm.numbers import complete_number
from crm.schema import Field, changed, complete
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber, Customers
from cti_server.store.duplicates import Duplicates
from cti_server.store.leads import Lead, LeadRule, Leads
from cti_server.tickets.edit import Edit
from cti_server.tickets.people import assign

_DEFINITION: TypeAdapter[Any] = TypeAdapter(Definition)


def conditions_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(msgspec.convert(one, Condition) for one in stored)


async def judge(edit: Edit, lead: Lead, *, give: bool) -> None:
    """Score the lead anew; ``give`` it to whom the rules mean, if they mean anybody."""
    rules = [_rule(one) for one in await Leads(edit.session).rules() if one.enabled]
    known = facts_of(lead)
    lead.score = scored(rules, known)
    to = assignee(rules, {**known, "score": lead.score}) if give else None
    if to is not None:
        given = await assign(edit.session, to, lead)
        lead.owner_id, lead.team = given.agent_id, given.team or lead.team


def facts_of(lead: Lead) -> dict[str, Fact]:
    """What the rules may ask for."""
    return {
        "source": lead.source,
        "kind": lead.kind,
        "language": lead.language,
        "company": lead.company,
        "campaign_id": lead.campaign_id,
        "has_number": lead.number is not None,
        "has_mail": lead.mail is not None,
    }


def number_of(text: str | None, region: str) -> str | None:
    """In the one form. Raises InvalidField."""
    if text is None:
        return None
    try:
        return complete_number(text, region).text
    except ValueError as error:
        raise InvalidField("number", str(error)) from error


def mail_of(text: str | None) -> str | None:
    """In the one form. Raises InvalidField."""
    return None if text is None else address("mail", text).value


async def likely(
    session: AsyncSession, lead: Lead, region: str, teams: frozenset[str] | None
) -> list[tuple[Customer, Suspicion]]:
    """The customers whom the lead may be, the likeliest first."""
    return await Duplicates(session).like(_facts(lead, region), teams)


async def convert(
    edit: Edit,
    lead: Lead,
    *,
    customer_id: str | None,
    attributes: Mapping[str, Any],
    are_two: bool,
    fields: Sequence[Field],
    region: str,
    teams: frozenset[str] | None,
) -> Customer:
    """
    The lead is this customer, or becomes one.

    Raises UnknownRecord, IllegalLeadStep, LikelyKnown and InvalidField.
    """
    check_convertible(lead.state)
    if customer_id is not None:
        customer = await Customers(edit.session).need_whole(customer_id, teams)
    else:
        alike = await likely(edit.session, lead, region, None)
        if alike and not are_two:
            seen = [one.id for one, _ in alike if one.seen_by(teams)]
            raise LikelyKnown(seen or ["somebody whom you do not see"])
        customer = _customer(edit, lead, attributes, fields, region)
        edit.session.add(customer)
        await CustomerIndex(edit.session).note([customer])
        edit.change.record("customer", customer.id, "created")
    lead.state, lead.state_since, lead.updated_at = "converted", edit.now, edit.now
    lead.customer_id = customer.id
    edit.change.record("lead", lead.id, "converted", fields=["state", "customer_id"])
    return customer


def _customer(
    edit: Edit, lead: Lead, attributes: Mapping[str, Any], fields: Sequence[Field], region: str
) -> Customer:
    """Raises InvalidField."""
    values = changed(fields, lead.kind, {}, attributes)
    complete(fields, lead.kind, values)
    customer = Customer(
        id=edit.new_id(),
        name=lead.name,
        kind=lead.kind,
        company=lead.company,
        language=lead.language,
        notes=lead.notes,
        owner_id=lead.owner_id,
        team=lead.team,
        attributes=values,
        created_at=edit.now,
        updated_at=edit.now,
        numbers=[],
        contact_points=[],
    )
    if lead.number is not None:
        customer.set_numbers([CustomerNumber.of(complete_number(lead.number, region))])
    if lead.mail is not None:
        customer.set_contact_points([ContactPoint.of(address("mail", lead.mail))])
    return customer


def _facts(lead: Lead, region: str) -> Facts:
    mail = address("mail", lead.mail) if lead.mail is not None else None
    return Facts(
        id=lead.id,
        kind=lead.kind,
        name=lead.name,
        numbers=() if lead.number is None else (complete_number(lead.number, region),),
        addresses=frozenset() if mail is None else frozenset({(mail.kind, mail.key)}),
        company=lead.company,
    )


def _rule(stored: LeadRule) -> Rule:
    definition = _DEFINITION.validate_python(stored.definition)
    return Rule(definition, conditions_of(stored.conditions))
