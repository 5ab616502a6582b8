"""Agents' time: how long they were in which state, and offers that they did not take."""

from collections.abc import Callable
from typing import Any

from cti_server.wire import events

from .handlings import after_talking
from .ledger import Ledger
from .periods import in_ms
from .state import AgentState


def _agent_state_changed(book: Ledger, event: events.AgentStateChanged, at: int) -> None:
    agent = book.agent(event.agent_id)
    since = min(at, max(in_ms(event.since), agent.settled))
    settle(agent, since)
    after_talking(book, agent, event.state, since)
    if agent.state == "logged_out":
        book.touched.came.add(event.agent_id)
    agent.state, agent.reason = event.state, event.reason
    agent.since, agent.contact_id = since, event.contact_id


def settle(agent: AgentState, until: int) -> None:
    """Count the agent's time in the present state up to here."""
    spent = until - agent.settled
    if spent > 0:
        for counts in agent.windows.open():
            counts.spend(agent.state, spent)
        agent.settled = until


def _offer_made(book: Ledger, event: events.OfferMade, at: int) -> None:
    for counts in book.agent(event.agent_id).windows.open():
        counts.offered += 1


def _offer_ended(book: Ledger, event: events.OfferEnded, at: int) -> None:
    for counts in book.agent(event.agent_id).windows.open():
        counts.missed += event.outcome == "timed_out"
        counts.declined += event.outcome == "declined"
        counts.unreachable += event.outcome == "unreachable"


FOLDS: dict[type, Callable[[Ledger, Any, int], None]] = {
    events.AgentStateChanged: _agent_state_changed,
    events.OfferMade: _offer_made,
    events.OfferEnded: _offer_ended,
}
