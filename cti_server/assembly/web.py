"""REST, the desktops' stream and the pages, and what their routes work with."""

from concurrent.futures import Executor
from datetime import timedelta

from cti_server.alerts.surge_watch import SurgeWatch
from cti_server.alerts.watching import WatchedAlerts
from cti_server.api.about import about_centre
from cti_server.api.audio_tickets import AudioTickets
from cti_server.api.confirmed import Confirmations
from cti_server.api.keys import Keys
from cti_server.api.lock_out import FailedLogIns
from cti_server.api.oidc_provider import OidcProvider
from cti_server.api.parts import Parts
from cti_server.api.passwords import Passwords
from cti_server.api.revocations import Revocations
from cti_server.api.seldom import Seldom
from cti_server.api.server import HttpServer, application
from cti_server.api.sign_on import SignOn
from cti_server.api.tokens import Sessions, secret_of
from cti_server.api.unread_messages import UnreadMessages
from cti_server.backup.care import ArchiveCare
from cti_server.broadcast_book import BroadcastBook
from cti_server.calls.archiver import Archiver
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.web_calls import WebCalls
from cti_server.channel_map.watching import ChannelMap
from cti_server.channels.tray import Tray
from cti_server.connectors.calls import Connectors
from cti_server.definitions import Definitions
from cti_server.disk_watch import DiskWatch
from cti_server.edited_sound import EditedSounds
from cti_server.exports_under_way import ExportsUnderWay
from cti_server.fax.pictures import FaxPictures
from cti_server.health.report import SystemHealth
from cti_server.live.figures import LiveFigures
from cti_server.outbox.outbox import Outbox
from cti_server.prompt_book import PromptBook
from cti_server.readiness import Readiness
from cti_server.recorded_peaks import RecordedPeaks
from cti_server.recorded_sound import RecordedSounds
from cti_server.reporting.reading import ManagementReports
from cti_server.running_sound import RunningSounds
from cti_server.sales.waits import WaitPromises
from cti_server.saved_queries import Queries
from cti_server.self_service.sessions import Sessions as SelfService
from cti_server.sms.inbox import Inbox
from cti_server.targets.values import TargetValues
from cti_server.waiting_list.watching import WaitingList
from cti_server.webhooks.couriers import Couriers

from .calling import Calling
from .dialling import Dialling
from .directory import Directory
from .fax import fax_desk
from .files import open_exports, open_imports
from .ground import Ground
from .privacy import Privacy
from .routing import Routing

REFUSALS_TOLD_EVERY = timedelta(minutes=1)  # of one person and permission, to the audit trail


async def open_unread(ground: Ground) -> UnreadMessages:
    unread = UnreadMessages()
    await unread.load(ground.database, ground.clock.now())
    ground.log.subscribe(unread.hear)
    return unread


async def open_web(
    ground: Ground,
    directory: Directory,
    *,
    routing: Routing,
    calling: Calling,
    broadcasts: BroadcastBook,
    call_backs: CallBacks,
    dialling: Dialling,
    tray: Tray,
    outbox: Outbox,
    wait_promises: WaitPromises,
    prompts: PromptBook,
    queries: Queries,
    connectors: Connectors,
    webhooks: Couriers,
    privacy: Privacy,
    sounds: RecordedSounds,
    peaks: RecordedPeaks,
    jobs: Executor,
    edited_sounds: EditedSounds,
    archiver: Archiver,
    care: ArchiveCare,
    disks: DiskWatch,
    figures: LiveFigures,
    channels: ChannelMap,
    waiting: WaitingList,
    alerts: WatchedAlerts,
    surges: SurgeWatch,
    unread: UnreadMessages,
    reports: ManagementReports,
    self_service: SelfService | None,
    web_calls: WebCalls | None,
    sms: Inbox | None,
    readiness: Readiness,
    system_health: SystemHealth,
) -> HttpServer:
    settings, definitions = ground.settings, routing.definitions
    passwords = Passwords()
    ground.opening.callback(passwords.close)
    sessions = _sessions(ground, definitions)
    definitions.on_reload = sessions.recheck
    keys = Keys(ground.database, ground.log.append)
    await keys.load(ground.clock.now())
    parts = Parts(
        about=about_centre(settings, ground.version),
        clock=ground.clock,
        floor=routing.floor,
        queues=directory.queues,
        flows=directory.flows,
        prompts=prompts,
        surveys=settings.surveys,
        faxes=settings.fax.documents,
        ways_out=outbox.channels,
        database=ground.database,
        changes=ground.changes,
        log=ground.log,
        desks=calling.desks,
        unread=unread,
        handsets=calling.handsets,
        broadcasts=broadcasts,
        customers=calling.callers.own,
        call_backs=call_backs,
        outreach=dialling.outreach,
        tray=tray,
        wait_promises=wait_promises,
        figures=figures,
        channels=channels,
        waiting=waiting,
        alerts=alerts,
        surges=surges,
        reports=reports,
        target_values=TargetValues(reports),
        dial_pad=dialling.dial_pad,
        trunks=settings.sip.trunks,
        trunk_health=calling.trunk_watch.health,
        trunk_calls=calling.outbound.busy,
        number_routes=settings.routes,
        numbers=directory.numbers,
        switchboard=calling.switchboard,
        plane=calling.exchange.plane,
        sessions=sessions,
        passwords=passwords,
        failed_log_ins=FailedLogIns(),
        keys=keys,
        imports=await open_imports(ground),
        exports=await open_exports(ground),
        queries=queries,
        erasures=privacy.erasures,
        certificates=privacy.certificates,
        retention=privacy.retention,
        seal=ground.seal,
        refusals=Seldom(REFUSALS_TOLD_EVERY),
        webhooks=webhooks,
        connectors=connectors,
        self_service=self_service,
        web_calls=web_calls,
        demo=settings.demo,
        sip_listen=settings.sip.listen,
        sms=sms,
        sign_on=await _sign_on(ground),
        access=settings.access,
        recording=settings.recording,
        not_ready_reasons=settings.acd.not_ready_reasons,
        audio_tickets=AudioTickets(),
        confirmations=Confirmations(settings.recording.protection.confirmation_holds),
        exports_under_way=ExportsUnderWay(),
        reload=definitions.reload,
        realm=settings.sip.realm,
        origins=settings.api.origins,
        sounds=sounds,
        peaks=peaks,
        fax_pictures=FaxPictures(jobs),
        fax_desk=fax_desk(ground, queries, calling, jobs),
        edited_sounds=edited_sounds,
        running_sounds=RunningSounds(ground.data / "spool", archiver.has),
        care=care,
        disks=disks,
        stores=settings.archive_stores,
        default_region=ground.region,
        time_zone=ground.time_zone,
        new_id=ground.new_id,
        tells_agents=settings.supervision.tells_agents,
        public=settings.api.tls is not None,  # without TLS the settings allow loopback alone
        system_health=system_health,
        problems=readiness.problems,
        metrics=ground.metrics.page,
    )
    http = HttpServer(application(parts, ground.version), settings.api)
    await http.start()
    ground.opening.push_async_callback(http.close)
    return http


def _sessions(ground: Ground, definitions: Definitions) -> Sessions:
    revocations = Revocations(ground.data / "revoked.json", ground.clock.now())
    ground.opening.callback(revocations.close)
    return Sessions(
        secret_of(ground.data / "session.key"),
        ground.settings.api.session_lifetime,
        ground.settings.api.session_longest,
        wall=ground.settings.api.wall_session,
        roles_of=definitions.roles_of,
        team_of=definitions.team_of,
        revocations=revocations,
    )


async def _sign_on(ground: Ground) -> SignOn | None:
    oidc = ground.settings.access.oidc
    if oidc is None:
        return None
    return SignOn(oidc, await ground.opening.enter_async_context(OidcProvider(oidc)))
