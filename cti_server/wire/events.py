"""
The facts of the contact centre, as they are logged, streamed and stored.

Every class is one thing that happened, named in the past tense. The log gives each a sequence
number and a UTC time (:class:`Logged`); records, statistics and the desktops' feed derive from
the log and from nothing else. The tag is the event's name on the wire.
"""

from datetime import datetime
from typing import Any

import msgspec

from .access_events import AnyAccessEvent


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    pass


# --- calls and their legs ---------------------------------------------------------------------


class CallArrived(_Event, frozen=True, kw_only=True, tag="call.arrived"):
    """A customer's INVITE was accepted from a trunk or phone."""

    call_id: str
    contact_id: str
    sip_call_id: str
    caller_number: str
    dialled_number: str
    trunk: str


class CallPlaced(_Event, frozen=True, kw_only=True, tag="call.placed"):
    """
    We call a customer: an agent's click, or somebody called back.

    ``shown_number`` is what the customer sees, empty where nobody is named. ``queued_at`` is given
    for a call-back: since when the customer has waited. ``masked``: agents do not see the number.
    """

    call_id: str
    contact_id: str
    customer_number: str
    shown_number: str
    queue: str
    masked: bool = False
    call_back_of: str | None = None
    queued_at: datetime | None = None


class LegStarted(_Event, frozen=True, kw_only=True, tag="leg.started"):
    """A party's part of a call began: an INVITE came in or went out."""

    call_id: str
    leg_id: str
    role: str  # "caller", "customer" (called by us), "agent" …
    party: str  # the number, or the agent's id
    address: str  # the SIP URI dialled, or the one that called
    agent_id: str | None = None


class LegAnswered(_Event, frozen=True, kw_only=True, tag="leg.answered"):
    call_id: str
    leg_id: str
    codec: str


class LegEnded(_Event, frozen=True, kw_only=True, tag="leg.ended"):
    """
    A leg is over.

    ``result`` and ``reason`` are from the closed list of :mod:`cti_server.calls.termination`.
    ``quality`` is the account of the leg: the figures of
    :class:`cti_server.media.worker_reports.LegQuality` (packets, loss, bursts, jitter, MOS, both
    ways) that are known, and how often and for how long it was silent. Empty if there was no media.
    """

    call_id: str
    leg_id: str
    result: str
    reason: str
    quality: dict[str, float] = {}


class LegFellSilent(_Event, frozen=True, kw_only=True, tag="leg.one_way_audio"):
    """
    Nothing comes from a party that should send, and has not for ``seconds``: one-way audio.

    The leg goes on; :class:`LegHeardAgain` ends the alarm, or the end of the leg, or hold.
    """

    call_id: str
    leg_id: str
    seconds: float


class LegHeardAgain(_Event, frozen=True, kw_only=True, tag="leg.audio_resumed"):
    """The party is heard again, after so many seconds of silence."""

    call_id: str
    leg_id: str
    seconds: float


class CallEnded(_Event, frozen=True, kw_only=True, tag="call.ended"):
    call_id: str
    contact_id: str
    result: str
    reason: str


# --- contacts and interactions ----------------------------------------------------------------


class CustomerMatched(_Event, frozen=True, kw_only=True, tag="contact.customer_matched"):
    """The customer look-up came back: ``match`` is "one", "several", "none" or "unavailable"."""

    contact_id: str
    match: str
    customer_ids: list[str]


class CustomerChosen(_Event, frozen=True, kw_only=True, tag="contact.customer_chosen"):
    """Somebody said whose contact it is: one of several that matched, another, or a new one."""

    contact_id: str
    customer_id: str
    chosen_by: str


class NodeEntered(_Event, frozen=True, kw_only=True, tag="contact.node_entered"):
    contact_id: str
    flow: str
    node: str


class ContactAnnotated(_Event, frozen=True, kw_only=True, tag="contact.annotated"):
    """The menu learnt something about the contact, or an agent filled it in; never a secret."""

    contact_id: str
    attributes: dict[str, str]


class ContactQueued(_Event, frozen=True, kw_only=True, tag="contact.queued"):
    """
    The contact began to wait, or waits again after an offer came to nothing.

    ``queued_at`` is the moment that counts for its place: the first one.
    """

    contact_id: str
    queue: str
    queued_at: datetime
    priority: int
    requirements: dict[str, int]
    purpose: str = "serve"  # "consult": an adviser is waited for, the contact itself is served


class OfferMade(_Event, frozen=True, kw_only=True, tag="contact.offered"):
    """The ACD reserved an agent for the contact, until ``expires_at`` at the latest."""

    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    expires_at: datetime
    why: dict[str, Any] = {}
    purpose: str = "serve"  # or "consult": to advise the agent who has the contact


class OfferAccepted(_Event, frozen=True, kw_only=True, tag="offer.accepted"):
    contact_id: str
    interaction_id: str
    agent_id: str


class OfferEnded(_Event, frozen=True, kw_only=True, tag="offer.ended"):
    """
    The offer came to nothing.

    ``outcome`` is "declined", "timed_out", "unreachable" or "withdrawn" (the contact left).
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    outcome: str


class InteractionStarted(_Event, frozen=True, kw_only=True, tag="interaction.started"):
    """
    Contact and agent are connected; announcements are over.

    An adviser's begins when they join the customer. ``leg_id`` is the agent's.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    leg_id: str | None = None


class InteractionEnded(_Event, frozen=True, kw_only=True, tag="interaction.ended"):
    """The conversation is over; wrap-up may follow."""

    contact_id: str
    interaction_id: str
    agent_id: str
    ended_by: str  # "caller", "agent", "transfer", "phone_lost" (the agent's) or "system"


class InteractionHeld(_Event, frozen=True, kw_only=True, tag="interaction.held"):
    """
    Customer and agent do not hear one another for a while: hold, advice, a transfer that rings.

    ``held_by`` is "agent" or "caller": whose doing it is.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    held_by: str


class InteractionResumed(_Event, frozen=True, kw_only=True, tag="interaction.resumed"):
    contact_id: str
    interaction_id: str
    agent_id: str


class InteractionStateChanged(_Event, frozen=True, kw_only=True, tag="interaction.state_changed"):
    """
    What the agent is doing in the call, if it is not simply talking (any more).

    ``state`` is a value of :class:`cti_server.calls.verbs.Standing`.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    state: str
    muted: bool


class ConsultStarted(_Event, frozen=True, kw_only=True, tag="consult.started"):
    """
    The agent asks somebody for advice, unheard by the customer; they are being rung.

    ``to`` is "agent", "queue" or "number", ``target`` which.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    to: str
    target: str


class ConsultEnded(_Event, frozen=True, kw_only=True, tag="consult.ended"):
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


class TransferStarted(_Event, frozen=True, kw_only=True, tag="transfer.started"):
    """The agent transfers blindly to somebody who is being rung; ``to`` as in consult.started."""

    contact_id: str
    interaction_id: str
    agent_id: str
    to: str
    target: str


class TransferFailed(_Event, frozen=True, kw_only=True, tag="transfer.failed"):
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


class ContactTransferred(_Event, frozen=True, kw_only=True, tag="contact.transferred"):
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


class ContactNoted(_Event, frozen=True, kw_only=True, tag="contact.noted"):
    """An agent wrote something down for whoever has the contact next."""

    contact_id: str
    agent_id: str
    text: str


class ReadOutStarted(_Event, frozen=True, kw_only=True, tag="read_out.started"):
    """An agent has a text read to the customer, over the conversation; what it says is not told."""

    contact_id: str
    read_out_id: str
    agent_id: str
    language: str
    characters: int


class ReadOutEnded(_Event, frozen=True, kw_only=True, tag="read_out.ended"):
    """
    Nothing is read any more.

    ``outcome`` is "finished", "stopped" (by an agent, a hold or another sound), "failed" (nobody
    could speak it), "lost" (with its media worker) or "call_ended".
    """

    contact_id: str
    read_out_id: str
    agent_id: str
    outcome: str


class CustomerRinging(_Event, frozen=True, kw_only=True, tag="customer.ringing"):
    """
    The customer whom the agent calls is being rung.

    With ``early_media`` the agent hears what the customer's network says, else our ringing.
    """

    contact_id: str
    interaction_id: str
    agent_id: str
    early_media: bool


class CustomerNotReached(_Event, frozen=True, kw_only=True, tag="customer.not_reached"):
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


class ContactEnded(_Event, frozen=True, kw_only=True, tag="contact.ended"):
    """
    The request for service is over.

    ``outcome`` is "handled", "abandoned", "self_served", "transferred", "turned_away" (the queue
    was full), "not_reached" (the customer whom we called) or "failed".
    """

    contact_id: str
    outcome: str
    reason: str


# --- supervision ------------------------------------------------------------------------------


class ListenStarted(_Event, frozen=True, kw_only=True, tag="listen.started"):
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


class ListenChanged(_Event, frozen=True, kw_only=True, tag="listen.changed"):
    """Another mode, or another agent because the call was handed on."""

    contact_id: str
    listen_id: str
    supervisor_id: str
    listened_to: str
    mode: str


class ListenEnded(_Event, frozen=True, kw_only=True, tag="listen.ended"):
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


class AgentListenedTo(_Event, frozen=True, kw_only=True, tag="agent.listened_to"):
    """The agent is told, where the centre wants that; ``mode`` is "none" when it is over."""

    contact_id: str
    agent_id: str
    supervisor_id: str
    mode: str


class AgentNudged(_Event, frozen=True, kw_only=True, tag="agent.nudged"):
    """A supervisor writes a line to the agent who is in a call, for the agent's screen alone."""

    contact_id: str
    agent_id: str
    supervisor_id: str
    text: str


class CoachingNoted(_Event, frozen=True, kw_only=True, tag="coaching.noted"):
    """What a supervisor advises an agent (``coached``) for the next time, kept with the contact."""

    contact_id: str
    coached: str
    supervisor_id: str
    text: str


class ContactTakenOver(_Event, frozen=True, kw_only=True, tag="contact.taken_over"):
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


# --- call-backs -------------------------------------------------------------------------------


class CallBackWanted(_Event, frozen=True, kw_only=True, tag="call_back.wanted"):
    """
    A caller lost their place in a queue by no fault of theirs, and is to be called back.

    ``contact_id`` is the lost contact's, and the call-back's own id. ``queued_at`` is the moment
    that counted for the place; ``reason`` is that of the call's end.
    """

    contact_id: str
    number: str
    queue: str
    queued_at: datetime
    reason: str


class CallBackDialled(_Event, frozen=True, kw_only=True, tag="call_back.dialled"):
    """An agent is calling back; ``new_contact_id`` is the contact of that call."""

    contact_id: str
    new_contact_id: str
    dialled_by: str


class CallBackClosed(_Event, frozen=True, kw_only=True, tag="call_back.closed"):
    """It needs no further call: ``outcome`` is "reached" or "removed"."""

    contact_id: str
    outcome: str
    closed_by: str


# --- agents -----------------------------------------------------------------------------------


class AgentStateChanged(_Event, frozen=True, kw_only=True, tag="agent.state_changed"):
    """``state`` is a value of :class:`acd.agents.AgentState`."""

    agent_id: str
    state: str
    since: datetime
    reason: str | None = None
    contact_id: str | None = None


class AgentFitnessChanged(_Event, frozen=True, kw_only=True, tag="agent.fitness_changed"):
    """
    Why the agent is offered no calls, whatever their state says; empty if there is no reason.

    The reasons are words of :mod:`cti_server.floor.fitness`.
    """

    agent_id: str
    unfit: list[str]


# --- recordings -------------------------------------------------------------------------------


class RecordingStarted(_Event, frozen=True, kw_only=True, tag="recording.started"):
    recording_id: str
    call_id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str


class RecordingStored(_Event, frozen=True, kw_only=True, tag="recording.stored"):
    """The stereo file is in its place. ``recovered`` if a crash came between."""

    recording_id: str
    call_id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    caller_number: str
    dialled_number: str
    started_at: datetime
    duration: float  # seconds
    file: str  # below the archive folder
    size: int  # bytes
    sha256: str
    codec: str  # "PCMU" or "PCMA"
    recovered: bool = False
    quality: dict[str, float] = {}


class RecordingFailed(_Event, frozen=True, kw_only=True, tag="recording.failed"):
    recording_id: str
    reason: str


class RecordingPlayed(_Event, frozen=True, kw_only=True, tag="recording.played"):
    """Somebody listened to or downloaded a recording: kept for the audit."""

    recording_id: str
    played_by: str


class CustomersImported(_Event, frozen=True, kw_only=True, tag="customers.imported"):
    imported_by: str
    created: int
    updated: int
    refused: int


# --- records that people edit ------------------------------------------------------------------


class RecordChanged(_Event, frozen=True, kw_only=True, tag="record.changed"):
    """
    Somebody changed a record: a customer, a ticket, an account.

    ``record`` is what kind, ``action`` what was done ("created", "updated", "merged" …), ``fields``
    the names of what changed. Values are in the record only: the log outlives a person's right to
    be forgotten. ``changed_by`` is an agent's id, an API key's or "system". ``agent_id``: whose
    desktop is to hear of it, because it was given to them or they are reminded of it.
    """

    change_id: str
    record: str
    record_id: str
    action: str
    changed_by: str
    fields: list[str] = []
    agent_id: str | None = None


class OutreachRefused(_Event, frozen=True, kw_only=True, tag="outreach.refused"):
    """
    We were about to contact a customer who will not have it, or not now; nothing left.

    ``cause`` is a word of :mod:`crm.consents`; ``customer_id`` is empty where the number is
    nobody's and the purpose needs a consent.
    """

    customer_id: str
    channel: str
    purpose: str
    cause: str
    asked_by: str


class ArticleRead(_Event, frozen=True, kw_only=True, tag="article.read"):
    """
    Somebody opened a published article of the knowledge base; its use is counted from this.

    ``number`` is the version's. ``contact_id``: the contact that it was opened for, if any.
    """

    article_id: str
    number: int
    read_by: str
    contact_id: str | None = None


class RecordRead(_Event, frozen=True, kw_only=True, tag="record.read"):
    """
    Somebody saw what is protected: a whole number, an export, another's notes.

    ``what`` names it ("numbers", "export" …); kept for the audit.
    """

    record: str
    record_id: str
    what: str
    read_by: str


# --- the server -------------------------------------------------------------------------------


class ServerStarted(_Event, frozen=True, kw_only=True, tag="server.started"):
    version: str


class ServerStopped(_Event, frozen=True, kw_only=True, tag="server.stopped"):
    reason: str


class MediaWorkerDied(_Event, frozen=True, kw_only=True, tag="media.worker_died"):
    """A media worker's process ended by itself; its legs ended with it."""

    worker: int
    legs: list[str]


Event = (
    CallArrived
    | CallPlaced
    | LegStarted
    | LegAnswered
    | LegEnded
    | LegFellSilent
    | LegHeardAgain
    | CallEnded
    | CustomerMatched
    | CustomerChosen
    | NodeEntered
    | ContactAnnotated
    | ContactQueued
    | OfferMade
    | OfferAccepted
    | OfferEnded
    | InteractionStarted
    | InteractionEnded
    | InteractionHeld
    | InteractionResumed
    | InteractionStateChanged
    | ConsultStarted
    | ConsultEnded
    | TransferStarted
    | TransferFailed
    | ContactTransferred
    | ContactNoted
    | ReadOutStarted
    | ReadOutEnded
    | CustomerRinging
    | CustomerNotReached
    | ContactEnded
    | ListenStarted
    | ListenChanged
    | ListenEnded
    | AgentListenedTo
    | AgentNudged
    | CoachingNoted
    | ContactTakenOver
    | CallBackWanted
    | CallBackDialled
    | CallBackClosed
    | AgentStateChanged
    | AgentFitnessChanged
    | RecordingStarted
    | RecordingStored
    | RecordingFailed
    | RecordingPlayed
    | CustomersImported
    | ArticleRead
    | RecordChanged
    | RecordRead
    | OutreachRefused
    | AnyAccessEvent
    | ServerStarted
    | ServerStopped
    | MediaWorkerDied
)


class Logged(msgspec.Struct, frozen=True):
    """An event with its place in the log."""

    sequence: int
    at: datetime
    event: Event
