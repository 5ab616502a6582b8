"""Supervisors who listen, advise and take over."""

from .base import BaseEvent


class ListenStarted(BaseEvent, frozen=True, kw_only=True, tag="listen.started"):
    """
    A supervisor hears a running call: kept for the audit.

    ``listened_to`` is the agent; ``mode`` is "monitor" (hears both, is heard by nobody), "whisper"
    (is heard by the agent) or "barge" (by all).
    """

    contact_id: str
    listen_id: str
    supervisor_id: str
    listened_to: str
    mode: str


class ListenChanged(BaseEvent, frozen=True, kw_only=True, tag="listen.changed"):
    """Another mode, or another agent because the call was handed on."""

    contact_id: str
    listen_id: str
    supervisor_id: str
    listened_to: str
    mode: str


class ListenEnded(BaseEvent, frozen=True, kw_only=True, tag="listen.ended"):
    """
    ``seconds`` is how long it lasted altogether, 0 if the supervisor's phone was not picked up.

    ``reason`` is that of the leg's end, or "taken-over".
    """

    contact_id: str
    listen_id: str
    supervisor_id: str
    listened_to: str
    mode: str
    seconds: float
    reason: str


class AgentListenedTo(BaseEvent, frozen=True, kw_only=True, tag="agent.listened_to"):
    """The agent is told, where the centre wants that; ``mode`` is "none" when it is over."""

    contact_id: str
    agent_id: str
    supervisor_id: str
    mode: str


class AgentNudged(BaseEvent, frozen=True, kw_only=True, tag="agent.nudged"):
    """
    A supervisor writes a line to an agent, whatever that one does, for the agent's screen alone.

    ``contact_id``: where it is about a contact. The event's number is the message's id.
    """

    contact_id: str | None = None
    agent_id: str
    supervisor_id: str
    text: str


class CoachingNoted(BaseEvent, frozen=True, kw_only=True, tag="coaching.noted"):
    """
    What a supervisor advises an agent (``coached``) for the next time, kept with the contact.

    It is told on that agent's own stream, too. The event's number is the message's id.
    """

    contact_id: str
    coached: str
    supervisor_id: str
    text: str


class AgentMessageRead(BaseEvent, frozen=True, kw_only=True, tag="agent.message_read"):
    """The agent has read a supervisor's nudge, or coaching, of that id (``kind``)."""

    agent_id: str
    supervisor_id: str
    message_id: str
    kind: str
    contact_id: str | None = None


class ContactTakenOver(BaseEvent, frozen=True, kw_only=True, tag="contact.taken_over"):
    """
    A supervisor (``agent_id``) has the customer now, in an interaction of their own.

    The ACD did not offer it; the supervisor is then talking there, until the queue's wrap-up is
    over.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    taken_from: str


AnySupervisionEvent = (
    ListenStarted
    | ListenChanged
    | ListenEnded
    | AgentListenedTo
    | AgentNudged
    | CoachingNoted
    | AgentMessageRead
    | ContactTakenOver
)
