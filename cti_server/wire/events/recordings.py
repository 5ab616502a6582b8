"""Recordings: begun, kept, failed, heard."""

from datetime import datetime

import msgspec

from recording.foreign_call import ForeignCall

from .base import BaseEvent


class RecordingStarted(BaseEvent, frozen=True, kw_only=True, tag="recording.started"):
    """
    ``kind``: a "conversation", or a "message" that a caller left and that is kept from now on.

    Of a "menu" it is what the caller and the menu said before anybody came: it has no agent, no
    interaction and no queue. Of "siprec" it is a call that another PBX has recorded here: the same
    are missing, and its contact is nothing but what the recordings of one session have in common.
    A message has no agent and no interaction; its contact is the one that waits for who listens, or
    the call's where nobody does, and its queue the mailbox, if there is one. ``rule`` lets a
    conversation be recorded (see interaction.started); ``asked_by`` wanted it, where it is made on
    demand. Of ``sides`` "both", or of the "customer" or the "agent" alone. The numbers are told of
    a "siprec" one alone, for the others' contacts have them, and so is ``foreign``: what the other
    PBX calls it (its "client", "session_id", "calls", "agent_aor" and "agent_name").
    """

    recording_id: str
    call_id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    kind: str = "conversation"
    rule: str = ""
    asked_by: str | None = None
    sides: str = "both"
    caller_number: str = ""
    dialled_number: str = ""
    foreign: ForeignCall | None = None


class RecordingStored(BaseEvent, frozen=True, kw_only=True, tag="recording.stored"):
    """
    The file is in its place, "stereo" or "mono" (``layout``); fields as in recording.started.

    It lies sealed in the ``stores``, by this name, and is ``owed`` to others; ``size`` and
    ``sha256`` are those of the sound in it. Before recordings were sealed there were no stores, but
    plain files below the archive's folder. ``recovered`` if a crash came between.
    """

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
    file: str
    size: int  # bytes
    sha256: str
    codec: str  # "PCMU", "PCMA" or "OPUS"
    recovered: bool = False
    quality: dict[str, float] = msgspec.field(default_factory=dict)
    kind: str = "conversation"
    rule: str = ""
    asked_by: str | None = None
    stores: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    sides: str = "both"
    layout: str = "stereo"
    foreign: ForeignCall | None = None


class RecordingReencoded(BaseEvent, frozen=True, kw_only=True, tag="recording.reencoded"):
    """
    Its sound is another file from now on, which is smaller; fields as in recording.stored.

    The file of before, ``replaced``, is removed from every store after this.
    """

    recording_id: str
    replaced: str
    file: str
    size: int  # bytes
    sha256: str
    codec: str
    stores: tuple[str, ...]
    owed: tuple[str, ...] = ()


class RecordingReplacedGone(BaseEvent, frozen=True, kw_only=True, tag="recording.replaced_gone"):
    """The earlier file of a recording is in no store any more."""

    recording_id: str
    file: str


class RecordingCopied(BaseEvent, frozen=True, kw_only=True, tag="recording.copied"):
    """
    A store has it now that it was owed to.

    It is nothing if ``file`` is not the recording's any more: it was encoded anew meanwhile.
    """

    recording_id: str
    store: str
    file: str = ""  # whichever it has, before this was told


class RecordingOwed(BaseEvent, frozen=True, kw_only=True, tag="recording.owed"):
    """It lies in fewer stores than there are now, and is to be brought to these, too."""

    recording_id: str
    stores: tuple[str, ...]


class RecordingMoved(BaseEvent, frozen=True, kw_only=True, tag="recording.moved"):
    """
    Its copy in ``store`` goes, for want of room there; the one ``kept_in`` opened whole.

    ``file`` as in recording.copied.
    """

    recording_id: str
    store: str
    kept_in: str
    file: str = ""


class RecordingFailed(BaseEvent, frozen=True, kw_only=True, tag="recording.failed"):
    """
    Nothing more is recorded of it. What was captured until then, if anything, is stored later.

    A disk without room is the reason "disk: …" where the server refused, else the system's words.
    While the call goes on it is told to the agent who is recorded (``agent_id``).
    """

    recording_id: str
    reason: str
    agent_id: str | None = None
    contact_id: str | None = None


class RecordingMasked(BaseEvent, frozen=True, kw_only=True, tag="recording.masked"):
    """
    Recordings of this call are silent from now on, and their time line goes on.

    ``agent_id`` is whose part in the call it goes by, ``asked_by`` who wanted it: the agent or a
    supervisor.
    """

    contact_id: str
    mask_id: str
    agent_id: str
    asked_by: str
    reason: str


class RecordingUnmasked(BaseEvent, frozen=True, kw_only=True, tag="recording.unmasked"):
    """``ended_by``: "asked" (``asked_by``), "limit", "left" (the agent did) or "call_ended"."""

    contact_id: str
    mask_id: str
    agent_id: str
    ended_by: str
    asked_by: str | None = None


class RecordingPlayed(BaseEvent, frozen=True, kw_only=True, tag="recording.played"):
    """
    Somebody listened to or downloaded a recording: kept for the audit.

    ``edits``: the version of its edits that they heard; 0 for the recording as it is.
    """

    recording_id: str
    played_by: str
    edits: int = 0


class RecordingExported(BaseEvent, frozen=True, kw_only=True, tag="recording.exported"):
    """
    A recording was taken away in an export: its sound ("zip"), or what is known of it ("csv").

    Kept for the audit.
    """

    recording_id: str
    export_id: str
    format: str
    exported_by: str


AnyRecordingEvent = (
    RecordingStarted
    | RecordingStored
    | RecordingReencoded
    | RecordingReplacedGone
    | RecordingCopied
    | RecordingOwed
    | RecordingMoved
    | RecordingFailed
    | RecordingMasked
    | RecordingUnmasked
    | RecordingPlayed
    | RecordingExported
)
