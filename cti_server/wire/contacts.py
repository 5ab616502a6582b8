"""A contact's history, and what belongs to it."""

from datetime import datetime
from typing import Any

from .customer_pops import AnsweredAction
from .forms import ContactDisposition
from .resource import Resource
from .supervision import CoachingView


class ContactView(Resource):
    """
    A contact's history, derived from the event log.

    ``caller_number`` is the customer's, ``dialled_number`` ours, whoever called (``direction``:
    "inbound" or "outbound"). ``phase``: ringing, ivr, queued, offered, connected, held,
    transferred, survey or ended; ``phase_since`` is null for contacts of before it was kept.
    ``flow_version`` is the published version of the ``flow``, null of before there were any.
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
    flow_version: int | None
    menu_path: list[str]
    attributes: dict[str, str]
    direction: str
    call_back_of: str | None
    subject: str
    due_at: datetime | None


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
    """
    One offer to one agent and, if it was accepted, the handling.

    ``recording``: "always", "on_demand" or "never", as ``recording_rule`` says; of a call.
    """

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
    recording: str | None
    recording_rule: str | None


class ForeignCallView(Resource):
    """
    What another PBX, a recording client, calls the call that it has recorded here.

    ``calls`` are its SIP session ids or Call-IDs; the agent is one of its own people.
    """

    client: str
    session_id: str
    calls: list[str]
    agent_aor: str
    agent_name: str


class RecordingView(Resource):
    """
    A recording; its audio is at ``audio``.

    ``state``: "stored" in the archive, "running" until it is there, "failed" or "erased". ``kind``:
    a "conversation", or a "message" that a caller left, or what was said in a "menu" before
    anybody came: nobody's interaction, no agent. Nor has "siprec" any, a ``foreign`` call.
    ``failure``: why it ends before the conversation does, if so. ``sides``: "both", "customer" or
    "agent"; ``layout``: "stereo", the customer left, or "mono"; ``codec``: "PCMU", "PCMA", "OPUS".
    """

    id: str
    state: str
    kind: str
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
    rule: str
    asked_by: str | None
    failure: str | None
    sides: str
    layout: str
    foreign: ForeignCallView | None
    audio: str


class MaskView(Resource):
    """
    A span of silence: ``begins`` and ``ends`` in seconds of the recording.

    ``ended_by``: "asked", "limit", "left" or "call_ended".
    """

    id: str
    begins: float
    ends: float
    agent_id: str
    asked_by: str
    reason: str
    ended_by: str | None


class PeaksView(Resource):
    """
    Waveform data, version 2, as audiowaveform writes it, and peaks.js and wavesurfer read it.

    ``data``: of each of ``length`` points, and of each channel in it, the least and the greatest
    level of ``samples_per_pixel`` samples, in so many ``bits`` with a sign.
    """

    version: int
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int
    data: list[int]


class RatingView(Resource):
    """What the customer answered, from 1 to ``best``; of whom, if it is of somebody."""

    question: str
    rating: int
    best: int
    at: datetime
    interaction_id: str | None
    agent_id: str | None
    queue: str | None


class NoteView(Resource):
    """What an agent wrote down for whoever has the contact next."""

    at: datetime
    agent_id: str
    text: str


class ContactHistory(Resource):
    """The contact with everything that belongs to it."""

    contact: ContactView
    legs: list[LegView]
    interactions: list[InteractionView]
    segments: list[SegmentView]
    recordings: list[RecordingView]
    notes: list[NoteView]
    coaching: list[CoachingView]
    dispositions: list[ContactDisposition]
    next_actions: list[AnsweredAction]
    ratings: list[RatingView]  # for who may read contacts; empty for others
