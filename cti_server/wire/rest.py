"""The REST resources under ``/api/v1``: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config.floor import Language
from crm.consents import Purpose

from .forms import ContactDisposition
from .resource import Identifier, Resource


class LogIn(Resource):
    """
    An agent's name and password.

    ``code``: of the authenticator app, or a recovery code, where SecondFactorNeeded asks for it.
    """

    agent_id: Identifier
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(min_length=6, max_length=32)] | None = None


class Session(Resource):
    """
    Send ``token`` as ``Authorization: Bearer …`` until ``expires_at``.

    ``must``: "change_password", "enrol_second_factor": until that is done the session is good for
    one's own account only, and what is done brings a new one.
    """

    token: str
    agent_id: str
    roles: list[str]
    expires_at: datetime
    must: list[str] = Field(default_factory=list)


class AgentStateChange(Resource):
    """
    What an agent, or a supervisor for them, may ask for.

    ``ready`` ends wrap-up early; while a contact is in hand the change takes effect afterwards.
    """

    state: Literal["ready", "not_ready", "logged_out"]
    reason: Annotated[str, Field(max_length=64)] | None = None


class WrapUpExtension(Resource):
    """So many seconds more than it would have gone on for."""

    seconds: Annotated[int, Field(ge=1, le=3600)]


class HeldContact(Resource):
    """A chat, a mail, a task … that an agent has in hand, ``since`` they took it."""

    contact_id: str
    channel: str
    queue: str
    since: datetime


class AgentView(Resource):
    """
    An agent as the floor sees them now.

    ``contact_id``: the call that rings, or takes them whole, or that they wrap up; ``beside``: what
    else they have in hand, the oldest first. ``unfit``: why no calls are offered, if so.
    ``open_work``: their tickets that are not closed. ``wrap_up_until``: when the wrap-up ends by
    itself.
    """

    id: str
    name: str
    number: str
    state: str
    since: datetime
    reason: str | None
    next_state: str | None
    next_reason: str | None
    contact_id: str | None
    beside: list[HeldContact]
    skills: dict[str, int]
    unfit: list[str]
    open_work: int
    wrap_up_until: datetime | None


class QueueView(Resource):
    """
    A queue now. ``name`` is its id, ``title`` what people call it, by language; ``longest_wait`` is
    in seconds, null where nobody waits.
    """

    name: str
    title: dict[Language, str]
    waiting: int
    longest_wait: float | None
    ready_agents: int
    talking_agents: int


class WaitQuantiles(Resource):
    """Of waits: seconds that half, four of five, nine of ten do not take longer than."""

    p50: float
    p80: float
    p90: float


class SharesHeld(Resource):
    """
    The shares of the newest estimates that came true; null while none is known.

    ``told``: of the promises that callers heard, the first one of each; ``told_count`` is of how
    many. Who hung up before the time was over counts as waiting for longer than that, and no more.
    """

    p50: float | None
    p80: float | None
    p90: float | None
    told: float | None
    told_count: int


class WaitEstimate(Resource):
    """
    How long who comes to a queue now will wait, and how right that has been.

    ``expected`` is null without evidence, and where nobody serves.
    """

    queue: str
    expected: WaitQuantiles | None
    held: SharesHeld


class Colleague(Resource):
    """An agent as any other agent may see them."""

    id: str
    name: str
    number: str
    state: str


class DesktopLists(Resource):
    """What a desktop offers to choose from."""

    not_ready_reasons: list[str]
    queues: list[str]
    colleagues: list[Colleague]


class ContactView(Resource):
    """
    A contact's history, derived from the event log.

    ``caller_number`` is the customer's, ``dialled_number`` ours, whoever called (``direction``:
    "inbound" or "outbound"). ``phase``: ringing, ivr, queued, offered, connected, held,
    transferred, survey or ended; ``phase_since`` is null for contacts of before it was kept.
    """

    id: str
    call_id: str | None
    channel: str
    phase: str
    phase_since: datetime | None
    caller_number: str
    dialled_number: str
    customer_ids: list[str]
    queue: str | None
    agent_id: str | None
    arrived_at: datetime
    queued_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    wait_seconds: float | None
    outcome: str | None
    reason: str | None
    flow: str | None
    menu_path: list[str]
    attributes: dict[str, str]
    direction: str
    call_back_of: str | None
    subject: str
    due_at: datetime | None


class CallTarget(Resource):
    """Where to: exactly one of the three. ``number`` is a telephone number or SIP URI."""

    queue: Identifier | None = None
    agent: Identifier | None = None
    number: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(one is not None for one in (self.queue, self.agent, self.number)) != 1:
            raise ValueError("name exactly one of queue, agent and number")
        return self


class DigitsToSend(Resource):
    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]


class TextToRead(Resource):
    """What the customer hears spoken; in their own language if none is named."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Annotated[str, Field(min_length=1, max_length=35)] | None = None


class NoteToKeep(Resource):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


FieldName = Annotated[str, Field(min_length=1, max_length=64)]


class AttributesToKeep(Resource):
    """Fields of a form in progress; those that are not named stay as they are."""

    attributes: Annotated[
        dict[FieldName, Annotated[str, Field(max_length=500)]], Field(min_length=1, max_length=32)
    ]


class NoteView(Resource):
    """What an agent wrote down for whoever has the contact next."""

    at: datetime
    agent_id: str
    text: str


class CallPartyView(Resource):
    """
    Somebody in a running call.

    ``name`` is the agent's id, or a number. ``state`` is an agent's part in it: "talking",
    "on_hold", "conference", "consulting" …, or "ringing", or "arriving" (picked up, not connected
    yet). ``hears`` are roles and names, or "music", or nothing.
    """

    role: str
    name: str
    state: str | None
    muted: bool
    on_hold: bool
    hears: list[str]


class CallView(Resource):
    """Who is in a call now."""

    contact_id: str
    parties: list[CallPartyView]


class LegView(Resource):
    """One party's part of a call, with its media's quality."""

    id: str
    role: str
    party: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    codec: str | None
    result: str | None
    reason: str | None
    quality: dict[str, float]


class SegmentView(Resource):
    """Who talked with the customer, from when to when."""

    interaction_id: str
    agent_id: str
    started_at: datetime
    ended_at: datetime | None


class InteractionView(Resource):
    """One offer to one agent and, if it was accepted, the handling."""

    id: str
    agent_id: str
    queue: str
    offered_at: datetime
    accepted_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    wrap_up_ended_at: datetime | None
    outcome: str
    ended_by: str | None
    held_seconds: float
    why: dict[str, Any]


class ContactHistory(Resource):
    """The contact with everything that belongs to it."""

    contact: ContactView
    legs: list[LegView]
    interactions: list[InteractionView]
    segments: list[SegmentView]
    recordings: list["RecordingView"]
    notes: list[NoteView]
    coaching: list["CoachingView"]
    dispositions: list[ContactDisposition]


class RecordingView(Resource):
    """A recording in the archive; its audio is at ``audio``."""

    id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    caller_number: str
    dialled_number: str
    started_at: datetime
    duration: float | None
    size: int | None
    sha256: str | None
    codec: str | None
    recovered: bool
    quality: dict[str, float]
    audio: str


class ListenTo(Resource):
    """
    How a supervisor hears a call: "monitor" is heard by nobody, "whisper" by the agent, "barge" by
    all. ``agent_id``: beside which agent, where the call has several.
    """

    mode: Literal["monitor", "whisper", "barge"]
    agent_id: Identifier | None = None


class Nudge(Resource):
    """A line for an agent's screen; ``agent_id`` as in :class:`ListenTo`."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    agent_id: Identifier | None = None


class CoachingNote(Resource):
    """What a supervisor advises the agent for the next time."""

    agent_id: Identifier
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class CoachingView(Resource):
    """Seen by supervisors, and by the agent whom it is for."""

    at: datetime
    agent_id: str
    supervisor_id: str
    text: str


class PlaceCall(Resource):
    """
    Whom to call, by number or as a customer of ours (their first telephone), for which queue.

    The agent's phone rings first. The queue says what the customer sees; the purpose is what the
    customer may have declined, then nobody's phone rings (409, CustomerDeclines).
    """

    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    customer_id: Identifier | None = None
    queue: Identifier
    purpose: Purpose = "service"

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.number is None) == (self.customer_id is None):
            raise ValueError("either number or customer_id")
        return self


class PlacedCall(Resource):
    """A call that is on its way; what becomes of it is told on the stream."""

    contact_id: str
    call_id: str


class AgentStatePeriodView(Resource):
    """
    From when to when an agent was in a state.

    ``chosen_by``: who chose it for them; null for the agent themselves or the ACD.
    """

    state: str
    reason: str | None
    chosen_by: str | None
    started_at: datetime
    ended_at: datetime | None


class MediaWorkerView(Resource):
    """
    A process that carries calls' audio.

    One that is being drained has a ``successor``: it takes no new calls, and ends with its last.
    """

    number: int
    legs: int
    successor: int | None


class Problem(Resource):
    """RFC 9457: why a request was refused."""

    type: str
    title: str
    status: int
    detail: str
