"""
Faxes that callers ask for: in the outbox before the caller is told so, once for each call,
document (with its values) and number.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from config.fax import FaxDocumentSettings
from crm.errors import CrmError
from cti_server.clock import Clock
from cti_server.store.changes import Change, Changes
from cti_server.store.customers import Customers
from cti_server.store.database import UNAVAILABLE
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.store.timeline import Timeline, TimelineEvent
from cti_server.work_in_time import IN_TIME, WorkInTime
from fax_sms_email.letters import Cover

from .outbox import SYSTEM

log = structlog.get_logger()

FAX: Final = "fax"
REQUESTED: Final = "fax_requested"
"""What it is on the customer's timeline."""
SOURCE: Final = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFax:
    """
    A document on its way to a number, which is in the form in which numbers are stored.

    ``values``: by their names, for its template and its look-ups.
    """

    document: str
    title: str
    language: str
    number: str = field(repr=False)
    contact_id: str | None
    customer_id: str | None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    cover: Cover | None = None


class FaxRequests:
    """Takes them in; each wholly or not at all, also where the caller hangs up meanwhile."""

    def __init__(
        self,
        documents: Mapping[str, FaxDocumentSettings],
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        in_time: float = IN_TIME,
    ) -> None:
        """``documents``: by their codes."""
        self._documents = documents
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._work = WorkInTime(in_time)

    def title(self, document: str, language: str) -> str | None:
        """What it is called; None if there is no such document."""
        found = self._documents.get(document)
        return None if found is None else found.title(language)

    async def put(self, new: NewFax) -> bool:
        """Whether it will be sent, as far as that is known in time."""
        try:
            return await self._work.done(self._put(new))
        except TimeoutError:
            log.warning("fax.not_taken_in_time", contact_id=new.contact_id, document=new.document)
            return False

    async def close(self) -> None:
        """For the end of the server, while there still is a database."""
        await self._work.close()

    async def _put(self, new: NewFax) -> bool:
        try:
            await self._store(new)
        except (CrmError, *UNAVAILABLE) as error:
            reason = str(error) if isinstance(error, CrmError) else type(error).__name__
            log.warning(
                "fax.not_taken", contact_id=new.contact_id, document=new.document, reason=reason
            )
            return False
        return True

    async def _store(self, new: NewFax) -> None:
        key = f"fax {new.contact_id} {new.document} {new.number}{_digest(new.values)}"
        async with self._changes.begin(SYSTEM) as change:
            await keep_fax(change, new, key, self._clock.now(), self._new_id)


def _digest(values: Mapping[str, Any]) -> str:
    """Two statements of two months are two documents; empty for none."""
    if not values:
        return ""
    return f" {hashlib.sha256(msgspec.json.encode(values, order='sorted')).hexdigest()[:16]}"


async def keep_fax(
    change: Change, new: NewFax, key: str, now: datetime, new_id: Callable[[], str]
) -> str | None:
    """
    In the outbox and on the customer's timeline; its job, or None if it was asked for already.

    Raises CrmError for a customer who was erased.
    """
    customer_id = await _whole(change.session, new.customer_id)
    job_id = new_id()
    content = {
        "document": new.document,
        "title": new.title,
        "language": new.language,
        "values": dict(new.values),
    }
    if new.cover is not None:
        content["cover"] = msgspec.to_builtins(new.cover)
    is_new = await OutboxJobs(change.session).put(
        job_id,
        key,
        FAX,
        new.number,
        content,
        now,
        contact_id=new.contact_id,
        customer_id=customer_id,
    )
    if not is_new:
        return None
    change.record(OutboxJob.__tablename__, job_id, "created")
    if customer_id is not None:
        event = TimelineEvent(
            id=new_id(),
            customer_id=customer_id,
            at=now,
            kind=REQUESTED,
            title=new.title,
            data={"document": new.document, "job_id": job_id, "contact_id": new.contact_id},
            source=SOURCE,
            external_id=job_id,
            added_by=change.changed_by,
            added_at=now,
        )
        Timeline(change.session).add(event)
        change.record(TimelineEvent.__tablename__, event.id, "created")
    return job_id


async def _whole(session: AsyncSession, customer_id: str | None) -> str | None:
    """Under the id that they have now. Raises CrmError for one who was erased meanwhile."""
    if customer_id is None:
        return None
    return (await Customers(session).need_whole(customer_id, None)).id
