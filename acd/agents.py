"""
An agent's state: one table of what each event means in each state.

The state tells of the one contact that takes the agent whole: rung for, talked with, wrapped up.
Contacts that leave room for others (chats, mails …) are held beside it, in any state but logged
out: who logs out with some in hand is not ready until they are done.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from .errors import IllegalTransition
from .model import FINISHING, AgentId, AgentState, ContactId

__all__ = ["TABLE", "Agent", "AgentEvent", "AgentState", "Move", "Next", "step"]


class AgentEvent(enum.StrEnum):
    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    READY = "ready"
    NOT_READY = "not_ready"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ACCEPTED_BESIDE = "accepted_beside"  # a contact that leaves room for others
    TOOK_OVER = "took_over"  # a contact that was offered to nobody
    TOOK_BESIDE = "took_beside"  # such a one that leaves room
    BESIDE_ENDED = "beside_ended"  # one that was held beside is done
    OFFER_ENDED = "offer_ended"  # to no discredit of the agent's
    OFFER_MISSED = "offer_missed"  # not answered, or unreachable too often
    TALK_ENDED = "talk_ended"  # the queue has a wrap-up
    RELEASED = "released"  # the conversation is over and there is no wrap-up
    WRAP_UP_ENDED = "wrap_up_ended"  # by the timer, the agent or a supervisor


class Move(enum.Enum):
    """Answers to an event that are not simply the next state."""

    STAY = "stay"  # it is so already, or the wish comes too late to matter
    REMEMBER = "remember"  # the wish is met when the work in hand is over; the last wish counts
    KEEP_ON = "keep_on"  # forget a remembered log-out
    HOLD = "hold"  # one more in hand
    LET_GO = "let_go"  # one fewer in hand; who waited for the last one logs out
    AND_BACK = "and_back"  # they talk, and are afterwards what they were
    ONWARD = "onward"  # the work in hand is over: to the remembered state, else ready


_S = AgentState
_E = AgentEvent

_BESIDE = {_E.TOOK_BESIDE: Move.HOLD, _E.BESIDE_ENDED: Move.LET_GO}

TABLE: Mapping[AgentState, Mapping[AgentEvent, AgentState | Move]] = {
    _S.LOGGED_OUT: {
        _E.LOG_IN: _S.NOT_READY,
        _E.LOG_OUT: Move.STAY,
        _E.TOOK_OVER: Move.AND_BACK,
        _E.TOOK_BESIDE: Move.HOLD,
    },
    _S.NOT_READY: {
        _E.LOG_IN: Move.KEEP_ON,
        _E.LOG_OUT: _S.LOGGED_OUT,
        _E.READY: _S.READY,
        _E.NOT_READY: _S.NOT_READY,  # another reason
        _E.TOOK_OVER: Move.AND_BACK,
        **_BESIDE,
        _E.WRAP_UP_ENDED: Move.STAY,
    },
    _S.READY: {
        _E.LOG_IN: Move.STAY,
        _E.LOG_OUT: _S.LOGGED_OUT,
        _E.READY: Move.STAY,
        _E.NOT_READY: _S.NOT_READY,
        _E.OFFERED: _S.RINGING,
        _E.TOOK_OVER: Move.AND_BACK,
        **_BESIDE,
        _E.WRAP_UP_ENDED: Move.STAY,
    },
    _S.RINGING: {
        _E.LOG_IN: Move.STAY,
        _E.LOG_OUT: _S.LOGGED_OUT,  # the router ends the offer as declined
        _E.READY: Move.REMEMBER,
        _E.NOT_READY: Move.REMEMBER,
        _E.ACCEPTED: _S.TALKING,
        _E.ACCEPTED_BESIDE: Move.ONWARD,
        **_BESIDE,
        _E.OFFER_ENDED: Move.ONWARD,
        _E.OFFER_MISSED: _S.NOT_READY,
        _E.WRAP_UP_ENDED: Move.STAY,
    },
    _S.TALKING: {
        _E.LOG_IN: Move.KEEP_ON,
        _E.LOG_OUT: Move.REMEMBER,
        _E.READY: Move.REMEMBER,
        _E.NOT_READY: Move.REMEMBER,
        _E.TALK_ENDED: _S.WRAP_UP,
        _E.RELEASED: Move.ONWARD,
        **_BESIDE,
    },
    _S.WRAP_UP: {
        _E.LOG_IN: Move.KEEP_ON,
        _E.LOG_OUT: _S.LOGGED_OUT,
        _E.READY: _S.READY,  # ends the wrap-up, whatever was remembered
        _E.NOT_READY: Move.REMEMBER,
        _E.WRAP_UP_ENDED: Move.ONWARD,
        **_BESIDE,
    },
}
"""A pair that is missing is refused with :class:`IllegalTransition`."""

_WISHES = {
    AgentEvent.LOG_OUT: AgentState.LOGGED_OUT,
    AgentEvent.READY: AgentState.READY,
    AgentEvent.NOT_READY: AgentState.NOT_READY,
}


@dataclass(frozen=True, slots=True)
class Next:
    """What an agent chose, while busy, to be afterwards."""

    state: AgentState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, as the ACD sees them now."""

    id: AgentId
    state: AgentState
    since: datetime  # in this state (with this reason)
    idle_since: datetime  # the rank among the ready: offers that came to nothing do not move it
    reason: str | None = None  # why not ready
    contact_id: ContactId | None = None  # rung for, talked with or wrapped up
    next: Next | None = None
    beside: int = 0  # contacts in hand that leave room for others

    @property
    def leaves(self) -> bool:
        """Whether a log-out is yet to come."""
        return self.next is not None and self.next.state is AgentState.LOGGED_OUT


def step(
    agent: Agent,
    event: AgentEvent,
    now: datetime,
    reason: str | None = None,
    contact_id: ContactId | None = None,
) -> Agent:
    """The agent after the event; the very same object if nothing changed."""
    answer = TABLE[agent.state].get(event)
    if answer is None or (answer is Move.LET_GO and not agent.beside):
        raise IllegalTransition(agent.state, event)
    if event is AgentEvent.ACCEPTED_BESIDE:
        agent = replace(agent, beside=agent.beside + 1, idle_since=now)
    match answer:
        case Move.STAY:
            return agent
        case Move.REMEMBER:
            wish = Next(_WISHES[event], reason)
            return agent if agent.next == wish else replace(agent, next=wish)
        case Move.KEEP_ON:
            return _kept_on(agent, now, reason)
        case Move.HOLD:
            return _holding(agent, agent.beside + 1, now)
        case Move.LET_GO:
            return _holding(agent, agent.beside - 1, now)
        case Move.AND_BACK:
            talking = _enter(agent, AgentState.TALKING, now, None, contact_id)
            return replace(talking, next=agent.next or Next(agent.state, agent.reason))
        case Move.ONWARD:
            after = agent.next or Next(AgentState.READY)
            return _enter(agent, after.state, now, after.reason)
        case AgentState.NOT_READY:
            return _enter_not_ready(agent, now, reason)
        case _:
            return _enter(agent, answer, now, None, contact_id)


def _kept_on(agent: Agent, now: datetime, reason: str | None) -> Agent:
    if not agent.leaves:
        return agent
    if agent.state is AgentState.NOT_READY:  # and only to finish what was in hand
        return _enter(agent, AgentState.NOT_READY, now, reason)
    return replace(agent, next=None)


def _holding(agent: Agent, beside: int, now: datetime) -> Agent:
    """With so many in hand: idle since the last of them began or ended."""
    after = replace(agent, beside=beside, idle_since=now)
    if agent.state is AgentState.LOGGED_OUT or (
        agent.state is AgentState.NOT_READY and agent.leaves and not beside
    ):
        return _enter(after, AgentState.LOGGED_OUT, now, None)
    return after


def _enter_not_ready(agent: Agent, now: datetime, reason: str | None) -> Agent:
    if agent.state is AgentState.NOT_READY and agent.reason == reason:
        return agent
    if agent.next is not None and agent.next.state is AgentState.NOT_READY:
        reason = agent.next.reason  # what the agent said tells more than that they did not answer
    return _enter(agent, AgentState.NOT_READY, now, reason)


def _enter(
    agent: Agent,
    state: AgentState,
    now: datetime,
    reason: str | None,
    contact_id: ContactId | None = None,
) -> Agent:
    if state is AgentState.LOGGED_OUT and agent.beside:
        return _finishing(agent, now)
    busy = state in (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
    keeps_idle = agent.state is AgentState.RINGING or state is AgentState.RINGING
    return Agent(
        id=agent.id,
        state=state,
        since=now,
        idle_since=agent.idle_since if keeps_idle else now,
        reason=reason,
        contact_id=(contact_id or agent.contact_id) if busy else None,
        next=agent.next if busy else None,
        beside=agent.beside,
    )


def _finishing(agent: Agent, now: datetime) -> Agent:
    """What is in hand is done first, and nothing else comes to it."""
    if agent.state is AgentState.NOT_READY and agent.leaves:
        return agent
    waits = _enter(agent, AgentState.NOT_READY, now, FINISHING)
    return replace(waits, next=Next(AgentState.LOGGED_OUT))
