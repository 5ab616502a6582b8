"""The way out for faxes, where we have a number of our own for them."""

import asyncio
import shutil
from concurrent.futures import Executor
from pathlib import Path
from zoneinfo import ZoneInfo

from cti_server.calls.fax_calls import FaxCalls
from cti_server.outbox.fax_desk import FaxDesk
from cti_server.outbox.fax_documents import FaxDocuments
from cti_server.outbox.fax_sender import FaxSender
from cti_server.refusals import StartFailed
from cti_server.saved_queries import Queries
from fax_sms_email.fax.errors import NoFaxEngine
from fax_sms_email.fax.spandsp import library

from .calling import Calling
from .ground import Ground


def fax_documents(ground: Ground, queries: Queries, jobs: Executor) -> FaxDocuments:
    return FaxDocuments(
        ground.settings.fax.documents,
        queries,
        ground.database,
        jobs,
        ground.clock.now,
        ZoneInfo(ground.time_zone),
    )


def fax_desk(ground: Ground, queries: Queries, calling: Calling, jobs: Executor) -> FaxDesk:
    return FaxDesk(
        ground.settings.fax.documents,
        fax_documents(ground, queries, jobs),
        calling.exchange.outbound.check,
        ground.changes,
        ground.clock,
        ground.new_id,
        ground.region,
    )


async def fax_sender(
    ground: Ground, documents: FaxDocuments, calling: Calling, jobs: Executor
) -> FaxSender | None:
    """Raises StartFailed."""
    settings = ground.settings.fax
    if settings.number is None:
        return None
    try:
        await asyncio.get_running_loop().run_in_executor(jobs, _look_for_engine)
    except NoFaxEngine as error:
        raise StartFailed(f"fax.number: nothing can be faxed: {error}") from error
    folder = ground.data / "fax" / "outgoing"
    await asyncio.to_thread(_emptied, folder)
    return FaxSender(
        settings,
        FaxCalls(calling.exchange, calling.exchange.fax_machines),
        documents,
        ground.database,
        ground.log.stored,
        folder,
    )


def _emptied(folder: Path) -> None:
    """Pages that a dead server was sending: they are made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _look_for_engine() -> None:
    """In a job process: the server's own never loads it. Raises NoFaxEngine."""
    library()
