"""
Faxes out of the outbox: the document made into pages, then called in.

Each attempt after a failed one goes another way: by audio where T.38 failed, over the other trunks
first. Sent is what the receiving machine has confirmed page by page, and nothing else; a server
that dies between the last confirmation and its note sends the whole once more.
"""

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from config.fax import FaxSettings
from cti_server.calls.fax_calls import FaxCalls, FaxOrder
from cti_server.calls.fax_line import LONGEST
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.fax_attempts import FaxAttempt, FaxAttempts
from cti_server.store.outbox import OutboxJob
from fax_sms_email.attempts import Pace, Patience
from fax_sms_email.errors import NotSent

from .fax_documents import FaxDocuments, wanted_by

log = structlog.get_logger()

LONGEST_WAIT: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=3)
_AROUND: Final = timedelta(minutes=5)  # for the document, and until somebody answers


class FaxSender:
    """A :class:`.outbox.Sender`."""

    def __init__(
        self,
        settings: FaxSettings,
        calls: FaxCalls,
        documents: FaxDocuments,
        database: Database,
        stored: Callable[[], Awaitable[object]],
        folder: Path,
    ) -> None:
        """
        ``stored`` waits until the database has what was told; ``folder`` is for pages that are
        being sent.
        """
        self.at_once = settings.at_once
        self.within = timedelta(seconds=LONGEST) + _AROUND
        self.patience = Patience(
            Pace(settings.retry_after, LONGEST_WAIT), GIVE_UP_AFTER, settings.attempts
        )
        self._settings = settings
        self._documents = documents
        self._calls = calls
        self._database = database
        self._stored = stored
        self._folder = folder

    async def send(self, job: OutboxJob) -> None:
        before = await self._attempts(job)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="fax-") as folder:
            pages = Path(folder) / "pages.tif"
            await self._documents.make(wanted_by(job), pages)
            report = await self._calls.send(
                FaxOrder(
                    job_id=job.id,
                    number=job.recipient,
                    document=pages,
                    ident=self._settings.number or "",
                    header=self._settings.header,
                    t38=self._settings.t38 and takes_t38(before),
                    last=failed_trunks(before),
                    contact_id=job.contact_id,
                    customer_id=job.customer_id,
                )
            )
        if not report.sent:
            raise NotSent(report.cause, permanent=report.permanent)

    async def _attempts(self, job: OutboxJob) -> Sequence[FaxAttempt]:
        """Raises NotSent."""
        try:
            await self._stored()
            async with self._database.readers() as session:
                return await FaxAttempts(session).of_job(job.id)
        except UNAVAILABLE as error:
            reason = f"how it was tried before is not known: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error


def takes_t38(before: Sequence[FaxAttempt]) -> bool:
    """Whoever was answered by T.38 and got nowhere tries audio, and the other way round. Pure."""
    answered = [one for one in before if one.answered]
    return not answered or answered[-1].way != "t38"


def failed_trunks(before: Sequence[FaxAttempt]) -> Sequence[str]:
    """Those by which it came to nothing, the one that was tried last at the end. Pure."""
    latest = {one.trunk: place for place, one in enumerate(before) if one.trunk and not one.sent}
    return sorted(latest, key=lambda trunk: latest[trunk])
