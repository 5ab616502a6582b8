"""The API on a real floor, log and SQLite database, without telephony."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web_app
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from acd.memory import Memory
from acd.router import Router
from config.access import AccessSettings
from config.archive import ArchiveSettings, FolderSettings
from config.connectors import ConnectorSettings
from config.disk import DiskSettings
from config.floor import QueueSettings
from config.numbers import NumberSettings, RuleSettings
from config.privacy import PrivacySettings
from config.reasons import NOT_READY
from config.recording import RecordingSettings
from config.settings import Settings
from config.sip import OutboundSettings, RouteSettings, TrunkSettings
from config.webhooks import WebhookSettings
from crm.consents import Purpose
from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.alerts.surge_watch import SurgeWatch
from cti_server.alerts.watching import WatchedAlerts, sight_by
from cti_server.api.about import about_centre
from cti_server.api.audio_tickets import AudioTickets
from cti_server.api.confirmed import Confirmations
from cti_server.api.desks import Desks
from cti_server.api.idempotency import forget_person
from cti_server.api.keys import Keys
from cti_server.api.lock_out import FailedLogIns
from cti_server.api.parts import Parts
from cti_server.api.passwords import Passwords
from cti_server.api.revocations import Revocations
from cti_server.api.seal import Seal
from cti_server.api.seldom import Seldom
from cti_server.api.server import application
from cti_server.api.sign_on import SignOn
from cti_server.api.tokens import Sessions
from cti_server.api.unread_messages import UnreadMessages
from cti_server.backup.care import ArchiveCare
from cti_server.backup.drills import Drill
from cti_server.backup.erased_list import ErasedList
from cti_server.backup.incidents import BackupIncidents
from cti_server.backup.rounds import Rounds
from cti_server.broadcast_book import BroadcastBook
from cti_server.calls.broadcasts import Broadcasts
from cti_server.calls.call import Call
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.dialled_numbers import DialledNumbers
from cti_server.calls.errors import CallBackTaken, NoSuchCall
from cti_server.calls.handset import Handsets
from cti_server.calls.number_plan import NoTrunkForNumber, NumberPlan
from cti_server.calls.outreach import Outreach
from cti_server.channel_map.watching import ChannelMap
from cti_server.channels.tray import Tray
from cti_server.clock import SystemClock
from cti_server.connectors.calls import Connectors
from cti_server.customer_export_runs import ExportRuns
from cti_server.definitions import Definitions
from cti_server.disk_watch import DiskWatch
from cti_server.disks import measured
from cti_server.edited_sound import EditedSounds
from cti_server.exports_under_way import ExportsUnderWay
from cti_server.fax.pictures import FaxPictures
from cti_server.floor.floor import Floor
from cti_server.flow_book import FlowBook
from cti_server.health.findings import Finding, of_database
from cti_server.health.report import SystemHealth, Turn
from cti_server.import_runs import ImportRuns
from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.figures import LiveFigures
from cti_server.live.ledger import Terms
from cti_server.live.staff import Staff
from cti_server.media.errors import MediaUnavailable, NoSuchWorker
from cti_server.media.media_leg import MediaLeg, MediaListener
from cti_server.media.plane import WorkerAtWork
from cti_server.media.protocol import LegTransport
from cti_server.number_book import NumberBook
from cti_server.open_incidents import OpenIncidents
from cti_server.plans import queue_from, service_level_of
from cti_server.privacy.certificates import ErasureCertificates
from cti_server.privacy.customer_files import CustomerFiles
from cti_server.privacy.erasures import ErasureRuns
from cti_server.privacy.retention import RetentionWork
from cti_server.privacy.steps import Elsewhere
from cti_server.prompt_book import PromptBook
from cti_server.prompt_texts import of_announcements, of_tiers
from cti_server.queue_book import Files, QueueBook
from cti_server.recorded_peaks import RecordedPeaks
from cti_server.reporting.keeping import CountedQuarters
from cti_server.reporting.reading import ManagementReports
from cti_server.reporting.reading import Terms as ReportTerms
from cti_server.running_sound import RunningSounds
from cti_server.sales.waits import WaitPromises
from cti_server.saved_queries import Queries
from cti_server.speech.errors import VoiceMissing
from cti_server.speech.library import PromptLibrary
from cti_server.speech.studio import Studio
from cti_server.store.agents import Agent, Agents
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.lookup import CustomerLookup
from cti_server.store.outside_data import OutsideData
from cti_server.targets.values import TargetValues
from cti_server.trunks.health import TrunkHealth
from cti_server.waiting_list.known import known_of
from cti_server.waiting_list.watching import WaitingList
from cti_server.webhooks.couriers import Couriers
from ivr.flow import Flow
from tests.fakes.archives import ArchiveOfTests, open_archive
from tests.fakes.databases import new_sqlite
from tests.fakes.meters import FakeMeters
from tests.fakes.voice import HummingVoice

from .fax_desk import fax_desk

PASSWORD = "correct horse"

PEOPLE = {
    "li": "agent",
    "wang": "agent",
    "zhao": "supervisor",
    "qian": "auditor",
    "sun": "admin",
    "chen": "agent",
    "lin": "agent",
    "huang": "supervisor",
    "gao": "field",
    "screen": "wall",
}
"""Who is defined, and as what."""

USUAL = Settings()
USUAL_ACCESS = AccessSettings()
NO_RULES = RecordingSettings()
SALES = QueueSettings(name="sales", skills={"sales": 1}, wrap_up=timedelta(seconds=5))
TO_ANYWHERE = WebhookSettings(allow_private_targets=True, timeout=timedelta(seconds=1))
TEAMS = {"chen": "north", "huang": "north", "lin": "south"}
"""Who sees a team's records only; the others are in none, and see everybody's."""


OFFICE = """
languages: [en]
start: hours
nodes:
  hours: {type: calendar, calendar: office, open: desk, closed: desk}
  desk: {type: queue, queue: sales}
"""


@dataclass
class Centre:
    """What a test sees: the HTTP client and the parts behind it."""

    client: TestClient[Any, Any]
    parts: Parts
    definitions: Definitions
    not_ready: list[str]
    library: PromptLibrary
    archive: ArchiveOfTests

    async def token(self, agent_id: str) -> str:
        answer = await self.client.post(
            "/api/v1/sessions", json={"agent_id": agent_id, "password": PASSWORD}
        )
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["token"])

    async def headers(self, agent_id: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(agent_id)}"}


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    async with opened(tmp_path) as centre:
        yield centre


@pytest.fixture
async def public_centre(tmp_path: Path) -> AsyncIterator[Centre]:
    """One whose API others than this machine can reach."""
    async with opened(tmp_path, public=True) as centre:
        yield centre


@asynccontextmanager
async def opened(
    tmp_path: Path,
    *,
    public: bool = False,
    access: AccessSettings = USUAL_ACCESS,
    recording: RecordingSettings = NO_RULES,
    sign_on: SignOn | None = None,
    port: int = 0,
    webhooks: WebhookSettings = TO_ANYWHERE,
    database_url: str | None = None,
    connected: Mapping[str, ConnectorSettings] | None = None,
) -> AsyncIterator[Centre]:
    """On a fresh SQLite database, or on the migrated one of this URL."""
    clock = SystemClock()
    database = new_sqlite(tmp_path) if database_url is None else Database(database_url)
    log = EventLog(database, tmp_path / "journal", clock, move_every=0.02)
    await log.start()
    numbers = count(1)
    changes = Changes(database, log.append, now=clock.now, new_id=lambda: f"id-{next(numbers)}")
    queues = QueueBook(database, changes, [SALES])
    await queues.load(clock.now())
    running = [queue_from(queue) for queue in queues.values()]
    memory = Memory(clock.now())
    router = Router(running, lambda: f"offer-{next(numbers)}", None, memory)
    floor = Floor(router, clock, log.append, reasons=["lunch"], memory=memory)
    queues.run(floor, NoVoices(), lambda name: ["number 3000"] if name == "sales" else [])
    (tmp_path / "office.yaml").write_text(OFFICE)
    flows = FlowBook(database, changes, {"office.yaml": tmp_path / "office.yaml"}, queues)
    await flows.load(clock.now())
    flows.run(NoSpeech())
    ours = NumberBook(database, changes, NUMBERS, flows, queues, DialledNumbers({}, "CN"))
    await ours.load(clock.now())
    speech = ThreadPoolExecutor(1)
    library = PromptLibrary(
        tmp_path / "prompts", [HummingVoice()], jobs=speech, studio=Studio(tmp_path / "studio")
    )
    desks = Desks(log.subscribe, lambda agent_id: definitions.team_of(agent_id))
    unread = UnreadMessages()
    log.subscribe(unread.hear)
    customers = CustomerLookup(database, "CN")
    log.subscribe(customers.hear)
    passwords = Passwords(
        PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )  # cheap, for tests
    await _define(database, passwords)
    definitions = Definitions(database, floor)
    await definitions.load()
    revocations = Revocations(tmp_path / "revoked.json", clock.now())
    sessions = Sessions(
        b"k" * 32,
        timedelta(hours=1),
        timedelta(hours=8),
        wall=timedelta(days=30),
        roles_of=definitions.roles_of,
        team_of=definitions.team_of,
        revocations=revocations,
    )
    definitions.on_reload = sessions.recheck
    not_ready: list[str] = []

    async def problems() -> list[str]:
        return not_ready

    async def answers() -> Finding:
        return of_database(await database.ready())

    async def metrics() -> bytes:
        return b"hotline_calls_running 0\n"

    imports = ImportRuns(database, log.append, tmp_path / "imports", "CN")
    exports = ExportRuns(database, log.append, tmp_path / "exports", timedelta(hours=1))
    seal = Seal(b"s" * 32)
    couriers = Couriers(
        webhooks,
        log=log,
        database=database,
        changes=changes,
        clock=clock,
        unseal=seal.open,
        due_changed=lambda: None,
    )
    kept = await open_archive(database, tmp_path)
    settings = USUAL.model_copy(update={"data": tmp_path, "access": access})
    stores = settings.archive_stores
    jobs = ThreadPoolExecutor(1)
    care = ArchiveCare(
        database,
        changes,
        BackupIncidents(database, log.append, lambda: f"id-{next(numbers)}"),
        rounds=Rounds(
            database,
            keys=kept.keys,
            stores=stores,
            jobs=jobs,
            append=log.append,
            logged=log.stored,
        ),
        drill=lambda: Drill(
            database,
            stores,
            keys=tmp_path / "archive.key",
            scratch=tmp_path / "drill",
            jobs=jobs,
            chance=Random(1),
        ),
        erased=ErasedList(database, kept.keys, kept.stores),
        settings=ArchiveSettings(),
        stores=stores,
        quiet_hour=3,
        zone="Asia/Shanghai",
        now=clock.now,
        new_id=lambda: f"id-{next(numbers)}",
    )
    retention = RetentionWork(
        database,
        changes,
        log,
        archive=kept.archive,
        imports=tmp_path / "imports",
        settings=PrivacySettings(),
        zone="Asia/Shanghai",
        now=clock.now,
        new_id=lambda: f"id-{next(numbers)}",
    )
    erasures = ErasureRuns(
        database,
        changes,
        log,
        clock,
        Elsewhere(
            archive=kept.archive,
            files=CustomerFiles(
                database, tmp_path / "imports", tmp_path / "exports", asyncio.to_thread, "CN"
            ),
            answers=lambda likeness: forget_person(database, seal, likeness),
            numbers=lambda numbers: None,
            undelivered=couriers.read_anew,
            unread=unread.forget,
        ),
        region="CN",
        proof_key=b"p" * 32,
        quiet=lambda now: True,
        new_id=lambda: f"id-{next(numbers)}",
    )
    connectors = Connectors.of(connected or {})
    sales = QueueSettings(name="sales", skills={"sales": 1})
    figures = LiveFigures(
        log,
        database,
        clock,
        Staff(lambda: floor.profiles, {"sales": sales}),
        Terms(lambda queue: service_level_of(sales), frozenset()),
        EstimatedWaits(floor.estimates),
        lines={"t": 30},
        zone="Asia/Shanghai",
        interval=timedelta(minutes=15),
        file=tmp_path / "figures.state",
        team_of=definitions.team_of,
        every=0.1,  # seconds
    )
    figures.start()
    open_alerts = OpenAlerts(log.append, lambda: f"alert-{next(numbers)}")
    log.subscribe(open_alerts.hear)
    alerts = WatchedAlerts(open_alerts, sight_by(database, log))
    alerts.start()
    channels = ChannelMap(lambda account: [], FakeMeters(), definitions.team_of)
    quarters = CountedQuarters(database, log, clock)
    await quarters.start()
    reports = ManagementReports(
        database,
        quarters,
        clock,
        ReportTerms(lambda queue: service_level_of(sales), lambda queue, _: queue, {"t": 30}),
    )
    call_backs = CallBacks(
        log.append,
        now=clock.now,
        queues={name: QueueSettings(name=name) for name in ("sales", "secret")},
        region="CN",
        new_id=lambda: f"id-{next(numbers)}",
    )
    log.subscribe(call_backs.hear)
    tray = Tray(floor, log.append, desks, clock, queues, lambda: f"w{next(numbers)}", "zh")
    log.subscribe(tray.hear)
    queues.opened = tray.queue_opened
    waiting = WaitingList(
        floor, partial(known_of, NoCalls(), tray, call_backs), definitions.team_of
    )
    runnable = Queries(
        database=database,
        outside=OutsideData({}),
        lookups={},
        budget=timedelta(seconds=2),
        region="CN",
    )
    parts = Parts(
        about=about_centre(settings, "test"),
        clock=clock,
        floor=floor,
        database=database,
        changes=changes,
        queues=queues,
        flows=flows,
        prompts=PromptBook(
            library,
            flows,
            queues,
            [*of_tiers({"gold": {"en": "Hello."}}), *of_announcements(["en"])],
            runnable.spoken,
        ),
        surveys=("after_call",),
        faxes=("101",),
        ways_out=("email",),
        log=log,
        desks=desks,
        unread=unread,
        customers=customers,
        handsets=Handsets(floor.set_fitness),
        broadcasts=BroadcastBook(
            database,
            changes,
            Broadcasts(clock.now, str),
            render=library.render,
            now=clock.now,
            new_id=lambda: f"id-{next(numbers)}",
            queues=queues,
            ours=lambda number: number == "3000",
            line=str,
        ),
        call_backs=call_backs,
        outreach=Outreach(
            database, log.append, now=clock.now, region="CN", time_zone="Asia/Shanghai"
        ),
        tray=tray,
        wait_promises=WaitPromises(
            database,
            log.append,
            now=clock.now,
            position=floor.position,
            due_changed=lambda: None,
        ),
        figures=figures,
        channels=channels,
        waiting=waiting,
        alerts=alerts,
        surges=SurgeWatch(
            open_alerts,
            lambda: figures.snapshot,
            quarters,
            database,
            clock,
            stored=log.stored,
            zone="Asia/Shanghai",
            region="CN",
        ),
        reports=reports,
        target_values=TargetValues(reports),
        switchboard=NoCalls(),
        plane=NoWorkers(),
        dial_pad=NoTrunks(),
        trunks=TRUNKS,
        trunk_health={trunk.name: TrunkHealth() for trunk in TRUNKS},
        trunk_calls=lambda trunk: 0,
        number_routes=NUMBER_ROUTES,
        numbers=ours,
        sessions=sessions,
        passwords=passwords,
        failed_log_ins=FailedLogIns(),
        keys=Keys(database, log.append),
        imports=imports,
        exports=exports,
        queries=runnable,
        erasures=erasures,
        certificates=ErasureCertificates(database, kept.keys),
        retention=retention,
        disks=DiskWatch(
            lambda: measured({"data": tmp_path}),
            DiskSettings(),
            log.append,
            OpenIncidents(log.append, lambda: f"id-{next(numbers)}"),
            lambda: 0.0,
        ),
        stores={"local": FolderSettings(kind="folder", folder=tmp_path / "archive")},
        seal=seal,
        refusals=Seldom(timedelta(minutes=1)),
        webhooks=couriers,
        connectors=connectors,
        self_service=None,
        web_calls=None,
        demo=None,
        sip_listen=(),
        sms=None,
        sign_on=sign_on,
        access=access,
        recording=recording,
        not_ready_reasons={"lunch": NOT_READY["lunch"]},
        audio_tickets=AudioTickets(),
        confirmations=Confirmations(),
        exports_under_way=ExportsUnderWay(),
        reload=definitions.reload,
        realm="hotline.test",
        origins=("https://crm.example",),
        sounds=kept.sounds,
        edited_sounds=EditedSounds(database, kept.sounds),
        fax_pictures=FaxPictures(speech),
        fax_desk=fax_desk(database, runnable, changes, clock, speech, numbers),
        peaks=RecordedPeaks(
            kept.sounds,
            kept.keys,
            jobs=speech,
            settings={"local": FolderSettings(kind="folder", folder=tmp_path / "archive")},
            spool=tmp_path / "spool",
            kept=tmp_path / "peaks",
        ),
        running_sounds=RunningSounds(tmp_path / "spool", lambda folder: (folder / "over").exists()),
        care=care,
        default_region="CN",
        time_zone="Asia/Shanghai",
        new_id=lambda: f"id-{next(numbers)}",
        tells_agents=False,
        public=public,
        system_health=SystemHealth({"database": answers}, Turn("here 1", 1, clock.now()), clock),
        problems=problems,
        metrics=metrics,
    )
    client = TestClient(TestServer(application(parts, "test"), port=port or None))
    await client.start_server()
    try:
        yield Centre(client, parts, definitions, not_ready, library, kept)
    finally:
        await client.close()
        # aiohttp keeps the last thousand ways through an application, and with them all of it.
        web_app._cached_build_middleware.cache_clear()  # noqa: SLF001
        channels.close()
        waiting.close()
        await alerts.close()
        await figures.close()
        await connectors.close()
        await imports.close()
        await exports.close()
        await erasures.close()
        speech.shutdown()
        passwords.close()
        revocations.close()
        floor.close()
        await log.close()
        await database.close()


class NoVoices:
    """Nothing can be said; whispers of new queues are shown in tests/e2e."""

    async def render(self, queue: QueueSettings) -> Files:
        for language in queue.whisper:
            raise VoiceMissing(language)
        return {}

    def use(self, queue: str, files: Files) -> None:
        assert not files


class NoSpeech:
    """Nobody speaks the prompt "unspeakable"; what callers hear is shown in tests/e2e."""

    async def render(self, flow: Flow) -> None:
        for language in flow.prompts.get("unspeakable", {}):
            raise VoiceMissing(f"no voice speaks '{language}'")


class NoWorkers:
    """No media worker runs; checks of the audio path are shown in tests/e2e/browser."""

    async def open_leg(
        self, leg_id: str, listener: MediaListener, *, transport: LegTransport = "rtp"
    ) -> MediaLeg:
        raise MediaUnavailable("no media worker is there")

    @property
    def workers(self) -> list[WorkerAtWork]:
        return []

    async def drain(self, number: int) -> WorkerAtWork:
        raise NoSuchWorker(number)


class NoCalls:
    """No call runs; what is done to running ones is shown in tests/e2e."""

    def find(self, contact_id: str) -> None:
        """As there is none."""

    def call_of(self, contact_id: str) -> Call:
        raise NoSuchCall(contact_id)


NUMBERS = {
    "+8675595588": NumberSettings(
        flow="office.yaml", when=(RuleSettings(caller="+852", queue="sales", language="en"),)
    ),
    "1001": NumberSettings(queue="sales"),
}
TRUNKS = [TrunkSettings(name="t", outbound=OutboundSettings(to="192.0.2.1"))]
NUMBER_ROUTES = [RouteSettings(prefix="+86", trunks=("t",)), RouteSettings(prefix="+8690")]
PLAN = NumberPlan(TRUNKS, NUMBER_ROUTES, region="CN", realm="test")


class NoTrunks:
    """Nobody can be called; calls to customers are shown in tests/e2e."""

    def need_diallable(self, number: str, queue: str) -> None:
        """As a plan with a route for China has it; a call through it is for tests/e2e."""
        PLAN.ways(number, queue=queue)

    async def dial(
        self,
        agent_id: str,
        number: str,
        queue: str,
        *,
        purpose: Purpose = "service",
        customer_id: str | None = None,
    ) -> Call:
        raise NoTrunkForNumber(number)

    async def call_back(self, agent_id: str, call_back_id: str) -> Call:
        raise CallBackTaken(call_back_id, "wang")


async def _define(database: Database, passwords: Passwords) -> None:
    async with database.sessions.begin() as session:
        for number, (agent_id, role) in enumerate(PEOPLE.items(), 8001):
            Agents(session).add(
                Agent(
                    id=agent_id,
                    name=agent_id.title(),
                    number=str(number),
                    skills={"sales": 3},
                    roles=[role],
                    team=TEAMS.get(agent_id),
                    password_hash=passwords.hash(PASSWORD),
                )
            )


NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
