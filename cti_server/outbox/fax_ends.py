"""
How a fax ended: on the customer's timeline, and where nobody could be reached by fax, by mail.

In the transaction that notes the end: who reads of one reads of the other.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from crm.consents import allows
from crm.errors import CrmError
from cti_server.store.changes import Change
from cti_server.store.consents import Consents
from cti_server.store.customers import Customer, Customers
from cti_server.store.outbox import SENT, OutboxJob, OutboxJobs
from cti_server.store.timeline import Timeline, TimelineEvent
from fax_sms_email.errors import NotSent
from fax_sms_email.fax_notice import instead_of_fax

from .ends import Concluded
from .fax_documents import NotMade, wanted_by
from .faxes import SOURCE
from .mail import EMAIL
from .outbox import SYSTEM

ARRIVED: Final = "fax_sent"
FAILED: Final = "fax_failed"
"""What they are on the timeline."""


class FaxEnds:
    """An :class:`.ends.Aftermath`."""

    def __init__(self, new_id: Callable[[], str], time_zone: str, *, by_mail: bool) -> None:
        """``by_mail``: whether there is a way out for mail; ``time_zone``: of quiet hours."""
        self._new_id = new_id
        self._time_zone = time_zone
        self._by_mail = by_mail

    async def concluded(self, change: Change, ended: Sequence[Concluded], now: datetime) -> None:
        for one in ended:
            await self._concluded(change, one.job, one.failure, now)

    async def _concluded(
        self, change: Change, job: OutboxJob, failure: NotSent | None, now: datetime
    ) -> None:
        """A fax for nobody whom we know leaves nothing."""
        if job.customer_id is None:
            return
        try:
            customer = await Customers(change.session).need_whole(job.customer_id, None)
        except CrmError:
            return  # erased meanwhile
        mailed = False
        if failure is not None and self._by_mail and not isinstance(failure, NotMade):
            mailed = await self._mail(change, job, customer, now)
        event = TimelineEvent(
            id=self._new_id(),
            customer_id=customer.id,
            at=now,
            kind=ARRIVED if job.state == SENT else FAILED,
            title=str(job.content.get("title", "")),
            data={
                "document": job.content.get("document"),
                "job_id": job.id,
                "contact_id": job.contact_id,
                "attempts": job.attempts,
                "by_mail": mailed,
            },
            source=SOURCE,
            external_id=f"{job.id} {job.state} {now.isoformat()}",
            added_by=SYSTEM,
            added_at=now,
        )
        Timeline(change.session).add(event)
        change.record(TimelineEvent.__tablename__, event.id, "created")

    async def _mail(
        self, change: Change, job: OutboxJob, customer: Customer, now: datetime
    ) -> bool:
        """Whether a mail goes out in its stead: once, however often the fax is tried again."""
        address = next((one.value for one in customer.contact_points if one.kind == "mail"), None)
        if address is None:
            return False
        not_before = await self._allowed_from(change.session, customer, now)
        if not_before is None:
            return False
        letter = instead_of_fax(wanted_by(job))
        job_id = self._new_id()
        is_new = await OutboxJobs(change.session).put(
            job_id,
            f"mail instead of fax {job.id}",
            EMAIL,
            address,
            msgspec.to_builtins(letter),
            now,
            not_before=not_before,
            contact_id=job.contact_id,
            customer_id=customer.id,
        )
        if is_new:
            change.record(OutboxJob.__tablename__, job_id, "created")
        return is_new

    async def _allowed_from(
        self, session: AsyncSession, customer: Customer, now: datetime
    ) -> datetime | None:
        """When they may be written to; None: they do not want it."""
        said = await Consents(session).wishes([customer], self._time_zone)
        refusal = allows(said[customer.id], "mail", "service", now)
        return now if refusal is None else refusal.until
