"""The whole server, put together: the only place that knows all its parts."""

import asyncio
import itertools
import secrets
import uuid
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

import structlog

from acd.memory import Memory
from acd.model import Channel
from acd.router import Router
from acd.service_level import ServiceLevel
from config.floor import QueueSettings
from config.settings import Settings
from crm.retention import in_quiet_hour

from . import (
    known_words,
    shipped_dispositions,
    shipped_fields,
    shipped_orders,
    shipped_queries,
    shipped_retention,
)
from .api.desks import Desks
from .api.idempotency import forget_person
from .api.keys import Keys
from .api.lock_out import FailedLogIns
from .api.oidc_provider import OidcProvider
from .api.parts import Parts
from .api.passwords import Passwords
from .api.revocations import Revocations
from .api.seal import Seal
from .api.seldom import Seldom
from .api.server import HttpServer, application
from .api.sign_on import SignOn
from .api.tokens import Sessions, secret_of
from .audio_figures import AudioFigures
from .caller_lookup import CallerLookup
from .calls.aftermath import end_what_was_cut
from .calls.archiver import Archiver
from .calls.browser_phone import BrowserPhone
from .calls.call_back_turns import CallBackTurns
from .calls.call_back_wishes import CallBackWishes
from .calls.call_backs import CallBacks
from .calls.dial_pad import DialPad
from .calls.dialled_numbers import DialledNumbers
from .calls.exchange import Exchange
from .calls.handset import Handsets
from .calls.losses import Losses
from .calls.outbound import Outbound
from .calls.outreach import Outreach
from .calls.phones import Phones, SipPhones
from .calls.prompts import Prompts
from .calls.refused_calls import RefusedCalls
from .calls.sip_session import SipSessions
from .calls.switchboard import Switchboard
from .channels.restart import take_up_what_is_open
from .channels.tray import Tray
from .clock import SystemClock
from .connectors.calls import Connectors
from .connectors.drop_folder import DropFolder, Report
from .connectors.errors import ConnectorUnusable
from .customer_export_runs import ExpiredExports, ExportRuns
from .definitions import Definitions
from .due import DueTimer
from .figures import watch
from .floor.floor import Floor
from .floor.offers import Offers, OffersByChannel
from .floor.record import RoutingRecord
from .floor.record_lines import Opened
from .import_runs import ImportRuns
from .job_processes import JobProcesses
from .live.figures import LiveFigures
from .live.ledger import Terms
from .live.staff import Staff
from .media.plane import MediaPlane, MediaUnavailable
from .metrics import Metrics
from .opening_hours import OpeningHours
from .outside_crm import OutsideCrm
from .phone_watch import PhoneWatch
from .plans import (
    check_numbers,
    check_ways,
    load_flows,
    named_by,
    number_plan_of,
    queue_of,
    regions_of,
    rules_of,
    service_level_of,
    trunk_of,
)
from .privacy.customer_files import CustomerFiles
from .privacy.erasures import ErasureRuns
from .privacy.recordings import LocalArchive
from .privacy.retention import RetentionWork
from .privacy.steps import Elsewhere
from .process_turns import answer_of
from .queue_book import QueueBook
from .refusals import StartFailed
from .rendering import QueueSounds, prepare
from .reports import Reports
from .required_dispositions import RequiredDispositions
from .sales import shipped as shipped_sales
from .sales.campaigns import Selection
from .sales.care import Caring
from .sales.waits import WaitPromises
from .saved_queries import Queries
from .saved_queries_lookups import load_lookups
from .self_check.accounts import Accounts
from .self_check.everything import rounds_of
from .self_check.monitor import Monitor
from .self_check.ports import WorkerPorts
from .self_check.remedies import Remedies
from .sip.core import CoreSettings
from .sip.errors import SipError
from .sip.overload import Overload, OverloadLimits
from .sip.registration import Registrar
from .sip.tcp import TcpLimits
from .sip.transport import Listen
from .sip.user_agent import UserAgent
from .speech.errors import SpeechError
from .speech.library import PromptLibrary
from .store.bindings import BindingWriter
from .store.call_backs import CallBacks as StoredCallBacks
from .store.changes import Changes
from .store.database import UNAVAILABLE, Database
from .store.errors import StoreError
from .store.idempotent_requests import ExpiredRequests
from .store.log import EventLog
from .store.lookup import CustomerLookup
from .store.outside_data import OutsideData
from .tickets import shipped
from .tickets.escalations import Escalations
from .tickets.histories import Histories
from .tickets.open_work import OpenWork
from .tickets.reminders import Reminders
from .warehouse.describing import Description
from .warehouse.loading import Loader, Loading
from .webhooks.couriers import Couriers
from .wire.events import MediaWorkerDied, ServerStarted, ServerStopped
from .wire.timeline import TimelineEventToAdd

log = structlog.get_logger()

PRODUCT = "hotline-cti"
REFUSALS_TOLD_EVERY = timedelta(minutes=1)  # of one person and permission, to the audit trail
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

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open = AsyncExitStack()
        self._taking_calls = False
        self._draining = False

    async def start(self) -> None:
        """Raises StartFailed; what was opened until then is closed again."""
        try:
            async with AsyncExitStack() as opening:
                await self._start(opening)
                self._open = opening.pop_all()
        except START_FAILURES as error:
            raise StartFailed(f"{type(error).__name__}: {error}") from error
        self._taking_calls = True
        self.log.append(ServerStarted(version=version(PRODUCT)))
        log.info("server.started", sip=self.user_agent.addresses, api=self.http.base_url)

    async def reload(self) -> None:
        """Take over what another process has defined meanwhile."""
        await self.queues.reload()
        await self.definitions.reload()

    async def stop(self, reason: str, *, drain_for: float = 0.0) -> None:
        """Take no new calls, let the running ones finish for so many seconds, then end."""
        self._draining = self.user_agent.draining = True
        log.info("server.draining", calls=self.switchboard.running, seconds=drain_for)
        async with self._open:  # closed whatever happens meanwhile
            finished = await self.switchboard.drain(drain_for)
            if not finished:
                log.warning("server.calls_cut", calls=self.switchboard.running)
            await self.switchboard.close()
            await self.archiver.close()
            self.refused_calls.close()
            self.log.append(ServerStopped(reason=reason))
        log.info("server.stopped", reason=reason)

    async def _start(self, opening: AsyncExitStack) -> None:
        settings = self.settings
        for queue in settings.queues:
            queue_of(queue)  # before the database takes it in
        check_numbers(settings.queues, settings.crm.default_region)
        settings.data.mkdir(parents=True, exist_ok=True)
        self.clock = SystemClock()
        await self._open_store(opening)
        await self._open_queue_book()
        check_ways(self.queues.values())
        flows = load_flows(settings, self.queues)
        number_plan = number_plan_of(settings, self.queues.caller_ids)
        self.jobs = jobs = JobProcesses(settings.speech.prompt_jobs)
        opening.callback(jobs.shutdown, cancel_futures=True)
        library = PromptLibrary(settings.speech.cache or settings.data / "prompts", jobs=jobs)
        languages = settings.speech.languages
        greetings = settings.crm.tier_greetings
        queues = tuple(self.queues.values())
        prompts = await prepare(flows.values(), queues, library, languages, greetings)
        await self._open_media(opening)
        self._open_floor(opening)
        self.queues.run(
            self.floor, QueueSounds(library, prompts), partial(named_by, settings, flows)
        )
        self.definitions = Definitions(self.database, self.floor, settings.seats)
        await self.definitions.load()
        await known_words.take_in(
            self.changes, self.queues.values(), settings.seats, self.clock.now()
        )
        await self._open_sip(opening)
        self.archiver = Archiver(
            spool=settings.data / "spool",
            archive=settings.data / "archive",
            jobs=jobs,
            append=self.log.append,
            logged=self.log.stored,
        )
        await shipped_fields.load(self.changes, self.clock.now())
        await shipped_dispositions.load(self.changes, self.clock.now())
        await shipped_orders.load(self.changes, self.clock.now())
        await shipped_retention.load(self.changes, self.clock.now())
        await shipped_queries.load(self.changes, self.clock.now())
        region = settings.crm.default_region
        await self._open_call_backs()
        await end_what_was_cut(self.database, self.log.append, region)
        await self.archiver.recover()
        self.desks = Desks(self.log.subscribe)
        self.losses = Losses(self.log.append, region, self.queues)
        self.log.subscribe(self.losses.hear)
        self.audio_figures = AudioFigures()
        self.log.subscribe(self.audio_figures.hear)
        self.opening_hours = OpeningHours(self.database)
        customers = self._customers(opening)
        self.handsets = Handsets(self.floor.set_fitness)
        sessions = SipSessions(
            itertools.count(secrets.randbits(31)).__next__,
            settings.media.codecs,
            settings.media.fallback_codecs,
            frozenset(trunk.name for trunk in settings.sip.trunks if trunk.inband_digits),
        )
        self.outbound = Outbound(self.user_agent, number_plan, settings.sip.realm, self.log.append)
        exchange = Exchange(
            clock=self.clock,
            append=self.log.append,
            plane=self.plane,
            user_agent=self.user_agent,
            outbound=self.outbound,
            floor=self.floor,
            desks=self.desks,
            customers=customers,
            phones=Phones(
                self.definitions.phone_of,
                self.user_agent.registered,
                SipPhones(self.outbound, sessions),
                self._browser_phone,
            ),
            prompts=prompts,
            archiver=self.archiver,
            queues=self.queues,
            supervision=settings.supervision,
            spool=settings.data / "spool",
            realm=settings.sip.realm,
            language=languages[0],
            pop_budget=settings.crm.pop_budget.total_seconds(),
            tier_priorities=settings.crm.tier_priorities,
            regions=regions_of(settings),
            region=region,
            is_open=self.opening_hours.is_open,
            silence_limit=settings.media.silence_limit,
            new_id=_new_id,
            sessions=sessions,
        )
        self.switchboard = Switchboard(exchange, DialledNumbers(settings.numbers, region), flows)
        self.outreach = Outreach(
            self.database,
            self.log.append,
            now=self.clock.now,
            region=region,
            time_zone=settings.crm.time_zone,
        )
        self.turn_timer = DueTimer(self.clock)
        turns = self._open_turns(exchange)
        self.tray = Tray(
            self.floor, self.log.append, self.desks, self.clock, self.queues, _new_id, languages[0]
        )
        self.log.subscribe(self.tray.hear)
        self.queues.opened = self.tray.queue_opened
        by_channel: dict[Channel, Offers] = dict.fromkeys(Channel, self.tray)
        by_channel |= {Channel.VOICE: self.switchboard, Channel.CALLBACK: turns}
        self.floor.offers = OffersByChannel(by_channel)
        await take_up_what_is_open(self.database, self.tray)
        self.metrics = Metrics()
        await self._open_due(opening)
        await self._open_warehouse(opening)
        self._open_figures(opening, exchange.queues)
        self._open_drop_folders(opening)
        await self._open_api(opening)
        watch(
            self.metrics,
            switchboard=self.switchboard,
            floor=self.floor,
            record=self.record,
            desks=self.desks,
            user_agent=self.user_agent,
            outbound=self.outbound,
            losses=self.losses,
            audio=self.audio_figures,
            plane=self.plane,
            log=self.log,
            archiver=self.archiver,
            outside_crm=self.outside_crm,
        )
        self._open_self_check(opening)
        await self._rehearse(opening, prompts)
        await self.user_agent.start()  # last: calls may come from here on
        opening.push_async_callback(self.user_agent.close)
        self.turn_timer.start()
        opening.push_async_callback(self.turn_timer.close)

    async def _open_store(self, opening: AsyncExitStack) -> None:
        self.database = Database(self.settings.database)
        opening.push_async_callback(self.database.close)
        await self.database.upgrade()
        self.log = EventLog(self.database, self.settings.data / "journal", self.clock)
        await self.log.start()
        opening.push_async_callback(self.log.close)

    async def _open_queue_book(self) -> None:
        """Where edits begin, and the first of them: what the configuration says of queues."""
        await self.log.stored()  # what a crash left in the journal is in the records now
        self.changes = Changes(self.database, self.log.append, now=self.clock.now, new_id=_new_id)
        await self.changes.recover()
        self.queues = QueueBook(self.database, self.changes, self.settings.queues)
        await self.queues.load(self.clock.now())

    async def _open_call_backs(self) -> None:
        """All that are open, before a crash's aftermath adds to them."""
        self.call_backs = CallBacks(
            self.log.append,
            now=self.clock.now,
            queues=self.queues,
            region=self.settings.crm.default_region,
            new_id=_new_id,
        )
        self.log.subscribe(self.call_backs.hear)
        async with self.database.readers() as session:
            self.call_backs.take_up(await StoredCallBacks(session).all_open())

    def _open_turns(self, exchange: Exchange) -> CallBackTurns:
        """Calls to customers, by a click or at a call-back's turn: its timer waits for nothing."""
        wishes = CallBackWishes(self.call_backs, self.outreach)
        self.dial_pad = DialPad(exchange, self.switchboard, self.call_backs, self.outreach, wishes)
        turns = CallBackTurns(
            self.call_backs,
            exchange,
            self.switchboard,
            wishes,
            self.opening_hours.calendar,
            self.dial_pad,
            self.turn_timer.wake,
        )
        self.log.subscribe(turns.hear)
        self.opening_hours.changed = self.call_backs.look_at_all
        self.turn_timer.add(turns)
        return turns

    async def _open_media(self, opening: AsyncExitStack) -> None:
        media = self.settings.media
        self.plane = MediaPlane(
            workers=media.worker_count,
            host=media.host,
            public_host=media.public_host,
            ports=media.ports,
            run_folder=self.settings.data / "run",
            on_worker_died=self._worker_died,
            log_level=self.settings.log.level,
        )
        await self.plane.start()
        opening.push_async_callback(self.plane.close)

    def _open_floor(self, opening: AsyncExitStack) -> None:
        acd, zone = self.settings.acd, ZoneInfo(self.settings.crm.time_zone)
        queues, rules = tuple(map(queue_of, self.queues.values())), rules_of(acd)
        folder = self.settings.data / "routing"
        self.record = RoutingRecord(folder, zone=zone, kept=acd.record_kept)
        self.record.open(Opened(self.clock.now(), version(PRODUCT), rules, queues))
        opening.push_async_callback(asyncio.to_thread, self.record.close)
        memory = Memory(self.clock.now())
        self.floor = Floor(
            Router(queues, _new_id, rules, memory),
            self.clock,
            self.log.append,
            reasons=acd.not_ready_reasons,
            record=self.record.append,
            memory=memory,
        )
        opening.callback(self.floor.close)

    async def _open_sip(self, opening: AsyncExitStack) -> None:
        sip = self.settings.sip
        writer = BindingWriter(self.database)
        writer.start()
        opening.push_async_callback(writer.close)
        self.refused_calls = RefusedCalls(self.log.append)
        registrar = Registrar(PhoneWatch(writer, self.floor))
        registrar.restore(await self.definitions.bindings(self.clock.now()))
        self.user_agent = UserAgent(
            listen=[Listen(each.transport, each.host, each.port) for each in sip.listen],
            realm=sip.realm,
            trunks=[trunk_of(trunk, sip.realm) for trunk in sip.trunks],
            accounts=self.definitions,
            registrar=registrar,
            on_call=lambda incoming: self.switchboard.arrived(incoming),
            on_refused=self.refused_calls.refused,
            algorithms=sip.digest_algorithms,
            tcp_limits=TcpLimits(connections_per_source=sip.tcp_connections_per_source),
            settings=CoreSettings(
                ping_interval=sip.ping_every.total_seconds() if sip.ping_every else None
            ),
            overload=Overload(
                OverloadLimits(
                    calls_per_second=sip.calls_per_second,
                    burst=2 * sip.calls_per_second,
                    open_calls=sip.concurrent_calls,
                )
            ),
        )

    def _open_self_check(self, opening: AsyncExitStack) -> None:
        """What looks all the while whether agents, contacts, calls and media agree."""
        ports = WorkerPorts(self.plane)
        ports.start()
        opening.push_async_callback(ports.close)
        rounds = rounds_of(self.floor.books, self.switchboard, self.user_agent, self.plane, ports)
        remedies = Remedies(self.floor, self.switchboard)
        self.monitor = Monitor(rounds, remedies, self.log.append, self.clock, _new_id)
        self.log.subscribe(Accounts(self.monitor.tell).hear)
        self.metrics.add("self_check", self.monitor.figures)
        self.monitor.start()
        opening.push_async_callback(self.monitor.close)

    async def _open_due(self, opening: AsyncExitStack) -> None:
        """What a new centre begins with, and the timer of what falls due."""
        time_zone = self.settings.crm.time_zone
        await shipped.load(self.changes, self.clock.now(), _new_id)
        await self.opening_hours.load()
        self.opening_hours.check(self.queues.values(), self.queues.edited)
        self.log.subscribe(self.opening_hours.hear)
        await shipped_sales.load(self.changes, self.clock.now())
        self.due = DueTimer(self.clock)
        self.due.add(self.opening_hours)
        dispositions = RequiredDispositions(
            self.database, self.floor.require_disposition, self.floor.disposition_recorded
        )
        await dispositions.load()
        self.log.subscribe(dispositions.hear)
        self.due.add(dispositions)
        self.due.add(Selection(self.database, self.changes, _new_id, time_zone))
        self.due.add(Caring(self.database, self.changes, _new_id, time_zone))
        self.due.add(Histories(self.database, self.changes, _new_id))
        self.wait_promises = WaitPromises(
            self.database,
            self.log.append,
            now=self.clock.now,
            position=self.floor.position,
            due_changed=self.due.wake,
        )
        self.log.subscribe(self.wait_promises.hear)
        self.due.add(self.wait_promises)
        self.due.add(Escalations(self.database, self.changes, _new_id))
        self.due.add(Reminders(self.database, self.changes, _new_id))
        open_work = OpenWork(self.database, self.floor.set_open_work)
        self.log.subscribe(open_work.hear)
        self.due.add(open_work)
        self.due.add(ExpiredRequests(self.database))
        self.seal = Seal(secret_of(self.settings.data / "seal.key"))
        self.webhooks = Couriers(
            self.settings.webhooks,
            log=self.log,
            database=self.database,
            changes=self.changes,
            clock=self.clock,
            unseal=self.seal.open,
            due_changed=self.due.wake,
        )
        self.due.add(self.webhooks)
        self._open_privacy(opening)
        self.log.subscribe(self.due.hear)
        self.due.start()
        opening.push_async_callback(self.due.close)
        self.webhooks.start()
        opening.push_async_callback(self.webhooks.close)

    def _connectors(self, opening: AsyncExitStack) -> Connectors:
        """The other systems that this one asks and tells."""
        connectors = Connectors.of(self.settings.connectors)
        opening.push_async_callback(connectors.close)
        self.metrics.add("connectors", connectors.figures)
        return connectors

    def _open_drop_folders(self, opening: AsyncExitStack) -> None:
        """Where other systems leave files."""
        reports = Reports(
            self.database,
            self.changes,
            region=self.settings.crm.default_region,
            now=self.clock.now,
            new_id=_new_id,
        )

        def of(name: str) -> Report:
            async def report(wanted: TimelineEventToAdd) -> bool:
                return (await reports.take(wanted, f"connector:{name}"))[1]

            return report

        for name, settings in self.settings.drop_folders.items():
            folder = DropFolder(name, settings, of(name))
            folder.start()
            opening.push_async_callback(folder.close)

    async def _open_warehouse(self, opening: AsyncExitStack) -> None:
        """What is kept for analysis, fed beside everything else."""
        if not self.settings.warehouse.enabled:
            return
        target = self.database
        if self.settings.warehouse.database_url is not None:
            target = Database(self.settings.warehouse_database)
            opening.push_async_callback(target.close)
            await target.upgrade()
        warehouse = Loading(
            Loader(self.database, target, self.clock),
            self.log,
            Description(self.database, target, self.log.append, self.clock),
        )
        self.metrics.add("warehouse", warehouse.figures)
        warehouse.start()
        opening.push_async_callback(warehouse.close)

    def _open_figures(self, opening: AsyncExitStack, queues: Mapping[str, QueueSettings]) -> None:
        """Live figures; ``queues`` as they are defined at any moment."""
        settings = self.settings
        self.live_figures = LiveFigures(
            self.log,
            self.database,
            self.clock,
            Staff(lambda: self.floor.profiles, queues),
            Terms(
                lambda queue: (
                    service_level_of(queues[queue]) if queue in queues else ServiceLevel()
                ),
                frozenset(trunk.name for trunk in settings.sip.trunks),
            ),
            lines={trunk.name: trunk.lines for trunk in settings.sip.trunks},
            zone=settings.crm.time_zone,
            interval=settings.figures.interval,
            file=settings.data / "figures.state",
            team_of=self.definitions.team_of,
        )
        self.live_figures.start()
        opening.push_async_callback(self.live_figures.close)

    def _open_privacy(self, opening: AsyncExitStack) -> None:
        """What forgets people when they ask for it, and when their time has come."""
        settings, data = self.settings, self.settings.data
        region, zone = settings.crm.default_region, settings.crm.time_zone
        archive = LocalArchive(data / "archive", data / "spool")
        files = CustomerFiles(self.database, data / "imports", data / "exports", answer_of, region)
        self.retention = RetentionWork(
            self.database,
            self.changes,
            self.log,
            archive=archive,
            imports=data / "imports",
            settings=settings.privacy,
            zone=zone,
            new_id=_new_id,
        )
        self.due.add(self.retention)
        self.erasures = ErasureRuns(
            self.database,
            self.changes,
            self.log,
            self.clock,
            Elsewhere(
                archive=archive,
                files=files,
                answers=lambda likeness: forget_person(self.database, self.seal, likeness),
                numbers=self._forget_numbers,
                undelivered=self.webhooks.read_anew,
            ),
            region=region,
            proof_key=secret_of(data / "proof.key"),
            quiet=lambda now: in_quiet_hour(now, settings.privacy.quiet_hour, zone),
            new_id=_new_id,
        )
        self.erasures.start()
        opening.push_async_callback(self.erasures.close)

    def _forget_numbers(self, numbers: Iterable[str]) -> None:
        if self.outside_crm is not None:
            self.outside_crm.forget(numbers)

    async def _open_api(self, opening: AsyncExitStack) -> None:
        settings = self.settings
        passwords = Passwords()
        opening.callback(passwords.close)
        sessions = self._sessions(opening)
        self.definitions.on_reload = sessions.recheck
        keys = Keys(self.database, self.log.append)
        await keys.load(self.clock.now())
        parts = Parts(
            clock=self.clock,
            floor=self.floor,
            queues=self.queues,
            database=self.database,
            changes=self.changes,
            log=self.log,
            desks=self.desks,
            handsets=self.handsets,
            call_backs=self.call_backs,
            outreach=self.outreach,
            tray=self.tray,
            wait_promises=self.wait_promises,
            figures=self.live_figures,
            dial_pad=self.dial_pad,
            switchboard=self.switchboard,
            plane=self.plane,
            sessions=sessions,
            passwords=passwords,
            failed_log_ins=FailedLogIns(),
            keys=keys,
            imports=await self._imports(opening),
            exports=await self._exports(opening),
            queries=self._queries(opening),
            erasures=self.erasures,
            retention=self.retention,
            seal=self.seal,
            refusals=Seldom(REFUSALS_TOLD_EVERY),
            webhooks=self.webhooks,
            connectors=self._connectors(opening),
            sign_on=await self._sign_on(opening),
            access=settings.access,
            reload=self.definitions.reload,
            realm=settings.sip.realm,
            origins=settings.api.origins,
            archive=settings.data / "archive",
            default_region=settings.crm.default_region,
            time_zone=settings.crm.time_zone,
            new_id=_new_id,
            tells_agents=settings.supervision.tells_agents,
            public=settings.api.tls is not None,  # without TLS the settings allow loopback alone
            problems=self._problems,
            metrics=self.metrics.page,
        )
        self.http = HttpServer(application(parts, version(PRODUCT)), settings.api)
        await self.http.start()
        opening.push_async_callback(self.http.close)

    async def _imports(self, opening: AsyncExitStack) -> ImportRuns:
        """Imports of customers, with those that the last server left."""
        settings = self.settings
        region = settings.crm.default_region
        imports = ImportRuns(self.database, self.log.append, settings.data / "imports", region)
        opening.push_async_callback(imports.close)
        await imports.resume()
        return imports

    async def _exports(self, opening: AsyncExitStack) -> ExportRuns:
        """Exports of customers, with those that the last server left."""
        settings = self.settings
        exports = ExportRuns(
            self.database, self.log.append, settings.data / "exports", settings.crm.exports_kept
        )
        opening.push_async_callback(exports.close)
        await exports.resume()
        self.due.add(ExpiredExports(self.database, exports))
        return exports

    def _queries(self, opening: AsyncExitStack) -> Queries:
        """What agents may look up, here and in other systems' databases."""
        settings = self.settings.queries
        outside = OutsideData(settings.databases)
        opening.push_async_callback(outside.close)
        return Queries(
            database=self.database,
            outside=outside,
            lookups=load_lookups(settings.lookups, settings.databases),
            budget=settings.timeout,
            region=self.settings.crm.default_region,
        )

    def _customers(self, opening: AsyncExitStack) -> CustomerLookup | CallerLookup:
        """Who tells who calls."""
        crm = self.settings.crm
        own = CustomerLookup(self.database, crm.default_region)
        self.log.subscribe(own.hear)
        self.outside_crm = None if crm.outside is None else OutsideCrm(crm.outside)
        if self.outside_crm is None:
            return own
        opening.push_async_callback(self.outside_crm.close)
        return CallerLookup(
            own,
            self.outside_crm,
            database=self.database,
            changes=self.changes,
            region=crm.default_region,
            now=self.clock.now,
            new_id=_new_id,
        )

    def _browser_phone(self, agent_id: str) -> BrowserPhone:
        return BrowserPhone(self.handsets.of(agent_id), self.desks.pop_of, self.clock)

    def _sessions(self, opening: AsyncExitStack) -> Sessions:
        data = self.settings.data
        revocations = Revocations(data / "revoked.json", self.clock.now())
        opening.callback(revocations.close)
        return Sessions(
            secret_of(data / "session.key"),
            self.settings.api.session_lifetime,
            roles_of=self.definitions.roles_of,
            team_of=self.definitions.team_of,
            revocations=revocations,
        )

    async def _sign_on(self, opening: AsyncExitStack) -> SignOn | None:
        oidc = self.settings.access.oidc
        if oidc is None:
            return None
        return SignOn(oidc, await opening.enter_async_context(OidcProvider(oidc)))

    async def _rehearse(self, opening: AsyncExitStack, prompts: Prompts) -> None:
        """Have the agents' announcements spoken while the first calls are served already."""
        if not any(queue.announce_agent for queue in self.queues.values()):
            return
        rehearsal = asyncio.create_task(prompts.rehearse(self.definitions.numbers))

        async def end() -> None:
            rehearsal.cancel()
            results = await asyncio.gather(rehearsal, return_exceptions=True)
            if isinstance(results[0], SpeechError):
                log.warning("server.not_rehearsed", reason=str(results[0]))

        opening.push_async_callback(end)

    def _worker_died(self, worker: int, legs: list[str]) -> None:
        self.log.append(MediaWorkerDied(worker=worker, legs=legs))

    async def _problems(self) -> list[str]:
        """Why new calls are not welcome, for ``/readyz``."""
        problems = []
        if not self._taking_calls:
            problems.append("starting")
        if self._draining:
            problems.append("draining")
        if not self.plane.process_ids:
            problems.append("no media worker is running")
        if not await self.database.ready():
            problems.append("the database does not answer")
        return problems


def _new_id() -> str:
    return uuid.uuid4().hex
