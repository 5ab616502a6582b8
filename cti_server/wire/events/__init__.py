"""
The facts of the contact centre, as they are logged, streamed and stored.

Every class is one thing that happened, named in the past tense. The log gives each a sequence
number and a UTC time (:class:`Logged`); records, statistics and the desktops' feed derive from
the log and from nothing else. The tag is the event's name on the wire.
"""

from datetime import datetime

import msgspec

from .access import (
    AccessEvent,
    AccessRefused,
    AnyAccessEvent,
    ApiKeyUsed,
    IdentityConfirmed,
    LockedOut,
    LogInFailed,
    SessionClosed,
    SessionOpened,
    SessionRenewed,
    SessionsClosed,
)
from .agents import (
    AgentFitnessChanged,
    AgentNextChosen,
    AgentReleased,
    AgentStateChanged,
    AgentWrapUpChanged,
    AnyAgentEvent,
)
from .alerts import (
    AlertAcknowledged,
    AlertCleared,
    AlertDetailed,
    AlertRaised,
    AnyAlertEvent,
)
from .base import CommittedEvent
from .broadcasts import AnyBroadcastEvent, BroadcastHeard
from .call_backs import (
    AnyCallBackEvent,
    CallBackAskedAgain,
    CallBackClosed,
    CallBackDialled,
    CallBackNotReached,
    CallBackQueued,
    CallBackRescheduled,
    CallBackWanted,
)
from .calls import (
    AnyCallEvent,
    CallArrived,
    CallEnded,
    CallPlaced,
    CallsRefused,
    LegAnswered,
    LegEnded,
    LegFellSilent,
    LegHeardAgain,
    LegStarted,
    TrunkLineFreed,
    TrunkLineTaken,
    TrunkStateChanged,
)
from .contacts import (
    AnyContactEvent,
    ContactAnnotated,
    ContactDiverted,
    ContactEnded,
    ContactNoted,
    ContactQueued,
    ContactReceived,
    ContactTurnedAway,
    CustomerChosen,
    CustomerMatched,
    CustomerNotReached,
    CustomerRinging,
    FlowLeft,
    NextActionAnswered,
    NodeEntered,
    OfferAccepted,
    OfferEnded,
    OfferMade,
    SelfServiceBegan,
    StepTaken,
    WaitAtRisk,
)
from .disks import AnyDiskEvent, DiskStageChanged
from .editing import (
    AnyEditingEvent,
    ArticleRead,
    CustomerFacts,
    CustomersDescribed,
    CustomersImported,
    OutreachRefused,
    RecordChanged,
    RecordRead,
)
from .faxes import AnyFaxEvent, FaxAttempted, FaxDialled, FaxPageConfirmed
from .incidents import (
    AnyIncidentEvent,
    IncidentFound,
    IncidentHealed,
)
from .interactions import (
    AnyInteractionEvent,
    ConsultEnded,
    ConsultStarted,
    ContactTransferred,
    InteractionEnded,
    InteractionHeld,
    InteractionResumed,
    InteractionStarted,
    InteractionStateChanged,
    ReadOutEnded,
    ReadOutStarted,
    TransferFailed,
    TransferStarted,
)
from .outbox import (
    AnyOutboxEvent,
    MessageDelivered,
    MessageFailed,
    MessageSent,
    MessageUndelivered,
)
from .ratings import AnyRatingEvent, ContactRated, SurveyStarted
from .recordings import (
    AnyRecordingEvent,
    RecordingCopied,
    RecordingExported,
    RecordingFailed,
    RecordingMasked,
    RecordingMoved,
    RecordingOwed,
    RecordingPlayed,
    RecordingReencoded,
    RecordingReplacedGone,
    RecordingStarted,
    RecordingStored,
    RecordingUnmasked,
)
from .server import (
    AnyServerEvent,
    MediaWorkerDied,
    ServerStarted,
    ServerStopped,
)
from .supervision import (
    AgentListenedTo,
    AgentMessageRead,
    AgentNudged,
    AnySupervisionEvent,
    CoachingNoted,
    ContactTakenOver,
    ListenChanged,
    ListenEnded,
    ListenStarted,
)

__all__ = [
    "AccessEvent",
    "AccessRefused",
    "AgentFitnessChanged",
    "AgentListenedTo",
    "AgentMessageRead",
    "AgentNextChosen",
    "AgentNudged",
    "AgentReleased",
    "AgentStateChanged",
    "AgentWrapUpChanged",
    "AlertAcknowledged",
    "AlertCleared",
    "AlertDetailed",
    "AlertRaised",
    "AnyOutboxEvent",
    "ApiKeyUsed",
    "ArticleRead",
    "BroadcastHeard",
    "CallArrived",
    "CallBackAskedAgain",
    "CallBackClosed",
    "CallBackDialled",
    "CallBackNotReached",
    "CallBackQueued",
    "CallBackRescheduled",
    "CallBackWanted",
    "CallEnded",
    "CallPlaced",
    "CallsRefused",
    "CoachingNoted",
    "CommittedEvent",
    "ConsultEnded",
    "ConsultStarted",
    "ContactAnnotated",
    "ContactDiverted",
    "ContactEnded",
    "ContactNoted",
    "ContactQueued",
    "ContactRated",
    "ContactReceived",
    "ContactTakenOver",
    "ContactTransferred",
    "ContactTurnedAway",
    "CustomerChosen",
    "CustomerFacts",
    "CustomerMatched",
    "CustomerNotReached",
    "CustomerRinging",
    "CustomersDescribed",
    "CustomersImported",
    "DiskStageChanged",
    "Event",
    "FaxAttempted",
    "FaxDialled",
    "FaxPageConfirmed",
    "FlowLeft",
    "IdentityConfirmed",
    "IncidentFound",
    "IncidentHealed",
    "InteractionEnded",
    "InteractionHeld",
    "InteractionResumed",
    "InteractionStarted",
    "InteractionStateChanged",
    "LegAnswered",
    "LegEnded",
    "LegFellSilent",
    "LegHeardAgain",
    "LegStarted",
    "ListenChanged",
    "ListenEnded",
    "ListenStarted",
    "LockedOut",
    "LogInFailed",
    "Logged",
    "MediaWorkerDied",
    "MessageDelivered",
    "MessageFailed",
    "MessageSent",
    "MessageUndelivered",
    "NextActionAnswered",
    "NodeEntered",
    "OfferAccepted",
    "OfferEnded",
    "OfferMade",
    "OutreachRefused",
    "ReadOutEnded",
    "ReadOutStarted",
    "RecordChanged",
    "RecordRead",
    "RecordingCopied",
    "RecordingExported",
    "RecordingFailed",
    "RecordingMasked",
    "RecordingMoved",
    "RecordingOwed",
    "RecordingPlayed",
    "RecordingReencoded",
    "RecordingReplacedGone",
    "RecordingStarted",
    "RecordingStored",
    "RecordingUnmasked",
    "SelfServiceBegan",
    "ServerStarted",
    "ServerStopped",
    "SessionClosed",
    "SessionOpened",
    "SessionRenewed",
    "SessionsClosed",
    "StepTaken",
    "SurveyStarted",
    "TransferFailed",
    "TransferStarted",
    "TrunkLineFreed",
    "TrunkLineTaken",
    "TrunkStateChanged",
    "WaitAtRisk",
]

Event = (
    AnyCallEvent
    | AnyContactEvent
    | AnyInteractionEvent
    | AnySupervisionEvent
    | AnyCallBackEvent
    | AnyAgentEvent
    | AnyIncidentEvent
    | AnyRatingEvent
    | AnyAlertEvent
    | AnyBroadcastEvent
    | AnyRecordingEvent
    | AnyDiskEvent
    | AnyFaxEvent
    | AnyOutboxEvent
    | AnyEditingEvent
    | AnyAccessEvent
    | AnyServerEvent
)


class Logged(msgspec.Struct, frozen=True):
    """An event with its place in the log."""

    sequence: int
    at: datetime
    event: Event
