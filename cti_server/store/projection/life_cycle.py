"""
A contact's life cycle: what it is in now, by its own events and by nothing else.

Pure. One table says what each event makes of a contact in whatever phase; what has ended stays so.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cti_server.wire import events

from ..contacts import Contact
from ..rows import Rows


class Phase(enum.StrEnum):
    RINGING = "ringing"  # it came, or is placed, and nobody has dealt with it yet
    IVR = "ivr"
    QUEUED = "queued"
    OFFERED = "offered"  # an agent is rung, or has picked up and is being introduced
    CONNECTED = "connected"  # with an agent
    HELD = "held"  # no agent hears the customer
    TRANSFERRED = "transferred"  # on the way to somebody else, or with somebody outside
    SURVEY = "survey"  # a flow asks how it was
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LifeCycle:
    phase: Phase = Phase.RINGING
    agents: Mapping[str, bool] = field(default_factory=dict)
    """The interactions that go on; whether customer and agent hear one another."""


def after(life: LifeCycle, event: events.Event) -> LifeCycle:
    """What the event makes of it; the very same where it does not matter."""
    step = _STEPS.get(type(event))
    if step is None or life.phase is Phase.ENDED:
        return life
    return step(life, event)


def follow(rows: Rows, event: events.Event, at: datetime) -> None:
    """The same of the contact's record."""
    if type(event) not in _STEPS:
        return
    row = rows.get(Contact, getattr(event, "contact_id", None))
    if row is None:
        return
    before = LifeCycle(Phase(row["phase"]), row["in_hand"])
    now = after(before, event)
    if now != before and (contact := rows.change(Contact, row["id"])) is not None:
        contact["phase"], contact["in_hand"] = now.phase.value, dict(now.agents)
        if now.phase is not before.phase:
            contact["phase_since"] = at


def _to(phase: Phase) -> Callable[[LifeCycle, Any], LifeCycle]:
    return lambda life, event: replace(life, phase=phase)


def _with_agents(life: LifeCycle, alone: Phase) -> LifeCycle:
    """By the agents who have it; where there is none, ``alone``."""
    if not life.agents:
        return replace(life, phase=alone)
    heard = any(life.agents.values())
    return replace(life, phase=Phase.CONNECTED if heard else Phase.HELD)


def _in_menu(life: LifeCycle, event: events.NodeEntered) -> LifeCycle:
    """What a survey asks is a menu, too."""
    in_one = life.phase in (Phase.IVR, Phase.SURVEY)
    return life if in_one else replace(life, phase=Phase.IVR)


def _queued(life: LifeCycle, event: events.ContactQueued) -> LifeCycle:
    """Who waits for advice, or for whoever is to have it next, is still with the agent."""
    if event.purpose == "consult" or life.agents:
        return life
    return replace(life, phase=Phase.QUEUED)


def _diverted(life: LifeCycle, event: events.ContactDiverted) -> LifeCycle:
    """In another queue it waits on; to a number outside it is on the way."""
    return replace(life, phase=Phase.TRANSFERRED) if event.to == "number" else life


def _offered(life: LifeCycle, event: events.OfferMade) -> LifeCycle:
    return life if event.purpose == "consult" or life.agents else _to(Phase.OFFERED)(life, event)


def _started(life: LifeCycle, event: events.InteractionStarted) -> LifeCycle:
    return LifeCycle(Phase.CONNECTED, {**life.agents, event.interaction_id: True})


def _held(life: LifeCycle, event: events.InteractionHeld) -> LifeCycle:
    return _hears(life, event.interaction_id, heard=False)


def _resumed(life: LifeCycle, event: events.InteractionResumed) -> LifeCycle:
    return _hears(life, event.interaction_id, heard=True)


def _hears(life: LifeCycle, interaction_id: str, *, heard: bool) -> LifeCycle:
    if interaction_id not in life.agents:
        return life
    agents = {**life.agents, interaction_id: heard}
    if life.phase is Phase.TRANSFERRED:  # what is heard meanwhile is the transfer's doing
        return replace(life, agents=agents)
    return _with_agents(replace(life, agents=agents), life.phase)


def _handed_on(life: LifeCycle, event: events.ContactTransferred) -> LifeCycle:
    """Whoever has it now may have been there before it is told."""
    others = {one: heard for one, heard in life.agents.items() if one != event.interaction_id}
    connected = any(others.values())
    return replace(life, phase=Phase.CONNECTED if connected else Phase.TRANSFERRED)


def _failed(life: LifeCycle, event: events.TransferFailed) -> LifeCycle:
    alone = Phase.QUEUED if event.returned_to == "queue" else life.phase
    return _with_agents(life, alone)


def _left(life: LifeCycle, event: events.InteractionEnded) -> LifeCycle:
    agents = {one: heard for one, heard in life.agents.items() if one != event.interaction_id}
    rest = replace(life, agents=agents)
    return rest if life.phase is Phase.TRANSFERRED else _with_agents(rest, life.phase)


_STEPS: Mapping[type, Callable[[LifeCycle, Any], LifeCycle]] = {
    events.NodeEntered: _in_menu,
    events.SurveyStarted: _to(Phase.SURVEY),
    events.ContactQueued: _queued,
    events.ContactDiverted: _diverted,
    events.OfferMade: _offered,
    events.InteractionStarted: _started,
    events.InteractionHeld: _held,
    events.InteractionResumed: _resumed,
    events.TransferStarted: _to(Phase.TRANSFERRED),
    events.ContactTransferred: _handed_on,
    events.TransferFailed: _failed,
    events.InteractionEnded: _left,
    events.ContactEnded: lambda life, event: LifeCycle(Phase.ENDED),
}
