"""What the router decided: facts to log and things to do, in the order in which they came true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .agents import Agent
from .demand import Demand
from .model import AgentId, Offer, Outcome, WaitingContact
from .wrap_ups import WrapUp


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a contact could hope for at one moment."""

    ahead: int  # contacts of its queue that go before it
    agents: Mapping[str, int]  # how many qualify, by what they do (:attr:`.seats.Seat.doing`)
    kept_for: AgentId | None = None  # nobody else is offered it for now
    kept_until: datetime | None = None  # at the latest


@dataclass(frozen=True, slots=True)
class ContactQueued:
    contact: WaitingContact
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class ContactRequeued:
    """An offer came to nothing; the contact waits again, at its original place."""

    contact: WaitingContact


@dataclass(frozen=True, slots=True)
class StepTaken:
    """The contact has waited so long that its queue asks something else of agents."""

    contact: WaitingContact
    steps: int  # of the queue's, so many have come
    demand: Demand
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class OfferMade:
    """The agent is reserved: ring them."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    offer: Offer


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The agent has the contact; nobody rang them for it. It was ``taken_from`` somebody else."""

    offer: Offer
    taken_from: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The agent has the contact in hand, as they had it before a restart; the log knows it."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """The offer came to nothing: stop ringing."""

    offer: Offer
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class InteractionEnded:
    offer: Offer
    ended_by: str


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """The agent's state, reason or next state is another one now."""

    agent: Agent
    previous: Agent


@dataclass(frozen=True, slots=True)
class WrapUpChanged:
    """
    An agent's wrap-up has begun, goes on for longer, or owes nothing any more.

    That it is over is told by the agent's state.
    """

    agent_id: AgentId
    wrap_up: WrapUp


@dataclass(frozen=True, slots=True)
class FitnessChanged:
    """
    Why the agent is offered nothing, or no call (``voiceless``), whatever the state says.

    For no reason, they are fit.
    """

    agent_id: AgentId
    unfit: tuple[str, ...]
    voiceless: tuple[str, ...] = ()


Effect = (
    ContactQueued
    | ContactRequeued
    | StepTaken
    | OfferMade
    | OfferAccepted
    | TakenOver
    | Resumed
    | OfferEnded
    | InteractionEnded
    | AgentChanged
    | WrapUpChanged
    | FitnessChanged
)
