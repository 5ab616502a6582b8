"""Recordings: begun, kept, failed, heard."""

from datetime import datetime

import msgspec

from .base import BaseEvent


class RecordingStarted(BaseEvent, frozen=True, kw_only=True, tag="recording.started"):
    recording_id: str
    call_id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str


class RecordingStored(BaseEvent, frozen=True, kw_only=True, tag="recording.stored"):
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
    quality: dict[str, float] = msgspec.field(default_factory=dict)


class RecordingFailed(BaseEvent, frozen=True, kw_only=True, tag="recording.failed"):
    recording_id: str
    reason: str


class RecordingPlayed(BaseEvent, frozen=True, kw_only=True, tag="recording.played"):
    """Somebody listened to or downloaded a recording: kept for the audit."""

    recording_id: str
    played_by: str


AnyRecordingEvent = RecordingStarted | RecordingStored | RecordingFailed | RecordingPlayed
