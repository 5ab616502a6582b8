"""Whom the report of the whole server's health asks, and for what."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

from cryptography import x509

from cti_server.calls.archiver import Archiver
from cti_server.calls.owed_copies import OwedCopies
from cti_server.connectors.calls import Connectors
from cti_server.disk_watch import DiskWatch
from cti_server.health import findings
from cti_server.health.findings import Finding
from cti_server.health.report import Ask, SystemHealth, Turn
from cti_server.job_processes import JobProcesses
from cti_server.media.plane import MediaPlane
from cti_server.outbox.outbox import Outbox
from cti_server.readiness import Readiness
from cti_server.sip.user_agent import UserAgent
from cti_server.store.incidents import Incidents
from cti_server.store.webhooks import Webhooks

from .calling import Calling
from .ground import Ground
from .routing import Routing

MOST = 100  # open incidents looked at
JOBS_WITHIN = 2.0  # seconds


def _until(file: Path) -> datetime:
    """Blocks. Raises OSError and ValueError."""
    return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc


def open_health(
    ground: Ground,
    *,
    readiness: Readiness,
    plane: MediaPlane,
    routing: Routing,
    calling: Calling,
    user_agent: UserAgent,
    archiver: Archiver,
    owed: OwedCopies,
    disks: DiskWatch,
    jobs: JobProcesses,
    outbox: Outbox,
    connectors: Connectors,
) -> SystemHealth:
    settings, database = ground.settings, ground.database

    async def ready() -> Finding:
        return findings.of_readiness(await readiness.problems())

    async def loop() -> Finding:
        return findings.of_loop(user_agent.statistics.loop_lag)

    async def event_log() -> Finding:
        figures = ground.log.figures()
        return findings.of_log(
            appended=figures.appended,
            stored=figures.stored,
            lost=figures.lost,
            underived=figures.underived,
            journal_failure=figures.journal_failure,
            database_failure=figures.database_failure,
        )

    async def answers() -> Finding:
        return findings.of_database(await database.ready())

    async def media() -> Finding:
        died = calling.losses.workers
        return findings.of_media(
            there=len(plane.process_ids), wanted=settings.media.worker_count, died=died
        )

    async def recordings() -> Finding:
        return findings.of_recordings(backlog=archiver.backlog, owed=owed.owed)

    async def space() -> Finding:
        stages = {each.disk.name: each.stage for each in disks.disks}
        free = {each.disk.name: each.disk.free for each in disks.disks}
        return findings.of_disks(stages, free)

    async def job_processes() -> Finding:
        try:
            async with asyncio.timeout(JOBS_WITHIN):
                await asyncio.wrap_future(jobs.submit(os.getpid))
        except TimeoutError:
            return findings.of_jobs(answer=False)
        return findings.of_jobs(answer=True)

    async def trunks() -> Finding:
        health = calling.trunk_watch.health
        return findings.of_trunks({name: each.state for name, each in health.items()})

    async def desks() -> Finding:
        states = [agent.state for agent in routing.floor.agents()]
        logged_in = sum(state != "logged_out" for state in states)
        return findings.of_desks(logged_in=logged_in, connected=calling.desks.connected)

    async def letters() -> Finding:
        figures = await outbox.figures()
        waiting, dead = (int(float(str(figures.get(name, 0)))) for name in ("waiting", "dead"))
        return findings.of_outbox(waiting=waiting, dead=dead)

    async def webhooks() -> Finding:
        async with database.readers() as session:
            stored = Webhooks(session)
            enabled, dead = await stored.enabled(), await stored.undelivered()
        failing = [one.id for one, at in enabled if at.failing_since is not None]
        return findings.of_webhooks(enabled=len(enabled), failing=failing, dead=dead)

    async def others() -> Finding:
        return findings.of_connectors({name: connectors.resting(name) for name in connectors.lines})

    async def certificate() -> Finding:
        tls = settings.api.tls
        until = None if tls is None else await asyncio.to_thread(_until, tls.certificate)
        return findings.of_certificate(until, ground.clock.now())

    async def incidents() -> Finding:
        async with database.readers() as session:
            found = await Incidents(session).page(MOST, only_open=True)
        return findings.of_incidents([each.kind for each in found])

    parts: dict[str, Ask] = {
        "readiness": ready,
        "loop": loop,
        "event_log": event_log,
        "database": answers,
        "media": media,
        "recordings": recordings,
        "disks": space,
        "jobs": job_processes,
        "trunks": trunks,
        "desks": desks,
        "outbox": letters,
        "webhooks": webhooks,
        "connectors": others,
        "certificate": certificate,
        "incidents": incidents,
    }
    turn = Turn(ground.lease.holder, ground.lease.epoch, ground.clock.now())
    return SystemHealth(parts, turn, ground.clock)
