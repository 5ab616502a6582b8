"""Agents' parts of contacts: talk, hold and wrap-up, each counted for whose part it was."""

from collections.abc import Callable
from typing import Any

from cti_server.wire import events

from .counts import AgentCounts, QueueCounts
from .ledger import Ledger
from .state import AgentState, Handling, Served
from .waits import answered


def _interaction_started(book: Ledger, event: events.InteractionStarted, at: int) -> None:
    answered(book, event.contact_id, at)
    book.touched.agents.add(event.agent_id)
    if event.interaction_id not in book.state.handlings:
        handling = Handling(event.agent_id, event.contact_id, event.queue, at)
        book.state.handlings[event.interaction_id] = handling
        book.queue(event.queue).talking += 1


def _interaction_held(book: Ledger, event: events.InteractionHeld, at: int) -> None:
    handling = book.state.handlings.get(event.interaction_id)
    if handling is not None and handling.held_since is None:
        handling.held_since = at
        book.queue(handling.queue).on_hold += 1


def _interaction_resumed(book: Ledger, event: events.InteractionResumed, at: int) -> None:
    handling = book.state.handlings.get(event.interaction_id)
    if handling is not None:
        _resume(book, handling, at)


def _interaction_ended(book: Ledger, event: events.InteractionEnded, at: int) -> None:
    handling = book.state.handlings.pop(event.interaction_id, None)
    if handling is None:
        return  # advice that never reached the customer, or somebody who was gone before
    _resume(book, handling, at)
    handling.ended = at
    book.queue(handling.queue).talking -= 1
    agent = book.agent(handling.agent_id)
    if agent.state == "talking" and agent.contact_id == handling.contact_id:
        agent.wrapping = handling  # their next state tells whether a wrap-up follows
    else:
        _count(book, agent, handling, 0)


def _resume(book: Ledger, handling: Handling, at: int) -> None:
    if handling.held_since is not None:
        handling.held += at - handling.held_since
        handling.held_since = None
        book.queue(handling.queue).on_hold -= 1


def after_talking(book: Ledger, agent: AgentState, state: str, at: int) -> None:
    """The agent is about to be in this state: a handling that has no more to it is over."""
    handling = agent.wrapping
    if handling is not None and state != "wrap_up":
        agent.wrapping = None
        wrapped = agent.state == "wrap_up"
        _count(book, agent, handling, at - handling.ended if wrapped else 0)


def _count(book: Ledger, agent: AgentState, handling: Handling, wrap: int) -> None:
    """It is over, wrap-up and all."""
    every: tuple[AgentCounts | QueueCounts, ...] = (
        *agent.windows.open(),
        *book.counts(handling.queue),
    )
    for counts in every:
        counts.handled += 1
        counts.talk_ms += handling.talked
        counts.hold_ms += handling.held
        counts.wrap_ms += wrap
    served = agent.queues.setdefault(handling.queue, Served())
    served.handled += 1
    served.busy += handling.talked + handling.held + wrap
    book.touched.served.add(handling.queue)


def _contact_transferred(book: Ledger, event: events.ContactTransferred, at: int) -> None:
    for each in book.agent(event.agent_id).windows.open():
        each.transferred += 1
    handling = book.state.handlings.get(event.interaction_id)
    if handling is not None:
        for counts in book.counts(handling.queue):
            counts.transferred += 1


FOLDS: dict[type, Callable[[Ledger, Any, int], None]] = {
    events.InteractionStarted: _interaction_started,
    events.InteractionHeld: _interaction_held,
    events.InteractionResumed: _interaction_resumed,
    events.InteractionEnded: _interaction_ended,
    events.ContactTransferred: _contact_transferred,
}
