"""Every table there is, so that one import knows the whole schema."""

from .agent_messages import AgentMessage
from .agent_states import AgentStatePeriod, AgentStatus
from .agents import Agent, SipAccount
from .alerts import Alert
from .api_keys import ApiKey, ApiKeyUse
from .archive_entries import ArchiveEntry
from .archive_runs import ArchiveRun
from .articles import (
    Article,
    ArticlePlace,
    ArticleText,
    ArticleUse,
    ArticleVersion,
    ArticleVote,
)
from .audit import AuditEntry
from .base import Base
from .bindings import SipBinding
from .broadcasts import BroadcastRecord
from .calibrations import Calibration
from .call_backs import CallBack
from .calls import Call, Leg
from .campaigns import Campaign, CampaignContact, CampaignMember
from .care import CareOccasion, CareRule
from .changes import UnloggedChange
from .consents import Consent
from .contacts import Contact, ContactCustomer
from .customer_fields import CustomerField
from .customer_index_due import CustomerIndexDue
from .customer_keys import CustomerDistinction, CustomerKey
from .customer_merges import CustomerMerge
from .customer_search import CustomerTerm, CustomerTerms
from .customers import ContactPoint, Customer, CustomerNumber
from .dispositions import Disposition, DispositionCode, DispositionRule
from .drafts import Draft
from .erased_notes import ErasedNotes
from .erased_recordings import ErasedRecording
from .erasures import ErasedIdentifier, Erasure
from .exports import ExportJob
from .fax_attempts import FaxAttempt
from .fax_documents import FaxDocument
from .flow_sounds import FlowSound
from .flow_walks import FlowWalk, NodeStay
from .foreign_calls import ForeignCallName, ForeignCallRecord
from .forms import FilledForm, Form, FormValue, FormVersion
from .idempotent_requests import IdempotentRequest
from .import_jobs import ImportJob
from .incidents import Incident
from .interactions import Interaction
from .leads import Lead, LeadRule
from .legal_holds import LegalHold
from .lines import CallRefusal, LineUse, ServerStart
from .next_action_answers import NextActionAnswer
from .next_actions import NextActionRule
from .note_words import NoteWord
from .opportunities import Opportunity, OpportunityMove, SalesPipeline
from .orders import Order, OrderLine, OrderMove, OrderRule, Product
from .outbox import OutboxJob
from .quarters import (
    AbsenceQuarter,
    AgentQuarter,
    ContactQuarter,
    CountedQuarter,
    HandlingQuarter,
    LineQuarter,
    MarkQuarter,
    SurveyQuarter,
    WaitQuarter,
)
from .queue_waits import QueueWait
from .ratings import Rating
from .recording_approvals import RecordingApproval
from .recording_bookmarks import RecordingBookmark
from .recording_edits import RecordingEdit
from .recording_exports import RecordingExport
from .recording_keys import RecordingKey
from .recording_masks import RecordingMask
from .recording_merges import MergePart, RecordingMerge
from .recording_rights import RecordingRight
from .recordings import Recording
from .reservations import Reservation, Slot
from .retention import RetentionRule, RetentionRun
from .reviews import Review, ReviewAnswer, ReviewStep
from .routing_definitions import DefinitionVersion, RoutingDefinition
from .sampling_plans import SamplingPlan
from .saved_queries import SavedQuery, SavedQueryVersion
from .saved_recording_searches import RecordingSearchShare, SavedRecordingSearch
from .scorecards import ErrorCode, ScorecardRecord, ScorecardVersion
from .second_factors import SecondFactor
from .segments import Segment
from .service_promises import ServicePromise
from .sessions import Session
from .sms_fragments import SmsFragment
from .sms_messages import SmsMessage
from .sms_parts import SmsPart
from .sms_senders import SmsSender
from .sms_sessions import SmsSession
from .stored_events import StoredEvent
from .target_actions import TargetAction
from .tasks import Task, TeamTurn
from .ticket_clocks import TicketClock, TicketEscalation
from .ticket_histories import TicketHistory
from .ticket_types import NumberSeries, TicketReason, TicketType, WorkingCalendar
from .tickets import Ticket, TicketCallBack, TicketComment, TicketContact, TicketMove
from .timeline import TimelineEvent
from .warehouse import (
    ContactFact,
    CustomerVersion,
    DispositionFact,
    EventFact,
    OrderFact,
    PromotionFact,
    TicketFact,
    WarehouseProgress,
)
from .webhooks import DeadLetter, Webhook, WebhookProgress
from .work_orders import WorkOrder, WorkOrderReport
from .writer import Writer, WriterTurn

__all__ = [
    "AbsenceQuarter",
    "Agent",
    "AgentMessage",
    "AgentQuarter",
    "AgentStatePeriod",
    "AgentStatus",
    "Alert",
    "ApiKey",
    "ApiKeyUse",
    "ArchiveEntry",
    "ArchiveRun",
    "Article",
    "ArticlePlace",
    "ArticleText",
    "ArticleUse",
    "ArticleVersion",
    "ArticleVote",
    "AuditEntry",
    "Base",
    "BroadcastRecord",
    "Calibration",
    "Call",
    "CallBack",
    "CallRefusal",
    "Campaign",
    "CampaignContact",
    "CampaignMember",
    "CareOccasion",
    "CareRule",
    "Consent",
    "Contact",
    "ContactCustomer",
    "ContactFact",
    "ContactPoint",
    "ContactQuarter",
    "CountedQuarter",
    "Customer",
    "CustomerDistinction",
    "CustomerField",
    "CustomerIndexDue",
    "CustomerKey",
    "CustomerMerge",
    "CustomerNumber",
    "CustomerTerm",
    "CustomerTerms",
    "CustomerVersion",
    "DeadLetter",
    "DefinitionVersion",
    "Disposition",
    "DispositionCode",
    "DispositionFact",
    "DispositionRule",
    "Draft",
    "ErasedIdentifier",
    "ErasedNotes",
    "ErasedRecording",
    "Erasure",
    "ErrorCode",
    "EventFact",
    "ExportJob",
    "FaxAttempt",
    "FaxDocument",
    "FilledForm",
    "FlowSound",
    "FlowWalk",
    "ForeignCallName",
    "ForeignCallRecord",
    "Form",
    "FormValue",
    "FormVersion",
    "HandlingQuarter",
    "IdempotentRequest",
    "ImportJob",
    "Incident",
    "Interaction",
    "Lead",
    "LeadRule",
    "Leg",
    "LegalHold",
    "LineQuarter",
    "LineUse",
    "MarkQuarter",
    "MergePart",
    "NextActionAnswer",
    "NextActionRule",
    "NodeStay",
    "NoteWord",
    "NumberSeries",
    "Opportunity",
    "OpportunityMove",
    "Order",
    "OrderFact",
    "OrderLine",
    "OrderMove",
    "OrderRule",
    "OutboxJob",
    "Product",
    "PromotionFact",
    "QueueWait",
    "Rating",
    "Recording",
    "RecordingApproval",
    "RecordingBookmark",
    "RecordingEdit",
    "RecordingExport",
    "RecordingKey",
    "RecordingMask",
    "RecordingMerge",
    "RecordingRight",
    "RecordingSearchShare",
    "Reservation",
    "RetentionRule",
    "RetentionRun",
    "Review",
    "ReviewAnswer",
    "ReviewStep",
    "RoutingDefinition",
    "SalesPipeline",
    "SamplingPlan",
    "SavedQuery",
    "SavedQueryVersion",
    "SavedRecordingSearch",
    "ScorecardRecord",
    "ScorecardVersion",
    "SecondFactor",
    "Segment",
    "ServerStart",
    "ServicePromise",
    "Session",
    "SipAccount",
    "SipBinding",
    "Slot",
    "SmsFragment",
    "SmsMessage",
    "SmsPart",
    "SmsSender",
    "SmsSession",
    "StoredEvent",
    "SurveyQuarter",
    "TargetAction",
    "Task",
    "TeamTurn",
    "Ticket",
    "TicketCallBack",
    "TicketClock",
    "TicketComment",
    "TicketContact",
    "TicketEscalation",
    "TicketFact",
    "TicketHistory",
    "TicketMove",
    "TicketReason",
    "TicketType",
    "TimelineEvent",
    "UnloggedChange",
    "WaitQuarter",
    "WarehouseProgress",
    "Webhook",
    "WebhookProgress",
    "WorkOrder",
    "WorkOrderReport",
    "WorkingCalendar",
    "Writer",
    "WriterTurn",
]
