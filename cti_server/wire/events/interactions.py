"""An agent's part of a contact, and how it goes from one agent to another."""

from .base import BaseEvent


class InteractionStarted(BaseEvent, frozen=True, kw_only=True, tag="interaction.started"):
    """
    Contact and agent are connected; announcements are over.

    An adviser's begins when they join the customer. ``leg_id`` is the agent's. A contact that is
    no call (``channel`` as in contact.queued) is held beside others until interaction.ended; of a
    call ``recording`` is "always", "on_demand" or "never", as ``recording_rule`` says.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    leg_id: str | None = None
    channel: str = "voice"
    recording: str | None = None
    recording_rule: str | None = None


class InteractionHeld(BaseEvent, frozen=True, kw_only=True, tag="interaction.held"):
    """
    Customer and agent do not hear one another for a while: hold, advice, a transfer that rings.

    ``held_by`` is "agent" or "caller": whose doing it is.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    held_by: str


class InteractionResumed(BaseEvent, frozen=True, kw_only=True, tag="interaction.resumed"):
    contact_id: str
    interaction_id: str
    agent_id: str


class InteractionStateChanged(
    BaseEvent, frozen=True, kw_only=True, tag="interaction.state_changed"
):
    """
    What the agent is doing in the call, if it is not simply talking (any more).

    ``state`` is a value of :class:`cti_server.calls.verbs.Standing`.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    state: str
    muted: bool


class InteractionEnded(BaseEvent, frozen=True, kw_only=True, tag="interaction.ended"):
    """The conversation is over; wrap-up may follow."""

    contact_id: str
    interaction_id: str
    agent_id: str
    ended_by: str  # "caller", "agent", "transfer", "phone_lost" (the agent's) or "system"


class ConsultStarted(BaseEvent, frozen=True, kw_only=True, tag="consult.started"):
    """
    The agent asks somebody for advice, unheard by the customer; they are being rung.

    ``to`` is "agent", "queue" or "number", ``target`` which.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    to: str
    target: str


class ConsultEnded(BaseEvent, frozen=True, kw_only=True, tag="consult.ended"):
    """
    The agent asks no longer.

    ``outcome``: "completed" (the adviser took over), "conference", "returned", "adviser_left";
    or why nobody was asked: "declined", "timed_out", "unreachable", "called_off", "transferred"
    (the agent did not wait); "call_ended" at any time.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    outcome: str


class TransferStarted(BaseEvent, frozen=True, kw_only=True, tag="transfer.started"):
    """The agent transfers blindly to somebody who is being rung; ``to`` as in consult.started."""

    contact_id: str
    interaction_id: str
    agent_id: str
    to: str
    target: str


class TransferFailed(BaseEvent, frozen=True, kw_only=True, tag="transfer.failed"):
    """
    Who was rung does not come; ``cause`` as in consult.ended.

    ``returned_to`` is "agent", or "queue" where the agent has left: then the place is the old one;
    "nobody" when the call is over.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    cause: str
    returned_to: str


class ContactTransferred(BaseEvent, frozen=True, kw_only=True, tag="contact.transferred"):
    """
    The agent handed the contact on; ``interaction_id`` is that of the agent's own part.

    ``to`` as in consult.started; ``how`` is "blind", "consult" or "taken_over".
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    to: str
    target: str
    how: str


class ReadOutStarted(BaseEvent, frozen=True, kw_only=True, tag="read_out.started"):
    """
    An agent has something read to the customer, over the conversation; what it says is not told.

    ``query`` and ``rows``: of which saved query it is a result, and how much of it; empty and 0 for
    a text of the agent's own. ``side_tone``: whether the agent hears it, too.
    """

    contact_id: str
    read_out_id: str
    agent_id: str
    language: str
    characters: int
    query: str = ""
    rows: int = 0
    side_tone: bool = True


class ReadOutEnded(BaseEvent, frozen=True, kw_only=True, tag="read_out.ended"):
    """
    Nothing is read any more.

    ``outcome`` is "finished", "stopped" (by an agent, a hold or another sound), "failed" (nobody
    could speak it), "lost" (with its media worker) or "call_ended".
    """

    contact_id: str
    read_out_id: str
    agent_id: str
    outcome: str


AnyInteractionEvent = (
    InteractionStarted
    | InteractionHeld
    | InteractionResumed
    | InteractionStateChanged
    | InteractionEnded
    | ConsultStarted
    | ConsultEnded
    | TransferStarted
    | TransferFailed
    | ContactTransferred
    | ReadOutStarted
    | ReadOutEnded
)
