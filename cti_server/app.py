"""The whole server: its parts are opened one after the other, and closed the newest first."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from config.settings import Settings

from .assembly.aftermath import open_aftermath, take_up_captures
from .assembly.alerts import open_alerts
from .assembly.archive import open_archive
from .assembly.backup import open_care, open_published_heads
from .assembly.broadcasts import open_broadcasts
from .assembly.calling import open_calling
from .assembly.channel_map import open_channel_map
from .assembly.channels import open_channels
from .assembly.dialling import open_dialling
from .assembly.directory import check_queues, open_directory
from .assembly.disks import open_disks
from .assembly.due_work import open_due_work, start_due_work
from .assembly.ends import tell_of_ends
from .assembly.figures import open_figures
from .assembly.ground import open_ground
from .assembly.health import open_health
from .assembly.media import open_media
from .assembly.metrics import open_metrics
from .assembly.outbox import open_outbox
from .assembly.outside import open_drop_folders, open_systems, open_webhooks
from .assembly.privacy import open_privacy
from .assembly.reporting import open_reporting
from .assembly.routing import open_routing
from .assembly.self_check import open_self_check
from .assembly.self_service import open_self_service
from .assembly.shipped import take_in_what_is_shipped
from .assembly.signalling import let_calls_in, open_signalling
from .assembly.sms import open_sms, open_sms_ways
from .assembly.voice import open_voice, rehearse
from .assembly.waiting_list import open_waiting_list
from .assembly.warehouse import open_warehouse
from .assembly.web import open_unread, open_web
from .assembly.web_calls import open_web_calls
from .calls.sip_caller import SipCaller
from .connectors.errors import ConnectorUnusable
from .lease import TurnNews
from .media.plane import MediaUnavailable
from .metrics import Metrics
from .readiness import Readiness
from .refusals import StartFailed
from .sip.errors import SipError
from .sip.incoming_call import IncomingCall
from .sip.recording_call import RecordingCall, RecordingListener
from .sip.session import SessionListener
from .siprec.sessions import RecordingSessions
from .speech.errors import SpeechError
from .store.database import UNAVAILABLE
from .store.errors import StoreError
from .wire.events import ServerStarted, ServerStopped

log = structlog.get_logger()

START_FAILURES = (
    *(*UNAVAILABLE, StoreError, SpeechError, SipError),
    *(MediaUnavailable, ConnectorUnusable),
)
"""What a database, a socket, a voice or a worker may have against a start."""


class Hotline:
    """
    One running server.

    :meth:`start` opens everything from the store outwards and closes what was opened if a part
    fails; :meth:`stop` lets the calls finish and closes it all in the opposite order.
    """

    def __init__(
        self, settings: Settings, news: TurnNews | None = None, *, died: int | None = None
    ) -> None:
        """``died``: the process before that did not end as it should."""
        self.settings = settings
        self._news = news or TurnNews()
        self._died = died
        self._open = AsyncExitStack()

    @property
    def metrics(self) -> Metrics:
        return self._ground.metrics

    async def start(self) -> None:
        """Raises StartFailed; what was opened until then is closed again."""
        try:
            async with AsyncExitStack() as opening:
                await self._start(opening)
                self._open = opening.pop_all()
        except START_FAILURES as error:
            raise StartFailed(f"{type(error).__name__}: {error}") from error
        self._readiness.taking_calls = True
        self._ground.log.append(ServerStarted(version=self._ground.version))
        log.info("server.started", sip=self.user_agent.addresses, api=self._http.base_url)

    async def reload(self) -> None:
        """Take over what another process has defined meanwhile."""
        await self._directory.queues.reload()
        await self._directory.flows.reload()
        await self._directory.numbers.reload()
        await self._routing.definitions.reload()
        self._kept.keys.reload()
        self._care.wake()

    async def stop(self, reason: str, *, drain_for: float = 0.0) -> None:
        """Take no new calls, let the running ones finish for so many seconds, then end."""
        self._readiness.draining = self.user_agent.draining = True
        log.info("server.draining", calls=self.switchboard.running, seconds=drain_for)
        async with self._open:  # closed whatever happens meanwhile
            finished = await asyncio.gather(
                self.switchboard.drain(drain_for), self._recordings.drain(drain_for)
            )
            if not all(finished):
                running, sessions = self.switchboard.running, self._recordings.running
                log.warning("server.calls_cut", calls=running, recording_sessions=sessions)
            await self.switchboard.close()
            await self._recordings.close()
            await self._aftermath.archiver.close()
            self._signalling.refused_calls.close()
            self._ground.log.append(ServerStopped(reason=reason))
        log.info("server.stopped", reason=reason)

    async def _start(self, opening: AsyncExitStack) -> None:
        check_queues(self.settings)
        ground = self._ground = await open_ground(self.settings, opening, self._news)
        directory = self._directory = await open_directory(ground)
        queries, connectors = open_systems(ground, directory)
        voice = await open_voice(ground, directory, queries)
        plane = await open_media(ground)
        self._readiness = Readiness(plane, ground.database)
        routing = self._routing = await open_routing(ground, directory, voice)
        self._signalling = await open_signalling(
            ground, routing, self._arrived, self._recording_arrived
        )
        user_agent = self.user_agent = self._signalling.user_agent
        await take_in_what_is_shipped(ground)
        kept = self._kept = await open_archive(ground, voice.jobs)
        disks = await open_disks(ground, kept)
        aftermath = self._aftermath = await open_aftermath(ground, directory, kept)
        calling = open_calling(
            ground,
            directory,
            queries=queries,
            connectors=connectors,
            voice=voice,
            plane=plane,
            routing=routing,
            user_agent=user_agent,
            aftermath=aftermath,
            room=disks.watch.room,
        )
        switchboard = self.switchboard = calling.switchboard
        self._sessions = calling.exchange.sessions
        self._recordings = RecordingSessions(calling.exchange, self.settings.siprec)
        dialling = open_dialling(ground, directory, calling, aftermath.call_backs)
        broadcasts = await open_broadcasts(ground, directory, voice, calling)
        tray = await open_channels(ground, directory, routing, calling, dialling.turns)
        await take_up_captures(ground, aftermath.archiver, calling.exchange.mailboxes)
        wait_promises = await open_due_work(ground, directory, routing)
        sms_ways = await open_sms_ways(ground)
        outbox = await open_outbox(ground, directory, kept, calling, queries, sms_ways, voice.jobs)
        sms = await open_sms(ground, directory, calling, tray, sms_ways)
        webhooks = open_webhooks(ground)
        unread = await open_unread(ground)
        privacy = open_privacy(ground, kept, calling.callers, webhooks, unread)
        care = self._care = open_care(ground, kept)
        await open_published_heads(ground)
        reports = await open_reporting(ground, directory)
        start_due_work(ground)
        ground.run(webhooks)
        await open_warehouse(ground)
        figures = open_figures(ground, directory, routing, calling.trunk_watch)
        alerts, surges = await open_alerts(ground, calling, routing, figures, reports)
        open_drop_folders(ground)
        self._http = await open_web(
            ground,
            directory,
            routing=routing,
            calling=calling,
            broadcasts=broadcasts,
            call_backs=aftermath.call_backs,
            dialling=dialling,
            tray=tray,
            outbox=outbox,
            wait_promises=wait_promises,
            prompts=voice.book,
            queries=queries,
            connectors=connectors,
            webhooks=webhooks,
            privacy=privacy,
            sounds=kept.sounds,
            peaks=kept.peaks,
            jobs=voice.jobs,
            edited_sounds=kept.edited,
            archiver=aftermath.archiver,
            care=care,
            disks=disks.watch,
            figures=figures,
            channels=open_channel_map(ground, calling, routing),
            waiting=open_waiting_list(ground, calling, routing, tray, aftermath.call_backs),
            alerts=alerts,
            surges=surges,
            unread=unread,
            reports=reports,
            self_service=open_self_service(ground, directory, calling, tray),
            web_calls=open_web_calls(ground, calling, self._signalling, self._readiness),
            sms=sms,
            readiness=self._readiness,
            system_health=open_health(
                ground,
                readiness=self._readiness,
                plane=plane,
                routing=routing,
                calling=calling,
                user_agent=user_agent,
                archiver=aftermath.archiver,
                owed=kept.owed,
                disks=disks.watch,
                jobs=voice.jobs,
                outbox=outbox,
                connectors=connectors,
            ),
        )
        open_metrics(
            ground,
            plane=plane,
            routing=routing,
            user_agent=user_agent,
            archiver=aftermath.archiver,
            owed=kept.owed,
            calling=calling,
            sessions=self._recordings,
        )
        open_self_check(ground, routing.floor, switchboard, user_agent, plane, directory)
        await tell_of_ends(ground, self._died)
        rehearse(ground, directory, voice.prompts, routing.definitions)
        await let_calls_in(ground, user_agent)  # last: calls may come from here on
        ground.run(calling.trunk_watch)
        ground.run(dialling.turn_timer)

    def _arrived(self, incoming: IncomingCall) -> SessionListener:
        caller = SipCaller(incoming, self._sessions)
        self.switchboard.arrived(caller)
        return caller.listener

    def _recording_arrived(self, call: RecordingCall) -> RecordingListener:
        return self._recordings.arrived(call)
