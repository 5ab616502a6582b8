"""What is shown of one contact that waits, and to whom. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acd.estimate import Estimate
from acd.waits import Wait
from crm.numbers import mask
from crm.pop import UNAVAILABLE, Pop
from cti_server.wire.wait_estimates import WaitQuantiles
from cti_server.wire.waiting import WaitingContactView, WaitingCustomer


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of whose contact it is, beside what the router knows."""

    number: str
    customer: Pop = UNAVAILABLE
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """
    What somebody sees: contacts of ``teams`` and of nobody's, None being everybody's; whether
    ``numbers`` are whole, and ``customers`` named.
    """

    teams: frozenset[str] | None
    numbers: bool
    customers: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One contact as a whole, and what decides who sees how much of it."""

    view: WaitingContactView
    rung: str | None  # the agent
    of_teams: tuple[str | None, ...] | None
    """The customers' teams, None being nobody's; instead of all that where it is not known."""


def row_of(wait: Wait, known: Known, expected: Estimate | None) -> Row:
    contact, offer, pop = wait.contact, wait.offer, known.customer
    found = pop.customers[0] if pop.match == "one" else None
    customer = found and WaitingCustomer(id=found.id, name=found.name, tier=found.tier)
    view = WaitingContactView(
        contact_id=contact.id,
        channel=contact.channel.value,
        queue=contact.queue,
        purpose=contact.purpose.value,
        place=wait.position,
        waiting_since=contact.queued_at,
        priority=contact.priority,
        number=known.number,
        match=pop.match,
        customer=customer,
        language=known.language,
        needs=[str(clause) for clause in wait.asked],
        kept_for=wait.kept_for,
        offered_to=None if offer is None else offer.agent_id,
        offered_until=None if offer is None else offer.expires_at,
        expected_wait=None if expected is None else _whole(expected),
    )
    rung = None if offer is None else offer.agent_id
    return Row(view, rung, None if pop.match == "unavailable" else _teams(pop))


def seen(row: Row, sight: Sight, team_of: Callable[[str], str | None]) -> WaitingContactView | None:
    """As somebody sees it; None for who does not. ``team_of``: an agent's, None for none."""
    theirs = False
    if sight.teams is not None and row.rung is not None:
        if team_of(row.rung) not in {None, *sight.teams}:
            return None
        theirs = True
    foreign = not theirs and _of_others(row, sight.teams)
    changes: dict[str, Any] = {}
    if foreign or not sight.numbers:
        changes["number"] = mask(row.view.number)
    if foreign or not sight.customers:
        changes["customer"] = None
    return row.view.model_copy(update=changes) if changes else row.view


def _of_others(row: Row, teams: frozenset[str] | None) -> bool:
    """Whether the customer is, or may be, one of whom they are to know nothing."""
    if teams is None or row.of_teams == ():
        return False
    if row.of_teams is None:
        return True
    return not any(team is None or team in teams for team in row.of_teams)


def _teams(pop: Pop) -> tuple[str | None, ...]:
    return tuple(customer.team for customer in pop.customers)


def _whole(expected: Estimate) -> WaitQuantiles:
    """In whole seconds: nobody reads more, and it changes less often."""
    p50, p80, p90 = (float(round(seconds)) for seconds in expected)
    return WaitQuantiles(p50=p50, p80=p80, p90=p90)
