"""What the routes work with, and where they find it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from config.access import AccessSettings
from config.archive import StoreSettings
from config.demonstration import DemoSettings
from config.reasons import ReasonSettings
from config.recording import RecordingSettings
from config.sip import ListenSettings, RouteSettings, TrunkSettings
from crm.consents import Purpose
from cti_server.alerts.surge_watch import SurgeWatch
from cti_server.alerts.watching import WatchedAlerts
from cti_server.backup.care import ArchiveCare
from cti_server.broadcast_book import BroadcastBook
from cti_server.calls.call import Call
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.handset import Handsets
from cti_server.calls.outreach import Outreach
from cti_server.calls.path_check import Plane
from cti_server.calls.web_calls import WebCalls
from cti_server.channel_map.watching import ChannelMap
from cti_server.channels.tray import Tray
from cti_server.clock import Clock
from cti_server.connectors.calls import Connectors
from cti_server.customer_export_runs import ExportRuns
from cti_server.disk_watch import DiskWatch
from cti_server.edited_sound import EditedSounds
from cti_server.exports_under_way import ExportsUnderWay
from cti_server.fax.pictures import FaxPictures
from cti_server.floor.floor import Floor
from cti_server.flow_book import FlowBook
from cti_server.health.report import SystemHealth
from cti_server.import_runs import ImportRuns
from cti_server.live.figures import LiveFigures
from cti_server.media.plane import WorkerAtWork
from cti_server.number_book import NumberBook
from cti_server.outbox.fax_desk import FaxDesk
from cti_server.privacy.certificates import ErasureCertificates
from cti_server.privacy.erasures import ErasureRuns
from cti_server.privacy.retention import RetentionWork
from cti_server.prompt_book import PromptBook
from cti_server.queue_book import QueueBook
from cti_server.recorded_peaks import RecordedPeaks
from cti_server.recorded_sound import RecordedSounds
from cti_server.reporting.reading import ManagementReports
from cti_server.running_sound import RunningSounds
from cti_server.sales.waits import WaitPromises
from cti_server.saved_queries import Queries
from cti_server.self_service.sessions import Sessions as SelfService
from cti_server.sms.inbox import Inbox
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.lookup import CustomerLookup
from cti_server.targets.values import TargetValues
from cti_server.trunks.health import TrunkHealth
from cti_server.waiting_list.watching import WaitingList
from cti_server.webhooks.couriers import Couriers
from cti_server.wire.about import About

from .audio_tickets import AudioTickets
from .confirmed import Confirmations
from .desks import Desks
from .keys import Keys
from .lock_out import FailedLogIns
from .passwords import Passwords
from .permissions import Identity
from .seal import Seal
from .seldom import Seldom
from .sign_on import SignOn
from .tokens import Sessions
from .unread_messages import UnreadMessages


class RunningCalls(Protocol):
    """Where the running calls are found: :class:`cti_server.calls.switchboard.Switchboard`."""

    def call_of(self, contact_id: str) -> Call:
        """Raises NoSuchCall."""

    def find(self, contact_id: str) -> Call | None:
        """The same, or None."""


class DialPad(Protocol):
    """Where calls to customers begin: :class:`cti_server.calls.dial_pad.DialPad`."""

    def need_diallable(self, number: str, queue: str) -> None: ...

    async def dial(
        self,
        agent_id: str,
        number: str,
        queue: str,
        *,
        purpose: Purpose = "service",
        customer_id: str | None = None,
    ) -> Call: ...

    async def call_back(self, agent_id: str, call_back_id: str) -> Call: ...


class MediaWorkers(Plane, Protocol):
    """Where legs without a call are opened, and workers replaced: the media plane."""

    @property
    def workers(self) -> Sequence[WorkerAtWork]: ...

    async def drain(self, number: int) -> WorkerAtWork:
        """Raises NoSuchWorker, WorkerDraining and MediaUnavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    about: About
    clock: Clock
    floor: Floor
    queues: QueueBook
    flows: FlowBook
    prompts: PromptBook
    surveys: Collection[str]  # their names
    faxes: Collection[str]  # the codes of documents that callers can have
    ways_out: Collection[str]  # the channels that the outbox sends by
    database: Database
    changes: Changes
    log: EventLog
    desks: Desks
    unread: UnreadMessages
    handsets: Handsets
    switchboard: RunningCalls
    plane: MediaWorkers
    broadcasts: BroadcastBook
    customers: CustomerLookup
    call_backs: CallBacks
    outreach: Outreach
    tray: Tray
    wait_promises: WaitPromises
    figures: LiveFigures
    channels: ChannelMap
    waiting: WaitingList
    alerts: WatchedAlerts
    surges: SurgeWatch
    reports: ManagementReports
    target_values: TargetValues
    dial_pad: DialPad
    trunks: Sequence[TrunkSettings]
    trunk_health: Mapping[str, TrunkHealth]
    trunk_calls: Callable[[str], int]  # of ours, that a trunk carries now
    number_routes: Sequence[RouteSettings]
    numbers: NumberBook  # of ours
    sessions: Sessions
    passwords: Passwords
    failed_log_ins: FailedLogIns
    confirmations: Confirmations
    audio_tickets: AudioTickets
    keys: Keys
    imports: ImportRuns
    exports: ExportRuns
    queries: Queries
    erasures: ErasureRuns
    certificates: ErasureCertificates
    retention: RetentionWork
    seal: Seal
    refusals: Seldom
    webhooks: Couriers
    connectors: Connectors
    self_service: SelfService | None  # where a service is configured
    web_calls: WebCalls | None  # where pages may call a number
    demo: DemoSettings | None  # where this is the demonstration
    sip_listen: Sequence[ListenSettings]
    sms: Inbox | None  # where a gateway is configured
    sign_on: SignOn | None  # where a provider is configured
    access: AccessSettings
    recording: RecordingSettings
    not_ready_reasons: Mapping[str, ReasonSettings]
    reload: Callable[[], Awaitable[None]]  # of the definitions, when an agent was changed
    realm: str  # of the SIP accounts
    origins: Sequence[str]  # beside our own
    sounds: RecordedSounds
    exports_under_way: ExportsUnderWay  # of recordings
    running_sounds: RunningSounds
    peaks: RecordedPeaks
    fax_pictures: FaxPictures
    fax_desk: FaxDesk
    edited_sounds: EditedSounds
    care: ArchiveCare
    disks: DiskWatch
    stores: Mapping[str, StoreSettings]  # of recordings, the first one first
    default_region: str
    time_zone: str  # of customers who name none
    new_id: Callable[[], str]
    tells_agents: bool  # that a supervisor listens to their call
    public: bool  # whether others than this machine can reach the API
    system_health: SystemHealth
    problems: Callable[[], Awaitable[list[str]]]  # why the server is not ready; empty if it is
    metrics: Callable[[], Awaitable[bytes]]


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
IDENTITY: web.RequestKey[Identity] = web.RequestKey("identity", Identity)


def parts(request: web.Request) -> Parts:
    return request.app[PARTS]


_RECORDED_WITHIN = 3.0  # seconds: records follow the log


async def caught_up(here: Parts) -> None:
    """What happened just now is in the database, unless that takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_RECORDED_WITHIN):
            await here.log.stored()


def identity(request: web.Request) -> Identity:
    """Who asks; the route has been checked against their permissions."""
    return request[IDENTITY]
