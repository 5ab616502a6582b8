"""A customer's contact: who it is, where it waits, whom it is offered to, how it ends."""

from datetime import datetime
from typing import Any

import msgspec

from .base import BaseEvent


class ContactReceived(BaseEvent, frozen=True, kw_only=True, tag="contact.received"):
    """
    A contact that is no call came in, or was handed in by ``received_from``.

    ``channel`` as in contact.queued; ``address`` is the customer's there (a mail address, a
    number), empty where nobody waits for an answer. ``due_at``: when it is to be done.
    """

    contact_id: str
    channel: str
    queue: str
    received_from: str
    address: str = ""
    subject: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    due_at: datetime | None = None


class SelfServiceBegan(BaseEvent, frozen=True, kw_only=True, tag="contact.self_service_began"):
    """
    A customer began to serve themselves in writing, in the flow of this ``service``.

    ``channel`` is "web", "chat" or "sms"; ``address`` the customer's there, empty where none is
    known.
    """

    contact_id: str
    channel: str
    service: str
    language: str
    address: str = ""


class CustomerMatched(BaseEvent, frozen=True, kw_only=True, tag="contact.customer_matched"):
    """The customer look-up came back: ``match`` is "one", "several", "none" or "unavailable"."""

    contact_id: str
    match: str
    customer_ids: list[str]


class NextActionAnswered(BaseEvent, frozen=True, kw_only=True, tag="next_action.answered"):
    """
    The agent did what they were advised for the customer, who ``accepted`` it or not.

    ``customer_id`` is null where it is not certain who it is.
    """

    contact_id: str
    agent_id: str
    customer_id: str | None
    rule_id: str
    action: str
    accepted: bool


class CustomerChosen(BaseEvent, frozen=True, kw_only=True, tag="contact.customer_chosen"):
    """Somebody said whose contact it is: one of several that matched, another, or a new one."""

    contact_id: str
    customer_id: str
    chosen_by: str


class NodeEntered(BaseEvent, frozen=True, kw_only=True, tag="contact.node_entered"):
    """
    The caller came to a node of a flow.

    ``whole``: the flow that ``flow`` is walked through for; empty where it is walked through for
    itself. ``version``: as which that one was published; none where nobody published it.

    The rest is of the node before: ``by`` which way it was left (a key that leads on by itself, or
    the name of a route; none for the first node), how often the caller was ``asked`` there, and
    answered with ``wrong`` keys or was ``silent``. What else was typed is nowhere.
    """

    contact_id: str
    flow: str
    node: str
    whole: str = ""
    version: int | None = None
    by: str | None = None
    asked: int = 0
    wrong: int = 0
    silent: int = 0


class FlowLeft(BaseEvent, frozen=True, kw_only=True, tag="contact.flow_left"):
    """
    The caller is in the flow no more; a queue or number outside may lead back to it.

    ``to`` is "queue" or "transfer" (with their ``target``), "hang_up" (the flow's end, with its
    ``reason``), or empty where the call ended within. ``served``: the caller has heard to its end
    what a node of it is there for, or the flow came to an end that serves. ``asked``, ``wrong`` and
    ``silent`` are of the last ``node``, as in contact.node_entered.
    """

    contact_id: str
    flow: str
    version: int | None
    node: str
    to: str
    target: str = ""
    reason: str = ""
    served: bool = False
    asked: int = 0
    wrong: int = 0
    silent: int = 0


class ContactAnnotated(BaseEvent, frozen=True, kw_only=True, tag="contact.annotated"):
    """The menu learnt something about the contact, or an agent filled it in; never a secret."""

    contact_id: str
    attributes: dict[str, str]


class ContactNoted(BaseEvent, frozen=True, kw_only=True, tag="contact.noted"):
    """An agent wrote something down for whoever has the contact next."""

    contact_id: str
    agent_id: str
    text: str


class ContactQueued(BaseEvent, frozen=True, kw_only=True, tag="contact.queued"):
    """
    The contact began to wait, or waits again after an offer came to nothing.

    ``queued_at`` is the moment that counts for its place: the first one. ``agents``: how many
    qualify, by what they do (a state, or "unfit"); ``ahead``: how many of the queue go before it.
    Both are told when it begins to wait, and not after an offer.
    """

    contact_id: str
    queue: str
    queued_at: datetime
    priority: int
    requirements: dict[str, int]
    purpose: str = "serve"  # "consult": an adviser is waited for, the contact itself is served
    channel: str = "voice"  # or "callback", "web", "chat", "sms", "email", "fax", "task"
    ahead: int | None = None
    agents: dict[str, int] = msgspec.field(default_factory=dict)
    kept_for: str | None = None  # nobody but this agent is offered it for now
    kept_until: datetime | None = None  # at the latest


class StepTaken(BaseEvent, frozen=True, kw_only=True, tag="contact.step_taken"):
    """
    The contact has waited so long that its queue asks something else of agents.

    ``requires`` is what it asks now, in words; ``reach``: up to which level of its agents.
    ``agents`` and ``ahead`` are as in contact.queued.
    """

    contact_id: str
    queue: str
    steps: int  # of the queue's, so many have come
    requires: list[str]
    reach: int
    ahead: int
    agents: dict[str, int]


class ContactTurnedAway(BaseEvent, frozen=True, kw_only=True, tag="contact.turned_away"):
    """The queue did not take the contact; ``reason`` is "full" or why else it takes nobody."""

    contact_id: str
    queue: str
    reason: str


class ContactDiverted(BaseEvent, frozen=True, kw_only=True, tag="contact.diverted"):
    """
    The contact left the queue, or did not come to wait there, to be served in another way.

    ``reason`` is the queue's rule ("closed", "nobody_there", "size", "waited", "expected_wait"),
    "key", by the caller's own choice, "full", "gone" (the queue is not there any more), or "moved",
    by a supervisor (``moved_by``); ``to`` is "queue" or "number" (both with their ``target``),
    "flow" (back into the one that it came from, from which it may return to its place), "call_back"
    or "hang_up". ``place`` (0: it stood in no line) and ``expected`` (seconds that the wait would
    probably not have been longer than; none if not known) are those of that moment.
    """

    contact_id: str
    queue: str
    queued_at: datetime
    reason: str
    to: str
    target: str | None
    place: int
    expected: float | None
    moved_by: str | None = None


class OfferMade(BaseEvent, frozen=True, kw_only=True, tag="contact.offered"):
    """The ACD reserved an agent for the contact, until ``expires_at`` at the latest."""

    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    expires_at: datetime
    why: dict[str, Any] = msgspec.field(default_factory=dict)
    purpose: str = "serve"  # or "consult": to advise the agent who has the contact
    channel: str = "voice"  # as in ContactQueued


class OfferAccepted(BaseEvent, frozen=True, kw_only=True, tag="offer.accepted"):
    contact_id: str
    interaction_id: str
    agent_id: str


class OfferEnded(BaseEvent, frozen=True, kw_only=True, tag="offer.ended"):
    """
    The offer came to nothing.

    ``outcome`` is "declined", "timed_out", "unreachable" or "withdrawn" (the contact left).
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    outcome: str


class CustomerRinging(BaseEvent, frozen=True, kw_only=True, tag="customer.ringing"):
    """
    The customer whom the agent calls is being rung.

    With ``early_media`` the agent hears what the customer's network says, else our ringing.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    early_media: bool


class CustomerNotReached(BaseEvent, frozen=True, kw_only=True, tag="customer.not_reached"):
    """
    The customer whom the agent called does not come.

    ``cause`` is "busy", "no-answer", "declined", "unavailable", "unknown-number", "agent-left",
    one of the number plan's ("no-trunk-for-number", "all-trunks-busy" …), or the reason for which
    the customer's leg ended. ``status`` is that of the SIP response, if one refused.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    cause: str
    status: int | None = None


class WaitAtRisk(BaseEvent, frozen=True, kw_only=True, tag="contact.wait_at_risk"):
    """
    Who was promised to be served ``promised_until`` then will more likely not be; told once.

    ``probability`` that nobody does, by how many are ahead and how fast they are served.
    """

    contact_id: str
    queue: str
    promised_until: datetime
    probability: float


class ContactEnded(BaseEvent, frozen=True, kw_only=True, tag="contact.ended"):
    """
    The request for service is over.

    ``outcome`` is "handled", "abandoned", "self_served", "transferred", "turned_away" (the queue
    was full or closed, or a rule of it ended the call), "call_back" (the caller wants one and keeps
    the place), "voicemail" (what was left in a mailbox waits for an agent), "fax" (so do the pages
    that came), "not_reached" (the customer whom we called), "withdrawn" (a call-back that waits no
    longer, or not now) or "failed".
    """

    contact_id: str
    outcome: str
    reason: str


AnyContactEvent = (
    ContactReceived
    | SelfServiceBegan
    | CustomerMatched
    | CustomerChosen
    | NextActionAnswered
    | NodeEntered
    | FlowLeft
    | ContactAnnotated
    | ContactNoted
    | ContactQueued
    | StepTaken
    | ContactTurnedAway
    | ContactDiverted
    | OfferMade
    | OfferAccepted
    | OfferEnded
    | CustomerRinging
    | CustomerNotReached
    | WaitAtRisk
    | ContactEnded
)
